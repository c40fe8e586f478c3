"""Common terms: how many documents two of them share, and which of them rarer terms' lists name.

With the counts of pairs a search of two common terms knows its total without reading a list; with
the hottest terms named beside the documents of rarer ones it never reads a hot list to the end. Not
here: how both are written (`lists`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import Integer, compiled, inlined, wider
from laion_assets.core.index.invert import Stream
from laion_assets.core.index.lists import Encoded, Offsets, emit_items, encode_lists, plain_postings

MOST_COMMON = 4_096
#: A common term has more documents than this: shorter lists are read sooner than counts.
LEAST_COMMON = 1_024
MOST_HOT = 96
#: A hot term has more documents than this: some 8 kB of list.
LEAST_HOT = 8_192

_Marks = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Common:
    """Of words and of fields the number among the common terms, or -1; how many of these are hot.

    `hot` are the terms themselves, by series and number.
    """

    of_words: _Marks
    of_fields: _Marks
    size: int
    hot: list[tuple[str, int]]


def choose_common(words: npt.NDArray[np.int64], fields: npt.NDArray[np.int64]) -> Common:
    """Choose the common terms by their documents, equal ones by series (`f` first), then term."""
    counts = np.concatenate([fields, words])
    order = np.argsort(-counts, kind="stable")[:MOST_COMMON]
    chosen = order[counts[order] > LEAST_COMMON]
    marks = np.full(len(counts), -1, np.int32)
    marks[chosen] = np.arange(len(chosen), dtype=np.int32)
    hot = chosen[:MOST_HOT]
    hot = hot[counts[hot] > LEAST_HOT]
    named = [("f", int(n)) if n < len(fields) else ("w", int(n) - len(fields)) for n in hot]
    return Common(marks[len(fields) :], marks[: len(fields)], len(chosen), named)


def count_pairs(common: Common, words: Stream, fields: Stream) -> npt.NDArray[np.uint32]:
    """Return how many documents common terms a >= b share, at a * (a + 1) / 2 + b."""
    return _count_pairs(common.of_words, common.of_fields, common.size, words, fields)


@compiled
def _count_pairs(
    of_words: _Marks, of_fields: _Marks, size: int, words: Stream, fields: Stream
) -> npt.NDArray[np.uint32]:
    found = np.zeros(size * (size + 1) // 2, np.uint32)
    last = np.full(size, -1, np.int64)
    own = np.empty(size, np.int64)
    for rank in range(len(words.ends)):
        held = _gather(of_words, words, rank, last, own, 0)
        held = _gather(of_fields, fields, rank, last, own, held)
        for i in range(held):
            for j in range(i + 1):
                a, b = max(own[i], own[j]), min(own[i], own[j])
                found[a * (a + 1) // 2 + b] += np.uint32(1)
    return found


@inlined
def _gather(
    marks: _Marks,
    stream: Stream,
    rank: int,
    last: npt.NDArray[np.int64],
    own: npt.NDArray[np.int64],
    held: int,
) -> int:
    """Add the marked terms of a document to the `held` ones of `own`; return how many those are.

    `last` has, by term, the last document that had it; terms beyond its end are passed over.
    """
    for i in range(stream.ends[rank - 1] if rank else 0, stream.ends[rank]):
        term = marks[stream.terms[i]]
        if 0 <= term < len(last) and last[term] != rank:
            last[term] = rank
            own[held] = term
            held += 1
    return held


def encode_pairs(common: Common, found: npt.NDArray[np.uint32]) -> Encoded:
    """Return the counts of each common term as a list: sums so far of each and one, less one."""
    sizes = np.arange(1, common.size + 1, dtype=np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    sums = np.cumsum(found.astype(np.int64) + 1)
    before = np.concatenate([np.zeros(1, np.int64), sums])[starts[:-1]]
    numbers = (sums - np.repeat(before, sizes) - 1).astype(np.uint32)
    postings = plain_postings(starts, np.arange(len(numbers), dtype=np.uint32))
    every = np.arange(common.size, dtype=np.int64)
    return encode_lists(postings, numbers, every, np.zeros(common.size, bool))


def hot_of_documents(
    common: Common, words: Stream, fields: Stream
) -> tuple[Offsets, npt.NDArray[np.uint16]]:
    """Return the hot terms of each document, by rank, in codes: where the bits begin, and these."""
    return _hot(common.of_words, common.of_fields, len(common.hot), words, fields)


@compiled
def _hot(
    of_words: _Marks, of_fields: _Marks, hot: int, words: Stream, fields: Stream
) -> tuple[Offsets, npt.NDArray[np.uint16]]:
    starts = np.zeros(len(words.ends) + 1, np.int64)
    units = np.empty(len(words.ends) * 4 + 4 * hot + 64, np.uint16)
    last = np.full(hot, -1, np.int64)
    own = np.empty(hot, np.int64)
    at: Integer = np.int64(0)
    code: Integer = np.int64(0)
    bits: Integer = np.int64(0)
    for rank in range(len(words.ends)):
        held = _gather(of_words, words, rank, last, own, 0)
        held = _gather(of_fields, fields, rank, last, own, held)
        if at + 4 * held + 8 > len(units):
            units = wider(units, 2 * len(units))
        items = np.sort(own[:held]).astype(np.uint16)
        at, code, bits = emit_items(units, at, code, bits, items, 0)
        starts[rank + 1] = at * 15 + bits
    units[at] = (code << (15 - bits)) & 0x7FFF
    units[at + 1] = units[at + 2] = 0
    return starts, units[: at + 3].copy()
