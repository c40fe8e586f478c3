"""The quality table: what cleaning counted, and histograms that hold every published row once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from laion_assets.core.cleaning.counts import REASONS, CleaningCounts
from laion_assets.core.cleaning.repair import RULES
from laion_assets.core.tables.quality import make_quality
from laion_assets.core.tables.registry import TABLES
from tests.row_tables import Row, parts_of, rows_of, write_tables

HISTOGRAMS = (
    "aesthetic", "similarity", "pwatermark", "megapixels", "caption_words", "aspect", "scheme",
)  # fmt: skip


def quality(
    folder: Path,
    connection: duckdb.DuckDBPyConnection,
    rows: Sequence[Row],
    counts: CleaningCounts | None = None,
) -> dict[str, dict[str, dict[str, Any]]]:
    """Make the table and return its rows by measure and label."""
    cleaned = counts or CleaningCounts(read=len(rows), kept=len(rows))
    parts = parts_of(folder, {"a": rows})
    write_tables(make_quality(connection, parts, cleaned.as_dict()), folder)
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows_of(folder / "quality.parquet"):
        assert list(row) == TABLES["quality"].schema.names
        labels = found.setdefault(row["measure"], {})
        assert row["label"] not in labels
        labels[row["label"]] = row
    return found


def images(labels: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Return the rows of each label, those without any left out."""
    return {label: row["images"] for label, row in labels.items() if row["images"]}


def test_what_cleaning_counted_is_told(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Rows read, kept, rejected by reason, repaired by rule, out of range, and published."""
    counts = CleaningCounts(read=10, kept=3, hash_differs=2)
    counts.rejected.update({"bad_url": 4, "empty_caption": 3})
    counts.repaired.update({"entities": 1})
    counts.out_of_range.update({"similarity": 2})
    counts.visibility.update({"shown": 2, "withheld": 1})
    rows: list[Row] = [{}, {}, {"visibility": "withheld", "punsafe": 1.0}]
    table = quality(tmp_path, connection, rows, counts)
    assert images(table["rows"]) == {
        "read": 10, "kept": 3, "rejected": 7, "withheld": 1, "published": 2,
    }  # fmt: skip
    assert list(table["rejected"]) == list(REASONS)
    assert images(table["rejected"]) == {"bad_url": 4, "empty_caption": 3}
    assert list(table["repaired"]) == list(RULES)
    assert images(table["repaired"]) == {"entities": 1}
    assert images(table["out_of_range"]) == {"similarity": 2}
    assert images(table["visibility"]) == {"shown": 2, "withheld": 1}
    assert images(table["hash"]) == {"differs": 2}
    assert table["rows"]["kept"]["share"] == 0.3
    denominators = {name: {r["denominator"] for r in rows.values()} for name, rows in table.items()}
    assert denominators["repaired"] == denominators["visibility"] == {3}
    assert denominators["rejected"] == denominators["rows"] == {10}
    assert denominators["unknown"] == denominators["aesthetic"] == {2}


def test_every_published_row_is_in_each_histogram_once(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Known and unknown values add up to the denominator; withheld rows are in none."""
    values: list[Row] = [
        {"aesthetic": a, "similarity": s, "pwatermark": p, "width": w, "height": h, "caption": c}
        for a, s, p, w, h, c in (
            (None, None, None, None, None, "x"),
            (6.5, 0.3, 0.1, 512, 512, "a b c d e"),
            (-4.0, -1.0, 0.0, 1, 100_000, "x " * 500),
            (99.0, 1.0, 1.0, 100_000, 100_000, "x"),
            (0.0, 0.0, 1.0, None, 5, "x"),
            (1e308, 0.99, 0.5, 1, 1, "x"),
            (-1e308, -0.001, 0.5, 5, None, "x"),
        )
    ]
    withheld: Row = {"visibility": "withheld", "aesthetic": 6.5}
    table = quality(tmp_path, connection, [*values, withheld])
    for measure in HISTOGRAMS:
        assert sum(images(table[measure]).values()) == len(values), measure
        assert {row["denominator"] for row in table[measure].values()} == {len(values)}


def test_unknown_values_are_counted_apart(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """A null is in no bucket of numbers, neither the first nor the last."""
    rows: list[Row] = [{"punsafe": None}, {"aesthetic": 6.5, "pwatermark": 0.2, "url_year": 2020}]
    table = quality(tmp_path, connection, rows)
    assert images(table["aesthetic"]) == {"6.50 to 6.75": 1, "unknown": 1}
    assert images(table["pwatermark"]) == {"0.20 to 0.25": 1, "unknown": 1}
    assert images(table["similarity"]) == {"unknown": 2}
    assert images(table["megapixels"]) == images(table["aspect"]) == {"unknown": 2}
    assert images(table["unknown"]) == {
        "similarity": 2, "punsafe": 1, "pwatermark": 1, "aesthetic": 1, "width": 2, "height": 2,
        "url_year": 1,
    }  # fmt: skip


def test_buckets_say_what_is_in_them(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Each row's value lies within low and high of its bucket; open ends have none."""
    columns: dict[str, list[float]] = {
        "aesthetic": [-4.0, 0.0, 0.25, 6.5, 9.7, 9.75, 99.0],
        "similarity": [-1.0, -0.001, 0.0, 0.3, 0.99, 1.0],
        "pwatermark": [0.0, 0.05, 0.5, 0.999, 1.0],
    }
    for measure, values in columns.items():
        for value in values:
            table = quality(tmp_path, connection, [{measure: value}])
            (row,) = (row for row in table[measure].values() if row["images"])
            assert (row["low"], row["high"]) != (None, None), "counted as unknown"
            assert row["low"] is None or row["low"] <= value
            assert row["high"] is None or value < row["high"] or value == row["high"] == 1


def test_gaps_between_buckets_are_filled(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """A bucket without rows between two with some is listed as zero."""
    table = quality(tmp_path, connection, [{"aesthetic": 5.0}, {"aesthetic": 6.1}])
    labels = [(row["label"], row["images"]) for row in table["aesthetic"].values()]
    assert labels == [
        ("5.00 to 5.25", 1), ("5.25 to 5.50", 0), ("5.50 to 5.75", 0), ("5.75 to 6.00", 0),
        ("6.00 to 6.25", 1),
    ]  # fmt: skip


def test_sizes_words_and_schemes_have_their_buckets(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Megapixels double, words come in fives, and http is told from https in any case."""
    rows: list[Row] = [
        {"width": 1_000, "height": 1_000, "caption": "one", "url": "HTTP://a.com/"},
        {"width": 10, "height": 20, "caption": "1 2 3 4 5", "url": "HTTPS://a.com/"},
        {"width": 100_000, "height": 2_000, "caption": "x " * 199 + "x", "url": "http://a.com/"},
    ]
    table = quality(tmp_path, connection, rows)
    assert images(table["megapixels"]) == {"below 0.015625": 1, "1 to 2": 1, "128 and more": 1}
    assert images(table["aspect"]) == {"portrait": 1, "square": 1, "landscape": 1}
    assert images(table["caption_words"]) == {"0 to 4": 1, "5 to 9": 1, "100 and more": 1}
    assert images(table["scheme"]) == {"http": 2, "https": 1}


def test_nothing_published_is_no_division(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Shares of nothing are unknown."""
    table = quality(tmp_path, connection, [])
    assert {row["share"] for row in table["unknown"].values()} == {None}
    assert not set(HISTOGRAMS) & set(table)
