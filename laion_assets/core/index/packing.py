"""Rows and terms as packed text: JSON by column, deflated, the ids of rows after it.

Lives here: the one form in which rows travel, in the slots of documents and beside the terms that
show them first. Not here: where they are put (`documents`, `term_files`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import deflate
import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled
from laion_assets.core.index.spilled import read_pieces

#: The columns of a row besides its id, in the order in which `describe_rows.sql` joins them.
COLUMNS = (
    "url", "caption", "width", "height", "aesthetic", "punsafe", "domain", "visibility",
)  # fmt: skip
#: Of libdeflate: level 1 is 1 per cent larger in two thirds of the time.
_LEVEL = 6

Bytes = npt.NDArray[np.uint8]


class RowStore(NamedTuple):
    """Rows by rank: the JSON of each one's columns, a line to a column, and its id.

    Row r is `data[starts[r]:starts[r + 1]]`.
    """

    data: Bytes
    starts: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int64]


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
        if len(data) != sizes.sum():
            raise OSError("what the merge wrote to its temporary folder cannot be read")
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        return RowStore(data, starts, self.ids[ranks])


def pack(text: bytes | Bytes, ids: bytes = b"") -> bytes:
    """Return packed text: bytes of the deflated JSON, how many ids, both, as `FORMAT.md` says."""
    packed = bytes(deflate.deflate_compress(text, _LEVEL))
    sizes = len(packed).to_bytes(3, "big") + (len(ids) // 8).to_bytes(2, "big")
    return b"".join((sizes, packed, ids))


@compiled
def columns_of(rows: RowStore, ranks: npt.NDArray[np.uint32]) -> Bytes:
    """Return `[url,…],[caption,…],…` of rows, the JSON of each column."""
    size = 64
    for rank in ranks:
        size += rows.starts[rank + 1] - rows.starts[rank] + 1
    out = np.empty(size, np.uint8)
    at = 0
    begins = np.empty(len(ranks), np.int64)
    for i in range(len(ranks)):
        begins[i] = rows.starts[ranks[i]]
    for column in range(8):
        if column:
            out[at] = 44
            at += 1
        out[at] = 91
        at += 1
        for i in range(len(ranks)):
            if i:
                out[at] = 44
                at += 1
            j, end = begins[i], rows.starts[ranks[i] + 1]
            while j < end and rows.data[j] != 10:  # noqa: PLR2004 - a line end
                out[at] = rows.data[j]
                at += 1
                j += 1
            begins[i] = j + 1
        out[at] = 93
        at += 1
    return out[:at]


def cell(rows: RowStore, ranks: npt.NDArray[np.uint32]) -> bytes:
    """Return rows as packed text."""
    text = b"".join((b"[", columns_of(rows, ranks).tobytes(), b"]"))
    return pack(text, rows.ids[ranks].astype("<i8").tobytes())
