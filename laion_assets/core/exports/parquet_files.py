"""Published rows as parquet files: images and mentions, in numbered parts of a bounded size.

Lives here: one pass over the tables of every source file, leaving out what is withheld, with the
name of the source file in every row. Not here: columns (`columns`), the writer (`core.base`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.parquet import ROW_GROUP, TableWriter
from laion_assets.core.cleaning.schemas import UNLIKE
from laion_assets.core.exports.columns import IMAGES, MENTIONS, of_source_file

#: Where a part ends: rows, and bytes of them in memory, of which zstd makes a third or less. The
#: hub of Hugging Face wants few files, of some gigabytes at most (its page on storage limits).
PART_ROWS = 16 * ROW_GROUP
PART_BYTES = 4 << 30


@dataclass(frozen=True)
class SourceTables:
    """The tables of one source file, and the key that its rows are told by."""

    key: str
    images: Path
    mentions: Path


@dataclass(frozen=True)
class Exported:
    """How many rows were written of each table."""

    images: int
    mentions: int


def write_rows(
    sources: Sequence[SourceTables], folder: Path, progress: Callable[[int], None]
) -> Exported:
    """Write the published rows of all source files below `folder`; `progress` is told of rows read.

    Same tables, same bytes: parts end by the rows alone.
    """
    read = 0
    with (
        _Parts(folder / IMAGES.name, IMAGES.schema) as images,
        _Parts(folder / MENTIONS.name, MENTIONS.schema) as mentions,
    ):
        for source in sources:
            withheld: list[npt.NDArray[np.int64]] = []
            for table in _batches(source.images):
                hidden = pc.equal(table["visibility"], "withheld")
                withheld.append(np.asarray(table["row"].filter(hidden)))
                images.append(
                    of_source_file(table.filter(pc.invert(hidden)), source.key, IMAGES.schema)
                )
                read += table.num_rows
                progress(read)
            gone = np.concatenate([*withheld, np.empty(0, np.int64)])
            for table in _batches(source.mentions):
                shown = table.filter(~np.isin(np.asarray(table["row"]), gone))
                mentions.append(of_source_file(shown, source.key, MENTIONS.schema))
        return Exported(images.rows, mentions.rows)


def _batches(path: Path) -> Iterator[pa.Table]:
    # A row group has a bounded size in bytes as well (`core.base.parquet`).
    with pq.ParquetFile(path, pre_buffer=False) as source:
        for group in range(source.metadata.num_row_groups):
            yield source.read_row_group(group)


class _Parts(AbstractContextManager["_Parts"]):
    """Parquet files of one schema, a new one where the last is full; at least one."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.rows = 0
        self._folder, self._schema = folder, schema
        self._unlike = UNLIKE.intersection(schema.names)
        self._number = self._rows_here = self._bytes_here = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True)
        self._open()
        return self

    def append(self, table: pa.Table) -> None:
        full = self._rows_here + table.num_rows > PART_ROWS
        if self._rows_here and (full or self._bytes_here + table.nbytes > PART_BYTES):
            self._stack.close()
            self._number += 1
            self._open()
        self._writer.append(table)
        self.rows += table.num_rows
        self._rows_here += table.num_rows
        self._bytes_here += table.nbytes

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return self._stack.__exit__(kind, error, traceback)

    def _open(self) -> None:
        self._stack = ExitStack()
        self._rows_here = self._bytes_here = 0
        path = self._folder / f"part-{self._number:05}.parquet"
        self._writer = self._stack.enter_context(TableWriter(path, self._schema, self._unlike))
