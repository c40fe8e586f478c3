"""The columns of a page's tables: what a cell holds, how it is written, by what it sorts.

Lives here: what templates name as `column(...)`, completed by what the merged table on the page is
declared to hold (`core.tables.registry`): the kind of value, its meaning, its unit. Not here: which
columns a page shows (its template), the markup (`cells`,
`partials/_table.html`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from markupsafe import Markup

from laion_assets.core.site.formats import (
    NOT_APPLICABLE,
    UNKNOWN,
    is_missing,
    listed,
    number,
    percent,
    score,
    year,
)
from laion_assets.core.site.tables import Row
from laion_assets.core.tables import declarations
from laion_assets.core.tables.registry import TABLES

Kind = Literal[
    "text", "list", "flag", "number", "percent", "score", "times", "year",  # values
    "bar", "bars", "caption", "links", "url",  # what the macro draws
]  # fmt: skip

_NUMBERS = frozenset({"number", "percent", "score", "times", "year"})
#: Where there is no value, there is one that nobody knows; elsewhere none is called for.
_ESTIMATES = _NUMBERS - {"number"}

_WRITERS: Mapping[str, Callable[[Any], str]] = {
    "number": number,
    "percent": percent,
    "score": score,
    "times": lambda value: score(value, 1),
    "year": year,
    "bar": lambda value: percent(value) if isinstance(value, float) else number(value),
    "bars": percent,
}
#: What a meaning says of a cell without a value: a page says "unknown" or a dash there.
_IN_FILES_ONLY = re.compile(r"[,;] empty when .*")


@dataclass(frozen=True)
class Column:
    """One column of a table on a page.

    `key` is the row's column, `label` the heading. `head` marks the cells that name their row.
    `kind` and `title` (the heading's tooltip) are the declared ones unless given; `missing` is what
    stands where a row has no value, `style` is a class of its cells.
    """

    key: str
    label: str
    kind: Kind = "text"
    head: bool = False
    missing: str = ""
    style: str = ""
    title: str = ""

    @cached_property
    def is_number(self) -> bool:
        """Whether its cells sort as numbers."""
        return self.kind in _NUMBERS

    @cached_property
    def is_right(self) -> bool:
        """Whether its cells stand to the right: numbers do, names of rows do not."""
        return self.is_number and not self.head

    @cached_property
    def is_drawn(self) -> bool:
        """Whether its cells are bars, whose heading nobody needs to see."""
        return self.kind in ("bar", "bars")

    @cached_property
    def is_text(self) -> bool:
        """Whether its cells are one text, and nothing is drawn or listed in them."""
        return not self.is_drawn and self.kind not in ("caption", "links", "url")

    @cached_property
    def tag(self) -> str:
        """The element of its cells."""
        return "th" if self.head else "td"

    @cached_property
    def attributes(self) -> Markup:
        """The attributes all its cells have."""
        scope = Markup(' scope="row"') if self.head else Markup()
        return scope + (Markup(' class="{}"').format(self.classes) if self.classes else Markup())

    @cached_property
    def is_sortable(self) -> bool:
        """Whether one can tell by its cells which row comes first."""
        return not self.is_drawn and self.kind not in ("links", "url")

    @cached_property
    def classes(self) -> str:
        """The classes of its cells."""
        drawn = {"bar": "bar-cell", "bars": "bar-cell", "caption": "text"}.get(self.kind, "")
        return " ".join(filter(None, ("number" if self.is_right else "", drawn, self.style)))

    def text(self, row: Row) -> str:
        """The row's value as a reader sees it; what a page put there as text stays."""
        value = row[self.key]
        if value == "" or is_missing(value):
            return self.missing or (UNKNOWN if self.kind in _ESTIMATES else NOT_APPLICABLE)
        if self.kind == "flag":
            return "yes" if value else "no"
        if self.kind == "list":
            return ", ".join(listed(value))
        return value if isinstance(value, str) else _WRITERS.get(self.kind, str)(value)

    def sort_value(self, row: Row, text: str) -> str | None:
        """What the row sorts by where its `text` does not say: a number, or nothing for no value.

        None where the text says it: the script takes a number's plain digits for what they are.
        """
        value = row[self.key]
        if value == "" or is_missing(value) or (self.is_number and isinstance(value, str)):
            return ""
        if not self.is_number:
            # A fact nobody knows; a name that happens to be that word is a name.
            return "" if value == UNKNOWN and not self.head else None
        plain = f"{value:.6g}" if isinstance(value, float) else str(value)
        return None if plain == text else plain


def declared(columns: Sequence[Column], table: str) -> list[Column]:
    """The columns with kind and tooltip as declared for the merged table; as given without one."""
    known = {column.name: column for column in TABLES[table].columns} if table else {}
    return [
        _completed(column, known[column.key]) if column.key in known else column
        for column in columns
    ]


def _completed(column: Column, about: declarations.Column) -> Column:
    kind = column.kind if column.kind != "text" else _kind_of(about)
    return replace(column, kind=kind, title=column.title or _tooltip(about, kind))


def _kind_of(about: declarations.Column) -> Kind:
    """The kind of value a declared column holds."""
    if about.type == declarations.FLAG:
        return "flag"
    if about.type in (declarations.COUNT, declarations.SMALL):
        return "year" if about.unit == "year" else "number"
    if about.type == declarations.NUMBER:
        if declarations.is_share(about):
            return "percent"
        return "times" if about.unit == "times" else "score"
    return "text"


def _tooltip(about: declarations.Column, kind: Kind) -> str:
    """Meaning and unit; a percentage and a year carry theirs."""
    meaning = _IN_FILES_ONLY.sub("", about.meaning)
    return (
        f"{meaning}; unit: {about.unit}" if about.unit and kind in ("number", "score") else meaning
    )
