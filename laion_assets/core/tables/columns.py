"""Columns that several merged tables share, and mean the same in.

Lives here: those columns by name. Not here: which table has which (`registry`).
"""

from __future__ import annotations

from collections.abc import Mapping

from laion_assets.core.tables.declarations import COUNT, FLAG, NUMBER, SMALL, TEXT, Column


def _by_name(*columns: Column) -> Mapping[str, Column]:
    return {column.name: column for column in columns}


SHARED = _by_name(
    Column("rank", COUNT, "place in the table, 1 first"),
    Column("images", COUNT, "number of rows (URL and caption pairs)", "rows"),
    Column(
        "share",
        NUMBER,
        "images divided by denominator; empty when the denominator is 0",
        "share, 0 to 1",
    ),
    Column("denominator", COUNT, "the number of rows the share is of", "rows"),
    Column("unique_urls", COUNT, "different URLs among them", "URLs"),
    Column("unique_captions", COUNT, "different captions among them", "captions"),
    Column(
        "slug",
        TEXT,
        "file name of the page, where there is one: for the most frequent (see the About page)",
    ),
    Column("url_year", SMALL, "the year, empty when the URL gives no evidence", "year"),
    # names
    Column("name", TEXT, "the name as listed"),
    Column("aliases", TEXT, "other spellings that count too, separated by |"),
    Column("ambiguous", FLAG, "whether the name is also an ordinary word or someone else's"),
    Column("context", TEXT, "words that make an ambiguous mention likely, separated by |"),
    Column(
        "images_in_context",
        COUNT,
        "images whose caption also has such a word; empty when not ambiguous",
        "rows",
    ),
    Column(
        "images_likely",
        COUNT,
        "images_in_context for an ambiguous name, images for any other",
        "rows",
    ),
    Column(
        "kind",
        TEXT,
        "first of the types, occupations or franchises; unknown when the list has none",
    ),
    Column("rank_in_kind", COUNT, "place among the names of its kind"),
    Column("listed_in_kind", COUNT, "number of listed names of its kind", "names"),
    # distributions
    Column("measure", TEXT, "which distribution or count the row belongs to"),
    Column("label", TEXT, "what is counted, or unknown"),
    Column("low", NUMBER, "lower bound of a bucket"),
    Column("high", NUMBER, "upper bound of a bucket"),
    Column("dataset_images", COUNT, "published images that belong there", "rows"),
    Column(
        "dataset_share",
        NUMBER,
        "dataset_images divided by all published images",
        "share, 0 to 1",
    ),
    # images
    Column("position", COUNT, "place among the rows of its group, by aesthetic score"),
    Column(
        "image_id", COUNT, "mmh3 hash of URL and caption; signed 64 bits, so text in CSV and JSON"
    ),
    Column("url", TEXT, "the URL as found"),
    Column("caption", TEXT, "the caption after repair"),
    Column("width", SMALL, "width of the picture, empty when unknown", "pixels"),
    Column("height", SMALL, "height of the picture, empty when unknown", "pixels"),
    Column(
        "similarity",
        NUMBER,
        "CLIP similarity of picture and caption, empty when unknown",
        "-1 to 1",
    ),
    Column(
        "punsafe",
        NUMBER,
        "a model's estimate that the picture is unsafe, empty when unknown",
        "0 to 1",
    ),
    Column(
        "pwatermark",
        NUMBER,
        "a model's estimate that the picture has a watermark, empty when unknown",
        "0 to 1",
    ),
    Column(
        "aesthetic",
        NUMBER,
        "a model's estimate of how much people would like it, empty when unknown",
    ),
    Column("host", TEXT, "host of the URL"),
    Column("domain", TEXT, "registrable domain (ICANN part of the Public Suffix List)"),
    Column("visibility", TEXT, "shown, blurred or no_image"),
    Column("source_file", TEXT, "key of the source file"),
    Column("row", COUNT, "number of the row in its source file"),
    # platforms
    Column("platform", TEXT, "who runs the domain, empty when not listed"),
    Column("category", TEXT, "kind of platform"),
)


def shared(*names: str, **meanings: str) -> tuple[Column, ...]:
    """Return shared columns by their names; `meanings` says of some what they mean here."""
    return tuple(
        Column(column.name, column.type, meanings.get(name, column.meaning), column.unit)
        for name in names
        for column in [SHARED[name]]
    )


#: A row of the images tables as it stands in a list of the best of a group.
BEST_ROW = shared(
    "position", "image_id", "url", "caption", "width", "height", "similarity", "punsafe",
    "pwatermark", "aesthetic", "host", "domain", "url_year", "visibility", "source_file", "row",
    url_year="year found in its URL",
)  # fmt: skip
