"""Series `x`: beginnings of words that many words have: how many documents, and the first of them.

A prefix of few words is the union of their lists; one of many would be megabytes of them. Not here:
the words themselves (`words`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled, wider
from laion_assets.core.index.blocks import PAGE, plain_terms
from laion_assets.core.index.invert import Stream
from laion_assets.core.index.lists import Offsets, plain_postings
from laion_assets.core.index.packing import Bytes
from laion_assets.core.index.runs import Vocabulary
from laion_assets.core.index.term_files import BLOCK_BYTES, Batch
from laion_assets.core.index.units import joined

#: Beginnings stand for themselves where their words take more than so many blocks, of which a
#: search reads up to one more.
_BLOCKS = 2.5
_LONGEST = 32  # characters


def beginnings(words: Vocabulary, weights: npt.NDArray[np.int64], stream: Stream) -> Batch:
    """Return the beginnings; their lists hold the first documents only.

    `weights` are the bytes that each word takes in its block.
    """
    least = int(_BLOCKS * BLOCK_BYTES)
    found = _find(words.data, words.starts, np.cumsum(weights) - weights, weights, least)
    word, size, low, high = found
    texts = [
        words.data[words.starts[w] : words.starts[w] + n].tobytes()
        for w, n in zip(word, size, strict=True)
    ]
    order = np.array(sorted(range(len(texts)), key=texts.__getitem__), np.int64)
    low, high = low[order], high[order]
    data, text_starts = joined([texts[i] for i in order.tolist()])
    # Those of the same words follow one another, the shortest first: the others stand for it.
    same = np.zeros(len(low), np.bool_)
    same[1:] = (low[1:] == low[:-1]) & (high[1:] == high[:-1])
    own = np.flatnonzero(~same)
    counts, shown = np.zeros(len(low), np.int64), np.zeros(len(low), np.int64)
    counts[own], firsts = _count(stream, len(words.counts), low[own], high[own])
    shown[own] = np.minimum(counts[own], PAGE)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(shown)])
    ranks = firsts[np.arange(PAGE) < shown[own][:, None]]
    shortest = own[np.cumsum(~same) - 1]
    terms = plain_terms(data, text_starts, counts)._replace(
        alias=np.where(same, text_starts[shortest], -1),
        alias_ends=np.where(same, text_starts[shortest + 1], -1),
    )
    return Batch(terms, plain_postings(starts, ranks))


@compiled
def _find(
    data: Bytes, starts: Offsets, before: Offsets, weights: Offsets, least: int
) -> tuple[Offsets, Offsets, Offsets, Offsets]:
    """Return (a word, bytes of it, first word, one past the last) of each beginning that is heavy.

    Beginnings of the same words are all there: any of them may be typed.
    """
    words = len(starts) - 1
    open_at = np.full(_LONGEST * 4 + 1, -1, np.int64)  # by bytes of a beginning: its first word
    found = 0
    room = 1024
    word, size = np.empty(room, np.int64), np.empty(room, np.int64)
    low, high = np.empty(room, np.int64), np.empty(room, np.int64)
    for w in range(words + 1):
        same = 0
        if 0 < w < words:
            a, b = starts[w - 1], starts[w]
            most = min(starts[w] - a, starts[w + 1] - b)
            while same < most and data[a + same] == data[b + same]:
                same += 1
        # What ends before this word: every beginning of the one before that is longer than shared.
        if w:
            length = min(starts[w] - starts[w - 1], _LONGEST * 4)
            for n in range(same + 1, length + 1):
                first = open_at[n]
                at = starts[w - 1] + n
                whole = n == starts[w] - starts[w - 1] or data[at] & 0xC0 != 0x80  # noqa: PLR2004
                heavy = before[w - 1] + weights[w - 1] - before[first] > least
                if whole and heavy:
                    if found == room:
                        room *= 2
                        word, size = wider(word, room), wider(size, room)
                        low, high = wider(low, room), wider(high, room)
                    word[found], size[found] = first, n
                    low[found], high[found] = first, w
                    found += 1
        if w < words:
            for n in range(same + 1, min(starts[w + 1] - starts[w], _LONGEST * 4) + 1):
                open_at[n] = w
    return word[:found].copy(), size[:found].copy(), low[:found].copy(), high[:found].copy()


@compiled
def _owners(words: int, low: Offsets, high: Offsets) -> tuple[Offsets, npt.NDArray[np.int32]]:
    """Return the ranges that each word is in: where they begin, and their numbers."""
    begins = np.zeros(words + 1, np.int64)
    for i in range(len(low)):
        for w in range(low[i], high[i]):
            begins[w + 1] += 1
    for w in range(words):
        begins[w + 1] += begins[w]
    own = np.empty(begins[-1], np.int32)
    filled = begins[:-1].copy()
    for i in range(len(low)):
        for w in range(low[i], high[i]):
            own[filled[w]] = i
            filled[w] += 1
    return begins, own


@compiled
def _count(
    stream: Stream, words: int, low: Offsets, high: Offsets
) -> tuple[Offsets, npt.NDArray[np.uint32]]:
    """Return how many documents each range of words has, and the ranks of the first ones."""
    size = len(low)
    begins, own = _owners(words, low, high)
    counts = np.zeros(size, np.int64)
    firsts = np.zeros((size, 20), np.uint32)
    last = np.full(size, -1, np.int64)
    at = np.int64(0)
    for rank in range(len(stream.ends)):
        while at < stream.ends[rank]:
            w = stream.terms[at]
            at += 1
            for k in range(begins[w], begins[w + 1]):
                i = own[k]
                if last[i] != rank:
                    last[i] = rank
                    if counts[i] < 20:  # noqa: PLR2004 - PAGE
                        firsts[i, counts[i]] = rank
                    counts[i] += 1
    return counts, firsts
