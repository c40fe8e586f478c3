"""Reading the merged tables: whole small ones, slices of large ones, rows by key.

Only reading. What the columns mean is in `core.tables.registry`; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, Any]


def table_path(tables: Path, name: str) -> Path:
    """Where a merged table lives."""
    return tables / f"{name}.parquet"


def read_table(tables: Path, name: str) -> pa.Table:
    """A merged table as Arrow. Raises FileNotFoundError when the table was not made."""
    return pq.ParquetFile(table_path(tables, name)).read()


def rows_of(table: pa.Table) -> list[Row]:
    """All rows of a small table as dictionaries."""
    rows: list[Row] = table.to_pylist()
    return rows


class RowsByKey:
    """The rows of a table that belong to one domain or name, looked up by it."""

    def __init__(self, table: pa.Table, key: str) -> None:
        """Index `table` by its column `key`; rows of a key need not be adjacent."""
        self._table = table.combine_chunks()
        self._places: dict[str, list[int]] = {}
        for place, value in enumerate(table.column(key).to_pylist()):
            self._places.setdefault(value, []).append(place)

    def of(self, key: str) -> list[Row]:
        """The rows of one key in the table's order; none for an unknown key."""
        places: Sequence[int] = self._places.get(key, ())
        if not places:
            return []
        first, last = places[0], places[-1]
        if last - first + 1 == len(places):
            return rows_of(self._table.slice(first, len(places)))
        return rows_of(self._table.take(pa.array(places, pa.int64())))
