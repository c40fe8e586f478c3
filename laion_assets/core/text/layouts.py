"""The arrays that the compiled loops work on: columns, tables of terms, tries.

Here is only what lies where.  The loops are `kernels` and `trie_kernels`; who fills these in are
`tokens` and `matching`.
"""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

Uint8s = npt.NDArray[np.uint8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Uint64s = npt.NDArray[np.uint64]


class Texts(NamedTuple):
    """A column: text `i` is `data[offsets[i]:offsets[i + 1]]`, UTF-8; all read-only.

    `words` are the same bytes, eight to a number, the first lowest; there may be none of them.
    """

    data: Uint8s
    words: Uint64s
    offsets: Int64s


class Reading(NamedTuple):
    """How to read: `CharacterTables.effects`, and the seed of the hashes."""

    effects: Int32s
    seed: np.uint64

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: the seed is of this process alone."""
        refuse_to_travel(self)


class Terms(NamedTuple):
    """Distinct terms, numbered by first occurrence, with the hash table that finds them.

    Term `i` of `size` is `text[starts[i]:starts[i + 1]]`, its hash `hashes[i]`; all
    arrays have room for more.  `slots`, a power of two of them and less than half full, hold
    the upper half of the hash and the term's number + 1, or 0.
    """

    slots: Uint64s
    hashes: Uint64s
    text: Uint8s
    starts: Int64s
    size: int

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: where another seed is, no term would be found, without a word."""
        refuse_to_travel(self)


class Trie(NamedTuple):
    """Phrases as a trie over term numbers; nodes count from 1, the root is 0.

    `first[term]` is the branch from the root to the node below it, or 0.  Below that,
    `branches[slot]` is the one from `keys[slot]` (node and term, or 0), by open addressing;
    there is a power of two of slots, more than twice the edges.  A branch is four times its
    node, + 1 if names end there, + 2 if there are nodes below.  The sieves (see `sieve`) hold the
    terms that begin a name, all terms and all edges: most look-ups fail, and these fail in the
    processor's cache.
    The names that end at a node are `names[starts[node]:starts[node + 1]]`, below `width`.
    """

    first: Int32s
    keys: Uint64s
    branches: Int32s
    first_sieve: Uint8s
    term_sieve: Uint8s
    edge_sieve: Uint8s
    starts: Int64s
    names: Int32s
    width: int

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: the sieves hold hashes of terms."""
        refuse_to_travel(self)


def refuse_to_travel(of_this_process: Any) -> NoReturn:
    """Raise TypeError where something that only this process can read would leave it."""
    kind = type(of_this_process).__name__
    raise TypeError(f"{kind} is good for the process that made it alone; make it anew in the other")
