"""Reading one untrusted csv or tsv file: its columns, and its rows in batches.

A row is a record: a line, or several where a quoted field holds line ends. Blank lines are rows
too. Not here: lines and splitting them (`text_lines`), what every text file gives (`row_batches`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pyarrow as pa

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.layout import (
    MAX_COLUMNS,
    FileLayout,
    SourceConventions,
    SourceDescription,
)
from laion_assets.core.reading.row_batches import Row, damaged_row, row_tables
from laion_assets.core.reading.text_lines import (
    Record,
    count_records,
    open_lines,
    split_records,
)
from laion_assets.core.sources.columns import NoColumn
from laion_assets.core.sources.formats import FileFormat


def describe_delimited(
    path: Path, dataset: SourceConventions, layout: FileFormat
) -> SourceDescription:
    """Find a file's columns, map them and count its rows, which takes reading all of it.

    Raises BadSourceFile, with one clear line, when it has no URL or caption column or cannot be
    read to its end.
    """
    layout, mapping = _look_at_header(path, dataset, layout)
    columns = list(layout.columns)
    with open_lines(path, layout) as lines:
        rows = count_records(lines, layout, len(columns)) - bool(layout.header)
    return SourceDescription(
        rows=rows, row_groups=0, columns=tuple(columns), layout=FileLayout(mapping, layout)
    )


def _look_at_header(
    path: Path, dataset: SourceConventions, layout: FileFormat
) -> tuple[FileFormat, dict[str, str]]:
    """Return the format with header and columns settled, and the mapping."""
    if layout.header is False:
        return layout, dataset.map_columns(layout.columns)
    with open_lines(path, layout) as lines:
        first = next(split_records(lines, layout, None), None)
    names = [
        (name or b"").decode("utf-8", "replace").strip() for name in (first and first.fields) or ()
    ]
    if len(names) > MAX_COLUMNS:
        raise BadSourceFile(f"has {len(names):,} columns; at most {MAX_COLUMNS:,}")
    try:
        mapping = dataset.map_columns(names)
    except NoColumn as error:
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


def read_delimited(
    path: Path, mapping: Mapping[str, str], layout: FileFormat, batch_rows: int
) -> Iterator[pa.Table]:
    """Yield the mapped columns of a file in tables of at most `batch_rows` rows.

    Raises BadSourceFile when the file cannot be read to its end.
    """
    with open_lines(path, layout) as lines:
        rows = map(_field_reader(mapping, layout.columns), _records(lines, layout))
        yield from row_tables(rows, tuple(mapping), batch_rows)


def _field_reader(mapping: Mapping[str, str], columns: Sequence[str]) -> Callable[[Record], Row]:
    places = [columns.index(theirs) for theirs in mapping.values()]
    ours = tuple(mapping)

    def read(record: Record) -> Row:
        fields = record.fields
        if fields is None:
            return damaged_row(record.line, ours)
        return [fields[place] for place in places], False

    return read
