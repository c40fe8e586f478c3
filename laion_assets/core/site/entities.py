"""Listings of artists, celebrities and characters: the ranking, and who is on the list.

Names without a single image follow from A to Z (`alphabet`): that none was found is an answer. The
lists differ only in what `core.names.registry` says of them. Their pages are in `names`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from laion_assets.core.base.budget import ROWS_PER_PAGE
from laion_assets.core.names.registry import LIFE, ListColumn, NameList
from laion_assets.core.site.alphabet import Rest, alphabet_pages, alphabet_stem
from laion_assets.core.site.columns import Column, Kind, declared
from laion_assets.core.site.drawing import bar_length
from laion_assets.core.site.formats import NOT_APPLICABLE, UNKNOWN
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.list_scripts import LongList, list_script, script_path
from laion_assets.core.site.model import Site, zero_bound
from laion_assets.core.site.ranking import page_path, pager, shared_places
from laion_assets.core.site.tables import Row, read_table, rows_of

#: What the values of the facet `life` rest on.
LIVES = {
    "died": "died (year of death on the list)",
    "living": "living, as far as the list knows",
}

#: Longest breakdown printed; the rest is summed into one line.
BREAKDOWN_ROWS = 15


def listing_pages(site: Site, about: NameList) -> Iterator[Page]:
    """The names that are found, ranked, 100 to a page; then all others from A to Z."""
    table = about.name
    rows = ranked(rows_of(read_table(site.inputs.tables, table)))
    statistics = site.headline.names[table]
    ranking = rows[: min(statistics.found, site.rankings[table] * ROWS_PER_PAGE)]
    others = rows[len(ranking) :]
    rest = Rest(
        name=table,
        title=about.title,
        key="name",
        zeros="listed names are in no caption",
        listed=len(rows),
        found=statistics.found,
        ranked=len(ranking),
        bound=zero_bound(site),
    )
    largest = rows[0]["images_likely"] if rows else None
    starts = list(range(0, max(1, len(ranking)), ROWS_PER_PAGE))
    for number, start in enumerate(starts, 1):
        chunk = ranking[start : start + ROWS_PER_PAGE]
        yield site.render(
            "entities.html",
            page_path(table, number),
            title=about.title if number == 1 else f"{about.title}, page {number}",
            about=about,
            columns=list_columns(about),
            scripts=site.scripts["lists"],
            statistics=statistics,
            rows=[_listing_row(site, about, row, largest) for row in chunk],
            breakdowns=_breakdowns(site, about) if number == 1 else [],
            zero=rest.bound,
            number=number,
            pager=pager(table, number, len(starts)),
            first=start + 1,
            last=start + len(chunk),
            counts=rest,
            listing=script_path(table),
            alphabet=page_path(alphabet_stem(table), 1) if others else None,
        )
    yield from alphabet_pages(site, rest, others)
    yield _script(site, about, rows)


def list_columns(about: NameList) -> list[Column]:
    """The columns of a list's ranking: the figure it is by comes first and stands out."""
    columns = [
        Column("rank", "Rank", title="place by likely images; names that tie share theirs"),
        Column("name", "Name", head=True),
        Column("images_likely", "Likely images", style="main"),
        Column("share", "Share", title="likely images divided by all published images"),
        Column("images_likely", "Bar", "bar"),
        *(_fact_column(about.column(name)) for name in about.shown),
        Column("images", "With the name"),
        Column("unique_urls", "Unique URLs"),
        Column("unique_captions", "Unique captions"),
    ]
    return declared(columns, about.name)


def _script(site: Site, about: NameList, rows: Sequence[Row]) -> Page:
    """All names of a list for the filter of its pages, with everything the list says of them."""
    columns = list_columns(about)
    shown = {column.key for column in columns}
    more = [
        Column("aliases", "Aliases", "list"),
        Column("ambiguous", "Ambiguous", "flag"),
        *([Column(LIFE, "Living or dead")] if about.tells_life else []),
        *(
            _fact_column(column)
            for column in about.columns
            if column.kind != "flag" and column.name not in shown
        ),
    ]
    facets = [(name, about.column(name).label) for name in about.facets]
    said = LongList(
        name=about.name,
        called="names",
        field=about.singular,
        figure="images_likely",
        columns=[*columns, *more],
        facets=[
            *((n, "Living or dead" if n == LIFE else label) for n, label in facets),
            ("ambiguous", "Ambiguous"),
        ],
        total=len(rows),
        found="images",
    )
    lines = [
        {
            **row,
            **{
                column.name: fact_value(row, column)
                for column in about.columns
                if column.name in row
            },
            "rank": row["rank"] if row["images"] else None,  # nobody ranks who are not found
            "share": row["share_likely"],
            "slug": site.name_slugs.get((about.name, row["name"])),
        }
        for row in rows
    ]
    return list_script(said, lines, site.inputs)


def ranked(rows: Sequence[Row]) -> list[Row]:
    """The rows of a list with the places that a page prints: those who tie share theirs.

    Within a kind likewise. The share is that of the figure the ranking is by.
    """
    places = shared_places(row["images_likely"] for row in rows)
    kinds: dict[str, list[Row]] = {}
    made = []
    for row, place in zip(rows, places, strict=True):
        whole = row["denominator"]
        share = row["images_likely"] / whole if whole else None
        made.append({**row, "rank": place, "share_likely": share})
        kinds.setdefault(row["kind"], []).append(made[-1])
    for members in kinds.values():
        shared = shared_places(row["images_likely"] for row in members)
        for row, place in zip(members, shared, strict=True):
            row["rank_in_kind"] = place
    return made


def _listing_row(site: Site, about: NameList, row: Row, largest: int | None) -> dict[str, Any]:
    facts = {name: fact_value(row, about.column(name)) for name in about.shown}
    return {
        **row,
        **facts,
        "share": row["share_likely"],
        "links": {"name": site.name_link(about.name, row["name"], "", found=row["images"] > 0)},
        "flag": "ambiguous" if row["ambiguous"] else "",
        "bar": bar_length(row["images_likely"], largest),
        "search": site.search_link(about.singular, row["name"], "") if row["images"] else None,
    }


def fact_value(row: Row, column: ListColumn) -> Any:
    """A listed fact; someone who is living, as far as the list knows, has no year of death."""
    if column.name == "died" and row["life"] == "living":
        return NOT_APPLICABLE
    return row[column.name]


def _fact_column(column: ListColumn) -> Column:
    """A column of a list's own: several values are joined by commas, a missing one is unknown."""
    kind: Kind = "year" if column.kind == "year" else "list"
    missing = NOT_APPLICABLE if column.optional else UNKNOWN
    return Column(column.name, column.label, kind, missing=missing)


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
