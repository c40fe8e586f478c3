"""Rows of the search index in codes of strings, as its page describes them under "Rows".

Plain and slow, for tests alone: what `tiny_index` puts into slots and blocks. Written from
`laion_assets/core/index/FORMAT.md`, not from the code that builds real indexes.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tests.browser.tiny_terms import COLUMNS
from tests.browser.tiny_units import front_code

#: Bits of the longest code.
LONGEST = 15
#: Strings that a column's code has besides the bytes, as far as its texts repeat any.
STRINGS = 24
#: Characters of the longest of them.
LONGEST_STRING = 40

_URL, _DOMAIN = COLUMNS.index("url"), COLUMNS.index("domain")


def texts_of(row: Sequence[Any]) -> list[str]:
    """Return the texts of a row's columns."""
    row = list(row)
    row[_DOMAIN] = _domain_of(row[_URL], row[_DOMAIN])
    return [json.dumps(value, ensure_ascii=False) + "\t" for value in row]


def _domain_of(url: str, domain: str) -> int | str:
    """Return how many labels of the URL's host the domain is; itself where it is no such thing."""
    labels = [*url.split("/"), "", ""][2].split(".")
    for count in range(1, len(labels) + 1):
        if domain == ".".join(labels[-count:]):
            return count
    return domain


class ColumnCode:
    """The code of a column: every byte, and strings that its texts repeat."""

    def __init__(self, texts: Sequence[str]) -> None:
        # Of all beginnings and endings those that stand for most.
        worth: Counter[str] = Counter()
        for text in texts:
            sizes = range(2, min(len(text), LONGEST_STRING) + 1)
            parts = {text[:size] for size in sizes} | {text[-size:] for size in sizes}
            for part in parts:
                worth[part] += len(part) - 1
        best = [part for part, saved in worth.most_common(STRINGS) if saved > len(part)]
        self.strings = sorted(best)  # code points sort as UTF-8 does
        self._longest = sorted(enumerate(self.strings, 256), key=lambda each: -len(each[1]))
        # A string that nothing is written with does not occur; any byte might.
        counts = Counter(dict.fromkeys(range(256), 1))
        for text in texts:
            counts.update(self._symbols(text))
        self.lengths = _lengths_of(counts, 256 + len(self.strings))
        self.codes = _codes_of(self.lengths)

    def _symbols(self, text: str) -> Iterable[int]:
        """Yield the symbols of a text: the longest string that fits, else a byte."""
        at = 0
        while at < len(text):
            for symbol, string in self._longest:
                if text.startswith(string, at):
                    yield symbol
                    at += len(string)
                    break
            else:
                yield from text[at].encode()
                at += 1

    def bits(self, text: str) -> str:
        """Return a text in the code."""
        return "".join(self.codes[symbol] for symbol in self._symbols(text))

    def described(self) -> list[Any]:
        """Return what the directory says of the code."""
        return [*front_code(self.strings), "".join(f"{length:x}" for length in self.lengths)]


def _lengths_of(counts: Counter[int], symbols: int) -> list[int]:
    """Return the bits of every symbol by Huffman's method, none longer than allowed."""
    while True:
        heap = [(count, symbol, [symbol]) for symbol, count in counts.items()]
        heapq.heapify(heap)
        lengths = [0] * symbols
        while len(heap) > 1:
            few, first, ones = heapq.heappop(heap)
            more, _, others = heapq.heappop(heap)
            for symbol in (*ones, *others):
                lengths[symbol] += 1
            heapq.heappush(heap, (few + more, first, [*ones, *others]))
        if max(lengths) <= LONGEST:
            return lengths
        counts = Counter({symbol: (count + 1) // 2 for symbol, count in counts.items()})


def _codes_of(lengths: Sequence[int]) -> dict[int, str]:
    """Return the bits of every symbol that occurs, as deflate numbers them."""
    codes: dict[int, str] = {}
    code = before = 0
    for length, symbol in sorted((n, symbol) for symbol, n in enumerate(lengths) if n):
        code <<= length - before
        codes[symbol] = f"{code:0{length}b}"
        code, before = code + 1, length
    return codes


class RowCodes:
    """The codes of all columns, made for some rows, and these rows in them."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        texts = [texts_of(row) for row in rows]
        self.columns = [ColumnCode([row[i] for row in texts]) for i in range(len(COLUMNS))]

    def described(self) -> list[Any]:
        """Return what the directory says of rows."""
        return [column.described() for column in self.columns]

    def encode(self, row: Sequence[Any]) -> bytes:
        """Return one row's bytes."""
        texts = texts_of(row)
        bits = "".join(code.bits(text) for code, text in zip(self.columns, texts, strict=True))
        bits += "0" * (-len(bits) % 8)
        return int(bits, 2).to_bytes(len(bits) // 8, "big")


def cell_of(ids: Sequence[int], rows: Iterable[bytes]) -> bytes:
    """Return rows with their number and ids before them."""
    numbers = b"".join(each.to_bytes(8, "little", signed=True) for each in ids)
    return len(ids).to_bytes(2, "big") + numbers + b"".join(rows)
