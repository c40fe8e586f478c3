"""Type drift: the same values in every type that files of the family come in."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.cleaning.counts import CleaningCounts
from laion_assets.core.cleaning.rules import clean_file, image_id
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.reading.source_file import describe_source
from laion_assets.core.sources.datasets import load_dataset
from tests.conftest import WriteParquet
from tests.refusals import refusal
from tests.row_tables import rows_of

URLS = ["http://a.com/0.jpg", "http://a.com/1.jpg", "http://a.com/2.jpg"]
CAPTIONS = ["zero", "one", "two"]
TEXTS = {"url": URLS, "caption": CAPTIONS}
FAMILY = load_dataset("files")


def clean(
    connection: duckdb.DuckDBPyConnection, source: Path
) -> tuple[list[dict[str, Any]], CleaningCounts]:
    """Clean a file; return its images and the counts."""
    images, rejects, keys = (source.with_name(f"{n}.parquet") for n in ("images", "rejects", "key"))
    counts = clean_file(
        connection,
        source,
        describe_source(source, FAMILY).layout,
        Thresholds(),
        images=images,
        rejects=rejects,
        keys=keys,
    )
    return rows_of(images), counts


def complaint(source: Path) -> str:
    """Return the one line that a file is refused with."""
    return refusal(lambda: describe_source(source, FAMILY))


# -- scores ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scores",
    [
        pa.array([1.0, 0.0, None], pa.float64()),
        pa.array([1.0, 0.0, None], pa.float32()),
        pa.array([1, 0, None], pa.int64()),
        pa.array([1, 0, None], pa.int8()),
        pa.array([1, 0, None], pa.uint64()),
        pa.array([Decimal("1.0"), Decimal("0.0"), None], pa.decimal128(38, 10)),
        pa.array([Decimal("1.0"), Decimal("0.0"), None], pa.decimal64(9, 1)),
        pa.array(["1.0", "0", None]),
        pa.array(["1.0", "0.0", None], pa.large_string()),
        pa.array(["1.0", "0.0", None], pa.string_view()),
        pa.array([b"1.0", b"0.0", None], pa.binary()),
        pa.array(["1.0", "0.0", None]).dictionary_encode(),
    ],
    ids=lambda array: str(array.type),
)
def test_scores_of_every_type_are_the_number(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet, scores: pa.Array
) -> None:
    """What a score is written as makes no difference; a missing one is unknown."""
    rows, counts = clean(connection, write_parquet({**TEXTS, "punsafe": scores}))
    assert [row["punsafe"] for row in rows] == [1.0, 0.0, None]
    assert [row["visibility"] for row in rows] == ["withheld", "shown", "blurred"]
    assert counts.out_of_range["punsafe"] == 0


@pytest.mark.parametrize(
    "scores",
    [
        pa.array([True, False, True]),
        pa.array([0, 1, 2], pa.timestamp("us")),
        pa.array([0, 1, 2], pa.timestamp("us", tz="UTC")),
        pa.array([0, 1, 2], pa.duration("s")),
        pa.array([0, 1, 2], pa.time64("us")),
        pa.array([0, 1, 2], pa.date32()),
        pa.array(["high", "", "0,5"]),
        pa.array([b"\xff", b"\x00", b"0x1"]),
    ],
    ids=lambda array: str(array.type),
)
def test_what_is_no_number_is_unknown_and_counted(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet, scores: pa.Array
) -> None:
    """No number is made of a truth value, a time or a word."""
    rows, counts = clean(connection, write_parquet({**TEXTS, "aesthetic": scores}))
    assert {row["aesthetic"] for row in rows} == {None}
    assert counts.out_of_range["aesthetic"] == 3


def test_sizes_with_nan_are_sizes(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet
) -> None:
    """Pandas turns integers into floats as soon as one is missing."""
    widths = pa.array([512.0, float("nan"), 0.0])
    rows, counts = clean(connection, write_parquet({**TEXTS, "WIDTH": widths}))
    assert [row["width"] for row in rows] == [512, None, None]
    assert counts.out_of_range["width"] == 2


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("punsafe", [[0.5]] * 3, "column punsafe has type list<element: double>, not a number"),
        ("similarity", pa.array([[("a", 1)]] * 3, pa.map_(pa.string(), pa.int64())), "a number"),
        ("hash", [[1]] * 3, "column hash has type list<element: int64>, not one value"),
        ("nsfw", [["NSFW"]] * 3, "column nsfw has type list<element: string>, not one value"),
        ("url", [["http://a.com"]] * 3, "column url has type list<element: string>, not text"),
        ("caption", pa.array([0, 1, 2], pa.duration("s")), "type duration[s], not text"),
    ],
)
def test_lists_and_structs_are_refused(
    write_parquet: WriteParquet, name: str, values: Any, expected: str
) -> None:
    """What holds several values is neither text nor number; the line names column and type."""
    assert expected in complaint(write_parquet({**TEXTS, name: values}))


# -- texts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.binary_view(),
        pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.int32(), pa.large_string()),
    ],
    ids=str,
)  # fmt: skip
def test_words_of_every_type_are_read(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet, kind: pa.DataType
) -> None:
    """LAION-400M's verdict, in whatever text type."""
    words = pa.array(["NSFW", "UNSURE", None]).cast(kind)
    rows, _ = clean(connection, write_parquet({**TEXTS, "NSFW": words}))
    assert [row["visibility"] for row in rows] == ["withheld", "no_image", "blurred"]
    assert {row["punsafe"] for row in rows} == {None}


def test_word_that_is_not_utf8_is_none(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet
) -> None:
    """It costs neither the row nor the file."""
    words = pa.array([b"NSFW", b"\xff", b"UNSURE"]).view(pa.string())
    rows, _ = clean(connection, write_parquet({**TEXTS, "NSFW": words}))
    assert [row["visibility"] for row in rows] == ["withheld", "blurred", "no_image"]


@pytest.mark.parametrize("kind", [pa.float64(), pa.bool_(), pa.date32()], ids=str)
def test_nsfw_of_another_type_says_nothing(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet, kind: pa.DataType
) -> None:
    """A number under that name is no verdict; without a score the row is blurred."""
    values = pa.array([1, 0, None], pa.int32()).cast(kind)
    rows, _ = clean(connection, write_parquet({**TEXTS, "NSFW": values}))
    assert {row["visibility"] for row in rows} == {"blurred"}


def test_extension_types_are_what_they_are_stored_as(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet
) -> None:
    """A caption marked as JSON is its text, a uuid for a hash is no hash."""
    captions = pa.ExtensionArray.from_storage(pa.json_(), pa.array(['"zero"', "1", "two"]))
    uuids = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"x" * 16] * 3, pa.binary(16)))
    source = write_parquet({"url": URLS, "caption": captions, "hash": uuids})
    rows, counts = clean(connection, source)
    assert [row["caption"] for row in rows] == ["zero", "1", "two"]
    assert counts.hash_differs == 0


# -- hashes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "differs"),
    [(pa.int64(), 2), (pa.uint64(), 2), (pa.string(), 2), (pa.large_string(), 2),
     (pa.dictionary(pa.int32(), pa.string()), 2), (pa.float64(), 0)],
    ids=str,
)  # fmt: skip
def test_hash_of_every_type_is_compared_where_it_can_be(
    connection: duckdb.DuckDBPyConnection,
    write_parquet: WriteParquet,
    kind: pa.DataType,
    differs: int,
) -> None:
    """Integers and their texts; a float has lost the digits that count."""
    ours = image_id(URLS[0].encode(), CAPTIONS[0].encode())
    hashes = pa.array([ours, 1, 2])
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        hashes = hashes.cast(kind, safe=False)
    else:
        hashes = hashes.cast(pa.string()).cast(kind)
    _, counts = clean(connection, write_parquet({**TEXTS, "hash": hashes}))
    assert counts.hash_differs == differs


# -- files -----------------------------------------------------------------------------------------


def test_column_the_other_files_have_is_unknown_here(
    connection: duckdb.DuckDBPyConnection, write_parquet: WriteParquet
) -> None:
    """A file that lacks similarity is as good as the others."""
    full = write_parquet({**TEXTS, "similarity": [0.3, 0.3, 0.3]}, name="full.parquet")
    bare = write_parquet(TEXTS, name="bare.parquet")
    assert [row["similarity"] for row in clean(connection, full)[0]] == [0.3] * 3
    assert [row["similarity"] for row in clean(connection, bare)[0]] == [None] * 3


def test_pandas_index_is_listed_and_not_carried(write_parquet: WriteParquet) -> None:
    """The index column and pandas' own metadata do no harm."""
    table = pa.table({**TEXTS, "__index_level_0__": [7, 8, 9]}).replace_schema_metadata(
        {"pandas": '{"index_columns": ["__index_level_0__"], "columns": []}'}
    )
    found = describe_source(write_parquet(table), FAMILY)
    assert found.unknown == ["__index_level_0__"]


@pytest.mark.parametrize("row_groups", [0, 1])
def test_file_without_rows_is_read_like_any(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, row_groups: int
) -> None:
    """With an empty row group, or with none at all."""
    empty = pa.table({name: pa.array([], pa.string()) for name in TEXTS})
    source = tmp_path / "empty.parquet"
    with pq.ParquetWriter(source, empty.schema) as writer:
        for _ in range(row_groups):
            writer.write_table(empty)
    assert describe_source(source, FAMILY).row_groups == row_groups
    rows, counts = clean(connection, source)
    assert (rows, counts.read) == ([], 0)
