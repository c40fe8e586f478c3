"""Merging sorted lists of many files into one: documents by rank, words by their bytes.

A heap holds the next of each list, so that the work grows with the logarithm of how many there are
and every list is read once, from its beginning on. Not here: where the lists come from
(`documents`, `words`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import called_by_compiled, compiled, put

_Bytes = npt.NDArray[np.uint8]
_Numbers = npt.NDArray[np.int64]


@called_by_compiled
def _less(
    descending: npt.NDArray[np.float64], ids: _Numbers, next_: _Numbers, a: int, b: int
) -> bool:
    """Whether the next document of list a comes before that of list b."""
    i, j = next_[a], next_[b]
    if descending[i] != descending[j]:
        return bool(descending[i] < descending[j])
    if ids[i] != ids[j]:
        return bool(ids[i] < ids[j])
    return a < b


@compiled
def merge_ranked(
    descending: npt.NDArray[np.float64], ids: _Numbers, begins: _Numbers
) -> tuple[npt.NDArray[np.uint32], _Numbers]:
    """Return the rank of each document, and the ids in the order of ranks.

    Lists of documents, each in rank order, begin at `begins`, which ends with their end. They are
    ranked by `descending` (ascending, no NaN), id and list.
    """
    ranks = np.empty(len(ids), np.uint32)
    ordered = np.empty(len(ids), np.int64)
    next_ = begins[:-1].copy()
    heap = np.empty(len(next_), np.int64)
    size = 0
    for new in range(len(next_)):
        if next_[new] == begins[new + 1]:
            continue
        at = size
        size += 1
        while at and _less(descending, ids, next_, new, heap[(at - 1) // 2]):
            heap[at] = heap[(at - 1) // 2]
            at = (at - 1) // 2
        heap[at] = new
    for rank in range(len(ids)):
        top = heap[0]
        ranks[next_[top]] = rank
        ordered[rank] = ids[next_[top]]
        next_[top] += 1
        if next_[top] == begins[top + 1]:
            size -= 1
            top = heap[size]
        at = 0
        while 2 * at + 1 < size:
            child = 2 * at + 1
            if child + 1 < size and _less(descending, ids, next_, heap[child + 1], heap[child]):
                child += 1
            if not _less(descending, ids, next_, heap[child], top):
                break
            heap[at] = heap[child]
            at = child
        heap[at] = top
    return ranks, ordered


@called_by_compiled
def _order(data: _Bytes, starts: _Numbers, heads: npt.NDArray[np.uint64], i: int, j: int) -> int:
    """Return -1, 0 or 1 as term i comes before term j, is the same, or comes after it."""
    if heads[i] != heads[j]:
        return -1 if heads[i] < heads[j] else 1
    a, b = starts[i] + 8, starts[j] + 8
    while a < starts[i + 1] and b < starts[j + 1]:
        if data[a] != data[b]:
            return -1 if data[a] < data[b] else 1
        a += 1
        b += 1
    one, other = starts[i + 1] - starts[i], starts[j + 1] - starts[j]
    return 0 if one == other else (-1 if one < other else 1)


@called_by_compiled
def _heads(data: _Bytes, starts: _Numbers) -> npt.NDArray[np.uint64]:
    """Return the first eight bytes of each term as a number, the first highest."""
    heads = np.zeros(len(starts) - 1, np.uint64)
    for i in range(len(heads)):
        for j in range(8):
            at = starts[i] + j
            byte = np.uint64(data[at]) if at < starts[i + 1] else np.uint64(0)
            heads[i] = (heads[i] << np.uint64(8)) | byte
    return heads


@compiled
def merge_terms(
    data: _Bytes, starts: _Numbers, counts: _Numbers, begins: _Numbers
) -> tuple[tuple[_Bytes, _Numbers, _Numbers], npt.NDArray[np.int32]]:
    """Return the distinct terms (bytes, starts, sums of counts), and the number of each given one.

    Lists of terms, each sorted by bytes, begin at `begins`, which ends with their end.
    """
    heads = _heads(data, starts)
    numbers = np.empty(len(heads), np.int32)
    text, text_starts = np.empty(len(data), np.uint8), np.zeros(len(heads) + 1, np.int64)
    sums = np.zeros(len(heads), np.int64)
    next_ = begins[:-1].copy()
    heap = np.empty(len(next_), np.int64)
    size = found = 0
    for new in range(len(next_)):
        if next_[new] == begins[new + 1]:
            continue
        at = size
        size += 1
        while at and _order(data, starts, heads, next_[new], next_[heap[(at - 1) // 2]]) < 0:
            heap[at] = heap[(at - 1) // 2]
            at = (at - 1) // 2
        heap[at] = new
    last = -1
    while size:
        top = heap[0]
        term = next_[top]
        if last < 0 or _order(data, starts, heads, last, term) != 0:
            length = starts[term + 1] - starts[term]
            begin = text_starts[found]
            put(text, begin, data[starts[term] : starts[term + 1]])
            found += 1
            text_starts[found] = begin + length
            last = term
        numbers[term] = found - 1
        sums[found - 1] += counts[term]
        next_[top] += 1
        if next_[top] == begins[top + 1]:
            size -= 1
            top = heap[size]
        at = 0
        while 2 * at + 1 < size:
            child = 2 * at + 1
            if (
                child + 1 < size
                and _order(data, starts, heads, next_[heap[child + 1]], next_[heap[child]]) < 0
            ):
                child += 1
            if _order(data, starts, heads, next_[heap[child]], next_[top]) >= 0:
                break
            heap[at] = heap[child]
            at = child
        heap[at] = top
    whole = text[: text_starts[found]].copy()
    return (whole, text_starts[: found + 1].copy(), sums[:found].copy()), numbers
