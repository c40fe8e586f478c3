"""words.parquet: how often each word stands in a caption, from the words of real segments."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from laion_assets.core.base.parquet import write_table
from laion_assets.core.cleaning.schemas import ROW_KEYS
from laion_assets.core.index import segment
from laion_assets.core.index.segment import write_segment
from laion_assets.core.tables.words import make_words
from laion_assets.core.text.tokens import tokenise
from tests.row_tables import Row, parts_of, picked, rows_of, url_value, write_tables


def write_words_of(
    folder: Path, connection: duckdb.DuckDBPyConnection, images: Sequence[Path]
) -> list[Path]:
    """Write the index segment of every images table; return their words."""
    made = []
    for path in images:
        keys = [{**row, "url_key": url_value(row["url"])} for row in rows_of(path)]
        row_keys, part = folder / "row_keys" / path.name, folder / "segments" / path.stem
        write_table(row_keys, pa.Table.from_pylist(keys, schema=ROW_KEYS))
        made.append(part / "words.parquet")
        write_segment(
            connection,
            path,
            row_keys,
            documents=part / "documents.parquet",
            words=made[-1],
            description=part / "segment.json",
        )
    return made


def make(
    folder: Path, connection: duckdb.DuckDBPyConnection, files: Mapping[str, Sequence[Row]]
) -> list[dict[str, object]]:
    """Make words.parquet as the asset does; return its rows."""
    parts = parts_of(folder, files)
    parts = replace(parts, words=write_words_of(folder, connection, parts.images))
    write_tables(make_words(connection, parts), folder)
    return rows_of(folder / "words.parquet")


def captions(*texts: str) -> list[Row]:
    """Return one row for each caption."""
    return [{"caption": text} for text in texts]


def test_a_word_counts_once_per_row_over_all_files(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """However often a caption says it and however it is typed; the commonest first."""
    files = {
        "a": captions("The CAFÉ, the cafe", "the bar", "cafe"),
        "b": captions("a café", "the b-side of the bar"),
    }
    rows = make(tmp_path, connection, files)
    assert picked(rows, "word", "images", "share") == [("cafe", 3, 3 / 5), ("the", 3, 3 / 5)]


def test_withheld_rows_have_no_words(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """They are in no count and not in what it is divided by."""
    hidden: Row = {"caption": "red secret", "visibility": "withheld"}
    files = {"a": [*captions("red", "red", "red"), hidden, hidden, hidden], "b": [hidden]}
    assert picked(make(tmp_path, connection, files), "word", "images", "share") == [("red", 3, 1.0)]


def test_a_word_of_fewer_than_three_rows_is_left_out(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Three rows are enough, in one file or in several."""
    files = {"a": captions("one two three", "one two three"), "b": captions("one"), "c": []}
    assert picked(make(tmp_path, connection, files), "word", "images") == [("one", 3)]


def test_fields_are_no_words(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """The index holds domains, hosts, years and addresses as terms too; a caption's are words."""
    row: Row = {"domain": "a.com", "url_year": 2015, "url": "http://a.com/", "caption": ":2015: x"}
    rows = make(tmp_path, connection, {"a": [row, row, row]})
    assert picked(rows, "word", "images") == [("2015", 3), ("x", 3)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x" * 64, ["x" * 64]),
        ("x" * 65, []),
        ("é" * 64, ["e" * 64]),
        ("漢" * 21, ["漢" * 21]),
        ("漢" * 22, []),
        ("a漢" * 20_000, []),  # FTS5 cuts this token inside a character
    ],
)
def test_what_is_too_long_is_no_word(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, text: str, words: list[str]
) -> None:
    """More than 64 bytes of UTF-8, as tokens are folded, are a key or a run of CJK."""
    rows = make(tmp_path, connection, {"a": captions(text, text, text)})
    assert [row["word"] for row in rows] == words


def test_no_rows_make_no_words(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """An empty table, with its columns."""
    assert make(tmp_path, connection, {"a": []}) == []
    names = connection.read_parquet(str(tmp_path / "words.parquet")).columns
    assert names == ["word", "images", "share"]


@pytest.mark.parametrize("run", [16, 1_000_000])
def test_words_equal_a_naive_count(
    tmp_path: Path,
    connection: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    run: int,
) -> None:
    """Files of several sorted runs or of one: every word, with its count, in order."""
    monkeypatch.setattr(segment, "ROW_GROUP", run)
    monkeypatch.setattr(segment, "RUN_DOCUMENTS", run)
    chance = random.Random(7)  # noqa: S311 - the same rows every time
    vocabulary = [f"{word}{number}" for number in range(40) for word in ("Ünd", "漢字", "o'", "x-")]
    weights = [1 / (1 + place) for place in range(len(vocabulary))]
    files: dict[str, list[Row]] = {
        key: [
            {
                "caption": " ".join(chance.choices(vocabulary, weights, k=chance.randrange(12))),
                "aesthetic": chance.choice([5.0, 6.5, None]),
                "visibility": chance.choice(["shown", "blurred", "no_image", "withheld"]),
            }
            for _ in range(150)
        ]
        for key in ("a", "b")
    }
    published = [
        row["caption"] for rows in files.values() for row in rows if row["visibility"] != "withheld"
    ]
    naive = Counter(word for caption in published for word in set(tokenise(caption)))
    assert min(naive.values()) < 3 < max(naive.values())
    common = sorted((-images, word) for word, images in naive.items() if images >= 3)
    rows = make(tmp_path, connection, files)
    assert picked(rows, "word", "images", "share") == [
        (word, -images, -images / len(published)) for images, word in common
    ]
