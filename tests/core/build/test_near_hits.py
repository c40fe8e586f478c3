"""What is near a name that concerns no row: what somebody may have meant."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from laion_assets.core.base.parquet import write_table
from laion_assets.core.build.near_hits import find_near_hits
from laion_assets.core.cleaning.hosts import registrable_domain
from laion_assets.core.cleaning.removal_list import Named, name_domain, name_id, name_url
from laion_assets.core.cleaning.schemas import IMAGES
from tests.row_tables import with_derived

FIRST_ID = 2**61 + 1
URLS = (
    "https://i.pinimg.com/2019/01/0.jpg",
    "https://i.pinimg.com/2019/01/0.jpg",
    "https://www.museum.org/a b.jpg?large",
    "http://cdn.museum.org/old/A%20b.JPG",
    "https://www.museum.org/%zz.jpg",
    "https://www.museum.org/",
    "https://xn--i-7iq.ws/x.jpg",
)


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    """The images tables of two files."""
    rows = [
        {
            "row": number,
            "image_id": FIRST_ID + number * 1_000_003,
            "url": url,
            "host": url.split("/")[2],
            "domain": registrable_domain(url.split("/")[2]),
        }
        for number, url in enumerate(URLS)
    ]
    paths = [tmp_path / "a[1].parquet", tmp_path / "b.parquet"]
    for number, path in enumerate(paths):
        write_table(
            path, with_derived(pa.Table.from_pylist(rows[number::2], schema=IMAGES)), IMAGES
        )
    return paths


MUSEUM = ["the host www.museum.org (3)", "the domain museum.org (4)"]


@pytest.mark.parametrize(
    ("named", "near"),
    [
        (
            name_url("i.pinimg.com/2019/1/0.JPG?x"),
            [f"{URLS[0]} (2)", "the host i.pinimg.com (2)", "the domain pinimg.com (2)"],
        ),
        (
            name_url("Please remove https://www.museum.org/a+b.jpg!"),
            [f"{URLS[2]} (1)", f"{URLS[3]} (1)", *MUSEUM],
        ),
        (name_url("https://xn--i-7iq.ws,"), ["the domain xn--i-7iq.ws (1)"]),
        (
            name_url("https://www.museum.org/A%20b.jpg"),
            [f"{URLS[2]} (1)", f"{URLS[3]} (1)", *MUSEUM],
        ),
        (name_url("https://www.museum.org/nothing.jpg"), MUSEUM),
        (name_url("https://www.museum.org/?"), MUSEUM),
        (name_url("https://museum.org/"), MUSEUM[1:]),
        (name_url("https://i.pinmig.com/x"), ["the domain pinimg.com (2)"]),
        (name_url("https://i❤.ws/y.jpg"), ["the domain xn--i-7iq.ws (1)"]),
        (name_url("https://192.0.2.256/x"), []),
        (name_domain("museum.net"), ["the domain museum.org (4)"]),
        (name_domain("musuem.org"), ["the domain museum.org (4)"]),
        (name_domain("nothing.example"), []),
        (name_id(str(int(float(FIRST_ID + 1_000_003)))), [f"the id {FIRST_ID + 1_000_003} (1)"]),
        (name_id("5"), []),
        (name_id("99999999999999999999"), []),
    ],
)
def test_what_may_have_been_meant(
    connection: duckdb.DuckDBPyConnection, images: list[Path], named: Named, near: list[str]
) -> None:
    """The same file name, then host and domain; a domain spelled nearly so; a rounded id."""
    found = find_near_hits(connection, images, [named])
    assert [f"{each.near} ({each.rows})" for each in found] == near
    assert {each.said for each in found} <= {named.said}


def test_many_names_are_looked_for_at_once(
    connection: duckdb.DuckDBPyConnection, images: list[Path]
) -> None:
    """Each has what is near it; without tables there is nothing near."""
    named = [name_url("https://museum.org/"), name_domain("museum.net"), name_url("http://a.com/")]
    assert [each.said for each in find_near_hits(connection, images, named)] == [
        "https://museum.org/", "museum.net",
    ]  # fmt: skip
    assert find_near_hits(connection, [], named) == []
