"""What a line that could not be split names: whoever has that removed means the line too."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from laion_assets.core.cleaning.counts import FIRST_LINES, CleaningCounts
from laion_assets.core.cleaning.damaged_lines import named_in_line
from laion_assets.core.cleaning.removal import Removal
from laion_assets.core.cleaning.removal_list import (
    Named,
    RemovalKey,
    name_domain,
    name_url,
    url_digits,
)
from laion_assets.core.cleaning.rules import clean_file
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.reading.source_file import describe_source
from laion_assets.core.sources.datasets import load_dataset

URL = "https://img.a.example/x.jpg"
#: Lines that name the address above, each in another format.
LINES = [
    b"https://img.a.example/x.jpg,a caption,a field too many",
    b"a caption;https://img.a.example/x.jpg;more",
    b"a caption|HTTPS://IMG.A.EXAMPLE:443/x.jpg|more",
    b"a caption\thttps://img.a.example/x.jpg\tmore",
    b'"https://img.a.example/x.jpg","a "quoted" caption',
    b'{"url": "https://img.a.example/x.jpg", "caption": "cut sho',
    b'{"url": "https:\\/\\/img.a.example\\/x.jpg", "caption": "cut sho',
    b"caf\xe9,https://img.a.example/x.jpg,more",
    b"'https://img.a.example/x.jpg' 'a caption'",
]


@pytest.mark.parametrize("line", LINES)
def test_the_first_address_of_a_line_is_what_it_names(line: bytes) -> None:
    """Whatever parts its fields; an address in quotes ends with them."""
    assert named_in_line(line) == (url_digits(URL), "a.example")


@pytest.mark.parametrize(
    ("line", "address"),
    [
        (b'"https://a.example/x,1.jpg","c","d', "https://a.example/x,1.jpg"),
        (b"https://a.example/x,1.jpg\tc\td", "https://a.example/x,1.jpg"),
        (b"https://a.example/a b.jpg\tc\td", "https://a.example/a b.jpg"),
        (b"https://a.example/1,https://b.example/2,x", "https://a.example/1"),
    ],
)
def test_an_address_with_a_comma_or_a_space_is_whole_where_that_can_be_told(
    line: bytes, address: str
) -> None:
    """Within quotation marks, and between tabs."""
    assert named_in_line(line)[0] == url_digits(address)


@pytest.mark.parametrize(
    ("line", "domain"),
    [
        (b"img.a.example/x.jpg,c,d", "a.example"),
        (b"ftp://img.a.com/x.jpg,c,d", "a.com"),
        (b"https://me@img.a.com/x.jpg,c,d", "a.com"),
        (b"no address, at all, here", None),
        (b"", None),
        (b"\xff\x00", None),
        (b"https://", None),
        (b"{", None),
    ],
)
def test_a_line_without_a_good_address_may_name_a_domain(line: bytes, domain: str | None) -> None:
    """By another scheme, without one, with userinfo; nothing where there is none."""
    assert named_in_line(line)[1] == domain


KEY = RemovalKey(b"a key of a test, of 32 bytes ....")


def _clean(
    connection: duckdb.DuckDBPyConnection, source: Path, named: list[Named]
) -> CleaningCounts:
    return clean_file(
        connection,
        source,
        describe_source(source, load_dataset("files")).layout,
        Thresholds(),
        images=source.with_name("images.parquet"),
        rejects=source.with_name("rejects.parquet"),
        keys=source.with_name("keys.parquet"),
        removal=Removal(frozenset(KEY.entry(each) for each in named), KEY),
    )


@pytest.mark.parametrize("named", [name_url(URL), name_domain("a.example")])
def test_a_damaged_line_that_names_what_is_removed_goes_too(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, named: Named
) -> None:
    """Number and id stay of it; other damaged lines keep their text, and their number is told."""
    source = tmp_path / "rows.csv"
    other = b"https://b.example/x.jpg,c,d"
    source.write_bytes(b"\n".join([b"url,caption", LINES[0], other, b"https://c.example/,c"]))
    counts = _clean(connection, source, [])
    assert counts.rejected == {"damaged_line": 2}
    assert counts.first_damaged == [2, 3]
    counts = _clean(connection, source, [named])
    assert counts.rejected == {"removed": 1, "damaged_line": 1}
    assert counts.first_damaged == [3]
    rejects = pq.read_table(source.with_name("rejects.parquet")).to_pylist()
    assert [(row["reason"], row["caption"]) for row in rejects] == [
        ("removed", None),
        ("damaged_line", other),
    ]
    assert b"a.example" not in source.with_name("keys.parquet").read_bytes()


def test_the_first_damaged_lines_are_noted_by_their_number(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """A few of them, in order; those that are removed leave their place to the next."""
    source = tmp_path / "rows.csv"
    lines = [f"https://{'ab'[n % 2]}.example/{n},c,d" for n in range(100)]
    source.write_text("\n".join(["url,caption", *lines]))
    assert _clean(connection, source, []).first_damaged == list(range(2, 2 + FIRST_LINES))
    counts = _clean(connection, source, [name_domain("a.example")])
    assert counts.first_damaged == list(range(3, 3 + 2 * FIRST_LINES, 2))
