"""Reading one untrusted JSON file: its columns, and its rows in batches, whatever its shape.

An object a line is the common shape, and the fast one: each line is parsed alone, so that damage
costs a line. Not here: telling the shape (`json_shapes`), lines (`text_lines`), values that go over
lines (`json_text`), names and values of columns (`json_names`), what every text file gives
(`row_batches`).
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.json_names import Names, in_bytes, row_reader, written
from laion_assets.core.reading.json_shapes import member_of, tell_shape
from laion_assets.core.reading.json_text import (
    Damage,
    Text,
    array_items,
    limited,
    members,
    object_items,
    open_text,
    rows_of,
)
from laion_assets.core.reading.layout import FileLayout, SourceConventions, SourceDescription
from laion_assets.core.reading.row_batches import Row, damaged_row, row_tables
from laion_assets.core.reading.text_lines import MAX_LINE, open_lines
from laion_assets.core.sources.formats import FileFormat

#: Rows, and bytes of lines, of a file that are looked at for the names of its columns.
_KEY_ROWS = 10_000
_KEY_BYTES = 64 << 20


def describe_json(path: Path, dataset: SourceConventions, layout: FileFormat) -> SourceDescription:
    """Find a file's shape and columns, map them and count its rows, which takes reading all of it.

    Raises BadSourceFile, with one clear line, when it has no URL or caption column or cannot be
    read to its end.
    """
    layout, columns = tell_shape(path, dataset, layout)
    if columns is not None:
        names, mapping, rows = columns
        mapping = dict(mapping)
    else:
        look = _look_at_lines if layout.shape == "lines" else _look_at_values
        names, rows = look(path, layout)
        mapping = names.map(dataset)
    return SourceDescription(
        rows=rows,
        row_groups=0,
        columns=names.shown(mapping),
        layout=FileLayout(mapping, layout),
    )


def _look_at_lines(path: Path, layout: FileFormat) -> tuple[Names, int]:
    """Return the names in the first lines of a file of an object a line, and how many lines."""
    names = Names()
    rows = size = 0
    with open_lines(path, layout) as lines:
        for line in lines:
            rows += 1
            size += len(line)
            if rows <= _KEY_ROWS and size <= _KEY_BYTES:
                names.add(_parse(line) or {})
    return names, rows


def _look_at_values(path: Path, layout: FileFormat) -> tuple[Names, int]:
    """Return the names in the first rows of any other file, and how many rows."""
    names = Names()
    rows = 0
    with open_text(path, layout) as text:
        for row in limited(_values(text, layout), path):
            rows += 1
            if rows <= _KEY_ROWS and not isinstance(row, Damage):
                names.add(row)
    return names, rows


def read_json(
    path: Path, mapping: Mapping[str, str], layout: FileFormat, batch_rows: int
) -> Iterator[pa.Table]:
    """Yield the mapped columns of a file in tables of at most `batch_rows` rows.

    Raises BadSourceFile when the file cannot be read to its end.
    """
    with ExitStack() as opened:
        rows: Iterator[Row]
        if layout.shape == "lines":
            rows = _rows_of_lines(opened.enter_context(open_lines(path, layout)), mapping)
        elif layout.shape == "columns":
            values = _columns(path, mapping, layout, opened)
            rows = _rows_of_values(limited(values, path), mapping)
        else:
            text = opened.enter_context(open_text(path, layout))
            rows = _rows_of_values(limited(_values(text, layout), path), mapping)
        yield from row_tables(rows, tuple(mapping), batch_rows)


def _rows_of_lines(lines: Iterator[bytes], mapping: Mapping[str, str]) -> Iterator[Row]:
    read, ours = row_reader(mapping), tuple(mapping)
    for line in lines:
        found = _parse(line)
        row = None if found is None else read(found)
        yield damaged_row(line, ours) if row is None else row


def _rows_of_values(
    values: Iterator[dict[str, Any] | Damage], mapping: Mapping[str, str]
) -> Iterator[Row]:
    read, ours = row_reader(mapping), tuple(mapping)
    for found in values:
        row = None if isinstance(found, Damage) else read(found)
        if row is None:
            text = found.text if isinstance(found, Damage) else written(found)
            row = damaged_row(in_bytes(text), ours)
        yield row


def _parse(line: bytes) -> dict[str, Any] | None:
    """Return the object a line holds; None when it holds none.

    Bytes that are not UTF-8 survive as lone surrogates, so that they reject their row as such.
    """
    if len(line) > MAX_LINE:
        return None
    try:
        found = json.loads(line.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):  # no JSON, a number of 5,000 digits, brackets without end
        bare = line.rstrip(b" \t\r,")  # as in an array, whose brackets were left out
        return _parse(bare) if len(bare) < len(line) else None
    return found if isinstance(found, dict) else None


def _values(text: Text, layout: FileFormat) -> Iterator[dict[str, Any] | Damage]:
    """Yield the rows of a file of which each is a value of its own."""
    try:
        if layout.shape == "members":
            for _, value in object_items(text):
                yield value if isinstance(value, dict) else Damage(written(value))
            return
        if layout.within:
            _go_to(text, {layout.within})
        yield from rows_of(text, within=bool(layout.within))
    except ValueError as error:
        raise _damaged(text) from error


def _go_to(text: Text, wanted: set[str]) -> str:
    """Go to the value of the next member that is wanted; return its name. Raises ValueError."""
    for name in members(text):
        if name in wanted:
            return name
        _pass(text)
    raise ValueError("no such member")


def _pass(text: Text) -> None:
    """Go past a value, which may be of any size if it is a list or an object."""
    try:
        text.value()
    except ValueError:
        for _ in array_items(text) if text.peek() == "[" else object_items(text):
            pass


def _columns(
    path: Path, mapping: Mapping[str, str], layout: FileFormat, opened: ExitStack
) -> Iterator[dict[str, Any]]:
    """Yield the rows of an object of columns, each of which is read by itself, side by side."""
    places = _places(path, set(mapping.values()), layout)
    columns = []
    for place in places.values():
        text = opened.enter_context(open_text(path, layout))
        text.jump(place)
        columns.append(_column(text))
    for items in zip_longest(*columns):
        if None in items or len({key for key, _ in items}) > 1:
            raise BadSourceFile("is damaged: its columns do not have the same rows")
        yield dict(zip(places, (value for _, value in items), strict=True))


def _places(path: Path, wanted: set[str], layout: FileFormat) -> dict[str, int]:
    """Return where in a file's text the values of each member begin that has a column of ours."""
    places: dict[str, int] = {}
    with open_text(path, layout) as text:
        try:
            for name in members(text):
                if any(theirs == name or theirs.startswith(f"{name}.") for theirs in wanted):
                    places.setdefault(name, text.place)
                _pass(text)
        except ValueError as error:
            raise _damaged(text) from error
    used = {member_of(theirs, places) for theirs in wanted}
    return {name: place for name, place in places.items() if name in used}


def _column(text: Text) -> Iterator[tuple[str | None, Any]]:
    try:
        if text.peek() == "[":
            yield from ((None, value) for value in array_items(text))
        else:
            yield from object_items(text)
    except ValueError as error:
        raise _damaged(text) from error


def _damaged(text: Text) -> BadSourceFile:
    return BadSourceFile(
        f"is damaged: what it holds at character {text.place + 1:,} is no JSON, or is a value of "
        "more than 1 MiB"
    )
