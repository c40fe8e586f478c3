"""The dictionary of one series: its sorted terms in files of blocks, with the lists beside them.

A reader finds the file of a term in the directory, its block in the file's head, and in the block
the term: how many documents, the first of them, and where the list is. Not here: how lists are coded
(`lists`), rows (`cells`), which terms there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled, inlined

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]
Ids = npt.NDArray[np.uint32]
Places = npt.NDArray[np.uint16]

#: Documents of a term that its block names itself; longer lists stand apart.
INLINE = 6
#: Documents that a longer list's entry names too: a page, so that it needs no list.
FIRST = 12


@inlined
def _number(out: Bytes, at: int, value: int) -> int:
    """Write a number in decimal digits; return the place after."""
    digits, rest = 1, value // 10
    while rest:
        digits += 1
        rest //= 10
    for i in range(digits - 1, -1, -1):
        out[at + i] = 48 + value % 10
        value //= 10
    return at + digits


@inlined
def _shared(data: Bytes, a0: int, a1: int, b0: int, b1: int) -> tuple[int, int]:
    """Return the bytes, and the UTF-16 units, that two terms begin with alike, whole characters."""
    most = min(a1 - a0, b1 - b0)
    same = 0
    while same < most and data[a0 + same] == data[b0 + same]:
        same += 1
    while same and same < b1 - b0 and data[b0 + same] & 0xC0 == 0x80:
        same -= 1
    units = 0
    for i in range(same):
        byte = data[b0 + i]
        if byte & 0xC0 != 0x80:
            units += 2 if byte >= 0xF0 else 1
    return same, units


@compiled
def block_text(
    terms: Bytes,
    offsets: Offsets,
    low: int,
    high: int,
    counts: Offsets,
    starts: Offsets,
    ids: Ids,
    at_lists: Offsets,
    list_units: Offsets,
    list_k: Offsets,
    first: int,
    places: Places,
    place_starts: Offsets,
) -> Bytes:
    """Return the JSON of the terms from `low` to before `high`.

    `[[shared UTF-16 units, ...], "rest\\nrest...", [documents, ...], [[...], ...]]`. The last has
    for a term of at most `INLINE` documents their numbers as gaps (from 0), each followed by its
    place where the series has places (a gap of 0 is one more place of the same document); for a
    longer one `[where, units, k, gap, ...]` with its `first` documents.
    """
    placed = len(place_starts) > 0
    room = 64
    for i in range(low, high):
        room += 64 + 2 * (offsets[i + 1] - offsets[i]) + 12 * min(max(first, INLINE), counts[i])
        if placed and counts[i] <= INLINE:
            room += 12 * (place_starts[starts[i + 1]] - place_starts[starts[i]])
    out = np.empty(room, np.uint8)
    at = 0
    out[at] = 91
    out[at + 1] = 91
    at += 2
    sames = np.zeros(high - low, np.int64)
    for i in range(low, high):
        units = 0
        if i > low:
            sames[i - low], units = _shared(
                terms, offsets[i - 1], offsets[i], offsets[i], offsets[i + 1]
            )
            out[at] = 44
            at += 1
        at = _number(out, at, units)
    out[at] = 93
    out[at + 1] = 44
    out[at + 2] = 34
    at += 3
    for i in range(low, high):
        if i > low:
            out[at] = 92
            out[at + 1] = 110
            at += 2
        for j in range(offsets[i] + sames[i - low], offsets[i + 1]):
            byte = terms[j]
            if byte in (34, 92):
                out[at] = 92
                at += 1
            out[at] = byte
            at += 1
    out[at] = 34
    out[at + 1] = 44
    out[at + 2] = 91
    at += 3
    for i in range(low, high):
        if i > low:
            out[at] = 44
            at += 1
        at = _number(out, at, counts[i])
    out[at] = 93
    out[at + 1] = 44
    out[at + 2] = 91
    at += 3
    for i in range(low, high):
        if i > low:
            out[at] = 44
            at += 1
        out[at] = 91
        at += 1
        shown = counts[i]
        if counts[i] > INLINE:
            at = _number(out, at, at_lists[i])
            out[at] = 44
            at = _number(out, at + 1, list_units[i])
            out[at] = 44
            at = _number(out, at + 1, list_k[i])
            shown = min(first, counts[i])
            if shown:
                out[at] = 44
                at += 1
        before = 0
        for n in range(shown):
            j = starts[i] + n
            if n:
                out[at] = 44
                at += 1
            at = _number(out, at, ids[j] - before)
            before = ids[j]
            if placed and counts[i] <= INLINE:
                for p in range(place_starts[j], place_starts[j + 1]):
                    if p > place_starts[j]:
                        out[at] = 44
                        out[at + 1] = 48
                        at += 2
                    out[at] = 44
                    at = _number(out, at + 1, places[p])
        out[at] = 93
        at += 1
    out[at] = 93
    out[at + 1] = 93
    return out[: at + 2]
