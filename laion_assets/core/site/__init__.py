"""The published site: merged tables in, page bytes out.

:func:`render_site` yields every file of the site except the search index and ``manifest.json``.
Nothing is written here; staging, exchanging and hashing belong to the asset layer. The same
tables, templates and settings give the same bytes: no clock, no chance, no network.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from laion_assets.core.site import domains, entities, names, pages, questions, statics
from laion_assets.core.site.downloads import DataFile, table_pages
from laion_assets.core.site.headline import summary_document
from laion_assets.core.site.inputs import (
    DatasetInfo,
    Page,
    SiteInputs,
    SourceInfo,
    Thresholds,
)
from laion_assets.core.site.model import Site, build_site
from laion_assets.core.site.safety import assign_slugs
from laion_assets.core.site.tables import ENTITY_TABLES, PUBLISHED_TABLES

__all__ = [
    "DatasetInfo",
    "Page",
    "SiteInputs",
    "SourceInfo",
    "Thresholds",
    "assign_slugs",
    "render_site",
]


def render_site(inputs: SiteInputs) -> Iterator[Page]:
    """Every page, data file and static file, in a fixed order and with pairwise distinct paths.

    Raises FileNotFoundError when a merged table, a template or the token table is missing.
    """
    site = build_site(inputs)
    yield pages.overview_page(site)
    yield from domains.domain_listing_pages(site)
    yield from domains.domain_pages(site)
    yield domains.platform_page(site)
    for table in ENTITY_TABLES:
        yield from entities.listing_pages(site, table)
        yield from names.name_pages(site, table)
    yield questions.questions_page(site)
    yield pages.years_page(site)
    yield pages.nsfw_page(site)
    yield pages.duplicates_page(site)
    yield pages.quality_page(site)
    yield pages.search_page(site)
    yield pages.about_page(site)
    yield pages.not_found_page(site)
    yield from _downloads(site)
    yield statics.robots_file()
    yield statics.headers_file(pictures=inputs.dataset.pictures == "ask")
    yield from statics.static_files(inputs.templates)
    yield statics.tokens_script(inputs.tokens)


def _downloads(site: Site) -> Iterator[Page]:
    """The data files one after another, then the page that lists them."""
    inputs = site.inputs
    files: dict[str, list[DataFile]] = {}
    for name in PUBLISHED_TABLES:
        files[name] = []
        for page in table_pages(inputs.tables, name, inputs.max_bytes):
            files[name].append(DataFile(page.path, len(page.content)))
            yield page
    summary = summary_document(site.headline, inputs.dataset, inputs.thresholds, inputs.sources)
    text = json.dumps(summary, ensure_ascii=False, indent=2, allow_nan=False)
    yield Page("data/summary.json", f"{text}\n".encode())
    yield pages.downloads_page(site, files)
