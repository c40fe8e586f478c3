"""Files of claims: what somebody said of such data, and which cell of which table checks it.

Lives here: what an entry of `claims.toml` means, reading those of the package and of the user's
folder, and what is wrong with one, in a line. Not here: which files there are
(`core.names.list_files`), looking a claim up in the tables (`checking`).
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.records import to_record, unknown, wrong
from laion_assets.core.base.typed_text import read_typed
from laion_assets.core.names.list_files import ListFiles
from laion_assets.core.names.registry import CLAIMS
from laion_assets.core.tables.declarations import COUNT, FLAG, NUMBER, SMALL, TEXT
from laion_assets.core.tables.registry import PUBLISHED_TABLES, TABLES

#: How a claim is read off the rows it picks.
Take = Literal["sum", "share", "rows", "value"]
#: When the value here agrees with the claim.
Holds = Literal["about", "at least", "at most"]

MOST_CLAIMS = 1_000  # on one page
LONGEST_TEXT = 1_000  # characters
LARGEST = 10.0**15
_LARGEST_FILE = 1 << 20  # bytes
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_SLUG = 80
#: Ids that the page has for itself.
_TAKEN = ("main",)
_NUMBERS = (COUNT, SMALL, NUMBER)
#: What a column holds, in Python and in words.
_KINDS: Mapping[pa.DataType, tuple[type | tuple[type, ...], str]] = {
    TEXT: (str, "a text"),
    FLAG: (bool, "true or false"),
    COUNT: (int, "a whole number"),
    SMALL: (int, "a whole number"),
    NUMBER: ((int, float), "a number"),
}


@dataclass(frozen=True)
class Claim:
    """One claim.

    `id` is its anchor, `claim` what was said, `figure` the published figure as it was printed,
    `published` the same as a number (a share between 0 and 1). It is checked against the merged
    table `table`: of its first `first` rows, those whose columns are as `where` says; of these the
    sum of `column`, that sum as a share (of a fixed number with `of`, else of what the table's
    shares are of), the number of rows, or the value of the first row. It `holds` when that is about
    (`within`, a part of the figure), at least or at most the figure. `datasets` names those it is
    about; none is any. `note` is what else there is to say. Without a table nothing here checks it.
    """

    id: str
    claim: str
    figure: str = ""
    published: int | float | None = None
    topic: str = ""
    source: str = ""
    datasets: tuple[str, ...] = ()
    table: str = ""
    where: dict[str, Any] = field(default_factory=dict)
    first: int | None = None
    column: str = "images"
    take: Take = "sum"
    of: int | None = None
    holds: Holds = "about"
    within: int | float = 0.02
    note: str = ""


@dataclass(frozen=True)
class _File:
    """A file: what all its claims have where they say nothing else, and the claims."""

    source: str = ""
    datasets: tuple[str, ...] = ()
    claims: tuple[dict[str, Any], ...] = ()


def load_claims(files: ListFiles | None = None) -> tuple[Claim, ...]:
    """Read every claim, in the order of the files; one of a later file takes another's place.

    Raises BadUsage, with file and entry, for the first thing that is wrong: TOML that is none, an
    unknown key, table or column, a value of the wrong kind, an id that is there twice.
    """
    claims: dict[str, Claim] = {}
    for path in (files or ListFiles()).paths(CLAIMS):
        claims |= _read(path)
    if len(claims) > MOST_CLAIMS:
        raise BadUsage(f"{len(claims):,} claims; {MOST_CLAIMS:,} at most fit on the page")
    return tuple(claims.values())


def _read(path: Path) -> dict[str, Claim]:
    """Return the claims of one file by their ids."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise BadUsage(f"{path}: {error.strerror}") from error
    if size > _LARGEST_FILE:
        raise BadUsage(f"{path}: {size:,} bytes; claims have {_LARGEST_FILE:,} at most")
    try:
        raw = tomllib.loads(read_typed(path).text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise BadUsage(f"{path}: no TOML: {error}") from error
    common = to_record(raw, _File, str(path))
    claims: dict[str, Claim] = {}
    for number, entry in enumerate(common.claims, start=1):
        where = f"{path}, claim {_named(entry, number)}"
        claim = to_record(entry, Claim, where)
        claim = replace(
            claim,
            source=claim.source or common.source,
            datasets=claim.datasets if "datasets" in entry else common.datasets,
        )
        for problem in _problems(claim):
            raise wrong(where, problem)
        if claim.id in claims:
            raise wrong(where, "an id that is there twice")
        claims[claim.id] = claim
    return claims


def _named(entry: Mapping[str, Any], number: int) -> str:
    """Return what a line of trouble calls an entry: its id where that is one, else its number."""
    name = entry.get("id")
    return name if isinstance(name, str) and _is_slug(name) else str(number)


def _is_slug(text: str) -> bool:
    return len(text) <= _LONGEST_SLUG and _SLUG.fullmatch(text) is not None


def _problems(claim: Claim) -> Iterator[str]:
    """Yield what is wrong with a claim, first things first."""
    if not _is_slug(claim.id) or claim.id in _TAKEN:
        yield (
            f"id is {claim.id[:_LONGEST_SLUG]!r}, not lower-case letters, digits and hyphens "
            "that no other id on the page has"
        )
    if not claim.claim.strip():
        yield "claim is empty"
    for entry in fields(claim):
        value = getattr(claim, entry.name)
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            yield f"{entry.name} has {len(value):,} characters; {LONGEST_TEXT:,} at most"
    for name in ("published", "within", "of", "first"):
        value = getattr(claim, name)
        if value is not None and not (math.isfinite(value) and 0 <= value <= LARGEST):
            yield f"{name} is {value!r:.40}, not a number from 0 to {LARGEST:,.0f}"
    if claim.within > 1:
        yield f"within is {claim.within!r}, not a number from 0 to 1: a part of the figure"
    if claim.first == 0 or claim.of == 0:
        yield f"{'first' if claim.first == 0 else 'of'} is 0, not a number of 1 or more"
    yield from _problems_of_table(claim)


def _problems_of_table(claim: Claim) -> Iterator[str]:
    """Yield what the tables do not have of what a claim is checked by."""
    if not claim.table:
        for name in ("where", "first", "of"):
            if getattr(claim, name):
                yield f"{name} goes with a table"
        return
    if claim.table not in PUBLISHED_TABLES:
        yield unknown("table", claim.table[:LONGEST_TEXT], PUBLISHED_TABLES)
        return
    if claim.published is None:
        yield "needs published: the figure as a number, a share between 0 and 1"
    if claim.of is not None and claim.take != "share":
        yield "of goes with take = 'share'"
    columns = {column.name: column.type for column in TABLES[claim.table].columns}
    if claim.take != "rows":
        if claim.column not in columns:
            yield unknown(f"column of {claim.table}", claim.column, list(columns))
            return
        if columns[claim.column] not in _NUMBERS:
            yield f"column is {claim.column!r}, which holds no numbers"
    yield from _problems_of_where(claim, columns)


def _problems_of_where(claim: Claim, columns: Mapping[str, pa.DataType]) -> Iterator[str]:
    """Yield what is wrong with how a claim picks rows."""
    for name, value in claim.where.items():
        if name not in columns:
            yield f"where: {unknown(f'column of {claim.table}', name, list(columns))}"
            return
        kind, words = _KINDS[columns[name]]
        values = value if isinstance(value, list) else [value]
        if not values or not all(_is(one, kind) for one in values):
            yield f"where: {name} is {str(value)[:40]!r}, not {words} or a list of such"


def _is(value: object, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
