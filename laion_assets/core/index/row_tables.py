"""The codes of rows: for each column the strings that have a symbol of their own, and its lengths.

Lives here: choosing them from some of the rows, so that the same rows always give the same codes,
and how the directory states them. Strings are chosen by joining what stands side by side most often
(byte pair encoding), lengths are Huffman's. Against deflate in cells of 16 rows, each row takes 75
bytes where it took 107, a browser decodes some thousand rows in the time that it takes to inflate
twenty cells, and rows are coded once, then copied (12 million rows of `bench.search_corpus`). Not
here: coding with them (`row_codes`).
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.base.compiled import Integer, compiled, inlined
from laion_assets.core.index.blocks import front_coded
from laion_assets.core.index.row_codes import (
    BYTES,
    END,
    MOST_BITS,
    Coder,
    count_symbols,
    make_coder,
)
from laion_assets.core.index.units import joined

#: The columns of a row besides its id, in the order in which `describe_rows.sql` joins them, each
#: with its strings at most. Twice as many spare 3 bytes a row for twice the 7 kB (gzipped) that
#: everybody who searches loads first.
_STRINGS = {
    "url": 1_024, "caption": 1_024, "width": 64, "height": 64, "aesthetic": 64, "punsafe": 64,
    "domain": 32, "visibility": 8,
}  # fmt: skip
COLUMNS = tuple(_STRINGS)
_SAMPLE = 8_192  # rows
_SAMPLED_BYTES = 1_000  # of a row; longer ones are not looked at
_PIECES = 96  # places of all segments that they are taken from, at most
_LEAST = 3  # occurrences of a string in the sample
_LONGEST = 24  # bytes of a string, so that the nodes of all of them are numbers of 16 bits
_CODE_POINTS = 0x110000
_SPREAD = 0x9E3779B97F4A7C1  # an odd number near the golden ratio, which spreads pairs over a table
#: The bytes that JSON in UTF-8 may hold, and what ends a column.
_POSSIBLE = [END, *range(0x20, 0xC0), *range(0xC2, 0xF5)]


@dataclass(frozen=True)
class RowTables:
    """Of each column: its strings, sorted, and the bits of its symbols, bytes first."""

    strings: Sequence[Sequence[bytes]]
    lengths: Sequence[npt.NDArray[np.int64]]

    def coder(self) -> Coder:
        """Return them as compiled code reads them."""
        return make_coder(self.strings, self.lengths)

    def described(self) -> list[list[Any]]:
        """Return what the directory says of them."""
        return [
            [
                *json.loads(
                    b"["
                    + front_coded(*joined(list(strings)), np.arange(len(strings))).tobytes()
                    + b"]"
                ),
                "".join(f"{bits:x}" for bits in lengths.tolist()),
            ]
            for strings, lengths in zip(self.strings, self.lengths, strict=True)
        ]


def choose_tables(documents: Sequence[Path]) -> RowTables:
    """Choose the codes from rows that are spread evenly over the segments and their ranks."""
    texts = [text for text in _sample(documents) if len(text) <= _SAMPLED_BYTES]
    columns = zip(*(text.split(b"\t")[:-1] for text in texts), strict=True)
    ended = [b"".join(value + b"\t" for value in column) for column in columns]
    ended += [b""] * (len(_STRINGS) - len(ended))
    chosen = [_choose(text, most) for text, most in zip(ended, _STRINGS.values(), strict=True)]
    return RowTables([strings for strings, _ in chosen], [lengths for _, lengths in chosen])


def _sample(documents: Sequence[Path]) -> Iterator[bytes]:
    places = [
        (path, group)
        for path in documents
        for group in range(pq.read_metadata(path).num_row_groups)
    ]
    chosen = places[:: -(-len(places) // _PIECES)] if places else []
    for path, group in chosen:
        with pq.ParquetFile(path, pre_buffer=False) as source:
            wanted = -(-_SAMPLE // len(chosen))
            batches = source.iter_batches(wanted, row_groups=[group], columns=["document"])
            for batch in batches:
                yield from batch["document"].cast(pa.large_binary()).to_pylist()
                break


def _choose(text: bytes, most: int) -> tuple[list[bytes], npt.NDArray[np.int64]]:
    """Return the strings of a column, sorted, and the bits of all its symbols."""
    whole = text.decode()
    found = {*_pairs(whole, most + most // 2), *_beyond_ascii(whole, most)}
    strings = sorted(string.encode() for string in found)
    data = np.frombuffer(text, np.uint8)
    counts = count_symbols(data, strings)
    for _ in range(2):  # without the others those that are left occur more often
        sizes = np.array([len(string) for string in strings], np.int64)
        own = counts[BYTES:]
        best = np.argsort(-own * (sizes - 1), kind="stable")[:most]
        strings = sorted(strings[i] for i in best.tolist() if own[i] >= _LEAST)
        counts = count_symbols(data, strings)
    counts *= 4  # what was not seen is rarer than what was seen once
    counts[_POSSIBLE] = np.maximum(counts[_POSSIBLE], 1)
    return strings, _bits(counts)


def _beyond_ascii(text: str, most: int) -> list[str]:
    """Return the commonest characters beyond ASCII, which are of several bytes."""
    points = np.frombuffer(text.encode("utf-32-le"), np.int32)
    found, counts = np.unique(points[points >= 0x80], return_counts=True)  # noqa: PLR2004 - ASCII's end
    return [chr(point) for point in found[np.argsort(-counts, kind="stable")[:most]].tolist()]


def _pairs(text: str, most: int) -> list[str]:
    """Return strings by joining the two that stand side by side most often, again and again."""
    # Writable, as what comes of joining: `_count` and `_join` are compiled once.
    tokens = np.frombuffer(bytearray(text.encode("utf-32-le")), np.int32)
    strings: list[str] = []
    ends = np.zeros(_CODE_POINTS + most, np.bool_)  # of tokens with which a column ends
    ends[END] = True

    def text_of(token: int) -> str:
        return chr(token) if token < _CODE_POINTS else strings[token - _CODE_POINTS]

    sizes = np.zeros(_CODE_POINTS + most, np.uint8)  # bytes of tokens
    for number, longer in enumerate((0, 0x80, 0x800, 0x10000)):
        sizes[longer:_CODE_POINTS] = number + 1
    table = _table(len(tokens))
    while len(strings) < most:
        _count(tokens, ends, sizes, table)
        often = np.flatnonzero(table.values > _LEAST)
        pairs, counts = table.pairs[often], table.values[often]
        # A quarter more at a time, and not what is much rarer than what may grow out of the others.
        room = min(most - len(strings), max(8, len(strings) // 4))
        best = np.lexsort((pairs, -counts))[:room]
        best = best[counts[best] >= int(counts[best].max(initial=0)) // 3]
        if not len(best):
            break
        best = best[np.argsort(pairs[best])]
        first = _CODE_POINTS + len(strings)
        for n, pair in enumerate(pairs[best].tolist()):
            left, right = pair >> 32, pair & 0xFFFFFFFF
            strings.append(text_of(left) + text_of(right))
            ends[first + n] = ends[right]
            sizes[first + n] = sizes[left] + sizes[right]
        table.values[:] = -1
        table.values[often[best]] = np.arange(first, first + len(best))
        tokens = _join(tokens, table)
    return strings


class _Table(NamedTuple):
    """A hash table of pairs of tokens: how often each occurs, or what it becomes."""

    pairs: npt.NDArray[np.int64]  # -1 where a place is free; a power of two of them
    values: npt.NDArray[np.int32]


def _table(tokens: int) -> _Table:
    """Return a table for the pairs of so many tokens, at most half full."""
    places = 2 << max(tokens, 1).bit_length()
    return _Table(np.empty(places, np.int64), np.empty(places, np.int32))


@inlined
def _place(pair: Integer, table: _Table) -> Integer:
    """Return where a pair is, or would be."""
    mask = len(table.pairs) - 1
    place = ((pair * _SPREAD) >> 20) & mask  # the lowest bits of a product tell least
    while table.pairs[place] not in (pair, -1):
        place = (place + 1) & mask
    return place


@compiled
def _count(
    tokens: npt.NDArray[np.int32],
    ends: npt.NDArray[np.bool_],
    sizes: npt.NDArray[np.uint8],
    table: _Table,
) -> None:
    """Count the pairs that may be joined: within a column, and no longer than strings may be."""
    table.pairs[:] = -1
    table.values[:] = 0
    for i in range(len(tokens) - 1):
        left, right = np.int64(tokens[i]), np.int64(tokens[i + 1])
        if ends[left] or np.int64(sizes[left]) + np.int64(sizes[right]) > _LONGEST:
            continue
        pair = left << 32 | right
        place = _place(pair, table)
        table.pairs[place] = pair
        table.values[place] += 1


@compiled
def _join(tokens: npt.NDArray[np.int32], table: _Table) -> npt.NDArray[np.int32]:
    """Return tokens with pairs joined to what the table says, from the left."""
    out = np.empty(len(tokens), np.int32)
    at = i = 0
    while i < len(tokens):
        became = np.int32(-1)
        if i + 1 < len(tokens):
            place = _place(np.int64(tokens[i]) << 32 | np.int64(tokens[i + 1]), table)
            if table.pairs[place] >= 0:
                became = table.values[place]
        out[at] = tokens[i] if became < 0 else became
        i += 1 if became < 0 else 2
        at += 1
    return out[:at].copy()


def _bits(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the bits of each symbol in Huffman's code, at most `MOST_BITS`; 0 where it is not."""
    while True:
        bits = _huffman(counts)
        if bits.max() <= MOST_BITS:
            return bits
        counts = np.where(counts > 0, counts // 2 + 1, 0)


def _huffman(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    heap = [(count, symbol) for symbol, count in enumerate(counts.tolist()) if count]
    heapq.heapify(heap)
    parent: dict[int, int] = {}
    node = len(counts)
    while len(heap) > 1:
        one, other = heapq.heappop(heap), heapq.heappop(heap)
        parent[one[1]] = parent[other[1]] = node
        heapq.heappush(heap, (one[0] + other[0], node))
        node += 1
    depth = {node - 1: 0}
    for each in range(node - 2, -1, -1):
        if each in parent:
            depth[each] = depth[parent[each]] + 1
    return np.array([depth.get(symbol, 0) for symbol in range(len(counts))], np.int64)
