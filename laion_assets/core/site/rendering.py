"""Every file of the site but the search index and the manifest: the sections, and what has no page.

Lives here: which pages there are, in the order of the navigation. A page more is an entry in
`SECTIONS`, the function that makes it and its template. Not here: any page, writing (`publish`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from laion_assets.core.names.registry import LISTS, NameList
from laion_assets.core.site import domains, entities, names, pages, questions, statics
from laion_assets.core.site.downloads import DataFile, table_pages
from laion_assets.core.site.headline import summary_document
from laion_assets.core.site.inputs import Page, SiteInputs
from laion_assets.core.site.model import Site, build_site
from laion_assets.core.tables.registry import PUBLISHED_TABLES


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the navigation: its first page, its label, and what makes its pages."""

    path: str
    label: str
    pages: Callable[[Site], Page | Iterable[Page]]


def render_site(inputs: SiteInputs) -> Iterator[Page]:
    """Every page, data file and static file, in a fixed order and with pairwise distinct paths.

    Raises FileNotFoundError when a merged table, a template or the token table is missing.
    """
    site = build_site(inputs, [(section.path, section.label) for section in SECTIONS])
    for section in SECTIONS:
        made = section.pages(site)
        yield from [made] if isinstance(made, Page) else made
    yield pages.not_found_page(site)
    yield statics.robots_file()
    yield statics.headers_file(pictures=inputs.dataset.pictures == "ask")
    yield from statics.static_files(inputs.templates)
    yield statics.tokens_script()


def top_names() -> frozenset[str]:
    """Names of ours at the top of a site: pages, folders of pages, and what else stands there."""
    pages = [section.path for section in SECTIONS]
    folders = [path.removesuffix(".html") for path in pages]
    others = ("404.html", "_headers", "robots.txt", "manifest.json", "data", "search", "static")
    return frozenset((*pages, *folders, *others))


def _domains(site: Site) -> Iterator[Page]:
    yield from domains.domain_listing_pages(site)
    yield from domains.domain_pages(site)


def _names(about: NameList, site: Site) -> Iterator[Page]:
    yield from entities.listing_pages(site, about)
    yield from names.name_pages(site, about)


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


SECTIONS = (
    Section("index.html", "Overview", pages.overview_page),
    Section("search.html", "Search", pages.search_page),
    Section("domains.html", "Domains", _domains),
    Section("platforms.html", "Platforms", domains.platform_page),
    *(
        Section(f"{about.name}.html", about.title, partial(_names, about))
        for about in LISTS.values()
    ),
    Section("questions.html", "Questions", questions.questions_page),
    Section("years.html", "Years", pages.years_page),
    Section("nsfw.html", "Unsafe scores", pages.nsfw_page),
    Section("duplicates.html", "Duplicates", pages.duplicates_page),
    Section("quality.html", "Quality", pages.quality_page),
    Section("downloads.html", "Downloads", _downloads),
    Section("about.html", "About", pages.about_page),
)
