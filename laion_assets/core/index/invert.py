"""From what every document has to lists of documents, a range of terms at a time.

Memory is that of the range, and ranges can be made by different threads or machines. Large arrays
are made by NumPy, not in compiled code: it asks the system for large pages, and tens of thousands
of small ones took longer to come than to be filled. Not here: how
lists are written (`lists`), which terms there are (`words`, `fields`, `runs`, `characters`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled
from laion_assets.core.index.lists import (
    NOTHING_BESIDE,
    Offsets,
    Postings,
    Ranks,
    plain_postings,
)

Terms = npt.NDArray[np.int32]
#: Terms of the stream that are looked at between two turns of other threads.
_PIECE = 1 << 23


class Stream(NamedTuple):
    """What documents have, in rank order: those of rank r are `terms[ends[r - 1]:ends[r]]`."""

    terms: Terms
    ends: Offsets


class Items(NamedTuple):
    """Occurrences of things in places of documents, in any order; sorted, by key then rank."""

    keys: npt.NDArray[np.uint64]
    ranks: Ranks
    places: npt.NDArray[np.uint16]


def ranges(counts: npt.NDArray[np.int64], most: int) -> Iterator[tuple[int, int]]:
    """Cut terms into (low, high) with about `most` postings each."""
    ends = np.cumsum(counts)
    low = 0
    while low < len(counts):
        before = int(ends[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(ends, before + most, side="right")))
        yield low, high
        low = high


def invert(stream: Stream, counts: npt.NDArray[np.int64], low: int, high: int) -> Postings:
    """Return the documents of the terms from `low` to before `high`, which `counts` counted."""
    starts = np.zeros(high - low + 1, np.int64)
    np.cumsum(counts[low:high], out=starts[1:])
    ranks = np.empty(starts[-1], np.uint32)
    _fill(stream, low, high, starts, ranks)
    return plain_postings(starts, ranks)


@compiled
def _fill(stream: Stream, low: int, high: int, starts: Offsets, ranks: Ranks) -> None:
    filled = starts[:-1].copy()
    last = np.full(high - low, -1, np.int64)
    at = np.int64(0)
    for rank in range(len(stream.ends)):
        end = stream.ends[rank]
        while at < end:
            term = np.int64(stream.terms[at]) - low
            at += 1
            if 0 <= term < high - low and last[term] != rank:
                last[term] = rank
                ranks[filled[term]] = rank
                filled[term] += 1


def empty_items(size: int) -> Items:
    """Return room for items."""
    return Items(np.empty(size, np.uint64), np.empty(size, np.uint32), np.empty(size, np.uint16))


def sort_items(items: Items, bits: int) -> Items:
    """Return items by their keys of so many bits; equal keys stay in their order.

    What was given is written over.
    """
    return _sort(items, empty_items(len(items.keys)), bits)


@compiled
def _sort(items: Items, other: Items, bits: int) -> Items:
    keys, ranks, places = items
    keys_to, ranks_to, places_to = other
    size = len(keys)
    shift = 0
    while shift < bits:
        width = min(13, bits - shift)
        mask = np.uint64((1 << width) - 1)
        begins = np.zeros((1 << width) + 1, np.int64)
        for i in range(size):
            begins[np.int64((keys[i] >> np.uint64(shift)) & mask) + 1] += 1
        for i in range(1 << width):
            begins[i + 1] += begins[i]
        for i in range(size):
            digit = np.int64((keys[i] >> np.uint64(shift)) & mask)
            to = begins[digit]
            begins[digit] += 1
            keys_to[to] = keys[i]
            ranks_to[to] = ranks[i]
            places_to[to] = places[i]
        keys, keys_to = keys_to, keys
        ranks, ranks_to = ranks_to, ranks
        places, places_to = places_to, places
        shift += width
    return Items(keys, ranks, places)


def group_items(items: Items) -> tuple[npt.NDArray[np.uint64], Postings]:
    """Return the distinct keys of sorted items, and for each its documents with their places."""
    size = len(items.keys)
    keys, starts = np.empty(size, np.uint64), np.empty(size + 1, np.int64)
    ranks, place_starts = np.empty(size, np.uint32), np.empty(size + 1, np.int64)
    terms, count = _group(items, keys, starts, ranks, place_starts)
    # What is left of an array that nothing was written to takes no memory.
    postings = Postings(
        starts[: terms + 1], ranks[:count], place_starts[: count + 1], items.places, NOTHING_BESIDE
    )
    return keys[:terms], postings


@compiled
def _group(
    items: Items,
    keys: npt.NDArray[np.uint64],
    starts: Offsets,
    ranks: Ranks,
    place_starts: Offsets,
) -> tuple[int, int]:
    """Fill in distinct keys and their documents; return how many there are of each."""
    size = len(items.keys)
    terms = postings = 0
    for i in range(size):
        new = i == 0 or items.keys[i] != items.keys[i - 1]
        if new:
            keys[terms] = items.keys[i]
            starts[terms] = postings
            terms += 1
        if new or items.ranks[i] != items.ranks[i - 1]:
            ranks[postings] = items.ranks[i]
            place_starts[postings] = i
            postings += 1
    starts[terms] = postings
    place_starts[postings] = size
    return terms, postings
