"""Reading one untrusted file of JSON Lines: its columns, and its rows in batches.

Not here: lines (`text_lines`), what every text file gives (`row_batches`).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.layout import (
    MAX_COLUMNS,
    MAX_TEXT,
    FileLayout,
    SourceConventions,
    SourceDescription,
    end_whole,
)
from laion_assets.core.reading.row_batches import Row, damaged_row, row_tables
from laion_assets.core.reading.text_lines import MAX_LINE, open_lines
from laion_assets.core.sources.columns import TEXTS
from laion_assets.core.sources.formats import FileFormat

#: Lines, and bytes, of a file that are looked at for the names of its columns.
_KEY_LINES = 10_000
_KEY_BYTES = 64 << 20


def describe_json(
    path: Path, dataset: SourceConventions, layout: FileFormat, *, count: bool
) -> SourceDescription:
    """Find a file's columns, map them and count its rows if asked, which takes reading all of it.

    Raises BadSourceFile, with one clear line, when it has no URL or caption column or cannot be
    read to its end.
    """
    columns, rows = _json_columns(path, layout, to_the_end=count)
    mapping = dataset.map_columns(columns)
    return SourceDescription(
        rows=rows if count else None,
        row_groups=0,
        columns=tuple(columns),
        layout=FileLayout(mapping, layout),
    )


def _json_columns(path: Path, layout: FileFormat, *, to_the_end: bool) -> tuple[list[str], int]:
    """Return the names in the first lines of a JSON Lines file, in order, and how many lines.

    Unless `to_the_end`, lines beyond those are not counted.
    """
    names: dict[str, None] = {}
    rows = size = 0
    with open_lines(path, layout) as lines:
        for line in lines:
            rows += 1
            size += len(line)
            if rows <= _KEY_LINES and size <= _KEY_BYTES:
                names.update(dict.fromkeys(_parse(line) or ()))
                if len(names) > MAX_COLUMNS:
                    raise BadSourceFile(f"has more than {MAX_COLUMNS:,} columns")
            elif not to_the_end:
                break
    return list(names), rows


def read_json(
    path: Path, mapping: Mapping[str, str], layout: FileFormat, batch_rows: int
) -> Iterator[pa.Table]:
    """Yield the mapped columns of a file in tables of at most `batch_rows` rows.

    Raises BadSourceFile when the file cannot be read to its end.
    """
    with open_lines(path, layout) as lines:
        rows = map(_json_reader(mapping), lines, count(1))
        yield from row_tables(rows, tuple(mapping), batch_rows)


def _json_reader(mapping: Mapping[str, str]) -> Callable[[bytes, int], Row]:
    ours = tuple(mapping)

    def read(line: bytes, number: int) -> Row:
        found = _parse(line)
        if found is None:
            return damaged_row(line, ours, number)
        if any(isinstance(found.get(mapping[name]), list | dict) for name in TEXTS):
            return damaged_row(line, ours, number)
        return [_json_text(found.get(theirs)) for theirs in mapping.values()], False

    return read


def _parse(line: bytes) -> dict[str, Any] | None:
    """Return the object a line holds; None when it holds none.

    Bytes that are not UTF-8 survive as lone surrogates, so that they reject their row as such.
    """
    if len(line) > MAX_LINE:
        return None
    try:
        found = json.loads(line.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):  # no JSON, a number of 5,000 digits, brackets without end
        return None
    return found if isinstance(found, dict) else None


def _json_text(value: object) -> bytes | None:
    """Return a JSON value as the bytes of its text; a list or an object is no number."""
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    try:
        found = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        found = text.encode("utf-8", "surrogatepass")
    return found if len(found) <= MAX_TEXT else end_whole(found[:MAX_TEXT])
