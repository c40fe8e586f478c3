"""From what every document has to lists of documents, a range of terms at a time.

Memory is that of the range, and ranges can be made by different threads or machines. Not here: how
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
    ranks = _fill(stream, low, high, starts)
    return plain_postings(starts, ranks)


@compiled
def _fill(stream: Stream, low: int, high: int, starts: Offsets) -> Ranks:
    ranks = np.empty(starts[-1], np.uint32)
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
    return ranks


@compiled
def sort_items(items: Items, bits: int) -> Items:
    """Return items by their keys of so many bits; equal keys stay in their order."""
    keys, ranks, places = items.keys, items.ranks, items.places
    size = len(keys)
    keys_to, ranks_to = np.empty_like(keys), np.empty_like(ranks)
    places_to = np.empty_like(places)
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
    keys, starts, ranks, place_starts = _group(items)
    return keys, Postings(starts, ranks, place_starts, items.places, NOTHING_BESIDE)


@compiled
def _group(items: Items) -> tuple[npt.NDArray[np.uint64], Offsets, Ranks, Offsets]:
    size = len(items.keys)
    keys = np.empty(size, np.uint64)
    starts = np.empty(size + 1, np.int64)
    ranks = np.empty(size, np.uint32)
    place_starts = np.empty(size + 1, np.int64)
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
    return (
        keys[:terms].copy(),
        starts[: terms + 1].copy(),
        ranks[:postings].copy(),
        place_starts[: postings + 1].copy(),
    )
