"""Merged tables for the tests of the site: small, hostile, complete, and with round numbers.

`write_tables` writes every table of the registry with its own schema, `site_inputs` wraps them.
The rows are made by us, for what cleaning lets through is another matter: the pages must be safe
whatever the tables hold. Counts agree with one another (kept is read less rejected, shares are of
their denominators), so a test may check the pages against the tables. Not here: sites that are
built from rows (`tests/golden`), the rows of names (`site_names`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.base.package import TEMPLATES
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.site.inputs import DatasetInfo, SiteInputs, SourceInfo
from laion_assets.core.site.rendering import render_site
from laion_assets.core.sources.datasets import Population
from laion_assets.core.tables.registry import TABLES
from laion_assets.core.tables.slugs import assign_slugs
from tests import hostile, site_names

READ, KEPT, WITHHELD = 1300, 1250, 2
PUBLISHED = KEPT - WITHHELD

#: What names the build on its pages.
BUILD_ID = "0123456789ab"

HOSTILE_CAPTIONS, HOSTILE_URLS = hostile.CAPTIONS, hostile.URLS
ARTISTS = site_names.ARTISTS
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

#: domain, platform, category, images, plain http
DOMAINS: tuple[tuple[str, str | None, str | None, int, int], ...] = (
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
#: platform, category, domains, images
PLATFORMS = (
    ("Pinterest", "social", 1, 300),
    ("WordPress", "user-generated", 2, 270),
    ("Fine Art America", "shopping", 1, 60),
    ("Museum of Nothing", "museum", 0, 0),
    ("No Category", None, 0, 0),
)
YEARS = {2005: 4, 2009: 20, 2012: 90, 2013: 120, 2015: 200, 2016: 64, 2021: 50}
PUNSAFE = (900, 120, 60, 30, 20, 15, 12, 10, 9, 8, 7, 6, 5, 4, 3, 3, 2, 2, 2, 7)
SHOWN = {"shown": 1190, "blurred": 50, "no_image": 8, "withheld": WITHHELD}
#: measure: what its shares are of, and its lines as label, low, high, images.
Lines = Iterable[tuple[str, float | None, float | None, int]]
Measures = dict[str, tuple[int, Lines]]


def _plain(**images: int) -> Lines:
    return [(label, None, None, count) for label, count in images.items()]


NSFW: Measures = {
    "punsafe": (KEPT, [
        *((f"{n / 20:.2f} to {(n + 1) / 20:.2f}", n / 20, (n + 1) / 20, count)
          for n, count in enumerate(PUNSAFE)),
        ("unknown", None, None, KEPT - sum(PUNSAFE)),
    ]),
    "visibility": (KEPT, _plain(**SHOWN)),
    "threshold": (KEPT, [
        (">= 0.5", 0.5, 1.0, 41), (">= 0.9", 0.9, 1.0, 9), (">= 0.99", 0.99, 1.0, 5),
        (">= 0.9999", 0.9999, 1.0, 2), ("= 1", 1.0, 1.0, 1),
    ]),
    "top_cluster": (KEPT, _plain(**{"1": 3, "2": 2})),
}  # fmt: skip
QUALITY: Measures = {
    "rows": (READ, _plain(
        read=READ, kept=KEPT, rejected=READ - KEPT, withheld=WITHHELD, published=PUBLISHED)),
    "rejected": (READ, _plain(
        removed=1, damaged_line=0, bad_encoding=4, missing_url=5, missing_caption=20,
        shifted_columns=2, bad_scheme=10, bad_url=6, oversize_url=0, oversize_caption=0,
        empty_caption=2)),
    "repaired": (KEPT, _plain(quotes=25, entities=30, bidi=0)),
    "unknown": (PUBLISHED, _plain(
        similarity=0, punsafe=25, pwatermark=0, aesthetic=3, width=12, height=12, url_year=700)),
    "out_of_range": (KEPT, _plain(similarity=3, width=1)),
    "visibility": (KEPT, _plain(shown=SHOWN["shown"])),
    "hash": (READ, _plain(differs=0)),
    "aesthetic": (PUBLISHED, [
        ("6.00 to 6.25", 6.0, 6.25, 700), ("6.25 to 6.50", 6.25, 6.5, 400),
        ("6.50 to 6.75", 6.5, 6.75, PUBLISHED - 1103), ("unknown", None, None, 3)]),
    "similarity": (PUBLISHED, [
        ("-0.02 to 0.00", -0.02, 0.0, 1), ("0.00 to 0.02", 0.0, 0.02, PUBLISHED - 1)]),
    "pwatermark": (PUBLISHED, [("0.00 to 0.05", 0.0, 0.05, PUBLISHED)]),
    "megapixels": (PUBLISHED, [
        ("below 0.015625", None, 0.015625, 8), ("0.5 to 1", 0.5, 1.0, PUBLISHED - 8)]),
    "aspect": (PUBLISHED, _plain(
        portrait=300, square=200, landscape=PUBLISHED - 512, unknown=12)),
    "caption_words": (PUBLISHED, [
        ("0 to 4", 0.0, 5.0, PUBLISHED // 2), ("100 and more", 100.0, None, PUBLISHED // 2)]),
    "scheme": (PUBLISHED, _plain(http=500, https=PUBLISHED - 500)),
}  # fmt: skip


def site_inputs(folder: Path, **changes: Any) -> SiteInputs:
    """Tables written under `folder`, and the inputs that point at them.

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
        "date": "",
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
        "search_directory": "search/ab12cd34/directory.js",
        "max_files": 20_000,
        "build_id": BUILD_ID,
    }
    return SiteInputs(**{**defaults, **changes})


def render_all(folder: Path, **changes: Any) -> dict[str, bytes]:
    """Every file of the site of `site_inputs`, by path."""
    return {page.path: page.content for page in render_site(site_inputs(folder, **changes))}


def write_table(folder: Path, name: str, rows: Iterable[Sequence[Any] | dict[str, Any]]) -> None:
    """One table of the registry, from rows with exactly its columns, by name or in its order."""
    schema = TABLES[name].schema
    named = [row if isinstance(row, dict) else dict(zip(schema.names, row, strict=True))
             for row in rows]  # fmt: skip
    for row in named:
        assert set(row) == set(schema.names), (name, set(row) ^ set(schema.names))
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(named, schema=schema)
    pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def write_tables(folder: Path) -> None:
    """Every merged table of the registry, 1 to 30 rows each."""
    tables = {
        **_domains(),
        **site_names.tables(PUBLISHED, image_row),
        "nsfw": _measures(NSFW),
        "quality": _measures(QUALITY),
        "years": [
            {"url_year": year, **counted(images), "unique_captions": images}
            for year, images in (*YEARS.items(), (None, PUBLISHED - sum(YEARS.values())))
        ],
        **_duplicates(),
        "repeats": [],  # no page reads it
    }
    assert set(tables) == set(TABLES)
    for name, rows in tables.items():
        write_table(folder, name, rows)


def counted(images: int) -> dict[str, Any]:
    """The columns of a count of published images."""
    return {
        "images": images,
        "share": images / PUBLISHED,
        "denominator": PUBLISHED,
        "unique_urls": images,
    }


def image_row(number: int) -> dict[str, Any]:
    """The `number`-th image of the fixture: hostile ones first, then ordinary ones."""
    captions = (*CAPTIONS[:3], *HOSTILE_CAPTIONS, *CAPTIONS[3:])
    domain = DOMAINS[number % 5][0]
    width, height = SIZES[number % len(SIZES)]
    url = f"https://i.{domain}/2015/{number}.jpg?a=1&amp;b=2"
    return {
        "image_id": (-1) ** number * (2**62 + number),
        "url": HOSTILE_URLS[number // 3 % len(HOSTILE_URLS)] if number % 3 == 1 else url,
        "caption": captions[number % len(captions)],
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


def _domains() -> dict[str, list[dict[str, Any]]]:
    paged = [domain for domain, *_ in DOMAINS[:8]]
    slugs = dict(zip(paged, assign_slugs(paged), strict=True))
    return {
        "domains": [
            {"rank": rank, "domain": domain, "platform": platform, "category": category,
             **counted(images), "unique_captions": max(1, images - 2), "plain_http": http,
             "slug": slugs.get(domain)}
            for rank, (domain, platform, category, images, http) in enumerate(DOMAINS, 1)
        ],
        "domain_rows": [
            {**image_row(position - 1 + 3 * place), "domain": domain, "position": position}
            for place, domain in enumerate(paged)
            for position in range(1, 13 if place == 0 else 4)
        ],
        "platforms": [
            {"rank": rank, "platform": platform, "category": category, "domains": domains,
             **counted(images), "unique_captions": images}
            for rank, (platform, category, domains, images) in enumerate(PLATFORMS, 1)
        ],
    }  # fmt: skip


def _measures(measures: Measures) -> list[tuple[Any, ...]]:
    return [
        (measure, *line, line[-1] / whole, whole)
        for measure, (whole, lines) in measures.items()
        for line in lines
    ]


def _duplicates() -> dict[str, list[Any]]:
    columns = TABLES["duplicate_clusters"].schema.names[3:]
    return {
        "duplicates": [
            (kind, size, clusters, size * clusters)
            for kind, extra in (("url", 3), ("caption", 11), ("image_id", 1))
            for size, clusters in ((1, PUBLISHED - 2 * extra - 40), (2, extra), (8, 5))
        ],
        "duplicate_clusters": [
            (kind, rank, 9 - rank, *(image_row(rank * 2 + place)[column] for column in columns))
            for place, kind in enumerate(("caption", "image_id", "url"))
            for rank in range(1, 8)
        ],
    }
