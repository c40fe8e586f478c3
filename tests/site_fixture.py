"""Merged tables for the tests of the site: small, hostile and complete.

`write_tables` writes every parquet file that the site reads, `site_inputs` wraps them.
The rows are made by us. Counts agree with one another (kept is read less rejected, shares are of
their denominators), so a test may check the pages against the tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.base.package import TEMPLATES
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.site.inputs import DatasetInfo, SiteInputs, SourceInfo
from laion_assets.core.site.rendering import render_site
from laion_assets.core.sources.datasets import Population
from laion_assets.core.tables.slugs import assign_slugs
from tests import hostile
from tests.site_names import named_row, write_name_tables, write_study

READ, KEPT, WITHHELD = 1300, 1250, 2
PUBLISHED = KEPT - WITHHELD

HOSTILE_CAPTIONS, HOSTILE_URLS = hostile.CAPTIONS, hostile.URLS
CAPTIONS = (
    "Sunset over the harbour at Whitby, oil on canvas",
    "Vincent van Gogh Starry Night poster print framed wall art",
    "Portrait of a woman in a red hat, after Johannes Vermeer",
    "Modern kitchen with oak cabinets and a marble island",
    "Misty mountains at dawn, landscape photography by an unknown hiker",
    "Still life with lemons",
    "IMG_2041.JPG",
    "A very long caption that goes on about watercolour paper, brushes, pigments and frames " * 9,
)
SIZES = ((1024, 768), (768, 1024), (900, 900), (1600, 700), (None, None), (600, 1500), (640, 480))
VISIBILITIES = ("shown", "shown", "blurred", "no_image", "shown")

BASE = {
    "rank": pa.int64(),
    "name": pa.string(),
    "slug": pa.string(),
    "images": pa.int64(),
    "share": pa.float64(),
    "denominator": pa.int64(),
    "unique_urls": pa.int64(),
    "unique_captions": pa.int64(),
    "ambiguous": pa.bool_(),
    "images_in_context": pa.int64(),
    "images_likely": pa.int64(),
    "kind": pa.string(),
    "rank_in_kind": pa.int64(),
    "listed_in_kind": pa.int64(),
    "aliases": pa.string(),
    "context": pa.string(),
}
IMAGE = {
    "image_id": pa.int64(),
    "url": pa.string(),
    "caption": pa.string(),
    "width": pa.int32(),
    "height": pa.int32(),
    "similarity": pa.float64(),
    "punsafe": pa.float64(),
    "pwatermark": pa.float64(),
    "aesthetic": pa.float64(),
    "host": pa.string(),
    "domain": pa.string(),
    "url_year": pa.int32(),
    "visibility": pa.string(),
    "source_file": pa.string(),
    "row": pa.int64(),
}
MEASURES = {
    "measure": pa.string(),
    "label": pa.string(),
    "low": pa.float64(),
    "high": pa.float64(),
    "images": pa.int64(),
    "share": pa.float64(),
    "denominator": pa.int64(),
}

ARTISTS: tuple[tuple[Any, ...], ...] = (
    # name, images, ambiguous, in context, aliases, context, type, role, born, died, nation, gender
    (
        "Vincent van Gogh",
        120,
        False,
        None,
        "Van Gogh|V. van Gogh",
        "",
        "painter",
        "",
        1853,
        1890,
        "Dutch",
        "male",
    ),
    ("Pink <b>Panther</b>", 40, True, 4, "", "painter|mural", "painter", "", None, None, "", ""),
    (
        "Georgia O’Keeffe",
        22,
        False,
        None,
        "Georgia OKeeffe",
        "",
        "painter",
        "",
        1887,
        1986,
        "American",
        "female",
    ),
    ("Erin Hanson", 9, False, None, "", "", "painter", "", 1981, None, "American", "female"),
    ("Stan Lee", 7, False, None, "", "", "comics", "writer", 1922, 2018, "American", "male"),
    ("Phidias", 1, True, 0, "", "", "sculptor", "", -480, -430, "Greek", "male"),
    ("A. Nonymous", 0, False, None, "", "", "", "", 1850, None, "", ""),
    ("葛飾北斎", 0, False, None, "Hokusai", "", "printmaker", "", 1760, 1849, "Japanese", "male"),
    ("../../etc/passwd", 0, False, None, "", "", "", "", None, None, "", ""),
    ("CON", 0, False, None, "", "", "", "", None, None, "", ""),
)
CELEBRITIES: tuple[tuple[Any, ...], ...] = (
    # name, images, ambiguous, in context, aliases, context, occupation, born, died, nation, gender
    ("Charlize Theron", 60, False, None, "", "", "actor", 1975, None, "South African", "female"),
    ("Prince", 31, True, 12, "", "singer|concert|tour", "musician", 1958, 2016, "American", "male"),
    ("Aaliyah", 3, True, 1, "", "singer", "musician|actor", 1979, 2001, "American", "female"),
    ("David Dobrik", 0, False, None, "", "", "internet", 1996, None, "Slovak", "male"),
)
CHARACTERS: tuple[tuple[Any, ...], ...] = (
    # name, images, ambiguous, in context, aliases, context, franchise, medium
    ("Batman", 50, False, None, "The Batman|Bruce Wayne", "", "DC", "comics"),
    ("Link", 18, True, 5, "", "zelda|nintendo", "The Legend of Zelda", "games"),
    ("Mickey Mouse", 2, False, None, "", "", "Disney", "animation"),
    ("Gurgi", 0, False, None, "", "", "The Chronicles of Prydain", "literature"),
)
DOMAINS: tuple[tuple[Any, ...], ...] = (
    # domain, platform, category, images, plain http
    ("pinimg.com", "Pinterest", "social", 300, 0),
    ("wp.com", "WordPress", "user-generated", 180, 12),
    ("wordpress.com", "WordPress", "user-generated", 90, 90),
    ("fineartamerica.com", "Fine Art America", "shopping", 60, 1),
    ("xn--bcher-kva.example", None, None, 40, 40),
    ("192.0.2.7", None, None, 12, 12),
    ("evil-=1+1.example", None, None, 8, 8),
    ("index", None, None, 3, 3),
    ("localhost", None, None, 1, 1),
)


def site_inputs(folder: Path, **changes: Any) -> SiteInputs:
    """Tables and token table written under `folder`, and the inputs that point at them.

    `changes` replace fields of SiteInputs; `pictures` and `links` those of its DatasetInfo.
    """
    dataset = {
        "name": "fixture",
        "title": "Fixture & Friends",
        "description": "A made-up set of addresses and captions, as hostile as the <real> web.",
        "licence": "CC-BY-4.0",
        "caveats": ["Made up for the tests; it says nothing about any real dataset."],
        "scorer": "v2",
        "homepage": "https://example.org/fixture",
        "pictures": "ask",
        "links": True,
        "populations": (Population("Everything", 100_000_000),),
        "invented": False,
    }
    dataset.update({key: changes.pop(key) for key in list(changes) if key in dataset})
    tables = folder / "tables"
    if not tables.exists():
        write_tables(tables)
    defaults: dict[str, Any] = {
        "tables": tables,
        "templates": TEMPLATES,
        "dataset": DatasetInfo(**dataset),  # type: ignore[arg-type]
        "thresholds": Thresholds(blurred=0.5, no_image=0.9, withheld=0.9999),
        "sources": [
            SourceInfo("part-00000-1a2b3c4d", 800, 770, 30),
            SourceInfo("part-00001-5e6f7a8b", 500, 480, 20),
        ],
        "search_directory": "search/directory-ab12cd34.js",
        "max_files": 20_000,
    }
    return SiteInputs(**{**defaults, **changes})


def render_all(folder: Path, **changes: Any) -> dict[str, bytes]:
    """Every file of the site of `site_inputs`, by path."""
    return {page.path: page.content for page in render_site(site_inputs(folder, **changes))}


def write_table(folder: Path, name: str, columns: dict[str, pa.DataType], rows: list[Any]) -> None:
    """One parquet file from rows as dictionaries or tuples in the order of the columns."""
    dictionaries = [
        row if isinstance(row, dict) else dict(zip(columns, row, strict=True)) for row in rows
    ]
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(dictionaries, schema=pa.schema(list(columns.items())))
    pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def write_tables(folder: Path) -> None:
    """Every merged table of the contract, 5 to 30 rows each."""
    _write_domains(folder)
    years = {"born": pa.int32(), "died": pa.int32()}
    person = years | {"nationality": pa.string(), "gender": pa.string()}
    lists = {
        "artists": (ARTISTS, {"type": pa.string(), "role": pa.string()} | person),
        "celebrities": (CELEBRITIES, {"occupation": pa.string()} | person),
        "characters": (CHARACTERS, {"franchise": pa.string(), "medium": pa.string()}),
    }
    names = {
        table: _write_names(folder, table, rows, facts) for table, (rows, facts) in lists.items()
    }
    write_study(folder, write_table, names)
    _write_measures(folder)
    _write_years(folder)
    _write_duplicates(folder)


def image_row(number: int) -> dict[str, Any]:
    """The `number`-th image of the fixture: hostile ones first, then ordinary ones."""
    captions = (*CAPTIONS[:3], *HOSTILE_CAPTIONS, *CAPTIONS[3:])
    caption = captions[number % len(captions)]
    domain = DOMAINS[number % 5][0]
    width, height = SIZES[number % len(SIZES)]
    hostile = number % 3 == 1
    url = (
        HOSTILE_URLS[number // 3 % len(HOSTILE_URLS)]
        if hostile
        else f"https://i.{domain}/2015/{number}.jpg?a=1&amp;b=2"
    )
    return {
        "image_id": (-1) ** number * (2**62 + number),
        "url": url,
        "caption": caption,
        "width": width,
        "height": height,
        "similarity": None if number % 4 == 0 else 0.31 - 0.01 * number,
        "punsafe": None if number % 5 == 2 else 0.0125 * number,
        "pwatermark": 0.25,
        "aesthetic": None if number % 6 == 5 else 7.5 - 0.1 * number,
        "host": f"i.{domain}",
        "domain": domain,
        "url_year": None if number % 2 else 2015,
        "visibility": VISIBILITIES[number % len(VISIBILITIES)],
        "source_file": "part-00000-1a2b3c4d",
        "row": number,
    }


def _write_domains(folder: Path) -> None:
    paged = [row[0] for row in DOMAINS[:8]]
    slugs = dict(zip(paged, assign_slugs(paged), strict=True))
    rows = [
        (
            rank,
            domain,
            platform,
            category,
            images,
            images / PUBLISHED,
            PUBLISHED,
            images,
            max(1, images - 2),
            http,
            slugs.get(domain),
        )
        for rank, (domain, platform, category, images, http) in enumerate(DOMAINS, 1)
    ]
    write_table(
        folder,
        "domains",
        {
            "rank": pa.int64(),
            "domain": pa.string(),
            "platform": pa.string(),
            "category": pa.string(),
            "images": pa.int64(),
            "share": pa.float64(),
            "denominator": pa.int64(),
            "unique_urls": pa.int64(),
            "unique_captions": pa.int64(),
            "plain_http": pa.int64(),
            "slug": pa.string(),
        },
        rows,
    )
    best = [
        {"domain": domain, "position": position, **image_row(position - 1 + 3 * place)}
        | {"domain": domain}
        for place, domain in enumerate(paged)
        for position in range(1, 13 if place == 0 else 4)
    ]
    write_table(
        folder, "domain_rows", {"domain": pa.string(), "position": pa.int64()} | IMAGE, best
    )
    platforms = [
        (1, "Pinterest", "social", 1, 300),
        (2, "WordPress", "user-generated", 2, 270),
        (3, "Fine Art America", "shopping", 1, 60),
        (4, "Museum of Nothing", "museum", 0, 0),
        (5, "No Category", None, 0, 0),
    ]
    write_table(
        folder,
        "platforms",
        {
            "rank": pa.int64(),
            "platform": pa.string(),
            "category": pa.string(),
            "domains": pa.int64(),
            "images": pa.int64(),
            "share": pa.float64(),
            "denominator": pa.int64(),
            "unique_urls": pa.int64(),
            "unique_captions": pa.int64(),
        },
        [(*row, row[4] / PUBLISHED, PUBLISHED, row[4], row[4]) for row in platforms],
    )


def _write_names(
    folder: Path, table: str, names: tuple[tuple[Any, ...], ...], facts: dict[str, pa.DataType]
) -> list[dict[str, Any]]:
    slugs = assign_slugs([row[0] for row in names])
    columns = ("name", "images", "ambiguous", "images_in_context", "aliases", "context", *facts)
    rows = []
    for rank, (values, slug) in enumerate(zip(names, slugs, strict=True), 1):
        row = dict(zip(columns, values, strict=True))
        counted = {
            "slug": slug,
            "share": row["images"] / PUBLISHED,
            "unique_urls": row["images"],
            "unique_captions": max(0, row["images"] - 1),
        }
        rows.append(named_row(rank, {**row, **counted}, PUBLISHED))
    life = {"life": pa.string()} if "born" in facts else {}
    write_table(folder, table, BASE | facts | life, rows)
    write_name_tables(folder, write_table, table, rows)
    best = [
        {"name": row[0], "position": position, **image_row(position + 2 * place)}
        for place, row in enumerate(names)
        for position in range(1, min(row[1], 12 if place == 0 else 3) + 1)
    ]
    write_table(
        folder, f"{table}_rows", {"name": pa.string(), "position": pa.int64()} | IMAGE, best
    )
    return rows


def _measure(
    name: str, whole: int, lines: list[tuple[str, float | None, float | None, int]]
) -> list[Any]:
    return [(name, label, low, high, n, n / whole, whole) for label, low, high, n in lines]


def _write_measures(folder: Path) -> None:
    punsafe = [900, 120, 60, 30, 20, 15, 12, 10, 9, 8, 7, 6, 5, 4, 3, 3, 2, 2, 2, 7]
    buckets = [
        (f"{n / 20:.2f} to {(n + 1) / 20:.2f}", n / 20, (n + 1) / 20, count)
        for n, count in enumerate(punsafe)
    ]
    nsfw = [
        *_measure("punsafe", KEPT, [*buckets, ("unknown", None, None, KEPT - sum(punsafe))]),
        *_measure(
            "visibility",
            KEPT,
            [
                ("shown", None, None, 1190),
                ("blurred", None, None, 50),
                ("no_image", None, None, 8),
                ("withheld", None, None, WITHHELD),
            ],
        ),
        *_measure(
            "threshold",
            KEPT,
            [
                (">= 0.5", 0.5, 1.0, 41),
                (">= 0.9", 0.9, 1.0, 9),
                (">= 0.99", 0.99, 1.0, 5),
                (">= 0.9999", 0.9999, 1.0, 2),
                ("= 1", 1.0, 1.0, 1),
            ],
        ),
        *_measure("top_cluster", KEPT, [("1", None, None, 3), ("2", None, None, 2)]),
    ]
    write_table(folder, "nsfw", MEASURES, nsfw)
    half = PUBLISHED // 2
    quality = [
        *_measure(
            "rows",
            READ,
            [
                ("read", None, None, READ),
                ("kept", None, None, KEPT),
                ("rejected", None, None, READ - KEPT),
                ("withheld", None, None, WITHHELD),
                ("published", None, None, PUBLISHED),
            ],
        ),
        *_measure(
            "rejected",
            READ,
            [
                ("removed", None, None, 1),
                ("bad_encoding", None, None, 4),
                ("missing_url", None, None, 5),
                ("missing_caption", None, None, 20),
                ("shifted_columns", None, None, 2),
                ("bad_scheme", None, None, 10),
                ("bad_url", None, None, 6),
                ("oversize_url", None, None, 0),
                ("oversize_caption", None, None, 0),
                ("empty_caption", None, None, 2),
            ],
        ),
        *_measure(
            "repaired",
            KEPT,
            [
                ("quotes", None, None, 25),
                ("entities", None, None, 30),
                ("bidi", None, None, 0),
            ],
        ),
        *_measure(
            "unknown",
            PUBLISHED,
            [
                (name, None, None, count)
                for name, count in [
                    ("similarity", 0),
                    ("punsafe", 25),
                    ("pwatermark", 0),
                    ("aesthetic", 3),
                    ("width", 12),
                    ("height", 12),
                    ("url_year", 700),
                ]
            ],
        ),
        *_measure("out_of_range", KEPT, [("similarity", None, None, 3), ("width", None, None, 1)]),
        *_measure("visibility", KEPT, [("shown", None, None, 1190)]),
        *_measure("hash", READ, [("differs", None, None, 0)]),
        *_measure(
            "aesthetic",
            PUBLISHED,
            [
                ("6.00 to 6.25", 6.0, 6.25, 700),
                ("6.25 to 6.50", 6.25, 6.5, 400),
                ("6.50 to 6.75", 6.5, 6.75, PUBLISHED - 1103),
                ("unknown", None, None, 3),
            ],
        ),
        *_measure(
            "similarity",
            PUBLISHED,
            [
                ("-0.02 to 0.00", -0.02, 0.0, 1),
                ("0.00 to 0.02", 0.0, 0.02, PUBLISHED - 1),
            ],
        ),
        *_measure("pwatermark", PUBLISHED, [("0.00 to 0.05", 0.0, 0.05, PUBLISHED)]),
        *_measure(
            "megapixels",
            PUBLISHED,
            [
                ("below 0.015625", None, 0.015625, 8),
                ("0.5 to 1", 0.5, 1.0, PUBLISHED - 8),
            ],
        ),
        *_measure(
            "aspect",
            PUBLISHED,
            [
                ("portrait", None, None, 300),
                ("square", None, None, 200),
                ("landscape", None, None, PUBLISHED - 512),
                ("unknown", None, None, 12),
            ],
        ),
        *_measure(
            "caption_words",
            PUBLISHED,
            [
                ("0 to 4", 0.0, 5.0, half),
                ("100 and more", 100.0, None, PUBLISHED - half),
            ],
        ),
        *_measure(
            "scheme",
            PUBLISHED,
            [
                ("http", None, None, 500),
                ("https", None, None, PUBLISHED - 500),
            ],
        ),
    ]
    write_table(folder, "quality", MEASURES, quality)


def _write_years(folder: Path) -> None:
    years = {2005: 4, 2009: 20, 2012: 90, 2013: 120, 2015: 200, 2016: 64, 2021: 50}
    rows: list[Any] = [
        (year, count, count / PUBLISHED, PUBLISHED, count, count) for year, count in years.items()
    ]
    rest = PUBLISHED - sum(years.values())
    rows.append((None, rest, rest / PUBLISHED, PUBLISHED, rest, rest))
    write_table(
        folder,
        "years",
        {
            "url_year": pa.int32(),
            "images": pa.int64(),
            "share": pa.float64(),
            "denominator": pa.int64(),
            "unique_urls": pa.int64(),
            "unique_captions": pa.int64(),
        },
        rows,
    )


def _write_duplicates(folder: Path) -> None:
    sizes = [
        (kind, size, count, size * count)
        for kind, extra in (("url", 3), ("caption", 11), ("image_id", 1))
        for size, count in ((1, PUBLISHED - 2 * extra - 40), (2, extra), (8, 5))
    ]
    write_table(
        folder,
        "duplicates",
        {
            "kind": pa.string(),
            "cluster_size": pa.int64(),
            "clusters": pa.int64(),
            "images": pa.int64(),
        },
        sizes,
    )
    columns = (
        "image_id",
        "url",
        "caption",
        "width",
        "height",
        "similarity",
        "punsafe",
        "aesthetic",
        "domain",
        "url_year",
        "visibility",
    )
    write_table(
        folder,
        "duplicate_clusters",
        {
            "kind": pa.string(),
            "rank": pa.int64(),
            "images": pa.int64(),
            **{column: IMAGE[column] for column in columns},
        },
        [
            {"kind": kind, "rank": rank, "images": 9 - rank}
            | {column: image_row(rank * 2 + place)[column] for column in columns}
            for place, kind in enumerate(("caption", "image_id", "url"))
            for rank in range(1, 8)
        ],
    )
