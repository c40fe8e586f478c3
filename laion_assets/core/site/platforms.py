"""Listing of platforms: who runs the domains.

Those without an image follow from A to Z, as with names. Not here: the domains (`domains`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow.compute as pc

from laion_assets.core.base.budget import ROWS_PER_PAGE
from laion_assets.core.names.registry import PLATFORMS
from laion_assets.core.site.alphabet import Rest, alphabet_pages, alphabet_stem
from laion_assets.core.site.columns import Column, declared
from laion_assets.core.site.drawing import bar_length
from laion_assets.core.site.formats import UNKNOWN
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.list_scripts import LongList, list_script, script_path
from laion_assets.core.site.model import Site
from laion_assets.core.site.ranking import page_path, pager, shared_places
from laion_assets.core.site.tables import Row, read_table, rows_of

#: How many of a platform's domains its row names.
PLATFORM_DOMAINS = 3


def platform_columns() -> list[Column]:
    """The columns of the ranking of platforms."""
    columns = [
        Column("rank", "Rank", title="place by images; platforms that tie share theirs"),
        Column("platform", "Platform", head=True),
        Column("images", "Images", style="main"),
        Column("share", "Share"),
        Column("images", "Bar", "bar"),
        Column("category", "Category", missing=UNKNOWN),
        Column("domains", "Domains seen"),
        Column("largest_domains", "Largest domains", "list"),
        Column("unique_urls", "Unique URLs"),
        Column("unique_captions", "Unique captions"),
    ]
    return declared(columns, PLATFORMS)


def platform_pages(site: Site) -> Iterator[Page]:
    """The platforms with images, ranked, 100 to a page; then all others from A to Z."""
    rows = ranked_platforms(site)
    found = sum(row["images"] > 0 for row in rows)
    ranking = rows[: min(found, site.rankings[PLATFORMS] * ROWS_PER_PAGE)]
    rest = Rest(
        name=PLATFORMS,
        title="Platforms",
        key="platform",
        zeros="listed platforms host none of these images",
        listed=len(rows),
        found=found,
        ranked=len(ranking),
    )
    covered = sum(row["images"] for row in rows)
    starts = list(range(0, max(1, len(ranking)), ROWS_PER_PAGE))
    for number, start in enumerate(starts, 1):
        chunk = ranking[start : start + ROWS_PER_PAGE]
        yield site.render(
            "platforms.html",
            page_path(PLATFORMS, number),
            title="Platforms" if number == 1 else f"Platforms, page {number}",
            columns=platform_columns(),
            scripts=site.scripts["lists"],
            listing=script_path(PLATFORMS),
            rows=[_line(site, row, rows[0]["images"]) for row in chunk],
            categories=_categories(site, rows) if number == 1 else [],
            covered=covered,
            covered_share=site.headline.share_of(covered),
            counts=rest,
            alphabet=page_path(alphabet_stem(PLATFORMS), 1) if len(ranking) < len(rows) else None,
            number=number,
            pager=pager(PLATFORMS, number, len(starts)),
            first=start + 1,
            last=start + len(chunk),
        )
    yield from alphabet_pages(site, rest, rows[len(ranking) :])
    yield _script(site, rows)


def ranked_platforms(site: Site) -> list[Row]:
    """The platforms as a page prints them: ties share a rank, those without images have none."""
    rows = rows_of(read_table(site.inputs.tables, PLATFORMS))
    places = shared_places(row["images"] for row in rows)
    domains = _largest_domains(site)
    return [
        {
            **row,
            "rank": place if row["images"] else None,
            "largest_domains": "|".join(domains.get(row["platform"], [])),
        }
        for row, place in zip(rows, places, strict=True)
    ]


def _line(site: Site, row: Row, largest: int) -> Row:
    search = site.search_link("platform", row["platform"], "")
    return {
        **row,
        "links": {"platform": search},
        "search": search if row["images"] else None,
        "bar": bar_length(row["images"], largest),
    }


def _script(site: Site, rows: list[Row]) -> Page:
    about = LongList(
        name=PLATFORMS,
        called="platforms",
        field="platform",
        figure="images",
        columns=platform_columns(),
        facets=[("category", "Category")],
        total=len(rows),
        inside=True,
        found="images",
        zeros="without images",
    )
    return list_script(about, [{**row, "slug": None} for row in rows], site.inputs)


def _largest_domains(site: Site) -> dict[str, list[str]]:
    table = read_table(site.inputs.tables, "domains").select(["domain", "platform"])
    found: dict[str, list[str]] = {}
    for row in rows_of(table.filter(pc.is_valid(table.column("platform")))):
        names = found.setdefault(row["platform"], [])
        if len(names) < PLATFORM_DOMAINS:
            names.append(row["domain"])
    return found


def _categories(site: Site, rows: list[Row]) -> list[dict[str, Any]]:
    sums: dict[str, dict[str, Any]] = {}
    for row in rows:
        category = row["category"] or "unknown"
        line = sums.setdefault(category, {"category": category, "platforms": 0, "images": 0})
        line["platforms"] += row["images"] > 0
        line["images"] += row["images"]
    ordered = sorted(sums.values(), key=lambda line: (-line["images"], line["category"]))
    largest = ordered[0]["images"] if ordered else None
    return [
        {
            **line,
            "share": site.headline.share_of(line["images"]),
            "denominator": site.headline.published,
            "bar": bar_length(line["images"], largest),
        }
        for line in ordered
    ]
