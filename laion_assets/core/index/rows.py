"""All rows in codes: coded by several threads as they come, kept in a file in rank order.

Not here: codes (`row_codes`, `row_tables`), slots (`slots`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from laion_assets.core.index.packing import RowFile, RowStore
from laion_assets.core.index.row_codes import Coder, encode_rows
from laion_assets.core.index.spilled import Spilled

#: Rows that are coded at once, and about how many bytes of their texts.
_GROUP = 16_384
_GROUP_BYTES = 16 << 20
_IN_FLIGHT = 8

#: Takes rows and the rank of the first of them.
Taker = Callable[[RowStore, int], None]


class CodedRows:
    """Codes rows that come in rank order, and hands them on in it."""

    def __init__(self, total: int, pool: Executor, coder: Coder, file: Spilled) -> None:
        self._starts, self._ids = np.zeros(total + 1, np.int64), np.zeros(total, np.int64)
        self._pool, self._coder, self._file = pool, coder, file
        self._waiting: deque[Future[RowStore]] = deque()
        self._rank = 0

    def add(self, documents: pa.ChunkedArray, ids: npt.NDArray[np.int64], take: Taker) -> None:
        """Code the rows of documents, texts of `describe_rows.sql`; `take` gets what is done."""
        data, starts = _texts(documents)
        low = 0
        while low < len(ids):
            fitting = int(np.searchsorted(starts, starts[low] + _GROUP_BYTES, side="right")) - 1
            high = min(max(fitting, low + 1), low + _GROUP, len(ids))
            if len(self._waiting) >= _IN_FLIGHT:
                self._take(take)
            self._waiting.append(
                self._pool.submit(self._code, data, starts[low : high + 1], ids[low:high])
            )
            low = high

    def finish(self, take: Taker) -> RowFile:
        """Hand on what is left; return all rows."""
        while self._waiting:
            self._take(take)
        return RowFile(self._file.finish(), self._starts, self._ids)

    def _code(
        self,
        data: npt.NDArray[np.uint8],
        starts: npt.NDArray[np.int64],
        ids: npt.NDArray[np.int64],
    ) -> RowStore:
        coded, begins = encode_rows(data, starts, self._coder)
        return RowStore(coded, begins, ids)

    def _take(self, take: Taker) -> None:
        rows = self._waiting.popleft().result()
        first, high = self._rank, self._rank + len(rows.ids)
        self._starts[first + 1 : high + 1] = self._starts[first] + rows.starts[1:]
        self._ids[first:high] = rows.ids
        self._file.append(rows.data)
        self._rank = high
        take(rows, first)


def _texts(documents: pa.ChunkedArray) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the bytes of texts and where each begins, and the end."""
    whole = documents.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks)
    _, offsets, data = whole.buffers()
    starts = np.frombuffer(offsets, np.int64)[whole.offset : whole.offset + len(whole) + 1]
    return np.frombuffer(data if data is not None else b"", np.uint8), starts
