"""Listings of artists, celebrities and characters: the ranking, and who is on the list.

Names without a single image are listed too: that none was found is an answer. The lists
differ only in what `core.names.registry` says of them. Their pages are in `names`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from laion_assets.core.base.budget import ROWS_PER_PAGE
from laion_assets.core.names.registry import LIFE, ListColumn, NameList
from laion_assets.core.site.columns import Column, Kind
from laion_assets.core.site.drawing import bar_length
from laion_assets.core.site.formats import NOT_APPLICABLE, UNKNOWN
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site, zero_bound
from laion_assets.core.site.tables import Row, read_table, rows_of

#: What the values of the facet `life` rest on.
LIVES = {
    "died": "died (year of death on the list)",
    "living": "living, as far as the list knows",
}

#: Longest breakdown printed; the rest is summed into one line.
BREAKDOWN_ROWS = 15


def listing_pages(site: Site, about: NameList) -> Iterator[Page]:
    """The ranking of one list, 1,000 names to a page, with its breakdowns on the first."""
    table = about.name
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
            facts=[_fact_column(about.column(name)) for name in about.shown],
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
    """`stem.html` for the first page of a listing, `stem-2.html` for the second."""
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


def _listing_row(site: Site, about: NameList, row: Row, largest: int | None) -> dict[str, Any]:
    facts = {name: fact_value(row, about.column(name)) for name in about.shown}
    return {
        **row,
        **facts,
        "links": {"name": site.name_link(about.name, row["name"], "", found=row["images"] > 0)},
        "flag": "ambiguous" if row["ambiguous"] else "",
        "bar": bar_length(row["images_likely"], largest),
    }


def fact_value(row: Row, column: ListColumn) -> Any:
    """A listed fact; someone who is living, as far as the list knows, has no year of death."""
    if column.name == "died" and row["life"] == "living":
        return NOT_APPLICABLE
    return row[column.name]


def _fact_column(column: ListColumn) -> Column:
    """A column of a list's own: several values are joined by commas, a missing one is unknown."""
    kind: Kind = "year" if column.kind == "year" else "list"
    return Column(column.name, column.label, kind, missing=UNKNOWN)


def name_facts(about: NameList, row: Row) -> list[tuple[str, str]]:
    """What the list says of a name, with labels; what is optional stands only where it is said."""
    return [
        (column.label, _fact_column(column).text({column.name: fact_value(row, column)}))
        for column in about.columns
        if column.kind != "flag" and (row[column.name] or not column.optional)
    ]


def _breakdowns(site: Site, about: NameList) -> list[dict[str, Any]]:
    """What the list says of its names, and how many of them are found, a table for each facet."""
    rows = rows_of(read_table(site.inputs.tables, f"{about.name}_facets"))
    tables = []
    for facet in about.facets:
        column = about.column(facet)
        lines = [row for row in rows if row["facet"] == facet]
        if column.optional:  # where it is not said, nothing is unknown
            lines = [row for row in lines if row["value"] != UNKNOWN]
        if len(lines) > BREAKDOWN_ROWS:
            lines = _shortened(lines)
        if facet == LIFE:
            lines = [{**row, "value": LIVES.get(row["value"], row["value"])} for row in lines]
        tables.append({"title": column.facet, "rows": lines})
    return tables


def _shortened(lines: Sequence[Row]) -> list[Row]:
    """The first lines and the unknown one, the rest in one line; distinct images do not add up."""
    unknown = [line for line in lines if line["value"] == UNKNOWN]
    named = [line for line in lines if line["value"] != UNKNOWN]
    kept, rest = named[: BREAKDOWN_ROWS - 1], named[BREAKDOWN_ROWS - 1 :]
    others = {key: sum(line[key] for line in rest) for key in ("listed", "found")}
    return [*kept, {"value": f"{len(rest):,} others", **others, "images_likely": None}, *unknown]
