"""Series `b`: runs of two words side by side, and of three where the two are common.

A phrase of any length is an intersection of these by their places. Words of few documents are in
none: their captions stand with them and decide. Not here: inversion itself (`invert`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled
from laion_assets.core.index.blocks import PAGE, plain_terms
from laion_assets.core.index.invert import Items, Stream, group_items, ranges, sort_items
from laion_assets.core.index.lists import Offsets
from laion_assets.core.index.packing import Bytes
from laion_assets.core.index.term_files import Batch
from laion_assets.core.index.units import text_at

#: A word of at most so many documents is in no run: its rows are all in its block.
RARE = PAGE
#: Runs of two words that occur more often than this have their runs of three: a list up to there is
#: some 40 kB, which is what a phrase may read.
OFTEN = 16_384
_MOST_COMMON = 8_192  # words that can be part of a run that occurs often
_ITEMS = 5_000_000  # occurrences of runs that are sorted at once


@dataclass(frozen=True)
class Vocabulary:
    """The words of all captions, sorted by their bytes, and the documents of each."""

    data: Bytes
    starts: Offsets
    counts: npt.NDArray[np.int64]

    def text(self, n: int) -> str:
        """Return a word."""
        return text_at(self.data, self.starts, n)


@dataclass(frozen=True)
class _Often:
    """Which of the words that are common enough form runs that occur often.

    `index` is a word's place among them or -1, `often[a, b]` whether a then b does.
    """

    index: npt.NDArray[np.int32]
    often: npt.NDArray[np.bool_]


def often_from(words: Vocabulary) -> int:
    """Return how often a run of two words occurs at most without having its runs of three.

    Among billions of words it is more, so that what is counted to find out stays small.
    """
    descending = np.sort(words.counts)[::-1]
    return max(OFTEN, int(descending[_MOST_COMMON]) if len(descending) > _MOST_COMMON else 0)


@dataclass(frozen=True)
class Runs:
    """All runs of some documents, before they are gathered; `firsts` are by their first word.

    Words are those that are not rare, `chosen`, in their order.
    """

    stream: Stream
    words: Vocabulary
    chosen: npt.NDArray[np.int64]
    dense: npt.NDArray[np.int32]  # of each word its place among the chosen, or -1
    often: _Often
    firsts: npt.NDArray[np.int64]

    @property
    def occurrences(self) -> int:
        """How often runs occur in all."""
        return int(self.firsts.sum())

    def batches(self) -> Iterator[Callable[[], Batch]]:
        """Yield, in the order of their terms, functions that make the batches of runs."""
        for low, high in ranges(self.firsts, _ITEMS):
            yield partial(self._make, low, high)

    def _make(self, low: int, high: int) -> Batch:
        bits = max(1, len(self.chosen).bit_length())
        often = self.often
        items = _collect(
            self.stream, self.dense, often.index, often.often, low,
            self.chosen[low], self.chosen[high - 1], int(self.firsts[low:high].sum()), bits,
        )  # fmt: skip
        whole = sort_items(items, 2 * bits + max(1, (high - low - 1).bit_length()))
        keys, postings = group_items(whole)
        words = self.words
        data, starts = _texts(keys, words.data, words.starts, self.chosen, low, bits)
        return Batch(plain_terms(data, starts, np.diff(postings.starts)), postings)


def runs_of(stream: Stream, words: Vocabulary) -> Runs:
    """Count the runs of all documents."""
    dense = np.full(len(words.counts), -1, np.int32)
    chosen = np.flatnonzero(words.counts > RARE)
    dense[chosen] = np.arange(len(chosen), dtype=np.int32)
    often = _find_often(stream, words)
    firsts = _count_firsts(stream, dense, len(chosen), often.index, often.often)
    return Runs(stream, words, chosen, dense, often, firsts)


def _find_often(stream: Stream, words: Vocabulary) -> _Often:
    least = often_from(words)
    common = np.flatnonzero(words.counts > least)
    index = np.full(len(words.counts), -1, np.int32)
    index[common] = np.arange(len(common), dtype=np.int32)
    return _Often(index, _count_pairs(stream, index, len(common)) > least)


@compiled
def _count_pairs(stream: Stream, index: npt.NDArray[np.int32], size: int) -> npt.NDArray[np.uint32]:
    found = np.zeros((size, size), np.uint32)
    if size == 0:
        return found
    start = np.int64(0)
    for end in stream.ends:
        for i in range(start, end - 1):
            a, b = index[stream.terms[i]], index[stream.terms[i + 1]]
            if a >= 0 and b >= 0:
                found[a, b] += np.uint32(1)
        start = end
    return found


@compiled
def _is_often(index: npt.NDArray[np.int32], often: npt.NDArray[np.bool_], a: int, b: int) -> bool:
    return bool(index[a] >= 0 and index[b] >= 0 and often[index[a], index[b]])


@compiled
def _count_firsts(
    stream: Stream,
    dense: npt.NDArray[np.int32],
    size: int,
    index: npt.NDArray[np.int32],
    often: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """Return how many occurrences of runs begin with each word that is not rare."""
    found = np.zeros(size, np.int64)
    start = np.int64(0)
    for end in stream.ends:
        for i in range(start, end - 1):
            a, b = stream.terms[i], stream.terms[i + 1]
            if dense[a] < 0 or dense[b] < 0:
                continue
            found[dense[a]] += 1
            if i + 2 < end and dense[stream.terms[i + 2]] >= 0:
                c = stream.terms[i + 2]
                if _is_often(index, often, a, b) or _is_often(index, often, b, c):
                    found[dense[a]] += 1
        start = end
    return found


@compiled
def _collect(
    stream: Stream,
    dense: npt.NDArray[np.int32],
    index: npt.NDArray[np.int32],
    often: npt.NDArray[np.bool_],
    low: int,
    first: int,
    last: int,
    size: int,
    bits: int,
) -> Items:
    """Return the runs that begin with the words from `first` to `last`, in the order met.

    `low` is the place of the first of these among the words that are not rare.
    """
    keys = np.empty(size, np.uint64)
    ranks = np.empty(size, np.uint32)
    places = np.empty(size, np.uint16)
    at = 0
    start = np.int64(0)
    for rank in range(len(stream.ends)):
        end = stream.ends[rank]
        for i in range(start, end - 1):
            word = stream.terms[i]
            if word < first or word > last:
                continue
            a, b = np.int64(dense[word]), np.int64(dense[stream.terms[i + 1]])
            if a < 0 or b < 0:
                continue
            pair = ((a - low) << (2 * bits)) | (b << bits)
            keys[at] = pair
            ranks[at] = rank
            places[at] = i - start
            at += 1
            if i + 2 < end and dense[stream.terms[i + 2]] >= 0:
                c = np.int64(dense[stream.terms[i + 2]])
                if _is_often(index, often, stream.terms[i], stream.terms[i + 1]) or _is_often(
                    index, often, stream.terms[i + 1], stream.terms[i + 2]
                ):
                    keys[at] = pair | (c + 1)
                    ranks[at] = rank
                    places[at] = i - start
                    at += 1
        start = end
    return Items(keys, ranks, places)


@compiled
def _texts(
    keys: npt.NDArray[np.uint64],
    data: Bytes,
    starts: Offsets,
    chosen: npt.NDArray[np.int64],
    low: int,
    bits: int,
) -> tuple[Bytes, Offsets]:
    """Return the words of each key, joined by spaces."""
    mask = (1 << bits) - 1
    ends = np.zeros(len(keys) + 1, np.int64)
    parts = np.empty(3, np.int64)
    for turn in range(2):
        out = np.empty(ends[-1] if turn else 0, np.uint8)
        at = np.int64(0)
        for n in range(len(keys)):
            key = np.int64(keys[n])
            parts[0] = (key >> (2 * bits)) + low
            parts[1] = (key >> bits) & mask
            parts[2] = (key & mask) - 1
            for part in range(3):
                if parts[part] < 0:
                    continue
                word = chosen[parts[part]]
                if part:
                    if turn:
                        out[at] = 32
                    at += 1
                for j in range(starts[word], starts[word + 1]):
                    if turn:
                        out[at] = data[j]
                    at += 1
            ends[n + 1] = at
    return out, ends
