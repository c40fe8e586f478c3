"""Tables about names for the tests of the site: profiles, words, facets, spellings, the study.

Hostile where text reaches a page. Written by `site_fixture.write_tables`; no tests here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from laion_assets.core.tables.entities import life_status

TEXT, COUNT, SHARE, YES = pa.string(), pa.int64(), pa.float64(), pa.bool_()
PROFILES = {
    "name": TEXT, "measure": TEXT, "label": TEXT, "images": COUNT, "share": SHARE,
    "dataset_images": COUNT, "dataset_share": SHARE,
}  # fmt: skip
WORDS = {
    "name": TEXT, "position": COUNT, "word": TEXT, "images": COUNT, "share": SHARE,
    "unique_captions": COUNT, "dataset_images": COUNT, "dataset_share": SHARE,
    "times_expected": SHARE,
}  # fmt: skip
FACETS = {
    "facet": TEXT, "value": TEXT, "listed": COUNT, "found": COUNT, "zero": COUNT,
    "mentions": COUNT, "mentions_likely": COUNT, "images": COUNT, "images_likely": COUNT,
}  # fmt: skip
VARIANTS = {"name": TEXT, "kind": TEXT, "spelling": TEXT, "images": COUNT, "beyond": COUNT}

Write = Callable[[Path, str, dict[str, pa.DataType], list[Any]], None]
Row = dict[str, Any]


def write_name_tables(folder: Path, write: Write, table: str, rows: Sequence[Row]) -> None:
    """Write the tables beside one list's own, whose rows are given."""
    whole = rows[0]["denominator"]
    write(folder, f"{table}_profiles", PROFILES, [p for row in rows for p in _profile(row, whole)])
    write(folder, f"{table}_words", WORDS, [w for row in rows for w in _words(row, whole)])
    facets = [name for name in ("life", "type", "role", "occupation", "nationality", "gender",
                                "franchise", "medium") if name in rows[0]]  # fmt: skip
    write(folder, f"{table}_facets", FACETS, [f for name in facets for f in _facet(name, rows)])
    variants = [
        (row["name"], kind, spelling, images, images)
        for row in rows
        for kind, spelling, images in (
            ("joined", "".join(row["name"].split()).lower(), row["images"] // 8),
            ("surname first", " ".join(reversed(row["name"].lower().split())), 0),
        )
    ]
    write(folder, f"{table}_variants", VARIANTS, variants)


def _profile(row: Row, whole: int) -> list[tuple[Any, ...]]:
    images = row["images"]
    if not images:
        return []
    cells = [
        ("aesthetic", "6.0 to 6.5", images - images // 3, 900),
        ("aesthetic", "6.5 to 7.0", images // 3, 300),
        ("aesthetic", "unknown", 0, 3),
        ("domain", "pinimg.com", images - images // 4, 300),
        ("domain", "evil-=1+1.example", images // 4, 8),
        ("punsafe", "0.0 to 0.1", images, 1_100),
        ("punsafe", "0.1 to 0.2", 0, 1),
        ("year", "2015", images // 2, 548),
        ("year", "unknown", images - images // 2, 700),
    ]
    return [
        (row["name"], measure, label, part, part / images, base, base / whole)
        for measure, label, part, base in cells
    ]


def _words(row: Row, whole: int) -> list[tuple[Any, ...]]:
    images = row["images"]
    if images < 5:
        return []
    both = images // 2
    return [
        (row["name"], place, word, both, both / images, 3, base, base / whole,
         both / images / (base / whole))
        for place, (word, base) in enumerate((("sunflowers", 30), ("script", 9)), 1)
    ]  # fmt: skip


def _facet(facet: str, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    values: dict[str, list[Row]] = {}
    for row in rows:
        for value in (row[facet] or "unknown").split("|"):
            values.setdefault(value, []).append(row)
    ordered = sorted(values.items(), key=lambda item: (item[0] == "unknown", item[0]))
    return [
        (
            facet,
            value,
            len(members),
            sum(row["images"] > 0 for row in members),
            sum(row["images"] == 0 for row in members),
            sum(row["images"] for row in members),
            sum(row["images_likely"] for row in members),
            sum(row["images"] for row in members),
            sum(row["images_likely"] for row in members),
        )
        for value, members in ordered
    ]


def named_row(rank: int, row: Row, denominator: int) -> Row:
    """Return a row of an entity table with what the counting adds to it."""
    likely = row["images_in_context"] if row["ambiguous"] else row["images"]
    kind = (row.get("type") or row.get("occupation") or row.get("franchise") or "unknown").split(
        "|"
    )[0]
    life = {"life": life_status(row["born"], row["died"], "")} if "born" in row else {}
    return {
        **row,
        "rank": rank,
        "denominator": denominator,
        "images_likely": likely,
        "kind": kind,
        "rank_in_kind": 1,
        "listed_in_kind": 2,
        **life,
    }


def write_study(folder: Path, write: Write, names: dict[str, list[Row]]) -> None:
    """Write the study's tables from the rows of the three lists."""
    artists, people, characters = (names[t] for t in ("artists", "celebrities", "characters"))
    counts = {"images": COUNT, "images_in_context": COUNT, "images_likely": COUNT}
    found = [{**row, "writer": row["role"] == "writer"} for row in artists if row["images"]]
    write(
        folder,
        "study_artists",
        {
            "rank": COUNT,
            "name": TEXT,
            "type": TEXT,
            "role": TEXT,
            "writer": YES,
            "life": TEXT,
            **counts,
        },
        [_only(row, "rank name type role writer life", counts) for row in found],
    )
    typed = [{**row, "listed": 2, "found": 1, "position": 1} for row in found[:3]]
    typed.append({"type": "architect", "listed": 3, "found": 0})
    write(
        folder,
        "study_artist_types",
        {
            "type": TEXT,
            "listed": COUNT,
            "found": COUNT,
            "position": COUNT,
            "name": TEXT,
            "writer": YES,
            "life": TEXT,
            **counts,
        },
        [_only(row, "type listed found position name writer life", counts) for row in typed],
    )
    write(
        folder,
        "study_celebrities",
        {"rank": COUNT, "name": TEXT, "occupation": TEXT, "gender": TEXT, "life": TEXT, **counts},
        [_only(row, "rank name occupation gender life", counts) for row in people],
    )
    write(
        folder,
        "study_celebrity_gender",
        {
            "scope": TEXT,
            "gender": TEXT,
            "names": COUNT,
            "share_of_names": SHARE,
            "mentions_likely": COUNT,
            "share_of_mentions": SHARE,
        },
        [("top 100", "female", 2, 2 / 3, 61, 61 / 73), ("top 100", "male", 1, 1 / 3, 12, 12 / 73)],
    )
    online = [row for row in people if row["occupation"] == "internet"]
    write(
        folder,
        "study_internet",
        {
            "name": TEXT,
            "occupation": TEXT,
            "aliases": TEXT,
            **counts,
            "images_of_variants": COUNT,
            "variants": TEXT,
            "share_at_most": SHARE,
        },
        [
            _only(row, "name occupation aliases", counts)
            | {"images_of_variants": 2, "variants": "dobrik david (2)", "share_at_most": 0.0024}
            for row in online
        ],
    )
    ambiguous = [
        {**row, "list": table} for table, rows in names.items() for row in rows if row["ambiguous"]
    ]
    write(
        folder,
        "study_ambiguous",
        {
            "list": TEXT,
            "name": TEXT,
            "images": COUNT,
            "images_in_context": COUNT,
            "share_in_context": SHARE,
            "context": TEXT,
        },
        [
            _only(row, "list name images images_in_context context", ())
            | {"share_in_context": row["images_in_context"] / row["images"]}
            for row in ambiguous
        ],
    )
    write(
        folder,
        "study_franchises",
        {
            "rank": COUNT,
            "franchise": TEXT,
            "characters_listed": COUNT,
            "characters_found": COUNT,
            "images": COUNT,
            "images_likely": COUNT,
            "most_named": TEXT,
            "most_named_images": COUNT,
        },
        [
            (
                row["rank"],
                row["franchise"],
                1,
                int(row["images"] > 0),
                row["images"],
                row["images_likely"],
                row["name"] if row["images"] else None,
                row["images_likely"],
            )
            for row in characters
        ],
    )
    write(
        folder,
        "study_platforms",
        {
            "platform": TEXT,
            "category": TEXT,
            "hosted": COUNT,
            "named": COUNT,
            "named_and_hosted": COUNT,
            "named_elsewhere": COUNT,
            "ambiguous": YES,
        },
        [
            ("ArtStation", "art", 0, 4, 0, 4, False),
            ("Pinterest", "social", 300, 2, 1, 1, False),
            ("<i>Medium</i>", None, 0, 0, 0, 0, True),
        ],
    )
    write(folder, "words", {"word": TEXT, "images": COUNT, "share": SHARE},
          [("print", 500, 0.4), ("sunflowers", 30, 0.02), ("script", 9, 0.007)])  # fmt: skip


def _only(row: Row, names: str, more: Sequence[str] | dict[str, Any]) -> Row:
    return {name: row.get(name) for name in (*names.split(), *more)}
