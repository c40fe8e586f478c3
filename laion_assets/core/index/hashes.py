"""Series `u` and `i`: rows by 32 bits of a hash of their URL, and of their id.

Whoever looks one up reads the rows and compares: among twelve million rows three in a thousand
hashes are another's too. Not here: what is hashed (`core.cleaning.urls`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from laion_assets.core.index.blocks import plain_terms
from laion_assets.core.index.lists import plain_postings
from laion_assets.core.index.term_files import Batch

_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)


def hash_batches(hashes: npt.NDArray[np.uint32], files: int) -> Iterator[Callable[[], Batch]]:
    """Yield functions that make the documents (ranks) of each of `files` equal ranges of hashes."""
    both = (hashes.astype(np.uint64) << np.uint64(32)) | np.arange(len(hashes), dtype=np.uint64)
    both.sort()
    bounds = [-(-(number << 32) // files) << 32 for number in range(1, files)]
    cuts = np.searchsorted(both, np.array(bounds, np.uint64)).tolist()
    ends = zip([0, *cuts], [*cuts, len(both)], strict=True)
    for low, high in ends:
        yield partial(_batch, both[low:high])


def _batch(both: npt.NDArray[np.uint64]) -> Batch:
    hashes = (both >> np.uint64(32)).astype(np.uint32)
    new = np.ones(len(hashes), bool)
    new[1:] = hashes[1:] != hashes[:-1]
    firsts = np.flatnonzero(new)
    shifts = np.arange(28, -4, -4, dtype=np.uint32)
    data = _DIGITS[((hashes[firsts][:, None] >> shifts) & np.uint32(15))].reshape(-1)
    starts = np.concatenate([firsts, [len(hashes)]]).astype(np.int64)
    ends = np.arange(len(firsts) + 1, dtype=np.int64) * 8
    terms = plain_terms(data, ends, np.diff(starts))
    ranks = (both & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    return Batch(terms, plain_postings(starts, ranks))
