"""Reading: what a file's footer says, batches of rows, and one clear line about a bad file."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.arrow_types import decode_texts
from laion_assets.core.reading.layout import FileLayout
from laion_assets.core.reading.source_file import describe_source, read_batches
from laion_assets.core.sources.datasets import load_dataset
from tests.conftest import WriteParquet
from tests.refusals import complaint

FAMILY = load_dataset("files")
MAPPING = FileLayout({"url": "url", "caption": "caption"})


def good_columns(rows: int = 300) -> dict[str, list[str]]:
    """Return the columns of a good file."""
    return {
        "url": [f"http://a.com/{n}.jpg" for n in range(rows)],
        "caption": [f"caption {n}" for n in range(rows)],
    }


# -- descriptions ----------------------------------------------------------------------------------


def test_description_says_what_the_footer_says(write_parquet: WriteParquet) -> None:
    """Rows, row groups, columns in order, which are mapped and which are not carried."""
    columns = {"__index_level_0__": list(range(300)), **good_columns(), "LICENSE": ["?"] * 300}
    found = describe_source(write_parquet(columns, row_group_size=100), FAMILY)
    assert (found.rows, found.row_groups) == (300, 3)
    assert found.columns == ("__index_level_0__", "url", "caption", "LICENSE")
    assert found.layout == MAPPING
    assert found.unknown == ["__index_level_0__", "LICENSE"]


# -- bad files -------------------------------------------------------------------------------------


def test_what_is_not_parquet_is_said_to_be_none(tmp_path: Path) -> None:
    """A page, an archive or a table of another kind under the name of a parquet file."""
    path = tmp_path / "x.parquet"
    for content in (b"<!DOCTYPE html><html>404</html>", b"url,text\n", b"\x1f\x8b", b"x"):
        path.write_bytes(content)
        assert complaint(path) == "is not a parquet file (it does not start with PAR1)"


def test_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    """Zero bytes are what an interrupted download leaves."""
    path = tmp_path / "x.parquet"
    path.touch()
    assert complaint(path) == "is empty (0 bytes); download it again"


@pytest.mark.parametrize("part", [4, 5, 11, 0.5, 0.99])
def test_truncated_file_is_said_to_be_cut_short(write_parquet: WriteParquet, part: float) -> None:
    """Whatever is missing at the end, the line says so."""
    path = write_parquet(good_columns())
    content = path.read_bytes()
    path.write_bytes(content[: part if isinstance(part, int) else int(len(content) * part)])
    assert "is cut short or damaged" in complaint(path)


def test_vanished_file_is_said_to_be_gone(tmp_path: Path) -> None:
    """A file deleted since it was found is a bad file, not a traceback."""
    assert complaint(tmp_path / "gone.parquet") == "cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("link", "caption"), "no url column: looked for url; found link, caption"),
        (("urls", "caption"), "no url column: looked for url; found urls, caption (closest: urls)"),
        (("Image_URL", "TEXT"), "found Image_URL, TEXT (closest: Image_URL)"),
        (("url", "captoin"), "found url, captoin (closest: captoin)"),
        (("url", "x"), "no caption column: looked for text, caption, alt_txt, top_caption; found"),
    ],
)
def test_missing_column_comes_with_the_closest_guess(
    write_parquet: WriteParquet, names: tuple[str, str], expected: str
) -> None:
    """The line names what was looked for, what is there, and what may have been meant."""
    columns = dict(zip(names, good_columns(3).values(), strict=True))
    assert expected in complaint(write_parquet(columns))


def test_file_without_columns_says_so(write_parquet: WriteParquet) -> None:
    """No columns at all is a missing column too."""
    assert complaint(write_parquet({})) == "no url column: looked for url; found no columns"


def test_column_that_occurs_twice_is_refused(write_parquet: WriteParquet) -> None:
    """Which of two columns is the URL nobody can say; other doubles do no harm."""
    url, caption = (pa.array(values) for values in good_columns(3).values())
    twice = pa.Table.from_arrays([url, url, caption], names=["url", "url", "caption"])
    assert (
        complaint(write_parquet(twice))
        == "has more than one column named url; rename all but one of them"
    )
    other = pa.Table.from_arrays([url, caption, url, url], names=["url", "caption", "x", "x"])
    assert describe_source(write_parquet(other), FAMILY).layout == MAPPING


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("caption", "column caption has type list<element: int64>, not text"),
        (
            "width",
            (
                "column width has type list<element: int64>, not a number; to leave it out, say "
                "[columns] width = [] in a dataset file"
            ),
        ),
    ],
)
def test_nested_column_is_refused(write_parquet: WriteParquet, name: str, expected: str) -> None:
    """A list can be neither caption nor number, and is not called damage."""
    assert complaint(write_parquet({**good_columns(3), name: [[1]] * 3})) == expected


def test_damaged_page_is_said_to_be_damaged(write_parquet: WriteParquet) -> None:
    """The footer is whole, a page is not: found while reading."""
    path = write_parquet(good_columns(), compression="zstd")
    content = bytearray(path.read_bytes())
    content[30:200] = bytes(170)
    path.write_bytes(content)
    assert describe_source(path, FAMILY).rows == 300
    assert complaint(path).startswith("is damaged: ")


def outcome(path: Path) -> str:
    """Return what reading a file comes to: its rows, or the line about it."""
    try:
        found = describe_source(path, FAMILY)
        rows = sum(batch.num_rows for batch in read_batches(path, found.layout))
    except BadSourceFile as error:
        return str(error)
    return f"{rows} of {found.rows} rows"


def test_damage_anywhere_is_a_bad_file_or_no_harm(write_parquet: WriteParquet) -> None:
    """Wherever a byte of a small file flips, reading ends with every row or with one line."""
    path = write_parquet(good_columns(5), compression="zstd")
    content = path.read_bytes()
    outcomes = set()
    for where in range(0, len(content), 4):
        damaged = bytearray(content)
        damaged[where] ^= 0xFF
        path.write_bytes(damaged)
        outcomes.add(outcome(path))
    assert {line for line in outcomes if line.endswith(" rows")} == {"5 of 5 rows"}
    assert not any("\n" in line for line in outcomes)


def test_rows_the_footer_promised_are_missed(write_parquet: WriteParquet) -> None:
    """A file that has fewer rows than it says is damaged, however well it reads."""
    path = write_parquet(good_columns(5))
    content = path.read_bytes()
    five, seven = b"\x16\x0a", b"\x16\x0e"  # Thrift's compact form of an i64 field
    outcomes = set()
    for where in (found.start() for found in re.finditer(re.escape(five), content)):
        path.write_bytes(content[:where] + seven + content[where + 2 :])
        outcomes.add(outcome(path))
    assert "is damaged: it says it has 7 rows and has 5" in outcomes


# -- batches ---------------------------------------------------------------------------------------


def test_batches_are_bounded_and_rows_numbered(write_parquet: WriteParquet) -> None:
    """Row numbers go on from batch to batch; no batch is larger than asked for."""
    path = write_parquet(good_columns(25), row_group_size=10)
    batches = list(read_batches(path, MAPPING, batch_rows=8))
    assert max(batch.num_rows for batch in batches) <= 8
    assert pa.concat_tables(batches)["row"].to_pylist() == list(range(25))


def test_batches_hold_mapped_columns_only(write_parquet: WriteParquet) -> None:
    """Texts come as bytes, numbers in their type, unknown columns not at all."""
    columns = {**good_columns(3), "WIDTH": pa.array([1, 2, 3], pa.int32()), "x": [1, 2, 3]}
    path = write_parquet(columns)
    (batch,) = read_batches(path, describe_source(path, FAMILY).layout)
    assert batch.schema == pa.schema(
        [
            ("row", pa.int64()),
            ("url", pa.large_binary()),
            ("caption", pa.large_binary()),
            ("width", pa.int32()),
        ]
    )


def test_one_column_may_feed_two(write_parquet: WriteParquet) -> None:
    """A dataset may map the same source column twice."""
    path = write_parquet(good_columns(2))
    (batch,) = read_batches(path, FileLayout({"url": "url", "caption": "url"}))
    assert batch["url"].to_pylist() == batch["caption"].to_pylist()


# -- UTF-8 -----------------------------------------------------------------------------------------


def test_validity_of_each_text_is_told() -> None:
    """Only the rows that are not UTF-8 are lost; nulls are valid."""
    texts = [b"a", None, b"\xff", "é".encode(), b"\xed\xa0\x80", b"", b"a\x00b"]
    decoded, valid = decode_texts(pa.array(texts, pa.large_binary()))
    assert decoded.to_pylist() == ["a", None, None, "é", None, "", "a\x00b"]
    assert valid.to_pylist() == [True, True, False, True, False, True, True]


def test_a_clean_column_is_valid_throughout() -> None:
    """The quick way gives the same answer as the careful one."""
    decoded, valid = decode_texts(pa.array([b"a", None, "é".encode()], pa.large_binary()))
    assert decoded.to_pylist() == ["a", None, "é"]
    assert valid.to_pylist() == [True] * 3
    decoded, valid = decode_texts(pa.array([], pa.large_binary()))
    assert (len(decoded), len(valid)) == (0, 0)


def test_footer_with_a_name_that_is_not_utf8_is_refused(write_parquet: WriteParquet) -> None:
    """A damaged column name is a damaged file."""
    path = write_parquet({**good_columns(2), "zzzzzz": [1, 2]}, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"zzzzzz", b"zz\xff\xffzz"))
    with pytest.raises(UnicodeDecodeError):
        pq.read_schema(path).names  # noqa: B018 - that pyarrow raises this is what we guard against
    assert complaint(path).startswith("is damaged: ")
