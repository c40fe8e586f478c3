"""Texts that stay in their dictionaries until it is known what the rows come to.

One long text in a dictionary could be every row's, so that hardly any rows could be decoded at
once. Which rows it is, the batch says once it is read with its dictionaries; it is cut by that.
Not here: how much may be decoded (`parquet_pages`), reading (`parquet_rows`).
"""

from collections.abc import Collection, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def cut(batch: pa.RecordBatch, kept: Collection[str], most: int) -> Iterator[pa.RecordBatch]:
    """Cut a batch so that the texts of the columns `kept` come to at most `most` bytes in each.

    A row that is longer is alone.
    """
    ends = np.zeros(batch.num_rows, np.int64)
    for name in kept:
        ends += _lengths(batch.column(name))
    np.cumsum(ends, out=ends)
    start = before = 0
    while start < batch.num_rows:
        end = max(start + 1, int(np.searchsorted(ends, before + most, side="right")))
        yield batch.slice(start, end - start)
        start, before = end, int(ends[end - 1])


def _lengths(column: pa.Array) -> npt.NDArray[np.int64]:
    """Return the bytes of each text; 0 for none."""
    if isinstance(column, pa.DictionaryArray):
        each = pc.binary_length(column.dictionary).take(column.indices)
    else:
        each = pc.binary_length(column)
    lengths: npt.NDArray[np.int64] = pc.fill_null(each, 0).cast(pa.int64()).to_numpy()
    return lengths
