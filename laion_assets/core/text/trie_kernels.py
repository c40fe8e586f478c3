"""The compiled inner loops of names: building a trie of phrases, walking it along texts.

Those of tokens are `kernels`; who calls these is `matching`. The loops release the GIL. Their hash
tables depend on a seed and on the order of insertion, their results do not.
"""
# ruff: noqa: C901, PLR0912, PLR0915 - calls cost in these loops, so some are long

from __future__ import annotations

import numpy as np

from laion_assets.core.base.compiled import Integer, called_by_compiled, compiled, wider
from laion_assets.core.text.kernels import (
    EMPTY,
    HALF,
    ONE,
    SEVEN,
    THREE,
    TOKEN_ROOM,
    find_term,
    mix,
    read_token,
)
from laion_assets.core.text.layouts import (
    Int32s,
    Int64s,
    Reading,
    Terms,
    Texts,
    Trie,
    Uint8s,
    Uint64s,
)

SIEVE_SHIFT = np.uint64(24)


@compiled
def sieve(hashes: Uint64s) -> Uint8s:
    """Return a bit set that `may_hold` each of the hashes, and one in ten or so of others."""
    size = 1
    while size < hashes.size:
        size *= 2
    bits = np.zeros(size, np.uint8)
    for index in range(hashes.size):
        place, bit = sieve_place(hashes[index], bits)
        bits[place] |= bit
    return bits


@called_by_compiled
def sieve_place(value: np.uint64, bits: Uint8s) -> tuple[np.uint64, np.uint8]:
    """Return the byte and the bit of a hash, from other digits than those that choose a slot."""
    value >>= SIEVE_SHIFT
    return (value >> THREE) & np.uint64(bits.size - 1), np.uint8(1 << (value & SEVEN))


@called_by_compiled
def may_hold(bits: Uint8s, value: np.uint64) -> bool:
    """Tell whether a sieve may have been made with a hash; False is certain."""
    place, bit = sieve_place(value, bits)
    return bool(bits[place] & bit)


@called_by_compiled
def find_edge(keys: Uint64s, key: np.uint64, key_hash: np.uint64) -> np.uint64:
    """Return the slot of an edge, or the free slot where it belongs."""
    mask = np.uint64(keys.size - 1)
    index = key_hash & mask
    while keys[index] != EMPTY and keys[index] != key:
        index = (index + ONE) & mask
    return index


@called_by_compiled
def edge_key(node: Integer | np.int32, term: Integer) -> np.uint64:
    """Return the key of the edge from a node below the root: never 0."""
    return (np.uint64(node) << HALF) | np.uint64(term)


@compiled
def build_trie(
    offsets: Int64s, terms: Int32s, first: Int32s, keys: Uint64s, nodes: Int32s, ends: Int32s
) -> tuple[int, Uint64s]:
    """Build a trie of phrases, phrase `i` being `terms[offsets[i]:offsets[i + 1]]`.

    `first`, `keys` and `nodes`, zeroed, become those of `Trie`, with plain nodes for
    branches; `ends` receives the node at which each phrase ends.  Returns the highest node and
    the hashes of all edges.
    """
    highest = 0
    hashes = np.empty(terms.size, np.uint64)
    edges = 0
    for phrase in range(offsets.size - 1):
        node = np.int32(0)
        for position in range(offsets[phrase], offsets[phrase + 1]):
            term = terms[position]
            if node == 0:
                if first[term] == 0:
                    highest += 1
                    first[term] = highest
                node = first[term]
            else:
                key = edge_key(node, term)
                key_hash = mix(key)
                slot = find_edge(keys, key, key_hash)
                if keys[slot] == EMPTY:
                    highest += 1
                    keys[slot] = key
                    nodes[slot] = highest
                    hashes[edges] = key_hash
                    edges += 1
                node = nodes[slot]
        ends[phrase] = node
    return highest, hashes[:edges].copy()


@compiled
def match(texts: Texts, reading: Reading, terms: Terms, trie: Trie) -> Int64s:
    """Find the names in texts: return `text * width + name`, once for each text and name.

    Ascending by text, but in no particular order within one.  A token is looked up only where it
    may begin a name or where a name begun before may go on: most tokens are neither.
    """
    longest = 0
    for row in range(texts.offsets.size - 1):
        longest = max(longest, texts.offsets[row + 1] - texts.offsets[row])
    data, words = texts.data, texts.words
    effects, seed = reading.effects, reading.seed
    # Taken out of their tuples once: Numba counts references each time.
    first, keys, branches = trie.first, trie.keys, trie.branches
    first_sieve, term_sieve, edge_sieve = trie.first_sieve, trie.term_sieve, trie.edge_sieve
    starts, names, width = trie.starts, trie.names, trie.width
    begun = np.empty(longest // 2 + 2, np.int32)  # nodes of names begun that may go on
    room = np.empty(TOKEN_ROOM, np.uint8)
    seen = np.zeros(width, np.int32)
    hits = np.empty(1024, np.int64)
    found = 0
    for row in range(texts.offsets.size - 1):
        position = texts.offsets[row]
        end = texts.offsets[row + 1]
        going = 0
        while True:
            position, length, token_hash = read_token(
                data, words, position, end, effects, seed, room, 0
            )
            if length == 0:
                break
            may_begin = may_hold(first_sieve, token_hash)
            if not may_begin and (going == 0 or not may_hold(term_sieve, token_hash)):
                going = 0
                continue
            term = find_term(terms, token_hash, room, 0, length)
            if term < 0:
                going = 0
                continue
            # The names begun before, as far as this term goes on with them, then those it begins.
            still = 0
            for index in range(going + 1):
                if index < going:
                    key = edge_key(begun[index], term)
                    key_hash = mix(key)
                    if not may_hold(edge_sieve, key_hash):
                        continue
                    branch = branches[find_edge(keys, key, key_hash)]
                else:
                    branch = first[term]
                if branch == 0:
                    continue
                node = branch >> 2
                if branch & 1:
                    for leaf in range(starts[node], starts[node + 1]):
                        name = names[leaf]
                        if seen[name] <= row:
                            seen[name] = row + 1
                            if found == hits.size:
                                hits = wider(hits, 2 * found)
                            hits[found] = row * width + name
                            found += 1
                if branch & 2:
                    begun[still] = node
                    still += 1
            going = still
    return hits[:found].copy()
