"""The tables of names: counts, ranks, profiles, facets and other spellings, counted by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from laion_assets.core.names.context import in_context_rows
from laion_assets.core.names.lists import Entity
from laion_assets.core.tables import entities
from laion_assets.core.tables.entities import life_status, make_entities
from tests.row_tables import (
    Mention,
    Row,
    VariantCount,
    entity,
    parts_of,
    picked,
    rows_of,
    tables_of,
    write_tables,
    write_words,
)

CHARACTERS = [
    entity("characters", "Aang", franchise="Avatar"),
    entity("characters", "Batman", aliases=("Bruce Wayne",), franchise="DC"),
    entity("characters", "Data", context=("star trek",), franchise="Star Trek"),
    entity("characters", "Link", context=("zelda", "hero"), franchise="Zelda"),
]
#: Two files: five published rows and one withheld.
NAMED: dict[str, Sequence[Row]] = {
    "a": [
        {"caption": "Link, hero of Zelda", "aesthetic": 5.0, "url": "http://a.com/1"},
        {"caption": "the link to Batman", "aesthetic": 7.0, "url": "http://a.com/2"},
        {"caption": "zelda link", "visibility": "withheld"},
        {"caption": "Data center"},
    ],
    "b": [
        {"caption": "Link, hero of Zelda", "aesthetic": 6.0, "url": "http://a.com/1"},
        {"caption": "hyperlinked zelda"},
    ],
}
MENTIONED: dict[str, Sequence[Mention]] = {
    "a": [
        (0, "characters", "Link"),
        (1, "artists", "Batman"),
        (1, "characters", "Batman"),
        (1, "characters", "Link"),
        (2, "characters", "Link"),
        (3, "characters", "Data"),
    ],
    "b": [(0, "characters", "Link")],
}


def make(
    folder: Path,
    connection: duckdb.DuckDBPyConnection,
    list_name: str,
    names: Sequence[Entity],
    files: Mapping[str, Sequence[Row]],
    mentions: Mapping[str, Sequence[Mention]],
    variants: Mapping[str, Sequence[VariantCount]] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Make a list's tables as the asset does; return their rows."""
    write_words(folder, {})
    parts = parts_of(folder, files, mentions, variants)
    write_tables(make_entities(connection, parts, list_name, names, folder, threads=1), folder)
    return {name: rows_of(folder / f"{name}.parquet") for name in tables_of(list_name)}


def make_characters(folder: Path, connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Make the characters' tables; return the first."""
    return make(folder, connection, "characters", CHARACTERS, NAMED, MENTIONED)["characters"]


def naming(counts: Mapping[str, int], list_name: str = "artists") -> dict[str, Sequence[Mention]]:
    """Return mentions of one file in which the first so many rows name each name."""
    mentions = [(row, list_name, name) for name, count in counts.items() for row in range(count)]
    return {"a": sorted(mentions)}


# -- counts ----------------------------------------------------------------------------------------


def test_names_are_counted_with_and_without_context(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Images are rows that mention; in context, those of ambiguous names beside a context word."""
    rows = make_characters(tmp_path, connection)
    columns = (
        "rank", "name", "images", "unique_urls", "unique_captions", "images_in_context",
        "images_likely",
    )  # fmt: skip
    assert picked(rows, *columns) == [
        (1, "Link", 3, 2, 2, 2, 2),
        (2, "Batman", 1, 1, 1, None, 1),
        (3, "Data", 1, 1, 1, 0, 0),
        (4, "Aang", 0, 0, 0, None, 0),
    ]
    assert picked(rows, "share", "denominator")[0] == (0.6, 5)


def test_names_come_with_what_their_list_says(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Aliases and context words are one text each; the list's own columns follow."""
    rows = {row["name"]: row for row in make_characters(tmp_path, connection)}
    assert (rows["Batman"]["aliases"], rows["Link"]["context"]) == ("Bruce Wayne", "zelda|hero")
    assert (rows["Link"]["ambiguous"], rows["Aang"]["ambiguous"]) == (True, False)
    assert rows["Aang"]["aliases"] == ""
    assert list(rows["Aang"])[-2:] == ["franchise", "medium"]
    assert len({row["slug"] for row in rows.values()}) == 4


def test_names_list_their_best_rows(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """A row stands under every name it mentions; withheld ones under none."""
    make_characters(tmp_path, connection)
    rows = rows_of(tmp_path / "characters_rows.parquet")
    assert picked(rows, "name", "position", "source_file", "row") == [
        ("Batman", 1, "a", 1),
        ("Data", 1, "a", 3),
        ("Link", 1, "a", 1),
        ("Link", 2, "b", 0),
        ("Link", 3, "a", 0),
    ]


def test_a_list_has_its_own_tables(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """What is written is what the registry promises, and nothing else."""
    make_characters(tmp_path, connection)
    made = {path.stem for path in tmp_path.glob("*.parquet")}
    assert made == {*tables_of("characters"), "words"}
    assert len(tables_of("characters")) == 6


def test_context_counts_for_its_own_name_only() -> None:
    """One name's context word says nothing about another name in the same caption."""
    captions = pa.table(
        {
            "source_file": ["a", "a", "a"],
            "row": [0, 0, 1],
            "name": ["Data", "Link", "Data"],
            "caption": ["Data of Star Trek, a link", "Data of Star Trek, a link", "star data"],
        }
    )
    found = in_context_rows(captions, CHARACTERS, threads=1)
    assert found.to_pylist() == [{"source_file": "a", "row": 0, "name": "Data"}]
    assert in_context_rows(captions.slice(0, 0), CHARACTERS, threads=1).num_rows == 0
    assert in_context_rows(captions, CHARACTERS[:1], threads=1).num_rows == 0


# -- ranks and kinds -------------------------------------------------------------------------------


def test_names_rank_by_likely_images_then_images_then_name(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """An ordinary word that every caption holds does not lead; ties are in alphabetical order."""
    names = [
        entity("artists", "Beck"),
        entity("artists", "Ames"),
        entity("artists", "Page", context=("museum",)),
        entity("artists", "Art", context=("museum",)),
        entity("artists", "Cole"),
    ]
    files = {"a": [{"caption": "museum"}, {}, {}, {}]}
    counts = {"Ames": 1, "Art": 4, "Beck": 1, "Cole": 2, "Page": 1}
    rows = make(tmp_path, connection, "artists", names, files, naming(counts))["artists"]
    assert picked(rows, "rank", "name", "images_likely", "images") == [
        (1, "Cole", 2, 2),
        (2, "Art", 1, 4),
        (3, "Ames", 1, 1),
        (4, "Beck", 1, 1),
        (5, "Page", 1, 1),
    ]


def test_names_rank_within_their_kind_too(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """The kind is the first type on the list; those without one are a kind of their own."""
    names = [
        entity("artists", "Ames", type="painter|sculptor", context=("museum",)),
        entity("artists", "Beck", type="sculptor"),
        entity("artists", "Cole", type="painter"),
        entity("artists", "Dove"),
        entity("artists", "Egan"),
    ]
    counts = {"Ames": 3, "Beck": 2, "Cole": 1, "Dove": 1, "Egan": 1}
    files: dict[str, Sequence[Row]] = {"a": [{}, {}, {}]}
    rows = make(tmp_path, connection, "artists", names, files, naming(counts))["artists"]
    assert picked(rows, "rank", "name", "kind", "rank_in_kind", "listed_in_kind") == [
        (1, "Beck", "sculptor", 1, 1),
        (2, "Cole", "painter", 1, 2),
        (3, "Dove", "unknown", 1, 2),
        (4, "Egan", "unknown", 2, 2),
        (5, "Ames", "painter", 2, 2),
    ]


@pytest.mark.parametrize(
    ("list_name", "column"),
    [("artists", "type"), ("celebrities", "occupation"), ("characters", "franchise")],
)
def test_every_list_has_its_kinds(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, list_name: str, column: str
) -> None:
    """Artists by type, celebrities by occupation, characters by franchise."""
    names = [entity(list_name, "Ames", **{column: "first|second"})]
    rows = make(tmp_path, connection, list_name, names, {"a": [{}]}, {})[list_name]
    assert picked(rows, "name", "kind") == [("Ames", "first")]
    assert ("life" in rows[0]) == (list_name != "characters")


def test_years_of_people_are_numbers(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Born and died are years or unknown."""
    apelles = entity("artists", "Apelles", born="-370", type="painter")
    rows = make(tmp_path, connection, "artists", [apelles], {"a": [{}]}, {})["artists"]
    assert picked(rows, "born", "died", "type", "life") == [(-370, None, "painter", "unknown")]


@pytest.mark.parametrize(
    ("born", "died", "living", "life"),
    [
        (1853, 1890, "", "died"),
        (None, 2020, "", "died"),
        (None, None, "no", "died"),
        (1950, None, "no", "died"),
        (1950, None, "", "living"),
        (1920, None, "", "living"),
        (None, None, "yes", "living"),
        (1919, None, "", "unknown"),
        (None, None, "", "unknown"),
    ],
)
def test_nobody_is_presumed_living_without_a_recent_birth(
    born: int | None, died: int | None, living: str, life: str
) -> None:
    """A year of death settles it, then what the list says, then a birth a lifetime ago at most."""
    assert life_status(born, died, living) == life


# -- profiles --------------------------------------------------------------------------------------


PROFILED: dict[str, Sequence[Row]] = {
    "a": [
        {"domain": "a.com", "url_year": 2015, "punsafe": 0.05, "aesthetic": 5.2},
        {"domain": "a.com", "url_year": None, "punsafe": None, "aesthetic": None},
        {"domain": "a.com", "url_year": 2016, "punsafe": 0.95, "aesthetic": 5.0},
        {"domain": "w.com", "url_year": 1999, "punsafe": 1.0, "aesthetic": 9.0,
         "visibility": "withheld"},
    ],
    "b": [
        {"domain": "b.com", "url_year": 2015, "punsafe": 1.0, "aesthetic": 5.5},
        {"domain": "c.com", "url_year": 2015, "punsafe": 0.3, "aesthetic": 5.49},
    ],
}  # fmt: skip
PROFILED_MENTIONS: dict[str, Sequence[Mention]] = {
    "a": [(0, "artists", "Ames"), (1, "artists", "Ames"), (3, "artists", "Ames")],
    "b": [(0, "artists", "Ames")],
}


def test_a_profile_stands_against_the_whole_dataset(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """A name's domains and years, and every step of a score the dataset has, with both shares."""
    names = [entity("artists", "Ames"), entity("artists", "Beck")]
    made = make(tmp_path, connection, "artists", names, PROFILED, PROFILED_MENTIONS)
    rows = made["artists_profiles"]
    assert {row["name"] for row in rows} == {"Ames"}
    assert picked(rows, "measure", "label", "images", "dataset_images") == [
        ("aesthetic", "5.0 to 5.5", 1, 3),
        ("aesthetic", "5.5 to 6.0", 1, 1),
        ("aesthetic", "unknown", 1, 1),
        ("domain", "a.com", 2, 3),
        ("domain", "b.com", 1, 1),
        ("punsafe", "0.0 to 0.1", 1, 1),
        ("punsafe", "0.3 to 0.4", 0, 1),
        ("punsafe", "0.9 to 1.0", 1, 2),
        ("punsafe", "unknown", 1, 1),
        ("year", "2015", 2, 3),
        ("year", "unknown", 1, 1),
    ]
    assert picked(rows, "share", "dataset_share")[:4] == [
        (1 / 3, 3 / 5), (1 / 3, 1 / 5), (1 / 3, 1 / 5), (2 / 3, 3 / 5),
    ]  # fmt: skip


def test_a_profile_keeps_the_largest_domains(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most images first, equal ones in alphabetical order; each name has its own."""
    monkeypatch.setattr(entities, "PROFILE_DOMAINS", 2)
    domains = ["c.com", "b.com", "a.com", "d.com", "d.com"]
    files: dict[str, Sequence[Row]] = {"a": [{"domain": domain} for domain in domains]}
    mentions = naming({"Ames": 5, "Beck": 1})
    names = [entity("artists", "Ames"), entity("artists", "Beck")]
    made = make(tmp_path, connection, "artists", names, files, mentions)
    rows = [row for row in made["artists_profiles"] if row["measure"] == "domain"]
    assert picked(rows, "name", "label", "images", "dataset_images") == [
        ("Ames", "d.com", 2, 2),
        ("Ames", "a.com", 1, 1),
        ("Beck", "c.com", 1, 1),
    ]


def test_steps_of_scores_start_at_their_lower_end(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """A score on a border belongs above it, the highest punsafe to the last step; in order."""
    tenths = [number / 10 for number in range(11)]
    scores = [-0.5, 0.0, 10.0, -0.01, 0.5, 0.49, 9.99, 7.0, -1e300, 1.0, 1e300]
    files: dict[str, Sequence[Row]] = {
        "a": [{"punsafe": p, "aesthetic": a} for p, a in zip(tenths, scores, strict=True)]
    }
    mentions = naming({"Ames": 11})
    made = make(tmp_path, connection, "artists", [entity("artists", "Ames")], files, mentions)
    steps: dict[str, list[tuple[str, int]]] = {}
    for row in made["artists_profiles"]:
        steps.setdefault(row["measure"], []).append((row["label"], row["images"]))
    assert [images for _, images in steps["punsafe"]] == [1] * 9 + [2]
    assert [label for label, _ in steps["punsafe"]][::9] == ["0.0 to 0.1", "0.9 to 1.0"]
    assert steps["aesthetic"] == [
        ("0.0 to 0.5", 5), ("0.5 to 1.0", 1), ("1.0 to 1.5", 1), ("7.0 to 7.5", 1),
        ("9.5 to 10.0", 3),
    ]  # fmt: skip


# -- facets ----------------------------------------------------------------------------------------


def test_facets_count_names_mentions_and_rows(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Two names of one value in a caption are two mentions and one row, likely if either is."""
    names = [
        entity("artists", "Ames", type="painter | illustrator|painter", born="1950"),
        entity("artists", "Beck", type="painter", died="1900"),
        entity("artists", "Cole", type="painter", context=("museum",)),
        entity("artists", "Dove", type="potter|"),
        entity("artists", "Egan", context=("museum",)),
    ]
    files: dict[str, Sequence[Row]] = {
        "a": [{}, {}, {}, {"caption": "museum"}, {"visibility": "withheld"}]
    }
    mentions = {
        "a": [
            (0, "artists", "Ames"),
            (0, "artists", "Beck"),
            (1, "artists", "Beck"),
            (1, "artists", "Cole"),  # not in context, but Beck is likely
            (2, "artists", "Cole"),  # not in context
            (2, "artists", "Egan"),  # not in context
            (3, "artists", "Egan"),
            (4, "artists", "Dove"),  # withheld
        ]
    }
    rows = make(tmp_path, connection, "artists", names, files, mentions)["artists_facets"]
    columns = (
        "facet", "value", "listed", "found", "zero", "mentions", "mentions_likely", "images",
        "images_likely",
    )  # fmt: skip
    facets = picked(rows, *columns)
    assert [facet for facet in facets if facet[0] == "type"] == [
        ("type", "painter", 3, 3, 0, 5, 3, 3, 2),
        ("type", "illustrator", 1, 1, 0, 1, 1, 1, 1),
        ("type", "potter", 1, 0, 1, 0, 0, 0, 0),
        ("type", "unknown", 1, 1, 0, 2, 1, 2, 1),
    ]
    assert [facet for facet in facets if facet[0] == "life"] == [
        ("life", "died", 1, 1, 0, 2, 2, 2, 2),
        ("life", "living", 1, 1, 0, 1, 1, 1, 1),
        ("life", "unknown", 3, 2, 1, 4, 1, 3, 1),
    ]
    assert [facet for facet in facets if facet[0] == "gender"] == [
        ("gender", "unknown", 5, 4, 1, 7, 4, 4, 3)
    ]
    assert list(dict.fromkeys(row["facet"] for row in rows)) == [
        "gender", "life", "nationality", "role", "type",
    ]  # fmt: skip


# -- other spellings -------------------------------------------------------------------------------


def test_other_spellings_add_up_over_files(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Every spelling that is looked for, the commonest first; another list's are not among them."""
    variants: dict[str, Sequence[VariantCount]] = {
        "a": [
            ("artists", "Batman", "joined", "brucewayne", 9, 9),
            ("characters", "Batman", "split", "bat man", 4, 3),
        ],
        "b": [
            ("characters", "Batman", "split", "bat man", 2, 0),
            ("characters", "Batman", "surname first", "wayne bruce", 7, 1),
        ],
    }
    made = make(tmp_path, connection, "characters", CHARACTERS, NAMED, MENTIONED, variants)
    columns = ("name", "kind", "spelling", "images", "beyond")
    assert picked(made["characters_variants"], *columns) == [
        ("Batman", "surname first", "wayne bruce", 7, 1),
        ("Batman", "split", "bat man", 6, 3),
        ("Batman", "initials", "b wayne", 0, 0),
        ("Batman", "joined", "brucewayne", 0, 0),
    ]


# -- what is not published -------------------------------------------------------------------------


def test_withheld_rows_are_in_no_table_of_names(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """More withheld rows that name, in context too, change no byte of any table."""
    extra: Row = {"caption": "Zelda link with Aang", "visibility": "withheld", "url_year": 1999}
    more = {**NAMED, "b": [*NAMED["b"], extra, extra], "c": [extra]}
    mentioned = {
        **MENTIONED,
        "b": [*MENTIONED["b"], (2, "characters", "Aang"), (3, "characters", "Link")],
        "c": [(0, "characters", "Link")],
    }
    made = []
    for folder, files, mentions in (
        (tmp_path / "less", NAMED, MENTIONED),
        (tmp_path / "more", more, mentioned),
    ):
        make(folder, connection, "characters", CHARACTERS, files, mentions)
        made.append({path.name: path.read_bytes() for path in folder.glob("*.parquet")})
    assert made[0] == made[1]


def test_nothing_published_still_lists_every_name(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """A denominator of zero is no division; what has no row has no profile."""
    files: dict[str, Sequence[Row]] = {"a": [], "b": [{"visibility": "withheld"}]}
    mentions = {"b": [(0, "characters", "Aang")]}
    made = make(tmp_path, connection, "characters", CHARACTERS, files, mentions)
    assert picked(made["characters"], "name", "images", "share", "denominator") == [
        (name.name, 0, None, 0) for name in CHARACTERS
    ]
    assert {row["found"] for row in made["characters_facets"]} == {0}
    assert {row["images"] for row in made["characters_variants"]} == {0}
    for part in ("rows", "profiles", "words"):
        assert made[f"characters_{part}"] == []
