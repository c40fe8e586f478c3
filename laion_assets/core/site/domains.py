"""Listing and pages of domains, and the listing of platforms.

At working size there are hundreds of thousands of domains: the listing pages on in thousands, the
most frequent ones have a page, rarer ones link to their search.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.budget import ROWS_PER_PAGE
from laion_assets.core.site import formats
from laion_assets.core.site.drawing import bar_length
from laion_assets.core.site.entities import page_path, pager
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site
from laion_assets.core.site.tables import Row, RowsByKey, read_table, rows_of, table_path

#: How many of a platform's domains its row names.
PLATFORM_DOMAINS = 3


def count_listings(site: Site) -> int:
    """How many pages the ranking of domains has: at least one, at most what the budget allows."""
    rows = int(pq.read_metadata(table_path(site.inputs.tables, "domains")).num_rows)
    return max(1, min(-(-rows // ROWS_PER_PAGE), site.budget.domain_listings))


def domain_listing_pages(site: Site, wanted: range) -> Iterator[Page]:
    """Some pages of the ranking of domains, counted from 0, 1,000 domains to a page."""
    table = read_table(site.inputs.tables, "domains")
    total = table.num_rows
    table = table.slice(0, site.budget.domain_listings * ROWS_PER_PAGE)
    count = count_listings(site)
    largest = table.column("images")[0].as_py() if table.num_rows else None
    for number in range(wanted.start + 1, wanted.stop + 1):
        start = (number - 1) * ROWS_PER_PAGE
        rows = rows_of(table.slice(start, ROWS_PER_PAGE))
        yield site.render(
            "domains.html",
            page_path("domains", number),
            title="Domains" if number == 1 else f"Domains, page {number}",
            rows=[
                {
                    **row,
                    "links": {"domain": site.domain_link(row["domain"], "")},
                    "bar": bar_length(row["images"], largest),
                }
                for row in rows
            ],
            number=number,
            pager=pager("domains", number, count),
            first=start + 1,
            last=start + len(rows),
            total=total,
            listed_in_html=table.num_rows,
        )


def domain_pages(site: Site) -> Iterator[Page]:
    """The page of every domain that has one, in the order of the ranking."""
    root = "../"
    table = read_table(site.inputs.tables, "domains")
    total = table.num_rows
    best = RowsByKey(read_table(site.inputs.tables, "domain_rows"), "domain")
    for row in rows_of(table.filter(pc.is_valid(table.column("slug")))):
        slug = site.domain_slugs.get(row["domain"])
        if slug is None:
            continue
        tiles = [site.tile(image, root) for image in best.of(row["domain"])]
        cited = (
            f"{formats.number(row['images'])} of {formats.number(row['denominator'])} published "
            f"images ({formats.percent(row['share'])}) are hosted on {row['domain']}."
        )
        yield site.render(
            "domain.html",
            f"domains/{slug}.html",
            title=row["domain"],
            description=f"{cited} {site.inputs.dataset.title}.",
            cited=cited,
            pictures=any(tile["picture"] for tile in tiles),
            row=row,
            search=site.search_link("domain", row["domain"], root),
            platform_search=site.search_link("platform", row["platform"], root)
            if row["platform"]
            else None,
            tiles=tiles,
            total=total,
        )


def platform_page(site: Site) -> Page:
    """The ranking of platforms with their largest domains and the sums by category."""
    rows = rows_of(read_table(site.inputs.tables, "platforms"))
    largest = rows[0]["images"] if rows else None
    domains = _largest_domains(site)
    lines: list[dict[str, Any]] = [
        {
            **row,
            "links": {"platform": site.search_link("platform", row["platform"], "")}
            if row["images"]
            else {},
            "bar": bar_length(row["images"], largest),
            "largest_domains": [
                (domain, site.domain_link(domain, ""))
                for domain in domains.get(row["platform"], [])
            ],
        }
        for row in rows
    ]
    covered = sum(row["images"] for row in rows)
    return site.render(
        "platforms.html",
        "platforms.html",
        title="Platforms",
        rows=lines,
        categories=_categories(site, rows),
        covered=covered,
        covered_share=site.headline.share_of(covered),
    )


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
