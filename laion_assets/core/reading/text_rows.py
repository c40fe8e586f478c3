"""Reading one untrusted text file, csv, tsv or JSON Lines: its columns, and its rows in batches.

The tables are those that parquet gives (`parquet_rows`), with one column more: `damaged` marks the
rows whose line could not be split or parsed. Such a row has no URL, and the line as found in place
of its caption, so that it is rejected as `missing_url` with the line kept. A row is a record: a
line, or several where a quoted field of a csv file holds line ends. Blank lines are rows too.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.arrow_types import as_text
from laion_assets.core.reading.layout import (
    BATCH_BYTES,
    MAX_COLUMNS,
    MAX_TEXT,
    FileLayout,
    SourceConventions,
    SourceDescription,
    end_whole,
)
from laion_assets.core.reading.text_lines import (
    MAX_LINE,
    Record,
    count_records,
    open_lines,
    split_records,
)
from laion_assets.core.sources.columns import TEXTS, shown_name
from laion_assets.core.sources.formats import FileFormat

#: Lines, and bytes, of a JSON Lines file that are looked at for the names of its columns.
_KEY_LINES = 10_000
_KEY_BYTES = 64 << 20
#: A row's values in the order of the mapping, and whether its line was damaged.
_Row = tuple[list[bytes | None], bool]


def describe_text(path: Path, dataset: SourceConventions, layout: FileFormat) -> SourceDescription:
    """Find a text file's columns, map them and count its rows, which takes reading all of it.

    Raises BadSourceFile, with one clear line, when it has no URL or caption column or cannot be
    read to its end.
    """
    if layout.kind == "jsonl":
        columns, rows = _json_columns(path)
        mapping = dataset.map_columns(columns)
    else:
        layout, mapping = _look_at_header(path, dataset, layout)
        columns = list(layout.columns)
        with open_lines(path) as lines:
            rows = count_records(lines, layout, len(columns)) - bool(layout.header)
    for theirs in mapping.values():
        if columns.count(theirs) > 1:
            raise BadSourceFile(f"has more than one column named {shown_name(theirs)}")
    return SourceDescription(
        rows=rows, row_groups=0, columns=tuple(columns), layout=FileLayout(mapping, layout)
    )


def _look_at_header(
    path: Path, dataset: SourceConventions, layout: FileFormat
) -> tuple[FileFormat, dict[str, str]]:
    """Return the format with header and columns settled, and the mapping."""
    if layout.header is False:
        return layout, dataset.map_columns(layout.columns)
    with open_lines(path) as lines:
        first = next(split_records(lines, layout, None), None)
    names = [
        (name or b"").decode("utf-8", "replace").strip() for name in (first and first.fields) or ()
    ]
    if len(names) > MAX_COLUMNS:
        raise BadSourceFile(f"has {len(names):,} columns; at most {MAX_COLUMNS:,}")
    try:
        mapping = dataset.map_columns(names)
    except BadSourceFile as error:
        if layout.header:
            raise
        raise BadSourceFile(
            f"{error}; if its first line is a row, say header = false and columns under [format]"
        ) from error
    return replace(layout, header=True, columns=tuple(names)), mapping


def _records(lines: Iterator[bytes], layout: FileFormat) -> Iterator[Record]:
    """Yield the records of a csv or tsv file, the header left out."""
    records = split_records(lines, layout, len(layout.columns))
    return islice(records, 1, None) if layout.header else records


def _json_columns(path: Path) -> tuple[list[str], int]:
    """Return the names in the first lines of a JSON Lines file, in order, and how many lines."""
    names: dict[str, None] = {}
    rows = size = 0
    with open_lines(path) as lines:
        for line in lines:
            rows += 1
            size += len(line)
            if rows <= _KEY_LINES and size <= _KEY_BYTES:
                names.update(dict.fromkeys(_parse(line) or ()))
                if len(names) > MAX_COLUMNS:
                    raise BadSourceFile(f"has more than {MAX_COLUMNS:,} columns")
    return list(names), rows


def read_text(
    path: Path, mapping: Mapping[str, str], layout: FileFormat, batch_rows: int
) -> Iterator[pa.Table]:
    """Yield the mapped columns of a text file in tables of at most `batch_rows` rows.

    Numbers come as the text they are written in, null where there is none. Raises BadSourceFile
    when the file cannot be read to its end.
    """
    with open_lines(path) as lines:
        if layout.kind == "jsonl":
            rows = map(_json_reader(mapping), lines)
        else:
            rows = map(_field_reader(mapping, layout.columns), _records(lines, layout))
        start = 0
        for held in _batches(rows, batch_rows):
            yield _table(held, tuple(mapping), start)
            start += len(held)


def _batches(rows: Iterator[_Row], batch_rows: int) -> Iterator[list[_Row]]:
    """Yield rows in lists of at most `batch_rows` rows and about `BATCH_BYTES` bytes."""
    held: list[_Row] = []
    size = 0
    for row in rows:
        held.append(row)
        size += sum(map(len, filter(None, row[0])))
        if len(held) >= batch_rows or size >= BATCH_BYTES:
            yield held
            held, size = [], 0
    if held:
        yield held


def _table(rows: Sequence[_Row], ours: Sequence[str], start: int) -> pa.Table:
    columns: dict[str, pa.Array] = {"row": pa.array(range(start, start + len(rows)), pa.int64())}
    for name, values in zip(ours, zip(*(row for row, _ in rows), strict=True), strict=True):
        if name in TEXTS:
            columns[name] = pa.array(values, pa.large_binary())
        else:  # a field that is blank says nothing
            said = [value if value is None or value.strip() else None for value in values]
            columns[name] = as_text(pa.array(said, pa.large_binary()))
    columns["damaged"] = pa.array([damaged for _, damaged in rows], pa.bool_())
    return pa.table(columns)


def _damaged(line: bytes, ours: Sequence[str]) -> _Row:
    """Return the row of a line that is none: the line where the caption would be."""
    kept = end_whole(line) if len(line) > MAX_LINE else line
    return [kept if name == "caption" else None for name in ours], True


def _field_reader(mapping: Mapping[str, str], columns: Sequence[str]) -> Callable[[Record], _Row]:
    places = [columns.index(theirs) for theirs in mapping.values()]
    ours = tuple(mapping)

    def read(record: Record) -> _Row:
        fields = record.fields
        if fields is None:
            return _damaged(record.line, ours)
        return [fields[place] for place in places], False

    return read


def _json_reader(mapping: Mapping[str, str]) -> Callable[[bytes], _Row]:
    ours = tuple(mapping)

    def read(line: bytes) -> _Row:
        found = _parse(line)
        if found is None:
            return _damaged(line, ours)
        if any(isinstance(found.get(mapping[name]), list | dict) for name in TEXTS):
            return _damaged(line, ours)
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
