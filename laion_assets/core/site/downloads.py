"""The data files: every published table as CSV, JSON and Parquet, in parts when too large.

CSV begins with the mark by which Excel knows UTF-8, guards cells that a spreadsheet would run
(ARCHITECTURE.md#hostile) and has shares with four significant digits; JSON and Parquet have them
whole. JSON is an array of objects with one row to a line. `image_id` has 64 bits, which JavaScript
cannot hold, so it is a string outside Parquet. Parquet files are the tables' own bytes unless they
must be split. What the columns mean is written in `core.tables.columns`. Not here: a table's files
as one (`archives`).
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.base.marks import MARK
from laion_assets.core.site.formats import is_missing, share_digits
from laion_assets.core.site.inputs import DatasetInfo, Page
from laion_assets.core.site.safety import csv_cell
from laion_assets.core.site.tables import read_table, table_path
from laion_assets.core.tables.declarations import is_share
from laion_assets.core.tables.registry import TABLES

#: Whole numbers beyond 2**53, written as text outside Parquet.
STRING_COLUMNS = frozenset({"image_id"})

#: Endings of the files that every table is offered in.
FORMATS = ("csv", "json", "parquet")

#: What stands before a CSV file's header: without it Excel takes UTF-8 for the system's encoding.
CSV_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()

_BATCH_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file offered for download: its path under the site's root and its size in bytes."""

    path: str
    size: int

    @property
    def ending(self) -> str:
        """What its name ends with: one of `FORMATS`, or `zip`."""
        return self.path.rpartition(".")[2]


def saved_name(dataset: DatasetInfo, file: str) -> str:
    """What a file is called where a reader saves it: the dataset's name stands before its own."""
    name = re.sub(r"[^a-z0-9]+", "-", dataset.name.lower()).strip("-") or "dataset"
    return f"{name}-{file}"


def table_pages(tables: Path, name: str, ending: str, max_bytes: int) -> Iterator[Page]:
    """The files of one table in one of `FORMATS`, each at most `max_bytes`."""
    table = read_table(tables, name)
    if ending == "csv":
        parts = csv_parts(table, name, max_bytes)
    elif ending == "json":
        parts = json_parts(table, max_bytes)
    else:
        parts = parquet_parts(tables, name, table, max_bytes)
    yield from numbered(name, ending, parts)


def csv_parts(table: pa.Table, name: str, max_bytes: int) -> Iterator[bytes]:
    """The rows of a table as CSV (UTF-8, LF, mark and header in every part), nulls empty."""
    write = _CsvLines()
    header = CSV_MARK + write.line(table.column_names)
    shares = {column.name for column in TABLES[name].columns if is_share(column)}
    lines = (
        write.line(cells)
        for columns in _columns(table)
        for cells in zip(
            *(
                [_csv_share(v) if column in shares else _csv_text(v) for v in values]
                for column, values in columns.items()
            ),
            strict=True,
        )
    )
    yield from _pack(lines, header, b"", b"", max_bytes)


def csv_file(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Rows of texts as CSV in the same form."""
    write = _CsvLines()
    lines = [write.line(map(_csv_text, row)) for row in rows]
    return b"".join([CSV_MARK, write.line(heads), *lines])


def json_parts(table: pa.Table, max_bytes: int) -> Iterator[bytes]:
    """The table as JSON arrays of objects, one row to a line; every part is valid JSON."""
    lines = (
        _JSON.encode(dict(zip(columns, cells, strict=True))).encode("utf-8")
        for columns in _columns(table)
        for cells in zip(
            *(
                [_json_value(v, as_text=column in STRING_COLUMNS) for v in values]
                for column, values in columns.items()
            ),
            strict=True,
        )
    )
    yield from _pack(lines, b"[\n", b",\n", b"\n]\n", max_bytes)


def parquet_parts(tables: Path, name: str, table: pa.Table, max_bytes: int) -> Iterator[bytes]:
    """The table's own file, or the same rows in several files when it is too large."""
    path = table_path(tables, name)
    if path.stat().st_size <= max_bytes or table.num_rows <= 1:
        yield path.read_bytes()
        return
    count = math.ceil(path.stat().st_size / max_bytes)
    while True:
        rows = math.ceil(table.num_rows / count)
        parts = [parquet_bytes(table.slice(at, rows)) for at in range(0, table.num_rows, rows)]
        if rows == 1 or all(len(part) <= max_bytes for part in parts):
            yield from parts
            return
        # Parts have a cost of their own and rows differ: divide further until all fit.
        count += math.ceil(count / 8)


def numbered(name: str, ending: str, parts: Iterable[bytes]) -> Iterator[Page]:
    """`data/name.ending` for a single part, `data/name-1.ending` … for several."""
    iterator = iter(parts)
    held = next(iterator)
    number = 0
    for part in iterator:
        number += 1
        yield Page(f"data/{name}-{number}.{ending}", held)
        held = part
    suffix = f"-{number + 1}" if number else ""
    yield Page(f"data/{name}{suffix}.{ending}", held)


def _columns(table: pa.Table) -> Iterator[dict[str, list[Any]]]:
    """The values of every column, some rows at a time."""
    for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
        yield batch.to_pydict()


def _pack(
    lines: Iterable[bytes], opening: bytes, separator: bytes, closing: bytes, max_bytes: int
) -> Iterator[bytes]:
    """Encoded rows between an opening and a closing, a new part before one would be too large."""
    part = bytearray(opening)
    empty = True
    for line in lines:
        grown = len(part) + len(separator) + len(line) + len(closing)
        if not empty and grown > max_bytes:
            part += closing
            yield bytes(part)
            part = bytearray(opening)
            empty = True
        if not empty:
            part += separator
        part += line
        empty = False
    part += closing
    yield bytes(part)


class _CsvLines:
    """Cells as lines of CSV, by one writer: making one takes as long as a line."""

    def __init__(self) -> None:
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer, lineterminator="\n")

    def line(self, cells: Iterable[str]) -> bytes:
        """Return a line, its end included."""
        self._buffer.seek(0)
        self._buffer.truncate()
        self._writer.writerow(cells)
        return self._buffer.getvalue().encode("utf-8")


def _csv_share(value: Any) -> str:
    return "" if is_missing(value) else share_digits(value)


def _csv_text(value: Any) -> str:
    if type(value) is str:  # most are
        return csv_cell(value)
    if is_missing(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    # Numbers too: the rule is about what a cell starts with, whatever made it.
    return csv_cell(str(value))


_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _json_value(value: Any, *, as_text: bool) -> Any:
    if is_missing(value):
        return None
    return str(value) if as_text else value


def parquet_bytes(table: pa.Table) -> bytes:
    """Rows of a table as a Parquet file with the mark of ours."""
    sink = io.BytesIO()
    schema = table.schema.remove_metadata()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        writer.add_key_value_metadata(MARK)
        writer.write_table(table.cast(schema), row_group_size=_BATCH_ROWS * 10)
    return sink.getvalue()
