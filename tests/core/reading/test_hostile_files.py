"""Files made to cost much: what they may claim is bounded by what they weigh, in one clear line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from bench.hostile_makers import craft, plain_values
from laion_assets.core.reading import layout, parquet_pages
from laion_assets.core.reading.dictionary_walk import walk_texts
from laion_assets.core.reading.source_file import describe_source, read_batches
from laion_assets.core.sources.datasets import load_dataset
from tests.conftest import WriteParquet
from tests.refusals import complaint, refusal

FAMILY = load_dataset("files")
ADDRESS = b"http://a.com/1"
BOMB = plain_values(1_000_000)


def written(tmp_path: Path, content: bytes, name: str = "x.parquet") -> Path:
    """Write a file."""
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_crafted_file_without_malice_is_read(tmp_path: Path) -> None:
    """The refusals below are for what is wrong with each file, not for its writer."""
    path = written(tmp_path, craft(plain_values(1, ADDRESS), 1, 1_000, groups=3, shared=False))
    layout_ = describe_source(path, FAMILY).layout
    assert sum(batch.num_rows for batch in read_batches(path, layout_)) == 3_000


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (craft(BOMB, 1_000_000, 1), "shares its pages"),
        (craft(BOMB, 1_000_000, 1, groups=300), "shares its pages"),
        (craft(plain_values(1, ADDRESS), 1, 10, groups=900), "shares its pages"),
        (craft(BOMB * 8, 8_000_000, 1, groups=2, shared=False), "are read at once"),
        (craft(BOMB * 20, 1, 1, groups=30, shared=False), "expands more than 500-fold"),
        (craft(plain_values(1, ADDRESS), 2**31 - 1, 1, shared=False), "in a dictionary of 18 byte"),
        (craft(plain_values(1, ADDRESS), 1, 2**31 - 1), "says it has 2,147,483,647 rows in"),
        (craft(plain_values(1, ADDRESS), 1, 10, claimed=2**31 - 1, shared=False), "do not fit"),
        (craft(plain_values(1, ADDRESS), 1, 10, claimed=0, shared=False), "is damaged: "),
    ],
    ids=[
        "dictionary shared by columns", "dictionary shared by row groups", "all pages shared",
        "dictionaries of many values", "expanding dictionaries", "dictionary claims values",
        "footer claims rows", "page claims values", "page without values",
    ],
)  # fmt: skip
def test_bomb_is_refused_in_one_line(tmp_path: Path, content: bytes, expected: str) -> None:
    """Some hundred bytes that would cost seconds to weeks."""
    assert expected in complaint(written(tmp_path, content))


def test_pages_are_examined_once_however_many_name_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dictionary that a thousand row groups share is not opened a thousand times."""
    opened: list[int] = []

    def walk(body: object) -> int:
        opened.append(1)
        return walk_texts(body)  # type: ignore[arg-type]

    monkeypatch.setattr(parquet_pages, "walk_texts", walk)
    path = written(tmp_path, craft(plain_values(50, ADDRESS), 50, 1, groups=1_000))
    assert "shares its pages" in complaint(path)
    assert len(opened) == 1


def test_columns_with_more_values_than_rows_are_damage(write_parquet: WriteParquet) -> None:
    """Each column that is read has a value for every row, null or not."""
    path = write_parquet({"url": ["u"] * 300, "caption": ["c"] * 300}, compression="none")
    content = path.read_bytes()
    footer = int.from_bytes(content[-8:-4], "little") + 8
    rows, fewer = b"\x16\xd8\x04", b"\x16\xd6\x04"  # 300 and 299, as Thrift writes them
    end = content[-footer:].replace(rows, fewer, 2)
    assert end != content[-footer:]
    path.write_bytes(content[:-footer] + end)
    assert complaint(path).startswith("is damaged: ")


def test_rows_are_bounded_by_the_bytes_of_a_file(
    write_parquet: WriteParquet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row for every byte, and any file some: what compresses better is no file of the family."""
    path = write_parquet({"url": ["u"] * 5_000, "caption": ["c"] * 5_000})
    assert path.stat().st_size < 5_000
    assert describe_source(path, FAMILY).rows == 5_000
    monkeypatch.setattr(layout, "ROWS_FLOOR", 100)
    assert complaint(path).startswith("says it has 5,000 rows in ")
    monkeypatch.setattr(layout, "ROWS_PER_BYTE", 10)
    assert describe_source(path, FAMILY).rows == 5_000


def test_lines_are_bounded_by_the_bytes_of_a_compressed_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gzip of line ends is not a thousand million rejects."""
    packed = gzip.compress(b"url,caption\n" + b"\n" * 2_000_000)
    line = complaint(written(tmp_path, packed, "x.csv.gz"))
    assert line.startswith("has more than 1,000,000 lines in ")
    monkeypatch.setattr(layout, "ROWS_FLOOR", 10)
    plain = written(tmp_path, b"url,caption\n" + b"\n" * 500, "y.csv")
    assert describe_source(plain, FAMILY).rows == 500


def test_text_is_bounded_where_a_bound_is_given(write_parquet: WriteParquet) -> None:
    """What a file holds, expanded, is counted while it is read, and what to do is said."""
    path = write_parquet({"url": ["u"] * 1_000, "caption": ["x" * 1_000] * 1_000})
    found = describe_source(path, FAMILY).layout

    def read(most: int) -> list[pa.Table]:
        return list(read_batches(path, found, max_text=most))

    assert sum(batch.num_rows for batch in read(1_001_000)) == 1_000
    assert refusal(lambda: read(1_000_999)) == (
        "holds more than 1,000,999 bytes of text; build with a larger --max-text, or split it"
    )


def test_text_is_bounded_by_the_bytes_of_a_file(
    write_parquet: WriteParquet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of a few kB does not stand for gigabytes, whatever the settings allow."""
    path = write_parquet({"url": ["u"] * 1_000, "caption": ["x" * 5_000] * 1_000})
    found = describe_source(path, FAMILY).layout
    monkeypatch.setattr(layout, "EXPANSION_FLOOR", 1_000)
    line = refusal(lambda: list(read_batches(path, found, max_text=1 << 40)))
    assert line.startswith("expands to more than ")


def test_number_written_as_endless_text_is_unknown(write_parquet: WriteParquet) -> None:
    """Texts where numbers and words belong are not carried when they cannot be any."""
    wide = {"width": ["9" * 90_000, "512", None], "nsfw": ["x" * 90_000, "NSFW", None]}
    path = write_parquet({"url": ["u"] * 3, "caption": ["c"] * 3, **wide})
    (batch,) = read_batches(path, describe_source(path, FAMILY).layout)
    assert batch["width"].to_pylist() == ["", "512", None]
    assert batch["nsfw"].to_pylist() == ["", "NSFW", None]


def test_batches_are_bounded_by_all_their_columns(write_parquet: WriteParquet) -> None:
    """Long addresses count as long captions do."""
    path = write_parquet({"url": ["u" * 8_000] * 5_000, "caption": ["c"] * 5_000})
    batches = list(read_batches(path, describe_source(path, FAMILY).layout))
    assert sum(batch.num_rows for batch in batches) == 5_000
    assert max(batch.nbytes for batch in batches) <= layout.BATCH_BYTES


@pytest.mark.parametrize("columns", [2, 8, 60])
def test_quotes_that_open_on_every_line_damage_their_lines_alone(
    tmp_path: Path, columns: int
) -> None:
    """Lines that each leave a quote open are no row of several lines, and none is lost."""
    head = ",".join(["url", "caption", *(f"c{n}" for n in range(columns - 2))])
    path = written(tmp_path, (head + "\n" + '"a,b"c,"d\n' * 300).encode(), "x.csv")
    found = describe_source(path, FAMILY)
    rows = pa.concat_tables(read_batches(path, found.layout))
    assert rows.num_rows == found.rows <= 300
    assert rows["row"].to_pylist() == list(range(found.rows))
