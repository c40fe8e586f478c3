"""Series `u` and `i`: rows by 32 bits of a hash of their URL, and of their id.

Whoever looks one up reads the rows and compares: among twelve million rows three in a thousand
hashes are another's too. Not here: what is hashed (`core.cleaning.urls`).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import Integer, compiled, put
from laion_assets.core.index.blocks import front_coded
from laion_assets.core.index.directory import to_json
from laion_assets.core.index.lists import Numbers, Offsets, emit, finish, rice
from laion_assets.core.index.term_files import head_of
from laion_assets.core.index.units import IndexFolder, Units, joined, sealed

#: Documents of a block, or more where the last ones have the same hash: some 2 kB.
_BLOCK = 512
_HASHES = 1 << 32

_Hashes = npt.NDArray[np.uint32]


def write_hashes(
    kind: str,
    hashes: _Hashes,
    numbers: Numbers,
    width: int,
    files: int,
    folder: IndexFolder,
    pool: Executor,
) -> list[Future[int]]:
    """Write the documents of each hash (by rank) in `files` files of equal ranges of hashes.

    Returns one future a file, of the units of its head. `numbers` are those of the documents, all
    of `width` bits.
    """
    return [
        pool.submit(_write, kind, number, own, numbers, width, folder)
        for number, own in enumerate(_ranges(hashes, files))
    ]


def _ranges(hashes: _Hashes, files: int) -> Iterator[npt.NDArray[np.uint64]]:
    """Yield the sorted hashes of each range, each with the rank of its document below it."""
    both = (hashes.astype(np.uint64) << np.uint64(32)) | np.arange(len(hashes), dtype=np.uint64)
    both.sort()
    bounds = [-(-(number * _HASHES) // files) << 32 for number in range(1, files)]
    cuts = np.searchsorted(both, np.array(bounds, np.uint64)).tolist()
    for low, high in zip([0, *cuts], [*cuts, len(both)], strict=True):
        yield both[low:high]


def _write(
    kind: str,
    number: int,
    both: npt.NDArray[np.uint64],
    numbers: Numbers,
    width: int,
    folder: IndexFolder,
) -> int:
    """Write a file; return the units of its head."""
    seed = folder.seed(kind, number)
    hashes = (both >> np.uint64(32)).astype(np.uint32)
    documents = numbers[both & np.uint64(0xFFFFFFFF)]
    units, sizes, firsts = _blocks(hashes, documents, width, seed)
    texts = joined([b"%08x" % first for first in firsts.tolist()])
    coded = front_coded(*texts, np.arange(len(firsts), dtype=np.int64))
    text = b"[[%b],%b,%d]" % (coded.tobytes(), to_json(sizes.tolist()).encode(), len(units))
    head = head_of(text, seed)
    folder.write_units(kind, number, [head, units])
    return len(head)


@compiled
def _blocks(
    hashes: _Hashes, documents: Numbers, width: int, seed: int
) -> tuple[Units, Offsets, _Hashes]:
    """Return the blocks of a file side by side, the units of each, and the first hash of each."""
    units = np.empty(6 * len(hashes) + 64, np.uint16)
    sizes = np.empty(len(hashes), np.int64)
    firsts = np.empty(len(hashes), np.uint32)
    blocks = 0
    place = np.int64(0)
    low = 0
    while low < len(hashes):
        high = min(len(hashes), low + _BLOCK)
        while high < len(hashes) and hashes[high] == hashes[high - 1]:
            high += 1
        most = np.int64(0)
        for i in range(low + 1, high):
            most = max(most, np.int64(hashes[i]) - np.int64(hashes[i - 1]))
        mean = 0.6931 * (np.int64(hashes[high - 1]) - np.int64(hashes[low])) / (high - low)
        k = np.int64(0)
        while (2 << k) <= mean or most >> k >= 24:  # noqa: PLR2004 - no number is given in full
            k += 1
        payload = np.empty(6 * (high - low) + 8, np.uint16)
        payload[0] = (high - low) >> 15
        payload[1] = (high - low) & 0x7FFF
        payload[2] = k
        at: Integer = np.int64(3)
        held: Integer = np.int64(0)
        bits: Integer = np.int64(0)
        before = np.int64(hashes[low])
        for i in range(low, high):
            number = np.int64(hashes[i])
            code, size = rice(number - before, k)
            at, held, bits = emit(payload, at, held, bits, code, size)
            at, held, bits = emit(payload, at, held, bits, np.int64(documents[i]), width)
            before = number
        at = finish(payload, at, held, bits)
        own = sealed(payload[:at], seed, int(place))
        put(units, place, own)
        firsts[blocks], sizes[blocks] = hashes[low], len(own)
        blocks += 1
        place += len(own)
        low = high
    return units[:place].copy(), sizes[:blocks].copy(), firsts[:blocks].copy()
