"""Rows as the search client gets them: a few at a time, by column, deflated.

Lives here: the one form in which rows travel, in the slots of documents and beside the terms that
show them first. Not here: where they are put (`slots`, `dictionary`).

A cell: bytes of its deflated part (2 bytes, the higher first), that part, then the 8 bytes of every
row's id. Deflated is JSON: a list for each of `COLUMNS`, in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import deflate

#: The columns of a cell besides the id.
COLUMNS = (
    "url", "caption", "width", "height", "aesthetic", "punsafe", "domain", "visibility",
)  # fmt: skip
_LEVEL = 6  # of libdeflate; 1 is 1 per cent larger in two thirds of the time


@dataclass(frozen=True)
class Rows:
    """Rows ready for cells: for each the JSON of its columns, joined by newlines, and its id."""

    columns: Sequence[Sequence[bytes]]  # JSON of each value, column by column
    ids: bytes  # 8 bytes a row, little-endian


def cell(columns: Sequence[Sequence[bytes]], ids: bytes) -> bytes:
    """Return a cell of rows whose values are given as JSON, column by column."""
    text = b"[[" + b"],[".join(b",".join(column) for column in columns) + b"]]"
    packed = deflate.deflate_compress(text, _LEVEL)
    return len(packed).to_bytes(2, "big") + bytes(packed) + ids
