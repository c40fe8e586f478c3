"""Working through a large parquet table, a row group to a thread.

Lives here: the one loop that keeps every core busy while at most a few row groups are in memory.
Not here: what is done with the rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

Result = TypeVar("Result")
_BUFFER = 1 << 20  # bytes read from the disk at once
_AHEAD = 2  # row groups for each thread, so that none waits for another's


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
    matcher do. At most `_AHEAD` results for each thread wait to be taken.
    """
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(max_workers=threads)
    try:
        for number in range(pq.read_metadata(path).num_row_groups):
            if len(waiting) == threads * _AHEAD:
                yield waiting.popleft().result()
            waiting.append(pool.submit(work, RowGroup(path, number)))
        while waiting:
            yield waiting.popleft().result()
    finally:
        # Whoever gives up, or presses Ctrl-C, does not wait for what nobody will take.
        pool.shutdown(cancel_futures=True)
