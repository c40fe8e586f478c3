"""Cleaning whole files: columns of every type they come in, batches, and what lands on the disk."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.cleaning import rules as cleaning
from laion_assets.core.cleaning.counts import CleaningCounts
from laion_assets.core.cleaning.rules import clean_file, image_id
from laion_assets.core.cleaning.schemas import IMAGES, REJECTS
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.reading.source_file import describe_source, read_batches
from laion_assets.core.sources.datasets import load_dataset
from tests.conftest import WriteParquet
from tests.row_tables import rows_of

URLS = ["http://a.com/0.jpg", "http://a.com/1.jpg", "http://a.com/2.jpg"]
CAPTIONS = ["zero", "one", "two"]
FAMILY = load_dataset("files")


def clean(connection: duckdb.DuckDBPyConnection, source: Path) -> CleaningCounts:
    """Clean a file into images.parquet, rejects.parquet and row_keys.parquet beside it."""
    return clean_file(
        connection,
        source,
        describe_source(source, FAMILY).layout,
        Thresholds(),
        images=source.with_name("images.parquet"),
        rejects=source.with_name("rejects.parquet"),
        keys=source.with_name("row_keys.parquet"),
    )


def test_families_column_names_are_understood(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet
) -> None:
    """The schema of improved_aesthetics_6plus, pandas' index included, cleans as it is."""
    columns = {
        "URL": URLS,
        "TEXT": CAPTIONS,
        "WIDTH": [512.0, float("nan"), 0.0],
        "HEIGHT": [512.0, 768.0, 1.0],
        "similarity": [0.3, 0.4, 6016.0],
        "punsafe": [0.01, 0.6, None],
        "pwatermark": [0.1, 0.2, 0.3],
        "AESTHETIC_SCORE": [6.1, 6.2, 6.3],
        "hash": [image_id(u.encode(), c.encode()) for u, c in zip(URLS, CAPTIONS, strict=True)],
        "__index_level_0__": [7, 8, 9],
    }
    source = write_parquet(columns)
    assert describe_source(source, FAMILY).unknown == ["__index_level_0__"]
    counts = clean(connection, source)
    rows = rows_of(source.with_name("images.parquet"))
    assert [(row["width"], row["height"]) for row in rows] == [(512, 512), (None, 768), (None, 1)]
    assert [row["aesthetic"] for row in rows] == [6.1, 6.2, 6.3]
    assert [row["similarity"] for row in rows] == [0.3, 0.4, None]
    assert [row["visibility"] for row in rows] == ["shown", "blurred", "blurred"]
    assert [row["row"] for row in rows] == [0, 1, 2]
    assert counts.hash_differs == 0
    assert counts.out_of_range["width"] == 2


@pytest.mark.parametrize(
    ("values", "expected", "out_of_range"),
    [
        (pa.array([512, 600, None], pa.int32()), [512, 600, None], 0),
        (pa.array([512.0, float("nan"), None], pa.float64()), [512, None, None], 1),
        (pa.array(np.array([512, 600, 0], np.float16)), [512, 600, None], 1),
        (pa.array([2**64 - 1, 5, None], pa.uint64()), [None, 5, None], 1),
        (pa.array(["512", "600.0", "wide"]), [512, 600, None], 1),
        (pa.array(["512", " 7 ", ""]), [512, 7, None], 1),
        (pa.array(["512", None, "512"]).dictionary_encode(), [512, None, 512], 0),
        (pa.array([Decimal("512.0"), Decimal(7), None], pa.decimal128(9, 1)), [512, 7, None], 0),
        (pa.array([Decimal("512.0"), Decimal(7), None], pa.decimal256(50, 1)), [512, 7, None], 0),
        (pa.nulls(3), [None, None, None], 0),
        (pa.array([0, 1, 2], pa.timestamp("s")), [None, None, None], 3),
        (pa.array([b"\xff", b"", None]), [None, None, None], 2),
    ],
    ids=str,
)
def test_numbers_of_every_type_are_read(
    connection: duckdb.DuckDBPyConnection,
    write_parquet: WriteParquet,
    values: pa.Array,
    expected: list[int | None],
    out_of_range: int,
) -> None:
    """Sizes come as integers, floats, texts and decimals; what is no number is unknown."""
    source = write_parquet({"url": URLS, "caption": CAPTIONS, "width": values})
    counts = clean(connection, source)
    assert [row["width"] for row in rows_of(source.with_name("images.parquet"))] == expected
    assert counts.out_of_range["width"] == out_of_range


def test_scores_written_as_text_are_read(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet
) -> None:
    """A string score is the number it spells; one that is not UTF-8 is unknown, not an error."""
    scores = pa.array([b"0.7", b"\xff", b"UNSU"]).view(pa.string())
    source = write_parquet({"url": URLS, "caption": CAPTIONS, "punsafe": scores})
    counts = clean(connection, source)
    rows = rows_of(source.with_name("images.parquet"))
    assert [row["punsafe"] for row in rows] == [0.7, None, None]
    assert [row["visibility"] for row in rows] == ["blurred"] * 3
    assert counts.out_of_range["punsafe"] == 2


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(),
        pa.dictionary(pa.int32(), pa.string()),
    ],
    ids=str,
)  # fmt: skip
def test_texts_of_every_type_are_read(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet, kind: pa.DataType
) -> None:
    """String, large_string, binary and dictionary columns hold the same rows."""
    texts = [pa.array([*values, None]).cast(kind) for values in (URLS, CAPTIONS)]
    source = write_parquet({"url": texts[0], "caption": texts[1]})
    counts = clean(connection, source)
    rows = rows_of(source.with_name("images.parquet"))
    assert [(row["url"], row["caption"]) for row in rows] == list(zip(URLS, CAPTIONS, strict=True))
    assert counts.rejected == {"missing_url": 1}


@pytest.mark.parametrize("kind", [pa.int32(), pa.float64(), pa.bool_(), pa.date32()], ids=str)
def test_captions_that_are_no_text_are_their_text(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet, kind: pa.DataType
) -> None:
    """A caption column that pandas took for numbers is kept as what it shows."""
    source = write_parquet(
        {"url": URLS, "caption": pa.array([1, 0, 1]).cast(pa.int32()).cast(kind)}
    )
    assert clean(connection, source).kept == 3


@pytest.mark.parametrize("kind", [pa.int64(), pa.int32(), pa.uint64()], ids=str)
def test_integer_hash_is_compared(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet, kind: pa.DataType
) -> None:
    """Unsigned hashes are the same bits; differences are counted."""
    ids = [image_id(u.encode(), c.encode()) for u, c in zip(URLS, CAPTIONS, strict=True)]
    hashes = pa.array([ids[0], 1, 2]).cast(kind, safe=False)
    source = write_parquet({"url": URLS, "caption": CAPTIONS, "hash": hashes})
    assert clean(connection, source).hash_differs == (3 if kind == pa.int32() else 2)


def test_file_without_rows_makes_empty_tables(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet
) -> None:
    """Nothing read, nothing kept, and both tables are there with their schemas."""
    source = write_parquet({"url": pa.array([], pa.string()), "caption": pa.array([], pa.string())})
    assert clean(connection, source).as_dict()["read"] == 0
    assert pq.read_table(source.with_name("images.parquet")).schema == IMAGES
    assert pq.read_table(source.with_name("rejects.parquet")).schema == REJECTS


def many_rows(rows: int) -> dict[str, Any]:
    """Return columns with every seventh row rejected and every fifth repaired."""
    return {
        "url": [None if n % 7 == 0 else f"http://h{n % 11}.com/{n}.jpg" for n in range(rows)],
        "caption": [f'"caption {n}"' if n % 5 == 0 else f"caption {n}" for n in range(rows)],
        "similarity": [n / rows for n in range(rows)],
    }


def test_tables_do_not_depend_on_batches(
    connection: duckdb.DuckDBPyConnection,
    write_parquet: WriteParquet,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One batch or many, small row groups or one: the same bytes and the same counts."""
    made = []
    for batch_rows, row_group in ((65_536, 1_000), (30, 1_000), (64, 7)):
        monkeypatch.setattr(cleaning, "read_batches", partial(read_batches, batch_rows=batch_rows))
        source = write_parquet(many_rows(200), row_group_size=row_group)
        counts = clean(connection, source).as_dict()
        tables = [source.with_name(f"{name}.parquet") for name in ("images", "rejects")]
        made.append((counts, [path.read_bytes() for path in tables]))
    assert made[0] == made[1] == made[2]
    assert made[0][0]["kept"] == 200 - 29


def test_rows_keep_their_number_in_the_file(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet
) -> None:
    """(source file, row) is the key: numbers count from 0 over everything read."""
    source = write_parquet(many_rows(50), row_group_size=8)
    clean(connection, source)
    images = pq.read_table(source.with_name("images.parquet"))
    rejects = pq.read_table(source.with_name("rejects.parquet"))
    assert rejects["row"].to_pylist() == list(range(0, 50, 7))
    assert images["row"].to_pylist() == [n for n in range(50) if n % 7]
    assert pc.all(pc.equal(rejects["reason"], "missing_url")).as_py()


def test_one_bad_text_does_not_reject_its_neighbours(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet
) -> None:
    """Invalid UTF-8 costs its row, not its file."""
    captions = pa.array([b"good", b"caf\xe9", "café".encode()]).view(pa.binary())
    source = write_parquet({"url": URLS, "caption": captions})
    counts = clean(connection, source)
    assert (counts.kept, counts.rejected) == (2, {"bad_encoding": 1})
    assert rows_of(source.with_name("rejects.parquet"))[0]["caption"] == b"caf\xe9"


def test_damaged_page_leaves_the_old_tables(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet
) -> None:
    """A file that breaks while it is read changes nothing and leaves no temporary file."""
    source = write_parquet(many_rows(500), compression="zstd", row_group_size=100)
    clean(connection, source)
    names = ("images.parquet", "rejects.parquet", "row_keys.parquet")
    before = [source.with_name(name).read_bytes() for name in names]
    content = bytearray(source.read_bytes())
    where = len(content) // 2
    content[where : where + 200] = bytes(200)
    source.write_bytes(content)
    with pytest.raises(BadSourceFile, match="is damaged"):
        clean(connection, source)
    assert [source.with_name(name).read_bytes() for name in names] == before
    assert {path.name for path in source.parent.iterdir()} == {*names, source.name}


def test_a_lost_row_stops_the_file(
    connection: duckdb.DuckDBPyConnection,
    write_parquet: WriteParquet,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Should kept + rejected not be read, nothing is written: it is checked before the write."""

    def lossy(*arguments: Any) -> cleaning.Judged:
        judged = judge(*arguments)
        arguments[3].kept -= 1
        return judged

    judge = cleaning.judge_batch
    monkeypatch.setattr(cleaning, "judge_batch", lossy)
    source = write_parquet(many_rows(10))
    with pytest.raises(AssertionError, match="is not read"):
        clean(connection, source)
    assert [path.name for path in source.parent.iterdir()] == [source.name]
