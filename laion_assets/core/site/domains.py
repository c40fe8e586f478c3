"""Listing and pages of domains.

At working size there are hundreds of thousands of domains: the listing has the first 40,000, a
hundred to a page, the search has all; the most frequent ones have a page, rarer ones link to their
search. Who runs them is in `platforms`.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.budget import ROWS_PER_PAGE
from laion_assets.core.site import formats
from laion_assets.core.site.columns import Column, declared
from laion_assets.core.site.drawing import bar_length
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.list_scripts import LongList, list_script, script_path
from laion_assets.core.site.model import Site
from laion_assets.core.site.ranking import page_path, pager, shared_places
from laion_assets.core.site.tables import RowsByKey, read_table, rows_of, table_path

#: How many of the largest domains the filter of the listing has: some 800 kB, packed a third.
FILTERED = 10_000
#: Of how many of the largest domains the listing says what they have together.
HELD_BY = (10, 100, 1_000, 10_000)


def domain_columns() -> list[Column]:
    """The columns of the ranking of domains."""
    columns = [
        Column("rank", "Rank", title="place by images; domains that tie share theirs"),
        Column("domain", "Domain", head=True, style="breakable"),
        Column("images", "Images", style="main"),
        Column("share", "Share"),
        Column("images", "Bar", "bar"),
        Column(
            "cumulative",
            "Cumulative",
            "percent",
            title="share of all images that this domain and those above it have together",
        ),
        Column("platform", "Platform"),
        Column("category", "Category"),
        Column("unique_urls", "Unique URLs"),
        Column("unique_captions", "Unique captions"),
        Column("plain_http", "Plain http"),
    ]
    return declared(columns, "domains")


def count_listings(site: Site) -> int:
    """How many pages the ranking of domains has: at least one, at most what the budget allows."""
    rows = int(pq.read_metadata(table_path(site.inputs.tables, "domains")).num_rows)
    return max(1, min(-(-rows // ROWS_PER_PAGE), site.budget.domain_listings))


def domain_listing_pages(site: Site, wanted: range) -> Iterator[Page]:
    """Some pages of the ranking of domains, counted from 0, 100 domains to a page."""
    table = ranked_domains(site)
    total = table.num_rows
    count = count_listings(site)
    table = table.slice(0, count * ROWS_PER_PAGE)
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
                    "links": {
                        "domain": site.domain_link(row["domain"], ""),
                        "category": _of_category(row["category"]),
                    },
                    "bar": bar_length(row["images"], largest),
                    "search": site.search_link("domain", row["domain"], ""),
                }
                for row in rows
            ],
            columns=domain_columns(),
            scripts=site.scripts["lists"],
            number=number,
            pager=pager("domains", number, count),
            first=start + 1,
            last=start + len(rows),
            total=total,
            listed_in_html=table.num_rows,
            listing=script_path("domains"),
            filtered=min(total, FILTERED),
            held=_held(table, total) if number == 1 else [],
        )


def _of_category(category: str | None) -> str | None:
    """The listing of the domains of a category: the filter reads its choice from there."""
    return f"domains.html#{urlencode({'category': category})}" if category else None


def domain_script(site: Site) -> Page:
    """The largest domains for the filter of the listing; the search has all of them."""
    table = ranked_domains(site)
    about = LongList(
        name="domains",
        called="domains",
        field="domain",
        figure="images",
        columns=domain_columns(),
        facets=[("category", "Category"), ("platform", "Platform")],
        total=table.num_rows,
        inside=True,
    )
    lines = [
        {**row, "slug": site.domain_slugs.get(row["domain"])}
        for row in rows_of(table.slice(0, FILTERED))
    ]
    return list_script(about, lines, site.inputs)


def ranked_domains(site: Site) -> pa.Table:
    """The domains as a page prints them: ties share a rank, and each has a cumulative share.

    That is the share of all images that it and those before it have together.
    """
    table = read_table(site.inputs.tables, "domains")
    images = table.column("images")
    ranks = pa.array(shared_places(images.to_pylist()), pa.int64())
    sums = pc.cumulative_sum(images.cast(pa.float64()))
    cumulative = pc.divide(sums, table.column("denominator").cast(pa.float64()))
    place = table.schema.get_field_index("rank")
    return table.set_column(place, "rank", ranks).append_column("cumulative", cumulative)


def _held(table: pa.Table, total: int) -> list[tuple[int, float]]:
    """What share of all images the largest 10, 100, 1,000 … domains have together."""
    sizes = [size for size in HELD_BY if size < total and size <= table.num_rows]
    return [(size, table.column("cumulative")[size - 1].as_py()) for size in sizes]


def domain_pages(site: Site) -> Iterator[Page]:
    """The page of every domain that has one, in the order of the ranking."""
    root = "../"
    table = ranked_domains(site)
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
            compare=site.compare_link("domain", row["domain"], root),
            platform_search=site.search_link("platform", row["platform"], root)
            if row["platform"]
            else None,
            tiles=tiles,
            total=total,
        )
