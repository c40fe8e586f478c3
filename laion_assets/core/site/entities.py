"""Listings of artists, celebrities and characters: the ranking, and who is on the list.

Names without a single image are listed too: that none was found is an answer. The three lists
differ only in their facts, which :data:`LISTS` names. Their pages are in :mod:`names`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from laion_assets.core.site.drawing import bar_length
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site, zero_bound
from laion_assets.core.site.render import NOT_APPLICABLE, UNKNOWN, listed, year
from laion_assets.core.site.tables import Row, read_table, rows_of

ROWS_PER_PAGE = 1_000
"""Rows of a ranking on one page (DESIGN §8); later ones follow on page 2, 3 …"""

YEAR_COLUMNS = ("born", "died")

LIVES = {
    "died": "died (year of death on the list)",
    "living": "living, as far as the list knows",
}
"""What the values of the facet ``life`` rest on."""

BREAKDOWN_ROWS = 15
"""Longest breakdown printed; the rest is summed into one line."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """How one list of names is presented: words, facts and which breakdowns make sense."""

    table: str
    title: str
    one: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    breakdowns: tuple[tuple[str, str], ...]
    people: bool


LISTS = {
    "artists": ListPage(
        table="artists",
        title="Artists",
        one="artist",
        facts=(
            ("type", "Kind"),
            ("role", "Role"),
            ("born", "Born"),
            ("died", "Died"),
            ("nationality", "Nationality"),
            ("gender", "Gender"),
        ),
        columns=(("type", "Kind"), ("born", "Born"), ("died", "Died")),
        breakdowns=(
            ("life", "Living or dead"),
            ("type", "By kind"),
            ("role", "By role"),
            ("nationality", "By nationality"),
            ("gender", "By gender"),
        ),
        people=True,
    ),
    "celebrities": ListPage(
        table="celebrities",
        title="Celebrities",
        one="celebrity",
        facts=(
            ("occupation", "Occupation"),
            ("born", "Born"),
            ("died", "Died"),
            ("nationality", "Nationality"),
            ("gender", "Gender"),
        ),
        columns=(("occupation", "Occupation"), ("gender", "Gender")),
        breakdowns=(
            ("life", "Living or dead"),
            ("gender", "By gender"),
            ("occupation", "By occupation"),
            ("nationality", "By nationality"),
        ),
        people=True,
    ),
    "characters": ListPage(
        table="characters",
        title="Characters",
        one="character",
        facts=(("franchise", "Franchise"), ("medium", "Medium")),
        columns=(("franchise", "Franchise"), ("medium", "Medium")),
        breakdowns=(("franchise", "By franchise"), ("medium", "By medium")),
        people=False,
    ),
}


def listing_pages(site: Site, table: str) -> Iterator[Page]:
    """The ranking of one list, 1,000 names to a page, with its breakdowns on the first."""
    about = LISTS[table]
    rows = rows_of(read_table(site.inputs.tables, table))
    largest = rows[0]["images_likely"] if rows else None
    starts = list(range(0, max(1, len(rows)), ROWS_PER_PAGE))
    for number, start in enumerate(starts, 1):
        chunk = rows[start : start + ROWS_PER_PAGE]
        yield site.render(
            "entities.html",
            page_path(table, number),
            title=about.title if number == 1 else f"{about.title}, page {number}",
            about=about,
            statistics=site.headline.names[table],
            rows=[_listing_row(site, about, row, largest) for row in chunk],
            breakdowns=_breakdowns(site, about) if number == 1 else [],
            zero=zero_bound(site),
            number=number,
            pager=pager(table, number, len(starts)),
            first=start + 1,
            last=start + len(chunk),
            total=len(rows),
        )


def page_path(stem: str, number: int) -> str:
    """``stem.html`` for the first page of a listing, ``stem-2.html`` for the second."""
    return f"{stem}.html" if number == 1 else f"{stem}-{number}.html"


def pager(stem: str, number: int, count: int) -> list[dict[str, Any]]:
    """Links among the pages of a listing: ends, neighbours and the page itself; none for one."""
    if count == 1:
        return []
    shown = sorted(
        {1, 2, number - 1, number, number + 1, count - 1, count} & {*range(1, count + 1)}
    )
    return [
        {
            "number": page,
            "path": page_path(stem, page),
            "current": page == number,
            "gap": position > 0 and page > shown[position - 1] + 1,
        }
        for position, page in enumerate(shown)
    ]


def _listing_row(site: Site, about: ListPage, row: Row, largest: int | None) -> dict[str, Any]:
    return {
        "row": row,
        "link": site.name_link(about.table, row["name"], "", found=row["images"] > 0),
        "bar": bar_length(row["images_likely"], largest),
        "facts": [fact_text(row, column) for column, _ in about.columns],
    }


def fact_text(row: Row, column: str) -> str:
    """A listed fact as text: several values joined by commas, unknown when there is none.

    Someone who is living, as far as the list knows, has no year of death to be unknown.
    """
    if column == "died" and row["life"] == "living":
        return NOT_APPLICABLE
    if column in YEAR_COLUMNS:
        return year(row[column])
    return ", ".join(listed(row[column])) or UNKNOWN


def name_facts(about: ListPage, row: Row) -> list[tuple[str, str]]:
    """What the list says of a name, with labels; no role is the rule, not something unknown."""
    return [
        (label, fact_text(row, column))
        for column, label in about.facts
        if column != "role" or row["role"]
    ]


def _breakdowns(site: Site, about: ListPage) -> list[dict[str, Any]]:
    """What the list says of its names, and how many of them are found, a table for each facet."""
    rows = rows_of(read_table(site.inputs.tables, f"{about.table}_facets"))
    tables = []
    for facet, title in about.breakdowns:
        lines = [row for row in rows if row["facet"] == facet]
        if facet == "role":
            # No role is the rule, not something unknown.
            lines = [row for row in lines if row["value"] != UNKNOWN]
        if len(lines) > BREAKDOWN_ROWS:
            lines = _shortened(lines)
        if facet == "life":
            lines = [{**row, "value": LIVES.get(row["value"], row["value"])} for row in lines]
        tables.append({"title": title, "rows": lines})
    return tables


def _shortened(lines: Sequence[Row]) -> list[Row]:
    """The first lines and the unknown one, the rest in one line; distinct images do not add up."""
    unknown = [line for line in lines if line["value"] == UNKNOWN]
    named = [line for line in lines if line["value"] != UNKNOWN]
    kept, rest = named[: BREAKDOWN_ROWS - 1], named[BREAKDOWN_ROWS - 1 :]
    others = {key: sum(line[key] for line in rest) for key in ("listed", "found")}
    return [*kept, {"value": f"{len(rest):,} others", **others, "images_likely": None}, *unknown]
