"""Packed text and rows as they stand in slices: deflated JSON, rows in codes with their ids.

Lives here: the one form in which rows travel, in the slots of documents and beside the terms that
show them first, and the file in which they wait while terms are written. Not here: where they are
put (`slots`, `term_files`), their codes (`row_codes`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import deflate
import numpy as np
import numpy.typing as npt

from laion_assets.core.index.spilled import read_pieces

#: Of libdeflate: what is packed is short. Level 6 takes half as long again to twice as long, for
#: runs of words 2.6 per cent fewer bytes, for words and fields a few more.
_LEVEL = 1

Bytes = npt.NDArray[np.uint8]


class RowStore(NamedTuple):
    """Rows in codes and their ids: row r is `data[starts[r]:starts[r + 1]]`."""

    data: Bytes
    starts: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int64]

    def packed(self, low: int, high: int) -> bytes:
        """Return the rows from `low` to before `high` as `FORMAT.md` says."""
        size = (high - low).to_bytes(ROWS_HEAD, "big")
        ids = self.ids[low:high].astype("<i8").tobytes()
        return b"".join((size, ids, self.data[self.starts[low] : self.starts[high]].tobytes()))


#: Bytes before the ids of rows.
ROWS_HEAD = 2


@dataclass(frozen=True)
class RowFile:
    """Rows by rank in a file: row r is its bytes from `starts[r]` to before `starts[r + 1]`."""

    descriptor: int
    starts: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int64]

    def take(self, ranks: npt.NDArray[np.uint32]) -> RowStore:
        """Read rows, in the order asked for."""
        begins = self.starts[ranks]
        sizes = self.starts[ranks.astype(np.int64) + 1] - begins
        data = read_pieces(self.descriptor, begins, sizes)
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        return RowStore(data, starts, self.ids[ranks])


#: Bytes before deflated text: how many it takes.
PACKED_HEAD = 3


def pack(text: bytes | Bytes) -> bytes:
    """Return packed text."""
    packed = bytes(deflate.deflate_compress(text, _LEVEL))
    return len(packed).to_bytes(PACKED_HEAD, "big") + packed
