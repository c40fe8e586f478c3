"""Tokens: the one tokeniser, for a single text and for whole columns of captions.

A token is what SQLite FTS5's `unicode61 remove_diacritics 2` makes one: runs of letters,
numbers and private-use characters (and of whatever its Unicode had not assigned yet), folded by
`tables`.  Here are the plain reference version, for queries and lists, and the interner that
the search index and the name matcher are built on.  Matching names is `matching`.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.text import kernels
from laion_assets.core.text.kernels import MAX_TOKEN_BYTES, TOKEN_ROOM
from laion_assets.core.text.layouts import Reading, Terms, Texts
from laion_assets.core.text.tables import character_tables

#: A column of type string or large_string; nulls count as empty texts.
Captions: TypeAlias = "pa.Array | pa.ChunkedArray"

#: Bytes of a token that is counted as a word; what is longer is a key or a run of CJK.
LONGEST_WORD = 64

#: Slots of an empty table of terms: a power of two, quadrupled when half full.
FIRST_SLOTS = 1 << 12

#: Secret of this process, so that captions cannot be made up to collide; results do not show it.
HASH_SEED = np.uint64(secrets.randbits(64))


@dataclass(frozen=True)
class InternedTokens:
    """The tokens of a column of captions, as numbers.

    `offsets` is int64[captions + 1]: the tokens of caption `i` are
    `terms[offsets[i]:offsets[i + 1]]`, in order, so a token's position in its caption is its
    index less `offsets[i]`.  `terms` is int32[tokens], indexes into `vocabulary`: the
    distinct terms in order of first occurrence.  That is large_binary, not large_string, because
    a token that FTS5 cuts at 32,768 bytes may end inside a character.
    """

    offsets: npt.NDArray[np.int64]
    terms: npt.NDArray[np.int32]
    vocabulary: pa.LargeBinaryArray


def tokenise(text: str) -> list[str]:
    """Return the tokens of a text in order: the plain reference version.

    A token longer than 32,768 UTF-8 bytes is cut there; should that be inside a character, its
    first bytes become lone surrogates (`token.encode("utf-8", "surrogateescape")` gives the
    bytes back).  Lone surrogates in the text separate.
    """
    return [_cut(token) for token in text.translate(_FOLDING).split(_SEPARATOR) if token]


def fold_in_place(text: str) -> str:
    """Return a text of the same length in which every character is what it adds to a token.

    That is a space where it separates, and a null character where it adds nothing.
    """
    return text.translate(_FOLDING_IN_PLACE)


class _FoldingInPlace(dict[int, str]):
    def __missing__(self, code: int) -> str:
        self[code] = _FOLDING[code] or "\0"
        return self[code]


class _Folding(dict[int, str | None]):
    """What each code point adds to a token, found out when it is met: `str.translate`'s table."""

    def __missing__(self, code: int) -> str | None:
        effect = int(character_tables().effects[code])
        self[code] = chr(effect) if effect > 0 else None if effect == 0 else _SEPARATOR
        return self[code]


_SEPARATOR = " "  # it separates, so that no character of a token becomes it
_FOLDING = _Folding()
_FOLDING_IN_PLACE = _FoldingInPlace()


def _cut(token: str) -> str:
    """Cut a token where FTS5 does."""
    if 4 * len(token) <= MAX_TOKEN_BYTES:
        return token
    return token.encode()[:MAX_TOKEN_BYTES].decode("utf-8", "surrogateescape")


def intern_tokens(captions: Captions) -> InternedTokens:
    """Tokenise a column of captions and number the distinct terms by first occurrence.

    One thread, without the GIL.  The result does not depend on how the column is chunked.
    Raises TypeError unless the column is string or large_string.
    """
    interned, _ = intern_with_terms(captions)
    return interned


def intern_with_terms(captions: Captions) -> tuple[InternedTokens, Terms]:
    """Do what `intern_tokens` does and return the hash table as well, for look-ups."""
    terms = _no_terms()
    offsets = np.zeros(len(captions) + 1, np.int64)
    pieces = [np.empty(0, np.int32)]
    row = tokens = 0
    for texts in text_buffers(captions):
        rows = texts.offsets.size - 1
        # A token takes a byte and, but for the last of its caption, a separator.
        most = (int(texts.offsets[-1] - texts.offsets[0]) + rows + 1) // 2
        numbers = np.empty(most, np.int32)
        ends = offsets[row + 1 : row + 1 + rows]
        terms, written = kernels.intern(texts, reading(), terms, numbers, ends)
        pieces.append(numbers[:written].copy())
        ends += tokens
        row += rows
        tokens += written
    return InternedTokens(offsets, np.concatenate(pieces), _vocabulary(terms)), terms


@cache
def reading() -> Reading:
    """Return how this process reads tokens: the table of the contract and the secret seed."""
    return Reading(character_tables().effects, HASH_SEED)


def text_buffers(captions: Captions) -> Iterator[Texts]:
    """Yield the bytes and int64 offsets of each chunk that has rows, without copying the bytes.

    Offsets are into the whole buffer (a slice does not begin at 0).  Raises TypeError unless the
    column is string or large_string.
    """
    if not (pa.types.is_string(captions.type) or pa.types.is_large_string(captions.type)):
        raise TypeError(f"captions must be string or large_string, not {captions.type}")
    width = np.dtype(np.int64 if pa.types.is_large_string(captions.type) else np.int32)
    for chunk in captions.chunks if isinstance(captions, pa.ChunkedArray) else [captions]:
        if len(chunk) == 0:
            continue
        # Arrow allows bytes behind a null.
        filled = pc.fill_null(chunk, "") if chunk.null_count else chunk
        _, offsets_buffer, data_buffer = filled.buffers()
        offsets = np.frombuffer(
            offsets_buffer, width, count=len(filled) + 1, offset=filled.offset * width.itemsize
        ).astype(np.int64)
        data = np.frombuffer(b"" if data_buffer is None else data_buffer, np.uint8)
        offsets.flags.writeable = False
        data.flags.writeable = False
        yield Texts(data, _words(data), offsets)


def _words(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Return the bytes as whole little-endian words; none where the machine has no such words.

    Arrow's buffers begin at multiples of 64; a buffer from elsewhere is read byte by byte.
    """
    whole = data.size // 8 if sys.byteorder == "little" and data.ctypes.data % 8 == 0 else 0
    return data[: 8 * whole].view(np.uint64)


def _no_terms() -> Terms:
    """Return an empty table of terms with some room."""
    half = FIRST_SLOTS // 2
    return Terms(
        slots=np.zeros(FIRST_SLOTS, np.uint64),
        hashes=np.empty(half, np.uint64),
        text=np.empty(2 * TOKEN_ROOM, np.uint8),
        starts=np.zeros(half + 1, np.int64),
        size=0,
    )


def _vocabulary(terms: Terms) -> pa.LargeBinaryArray:
    """Return the terms in order as an Arrow array."""
    starts = terms.starts[: terms.size + 1].copy()
    text = terms.text[: starts[-1]].copy()
    buffers = [None, pa.py_buffer(starts), pa.py_buffer(text)]
    return pa.Array.from_buffers(pa.large_binary(), terms.size, buffers)
