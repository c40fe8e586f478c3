"""Rows of a published index in plain Python, straight from "Rows" in `FORMAT.md`, for the tests.

What holds rows is in `index_reader`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

LONGEST = 15
_PLACES = 1 << LONGEST

#: By the next 15 bits: bits and bytes of the symbol that they begin with; no bits: none does.
Code = list[tuple[int, bytes]]


def code_of(strings: Sequence[str], lengths: str) -> Code:
    """Return the code of a column."""
    symbols = [bytes([byte]) for byte in range(256)] + [string.encode() for string in strings]
    assert len(lengths) == len(symbols)
    assert symbols[256:] == sorted(set(symbols[256:]))
    widths = [int(digit, 16) for digit in lengths]
    table: Code = []
    for width, symbol in sorted((width, symbol) for symbol, width in enumerate(widths) if width):
        table += [(width, symbols[symbol])] * (1 << (LONGEST - width))
    assert len(table) <= _PLACES
    return table + [(0, b"")] * (_PLACES - len(table))


class RowCodes:
    """The codes of all columns."""

    def __init__(self, columns: Sequence[str], codes: Sequence[Code]) -> None:
        assert len(columns) == len(codes)
        self._url, self._domain = columns.index("url"), columns.index("domain")
        self._codes = codes

    def rows(self, data: bytes) -> tuple[list[list[Any]], bytes]:
        """Return rows, each with its id last, and what follows them."""
        count = int.from_bytes(data[:2], "big")
        at = 2 + 8 * count
        ids = struct.unpack(f"<{count}q", data[2:at])
        rows = []
        for number in ids:
            texts, at = self._texts(data, at)
            rows.append([*self._values(texts), number])
        return rows, data[at:]

    def _texts(self, data: bytes, start: int) -> tuple[list[bytes], int]:
        """Return the texts of the row that begins at a byte, and where the next one begins."""
        bit, size = 8 * start, 8 * len(data)
        texts = []
        for code in self._codes:
            parts = []
            part = b""
            while not part.endswith(b"\t"):
                byte = bit >> 3
                window = int.from_bytes(data[byte : byte + 3].ljust(3, b"\0"), "big")
                width, part = code[window >> (9 - (bit & 7)) & (_PLACES - 1)]
                bit += width
                assert width, "no code begins so"
                assert bit <= size, "a row ends too early"
                parts.append(part)
            texts.append(b"".join(parts))
        assert bit % 8 == 0 or data[bit >> 3] << (bit & 7) & 0xFF == 0
        return texts, (bit + 7) >> 3

    def _values(self, texts: list[bytes]) -> list[Any]:
        """Return what the texts of a row say, the domain by its name."""
        assert all(text.count(b"\t") == 1 for text in texts)
        values = [json.loads(text) for text in texts]
        names, domain = names_of(values[self._url]), values[self._domain]
        if isinstance(domain, int):
            assert domain > 0
            values[self._domain] = names[domain - 1]
        else:
            assert domain not in names, "a number would do"
        return values


def names_of(url: str) -> list[str]:
    """Return the last label of a URL's host, the last two, … all; none without a host."""
    parts = url.split("/", 3)
    labels = parts[2].split(".") if len(parts) > 2 else []
    return [".".join(labels[-count:]) for count in range(1, len(labels) + 1)]
