"""The files of one series of terms: a head, blocks of terms, the beginnings of their lists.

A reader finds a term's file in the directory, its block in the file's head, and in the block how
many documents it has, the first of them with their rows, and where its list is. Files are planned
in order, from estimates that do not depend on compression, and made by several threads. Not here:
which terms there are (`merge`), blocks themselves (`blocks`).
"""

from __future__ import annotations

import json
from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from laion_assets.core.index import blocks
from laion_assets.core.index.blocks import Form, Lists, Terms
from laion_assets.core.index.directory import to_json
from laion_assets.core.index.lists import (
    CHUNK,
    PAYLOAD,
    Encoded,
    Numbers,
    Offsets,
    Postings,
    chunked_all,
    encode_lists,
)
from laion_assets.core.index.packing import RowFile, pack
from laion_assets.core.index.tails import Tails
from laion_assets.core.index.units import (
    BITS,
    CHECK,
    HEAD_PLACE,
    IndexFolder,
    Units,
    joined,
    seal_all,
    sealed,
    text_at,
    to_units,
)

#: Bytes of a block, about: a word is answered with a head and one of these.
BLOCK_BYTES = 4_096
_IN_FLIGHT = 8  # files being made at once, at most


@dataclass(frozen=True)
class Batch:
    """Consecutive terms of a series with their lists."""

    terms: Terms
    postings: Postings


@dataclass(frozen=True)
class Prepared:
    """A batch, its lists encoded and weighed."""

    batch: Batch
    weights: Offsets
    apart: Offsets  # the terms whose lists stand apart
    encoded: Encoded


@dataclass(frozen=True)
class Shared:
    """What all series are made from."""

    folder: IndexFolder
    rows: RowFile
    numbers: Numbers
    tails: Tails
    pool: Executor


def prepare(batch: Batch, form: Form, rows: RowFile, numbers: Numbers) -> Prepared:
    """Encode the lists of a batch and weigh its terms; any thread may do that."""
    counts = np.diff(batch.postings.starts)
    long = (counts > form.named) & (batch.terms.alias < 0)
    apart = np.flatnonzero(long if form.lists else np.zeros(len(counts), bool))
    # The lists of common terms name no hot ones: pairs of them are counted.
    bare = (batch.terms.common[apart] >= 0) & (len(batch.postings.beside.codes) > 0)
    encoded = encode_lists(batch.postings, numbers, apart, bare)
    return Prepared(
        batch, blocks.weigh(batch.terms, batch.postings, rows.starts, form), apart, encoded
    )


@dataclass
class Series:
    """One series, written file by file as its terms arrive in order.

    At most `most` files: `target`, bytes of a file, is raised so that the bytes `expected` fit, and
    doubles when more come: whenever half of the files that are left are written, where nothing was
    expected, else of the last eighth. The last file takes all the rest.
    """

    kind: str
    form: Form
    shared: Shared
    target: int
    most: int
    expected: int = 0
    files: int = 0
    terms: int = 0
    head: int = 0  # units of the longest head
    first: list[str] = field(default_factory=list)  # what parts each file from the one before
    _last: str = ""
    _making: deque[Future[int]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        """Find the bytes of a file, and with how many files left they double."""
        if self.expected:
            self.target = max(self.target, self.expected * 10 // (9 * self.most))
        self._half = self.most // (8 if self.expected else 2)

    def add(self, prepared: Prepared) -> None:
        """Write the files of a batch whose terms are all greater than those before."""
        size = len(prepared.weights)
        if not size:
            return
        lists = self._place(prepared)
        weights = prepared.weights + 2 * lists.local
        ends = np.cumsum(weights)
        low = 0
        while low < size:
            left = self.most - self.files
            if left <= 1:
                self._write(prepared, lists, low, size)
                break
            before = int(ends[low - 1]) if low else 0
            high = 1 + int(np.searchsorted(ends, before + self.target))
            self._write(prepared, lists, low, min(high, size))
            low = high
            if left - 1 <= self._half:
                self.target, self._half = self.target * 2, self._half // 2
        self.terms += size

    def _place(self, prepared: Prepared) -> Lists:
        """Give the tails of long lists their places."""
        size = len(prepared.weights)
        lists = Lists(*(np.zeros(size, np.int64) for _ in Lists._fields))
        encoded = prepared.encoded
        begins = np.concatenate([np.zeros(1, np.int64), encoded.ends])
        payloads = np.diff(begins)
        lists.k[prepared.apart] = encoded.k
        lists.units[prepared.apart] = payloads + 2 * -(-payloads // PAYLOAD)
        lists.local[prepared.apart] = np.minimum(lists.units[prepared.apart], blocks.LOCAL * CHUNK)
        for n in np.flatnonzero(payloads > blocks.LOCAL * PAYLOAD).tolist():
            tail = encoded.units[begins[n] + blocks.LOCAL * PAYLOAD : begins[n + 1]]
            lists.tail[prepared.apart[n]] = self.shared.tails.add(tail)
        return lists

    def _write(self, prepared: Prepared, lists: Lists, low: int, high: int) -> None:
        number = self.files
        self.files += 1
        if low < high:
            terms = prepared.batch.terms
            first = text_at(terms.data, terms.starts, low)
            self.first.append(_parting(self._last, first))
            self._last = text_at(terms.data, terms.starts, high - 1)
        if len(self._making) >= _IN_FLIGHT:
            self._take()
        self._making.append(self.shared.pool.submit(self._make, number, prepared, lists, low, high))

    def _take(self) -> None:
        self.head = max(self.head, self._making.popleft().result())

    def finish(self) -> dict[str, Any]:
        """Wait for all files; return what the directory says of the series."""
        while self._making:
            self._take()
        return {"head": self.head, "files": self.files, "first": front_code(self.first)}

    def _make(self, number: int, prepared: Prepared, lists: Lists, low: int, high: int) -> int:
        """Write one file; return the units of its head."""
        batch = prepared.batch
        seed = self.shared.folder.seed(self.kind, number)
        cuts = low + blocks.cut(prepared.weights[low:high], BLOCK_BYTES)
        shared = self.shared
        rows = shared.rows.take(blocks.ranks_shown(batch.postings, self.form, low, high))
        texts, ends, row_ends = blocks.texts_of(
            batch.terms, batch.postings, shared.numbers, lists, self.form, cuts
        )
        packed, start, first = [], 0, 0
        for end, last in zip(ends.tolist(), row_ends.tolist(), strict=True):
            packed.append(pack(texts[start:end]))
            if self.form.rows:
                packed[-1] += rows.packed(first, last)
            start, first = end, last
        sealed_blocks, sizes = seal_all(*joined(packed), seed)
        firsts = blocks.front_coded(batch.terms.data, batch.terms.starts, cuts[:-1])
        size = len(sealed_blocks)
        text = b"[[%b],%b,%d]" % (firsts.tobytes(), to_json(sizes.tolist()).encode(), size)
        head = head_of(text, seed)
        own = self._lists(prepared, low, high, seed, size)
        shared.folder.write_units(self.kind, number, [head, sealed_blocks, own])
        return len(head)

    @staticmethod
    def _lists(prepared: Prepared, low: int, high: int, seed: int, place: int) -> Units:
        """Return what of the lists of a file's terms lies in it, from `place` on."""
        encoded = prepared.encoded
        first, last = np.searchsorted(prepared.apart, [low, high]).tolist()
        begins = np.concatenate([np.zeros(1, np.int64), encoded.ends])[first:last]
        ends = np.minimum(encoded.ends[first:last], begins + blocks.LOCAL * PAYLOAD)
        return chunked_all(encoded.units, begins, ends, seed, place)


def _parting(before: str, term: str) -> str:
    """Return as few characters of a term as come after the term before it."""
    for i, (one, other) in enumerate(zip(before, term, strict=False)):
        if one != other:
            return term[: i + 1]
    return term[: len(before) + 1]


def head_of(text: bytes, seed: int) -> Units:
    """Return the head of a file: how many units it takes, and packed text."""
    packed = to_units(np.frombuffer(bytearray(pack(text)), np.uint8))
    size = CHECK + 2 + len(packed)
    own = np.array([size >> BITS, size & 0x7FFF], np.uint16)
    return sealed(np.concatenate([own, packed]), seed, HEAD_PLACE)


def front_code(texts: list[str]) -> list[Any]:
    """Return sorted texts front coded: UTF-16 units shared with the one before, and the rests."""
    coded = blocks.front_coded(
        *joined([text.encode() for text in texts]), np.arange(len(texts), dtype=np.int64)
    )
    result: list[Any] = json.loads(b"[" + coded.tobytes() + b"]")
    return result
