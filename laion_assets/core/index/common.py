"""Common terms: how many documents two of them share, and which of them rarer terms' lists name.

With the counts of pairs a search of two common terms knows its total without reading a list; with
the hottest terms named beside the documents of rarer ones it never reads a hot list to the end. Not
here: how both are written (`lists`).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import Integer, compiled, inlined, wider
from laion_assets.core.index.invert import Stream
from laion_assets.core.index.lists import (
    ITEM_K,
    LONGER,
    PIECE,
    Beside,
    Encoded,
    Offsets,
    encode_lists,
    plain_postings,
    rice,
)

MOST_COMMON = 4_096
#: A common term has more documents than this: shorter lists are read sooner than counts.
LEAST_COMMON = 1_024
MOST_HOT = 96
#: A hot term has more documents than this: some 8 kB of list.
LEAST_HOT = 8_192

#: Parts of all documents that are looked through at once, each with counts of its own: 32 MB.
_PARTS = 2

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


def look_through(
    common: Common, words: Stream, fields: Stream, pool: Executor
) -> Callable[[], tuple[npt.NDArray[np.uint32], Beside]]:
    """Have threads of a pool look through all documents; return what waits for them.

    It returns how many documents common terms a >= b share, at a * (a + 1) / 2 + b, and for each
    document its hot terms as lists of rarer ones say them.
    """
    total = len(words.ends)
    codes = np.zeros(total if common.hot else 0, np.int64)
    bounds = [total * part // _PARTS for part in range(_PARTS + 1)]
    pairs = common.size * (common.size + 1) // 2
    # By NumPy, as in `invert`; zeros would come as small pages.
    founds = [np.full(pairs, 0, np.uint32) for _ in range(_PARTS)]
    going = [
        pool.submit(
            _look, common.of_words, common.of_fields, common.size, len(common.hot),
            words, fields, low, high, codes, found,
        )
        for (low, high), found in zip(pairwise(bounds), founds, strict=True)
    ]  # fmt: skip

    def joined() -> tuple[npt.NDArray[np.uint32], Beside]:
        longer = [np.empty(0, np.int64)]
        size = 0
        for (low, high), part in zip(pairwise(bounds), going, strict=True):
            own_longer = part.result()
            mine = codes[low:high]
            mine[mine & 63 == LONGER] += size << 6
            longer.append(own_longer)
            size += len(own_longer)
        return np.add.reduce(founds), Beside(codes, np.concatenate(longer))

    return joined


@compiled
def _look(
    of_words: _Marks,
    of_fields: _Marks,
    size: int,
    hot: int,
    words: Stream,
    fields: Stream,
    low: int,
    high: int,
    codes: Offsets,
    found: npt.NDArray[np.uint32],
) -> Offsets:
    """Count the pairs of the documents from `low` to before `high`, and fill in their `codes`.

    Returns what these say is `longer`.
    """
    longer = np.empty(1024, np.int64)
    used = np.int64(0)
    last = np.full(size, -1, np.int64)
    own = np.empty(size, np.int64)
    for rank in range(low, high):
        held = _gather(of_words, words, rank, last, own, 0)
        held = _gather(of_fields, fields, rank, last, own, held)
        for i in range(held):
            row = own[i] * (own[i] + 1) // 2
            for j in range(i + 1):
                found[row + own[j]] += np.uint32(1)
        if hot == 0:
            continue
        if used + hot + 2 > len(longer):
            longer = wider(longer, 2 * len(longer))
        named = 0
        while named < held and own[named] < hot:
            named += 1
        # Pieces go to `longer`; where there is but one, it is taken from there again.
        at: Integer = used + 1
        code: Integer = np.int64(0)
        bits: Integer = np.int64(0)
        ones = np.int64(named)
        while ones > 30:  # noqa: PLR2004 - about as many bits as are appended at once
            at, code, bits = _append(longer, at, code, bits, (1 << 30) - 1, 30)
            ones -= 30
        at, code, bits = _append(longer, at, code, bits, (2 << ones) - 2, ones + 1)
        before = np.int64(-1)
        for i in range(named):
            more, width = rice(own[i] - before - 1, ITEM_K)
            at, code, bits = _append(longer, at, code, bits, more, width)
            before = own[i]
        longer[at] = code << 6 | bits
        if at == used + 1:
            codes[rank] = longer[at]
        else:
            codes[rank] = used << 6 | LONGER
            longer[used] = at - used
            used = np.int64(at + 1)
    return longer[:used].copy()


@inlined
def _append(
    pieces: Offsets, at: Integer, code: Integer, bits: Integer, more: Integer, width: Integer
) -> tuple[Integer, Integer, Integer]:
    """Append `width` bits to the piece held, or put that to `pieces` and begin another."""
    if bits + width > PIECE:
        pieces[at] = code << 6 | bits
        return at + 1, more, width
    return at, code << width | more, bits + width


@inlined
def _gather(
    marks: _Marks,
    stream: Stream,
    rank: int,
    last: npt.NDArray[np.int64],
    own: npt.NDArray[np.int64],
    held: int,
) -> int:
    """Add the marked terms of a document to the `held` ones of `own`, ascending; return how many.

    `last` has, by term, the last document that had it.
    """
    for i in range(stream.ends[rank - 1] if rank else 0, stream.ends[rank]):
        term = np.int64(marks[stream.terms[i]])
        if term >= 0 and last[term] != rank:
            last[term] = rank
            to = held
            while to > 0 and own[to - 1] > term:
                own[to] = own[to - 1]
                to -= 1
            own[to] = term
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
