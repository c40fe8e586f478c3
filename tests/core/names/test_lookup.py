"""Looking names up: counts as counted by hand, other spellings apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from laion_assets.core.base import parquet as tables
from laion_assets.core.base.errors import BadUsage
from laion_assets.core.names.lists import Entity
from laion_assets.core.names.lookup import Found, look_up
from tests.row_tables import Row, write_images

LISTS = {
    "artists": [
        Entity("Vincent van Gogh", ("Van Gogh",), ambiguous=False, context=(), attributes={}),
        Entity("Pink", (), ambiguous=False, context=(), attributes={}),
    ],
    "celebrities": [
        Entity("P!nk", ("Pink",), ambiguous=True, context=("singer", "on tour"), attributes={}),
        Entity("MrBeast", (), ambiguous=False, context=(), attributes={}),
        Entity("Roses", (), ambiguous=True, context=(), attributes={}),
    ],
}
FILES: dict[str, Sequence[Row]] = {
    "a": [
        {"row": 3, "caption": "Pink, the singer", "domain": "b.com"},
        {"row": 5, "caption": "pink roses", "domain": "a.com", "url": "http://a.com/same.jpg"},
        {"row": 6, "caption": "Pink roses", "domain": "a.com", "url": "http://a.com/same.jpg"},
        {"row": 7, "caption": "A singer in pink", "domain": "c.com", "visibility": "withheld"},
    ],
    "b": [
        {"row": 3, "caption": "pink roses", "domain": "b.com", "visibility": "blurred"},
        {"row": 4, "caption": "Mr Beast on tour", "domain": "a.com"},
        {"row": 5, "caption": "MrBeast, that is Mr. Beast", "visibility": "no_image"},
        {"row": 6, "caption": "Mr Beast", "visibility": "withheld"},
        {"row": 7, "caption": "PINK on tour: P!nk", "domain": "b.com"},
    ],
}


def found_of(
    folder: Path, *asked: str, files: dict[str, Sequence[Row]] | None = None
) -> tuple[int, list[Found]]:
    """Look names up in a few rows."""
    with duckdb.connect() as connection:
        return look_up(connection, write_images(folder, files or FILES), asked, LISTS, threads=2)


def spelling(found: Found, text: str) -> tuple[int, int]:
    """Return the images and the rows beyond the name of another spelling."""
    (count,) = [v for v in found.variants if v.variant.spelling == text]
    return count.images, count.beyond


# -- counting --------------------------------------------------------------------------------------


def test_counts_of_a_few_rows_are_as_counted_by_hand(tmp_path: Path) -> None:
    """Rows, different URLs and captions, domains by rows then name, over all files."""
    published, (pink, _) = found_of(tmp_path, "Pink")
    assert published == 7
    assert (pink.images, pink.unique_urls, pink.unique_captions) == (5, 3, 4)
    assert pink.domains == [("b.com", 3), ("a.com", 2)]
    assert pink.images_in_context is None, "not an ambiguous name"


def test_ambiguous_name_is_counted_in_context_too(tmp_path: Path) -> None:
    """Beside one of its words, wherever in the caption; withheld rows not."""
    _, (_, pink) = found_of(tmp_path, "pink")
    assert (pink.list_name, pink.images, pink.images_in_context) == ("celebrities", 5, 2)


def test_ambiguous_name_without_context_words_is_never_in_context(tmp_path: Path) -> None:
    """As in the tables: nothing makes a mention likely."""
    _, (roses,) = found_of(tmp_path, "roses")
    assert (roses.images, roses.images_in_context) == (3, 0)


def test_misspelt_name_is_told_what_it_may_have_been(tmp_path: Path) -> None:
    """Only where nothing was found, of a name on no list; the nearest first, each once."""
    _, (gogh, beast, *pinks) = found_of(tmp_path, "Vincent van Goch", "Beast Mr", "pink")
    assert gogh.near == ["Vincent van Gogh"]
    assert [entry.near for entry in (beast, *pinks)] == [[], [], []]


def test_withheld_rows_are_not_counted(tmp_path: Path) -> None:
    """Neither for the name nor for its other spellings nor in what it is a share of."""
    published, (beast,) = found_of(tmp_path, "MrBeast")
    assert (published, beast.images) == (7, 1)
    assert spelling(beast, "mr beast") == (2, 1)
    published, (nothing,) = found_of(
        tmp_path / "none", "Link", files={"a": [{"caption": "Link", "visibility": "withheld"}]}
    )
    assert (published, nothing.images, nothing.domains) == (0, 0, [])


def test_name_on_no_list_is_counted_by_itself(tmp_path: Path) -> None:
    """As FTS5 finds it, with its other spellings; what never occurs is zero throughout."""
    _, (beast, nobody) = found_of(tmp_path, "mr BEAST!", "Nobody Here")
    assert (beast.asked, beast.list_name, beast.entity) == ("mr BEAST!", "", None)
    assert (beast.phrases, beast.images) == (("mr BEAST!",), 2)
    assert spelling(beast, "mrbeast") == (1, 0)
    assert (nobody.images, nobody.unique_urls, nobody.unique_captions) == (0, 0, 0)
    assert (nobody.domains, nobody.images_in_context) == ([], None)
    assert {count.images for count in nobody.variants} == {0}


def test_only_the_largest_domains_are_told(tmp_path: Path) -> None:
    """Five of them, ties in the order of their names."""
    domains = ["f.com", "e.com", "d.com", "c.com", "b.com", "a.com", "f.com"]
    files = {"a": [{"caption": "Link", "domain": domain} for domain in domains]}
    _, (link,) = found_of(tmp_path, "Link", files=files)
    assert link.domains == [("f.com", 2), *((name, 1) for name in domains[5:1:-1])]


def test_row_groups_make_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same counts from tables in pieces of two rows."""
    whole = found_of(tmp_path, "Pink", "MrBeast", "tour")
    monkeypatch.setattr(tables, "ROW_GROUP", 2)
    assert found_of(tmp_path, "Pink", "MrBeast", "tour") == whole
    assert pq.read_metadata(tmp_path / "images" / "b.parquet").num_row_groups == 3


def test_tables_without_rows_count_nothing(tmp_path: Path) -> None:
    """A file of which every row was rejected is no error."""
    published, (_, pink) = found_of(tmp_path, "Pink", files={"a": [], "b": []})
    assert (published, pink.images, pink.images_in_context, pink.domains) == (0, 0, 0, [])


def test_progress_goes_file_by_file(tmp_path: Path) -> None:
    """From none to all of them."""
    seen: list[tuple[str, int, int]] = []
    with duckdb.connect() as connection:
        images = write_images(tmp_path, FILES)
        look_up(connection, images, ["Pink"], LISTS, 1, lambda *args: seen.append(args))
    assert seen == [("captions", 0, 2), ("captions", 1, 2), ("captions", 2, 2)]


# -- which row a name stands for -------------------------------------------------------------------


def test_alias_stands_for_its_row(tmp_path: Path) -> None:
    """All its phrases are counted, however the alias is typed."""
    files = {"a": [{"caption": "Van Gogh"}, {"caption": "Vincent van Gogh"}]}
    _, (gogh,) = found_of(tmp_path, "VAN-GOGH", files=files)
    assert (gogh.asked, gogh.entity) == ("VAN-GOGH", LISTS["artists"][0])
    assert (gogh.phrases, gogh.images) == (("Vincent van Gogh", "Van Gogh"), 2)


def test_name_stands_for_its_row_on_every_list(tmp_path: Path) -> None:
    """By name on one and by an alias on another, in the order of the lists, each counted."""
    _, found = found_of(tmp_path, "Pink", "MrBeast", "Pink")
    assert [(f.list_name, f.entity and f.entity.name, f.images) for f in found] == [
        ("artists", "Pink", 5),
        ("celebrities", "P!nk", 5),
        ("celebrities", "MrBeast", 1),
        ("artists", "Pink", 5),
        ("celebrities", "P!nk", 5),
    ]


@pytest.mark.parametrize("name", ["", "!?", "…", "😀"])
def test_name_without_a_letter_is_bad_usage(tmp_path: Path, name: str) -> None:
    """It could match nothing, so zero would mislead."""
    with pytest.raises(BadUsage, match="holds no letter or digit to look up"):
        found_of(tmp_path, "Pink", name)
