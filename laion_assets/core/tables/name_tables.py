"""The tables that every list of names has, declared.

Lives here: their columns, from what `core.names.registry` says of the list. Not here: making them
(`entities`).
"""

from __future__ import annotations

from laion_assets.core.names.registry import LIFE, NameList
from laion_assets.core.tables.columns import BEST_ROW, shared
from laion_assets.core.tables.declarations import COUNT, NUMBER, SMALL, TEXT, Column, Table


def tables_of_names(about: NameList) -> tuple[Table, ...]:
    """Return the tables of one list of names."""
    name = about.name
    own = tuple(
        Column(
            column.name,
            SMALL if column.kind == "year" else TEXT,
            column.meaning,
            "year" if column.kind == "year" else "",
        )
        for column in about.columns
        if column.kind != "flag"
    )
    life = (Column(LIFE, TEXT, about.column(LIFE).meaning),) if about.tells_life else ()
    return (
        Table(
            name,
            f"One row for each listed {about.singular}, those never named included.",
            (
                *shared(
                    "rank", "name", "slug", "images", "share", "denominator", "unique_urls",
                    "unique_captions", "ambiguous", "images_in_context", "images_likely", "kind",
                    "rank_in_kind", "listed_in_kind", "aliases", "context",
                    rank="place by images_likely, then images",
                ),
                *own,
                *life,
            ),
            sort=("-images_likely", "-images", "name"),
            counted=True,
            preview=("name", *about.shown, "images", "images_in_context"),
        ),
        Table(
            f"{name}_profiles",
            f"For each name of {name} that is found: its largest domains, years, and the spread "
            "of its scores, against all published images.",
            shared(
                "name", "measure", "label", "images", "share", "dataset_images", "dataset_share",
                measure="domain, year (in the URL), punsafe or aesthetic",
                label="the domain, year or step of the score, or unknown",
                images="images with the name that belong there",
                share="images divided by all images with the name",
            ),
            sort=("name",),
        ),
        Table(
            f"{name}_words",
            f"For each name of {name}: the words that stand beside it at least twice as often as "
            "anywhere, in three different captions or more.",
            (
                *shared(
                    "name", "position",
                    position="place among the words beside this name, by log likelihood ratio",
                ),
                Column("word", TEXT, "the word"),
                *shared(
                    "images", "share", "unique_captions", "dataset_images", "dataset_share",
                    images="images whose caption has both",
                    share="images divided by all images with the name",
                    dataset_images="published images whose caption has the word",
                ),
                Column("times_expected", NUMBER, "share divided by dataset_share", "times"),
            ),
            sort=("name", "position"),
        ),
        Table(
            f"{name}_facets",
            f"What the list of {name} says of its names, and how many are found.",
            (
                Column(
                    "facet",
                    TEXT,
                    "which column of the list: "
                    + ", ".join(column.name for column in (*life, *own) if column.type == TEXT),
                ),
                Column("value", TEXT, "its value; a name with several values counts under each"),
                Column("listed", COUNT, "names with this value", "names"),
                Column("found", COUNT, "those that are in a caption", "names"),
                Column("zero", COUNT, "those that are in none", "names"),
                Column(
                    "mentions",
                    COUNT,
                    "sum of their images; an image with two of them counts twice",
                    "mentions",
                ),
                Column("mentions_likely", COUNT, "sum of their likely images", "mentions"),
                *shared(
                    "images", "images_likely",
                    images="images with at least one of them",
                    images_likely="the same, ambiguous names in context only",
                ),
            ),
            sort=("facet",),
        ),
        Table(
            f"{name}_variants",
            f"Other spellings of the names of {name} that were looked for, those never found "
            "included; they are in no other count.",
            (
                *shared("name", "kind", kind="what was changed in the name or an alias"),
                Column("spelling", TEXT, "the words that were looked for"),
                *shared("images", images="images whose caption has them"),
                Column(
                    "beyond",
                    COUNT,
                    "those of them whose caption lacks the name and its aliases",
                    "rows",
                ),
            ),
            sort=("name",),
        ),
        Table(
            f"{name}_rows",
            f"The best rows of each name of {name}.",
            (*shared("name"), *BEST_ROW),
            sort=("name", "position"),
            published=False,
        ),
    )  # fmt: skip
