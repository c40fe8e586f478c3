"""The study's eight tables, from a few captions and lists counted by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from laion_assets.core.base.sql import ask
from laion_assets.core.names.lists import Entity, Platform
from laion_assets.core.tables.entities import make_entities
from laion_assets.core.tables.rows import FileParts
from laion_assets.core.tables.study import make_study
from laion_assets.core.text.matching import compile_names, match_names
from tests.row_tables import (
    Mention,
    Row,
    entity,
    parts_of,
    picked,
    rows_of,
    tables_of,
    write_tables,
    write_words,
)

#: The rows of each table.
Study = dict[str, list[dict[str, Any]]]

PLATFORMS = [
    Platform("etsy.com", "Etsy", "shopping"),
    Platform("flickr.com", "Flickr", "user-generated"),
    Platform("staticflickr.com", "Flickr", "user-generated"),
    Platform("target.com", "Target", "shopping"),
]
LISTS = {
    "artists": [
        entity("artists", "Alma", type="painter|illustrator", born="1950"),
        entity("artists", "Basil", type="painter", died="1900"),
        entity("artists", "Chalk", type="illustrator", context=("drawing",)),
        entity("artists", "Dumas", role="poet|writer", born="1802"),
        entity("artists", "Egon", type="potter"),
    ],
    "celebrities": [
        entity("celebrities", "Anna", occupation="actor", gender="female", born="1980"),
        entity("celebrities", "Bob", occupation="actor|internet", gender="male"),
        entity("celebrities", "Celeste", occupation="internet", aliases=("Cee Star",)),
        entity("celebrities", "Dolores Haze", occupation="internet", gender="female"),
        entity("celebrities", "Pink", gender="female", context=("concert", "singer")),
        entity("celebrities", "Prince", occupation="internet|musician", gender="male",
               context=("concert",)),
    ],
    "characters": [
        entity("characters", "Batman", franchise="DC"),
        entity("characters", "Joker", franchise="DC", context=("gotham",)),
        entity("characters", "Link", franchise="Zelda", context=("zelda",)),
        entity("characters", "Sandman"),
        entity("characters", "Ziggy", franchise="Ziggy Land"),
    ],
}  # fmt: skip
#: Ten published rows and one withheld.
FILES: dict[str, Sequence[Row]] = {
    "a": [
        {"caption": "Alma and Basil"},
        {"caption": "Alma, chalk drawing"},
        {"caption": "Alma with chalk for Prince"},
        {"caption": "Dumas, read by Anna"},
        {"caption": "Anna and Bob in pink"},
        {"caption": "Pink concert with Bob, Anna", "visibility": "withheld"},
    ],
    "b": [
        {"caption": "Pink, the singer, and Anna"},
        {"caption": "pink chalk"},
        {"caption": "Batman and the Joker in Gotham"},
        {"caption": "Joker card, link to Batman"},
        {"caption": "Sandman, a Joker of Gotham"},
    ],
}
OTHERS = {
    "a": [("celebrities", "Dolores Haze", "joined", "doloreshaze", 4, 4)],
    "b": [
        ("celebrities", "Celeste", "joined", "ceestar", 3, 3),
        ("celebrities", "Celeste", "initials", "c star", 2, 1),
        ("celebrities", "Celeste", "split", "cel este", 4, 0),
        ("celebrities", "Dolores Haze", "initials", "d haze", 4, 4),
    ],
}


def mentions_of(
    rows: Sequence[Row], lists: Mapping[str, Sequence[Entity]], platforms: Sequence[Platform]
) -> list[Mention]:
    """Return what the matcher finds in a file's captions."""
    entries = [(name, e.name, e.phrases) for name, names in lists.items() for e in names]
    entries += [("platforms", p, (p,)) for p in sorted({p.platform for p in platforms})]
    phrases = [(n, phrase) for n, entry in enumerate(entries) for phrase in entry[2]]
    captions = pa.array([row["caption"] for row in rows], pa.string())
    hits = match_names(compile_names(phrases), captions, threads=1)
    pairs = zip(hits.row.tolist(), hits.name.tolist(), strict=True)
    return [(row, *entries[name][:2]) for row, name in pairs]


def make(
    folder: Path,
    connection: duckdb.DuckDBPyConnection,
    lists: Mapping[str, Sequence[Entity]],
    files: Mapping[str, Sequence[Row]],
    platforms: Sequence[Platform] = (),
) -> Study:
    """Make every list's tables and the study's as the assets do; return the study's rows."""
    mentions = {key: mentions_of(rows, lists, platforms) for key, rows in files.items()}
    parts = parts_of(folder, files, mentions, {key: OTHERS[key] for key in files if key in OTHERS})
    make_tables(folder, connection, lists, parts)
    write_tables(make_study(connection, parts, platforms, folder), folder)
    return {name: rows_of(folder / f"{name}.parquet") for name in tables_of("study")}


def make_tables(
    folder: Path,
    connection: duckdb.DuckDBPyConnection,
    lists: Mapping[str, Sequence[Entity]],
    parts: FileParts,
) -> None:
    """Make every list's tables."""
    write_words(folder, {})
    for name in ("artists", "celebrities", "characters"):
        write_tables(
            make_entities(connection, parts, name, lists.get(name, ()), folder, threads=1), folder
        )


@pytest.fixture
def study(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> Study:
    """The study of FILES with LISTS."""
    return make(tmp_path, connection, LISTS, FILES, PLATFORMS)


# -- artists ---------------------------------------------------------------------------------------


def test_artists_come_by_likely_images(study: Study) -> None:
    """Who is never likely is not among them; who writes and who lives is told."""
    columns = ("rank", "name", "type", "writer", "life", "images", "images_in_context",
               "images_likely", "share", "denominator")  # fmt: skip
    assert picked(study["study_artists"], *columns) == [
        (1, "Alma", "painter|illustrator", False, "living", 3, None, 3, 0.3, 10),
        (2, "Chalk", "illustrator", False, "unknown", 3, 1, 1, 0.3, 10),
        (3, "Basil", "painter", False, "died", 1, None, 1, 0.1, 10),
        (4, "Dumas", "", True, "unknown", 1, None, 1, 0.1, 10),
    ]


def test_each_type_has_its_first_artists(study: Study) -> None:
    """One of several types stands under each; a type nobody of which is named keeps a row."""
    columns = ("type", "listed", "found", "position", "name", "writer", "life", "images_likely")
    assert picked(study["study_artist_types"], *columns) == [
        ("illustrator", 2, 2, 1, "Alma", False, "living", 3),
        ("illustrator", 2, 2, 2, "Chalk", False, "unknown", 1),
        ("painter", 2, 2, 1, "Alma", False, "living", 3),
        ("painter", 2, 2, 2, "Basil", False, "died", 1),
        ("potter", 1, 0, None, None, None, None, None),
        ("unknown", 1, 1, 1, "Dumas", True, "unknown", 1),
    ]


@pytest.mark.parametrize("query", ["rank_artists", "rank_artist_types", "rank_celebrities"])
def test_rankings_end_where_they_are_told_to(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, query: str
) -> None:
    """So many names, of each type for artists; ties are cut by name."""
    names = ["Eve", "Dan", "Ann", "Cleo", "Bo"]
    lists = {
        "artists": [entity("artists", name, type="painter") for name in names],
        "celebrities": [entity("celebrities", name) for name in names],
    }
    make(tmp_path, connection, lists, {"c": [{"caption": " ".join(names)}]})
    rows = ask(connection, f"tables/{query}", names=3).to_pylist()
    assert [row["name"] for row in rows] == ["Ann", "Bo", "Cleo"]


# -- celebrities -----------------------------------------------------------------------------------


def test_celebrities_come_by_likely_images(study: Study) -> None:
    """With occupation, gender and whether they live; nobody without a likely image."""
    columns = ("rank", "name", "occupation", "gender", "life", "images", "images_in_context",
               "images_likely", "share", "denominator")  # fmt: skip
    assert picked(study["study_celebrities"], *columns) == [
        (1, "Anna", "actor", "female", "living", 3, None, 3, 0.3, 10),
        (2, "Pink", "", "female", "unknown", 3, 1, 1, 0.3, 10),
        (3, "Bob", "actor|internet", "male", "unknown", 1, None, 1, 0.1, 10),
    ]


def test_genders_are_shares_of_names_and_of_mentions(study: Study) -> None:
    """Only those found but for the last scope; names without a gender are told last."""
    columns = ("gender", "names", "share_of_names", "mentions_likely", "share_of_mentions")
    scopes: dict[str, list[tuple[Any, ...]]] = {}
    for row in study["study_celebrity_gender"]:
        scopes.setdefault(row["scope"], []).extend(picked([row], *columns))
    found = [("female", 2, 2 / 3, 4, 0.8), ("male", 1, 1 / 3, 1, 0.2)]
    assert scopes == {
        "top 25": found,
        "top 100": found,
        "all found": found,
        "all listed": [
            ("female", 3, 0.5, 4, 0.8), ("male", 2, 1 / 3, 1, 0.2), ("unknown", 1, 1 / 6, 0, 0.0),
        ],
    }  # fmt: skip
    assert list(scopes) == ["top 25", "top 100", "all found", "all listed"]


def test_genders_are_split_at_25_and_100(connection: duckdb.DuckDBPyConnection) -> None:
    """120 found and 30 not: the scopes are the ranks they say, however few of them are women."""
    celebrities = [
        {
            "rank": rank,
            "gender": "female" if rank % 5 == 0 else "male",
            "images_likely": max(0, 121 - rank),
        }
        for rank in range(1, 151)
    ]
    connection.register("celebrities", pa.Table.from_pylist(celebrities))
    rows = ask(connection, "tables/split_celebrities").to_pylist()
    assert picked(rows, "scope", "gender", "names") == [
        ("top 25", "male", 20), ("top 25", "female", 5),
        ("top 100", "male", 80), ("top 100", "female", 20),
        ("all found", "male", 96), ("all found", "female", 24),
        ("all listed", "male", 120), ("all listed", "female", 30),
    ]  # fmt: skip
    women = sum(121 - rank for rank in range(5, 26, 5))
    everybody = sum(121 - rank for rank in range(1, 26))
    assert picked(rows, "mentions_likely", "share_of_mentions")[1] == (women, women / everybody)


# -- internet personalities ------------------------------------------------------------------------


def test_internet_personalities_begin_with_those_nobody_names(study: Study) -> None:
    """A zero comes with other spellings that lack the name, and what it can still mean."""
    rows = study["study_internet"]
    columns = ("name", "occupation", "aliases", "images", "images_in_context", "images_likely",
               "images_of_variants", "variants")  # fmt: skip
    assert picked(rows, *columns) == [
        ("Celeste", "internet", "Cee Star", 0, None, 0, 4, "ceestar (3), c star (1)"),
        ("Dolores Haze", "internet", "", 0, None, 0, 8, "d haze (4), doloreshaze (4)"),
        ("Bob", "actor|internet", "", 1, None, 1, 0, ""),
        ("Prince", "internet|musician", "", 1, 0, 0, 0, ""),
    ]
    bound = pytest.approx(1 - 0.05**0.1)  # ten rows without a name
    assert [row["share_at_most"] for row in rows] == [bound, bound, None, None]


# -- ambiguous names -------------------------------------------------------------------------------


def test_ambiguous_names_stand_raw_and_in_context(study: Study) -> None:
    """Those of all three lists, the commonest first; none that is not ambiguous."""
    columns = ("list", "name", "images", "images_in_context", "share_in_context", "context")
    assert picked(study["study_ambiguous"], *columns) == [
        ("artists", "Chalk", 3, 1, 1 / 3, "drawing"),
        ("celebrities", "Pink", 3, 1, 1 / 3, "concert|singer"),
        ("characters", "Joker", 3, 2, 2 / 3, "gotham"),
        ("celebrities", "Prince", 1, 0, 0.0, "concert"),
        ("characters", "Link", 1, 0, 0.0, "zelda"),
    ]


def test_an_ambiguous_name_nobody_writes_has_no_share(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Nothing divided by nothing is unknown, not zero."""
    lists = {"artists": [entity("artists", "Chalk", context=("drawing",))]}
    study = make(tmp_path, connection, lists, {"c": [{"caption": "a drawing"}]})
    columns = ("name", "images", "images_in_context", "share_in_context")
    assert picked(study["study_ambiguous"], *columns) == [("Chalk", 0, 0, None)]


# -- franchises ------------------------------------------------------------------------------------


def test_franchises_count_a_row_once(study: Study) -> None:
    """Two characters of one in a caption are one row; the most named character is told."""
    columns = ("rank", "franchise", "characters_listed", "characters_found", "images",
               "images_likely", "most_named", "most_named_images")  # fmt: skip
    assert picked(study["study_franchises"], *columns) == [
        (1, "DC", 2, 2, 3, 3, "Joker", 2),
        (2, "unknown", 1, 1, 1, 1, "Sandman", 1),
        (3, "Zelda", 1, 1, 1, 0, None, None),
        (4, "Ziggy Land", 1, 0, 0, 0, None, None),
    ]


def test_a_character_of_two_franchises_stands_under_both(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """A franchise is one row however many share a cell with another."""
    lists = {
        "characters": [
            entity("characters", "Batman", franchise="DC"),
            entity("characters", "Lobo", franchise="DC|Image"),
        ]
    }
    files: dict[str, Sequence[Row]] = {"c": [{"caption": "Batman"}, {"caption": "Batman, Lobo"}]}
    study = make(tmp_path, connection, lists, files)
    columns = ("rank", "franchise", "images", "most_named")
    assert picked(study["study_franchises"], *columns) == [
        (1, "DC", 2, "Batman"),
        (2, "Image", 1, "Lobo"),
    ]


# -- platforms -------------------------------------------------------------------------------------


def test_platforms_are_named_elsewhere_or_where_they_host(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """A caption that names a platform counts as elsewhere unless that platform has the picture."""
    files: dict[str, Sequence[Row]] = {
        "a": [
            {"domain": "flickr.com", "caption": "my photo on Flickr, flickr"},
            {"domain": "staticflickr.com", "caption": "Flickr against Target"},
            {"domain": "target.com", "caption": "a flickr picture"},
            {"domain": "a.com", "caption": "flickr", "visibility": "withheld"},
        ],
        "b": [
            {"domain": "target.com", "caption": "Target"},
            {"domain": "target.com", "caption": "a chair"},
            {"domain": "b.com", "caption": "a table"},
        ],
    }
    study = make(tmp_path, connection, {}, files, PLATFORMS)
    columns = ("platform", "category", "hosted", "named", "named_and_hosted", "named_elsewhere",
               "ambiguous")  # fmt: skip
    assert picked(study["study_platforms"], *columns) == [
        ("Flickr", "user-generated", 2, 3, 2, 1, False),
        ("Etsy", "shopping", 0, 0, 0, 0, False),
        ("Target", "shopping", 3, 2, 1, 1, True),
    ]


def test_a_list_that_decides_is_believed_before_a_dictionary(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """MIT is German for "with", which no English dictionary knows; Target may be told the shop."""
    platforms = [Platform("mit.edu", "MIT", "x", ambiguous=True)]
    platforms.append(Platform("target.com", "Target", "x", ambiguous=False))
    study = make(tmp_path, connection, {}, {"a": [{"caption": "mit"}]}, platforms)
    assert picked(study["study_platforms"], "platform", "ambiguous") == [
        ("Target", False),
        ("MIT", True),
    ]


def test_a_character_of_a_platforms_name_is_no_platform(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Only mentions of the platforms' own list count here."""
    lists = {"characters": [entity("characters", "Etsy")]}
    files: dict[str, Sequence[Row]] = {"c": [{"caption": "Etsy"}]}
    parts = parts_of(tmp_path, files, {"c": [(0, "characters", "Etsy")]})
    make_tables(tmp_path, connection, lists, parts)
    write_tables(make_study(connection, parts, PLATFORMS, tmp_path), tmp_path)
    assert {row["named"] for row in rows_of(tmp_path / "study_platforms.parquet")} == {0}


# -- nothing to count ------------------------------------------------------------------------------


def test_a_study_of_nothing_is_empty_or_zero(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Without published rows nobody leads, and a zero bounds nothing."""
    hidden: Row = {"caption": "Alma, Anna, Batman and Pink at Flickr", "visibility": "withheld"}
    study = make(tmp_path, connection, LISTS, {"c": [hidden]}, PLATFORMS)
    assert study["study_artists"] == study["study_celebrities"] == []
    assert {row["name"] for row in study["study_artist_types"]} == {None}
    assert {row["scope"] for row in study["study_celebrity_gender"]} == {"all listed"}
    assert {row["share_of_mentions"] for row in study["study_celebrity_gender"]} == {None}
    assert picked(study["study_internet"], "images", "share_at_most") == [(0, None)] * 4
    assert {row["share_in_context"] for row in study["study_ambiguous"]} == {None}
    assert {row["images"] for row in study["study_franchises"]} == {0}
    assert {row["named"] for row in study["study_platforms"]} == {0}
