"""Working through a large parquet table, a row group to a thread.

Lives here: the one loop that keeps every core busy while at most a few row groups are in memory.
Not here: what is done with the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

Result = TypeVar("Result")


def map_row_groups(
    path: Path, columns: Sequence[str], work: Callable[[pa.Table], Result], threads: int
) -> Iterator[Result]:
    """Yield what `work` makes of every row group, in order.

    Reading and `work` run in `threads` threads, which only helps where they release the GIL; both
    do for columns of Arrow. A result should be small: results wait until they are taken.
    """

    def one(group: int) -> Result:
        # A reader of its own: pyarrow's must not be shared between threads.
        with pq.ParquetFile(path) as source:
            table = source.read_row_group(group, columns=list(columns), use_threads=False)
        return work(table.combine_chunks())

    groups = pq.read_metadata(path).num_row_groups
    with ThreadPoolExecutor(max_workers=threads) as pool:
        yield from pool.map(one, range(groups))
