"""Parquet columns that are not one text a row: fields of structs, lists, nulls, unreadable ones."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest

from laion_assets.core.reading import parquet_pages
from laion_assets.core.reading.layout import BATCH_ROWS
from laion_assets.core.reading.source_file import describe_source, read_batches
from laion_assets.core.sources.datasets import Dataset, load_dataset
from tests.conftest import WriteParquet
from tests.refusals import complaint

FAMILY = load_dataset("files")
URLS = [f"http://a.example/{n}.jpg" for n in range(4)]
CAPTIONS = ["zero", "one", "two", "three"]
Texts = list[tuple[bytes | None, bytes | None]]


def saying(tmp_path: Path, columns: str) -> Dataset:
    """Return what a dataset file of one's own says about columns."""
    path = tmp_path / "mine.toml"
    path.write_text(f"[columns]\n{columns}\n", encoding="utf-8")
    return load_dataset(str(path))


def texts(path: Path, dataset: Dataset = FAMILY, batch_rows: int = BATCH_ROWS) -> Texts:
    """Return (url, caption) of every row."""
    found = describe_source(path, dataset)
    table = pa.concat_tables(read_batches(path, found.layout, batch_rows))
    assert table.num_rows == found.rows
    assert table["row"].to_pylist() == list(range(found.rows))
    return list(zip(table["url"].to_pylist(), table["caption"].to_pylist(), strict=True))


def in_bytes(rows: list[tuple[str | None, str | None]]) -> Texts:
    """Return texts as reading gives them."""
    return [(url and url.encode(), caption and caption.encode()) for url, caption in rows]  # type: ignore[misc]


# -- fields of structs -----------------------------------------------------------------------------


def test_field_of_a_struct_is_a_column_by_its_dotted_name(
    tmp_path: Path, write_parquet: WriteParquet
) -> None:
    """The complaint says what to say; said so, it is read, null where its struct is."""
    images = [{"url": URLS[0], "width": 1}, None, {"url": None, "width": 2}, {"url": URLS[3]}]
    path = write_parquet({"image": images, "caption": CAPTIONS})
    assert complaint(path) == (
        "no url column: looked for url; found image.url, image.width, caption (closest: image.url);"
        " if that is it, say [columns] url = 'image.url' in a dataset file"
    )
    dataset = saying(tmp_path, "url = 'image.url'\nwidth = 'Image.WIDTH'")
    urls = [URLS[0], None, None, URLS[3]]
    assert texts(path, dataset) == in_bytes(list(zip(urls, CAPTIONS, strict=True)))
    found = describe_source(path, dataset)
    assert found.layout.columns == {
        "url": "image.url", "caption": "caption", "width": "image.width",
    }  # fmt: skip
    table = pa.concat_tables(read_batches(path, found.layout))
    assert table["width"].to_pylist() == [1, None, 2, None]


def test_fields_deep_down_and_in_dictionaries_are_read(
    tmp_path: Path, write_parquet: WriteParquet
) -> None:
    """However deep, whatever the type of the text."""
    words = pa.array(CAPTIONS).dictionary_encode()
    deep = pa.StructArray.from_arrays([words], ["text"])
    path = write_parquet({"url": URLS, "a": pa.StructArray.from_arrays([deep], ["b"])})
    dataset = saying(tmp_path, "caption = 'a.b.text'")
    assert texts(path, dataset, 3) == in_bytes(list(zip(URLS, CAPTIONS, strict=True)))
    assert describe_source(path, dataset).unknown == []


def test_column_with_a_dot_in_its_name_is_that_column(
    tmp_path: Path, write_parquet: WriteParquet
) -> None:
    """It goes before a field that would be called the same."""
    images = [{"url": "not me"}] * 4
    path = write_parquet({"image": images, "image.url": URLS, "caption": CAPTIONS})
    dataset = saying(tmp_path, "url = 'image.url'")
    assert texts(path, dataset) == in_bytes(list(zip(URLS, CAPTIONS, strict=True)))


def test_struct_is_no_column_and_hides_none(write_parquet: WriteParquet) -> None:
    """Its fields are; one that is named like a column of ours leaves the next name its turn."""
    path = write_parquet({"url": URLS, "text": [{"en": "x"}] * 4, "caption": CAPTIONS})
    assert texts(path) == in_bytes(list(zip(URLS, CAPTIONS, strict=True)))
    assert describe_source(path, FAMILY).unknown == ["text"]


def test_pictures_in_a_column_are_no_addresses_of_any(write_parquet: WriteParquet) -> None:
    """No column that could never be an address is advised."""
    path = write_parquet({"image": [{"bytes": b"\xff\xd8", "path": "a.jpg"}] * 4, "text": CAPTIONS})
    line = complaint(path)
    assert (
        "found image.bytes, image.path, text (pictures themselves, of which no URL is known); "
        "name it in a dataset file" in line
    )
    assert "closest" not in line


def test_fields_expand_no_further_than_columns_do(
    tmp_path: Path, write_parquet: WriteParquet
) -> None:
    """A long text that every row names bounds the rows that are decoded at once."""
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), ["x" * 1_000_000])
    struct = pa.StructArray.from_arrays([long], ["text"])
    path = write_parquet({"url": ["http://a.example/"] * 2_000, "a": struct}, compression="zstd")
    with path.open("rb") as stream:
        assert parquet_pages.how_to_decode(stream, [0, 1]).rows < 100
    layout = describe_source(path, saying(tmp_path, "caption = 'a.text'")).layout
    assert sum(batch.num_rows for batch in read_batches(path, layout)) == 2_000


# -- lists -----------------------------------------------------------------------------------------

LISTS = [["zero", "x"], [], None, [None, "three", "y"]]
FIRST = ["zero", None, None, "three"]


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.string()), pa.large_list(pa.large_string()), pa.list_(pa.binary()),
        pa.list_(pa.dictionary(pa.int32(), pa.string())), pa.list_view(pa.string()),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("dictionary", [True, False])
def test_caption_that_is_a_list_is_its_first_text(
    write_parquet: WriteParquet,
    kind: pa.DataType,
    dictionary: bool,  # noqa: FBT001
) -> None:
    """Whatever the list is made of; a list without texts has none."""
    lists = pa.array(LISTS * 50, kind)
    path = write_parquet(
        {"url": URLS * 50, "caption": lists}, row_group_size=30, use_dictionary=dictionary
    )
    expected = in_bytes(list(zip(URLS, FIRST, strict=True))) * 50
    assert texts(path) == texts(path, batch_rows=7) == expected


def test_list_of_fixed_size_is_a_list(write_parquet: WriteParquet) -> None:
    """Five captions each, as COCO has them."""
    lists = pa.array([[a, "b"] for a in CAPTIONS], pa.list_(pa.string(), 2))
    path = write_parquet({"url": URLS, "caption": lists})
    assert texts(path) == in_bytes(list(zip(URLS, CAPTIONS, strict=True)))


def test_list_in_a_struct_is_its_first_text(tmp_path: Path, write_parquet: WriteParquet) -> None:
    """By its dotted name."""
    path = write_parquet({"url": URLS, "meta": [{"captions": each} for each in LISTS]})
    dataset = saying(tmp_path, "caption = 'meta.captions'")
    assert texts(path, dataset) == in_bytes(list(zip(URLS, FIRST, strict=True)))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"url": [[u] for u in URLS], "caption": CAPTIONS},
         "column url has type list<element: string>, not text; write a row for each URL"),
        ({"url": URLS, "caption": [[["x"]]] * 4},
         "column caption has type list<element: list<element: string>>, not text"),
        ({"url": URLS, "caption": [[{"text": "x"}]] * 4},
         "column caption has type list<element: struct<text: string>>, not text"),
        ({"url": [[u] for u in URLS], "link": URLS, "caption": CAPTIONS},
         ("column url has type list<element: string>, not text; if link is meant, say [columns] url"
          " = 'link' in a dataset file")),
        ({"urls": [[u] for u in URLS], "caption": CAPTIONS},
         ("no url column: looked for url; found urls, caption; name it in a dataset file "
          "(laion-assets datasets --help)")),
    ],
)  # fmt: skip
def test_other_lists_are_refused(
    write_parquet: WriteParquet, columns: dict[str, Any], expected: str
) -> None:
    """A row has one address; a list of what is no text is no caption."""
    assert complaint(write_parquet(columns)) == expected


def test_lists_of_any_length_stay_within_bounds(write_parquet: WriteParquet) -> None:
    """A row that names one long text a hundred thousand times expands to none of it but once."""
    row = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), ["x" * 200_000])
    lists = pa.ListArray.from_arrays(pa.array(range(0, 100_001, 5_000), pa.int32()), row)
    path = write_parquet(
        {"url": ["http://a.example/"] * 20, "caption": lists},
        compression="zstd",
        store_schema=False,
    )
    before = pa.total_allocated_bytes()
    sizes = [
        (batch.num_rows, batch.nbytes)
        for batch in read_batches(path, describe_source(path, FAMILY).layout)
    ]
    assert sum(rows for rows, _ in sizes) == 20
    assert sum(size for _, size in sizes) < 20 * 201_000
    assert pa.total_allocated_bytes() - before < 10 << 20


@pytest.mark.parametrize(
    ("bound", "value", "options", "expected"),
    [
        ("MAX_LISTED", 5, {}, "has 7 values in the lists of column caption.list.element"),
        ("MAX_LISTS", 10, {"use_dictionary": False},
         "has more than 0 MiB in the lists of column caption.list.element in one row group"),
        ("", 0, {"use_dictionary": False,
                 "column_encoding": {"url": "PLAIN", "caption.list.element": "DELTA_BYTE_ARRAY"}},
         "cannot be read because the lists of column caption.list.element are encoded as"),
    ],
)  # fmt: skip
def test_lists_beyond_the_bounds_are_refused(
    write_parquet: WriteParquet,
    monkeypatch: pytest.MonkeyPatch,
    bound: str,
    value: int,
    options: dict[str, Any],
    expected: str,
) -> None:
    """All of a row group may be one row: what that can come to is known beforehand."""
    path = write_parquet({"url": URLS, "caption": LISTS}, **options)
    if bound:
        monkeypatch.setattr(parquet_pages, bound, value)
    assert complaint(path).startswith(expected)


# -- none at all -----------------------------------------------------------------------------------


def test_column_of_nulls_is_a_column(write_parquet: WriteParquet) -> None:
    """Every row lacks its caption; the file is as good as any."""
    path = write_parquet({"url": URLS, "caption": pa.nulls(4)})
    assert texts(path) == in_bytes([(url, None) for url in URLS])


def test_names_with_spaces_around_them_are_found(write_parquet: WriteParquet) -> None:
    """As they are in csv files; a mark at the beginning of a file is no part of one either."""
    path = write_parquet({"\ufeffurl ": URLS, "\tCaption\n": CAPTIONS})
    assert texts(path) == in_bytes(list(zip(URLS, CAPTIONS, strict=True)))


# -- unreadable ------------------------------------------------------------------------------------


class _Keys(pe.KmsClient):
    """A key service that locks nothing up."""

    def __init__(self, _config: object) -> None:
        super().__init__()

    def wrap_key(self, key: bytes, _master: str) -> bytes:
        """Return the key as it is."""
        return base64.b64encode(key)

    def unwrap_key(self, wrapped: bytes, _master: str) -> bytes:
        """Return the key as it was."""
        return base64.b64decode(wrapped)


@pytest.mark.parametrize(
    ("plain_footer", "columns", "expected"),
    [
        (True, ["caption"], "cannot be read because column caption is encrypted; decrypt it first"),
        (True, ["other"], None),
        (False, ["caption"], "is encrypted; decrypt it first"),
    ],
)
def test_encrypted_columns_are_said_to_be(
    tmp_path: Path,
    plain_footer: bool,  # noqa: FBT001
    columns: list[str],
    expected: str | None,
) -> None:
    """They are not damaged; one that nobody asked for does no harm."""
    table = pa.table({"url": URLS, "caption": CAPTIONS, "other": CAPTIONS})
    said = pe.EncryptionConfiguration("foot", column_keys={"k": columns})
    said.plaintext_footer = plain_footer
    locks = pe.CryptoFactory(_Keys).file_encryption_properties(pe.KmsConnectionConfig(), said)
    path = tmp_path / "secret.parquet"
    with pq.ParquetWriter(path, table.schema, encryption_properties=locks) as writer:
        writer.write_table(table)
    if expected is None:
        assert len(texts(path)) == 4
    else:
        assert complaint(path) == expected


@pytest.mark.parametrize(("codec", "named"), [(3, "LZO"), (9, "a codec that is not known (9)")])
def test_compression_that_cannot_be_undone_is_named(
    write_parquet: WriteParquet, codec: int, named: str
) -> None:
    """The file is not damaged: it was written so."""
    path = write_parquet({"url": URLS, "caption": CAPTIONS}, compression="snappy")
    content = path.read_bytes()
    # field 4 of ColumnMetaData, after the list of the names on the way to the column
    snappy = b"caption\x15\x02"
    assert content.count(snappy) == 1
    path.write_bytes(content.replace(snappy, b"caption\x15" + bytes([codec * 2])))
    assert complaint(path) == (
        f"cannot be read because column caption is compressed with {named}; "
        "write it with another compression, such as zstd"
    )
