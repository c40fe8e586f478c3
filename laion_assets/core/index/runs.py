"""Series `b`: runs of two words side by side, and of three where the two are common.

A phrase of any length is an intersection of these by their places. Words of few documents are in
none: their captions stand with them and decide. All are dealt out to a file by their first words
once, so that each range of these is read alone. Not here: inversion itself (`invert`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import Integer, compiled, inlined
from laion_assets.core.index.blocks import PAGE, plain_terms
from laion_assets.core.index.invert import (
    Items,
    Stream,
    empty_items,
    group_items,
    ranges,
    sort_items,
)
from laion_assets.core.index.lists import Offsets
from laion_assets.core.index.packing import Bytes
from laion_assets.core.index.spilled import Spilled, read_pieces
from laion_assets.core.index.term_files import Batch
from laion_assets.core.index.units import text_at

#: A word of at most so many documents is in no run: its rows are all in its block.
RARE = PAGE
#: Runs of two words that occur more often than this have their runs of three: a list up to there is
#: some 40 kB, which is what a phrase may read.
OFTEN = 16_384
_MOST_COMMON = 8_192  # words that can be part of a run that occurs often
_ITEMS = 5_000_000  # occurrences of runs that are sorted at once
_PIECE = 1 << 20  # words of the stream that are dealt out at once, about
_PLACES = 1 << 16  # of a document in which a run may begin


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

    `index` is a word's place among them, or one more for others; `often[a, b]` whether the words of
    these places do, one after the other. Others never do.
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
class _Dealt:
    """Where runs begin, in a file: one number each, its rank and its place in the stream.

    The stream is cut at `cuts` (places in it). What begins in piece p with a word of range r are
    the bytes of the file from `starts[p, r]` on, `sizes[p, r]` of them: numbers of 64 bits, the
    rank in the higher half and the place, from that of the cut on, in the lower.
    """

    descriptor: int
    cuts: Offsets
    starts: Offsets
    sizes: Offsets


@dataclass(frozen=True)
class Runs:
    """All runs of some documents, before they are gathered; `firsts` are by their first word.

    Words are those that are not rare, `chosen`, in their order, and in `ranges` of them.
    """

    stream: Stream
    words: Vocabulary
    chosen: npt.NDArray[np.int64]
    dense: npt.NDArray[np.int32]  # of each word its place among the chosen, or -1
    often: _Often
    firsts: npt.NDArray[np.int64]
    ranges: Sequence[tuple[int, int]]
    dealt: _Dealt

    @property
    def occurrences(self) -> int:
        """How often runs occur in all."""
        return int(self.firsts.sum())

    def batches(self) -> Iterator[Callable[[], Batch]]:
        """Yield, in the order of their terms, functions that make the batches of runs."""
        for number in range(len(self.ranges)):
            yield partial(self._make, number)

    def _make(self, number: int) -> Batch:
        low, high = self.ranges[number]
        bits = max(1, len(self.chosen).bit_length())
        dealt, often = self.dealt, self.often
        sizes = np.ascontiguousarray(dealt.sizes[:, number])
        begun = read_pieces(dealt.descriptor, np.ascontiguousarray(dealt.starts[:, number]), sizes)
        size = int(self.firsts[low:high].sum())
        items = empty_items(size + 1)
        _collect(
            self.stream, self.dense, often.index, often.often, low,
            begun.view(np.int64), sizes // 8, dealt.cuts, bits, items,
        )  # fmt: skip
        del begun
        items = Items(items.keys[:size], items.ranks[:size], items.places[:size])
        whole = sort_items(items, 2 * bits + max(1, (high - low - 1).bit_length()))
        del items
        keys, postings = group_items(whole)
        words = self.words
        data, starts = _texts(keys, words.data, words.starts, self.chosen, low, bits)
        return Batch(plain_terms(data, starts, np.diff(postings.starts)), postings)


def runs_of(stream: Stream, words: Vocabulary, file: Spilled) -> Runs:
    """Count the runs of all documents, and deal them out to a file."""
    dense = np.full(len(words.counts), -1, np.int32)
    chosen = np.flatnonzero(words.counts > RARE)
    dense[chosen] = np.arange(len(chosen), dtype=np.int32)
    often = _find_often(stream, words)
    firsts = _count_firsts(stream, dense, len(chosen), often.index, often.often)
    every = list(ranges(firsts, _ITEMS))
    dealt = _deal_out(stream, dense, len(chosen), every, file)
    return Runs(stream, words, chosen, dense, often, firsts, every, dealt)


def _deal_out(
    stream: Stream,
    dense: npt.NDArray[np.int32],
    words: int,
    every: Sequence[tuple[int, int]],
    file: Spilled,
) -> _Dealt:
    of_words = np.zeros(words, np.int32)
    for number, (low, high) in enumerate(every):
        of_words[low:high] = number
    ends = stream.ends
    total = int(ends[-1]) if len(ends) else 0
    pieces = np.searchsorted(ends, np.arange(0, total, _PIECE), side="right").tolist()
    documents = [*dict.fromkeys(pieces), len(ends)]
    cuts, counts = list[int](), list[npt.NDArray[np.int64]]()
    for low, high in pairwise(documents):
        cuts.append(int(ends[low - 1]) if low else 0)
        begun, found = _deal(stream, dense, of_words, len(every), low, high)
        file.append(begun.view(np.uint8))
        counts.append(found)
    sizes = 8 * np.array(counts, np.int64).reshape(len(counts), len(every))
    starts = np.cumsum(sizes).reshape(sizes.shape) - sizes
    return _Dealt(file.finish(), np.array(cuts, np.int64), starts, sizes)


@compiled
def _deal(
    stream: Stream,
    dense: npt.NDArray[np.int32],
    of_words: npt.NDArray[np.int32],
    ranges_: int,
    low: int,
    high: int,
) -> tuple[Offsets, Offsets]:
    """Return where the runs of the documents from `low` to before `high` begin, range by range.

    And how many in each.
    """
    start = cut = stream.ends[low - 1] if low else np.int64(0)
    size = stream.ends[high - 1] - cut
    met, begun = np.empty(size, np.int64), np.empty(size, np.int64)
    where = np.empty(size, np.int32)
    counts, filled = np.zeros(ranges_, np.int64), np.zeros(ranges_, np.int64)
    at = 0
    for rank in range(low, high):
        end = stream.ends[rank]
        a = dense[stream.terms[start]] if start < end else np.int32(-1)
        for i in range(start, min(end - 1, start + _PLACES)):
            b = dense[stream.terms[i + 1]]
            # Written in any case, and written over if it is none: nothing to guess wrong.
            met[at] = np.int64(rank) << 32 | i - cut
            where[at] = of_words[a]
            at += 1 if a >= 0 and b >= 0 else 0
            a = b
        start = end
    for n in range(at):
        counts[where[n]] += 1
    for number in range(1, ranges_):
        filled[number] = filled[number - 1] + counts[number - 1]
    for n in range(at):
        begun[filled[where[n]]] = met[n]
        filled[where[n]] += 1
    return begun[:at], counts


def _find_often(stream: Stream, words: Vocabulary) -> _Often:
    least = often_from(words)
    common = np.flatnonzero(words.counts > least)
    index = np.full(len(words.counts), len(common), np.int32)
    index[common] = np.arange(len(common), dtype=np.int32)
    often = _count_pairs(stream, index, len(common) + 1) > least
    often[-1] = often[:, -1] = False
    return _Often(index, often)


# In these loops nothing is skipped, what must not count counts nothing: a core that guesses wrong
# whether a word is common or a run often loses more time than that.


@compiled
def _count_pairs(stream: Stream, index: npt.NDArray[np.int32], size: int) -> npt.NDArray[np.uint32]:
    found = np.zeros((size, size), np.uint32)
    start = np.int64(0)
    for end in stream.ends:
        for i in range(start, end - 1):
            found[index[stream.terms[i]], index[stream.terms[i + 1]]] += np.uint32(1)
        start = end
    return found


@compiled
def _count_firsts(
    stream: Stream,
    dense: npt.NDArray[np.int32],
    size: int,
    index: npt.NDArray[np.int32],
    often: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """Return how many occurrences of runs begin with each word that is not rare."""
    found = np.zeros(size + 1, np.int64)  # what is of no such word goes to the last
    start = np.int64(0)
    for end in stream.ends:
        for i in range(start, min(end - 1, start + _PLACES)):
            a, b = stream.terms[i], stream.terms[i + 1]
            c = stream.terms[min(i + 2, end - 1)]
            more = _is_run(dense, index, often, a, b, c) & (i + 2 < end)
            found[dense[a]] += (1 + more) & -np.int64(dense[b] >= 0)
        start = end
    return found[:size]


@inlined
def _is_run(
    dense: npt.NDArray[np.int32],
    index: npt.NDArray[np.int32],
    often: npt.NDArray[np.bool_],
    a: Integer,
    b: Integer,
    c: Integer,
) -> bool:
    """Whether three words, the first two of them not rare, are a run: two of them are often."""
    b_index = index[b]
    either = often[index[a], b_index] | often[b_index, index[c]]
    return either & (dense[c] >= 0)  # type: ignore[no-any-return]


@compiled
def _collect(
    stream: Stream,
    dense: npt.NDArray[np.int32],
    index: npt.NDArray[np.int32],
    often: npt.NDArray[np.bool_],
    low: int,
    begun: Offsets,
    counts: Offsets,
    cuts: Offsets,
    bits: int,
    items: Items,
) -> None:
    """Fill in the runs that begin where `begun` says, `counts` in each piece, in the order met.

    `low` is the place of the first of their first words among the words that are not rare. `items`
    are one more: a run of three is written in any case, and written over if it is none.
    """
    keys, ranks, places = items
    at = n = np.int64(0)
    for piece in range(len(counts)):
        for _ in range(counts[piece]):
            rank, i = begun[n] >> 32, cuts[piece] + (begun[n] & 0xFFFFFFFF)
            n += 1
            start = stream.ends[rank - 1] if rank else np.int64(0)
            end = stream.ends[rank]
            a, b = stream.terms[i], stream.terms[i + 1]
            c = stream.terms[min(i + 2, end - 1)]
            pair = ((np.int64(dense[a]) - low) << (2 * bits)) | (np.int64(dense[b]) << bits)
            keys[at], keys[at + 1] = pair, pair | (np.int64(dense[c]) + 1)
            ranks[at] = ranks[at + 1] = rank
            places[at] = places[at + 1] = i - start
            at += 1 + np.int64(_is_run(dense, index, often, a, b, c) & (i + 2 < end))


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
