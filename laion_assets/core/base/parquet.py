"""Parquet tables written so that equal rows are equal bytes.

Lives here: one writer with fixed row groups. Not here: any schema, how rows come about.
"""

from collections.abc import Collection
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.files import atomic
from laion_assets.core.base.marks import MARK
from laion_assets.core.base.stopping import go_on

ROW_GROUP = 131_072  # rows; fixed, so that bytes do not depend on how the rows arrived
#: Bytes of text that end a row group early. Real ones come to some 30 MB; a hostile file of a few
#: kB can hold 100,000 texts of 1 MB, which would otherwise wait in memory, and be read at once by
#: whoever reads the table: DuckDB takes 2,048 rows at a time, but none of two row groups.
GROUP_BYTES = 64 << 20
_TEXT_TYPES = (
    pa.types.is_string,
    pa.types.is_binary,
    pa.types.is_large_string,
    pa.types.is_large_binary,
)


class TableWriter(AbstractContextManager["TableWriter"]):
    """Writes tables of one schema to a file that appears whole when the block ends well.

    Row groups have `ROW_GROUP` rows, or fewer where their texts come to `GROUP_BYTES`, however the
    rows arrive; at most one row group and one incoming table are held in memory. `rows` is the
    number appended so far. `unlike` are columns in which hardly any value comes twice: a dictionary
    of them would only be tried in vain.
    """

    def __init__(self, path: Path, schema: pa.Schema, unlike: Collection[str] = ()) -> None:
        self.rows = 0
        self._alike = [_leaf(field) for field in schema if field.name not in unlike]
        self._schema = schema
        self._stack = ExitStack()
        self._path = path
        self._pending = schema.empty_table()

    def __enter__(self) -> Self:
        temporary = self._stack.enter_context(atomic(self._path))
        self._writer = self._stack.enter_context(
            pq.ParquetWriter(
                temporary,
                self._schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=self._alike,
            )
        )
        self._writer.add_key_value_metadata(MARK)
        return self

    def append(self, table: pa.Table) -> None:
        """Add rows; columns are taken by name and cast to the schema."""
        go_on()
        table = table.select(self._schema.names).cast(self._schema)
        self.rows += table.num_rows
        self._pending = pa.concat_tables([self._pending, table])
        while (size := _whole_group(self._pending)) is not None:
            self._write(self._pending.slice(0, size))
            self._pending = self._pending.slice(size)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        if kind is not None:
            return self._stack.__exit__(kind, error, traceback)
        with self._stack:  # so that a last write that fails leaves no temporary file either
            if self._pending.num_rows or not self.rows:
                self._write(self._pending)
        # Arrow keeps what it freed for later, which the next step, not Arrow's, could use.
        pa.default_memory_pool().release_unused()
        return None

    def _write(self, table: pa.Table) -> None:
        self._writer.write_table(table.combine_chunks(), row_group_size=ROW_GROUP)


def _leaf(field: pa.Field) -> str:
    """Return the path of a column's values."""
    lists = pa.types.is_list(field.type) or pa.types.is_large_list(field.type)
    return f"{field.name}.list.element" if lists else str(field.name)


def _whole_group(table: pa.Table) -> int | None:
    """Return how many of the first rows make a row group; None when there are too few yet.

    A matter of the rows alone, so that bytes do not depend on how they arrived.
    """
    most = ROW_GROUP if table.num_rows >= ROW_GROUP else None
    if table.nbytes < GROUP_BYTES:
        return most
    sizes = np.zeros(table.num_rows, np.int64)
    for column in table.columns:
        if any(check(column.type) for check in _TEXT_TYPES):
            lengths = pc.fill_null(pc.binary_length(column), 0)
            sizes += lengths.cast(pa.int64()).to_numpy()
    last = int(np.searchsorted(np.cumsum(sizes), GROUP_BYTES))
    if last >= table.num_rows:
        return most
    return min(last + 1, ROW_GROUP)


def write_table(path: Path, table: pa.Table, schema: pa.Schema | None = None) -> None:
    """Write a whole table atomically, in its own schema or the one given."""
    with TableWriter(path, schema or table.schema) as writer:
        writer.append(table)
