"""Every file of the site but the search index and the manifest: the sections, and what has no page.

Lives here: which pages there are, in the order of the navigation, and the parts in which they are
made, so that several processes can (`workers`). A page more is an entry in `SECTIONS`, the function
that makes it and its template. Not here: any page, writing (`publish`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from laion_assets.core.base.processes import in_processes
from laion_assets.core.names.registry import LISTS, NameList
from laion_assets.core.site import (
    asking,
    claims,
    domains,
    entities,
    landings,
    names,
    pages,
    platforms,
    questions,
    statics,
)
from laion_assets.core.site.announcing import FEED, SEARCH, SITEMAP, announcements
from laion_assets.core.site.answers import FOLDER as ANSWERS
from laion_assets.core.site.answers import answer_pages
from laion_assets.core.site.archives import table_archives
from laion_assets.core.site.beside import beside_pages
from laion_assets.core.site.downloads import FORMATS, DataFile, table_pages
from laion_assets.core.site.headline import summary_document
from laion_assets.core.site.inputs import Page, SiteInputs
from laion_assets.core.site.menu import Entry
from laion_assets.core.site.model import Site, build_site
from laion_assets.core.tables.registry import PUBLISHED_TABLES

#: Makes some pages that follow one another.
Part = Callable[[], Iterable[Page]]

_LISTINGS = 50  # pages of the ranking of domains, to a part
_FEW = 1_000  # pages that one process makes sooner than a second one has begun


@dataclass(frozen=True, slots=True)
class Section:
    """Pages that belong together: their first, its label, the entry of the menu it is under, parts.

    The home page is under none: the site's name leads there.
    """

    path: str
    label: str
    menu: str
    parts: Callable[[Site], Sequence[Part]]


def render_site(inputs: SiteInputs, workers: int = 1) -> Iterator[Page]:
    """Every page, data file and static file, in a fixed order and with pairwise distinct paths.

    A large site is rendered by so many processes. Raises FileNotFoundError when a merged table, a
    template or the token table is missing.
    """
    site = _build(inputs)
    parts = _parts(site)
    many = len(site.domain_slugs) + len(site.name_slugs) > _FEW
    if workers > 1 and many:
        made: Iterable[Iterable[Page]] = in_processes(_begin, inputs, _render, len(parts), workers)
    else:
        made = (part() for _, part in parts)
    listed: list[str] = []
    data: dict[str, list[DataFile]] = {name: [] for name in PUBLISHED_TABLES}
    for (table, _), found in zip(parts, made, strict=True):
        for page in found:
            if table:
                data[table].append(DataFile(page.path, len(page.content)))
            if page.listed:
                listed.append(page.path)
            yield page
    downloads = pages.downloads_page(site, data)
    yield downloads
    yield pages.not_found_page(site)
    yield from announcements(site, [*listed, downloads.path])
    yield statics.robots_file(site.address(SITEMAP))
    yield statics.headers_file(pictures=inputs.dataset.pictures == "ask")
    yield from statics.static_files(inputs.templates)
    yield statics.tokens_script()


def _build(inputs: SiteInputs) -> Site:
    return build_site(inputs, MENU)


def _parts(site: Site) -> list[tuple[str, Part]]:
    """Return every part in order, those of data files with the name of their table."""
    listed = [("", part) for section in SECTIONS for part in section.parts(site)]
    data = [
        (name, partial(table_pages, site.inputs.tables, name, ending, site.inputs.max_bytes))
        for name in PUBLISHED_TABLES
        for ending in FORMATS
    ]
    zips = [(name, partial(table_archives, site, name)) for name in PUBLISHED_TABLES]
    answers = [
        ("", partial(make, site))
        for make in (answer_pages, beside_pages)
        if site.inputs.search_directory
    ]
    return [*data, *zips, ("", partial(_summary, site)), *answers, *listed]


#: What a process that renders works on.
_working: list[Part] = []


def _begin(inputs: SiteInputs) -> None:
    """Get ready to render in a process of its own."""
    _working[:] = [part for _, part in _parts(_build(inputs))]


def _render(number: int) -> list[Page]:
    """Render one of the parts."""
    return list(_working[number]())


def top_names() -> frozenset[str]:
    """Names of ours at the top of a site: pages, folders of pages, and what else stands there."""
    pages = [section.path for section in SECTIONS]
    folders = [path.removesuffix(".html") for path in pages]
    others = ("404.html", "_headers", "robots.txt", "manifest.json", "data", "search", "static")
    return frozenset((*pages, *folders, ANSWERS, SITEMAP, SEARCH, FEED, *others))


def _alone(make: Callable[[Site], Page]) -> Callable[[Site], Sequence[Part]]:
    """Return the one part of a section of one page."""
    return lambda site: [lambda: [make(site)]]


def _domains(site: Site) -> Sequence[Part]:
    count = domains.count_listings(site)
    listings = [
        partial(domains.domain_listing_pages, site, range(first, min(first + _LISTINGS, count)))
        for first in range(0, count, _LISTINGS)
    ]
    return [
        *listings,
        lambda: [domains.domain_script(site)],
        partial(domains.domain_pages, site),
    ]


def _platforms(site: Site) -> Sequence[Part]:
    return [partial(platforms.platform_pages, site)]


def _names(about: NameList, site: Site) -> Sequence[Part]:
    return [partial(entities.listing_pages, site, about), partial(names.name_pages, site, about)]


def _summary(site: Site) -> Iterator[Page]:
    inputs = site.inputs
    summary = summary_document(
        site.headline, inputs.dataset, inputs.thresholds, inputs.sources, inputs.build_id
    )
    text = json.dumps(summary, ensure_ascii=False, indent=2, allow_nan=False)
    yield Page("data/summary.json", f"{text}\n".encode())


SECTIONS = (
    Section("index.html", "Overview", "", _alone(pages.overview_page)),
    Section("search.html", "Search", "Search", _alone(asking.search_page)),
    Section("dossier.html", "Is my work in it?", "Search", _alone(asking.dossier_page)),
    Section("domains.html", "Domains", "Domains", _domains),
    Section("platforms.html", "Platforms", "Domains", _platforms),
    Section("names.html", "All lists", "Names", _alone(landings.names_page)),
    *(
        Section(f"{about.name}.html", about.title, "Names", partial(_names, about))
        for about in LISTS.values()
    ),
    Section("compare.html", "Compare", "Names", _alone(asking.compare_page)),
    Section("findings.html", "All findings", "Findings", _alone(landings.findings_page)),
    Section("questions.html", "Questions", "Findings", _alone(questions.questions_page)),
    Section("claims.html", "Claims", "Findings", lambda site: [lambda: claims.claim_pages(site)]),
    Section("years.html", "Years", "Findings", _alone(pages.years_page)),
    Section("nsfw.html", "Unsafe scores", "Findings", _alone(pages.nsfw_page)),
    Section("duplicates.html", "Duplicates", "Findings", _alone(pages.duplicates_page)),
    Section("quality.html", "Quality", "Findings", _alone(pages.quality_page)),
    Section("downloads.html", "Data", "Data", lambda _: ()),  # made last, of the files' sizes
    Section("about.html", "About", "About", _alone(pages.about_page)),
)


def _entry(label: str) -> Entry:
    """Return an entry of the menu, which leads to the first of its sections."""
    under = tuple((section.path, section.label) for section in SECTIONS if section.menu == label)
    return Entry(under[0][0], label, under)


#: What every page leads to.
MENU = tuple(
    _entry(label) for label in dict.fromkeys(section.menu for section in SECTIONS) if label
)
