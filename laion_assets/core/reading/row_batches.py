"""Rows of a text file, one by one, as the tables that reading gives.

The tables are those that parquet gives (`parquet_rows`), with two columns more: `damaged` marks the
rows whose line could not be split or parsed, `line` says which line of the file that is. Such a row
has no URL, and the line as found in place of its caption: it is rejected as `damaged_line` with the
line kept. Not here: how a file's bytes are rows (`delimited_rows`, `json_rows`).
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from laion_assets.core.reading.arrow_types import as_text
from laion_assets.core.reading.layout import BATCH_BYTES, MAX_TEXT, end_whole
from laion_assets.core.sources.columns import TEXTS

#: A row's values in the order of the mapping, and whether its line was damaged: the number of the
#: line, True where that is not known, else False.
Row = tuple[list[bytes | None], int | bool]


def row_tables(rows: Iterator[Row], ours: Sequence[str], batch_rows: int) -> Iterator[pa.Table]:
    """Yield rows, whose values are those of the columns `ours`, in tables of `batch_rows` rows.

    Numbers come as the text they are written in, null where there is none.
    """
    start = 0
    for held in _batches(rows, batch_rows):
        yield _table(held, ours, start)
        start += len(held)


def _batches(rows: Iterator[Row], batch_rows: int) -> Iterator[list[Row]]:
    """Yield rows in lists of at most `batch_rows` rows and about `BATCH_BYTES` bytes."""
    held: list[Row] = []
    size = 0
    for row in rows:
        held.append(row)
        size += sum(map(len, filter(None, row[0])))
        if len(held) >= batch_rows or size >= BATCH_BYTES:
            yield held
            held, size = [], 0
    if held:
        yield held


def _table(rows: Sequence[Row], ours: Sequence[str], start: int) -> pa.Table:
    columns: dict[str, pa.Array] = {"row": pa.array(range(start, start + len(rows)), pa.int64())}
    for name, values in zip(ours, zip(*(row for row, _ in rows), strict=True), strict=True):
        if name in TEXTS:
            columns[name] = pa.array(values, pa.large_binary())
        else:  # a field that is blank says nothing
            said = [value if value is None or value.strip() else None for value in values]
            columns[name] = as_text(pa.array(said, pa.large_binary()))
    damaged = [number for _, number in rows]
    columns["damaged"] = pa.array([number is not False for number in damaged], pa.bool_())
    lines = [None if isinstance(number, bool) else number for number in damaged]
    columns["line"] = pa.array(lines, pa.int64())
    return pa.table(columns)


def damaged_row(line: bytes, ours: Sequence[str], number: int | None = None) -> Row:
    """Return the row of a line that is none: the line where the caption would be.

    `number` is the line's in its file, from 1 on, if that is known.
    """
    kept = end_whole(line) if len(line) > MAX_TEXT else line
    return [kept if name == "caption" else None for name in ours], number or True
