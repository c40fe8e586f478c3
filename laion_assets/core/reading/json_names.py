"""The columns of JSON objects by name, and what of their values can be ours.

A member of an object within a row is a column too, by the names on the way to it: `image.url`.
Lives here: collecting names, picking values by them, values as bytes. Not here: where rows are in a
file (`json_text`, `json_shapes`).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.layout import MAX_COLUMNS, MAX_TEXT, SourceConventions, end_whole
from laion_assets.core.reading.row_batches import Row
from laion_assets.core.sources.columns import TEXTS, instead, shown_name

_DEEPEST = 8  # objects within objects whose members have names here
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_ONE, _TEXTS, _LIST = range(3)  # what a value is: one value, a list of texts, another list


class Names:
    """Names of columns, in the order of their first appearance, and what was seen under them."""

    def __init__(self) -> None:
        self._seen: dict[str, set[int]] = {}
        self._top: dict[str, None] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._seen)

    def add(self, row: Mapping[str, Any]) -> None:
        """Look at a row. Raises BadSourceFile when there are more columns than any table has."""
        self.look(row)
        if len(self._top) > MAX_COLUMNS:
            raise BadSourceFile(f"has more than {MAX_COLUMNS:,} columns")

    def look(self, row: Mapping[str, Any]) -> None:
        """Look at what may be a row; of many names, only the first are kept."""
        if len(self._top) <= MAX_COLUMNS:
            self._top.update(dict.fromkeys(row))
        for name, value in _leaves(row, "", 0):
            if name in self._seen or len(self._seen) < MAX_COLUMNS:
                kind = _kind(value)
                self._seen.setdefault(name, set()).update(() if kind is None else (kind,))

    def map(self, dataset: SourceConventions) -> dict[str, str]:
        """Return our column -> the name here; BadSourceFile when that cannot be."""
        mapping = dataset.map_columns(list(self), self._fits)
        for ours, theirs in mapping.items():
            if ours in TEXTS and not self._fits(ours, theirs):
                raise BadSourceFile(
                    f"column {shown_name(theirs)} holds lists, not text"
                    f"{instead(ours, list(self), self._fits)}"
                )
        return mapping

    def shown(self, mapping: Mapping[str, str]) -> tuple[str, ...]:
        """Return the columns' names, each object as one where none of its members is mapped."""
        opened = {
            name
            for name in self._top
            if any(theirs.startswith(f"{name}.") for theirs in mapping.values())
        }
        names = dict.fromkeys(name for name in self._top if name not in opened)
        inner = (f"{name}." for name in opened)
        starts = tuple(inner)
        names.update(dict.fromkeys(name for name in self._seen if name.startswith(starts)))
        return tuple(names)

    def _fits(self, ours: str, theirs: str) -> bool:
        seen = self._seen[theirs]
        return not seen or _ONE in seen or (ours == "caption" and _TEXTS in seen)


def _leaves(row: Mapping[str, Any], before: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _leaves(value, f"{before}{name}.", depth + 1)
        else:
            yield before + name, value


def _kind(value: object) -> int | None:
    """Return what a value is; None for one that says nothing."""
    if value is None or value == []:
        return None
    if isinstance(value, list):
        return _TEXTS if isinstance(_first(value), str | None) else _LIST
    return _ONE


def _first(values: list[Any]) -> Any:
    """Return the first value of a list that is not null."""
    return next((value for value in values if value is not None), None)


def row_reader(mapping: Mapping[str, str]) -> Callable[[Mapping[str, Any]], Row | None]:
    """Return what takes a row's values out of an object, in the order of the mapping.

    None comes for an object whose texts are none: a caption that is a list is its first text.
    """
    picks = [_picker(theirs) for theirs in mapping.values()]
    names = None if any("." in theirs for theirs in mapping.values()) else list(mapping.values())
    places = {ours: place for place, ours in enumerate(mapping) if ours in TEXTS}

    def read(row: Mapping[str, Any]) -> Row | None:
        values = [row.get(name) for name in names] if names else [pick(row) for pick in picks]
        for ours, place in places.items():
            value = values[place]
            if type(value) is str:
                continue
            if ours == "caption" and isinstance(value, list):
                values[place] = value = _first(value)
                if not isinstance(value, str | None):
                    return None
            if isinstance(value, list | dict):
                return None
        return [None if value is None else _text(value) for value in values], False

    return read


def _picker(name: str) -> Callable[[Mapping[str, Any]], Any]:
    if "." not in name:
        return lambda row: row.get(name)
    return lambda row: _pick(row, name)


def _pick(row: Mapping[str, Any], name: str) -> Any:
    """Return what a dotted name stands for; a member that is called so goes first."""
    if name in row:
        return row[name]
    head, dot, rest = name.partition(".")
    while dot:
        inner = row.get(head)
        found = _pick(inner, rest) if isinstance(inner, dict) else None
        if found is not None:
            return found
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return None


def _text(value: object) -> bytes:
    """Return a JSON value as the bytes of its text; a list or an object is no number."""
    text = value if isinstance(value, str) else written(value)
    try:
        found = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        found = in_bytes(text)
    return found if len(found) <= MAX_TEXT else end_whole(found[:MAX_TEXT])


def written(value: object) -> str:
    """Return a JSON value as it is written; nothing for one that is nested too deep to write."""
    try:
        return _ENCODER.encode(value)
    except RecursionError:
        return ""


def in_bytes(text: str) -> bytes:
    """Return a text's bytes: what was not UTF-8 as it was, lone surrogates as no UTF-8."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
