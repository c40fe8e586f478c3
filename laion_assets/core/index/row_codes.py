"""Rows in the codes that `row_tables` chose, many at a time.

A row's columns are parsed into the longest strings that there are, and each becomes the bits of its
symbol (`FORMAT.md`). Not here: which strings, which bits (`row_tables`), where rows are put
(`slots`, `term_files`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled

#: Symbols that stand for single bytes; those of strings follow.
BYTES = 256
#: The byte that ends a column: JSON never holds a tab.
END = 9
#: Bits of a symbol, at most.
MOST_BITS = 15

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]


class Coder(NamedTuple):
    """The strings of all columns as trees, and the code of each symbol.

    The first byte b of a string in column c leads to node `first[c, b]`, a further one from node n
    to `steps[n << shift | classes[b]]`; 0 is nowhere. `codes[n]` is the code of the string that
    ends at node n, shifted by 4, and its bits; 0 where none ends. So small that a core's cache
    holds it.
    """

    first: npt.NDArray[np.uint16]
    steps: npt.NDArray[np.uint16]
    classes: npt.NDArray[np.uint8]
    shift: int
    codes: npt.NDArray[np.int32]


def make_coder(strings: Sequence[Sequence[bytes]], lengths: Sequence[Offsets]) -> Coder:
    """Return the strings and the bits of symbols of each column as a coder."""
    later = sorted({byte for own in strings for string in own for byte in string[1:]})
    classes = np.zeros(BYTES, np.uint8)
    classes[later] = np.arange(1, len(later) + 1)
    shift = len(later).bit_length()
    most = 1 + sum(BYTES + sum(map(len, own)) for own in strings)
    first = np.zeros((len(strings), BYTES), np.uint16)
    steps, codes = np.zeros((most, 1 << shift), np.uint16), np.zeros(most, np.int32)
    used = 1  # node 0 is nowhere
    for column, (own, bits) in enumerate(zip(strings, lengths, strict=True)):
        texts = [*(bytes([byte]) for byte in range(BYTES)), *own]
        for text, code, width in zip(texts, canonical(bits).tolist(), bits.tolist(), strict=True):
            if not width:
                continue
            tree, at = first[column], text[0]
            for byte in text[1:]:
                if not tree[at]:
                    tree[at], used = used, used + 1
                tree, at = steps[tree[at]], classes[byte]
            if not tree[at]:
                tree[at], used = used, used + 1
            codes[tree[at]] = code << 4 | width
    return Coder(first, steps[:used].ravel(), classes, shift, codes[:used].copy())


def canonical(bits: Offsets) -> Offsets:
    """Return the code of each symbol from how many bits each has, as deflate does."""
    codes = np.zeros(len(bits), np.int64)
    code = before = 0
    for symbol in np.lexsort((np.arange(len(bits)), bits)).tolist():
        width = int(bits[symbol])
        if width:
            code <<= width - before
            codes[symbol] = code
            code, before = code + 1, width
    return codes


def count_symbols(data: Bytes, strings: Sequence[bytes]) -> Offsets:
    """Return how often each symbol occurs in a column's texts: bytes first, then strings."""
    size = BYTES + len(strings)
    # Codes of equal width are numbered in the order of the symbols.
    coder = make_coder([strings], [np.full(size, MOST_BITS, np.int64)])
    return np.bincount(_parse(data, coder), minlength=size)


@compiled
def _parse(data: Bytes, coder: Coder) -> Offsets:
    first, steps, classes, shift, codes = coder
    symbols = np.empty(len(data), np.int64)
    size = 0
    at = 0
    while at < len(data):
        node = np.int64(first[0, data[at]])
        code = codes[node]
        at += 1
        i = at
        while i < len(data):
            node = np.int64(steps[(node << shift) | classes[data[i]]])
            if node == 0:
                break
            i += 1
            if codes[node]:
                code = codes[node]
                at = i
        symbols[size] = code >> 4
        size += 1
    return symbols[:size]


@compiled
def encode_rows(data: Bytes, starts: Offsets, coder: Coder) -> tuple[Bytes, Offsets]:
    """Return rows in codes side by side, and where each begins, and the end.

    Row r is `data[starts[r]:starts[r + 1]]`: its columns, each followed by `END`.
    """
    first, steps, classes, shift, codes = coder
    rows = len(starts) - 1
    # A byte takes at most 15 bits; four bytes are written at once.
    out = np.empty(2 * (starts[-1] - starts[0]) + rows + 4, np.uint8)
    begins = np.zeros(rows + 1, np.int64)
    place = 0
    for row in range(rows):
        held, bits = np.int64(0), np.int64(0)
        at, end = starts[row], starts[row + 1]
        column = 0
        while at < end:
            # The longest string that begins here, as in `_parse`: in a function of the two, which
            # takes the coder, it took more than twice as long.
            node = np.int64(first[column, data[at]])
            code = codes[node]
            at += 1
            i = at
            while i < end:
                node = np.int64(steps[(node << shift) | classes[data[i]]])
                if node == 0:
                    break
                i += 1
                if codes[node]:
                    code = codes[node]
                    at = i
            if data[at - 1] == 9:  # noqa: PLR2004 - END
                column += 1
            width = np.int64(code & 15)
            held = (held << width) | np.int64(code >> 4)
            bits += width
            if bits >= 32:  # noqa: PLR2004 - four bytes
                bits -= 32
                whole = held >> bits
                out[place] = (whole >> 24) & 0xFF
                out[place + 1] = (whole >> 16) & 0xFF
                out[place + 2] = (whole >> 8) & 0xFF
                out[place + 3] = whole & 0xFF
                place += 4
        while bits > 0:
            bits -= 8
            out[place] = (held >> bits if bits >= 0 else held << -bits) & 0xFF
            place += 1
        begins[row + 1] = place
    return out[:place].copy(), begins
