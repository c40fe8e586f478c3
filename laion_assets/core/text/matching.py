"""Matching: which names the captions mention.

A name matches a caption when its tokens occur there as a contiguous run; names may overlap, and
each counts once per caption.  The number of captions that a name matches is exactly what SQLite
FTS5 counts for the name as a phrase.  What a token is lives in `tokens`, where names come from
in the code that reads the lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from laion_assets.core.text import trie_kernels
from laion_assets.core.text.layouts import Terms, Texts, Trie
from laion_assets.core.text.tokens import (
    Captions,
    InternedTokens,
    intern_with_terms,
    reading,
    text_buffers,
)

#: Captions matched at once by one thread: some milliseconds' work, so that threads stay even.
PIECE_ROWS = 65_536


@dataclass(frozen=True)
class CompiledNames:
    """Names ready to match, good for this process only (the hash table's seed is secret).

    `terms` are the tokens of all names and `trie` how names are made of them; its names are
    indexes into `numbers`, the caller's name numbers, distinct and ascending (int32).
    """

    terms: Terms
    trie: Trie
    numbers: npt.NDArray[np.int32]


@dataclass(frozen=True)
class NameHits:
    """Mentions: caption `row[i]` mentions the name numbered `name[i]`.

    `row` is int64 and counts from 0 over the whole column, `name` is int32; sorted by row,
    then name, each pair once.
    """

    row: npt.NDArray[np.int64]
    name: npt.NDArray[np.int32]


def compile_names(phrases: Sequence[tuple[int, str]]) -> CompiledNames:
    """Prepare phrases for matching; the number says which name a phrase belongs to.

    Several phrases may have one number (aliases), and several numbers the same phrase.  Raises
    ValueError for a phrase without tokens, OverflowError for a number beyond int32.
    """
    # A lone surrogate (from a command line's bytes, say) separates, as "?" does.
    texts = pa.array([text.encode("utf-8", "replace").decode() for _, text in phrases], pa.string())
    interned, terms = intern_with_terms(texts)
    silent = np.flatnonzero(np.diff(interned.offsets) == 0)
    if silent.size:
        raise ValueError(f"the name {phrases[silent[0]][1]!r} has no letters or digits to match")
    numbers, name_of = np.unique(
        np.array([number for number, _ in phrases], np.int32), return_inverse=True
    )
    return CompiledNames(terms, _build_trie(interned, terms, name_of, numbers.size), numbers)


def _build_trie(
    interned: InternedTokens, terms: Terms, name_of: npt.NDArray[np.intp], names: int
) -> Trie:
    """Build the trie of phrases, phrase `i` being one of the name `name_of[i]`."""
    phrases = name_of.size
    # A phrase's first token needs no edge below the root.
    slots = 1 << (2 * (interned.terms.size - phrases) + 1).bit_length()
    first = np.zeros(terms.size, np.int32)
    keys = np.zeros(slots, np.uint64)
    nodes = np.zeros(slots, np.int32)
    ends = np.zeros(phrases, np.int32)
    highest, edge_hashes = trie_kernels.build_trie(
        interned.offsets, interned.terms, first, keys, nodes, ends
    )
    leaves = np.unique(np.stack([ends.astype(np.int64), name_of], axis=1), axis=0)
    branches = np.arange(highest + 1, dtype=np.int32) * 4
    branches[leaves[:, 0]] |= 1
    branches[(keys[keys > 0] >> np.uint64(32)).astype(np.int64)] |= 2
    return Trie(
        first=branches[first],
        keys=keys,
        branches=branches[nodes],
        first_sieve=trie_kernels.sieve(terms.hashes[: terms.size][first[: terms.size] > 0]),
        term_sieve=trie_kernels.sieve(terms.hashes[: terms.size]),
        edge_sieve=trie_kernels.sieve(edge_hashes),
        starts=np.searchsorted(leaves[:, 0], np.arange(highest + 2)).astype(np.int64),
        names=leaves[:, 1].astype(np.int32),
        width=max(1, names),
    )


def match_names(compiled: CompiledNames, captions: Captions, *, threads: int = 1) -> NameHits:
    """Find every mention of the compiled names in a string or large_string column.

    Nulls mention nothing.  The result is the same for any number of threads.  Raises TypeError
    for a column of another type.
    """
    width = compiled.trie.width

    def mentions(piece: tuple[int, Texts]) -> npt.NDArray[np.int64]:
        row, texts = piece
        hits = trie_kernels.match(texts, reading(), compiled.terms, compiled.trie)
        hits.sort()
        return hits + row * width

    with ThreadPoolExecutor(max_workers=threads) as pool:
        found = [np.empty(0, np.int64), *pool.map(mentions, _pieces(captions))]
    hits = np.concatenate(found)
    row = hits // width
    return NameHits(row=row, name=compiled.numbers[hits - row * width])


def _pieces(captions: Captions) -> Iterator[tuple[int, Texts]]:
    """Yield (number of the first caption, captions) for pieces of at most PIECE_ROWS."""
    row = 0
    for texts in text_buffers(captions):
        rows = texts.offsets.size - 1
        for begin in range(0, rows, PIECE_ROWS):
            offsets = texts.offsets[begin : begin + PIECE_ROWS + 1]
            yield row + begin, Texts(texts.data, texts.words, offsets)
        row += rows
