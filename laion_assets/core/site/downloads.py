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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.base.marks import MARK
from laion_assets.core.site.formats import is_missing, share_digits
from laion_assets.core.site.inputs import DatasetInfo, Page
from laion_assets.core.site.safety import csv_cell
from laion_assets.core.site.tables import Row, batches_of, read_table, table_path
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
    header = CSV_MARK + _csv_line(table.column_names)
    shares = {column.name for column in TABLES[name].columns if is_share(column)}
    texts = [_share_text if column in shares else _csv_text for column in table.column_names]

    def encode(row: Row) -> bytes:
        return _csv_line([text(value) for text, value in zip(texts, row.values(), strict=True)])

    yield from _pack(table, encode, header, b"", b"", max_bytes)


def json_parts(table: pa.Table, max_bytes: int) -> Iterator[bytes]:
    """The table as JSON arrays of objects, one row to a line; every part is valid JSON."""
    yield from _pack(table, _json_row, b"[\n", b",\n", b"\n]\n", max_bytes)


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


def _pack(
    table: pa.Table,
    encode: Callable[[Row], bytes],
    opening: bytes,
    separator: bytes,
    closing: bytes,
    max_bytes: int,
) -> Iterator[bytes]:
    """Encoded rows between an opening and a closing, a new part before one would be too large."""
    part = bytearray(opening)
    empty = True
    for batch in batches_of(table, _BATCH_ROWS):
        for row in batch:
            line = encode(row)
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


class _Written:
    """A file of which `csv` hands on what writing to it returns: each line, as it is."""

    def write(self, text: str) -> str:
        """Return the text."""
        return text


_LINES: Any = csv.writer(_Written(), lineterminator="\n")


def _csv_line(cells: Iterable[str]) -> bytes:
    line: str = _LINES.writerow(cells)
    return line.encode("utf-8")


def _share_text(value: Any) -> str:
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


def _json_row(row: Row) -> bytes:
    plain = {
        column: None if is_missing(value) else str(value) if column in STRING_COLUMNS else value
        for column, value in row.items()
    }
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8")


def parquet_bytes(table: pa.Table) -> bytes:
    """Rows of a table as a Parquet file with the mark of ours."""
    sink = io.BytesIO()
    schema = table.schema.remove_metadata()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        writer.add_key_value_metadata(MARK)
        writer.write_table(table.cast(schema), row_group_size=_BATCH_ROWS * 10)
    return sink.getvalue()
