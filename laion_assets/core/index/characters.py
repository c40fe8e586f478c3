"""Series `c`: characters of scripts that write without spaces, alone and two side by side.

A word of Chinese, Japanese, Thai, Lao, Khmer or Burmese stands inside a longer token; by these it
is found there. Not here: which scripts these are (`core/text/unspaced.json`), tokens (`words`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled
from laion_assets.core.index.blocks import plain_terms
from laion_assets.core.index.invert import Items, Stream, group_items, sort_items
from laion_assets.core.index.lists import Offsets
from laion_assets.core.index.packing import Bytes
from laion_assets.core.index.runs import Vocabulary
from laion_assets.core.index.term_files import Batch
from laion_assets.core.index.units import joined

_BITS = 42  # of two code points
_CODE_POINTS = 0x110000


def character_batch(stream: Stream, words: Vocabulary, unspaced: npt.NDArray[np.int64]) -> Batch:
    """Return the characters of all documents; `unspaced` are ranges (first, last, …), inclusive."""
    flags = np.zeros(_CODE_POINTS, np.bool_)
    for first, last in unspaced.reshape(-1, 2).tolist():
        flags[first : last + 1] = True
    points, ends, holds = _points(words.data, words.starts, flags)
    items = _collect(stream, points, ends, holds, flags)
    keys, postings = group_items(sort_items(items, _BITS))
    texts = [_text(key) for key in keys.tolist()]
    return Batch(plain_terms(*joined(texts), np.diff(postings.starts)), postings)


def _text(key: int) -> bytes:
    first, second = key >> 21, key & 0x1FFFFF
    return (chr(first) + (chr(second) if second else "")).encode()


@compiled
def _points(
    data: Bytes, starts: Offsets, flags: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int32], Offsets, npt.NDArray[np.bool_]]:
    """Return the code points of every word, where each ends, and whether it holds one flagged."""
    points = np.empty(len(data), np.int32)
    ends = np.empty(len(starts) - 1, np.int64)
    holds = np.zeros(len(starts) - 1, np.bool_)
    at = 0
    for w in range(len(ends)):
        i = starts[w]
        while i < starts[w + 1]:
            byte = np.int32(data[i])
            if byte < 0x80:  # noqa: PLR2004 - the lengths of UTF-8
                point, size = byte, 1
            elif byte < 0xE0:  # noqa: PLR2004
                point, size = byte & 0x1F, 2
            elif byte < 0xF0:  # noqa: PLR2004
                point, size = byte & 0x0F, 3
            else:
                point, size = byte & 0x07, 4
            for n in range(1, size):
                point = (point << 6) | (np.int32(data[i + n]) & 0x3F)
            points[at] = point
            holds[w] |= flags[point]
            at += 1
            i += size
        ends[w] = at
    return points[:at].copy(), ends, holds


@compiled
def _collect(
    stream: Stream,
    points: npt.NDArray[np.int32],
    ends: Offsets,
    holds: npt.NDArray[np.bool_],
    flags: npt.NDArray[np.bool_],
) -> Items:
    size = 0
    keys, ranks = np.empty(0, np.uint64), np.empty(0, np.uint32)
    places = np.empty(0, np.uint16)
    for turn in range(2):
        if turn:
            keys, ranks = np.empty(size, np.uint64), np.empty(size, np.uint32)
            places = np.empty(size, np.uint16)
        size = 0
        at = np.int64(0)
        for rank in range(len(stream.ends)):
            place = np.int64(0)
            while at < stream.ends[rank]:
                w = stream.terms[at]
                at += 1
                begin = ends[w - 1] if w else np.int64(0)
                if holds[w]:
                    for i in range(begin, ends[w]):
                        if not flags[points[i]] or place + i - begin > 65_535:  # noqa: PLR2004 - 16 bits
                            continue
                        pair = i + 1 < ends[w] and flags[points[i + 1]]
                        if turn:
                            key = np.uint64(points[i]) << np.uint64(21)
                            keys[size], ranks[size] = key, rank
                            places[size] = place + i - begin
                            if pair:
                                keys[size + 1] = key | np.uint64(points[i + 1])
                                ranks[size + 1] = rank
                                places[size + 1] = place + i - begin
                        size += 2 if pair else 1
                place += ends[w] - begin + 1
    return Items(keys, ranks, places)
