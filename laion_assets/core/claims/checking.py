"""What the merged tables say to a claim: the value here, out of what, and a verdict.

Lives here: picking a claim's rows, reading the value off them, comparing. Not here: what a claim
may say (`claim_files`), how any of it is shown (`core.site.claims`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.claims.claim_files import Claim
from laion_assets.core.tables.declarations import TEXT

Verdict = Literal["confirmed", "lower here", "higher here", "not found here", "does not apply"]

VERDICTS: tuple[Verdict, ...] = (
    "confirmed", "lower here", "higher here", "not found here", "does not apply",
)  # fmt: skip
#: Columns that hold places, 1 first.
_PLACES = frozenset({"rank", "rank_in_kind", "position"})
#: What rounding may do to a share of equal numbers.
_ROUNDING = 1e-12
#: Measures of the `nsfw` table that say something of rows with a punsafe score alone.
_OF_PUNSAFE = frozenset({"punsafe", "threshold", "visibility", "top_cluster"})
#: Measures of the `quality` table that are of scores and sizes.
_OF_SCORES = frozenset({"aesthetic", "similarity", "pwatermark", "megapixels", "aspect"})


@dataclass(frozen=True)
class Checked:
    """What became of a claim.

    `value` is the number here in the units of the claim (a share is 0 to 1), None where there is
    none; it is `count` out of `whole`, which are `of` (`""` where the table's own rows are meant).
    `why` says why a claim does not apply.
    """

    verdict: Verdict
    value: float | int | None = None
    count: int | None = None
    whole: int | None = None
    of: str = ""
    why: str = ""


def check_claim(claim: Claim, table: pa.Table | None, dataset: str, published: int) -> Checked:
    """Compare a claim with its table (None when it has none).

    `published` is what shares are of where the table does not say. A claim about another dataset
    has its value, and no verdict but that it does not apply.
    """
    if table is None:
        return Checked("does not apply", why="no table here can check it")
    found = _look_up(claim, table, published)
    if claim.datasets and dataset not in claim.datasets:
        return _without_verdict(found, f"said of another dataset, {_listed(claim.datasets)}")
    if found.verdict == "does not apply":
        return found
    value, figure = found.value, claim.published or 0
    if value is None or (value == 0 and figure > 0 and claim.holds != "at most"):
        return Checked("not found here", value, found.count, found.whole, found.of)
    below = value > figure if is_place(claim) else value < figure
    verdict: Verdict = "lower here" if below else "higher here"
    if _agrees(claim, value, figure):
        verdict = "confirmed"
    return Checked(verdict, value, found.count, found.whole, found.of)


def is_place(claim: Claim) -> bool:
    """Tell whether a claim's figure is a place, of which the largest number is the lowest."""
    return claim.take == "value" and claim.column in _PLACES


def _without_verdict(found: Checked, why: str) -> Checked:
    return Checked("does not apply", found.value, found.count, found.whole, found.of, why)


def _listed(names: tuple[str, ...]) -> str:
    return " or ".join(names)


def _agrees(claim: Claim, value: float, figure: float) -> bool:
    if claim.holds == "at least":
        return value >= figure
    if claim.holds == "at most":
        return value <= figure
    return abs(value - figure) <= claim.within * figure + _ROUNDING


def _look_up(claim: Claim, table: pa.Table, published: int) -> Checked:
    """Return the value of a claim here; the verdict is open unless nothing was scored."""
    within = table.slice(0, claim.first) if claim.first else table
    rows = within.filter(_picked(within, claim.where))
    unknown = unscored(claim, table)
    whole = _denominator(table, published)
    if unknown is not None and whole and unknown >= whole:
        return Checked("does not apply", why="no row here has that score")
    if claim.take == "rows":
        return Checked("confirmed", rows.num_rows, rows.num_rows, within.num_rows)
    if claim.take == "value":
        return _first_value(claim, rows, table)
    of = "rows with that score" if unknown else _population(claim)
    whole -= unknown or 0
    # No row is no zero: whoever is on no list was not looked for.
    total = (pc.sum(rows.column(claim.column)).as_py() or 0) if rows.num_rows else None
    if claim.take == "sum":
        return Checked("confirmed", total, total, whole, of)
    whole, of = (claim.of, "") if claim.of else (whole, of)
    share = total / whole if whole and total is not None else None
    return Checked("confirmed", share, total, whole, of)


def _first_value(claim: Claim, rows: pa.Table, table: pa.Table) -> Checked:
    """Return the value of the first row; none for a name that no image has, whatever its rank."""
    if not rows.num_rows or ("images" in rows.schema.names and not rows["images"][0].as_py()):
        return Checked("confirmed", None, None, table.num_rows)
    value = rows.column(claim.column)[0].as_py()
    return Checked("confirmed", value, None, table.num_rows)


def _picked(table: pa.Table, where: Mapping[str, Any]) -> pa.Array:
    """Return which rows are as `where` says; a text is also one of several separated by |."""
    picked = pa.array([True] * table.num_rows, pa.bool_())
    for name, wanted in where.items():
        column = table.column(name).combine_chunks()
        values = wanted if isinstance(wanted, list) else [wanted]
        fits = pc.is_in(column, pa.array(values, column.type))
        if column.type == TEXT:
            fits = pc.or_(fits, _hold_one(column, values))
        picked = pc.and_(picked, fits)
    return picked


def _hold_one(column: pa.Array, values: list[str]) -> pa.Array:
    """Return which cells are several texts separated by | with one of `values` among them."""
    held = np.zeros(len(column), np.bool_)
    several = pc.fill_null(pc.match_substring(column, "|"), fill_value=False)
    places = np.flatnonzero(np.asarray(several))
    cells = column.take(pa.array(places)).to_pylist()
    held[places] = [any(value in values for value in cell.split("|")) for cell in cells]
    return pa.array(held)


def unscored(claim: Claim, table: pa.Table) -> int | None:
    """Return how many rows have no score, where the claim is about a score; else None."""
    measure = claim.where.get("measure")
    if claim.table == "nsfw" and measure in _OF_PUNSAFE:
        measure = "punsafe"
    elif claim.table != "quality" or measure not in _OF_SCORES:
        return None
    rows = table.filter(_picked(table, {"measure": measure, "label": "unknown"}))
    return pc.sum(rows.column("images")).as_py() or 0


def _denominator(table: pa.Table, published: int) -> int:
    if "denominator" in table.schema.names and table.num_rows:
        largest: int | None = pc.max(table.column("denominator")).as_py()
        return published if largest is None else largest
    return published


def _population(claim: Claim) -> str:
    """Return what a table's counts are out of, in words."""
    if claim.table == "nsfw":
        return "rows kept"
    return "rows read" if claim.table == "quality" else "published images"
