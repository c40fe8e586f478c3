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
    """The strings of all columns as one tree in one table, so small that a core's cache holds it.

    From a node a byte leads to entry `base + byte`, where `base` is the node's own, or
    `roots[column]` where a string begins; nowhere, unless the entry says that it is of that byte.
    From a root every byte leads somewhere. An entry is the byte in 9 bits, the node's base in 22,
    and what the longest string that ends on the way there stands for: its bytes in 5 bits, whether
    they end a column, how many bits its code has in 4, its code.
    """

    table: npt.NDArray[np.int64]
    roots: Offsets


#: The byte of an entry that is of none, and how far its parts are shifted.
_NONE = 256
_BASE, _LENGTH, _ENDS, _WIDTH, _CODE = 9, 31, 36, 37, 41


def make_coder(strings: Sequence[Sequence[bytes]], lengths: Sequence[Offsets]) -> Coder:
    """Return the strings and the bits of symbols of each column as a coder."""
    nodes: list[dict[int, int]] = []  # by byte the next node
    symbols: list[int] = []  # of what ends at a node, as in an entry

    def grow() -> int:
        nodes.append({})
        symbols.append(0)
        return len(nodes) - 1

    roots = []
    for own, bits in zip(strings, lengths, strict=True):
        roots.append(grow())
        texts = [*(bytes([byte]) for byte in range(BYTES)), *own]
        for text, code, width in zip(texts, canonical(bits).tolist(), bits.tolist(), strict=True):
            if not width and len(text) > 1:
                continue
            node = roots[-1]
            for byte in text:
                if byte not in nodes[node]:
                    nodes[node][byte] = grow()
                node = nodes[node][byte]
            symbols[node] = code << _CODE | width << _WIDTH | len(text) << _LENGTH
            symbols[node] |= (text[-1] == END) << _ENDS
    bases, size = _place(nodes)
    table = np.full(size, _NONE, np.int64)
    waiting = [(root, 0) for root in roots]
    while waiting:
        node, longest = waiting.pop()
        for byte, following in nodes[node].items():
            best = symbols[following] or longest
            table[bases[node] + byte] = best | bases[following] << _BASE | byte
            waiting.append((following, best))
    return Coder(table, np.array([bases[root] for root in roots], np.int64))


def _place(nodes: Sequence[dict[int, int]]) -> tuple[list[int], int]:
    """Return a base for each node, such that no two entries are in one place; the table's size.

    No two nodes share a base, or an entry of one would pass for the other's. Those without
    following ones have base 0, where there are no entries.
    """
    bases, taken, used = [0] * len(nodes), {0}, set[int]()
    count = begin = 0
    for node in sorted(range(len(nodes)), key=lambda n: -len(nodes[n])):
        following = sorted(nodes[node])
        if not following:
            break
        if len(following) != count:  # of fewer bytes: there may be room among what is there
            count, begin = len(following), BYTES
        while (
            begin in used
            or (base := begin - following[0]) in taken
            or not used.isdisjoint([base + byte for byte in following])
        ):
            begin += 1
        bases[node] = base
        taken.add(base)
        used.update(base + byte for byte in following)
    return bases, max(used, default=0) + BYTES + 1


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
    table, roots = coder
    symbols = np.empty(len(data), np.int64)
    size = at = 0
    while at < len(data):
        entry = table[roots[0] + np.int64(data[at])]
        i = at + 1
        while i < len(data):
            byte = np.int64(data[i])
            following = table[((entry >> 9) & 0x3FFFFF) + byte]
            if following & 0x1FF != byte:
                break
            entry = following
            i += 1
        at += (entry >> 31) & 31
        symbols[size] = entry >> 41
        size += 1
    return symbols[:size]


def encode_rows(data: Bytes, starts: Offsets, coder: Coder) -> tuple[Bytes, Offsets]:
    """Return rows in codes side by side, and where each begins, and the end.

    Row r is `data[starts[r]:starts[r + 1]]`: its columns, each followed by `END`.
    """
    words, begins = _encode(data, starts, coder)
    return words.astype(">u8").view(np.uint8)[: begins[-1]], begins


@compiled
def _encode(data: Bytes, starts: Offsets, coder: Coder) -> tuple[npt.NDArray[np.uint64], Offsets]:
    """Return the codes as one stream of bits, 64 to a word, and the bytes before each row."""
    table, roots = coder
    rows = len(starts) - 1
    # A byte takes at most 15 bits, what is left of a row's last byte 7.
    words = np.empty((2 * (starts[-1] - starts[0]) + rows) // 8 + 2, np.uint64)
    begins = np.zeros(rows + 1, np.int64)
    place, held, bits = 0, np.uint64(0), np.int64(0)
    for row in range(rows):
        at, end = starts[row], starts[row + 1]
        column = np.int64(0)
        while at < end:
            # The longest string that begins here, as in `_parse`: in a function of the two it took
            # a third longer.
            entry = table[roots[column] + np.int64(data[at])]
            i = at + 1
            while i < end:
                byte = np.int64(data[i])
                following = table[((entry >> 9) & 0x3FFFFF) + byte]
                if following & 0x1FF != byte:
                    break
                entry = following
                i += 1
            found = entry >> 31
            at += found & 31
            column += (found >> 5) & 1
            width, code = (found >> 6) & 15, np.uint64(found >> 10)
            over = bits + width - 64
            if over < 0:
                held = (held << np.uint64(width)) | code
                bits += width
            else:
                words[place] = (held << np.uint64(64 - bits)) | (code >> np.uint64(over))
                place += 1
                held, bits = code & np.uint64((1 << over) - 1), over
        filling = -bits & 7
        held, bits = held << np.uint64(filling), bits + filling
        begins[row + 1] = 8 * place + bits // 8
    if bits:
        words[place] = held << np.uint64(64 - bits)
        place += 1
    return words[:place], begins
