"""The rows about names for the tests of the site: counts, profiles, words, facets, the study.

Hostile where text reaches a page. Written by `site_fixture.write_tables`; no tests here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from laion_assets.core.names.registry import LISTS
from laion_assets.core.tables.entities import life_status
from laion_assets.core.tables.registry import TABLES
from laion_assets.core.tables.slugs import assign_slugs

Row = dict[str, Any]

#: name, images, images in context (of an ambiguous name), aliases, context, then the list's own.
ARTISTS: tuple[tuple[Any, ...], ...] = (
    ("Vincent van Gogh", 120, None, "Van Gogh|V. van Gogh", "",
     "painter", "", 1853, 1890, "Dutch", "male"),
    ("Pink <b>Panther</b>", 40, 4, "", "painter|mural", "painter", "", None, None, "", ""),
    ("Georgia O’Keeffe", 22, None, "Georgia OKeeffe", "",
     "painter", "", 1887, 1986, "American", "female"),
    ("Erin Hanson", 9, None, "", "", "painter", "", 1981, None, "American", "female"),
    ("Stan Lee", 7, None, "", "", "comics", "writer", 1922, 2018, "American", "male"),
    ("Phidias", 1, 0, "", "", "sculptor", "", -480, -430, "Greek", "male"),
    ("A. Nonymous", 0, None, "", "", "", "", 1850, None, "", ""),
    ("葛飾北斎", 0, None, "Hokusai", "", "printmaker", "", 1760, 1849, "Japanese", "male"),
    ("../../etc/passwd", 0, None, "", "", "", "", None, None, "", ""),
    ("CON", 0, None, "", "", "", "", None, None, "", ""),
)  # fmt: skip
CELEBRITIES: tuple[tuple[Any, ...], ...] = (
    ("Charlize Theron", 60, None, "", "", "actor", 1975, None, "South African", "female"),
    ("Prince", 31, 12, "", "singer|concert|tour", "musician", 1958, 2016, "American", "male"),
    ("Aaliyah", 3, 1, "", "singer", "musician|actor", 1979, 2001, "American", "female"),
    ("David Dobrik", 0, None, "", "", "internet", 1996, None, "Slovak", "male"),
)
CHARACTERS: tuple[tuple[Any, ...], ...] = (
    ("Batman", 50, None, "The Batman|Bruce Wayne", "", "DC", "comics"),
    ("Link", 18, 5, "", "zelda|nintendo", "The Legend of Zelda", "games"),
    ("Mickey Mouse", 2, None, "", "", "Disney", "animation"),
    ("Gurgi", 0, None, "", "", "The Chronicles of Prydain", "literature"),
)
NAMES = {"artists": ARTISTS, "celebrities": CELEBRITIES, "characters": CHARACTERS}
#: word: published images whose caption has it, and their share.
WORDS = {"print": (500, 0.4), "sunflowers": (30, 0.02), "script": (9, 0.007)}


def tables(published: int, image_row: Callable[[int], Row]) -> dict[str, list[Any]]:
    """Return the rows of every table about names; `image_row` makes an image by number."""
    made: dict[str, list[Any]] = {"words": [(word, *counts) for word, counts in WORDS.items()]}
    of_list = {name: _named(name, published) for name in NAMES}
    for name, rows in of_list.items():
        made[name] = rows
        made[f"{name}_rows"] = [
            {"name": row["name"], "position": position, **image_row(position + 2 * place)}
            for place, row in enumerate(rows)
            for position in range(1, min(row["images"], 3 if place else 12) + 1)
        ]
        made[f"{name}_profiles"] = [line for row in rows for line in _profile(row)]
        made[f"{name}_words"] = [line for row in rows for line in _words(row)]
        made[f"{name}_facets"] = [
            line for facet in LISTS[name].facets for line in _facet(facet, rows)
        ]
        made[f"{name}_variants"] = [
            (row["name"], kind, spelling, images, images)
            for row in rows
            for kind, spelling, images in (
                ("joined", "".join(row["name"].split()).lower(), row["images"] // 8),
                ("surname first", " ".join(reversed(row["name"].lower().split())), 0),
            )
        ]
    return {**made, **_study(of_list)}


def _named(list_name: str, published: int) -> list[Row]:
    """Return the rows of a list's own table."""
    about, rows = LISTS[list_name], []
    own = [column for column in about.column_names if column != "living"]
    columns = ("name", "images", "images_in_context", "aliases", "context", *own)
    given = [dict(zip(columns, values, strict=True)) for values in NAMES[list_name]]
    slugs = assign_slugs([row["name"] for row in given])
    for rank, (row, slug) in enumerate(zip(given, slugs, strict=True), 1):
        ambiguous = row["images_in_context"] is not None
        row |= {
            "rank": rank,
            "slug": slug,
            "share": row["images"] / published,
            "denominator": published,
            "unique_urls": row["images"],
            "unique_captions": max(0, row["images"] - 1),
            "ambiguous": ambiguous,
            "images_likely": row["images_in_context" if ambiguous else "images"],
            "kind": (row[about.kind] or "unknown").split("|")[0],
            "rank_in_kind": 1,
            "listed_in_kind": 2,
        }
        if about.tells_life:
            row["life"] = life_status(row["born"], row["died"], "")
        rows.append({column: row.get(column) for column in TABLES[list_name].schema.names})
    return rows


def many_characters(count: int, found: int, published: int) -> list[Row]:
    """Return rows of the table of characters: so many, the first so many of them in captions.

    Their names are `aname 00000`, `bname 00001` and so on through the letters.
    """
    first, rows = _named("characters", published)[0], []
    for number in range(count):
        images = max(0, found - number)
        counts = {"images": images, "images_likely": images, "share": images / published}
        name = {"name": f"{chr(ord('a') + number % 26)}name {number:05}", "slug": f"n{number}"}
        own = {"franchise": ("DC", "Disney", "")[number % 3], "aliases": f"Alias {number}"}
        rows.append({**first, **counts, **name, **own, "rank": number + 1})
    return rows


def _profile(row: Row) -> list[tuple[Any, ...]]:
    """Return (name, measure, label, its images, their share, the dataset's, their share)."""
    images, whole = row["images"], row["denominator"]
    cells = (
        ("aesthetic", "6.0 to 6.5", images - images // 3, 900),
        ("aesthetic", "6.5 to 7.0", images // 3, 300),
        ("aesthetic", "unknown", 0, 3),
        ("domain", "pinimg.com", images - images // 4, 300),
        ("domain", "evil-=1+1.example", images // 4, 8),
        ("punsafe", "0.0 to 0.1", images, 1_100),
        ("punsafe", "0.1 to 0.2", 0, 1),
        ("year", "2015", images // 2, 548),
        ("year", "unknown", images - images // 2, 700),
    )
    return [
        (row["name"], measure, label, part, part / images, base, base / whole)
        for measure, label, part, base in cells
        if images
    ]


def _words(row: Row) -> list[tuple[Any, ...]]:
    images, both, whole = row["images"], row["images"] // 2, row["denominator"]
    return [
        (row["name"], place, word, both, both / images, 3, base, base / whole,
         both / images / (base / whole))
        for place, (word, base) in enumerate((("sunflowers", 30), ("script", 9)), 1)
        if images >= 5
    ]  # fmt: skip


def _facet(facet: str, rows: list[Row]) -> list[tuple[Any, ...]]:
    values: dict[str, list[Row]] = {}
    for row in rows:
        for value in (row[facet] or "unknown").split("|"):
            values.setdefault(value, []).append(row)
    lines = []
    for value, members in sorted(values.items(), key=lambda item: (item[0] == "unknown", item[0])):
        found = sum(row["images"] > 0 for row in members)
        counts = [sum(row[column] for row in members) for column in ("images", "images_likely")]
        lines.append((facet, value, len(members), found, len(members) - found, *counts, *counts))
    return lines


def _study(names: dict[str, list[Row]]) -> dict[str, list[Any]]:
    artists, people, characters = (names[t] for t in ("artists", "celebrities", "characters"))
    found = [{**row, "writer": row["role"] == "writer"} for row in artists if row["images"]]
    return {
        "study_artists": [_of("study_artists", row) for row in found],
        "study_artist_types": [
            *(_of("study_artist_types", row, listed=2, found=1, position=1) for row in found[:3]),
            _of("study_artist_types", {"type": "architect", "listed": 3, "found": 0}),
        ],
        "study_celebrities": [_of("study_celebrities", row) for row in people],
        "study_celebrity_gender": [
            ("top 100", "female", 2, 2 / 3, 61, 61 / 73), ("top 100", "male", 1, 1 / 3, 12, 12 / 73)
        ],
        "study_internet": [
            _of("study_internet", row, images_of_variants=2, variants="dobrik david (2)",
                share_at_most=0.0024)
            for row in people if row["occupation"] == "internet"
        ],
        "study_ambiguous": [
            _of("study_ambiguous", row, list=name,
                share_in_context=row["images_in_context"] / row["images"])
            for name, rows in names.items() for row in rows if row["ambiguous"]
        ],
        "study_franchises": [
            _of("study_franchises", row, characters_listed=1,
                characters_found=int(row["images"] > 0),
                most_named=row["name"] if row["images"] else None,
                most_named_images=row["images_likely"])
            for row in characters
        ],
        "study_platforms": [
            ("ArtStation", "art", 0, 4, 0, 4, False),
            ("Pinterest", "social", 300, 2, 1, 1, False),
            ("<i>Medium</i>", None, 0, 0, 0, 0, True),
        ],
    }  # fmt: skip


def _of(table: str, row: Row, **more: Any) -> Row:
    """Return the columns of a table that a row and more values have; the others are empty."""
    values = {**row, **more}
    return {column: values.get(column) for column in TABLES[table].schema.names}
