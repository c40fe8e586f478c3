"""What the first page says of the data: sentences written from the tables, and searches to try.

Lives here: which findings there are, how each is worded, the table it is from and the search that
shows it. Every number stands in a published table. Not here: the page (`pages`), claims of
others (`questions`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from laion_assets.core.names.registry import LISTS, PLATFORM, NameList
from laion_assets.core.site.formats import number, percent
from laion_assets.core.site.headline import TOP_DOMAINS
from laion_assets.core.site.model import Site
from laion_assets.core.site.tables import Row, read_table, rows_of

#: Findings on the first page, and searches that are suggested there.
MOST_FINDINGS = 6
MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence around what it is about, its table's page, and the search that shows it.

    `anchor` names it within the page.
    """

    anchor: str
    subject: str
    sentence: str
    table: str
    search: str | None = None


def findings(site: Site) -> list[Finding]:
    """The first of all that can be said, at most `MOST_FINDINGS`."""
    return [found for make in _MAKERS for found in make(site)][:MOST_FINDINGS]


def _concentration(site: Site) -> Iterator[Finding]:
    total = site.headline.tables["domains"]
    share = site.headline.share_of(site.headline.top_domains_images)
    if total > TOP_DOMAINS and share is not None:
        yield Finding(
            "concentration",
            f"The {TOP_DOMAINS} largest of {number(total)} domains",
            f"host {percent(share)} of all images.",
            "domains.html",
        )


def _platform(site: Site) -> Iterator[Finding]:
    rows = _top(site, "platforms", "images")
    if rows:
        first, others = rows[0], len(rows) - 1
        yield Finding(
            "platform",
            _with_others(first["platform"], others),
            f"{_verb('hosts', 'host', others)} more than any other platform on the list: "
            f"{number(first['images'])} images{_each(others)}, {percent(first['share'])}.",
            "platforms.html",
            site.search_link(PLATFORM, first["platform"], ""),
        )


def _named(about: NameList) -> Callable[[Site], Iterator[Finding]]:
    def make(site: Site) -> Iterator[Finding]:
        rows = _top(site, about.name, "images_likely")
        if rows:
            first, others = rows[0], len(rows) - 1
            yield Finding(
                about.singular,
                _with_others(first["name"], others),
                f"{_verb('is', 'are', others)} named most of all {about.title.lower()} on the "
                f"list: in {number(first['images_likely'])} captions{_each(others)}.",
                f"{about.name}.html",
                site.search_link(about.singular, first["name"], ""),
            )

    return make


def _absent(about: NameList) -> Callable[[Site], Iterator[Finding]]:
    def make(site: Site) -> Iterator[Finding]:
        statistics = site.headline.names[about.name]
        if statistics.listed:
            yield Finding(
                f"{about.singular}-zero",
                f"{number(statistics.zero)} of {number(statistics.listed)}",
                f"listed {about.title.lower()} are in no caption.",
                f"{about.name}.html",
            )

    return make


def _top(site: Site, table: str, column: str) -> list[Row]:
    """The rows that share the first place by a column; none where that is zero."""
    rows = rows_of(read_table(site.inputs.tables, table))
    most = max((row[column] for row in rows), default=0)
    return [row for row in rows if row[column] == most] if most else []


def _with_others(name: str, others: int) -> str:
    return name if others == 0 else f"{name} and {number(others)} more"


def _verb(one: str, several: str, others: int) -> str:
    return several if others else one


def _each(others: int) -> str:
    return " each" if others else ""


_MAKERS: tuple[Callable[[Site], Iterator[Finding]], ...] = (
    _concentration,
    _platform,
    *(_named(about) for about in LISTS.values()),
    *(_absent(about) for about in LISTS.values()),
)


def example_searches(site: Site) -> list[dict[str, Any]]:
    """Searches that find something here: a name, a domain, a name in a year, and the like."""
    found: list[tuple[str, str]] = [
        (about.singular, rows[0]["name"])
        for about in LISTS.values()
        if (rows := _top(site, about.name, "images_likely"))
    ]
    if domains := rows_of(read_table(site.inputs.tables, "domains").slice(0, 1)):
        found.append(("domain", domains[0]["domain"]))
    years = [row for row in _top_years(site) if row["url_year"] is not None]
    if years:
        found.append(("year", str(years[0]["url_year"])))
    links = [(value, site.search_link(field, value, "")) for field, value in found[:MOST_EXAMPLES]]
    return [{"text": text, "link": link} for text, link in links if link]


def _top_years(site: Site) -> list[Row]:
    rows = rows_of(read_table(site.inputs.tables, "years"))
    return sorted(rows, key=lambda row: -row["images"])
