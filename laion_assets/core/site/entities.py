"""Listings and pages of artists, celebrities and characters: one of each for each name.

Names without a single image are listed and get a page too: that none was found is an answer. The
three lists differ only in their facts, which :data:`LISTS` names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from laion_assets.core.site.drawing import bar_length
from laion_assets.core.site.headline import PRESUMED_DEAD_BEFORE, breakdown, life_status
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import FIELD_OF_TABLE, Site
from laion_assets.core.site.render import NOT_APPLICABLE, UNKNOWN, listed, year
from laion_assets.core.site.tables import BestRows, Row, read_table, rows_of

ROWS_PER_PAGE = 1_000
"""Rows of a ranking on one page (DESIGN §8); later ones follow on page 2, 3 …"""

YEAR_COLUMNS = ("born", "died")

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
        breakdowns=(("type", "By kind"), ("role", "By role"), ("gender", "By gender")),
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
        breakdowns=(("gender", "By gender"), ("occupation", "By occupation")),
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
    largest = rows[0]["images"] if rows else None
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
            breakdowns=_breakdowns(about, rows) if number == 1 else [],
            number=number,
            presumed_dead_before=PRESUMED_DEAD_BEFORE,
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
        "link": site.name_link(about.table, row["name"], ""),
        "bar": bar_length(row["images"], largest),
        "facts": [fact_text(row, column) for column, _ in about.columns],
    }


def fact_text(row: Row, column: str) -> str:
    """A listed fact as text: several values joined by commas, unknown when there is none.

    Someone who is living, as far as the list knows, has no year of death to be unknown.
    """
    if column == "died" and life_status(row["born"], row["died"]) == "living":
        return NOT_APPLICABLE
    if column in YEAR_COLUMNS:
        return year(row[column])
    return ", ".join(listed(row[column])) or UNKNOWN


def _breakdowns(about: ListPage, rows: Sequence[Row]) -> list[dict[str, Any]]:
    tables = []
    if about.people:
        words = {
            "died": "died (year of death on the list)",
            "living": "living, as far as the list knows",
            "unknown": UNKNOWN,
        }
        statuses = [words[life_status(row["born"], row["died"])] for row in rows]
        tables.append(_breakdown("Living or dead", rows, statuses))
    for column, title in about.breakdowns:
        # A cell with several values counts under its first: the shares then add up.
        values = [(listed(row[column]) or [UNKNOWN])[0] for row in rows]
        tables.append(_breakdown(title, rows, values))
    return tables


def _breakdown(title: str, rows: Sequence[Row], values: Sequence[str]) -> dict[str, Any]:
    lines = breakdown(rows, values)
    if len(lines) > BREAKDOWN_ROWS:
        kept, rest = lines[: BREAKDOWN_ROWS - 1], lines[BREAKDOWN_ROWS - 1 :]
        others = {key: sum(line[key] for line in rest) for key in ("listed", "found", "images")}
        lines = [*kept, {"value": f"{len(rest):,} others", **others}]
    return {"title": title, "rows": lines}


def name_pages(site: Site, table: str) -> Iterator[Page]:
    """The page of every name of one list that has one, in the order of the ranking."""
    about = LISTS[table]
    best = BestRows(read_table(site.inputs.tables, f"{table}_rows"), "name")
    rows = rows_of(read_table(site.inputs.tables, table))
    name_page = _name_page_renderer(site, about, best, rows)
    for place, row in enumerate(rows):
        if (table, row["name"]) in site.name_slugs:
            yield name_page(place, row)


def _name_page_renderer(
    site: Site, about: ListPage, best: BestRows, rows: Sequence[Row]
) -> Callable[[int, Row], Page]:
    root = "../"

    def neighbour(place: int) -> dict[str, Any] | None:
        if not 0 <= place < len(rows):
            return None
        row = rows[place]
        return {"row": row, "link": site.name_link(about.table, row["name"], root)}

    def render(place: int, row: Row) -> Page:
        tiles = [site.tile(image, root) for image in best.of(row["name"])]
        return site.render(
            "entity.html",
            f"{about.table}/{site.name_slugs[about.table, row['name']]}.html",
            title=row["name"],
            pictures=any(tile["picture"] for tile in tiles),
            noindex=about.people and row["died"] is None,
            about=about,
            row=row,
            facts=[(label, fact_text(row, column)) for column, label in about.facts],
            aliases=listed(row["aliases"]),
            context=listed(row["context"]),
            search=site.search_link(FIELD_OF_TABLE[about.table], row["name"], root),
            tiles=tiles,
            above=neighbour(place - 1),
            below=neighbour(place + 1),
            total=len(rows),
        )

    return render
