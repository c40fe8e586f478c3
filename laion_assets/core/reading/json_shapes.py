"""Which shape a JSON file has: its first characters tell, or else all of it.

An object a line is nearly always what a file is, and is told at once. One object that goes on for
the whole file is looked through once: it is a row, or holds the rows as an array, as its members,
or column by column. Lives here: telling. Not here: reading (`json_rows`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.json_names import Names
from laion_assets.core.reading.json_text import (
    MAX_VALUE,
    Text,
    array_items,
    members,
    object_items,
    open_text,
)
from laion_assets.core.reading.layout import SourceConventions
from laion_assets.core.sources.columns import NoColumn, shown_name
from laion_assets.core.sources.formats import FileFormat, JsonShape

#: Members of an object that may be columns or hold rows, and values of each that are looked at.
_MEMBERS_SEEN = 1_000
_VALUES_SEEN = 1_000
_OPEN = ("{", "[", ":", ",")  # what a line ends with that goes on in the next


class Columns(NamedTuple):
    """What is known of a file that is an object of columns, once it was looked through."""

    names: Names
    mapping: Mapping[str, str]
    rows: int


class Shape(NamedTuple):
    """A format with the shape of a file; and its columns where it is an object of them."""

    format: FileFormat
    columns: Columns | None = None


def tell_shape(path: Path, dataset: SourceConventions, layout: FileFormat) -> Shape:
    """Tell the shape of a file.

    Raises BadSourceFile when the file cannot be read, or is one object without rows.
    """
    with open_text(path, layout) as text:
        text.skip()
        if text.peek() != "{":
            shape: JsonShape | None = "values" if text.peek() == "[" else "lines"
        else:
            shape = _first_sight(text)
        if shape is not None:
            return Shape(replace(layout, shape=shape))
        outline = _Outline()
        outline.look(text)
        return outline.told(dataset, layout)


def _first_sight(text: Text) -> JsonShape | None:
    """Tell what a file that begins with an object is; None when all of it must be looked at.

    What was looked at stays ahead.
    """
    text.fill(4 * MAX_VALUE)
    start = text.at
    line, _, rest = text.text[start : start + 4 * MAX_VALUE].partition("\n")
    try:
        text.value()
    except ValueError:
        goes_on = not rest or line.rstrip().endswith(_OPEN)
        return None if goes_on else "lines"
    end = text.at
    text.at = start
    if end > start + len(line):
        return None if not text.text[end:].strip() else "values"
    after = line[end - start :].strip()
    if after:
        return "values" if after.startswith("{") else "lines"
    return "lines" if rest.strip() else None


def member_of(column: str, names: Iterable[str]) -> str:
    """Return which of the names a column is within: the one it is called, or begins with."""
    return next(name for name in names if column == name or column.startswith(f"{name}."))


def _maps(names: Names, dataset: SourceConventions) -> bool:
    """Tell whether there are the columns that every row needs."""
    try:
        names.map(dataset)
    except NoColumn:
        return False
    return True


@dataclass
class _Member:
    """A list or object within the outermost one: how it begins, and what is in it."""

    opening: str
    values: int = 0
    first: str | None = None  # the name of the first value, in an object
    rows: Names = field(default_factory=Names)  # of those values that are objects


class _Outline:
    """One object that is the whole file, looked through once."""

    def __init__(self) -> None:
        self._members: dict[str, _Member] = {}
        self._twice: set[str] = set()
        self._columns = Names()  # as if each member were a column of values
        self._row = Names()  # as if it were a row
        self._keyed = Names()  # as if each member were a row
        self._broken = False

    def look(self, text: Text) -> None:
        """Look at the object that begins here."""
        try:
            for number, name in enumerate(members(text)):
                self._look_at(name, text, seen=number < _MEMBERS_SEEN)
        except ValueError:
            self._broken = True

    def _look_at(self, name: str, text: Text, *, seen: bool) -> None:
        opening = text.peek()
        whole: Any = None
        items: Iterator[tuple[str | None, Any]] = iter(())
        if opening == "[":
            items = ((None, value) for value in array_items(text))
        else:
            try:
                whole = text.value()
            except ValueError:
                items = object_items(text)  # larger than a row, or damaged
            if isinstance(whole, dict):
                items = iter(whole.items())
        if not seen:
            for _ in items:
                pass
            return
        if opening in ("[", "{"):
            self._look_into(name, opening, items)
        self._row.look({name: [] if opening == "[" else whole})
        if isinstance(whole, dict):
            self._keyed.look(whole)

    def _look_into(self, name: str, opening: str, items: Iterator[tuple[str | None, Any]]) -> None:
        if name in self._members:
            self._twice.add(name)
        member = self._members[name] = _Member(opening)
        for key, value in items:
            if not member.values:
                member.first = key
            member.values += 1
            if member.values <= _VALUES_SEEN:
                self._columns.look({name: value})
                if isinstance(value, dict):
                    member.rows.look(value)
        if not member.values:
            self._columns.look({name: None})

    def told(self, dataset: SourceConventions, layout: FileFormat) -> "Shape":
        """Return what it is. Raises BadSourceFile, with what to say, when it has no rows."""
        columns = self._as_columns(dataset)
        if columns is not None:
            return Shape(replace(layout, shape="columns"), columns)
        if _maps(self._row, dataset):
            return Shape(replace(layout, shape="values"))
        for name, member in self._members.items():
            if member.opening == "[" and _maps(member.rows, dataset):
                return Shape(replace(layout, shape="values", within=name))
        if _maps(self._keyed, dataset):
            return Shape(replace(layout, shape="members"))
        if self._broken:  # perhaps an object like those after it
            return Shape(replace(layout, shape="values"))
        raise self._complaint(dataset)

    def _complaint(self, dataset: SourceConventions) -> BadSourceFile:
        """Return what is wrong with the first of what it may be of which something can be said."""
        lists = [each.rows for each in self._members.values() if each.opening == "["]
        objects = [each for each in self._members.values() if each.opening == "{"]
        rows = [self._keyed] if len(objects) == len(list(self._members)) > 1 else []
        complaints = []
        for names in (*rows, *lists, self._columns, self._row):
            try:
                names.map(dataset)
            except BadSourceFile as error:
                complaints.append(error)
        return next((each for each in complaints if type(each) is not NoColumn), complaints[-1])

    def _as_columns(self, dataset: SourceConventions) -> "Columns | None":
        """Return the members that are columns, if the required ones are all there."""
        if not _maps(self._columns, dataset):
            return None
        mapping = self._columns.map(dataset)
        sources = {theirs: member_of(theirs, self._members) for theirs in mapping.values()}
        found = [self._members[name] for name in sources.values()]
        if len({(each.opening, each.first) for each in found}) > 1:
            return None
        for name in sources.values():
            if name in self._twice:
                raise BadSourceFile(f"has more than one column named {shown_name(name)}")
        if self._broken:
            raise BadSourceFile("is damaged or cut short: its object of columns does not end")
        if len({each.values for each in found}) > 1:
            sizes = ", ".join(
                f"{shown_name(name)} {self._members[name].values:,}"
                for name in dict.fromkeys(sources.values())
            )
            raise BadSourceFile(f"has columns of different lengths: {sizes}")
        return Columns(self._columns, mapping, found[0].values)
