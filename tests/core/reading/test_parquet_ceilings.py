"""Untrusted parquet: what a file may claim, how far its pages may expand, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading import layout, parquet_pages, parquet_rows, parquet_schema
from laion_assets.core.reading.parquet_pages import how_to_decode
from laion_assets.core.reading.source_file import describe_source, read_batches
from laion_assets.core.sources.datasets import load_dataset
from tests.conftest import WriteParquet
from tests.refusals import complaint

FAMILY = load_dataset("files")
MIB = 1 << 20


def columns(rows: int = 300) -> dict[str, Any]:
    """Return the columns of a good file."""
    return {
        "url": [f"http://a.com/{n}.jpg" for n in range(rows)],
        "caption": [f"caption {n}" for n in range(rows)],
    }


def texts(path: Path, batch_rows: int = layout.BATCH_ROWS) -> list[tuple[bytes, bytes]]:
    """Return the rows of a file, read in batches."""
    mapping = describe_source(path, FAMILY).layout
    table = pa.concat_tables(read_batches(path, mapping, batch_rows))
    assert table["row"].to_pylist() == list(range(table.num_rows))
    return list(zip(table["url"].to_pylist(), table["caption"].to_pylist(), strict=True))


def outcome(path: Path) -> int | None:
    """Return how many rows reading a file gives; None when it is refused in one line."""
    try:
        mapping = describe_source(path, FAMILY).layout
        return sum(batch.num_rows for batch in read_batches(path, mapping))
    except BadSourceFile as error:
        return None if "\n" not in str(error) and len(str(error)) < 300 else -1


def one_caption(caption: str, rows: int) -> pa.Table:
    """Return a table whose rows all have one caption, which is in the file once."""
    indices = pa.array([0] * rows, pa.int32())
    url = [f"http://a.com/{n}.jpg" for n in range(rows)]
    return pa.table({"url": url, "caption": pa.DictionaryArray.from_arrays(indices, [caption])})


# -- footers ---------------------------------------------------------------------------------------


def test_footer_beyond_the_ceiling_is_not_read(
    write_parquet: WriteParquet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its length is known before it is parsed."""
    path = write_parquet(pa.table(columns()).replace_schema_metadata({"x": "x" * 2 * MIB}))
    assert describe_source(path, FAMILY).rows == 300
    monkeypatch.setattr(parquet_rows, "MAX_FOOTER", MIB)
    assert complaint(path) == "has a footer of 4 MiB; at most 1 MiB are read"


def test_text_in_a_footer_beyond_the_ceiling_is_refused(
    write_parquet: WriteParquet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thrift's own limits hold: a footer may not make the reader allocate at will."""
    path = write_parquet(pa.table(columns()).replace_schema_metadata({"x": "x" * 2 * MIB}))
    small = {**parquet_rows._OPTIONS, "thrift_string_size_limit": MIB}
    monkeypatch.setattr(parquet_rows, "_OPTIONS", small)
    assert complaint(path).startswith("is damaged: ")


def test_encrypted_file_is_said_to_be_encrypted(write_parquet: WriteParquet) -> None:
    """An encrypted footer has a magic number of its own."""
    path = write_parquet(columns())
    path.write_bytes(path.read_bytes()[:-4] + b"PARE")
    assert complaint(path) == "is encrypted; decrypt it first"


def test_too_many_columns_are_refused(
    write_parquet: WriteParquet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The widest dataset of the family has some twenty."""
    monkeypatch.setattr(parquet_schema, "MAX_COLUMNS", 5)
    path = write_parquet({**columns(1), **{f"c{n}": [n] for n in range(4)}})
    assert complaint(path) == "has 6 columns; at most 5"


def test_deep_nesting_is_refused_in_one_line(write_parquet: WriteParquet) -> None:
    """A schema of a hundred levels is not walked down."""
    kind: pa.DataType = pa.int32()
    for _ in range(100):
        kind = pa.struct([("x", kind)])
    table = pa.table({**columns(3), "deep": pa.nulls(3, kind)})
    assert complaint(write_parquet(table)).startswith("is damaged: ")


def test_nested_column_nobody_asked_for_is_left_alone(write_parquet: WriteParquet) -> None:
    """DataComp has boxes of faces; only mapped columns are read."""
    boxes = [[[0.5, 0.5, 0.1, 0.1]]] * 3
    path = write_parquet({**columns(3), "face_bboxes": boxes, "exif": [{"a": {"b": 1}}] * 3})
    assert describe_source(path, FAMILY).unknown == ["face_bboxes", "exif"]
    assert len(texts(path)) == 3


def test_damage_in_a_column_nobody_asked_for_does_no_harm(write_parquet: WriteParquet) -> None:
    """What is not read cannot reject the file."""
    path = write_parquet({**columns(), "zzz": ["damaged" * 9] * 300}, compression="zstd")
    with pq.ParquetFile(path) as source:
        start = source.metadata.row_group(0).column(2).dictionary_page_offset
    content = bytearray(path.read_bytes())
    content[start : start + 30] = bytes(30)
    path.write_bytes(content)
    assert len(texts(path)) == 300


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("MAX_CHUNK", 1_000, "has 0 GiB of column url in one row group; at most 0 GiB"),
        ("MAX_ROWS", 299, "says it has 300 rows; at most 299 a file"),
    ],
)
def test_claims_beyond_the_ceilings_are_refused(
    write_parquet: WriteParquet,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: int,
    expected: str,
) -> None:
    """Rows of a file, bytes of a column in one row group."""
    monkeypatch.setattr(parquet_rows, name, value)
    assert complaint(write_parquet(columns(), use_dictionary=False)).startswith(expected)


# -- pages -----------------------------------------------------------------------------------------


def at_once(path: Path) -> int:
    """Return how many rows of a file may be decoded at once."""
    with path.open("rb") as stream:
        return how_to_decode(stream, [0, 1]).rows


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd", "brotli", "lz4"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_ordinary_files_are_read_in_full_batches(
    write_parquet: WriteParquet,
    version: str,
    compression: str,
    dictionary: bool,  # noqa: FBT001
) -> None:
    """Whoever wrote the pages, however compressed, their headers are understood."""
    path = write_parquet(
        columns(2_000),
        data_page_version=version,
        compression=compression,
        use_dictionary=dictionary,
        row_group_size=700,
        data_page_size=1_000,
        write_page_checksum=True,
    )
    assert at_once(path) >= 8_000
    assert len(texts(path)) == 2_000


@pytest.mark.parametrize("version", ["V1", "V2"])
def test_duckdb_s_files_are_read(tmp_path: Path, version: str) -> None:
    """Another writer with habits of its own: large pages, delta encodings."""
    path = tmp_path / "duckdb.parquet"
    with duckdb.connect() as connection:
        connection.sql(
            "COPY (SELECT 'http://a.com/' || (n % 50) AS url, 'caption ' || n AS caption "
            f"FROM range(5000) AS r (n)) TO '{path}' (FORMAT parquet, PARQUET_VERSION {version})"
        )
    assert at_once(path) >= layout.BATCH_ROWS
    assert len(texts(path)) == 5_000


def test_long_text_that_every_row_names_bounds_the_batch(write_parquet: WriteParquet) -> None:
    """A dictionary of one text of 1 MB would be 65 GB in 65,536 rows."""
    path = write_parquet(one_caption("x" * 1_000_000, 2_000), compression="zstd")
    assert path.stat().st_size < MIB
    assert at_once(path) == pytest.approx(parquet_pages.MAX_DECODED / 1_000_000, rel=0.01)
    sizes = [
        (batch.num_rows, batch["caption"].nbytes)
        for batch in read_batches(path, describe_source(path, FAMILY).layout)
    ]
    assert sum(rows for rows, _ in sizes) == 2_000
    assert max(size for _, size in sizes) <= layout.BATCH_BYTES + MIB


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.int64(), pa.int32(), pa.bool_()])
def test_numbers_in_dictionaries_are_read_in_full_batches(
    write_parquet: WriteParquet, kind: pa.DataType
) -> None:
    """A number is as wide as its type, however long the dictionary that it is in."""
    numbers = pa.array([n % 2 if kind == pa.bool_() else n for n in range(50_000)]).cast(kind)
    path = write_parquet({"url": numbers, "caption": numbers})
    assert at_once(path) > 10 * layout.BATCH_ROWS


def long_among_short(rows: int = 3_000) -> dict[str, Any]:
    """Return columns of which one caption is long, and all are coded by a dictionary."""
    captions = [f"caption {n % 500}" for n in range(rows)]
    captions[7] = "x" * 900_000
    return {**columns(rows), "caption": captions}


def test_one_long_text_costs_the_others_nothing(write_parquet: WriteParquet) -> None:
    """Which rows have it is known before any is decoded: all others are decoded together."""
    path = write_parquet(long_among_short(), compression="zstd")
    assert at_once(path) < 100
    with path.open("rb") as stream:
        decoding = how_to_decode(stream, [0, 1], texts=[0, 1], enough=layout.BATCH_ROWS)
    assert decoding.rows > layout.BATCH_ROWS
    assert decoding.kept == {1}
    expected = long_among_short()
    assert texts(path) == [
        (url.encode(), caption.encode())
        for url, caption in zip(expected["url"], expected["caption"], strict=True)
    ]


@pytest.mark.parametrize(
    "options",
    [{"column_encoding": {"caption": "DELTA_LENGTH_BYTE_ARRAY"}, "use_dictionary": ["url"]}, {}],
    ids=["no dictionary", "too much to hold"],
)
def test_texts_that_cannot_stay_in_dictionaries_are_decoded_a_few_at_a_time(
    write_parquet: WriteParquet, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    """Arrow has no decoder for that, or the dictionaries are too large: the rows are the rows."""
    monkeypatch.setattr(parquet_pages, "MAX_KEPT", 800_000)
    monkeypatch.setattr(parquet_pages, "MAX_DECODED", 4 * MIB)
    path = write_parquet(long_among_short(), compression="zstd", **options)
    with path.open("rb") as stream:
        assert not how_to_decode(stream, [0, 1], texts=[0, 1], enough=layout.BATCH_ROWS).kept
    assert len(texts(path)) == 3_000


def test_shared_prefixes_bound_the_batch(write_parquet: WriteParquet) -> None:
    """Text built on the one before it expands as a dictionary does."""
    table = {"url": columns(500)["url"], "caption": ["x" * 100_000] * 500}
    encoding = {"url": "PLAIN", "caption": "DELTA_BYTE_ARRAY"}
    path = write_parquet(table, use_dictionary=False, column_encoding=encoding)
    assert at_once(path) < 6_000
    assert len(texts(path)) == 500


def test_batches_are_the_same_however_few_rows_fit(
    write_parquet: WriteParquet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small decodings are put together, large ones cut up: the rows stay the rows."""
    path = write_parquet(columns(1_000), row_group_size=300)
    expected = texts(path)
    monkeypatch.setattr(parquet_pages, "MAX_DECODED", 500)
    assert at_once(path) < 40
    assert texts(path) == expected
    batches = [b.num_rows for b in read_batches(path, describe_source(path, FAMILY).layout, 100)]
    assert max(batches) <= 100
    assert len(batches) <= 20
    monkeypatch.setattr(parquet_rows, "BATCH_BYTES", 1_000)
    assert texts(path) == expected


def test_huge_page_is_refused(write_parquet: WriteParquet, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page takes decompressed is known before it is."""
    table = {"url": ["http://a.com/"], "caption": ["x" * 3 * MIB]}
    path = write_parquet(table, use_dictionary=False, compression="zstd", write_statistics=False)
    monkeypatch.setattr(parquet_pages, "MAX_PAGE", MIB)
    assert (
        complaint(path) == "has a page of 3 MiB in column caption; at most 1 MiB are read at once"
    )


def test_text_beyond_the_ceiling_is_cut_at_a_character(write_parquet: WriteParquet) -> None:
    """No text of more than 1 MiB is carried; what is cut is too long to pass all the same."""
    long = "é" * MIB
    rows = texts(write_parquet({"url": ["u", long, None], "caption": ["x" + long, "c", long]}))
    assert [rows[0][0], rows[1][1], rows[2][0]] == [b"u", b"c", None]
    assert rows[1][0] == rows[2][1] == long.encode()[:MIB]
    assert rows[0][1].decode() == "x" + "é" * (MIB // 2 - 1)


def test_checksum_that_does_not_fit_is_damage(write_parquet: WriteParquet) -> None:
    """A page that decodes well and is not what was written is caught where it has a checksum."""
    options: dict[str, Any] = {"compression": "none", "use_dictionary": False}
    for checked, expected in ((False, None), (True, "is damaged: ")):
        path = write_parquet(columns(), **options, write_page_checksum=checked)
        content = path.read_bytes()
        path.write_bytes(content.replace(b"a.com/7.jpg", b"b.com/7.jpg"))
        if expected is None:
            assert texts(path)[7][0] == b"http://b.com/7.jpg"
        else:
            assert complaint(path).startswith(expected)


@pytest.mark.parametrize("value", [0x00, 0x7F, 0xFF])
def test_damage_anywhere_is_a_bad_file_or_no_harm(write_parquet: WriteParquet, value: int) -> None:
    """Whatever byte of pages or footer changes, and to what: every row, or one line.

    With pyarrow's own view of the footer, some of these abort the process.
    """
    path = write_parquet(columns(40), compression="none", data_page_size=100)
    content = path.read_bytes()
    for where in range(4, len(content) - 8):
        if content[where] != value:
            damaged = bytearray(content)
            damaged[where] = value
            path.write_bytes(damaged)
            assert outcome(path) in (40, None)
