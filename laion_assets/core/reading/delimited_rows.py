"""Reading one untrusted csv or tsv file: its columns, and its rows in batches.

A row is a record: a line, or several where a quoted field holds line ends. Blank lines are rows
too; what stands before the header, and the header where it is repeated, is none. Not here: how a
file is written (`dialects`), lines and splitting them (`text_lines`), what every text file gives
(`row_batches`).
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.reading.dialects import settle_dialect
from laion_assets.core.reading.layout import FileLayout, SourceConventions, SourceDescription
from laion_assets.core.reading.row_batches import Row, damaged_row, row_tables
from laion_assets.core.reading.text_lines import UTF8_MARK, Record, open_lines, split_records
from laion_assets.core.sources.columns import NUMBERS
from laion_assets.core.sources.formats import FileFormat

#: What databases write for no value, and what may be a caption all the same.
_NULL = b"\\N"
_NULL_URLS = pa.array([_NULL, b"NULL", b"null"], pa.large_binary())
_NULL_CAPTIONS = pa.array([_NULL], pa.large_binary())
#: A score as it is written where a comma is the decimal sign, which is where semicolons split.
_DECIMAL_COMMA = r"^(\s*[+-]?\d*),(\d+\s*)$"
_SCORES = frozenset(NUMBERS) - {"width", "height"}
_NULL_WORDS = pa.array(["\\N", "NULL", "null"], pa.large_string())


def describe_delimited(
    path: Path, dataset: SourceConventions, layout: FileFormat, *, count: bool
) -> SourceDescription:
    """Find a file's columns, map them and count its rows if asked, which takes reading all of it.

    Raises BadSourceFile, with one clear line, when it has no URL or caption column or cannot be
    read to its end.
    """
    dialect = settle_dialect(path, dataset, layout)
    layout, columns = dialect.format, dialect.format.columns
    rows, repeated = None, 0
    if count:
        with open_lines(path, layout) as lines:
            rows, repeated = _count(lines, layout)
    return SourceDescription(
        rows=rows,
        row_groups=0,
        columns=columns,
        layout=FileLayout(dialect.mapping, layout),
        repeated_headers=repeated,
    )


def _count(lines: Iterator[bytes], layout: FileFormat) -> tuple[int, int]:
    """Return the number of rows, and of headers that are repeated among them."""
    found: Iterator[bytes]
    if layout.quote:
        found = (record.line for record in _records(lines, layout))
    else:  # each line is a record then, and need not be split
        found = islice(lines, layout.skip, None)
    header = next(found, None) if layout.header else None
    if header is None:
        return sum(1 for _ in found), 0
    rows = repeated = 0
    again = _again(header)
    for line in found:
        if line in again:
            repeated += 1
        else:
            rows += 1
    return rows, repeated


def _records(lines: Iterator[bytes], layout: FileFormat) -> Iterator[Record]:
    """Return every record, the header included, without what stands before it."""
    return split_records(islice(lines, layout.skip, None), layout, len(layout.columns))


def _rows(lines: Iterator[bytes], layout: FileFormat) -> Iterator[Record]:
    """Yield the records that are rows."""
    records = _records(lines, layout)
    header = next(records, None) if layout.header else None
    if header is None:
        yield from records
        return
    again = _again(header.line)
    for record in records:
        if record[1] not in again:  # by its place, for there may be a billion of them
            yield record


def _again(header: bytes) -> tuple[bytes, bytes]:
    """Return what a header looks like behind the first of several files put together."""
    return header, UTF8_MARK + header


def read_delimited(
    path: Path, mapping: Mapping[str, str], layout: FileFormat, batch_rows: int
) -> Iterator[pa.Table]:
    """Yield the mapped columns of a file in tables of at most `batch_rows` rows.

    Raises BadSourceFile when the file cannot be read to its end.
    """
    with open_lines(path, layout) as lines:
        rows = map(_field_reader(mapping, layout), _rows(lines, layout))
        for table in map(_without_nulls, row_tables(rows, tuple(mapping), batch_rows)):
            yield _with_points(table) if layout.delimiter == ";" else table


def _without_nulls(table: pa.Table) -> pa.Table:
    """Return the rows with no value where a database wrote that there is none."""
    for place, name in enumerate(table.column_names):
        if name in NUMBERS or name == "nsfw":
            said = _NULL_WORDS
        elif name in ("url", "caption"):
            said = _NULL_URLS if name == "url" else _NULL_CAPTIONS
        else:
            continue
        column = table.column(place)
        none = pc.is_in(column, said)
        if pc.any(none).as_py():
            nothing = pa.scalar(None, column.type)
            table = table.set_column(place, name, pc.if_else(none, nothing, column))
    return table


def _with_points(table: pa.Table) -> pa.Table:
    """Return the rows with decimal points for commas in their scores."""
    for name in _SCORES.intersection(table.column_names):
        points = pc.replace_substring_regex(table[name], _DECIMAL_COMMA, r"\1.\2")
        table = table.set_column(table.column_names.index(name), name, points)
    return table


def _field_reader(mapping: Mapping[str, str], layout: FileFormat) -> Callable[[Record], Row]:
    before = layout.skip  # lines that are in the file and in no record
    places = [layout.columns.index(theirs) for theirs in mapping.values()]
    ours = tuple(mapping)

    def read(record: Record) -> Row:
        fields = record.fields
        if fields is None:
            return damaged_row(record.line, ours, before + record.number)
        return [fields[place] for place in places], False

    return read
