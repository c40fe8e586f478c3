"""From the tokens of all documents in rank order to postings: of words, and of words side by side.

Works on a range of words at a time, so that memory is that of the range and ranges can be made by
different threads or machines. Not here: how postings are written (`lists`, `dictionary`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled

Ids = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]
Places = npt.NDArray[np.uint16]
MOST_PLACE = 65_535


@dataclass(frozen=True)
class Stream:
    """Every document's tokens, in rank order.

    `words[ends[i - 1]:ends[i]]` are the tokens of document i, whose number is `numbers[i]`.
    """

    words: Words
    ends: Offsets
    numbers: Ids


@dataclass(frozen=True)
class Postings:
    """Lists of some terms: the numbers of term i are `ids[starts[i]:starts[i + 1]]`, ascending."""

    starts: Offsets
    ids: Ids


@dataclass(frozen=True)
class Pairs:
    """Lists of words side by side: entry i is the word `first[i]` followed by `second[i]`.

    The places of posting j (of the first word, in tokens from the caption's beginning) are
    `places[place_starts[j]:place_starts[j + 1]]`.
    """

    first: Words
    second: Words
    postings: Postings
    places: Places
    place_starts: Offsets


def invert_words(stream: Stream, low: int, high: int) -> Postings:
    """Return the documents of each word from `low` to before `high`."""
    starts, ids = _invert(stream.words, stream.ends, stream.numbers, low, high)
    return Postings(starts, ids)


@compiled
def _invert(
    words: Words, ends: Offsets, numbers: Ids, low: int, high: int
) -> tuple[Offsets, Ids]:
    last = np.full(high - low, -1, np.int64)
    starts = np.zeros(high - low + 1, np.int64)
    at = 0
    for document in range(len(ends)):
        while at < ends[document]:
            word = words[at] - low
            at += 1
            if 0 <= word < high - low and last[word] != document:
                last[word] = document
                starts[word + 1] += 1
    for word in range(high - low):
        starts[word + 1] += starts[word]
    ids = np.empty(starts[-1], np.uint32)
    filled = starts[:-1].copy()
    last[:] = -1
    at = 0
    for document in range(len(ends)):
        while at < ends[document]:
            word = words[at] - low
            at += 1
            if 0 <= word < high - low and last[word] != document:
                last[word] = document
                ids[filled[word]] = numbers[document]
                filled[word] += 1
    return starts, ids


def invert_pairs(stream: Stream, low: int, high: int) -> Pairs:
    """Return words side by side whose first is from `low` to before `high`."""
    found = _pairs(stream.words, stream.ends, stream.numbers, low, high)
    first, second, starts, ids, places, place_starts = found
    return Pairs(first, second, Postings(starts, ids), places, place_starts)


@compiled
def _pairs(
    words: Words, ends: Offsets, numbers: Ids, low: int, high: int
) -> tuple[Words, Words, Offsets, Ids, Places, Offsets]:
    # By first word, in the order of the documents.
    begin = np.zeros(high - low + 1, np.int64)
    at = 0
    for document in range(len(ends)):
        while at < ends[document] - 1:
            word = words[at] - low
            if 0 <= word < high - low:
                begin[word + 1] += 1
            at += 1
        at = ends[document]
    for word in range(high - low):
        begin[word + 1] += begin[word]
    size = begin[-1]
    second = np.empty(size, np.int32)
    document_of = np.empty(size, np.uint32)
    place_of = np.empty(size, np.uint16)
    filled = begin[:-1].copy()
    start = 0
    for document in range(len(ends)):
        for at in range(start, ends[document] - 1):
            word = words[at] - low
            if 0 <= word < high - low:
                to = filled[word]
                second[to] = words[at + 1]
                document_of[to] = numbers[document]
                place_of[to] = min(at - start, 65_535)
                filled[word] += 1
        start = ends[document]
    # Then by second word, which keeps the order of the documents.
    firsts = np.empty(size, np.int32)
    seconds = np.empty(size, np.int32)
    starts = np.empty(size + 1, np.int64)
    ids = np.empty(size, np.uint32)
    places = np.empty(size, np.uint16)
    place_starts = np.empty(size + 1, np.int64)
    entries = postings = placed = 0
    for word in range(high - low):
        a, b = begin[word], begin[word + 1]
        if a == b:
            continue
        order = np.argsort(second[a:b], kind="mergesort")
        before = np.int64(-1)
        document = np.int64(-1)
        for i in order:
            if second[a + i] != before:
                before = np.int64(second[a + i])
                document = -1
                firsts[entries] = word + low
                seconds[entries] = before
                starts[entries] = postings
                entries += 1
            if document_of[a + i] != document:
                document = np.int64(document_of[a + i])
                ids[postings] = document
                place_starts[postings] = placed
                postings += 1
            places[placed] = place_of[a + i]
            placed += 1
    starts[entries] = postings
    place_starts[postings] = placed
    return (
        firsts[:entries].copy(),
        seconds[:entries].copy(),
        starts[: entries + 1].copy(),
        ids[:postings].copy(),
        places,
        place_starts[: postings + 1].copy(),
    )
