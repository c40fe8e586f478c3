"""Posting lists as Rice codes, in chunks that a reader checks one by one.

A list is ascending document numbers; in series that answer phrases each comes with its places, in
lists of rarer terms with the hot terms of that document. A reader decodes any beginning of it,
which by the order of the numbers holds the best documents. Rice codes came to 9.1 bits a posting
where deflated gaps came to 11.8. `FORMAT.md` describes the bits. Not here: terms (`term_files`),
where a long list goes on (`tails`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import Integer, compiled, inlined, put, wider
from laion_assets.core.index.units import CHECK, Units, checksum

CHUNK = 512  # units of a chunk, its checksum among them
PAYLOAD = CHUNK - CHECK
ITEM_K = 3  # of the places and of the hot terms of a document

Ranks = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Postings(NamedTuple):
    """Lists of some terms: the documents of term i are `ranks[starts[i]:starts[i + 1]]`, ascending.

    What comes with posting j is `items[item_starts[j]:item_starts[j + 1]]`; a code says how many
    items there are, less `least`. Or, `by_document`, it is the same for each posting of a document,
    and in codes already (`emit_items`): with the document of rank r come the bits from
    `item_starts[r]` to before `item_starts[r + 1]`, 15 of them to each of `items`, two more than
    those have. `item_starts` is empty where nothing comes.
    """

    starts: Offsets
    ranks: Ranks
    item_starts: Offsets
    items: npt.NDArray[np.uint16]
    by_document: bool
    least: int


NO_ITEMS = (np.empty(0, np.int64), np.empty(0, np.uint16))


def plain_postings(starts: Offsets, ranks: Ranks) -> Postings:
    """Return lists of documents with which nothing comes."""
    return Postings(starts, ranks, *NO_ITEMS, False, 0)


class Encoded(NamedTuple):
    """Lists as payloads of chunks: that of list i is `units[ends[i - 1]:ends[i]]`, of `k[i]`."""

    units: Units
    ends: Offsets
    k: npt.NDArray[np.int64]


@inlined
def emit(
    out: Units, at: Integer, held: Integer, bits: Integer, value: Integer, width: Integer
) -> tuple[Integer, Integer, Integer]:
    """Append `width` (at most 30) bits to those held, and whole units of them to `out`."""
    held = (held << width) | value
    bits += width
    while bits >= 15:  # noqa: PLR2004 - bits of a unit
        bits -= 15
        out[at] = (held >> bits) & 0x7FFF
        at += 1
    return at, held & ((1 << bits) - 1), bits


@inlined
def emit_code(
    out: Units, at: Integer, held: Integer, bits: Integer, value: Integer, k: Integer
) -> tuple[Integer, Integer, Integer]:
    """Append a Rice code to the bits held, and whole units of them to `out`."""
    quotient = value >> k
    if quotient >= 24:  # noqa: PLR2004 - a number given in full
        at, held, bits = emit(out, at, held, bits, (1 << 24) - 1, 24)
        return emit(out, at, held, bits, value, 30)
    at, held, bits = emit(out, at, held, bits, ((1 << quotient) - 1) << 1, quotient + 1)
    return emit(out, at, held, bits, value & ((1 << k) - 1), k)


@inlined
def emit_items(
    out: Units,
    at: Integer,
    held: Integer,
    bits: Integer,
    items: npt.NDArray[np.uint16],
    least: int,
) -> tuple[Integer, Integer, Integer]:
    """Append how many ascending items there are, less `least`, and these, to the bits held."""
    for _ in range(len(items) - least):
        at, held, bits = emit(out, at, held, bits, 1, 1)
    at, held, bits = emit(out, at, held, bits, 0, 1)
    before = np.int64(-1)
    for each in items:
        item = np.int64(each)
        at, held, bits = emit_code(out, at, held, bits, item - before - 1, ITEM_K)
        before = item
    return at, held, bits


@inlined
def _copy(
    out: Units,
    at: Integer,
    held: Integer,
    bits: Integer,
    units: Units,
    start: Integer,
    end: Integer,
) -> tuple[Integer, Integer, Integer]:
    """Append bits of units to those held, up to thirty at a time."""
    while start < end:
        width = min(30, end - start)
        first = start // 15
        window = (
            (np.int64(units[first]) << 30)
            | (np.int64(units[first + 1]) << 15)
            | np.int64(units[first + 2])
        )
        value = (window >> (45 - (start - 15 * first) - width)) & ((1 << width) - 1)
        at, held, bits = emit(out, at, held, bits, value, width)
        start += width
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
    postings: Postings, numbers: Numbers, chosen: Offsets, bare: Flags
) -> tuple[Units, Offsets, npt.NDArray[np.int64]]:
    listed = np.int64(0)
    for c in range(len(chosen)):
        listed += postings.starts[chosen[c] + 1] - postings.starts[chosen[c]]
    units = np.empty(2 * listed + 64, np.uint16)
    ks, ends = np.zeros(len(chosen), np.int64), np.zeros(len(chosen), np.int64)
    at: Integer = np.int64(0)
    for c in range(len(chosen)):
        with_items = len(postings.item_starts) > 0 and not bare[c]
        low, high = postings.starts[chosen[c]], postings.starts[chosen[c] + 1]
        ks[c] = _parameter(postings, numbers, low, high)
        held: Integer = np.int64(0)
        bits: Integer = np.int64(0)
        before = np.int64(-1)
        for j in range(low, high):
            number = np.int64(numbers[postings.ranks[j]])
            start = end = np.int64(0)
            if with_items:
                where = np.int64(postings.ranks[j]) if postings.by_document else j
                start, end = postings.item_starts[where], postings.item_starts[where + 1]
            # At most 54 bits for a number, as much for each item, and a one for it.
            if at + 5 + 4 * (end - start) > len(units):
                units = wider(units, 2 * len(units) + 4 * (end - start))
            at, held, bits = emit_code(units, at, held, bits, number - before - 1, ks[c])
            before = number
            if not with_items:
                continue
            if postings.by_document:
                at, held, bits = _copy(units, at, held, bits, postings.items, start, end)
            else:
                own = postings.items[start:end]
                at, held, bits = emit_items(units, at, held, bits, own, postings.least)
        if bits:
            units[at] = (held << (15 - bits)) & 0x7FFF
            at += 1
        ends[c] = at
    return units[:at].copy(), ends, ks


def encode_lists(postings: Postings, numbers: Numbers, chosen: Offsets, bare: Flags) -> Encoded:
    """Return the chosen lists as payloads of chunks; those that are `bare` without items."""
    return Encoded(*_encode(postings, numbers, chosen, bare))


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
