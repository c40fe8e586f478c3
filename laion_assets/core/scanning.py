"""Working through a large parquet table, a row group to a thread.

Lives here: the one loop that keeps every core busy while at most a few row groups are in memory.
Not here: what is done with the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

Result = TypeVar("Result")
_BUFFER = 1 << 20  # bytes read from the disk at once


@dataclass(frozen=True)
class RowGroup:
    """One row group of a file; columns are read when they are asked for."""

    path: Path
    number: int

    def read(self, *columns: str) -> pa.Table:
        """Return some columns, each in one chunk."""
        # A reader of its own: pyarrow's must not be shared between threads. Without its buffer
        # for remote files, reading takes a third less time.
        with pq.ParquetFile(self.path, pre_buffer=False, buffer_size=_BUFFER) as source:
            table = source.read_row_group(self.number, columns=list(columns), use_threads=False)
        return table.combine_chunks()


def map_row_groups(
    path: Path, work: Callable[[RowGroup], Result], threads: int
) -> Iterator[Result]:
    """Yield what `work` makes of every row group, in order.

    `work` runs in `threads` threads, which only helps where it releases the GIL; reading and the
    matcher do. A result should be small: results wait until they are taken.
    """
    groups = [RowGroup(path, n) for n in range(pq.read_metadata(path).num_row_groups)]
    with ThreadPoolExecutor(max_workers=threads) as pool:
        yield from pool.map(work, groups)
