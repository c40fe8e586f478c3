"""Posting lists as chunks of Rice codes, each of which can be read without the others.

A list is ascending document numbers, and in series that answer phrases the places of each document
too. It is cut into chunks of `CHUNK` units, so that a reader who knows where a list begins can
fetch any part of it: a beginning for the best documents, or, guessing from the first number of the
chunks seen so far, the one chunk that may hold a number. Rice codes came to 9.1 bits a posting
where deflated gaps came to 11.8 (see FORMAT.md). Not here: terms (`dictionary`).

A chunk: checksum (2 units), units used in all (1), documents (1), first number (2), then a stream of
bits, the highest of each unit first: for every document but the first its gap less one, and in
series with places its places. A gap is a Rice code of the list's `k`: the quotient in ones, a zero,
`k` bits; from `ESCAPE` ones on, 30 bits follow as they are. Places are one fewer than there are in
ones and a zero, then the first and the gaps less one as Rice codes of `PLACE_K`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled, inlined
from laion_assets.core.index.units import CHECK, Units, checksum

CHUNK = 512  # units
CHUNK_HEAD = CHECK + 4
ESCAPE = 24  # ones that stand for a number given in full
PLACE_K = 3
_BITS = 15
_FULL = 30  # bits of a number given in full, and of a document number

Ids = npt.NDArray[np.uint32]
Places = npt.NDArray[np.uint16]
Offsets = npt.NDArray[np.int64]


def best_k(ids: Ids) -> int:
    """Return the Rice parameter of a list: the power of two nearest the median of random gaps."""
    if len(ids) < 2:  # noqa: PLR2004 - no gap
        return 0
    mean = (int(ids[-1]) - int(ids[0])) / (len(ids) - 1)
    return max(0, int(np.floor(np.log2(max(1.0, 0.6931 * mean)))))


@inlined
def _code_bits(value: int, k: int) -> int:
    quotient = value >> k
    return ESCAPE + _FULL if quotient >= ESCAPE else quotient + 1 + k


@inlined
def _put(units: Units, bit: int, value: int, width: int) -> int:
    """Write `width` bits (at most 30) at a bit position; return the one after."""
    while width > 0:
        at, room = bit // _BITS, _BITS - bit % _BITS
        take = min(room, width)
        part = (value >> (width - take)) & ((1 << take) - 1)
        units[at] |= part << (room - take)
        bit += take
        width -= take
    return bit


@inlined
def _put_code(units: Units, bit: int, value: int, k: int) -> int:
    quotient = value >> k
    if quotient >= ESCAPE:
        bit = _put(units, bit, (1 << ESCAPE) - 1, ESCAPE)
        return _put(units, bit, value, _FULL)
    bit = _put(units, bit, ((1 << quotient) - 1) << 1, quotient + 1)
    return _put(units, bit, value & ((1 << k) - 1), k)


@inlined
def _places_bits(places: Places, start: int, end: int) -> int:
    bits = end - start
    before = -1
    for i in range(start, end):
        bits += _code_bits(int(places[i]) - before - 1, PLACE_K)
        before = int(places[i])
    return bits


@inlined
def _put_places(units: Units, bit: int, places: Places, start: int, end: int) -> int:
    for _ in range(end - start - 1):
        bit = _put(units, bit, 1, 1)
    bit = _put(units, bit, 0, 1)
    before = -1
    for i in range(start, end):
        bit = _put_code(units, bit, int(places[i]) - before - 1, PLACE_K)
        before = int(places[i])
    return bit


@compiled
def encode_list(
    ids: Ids, k: int, seed: int, offset: int, places: Places, starts: Offsets
) -> Units:
    """Return the chunks of a list that will lie at `offset` of the file with that `seed`.

    The places of document i are `places[starts[i]:starts[i + 1]]`, ascending; `starts` is empty
    for series without. All chunks but the last have `CHUNK` units.
    """
    placed = len(starts) > 0
    room = (CHUNK - CHUNK_HEAD) * _BITS
    units = np.zeros(max(4 * CHUNK, len(ids) // 128 * CHUNK), np.uint16)
    end, i = 0, 0
    while i < len(ids):
        if end + 2 * CHUNK > len(units):
            more = np.zeros(2 * len(units), np.uint16)
            more[:end] = units[:end]
            units = more
        base = (end + CHUNK_HEAD) * _BITS
        bit, first = base, i
        while i < len(ids):
            bits = 0
            if i > first:
                bits = _code_bits(int(ids[i]) - int(ids[i - 1]) - 1, k)
            if placed:
                bits += _places_bits(places, starts[i], starts[i + 1])
            if bit - base + bits > room and i > first:
                break
            if i > first:
                bit = _put_code(units, bit, int(ids[i]) - int(ids[i - 1]) - 1, k)
            if placed:
                bit = _put_places(units, bit, places, starts[i], starts[i + 1])
            i += 1
        used = (bit + _BITS - 1) // _BITS - end
        units[end + 2] = used
        units[end + 3] = i - first
        units[end + 4] = ids[first] >> _BITS
        units[end + 5] = ids[first] & 0x7FFF
        check = checksum(seed, offset + end, units[end + CHECK : end + used])
        units[end] = check >> _BITS
        units[end + 1] = check & 0x7FFF
        end += CHUNK if i < len(ids) else used
    return units[:end]
