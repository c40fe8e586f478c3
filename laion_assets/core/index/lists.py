"""Posting lists as Rice codes, in chunks that a reader checks one by one.

A list is ascending document numbers; in series that answer phrases each comes with its places, in
lists of rarer terms with the hot terms of that document. A reader decodes any beginning of it,
which by the order of the numbers holds the best documents. Rice codes came to 9.1 bits a posting
where deflated gaps came to 11.8. `FORMAT.md` describes the bits. Not here: terms (`term_files`),
where a long list goes on (`tails`).
"""

# ruff: noqa: C901 - calls cost in these loops, so one is long

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import Integer, compiled, inlined, put, wider
from laion_assets.core.index.units import CHECK, Units, checksum

CHUNK = 512  # units of a chunk, its checksum among them
PAYLOAD = CHUNK - CHECK
ITEM_K = 3  # of the places and of the hot terms of a document

#: Postings whose documents are looked up together, a power of two: with nothing in between, a core
#: waits for many of these far places at once.
_LOOKED_UP = 256

Ranks = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Beside(NamedTuple):
    """Bits that come with every posting of a document, whatever the list.

    Those of the document of rank r are `codes[r]`: a piece, its bits shifted by 6 and how many they
    are (at most `PIECE`); or, with `LONGER` in place of that, the place in `longer` of how many
    pieces they are and of these. `codes` is empty where nothing comes.
    """

    codes: Offsets
    longer: Offsets


#: Bits of a piece, at most, and what stands in their place where they are more than one.
PIECE = 57
LONGER = 63

NO_ITEMS = (np.empty(0, np.int64), np.empty(0, np.uint16))
NOTHING_BESIDE = Beside(np.empty(0, np.int64), np.empty(0, np.int64))


class Postings(NamedTuple):
    """Lists of some terms: the documents of term i are `ranks[starts[i]:starts[i + 1]]`, ascending.

    With posting j come `items[item_starts[j]:item_starts[j + 1]]`, ascending, one at least;
    `item_starts` is empty where nothing comes, or where it is `beside`.
    """

    starts: Offsets
    ranks: Ranks
    item_starts: Offsets
    items: npt.NDArray[np.uint16]
    beside: Beside


def plain_postings(starts: Offsets, ranks: Ranks) -> Postings:
    """Return lists of documents with which nothing comes."""
    return Postings(starts, ranks, *NO_ITEMS, NOTHING_BESIDE)


class Encoded(NamedTuple):
    """Lists as payloads of chunks: that of list i is `units[ends[i - 1]:ends[i]]`, of `k[i]`."""

    units: Units
    ends: Offsets
    k: npt.NDArray[np.int64]


@inlined
def emit(
    out: Units, at: Integer, held: Integer, bits: Integer, value: Integer, width: Integer
) -> tuple[Integer, Integer, Integer]:
    """Append `width` (at most 60) bits to those held, and as soon as these are 60, to `out`."""
    room = 60 - bits
    if width < room:
        return at, (held << width) | value, bits + width
    over = width - room
    whole = (held << room) | (value >> over)
    out[at] = whole >> 45
    out[at + 1] = (whole >> 30) & 0x7FFF
    out[at + 2] = (whole >> 15) & 0x7FFF
    out[at + 3] = whole & 0x7FFF
    return at + 4, value & ((1 << over) - 1), over


@inlined
def finish(out: Units, at: Integer, held: Integer, bits: Integer) -> Integer:
    """Append the bits held, filled with zeros; return where the units end. Four may be written."""
    left = held << (60 - bits)
    for shift in (45, 30, 15, 0):
        out[at] = (left >> shift) & 0x7FFF
        at += 1
    return at - (60 - bits) // 15


@inlined
def rice(value: Integer, k: Integer) -> tuple[Integer, Integer]:
    """Return a Rice code of a number of 30 bits, and how many bits it has, at most 54."""
    quotient = value >> k
    if quotient >= 24:  # noqa: PLR2004 - a number given in full
        return (((1 << 24) - 1) << 30) | value, 54
    return (((1 << quotient) - 1) << (k + 1)) | (value & ((1 << k) - 1)), quotient + 1 + k


@inlined
def _emit_items(
    out: Units,
    at: Integer,
    held: Integer,
    bits: Integer,
    items: npt.NDArray[np.uint16],
    first: Integer,
    end: Integer,
) -> tuple[Integer, Integer, Integer]:
    """Append how many ascending items there are, less one, and these."""
    ones = end - first - 1
    while ones > 30:  # noqa: PLR2004 - about as many bits as are appended at once
        at, held, bits = emit(out, at, held, bits, (1 << 30) - 1, 30)
        ones -= 30
    at, held, bits = emit(out, at, held, bits, (2 << ones) - 2, ones + 1)
    before = np.int64(-1)
    for i in range(first, end):
        item = np.int64(items[i])
        code, width = rice(item - before - 1, ITEM_K)
        at, held, bits = emit(out, at, held, bits, code, width)
        before = item
    return at, held, bits


@compiled
def _parameter(postings: Postings, numbers: Numbers, low: int, high: int) -> np.int64:
    """Return the Rice parameter of the list of some postings."""
    k = np.int64(0)
    if high - low > 1:
        first = np.int64(numbers[postings.ranks[low]])
        last = np.int64(numbers[postings.ranks[high - 1]])
        mean = 0.6931 * (last - first) / (high - low - 1)
        while k < 29 and (2 << k) <= mean:  # noqa: PLR2004 - bits of a number
            k += 1
    return k


@compiled
def _encode(
    postings: Postings, numbers: Numbers, chosen: Offsets, bare: Flags, units: Units
) -> tuple[Units, Offsets, npt.NDArray[np.int64]]:
    starts, ranks, item_starts, items, (codes, longer) = postings
    placed = len(item_starts) > 0
    ks, ends = np.zeros(len(chosen), np.int64), np.zeros(len(chosen), np.int64)
    own_numbers, own_codes = np.zeros(_LOOKED_UP, np.int64), np.zeros(_LOOKED_UP, np.int64)
    at: Integer = np.int64(0)
    for c in range(len(chosen)):
        low, high = starts[chosen[c]], starts[chosen[c] + 1]
        k = ks[c] = _parameter(postings, numbers, low, high)
        beside = len(codes) > 0 and not bare[c]
        held: Integer = np.int64(0)
        bits: Integer = np.int64(0)
        before = np.int64(-1)
        for j in range(low, high):
            n = (j - low) % _LOOKED_UP
            if n == 0:
                for m in range(min(_LOOKED_UP, high - j)):
                    own_numbers[m] = numbers[ranks[j + m]]
                for m in range(min(_LOOKED_UP, high - j) if beside else 0):
                    own_codes[m] = codes[ranks[j + m]]
            first = end = np.int64(0)  # of items, or of pieces
            if placed:
                first, end = item_starts[j], item_starts[j + 1]
            elif beside and own_codes[n] & 63 == LONGER:
                first = (own_codes[n] >> 6) + 1
                end = first + longer[first - 1]
            # At most 54 bits for a number, as much for each item, and a one for it; what is held.
            if at + 16 + 4 * (end - first) > len(units):
                units = wider(units, 2 * len(units) + 4 * (end - first))
            code, width = rice(own_numbers[n] - before - 1, k)
            at, held, bits = emit(units, at, held, bits, code, width)
            before = own_numbers[n]
            if placed:
                at, held, bits = _emit_items(units, at, held, bits, items, first, end)
            elif first < end:
                for i in range(first, end):
                    at, held, bits = emit(units, at, held, bits, longer[i] >> 6, longer[i] & 63)
            elif beside:
                piece = own_codes[n]
                at, held, bits = emit(units, at, held, bits, piece >> 6, piece & 63)
        at = finish(units, at, held, bits)
        ends[c] = at
    return units[:at], ends, ks


def encode_lists(postings: Postings, numbers: Numbers, chosen: Offsets, bare: Flags) -> Encoded:
    """Return the chosen lists as payloads of chunks; those that are `bare` without items."""
    listed = int(np.diff(postings.starts)[chosen].sum())
    units = np.empty(2 * listed + 64, np.uint16)  # by NumPy, as in `invert`
    return Encoded(*_encode(postings, numbers, chosen, bare, units))


@compiled
def chunked_all(payloads: Units, begins: Offsets, ends: Offsets, seed: int, place: int) -> Units:
    """Return the chunks of pieces of payloads side by side from a place of their file on."""
    size = np.int64(0)
    for n in range(len(begins)):
        size += ends[n] - begins[n] + 2 * ((ends[n] - begins[n] + 509) // 510)
    units = np.empty(size, np.uint16)
    at = np.int64(0)
    for n in range(len(begins)):
        own = chunked(payloads[begins[n] : ends[n]], seed, int(place + at))
        put(units, at, own)
        at += len(own)
    return units


@compiled
def chunked(payload: Units, seed: int, place: int) -> Units:
    """Return the chunks of a payload, the first of which lies at `place` of its file."""
    count = (len(payload) + 509) // 510
    units = np.empty(len(payload) + 2 * count, np.uint16)
    for i in range(count):
        part = payload[i * 510 : (i + 1) * 510]
        check = checksum(seed, place + i * 512, part)
        units[i * 512] = check >> 15
        units[i * 512 + 1] = check & 0x7FFF
        put(units, i * 512 + 2, part)
    return units
