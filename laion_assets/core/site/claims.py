"""`claims.html`: what was said of such data in public, and what the tables here say to it.

Lives here: how a claim, its check and its verdict are written, and where they lead. Not here: the
claims and their checking (`core.claims`), the tables they are checked by (`core.tables`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from laion_assets.core.claims.checking import VERDICTS, Checked, Verdict, check_claim, is_place
from laion_assets.core.claims.claim_files import Claim
from laion_assets.core.names.registry import LISTS
from laion_assets.core.site.downloads import csv_file, saved_name
from laion_assets.core.site.formats import NOT_APPLICABLE, number, percent
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site
from laion_assets.core.site.safety import one_line
from laion_assets.core.site.tables import read_table

#: Heading of claims that name none.
_NO_TOPIC = "More claims"
#: The list that the names of a table are on, where it is no table of a list itself.
_LIST_OF = {
    "study_artists": "artists",
    "study_artist_types": "artists",
    "study_celebrities": "celebrities",
    "study_internet": "celebrities",
} | {name: name for name in LISTS}
#: Pages that show a table of another name.
_PAGES = {"duplicate_clusters": "duplicates.html", "words": "downloads.html#words"}


#: The same as a file: what was said, the figure, the value here, the verdict.
FILE = "data/claims.csv"
_COLUMNS = (
    "id", "topic", "claim", "note", "figure", "here", "out_of", "difference", "verdict", "why",
    "table", "check", "source",
)  # fmt: skip


def claim_pages(site: Site) -> list[Page]:
    """Every claim with its check, by topic in the order of the files: a page, and a file of it."""
    tables: dict[str, pa.Table] = {}
    for claim in site.inputs.claims:
        if claim.table and claim.table not in tables:
            tables[claim.table] = read_table(site.inputs.tables, claim.table)
    topics: dict[str, list[dict[str, Any]]] = {}
    verdicts: Counter[str] = Counter()
    name, published = site.inputs.dataset.name, site.headline.published
    for claim in site.inputs.claims:
        checked = check_claim(claim, tables.get(claim.table), name, published)
        verdicts[checked.verdict] += 1
        topic = one_line(claim.topic) or _NO_TOPIC
        line = {**_line(site, claim, checked), "topic": topic, "source": one_line(claim.source)}
        topics.setdefault(topic, []).append(line)
    page = site.render(
        "claims.html",
        "claims.html",
        title="Claims",
        topics=topics,
        count=len(site.inputs.claims),
        tables=tables,
        verdicts=[
            (_plural(verdict) if verdicts[verdict] != 1 else verdict, verdicts[verdict])
            for verdict in VERDICTS
        ],
        sources=dict.fromkeys(filter(None, (one_line(c.source) for c in site.inputs.claims))),
        file=FILE,
        saved=saved_name(site.inputs.dataset, FILE.rpartition("/")[2]),
    )
    lines = [[line[name] for name in _COLUMNS] for topic in topics.values() for line in topic]
    return [page, Page(FILE, csv_file(_COLUMNS, lines))] if lines else [page]


def _plural(verdict: Verdict) -> str:
    return "do not apply" if verdict == "does not apply" else verdict


def _line(site: Site, claim: Claim, checked: Checked) -> dict[str, Any]:
    write = _writer(claim)
    return {
        "id": claim.id,
        "claim": one_line(claim.claim),
        "note": one_line(claim.note),
        "figure": one_line(claim.figure) or _figure(claim, write),
        "here": _here(claim, checked, write),
        "out_of": _out_of(claim, checked),
        "evidence": _evidence(site, claim, checked),
        "difference": _difference(claim, checked),
        "verdict": checked.verdict,
        "why": one_line(checked.why),
        "table": claim.table,
        "check": _check(claim),
    }


def _here(claim: Claim, checked: Checked, write: Callable[[Any], str]) -> str:
    if checked.value is not None:
        return write(checked.value)
    return "none" if claim.table else NOT_APPLICABLE


def _figure(claim: Claim, write: Callable[[Any], str]) -> str:
    return NOT_APPLICABLE if claim.published is None else write(claim.published)


def _writer(claim: Claim) -> Callable[[Any], str]:
    """Return how the claim's figures are written."""
    if claim.take == "share" or claim.column.startswith("share"):
        return percent
    return lambda value: number(value) if float(value).is_integer() else f"{value:,.6g}"


def _out_of(claim: Claim, checked: Checked) -> str:
    """Say what the value is out of: n of N, or N alone where the value is n."""
    if checked.value is None or not checked.whole or checked.value == checked.whole:
        return ""
    whole = f"{number(checked.whole)} {checked.of or 'rows'}"
    if claim.take == "share":
        return f"{number(checked.count)} of {whole}"
    if claim.take == "sum" and claim.column == "images":
        return f"of {whole}, {percent((checked.count or 0) / checked.whole)}"
    return f"of {whole}"


def _difference(claim: Claim, checked: Checked) -> str:
    """Say by how much the value here is above or below the figure."""
    if checked.verdict == "does not apply" or checked.value is None or claim.published is None:
        return NOT_APPLICABLE
    by = checked.value - claim.published
    if not by:
        return "none"
    if is_place(claim):
        places = f"{number(round(abs(by)))} {'place' if abs(by) == 1 else 'places'}"
        return f"{places} {'lower' if by > 0 else 'higher'}"
    sign = "+" if by > 0 else "\N{MINUS SIGN}"
    if _writer(claim) is percent:
        return f"{sign}{abs(by) * 100:.2g} percentage points"
    plain = f"{sign}{_writer(claim)(abs(by))}"
    if not claim.published or claim.take == "value":
        return plain
    # What is nearly all less is not all: only nothing is.
    part = min(abs(by) / claim.published * 100, 99.99) if by < 0 and checked.value else None
    return f"{plain} ({sign}{abs(by) / claim.published * 100 if part is None else part:.4g}%)"


def _check(claim: Claim) -> str:
    """Say in words which cell of the table it is."""
    if not claim.table:
        return ""
    taken = {
        "sum": f"{claim.column}",
        "share": f"{claim.column} as a share",
        "rows": "number of rows",
        "value": claim.column,
    }[claim.take]
    if claim.of:
        taken += f" of {number(claim.of)}"
    picked = [f"{name} {_values(value)}" for name, value in claim.where.items()]
    if claim.first:
        rows = "row" if claim.first == 1 else f"{number(claim.first)} rows"
        picked.append(f"first {rows}")
    return one_line(f"{taken}; {', '.join(picked)}" if picked else taken)


def _values(value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return " or ".join(f"“{v}”" if isinstance(v, str) else str(v).lower() for v in values)


def _evidence(site: Site, claim: Claim, checked: Checked) -> str | None:
    """Where the value can be looked at: a page or search of its own, else the table's page."""
    table, where = claim.table, claim.where
    if not table:
        return None
    found = bool(checked.value)
    own: str | None = None
    if isinstance(where.get("domain"), str) and found:
        own = site.domain_link(where["domain"], "")
    elif isinstance(where.get("platform"), str) and found:
        own = site.search_link("platform", where["platform"], "")
    elif isinstance(where.get("name"), str) and table in _LIST_OF:
        own = site.name_link(_LIST_OF[table], where["name"], "", found=found)
    elif isinstance(where.get("url_year"), int) and found:
        own = site.search_link("year", str(where["url_year"]), "")
    return own or _page_of(table)


def _page_of(table: str) -> str:
    """The page that shows a table."""
    if table.startswith("study_"):
        return f"questions.html#{table.removeprefix('study_').replace('_', '-')}"
    for name in LISTS:
        if table == f"{name}_facets":
            return f"{name}.html#facets"
        if table.startswith(f"{name}_"):
            return f"downloads.html#{table}"
    return _PAGES.get(table, f"{table}.html")
