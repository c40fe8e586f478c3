"""A sample of the published captions, for those who count on it what was counted on all.

Lives here: which rows are in it, and their captions, read from a few places of the images tables.
Not here: counting (`invariants`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.cleaning.thresholds import VISIBILITIES

CAPTIONS = 5_000  # at most
BYTES = 32 << 20  # of text, at most
_PLACES = 24  # row groups that are read, at most

#: A caption and where it stands: the images table, the row.
Sampled = tuple[Path, int, str]


def sample_captions(images: Sequence[Path]) -> Sequence[Sampled]:
    """Return captions of published rows, evenly spread over row groups that are evenly spread."""
    versions = tuple(_version(path) for path in images)
    return _sample(tuple(images), versions)


def _version(path: Path) -> tuple[int, ...]:
    told = path.stat()
    return told.st_ino, told.st_size, told.st_mtime_ns


@lru_cache(maxsize=1)
def _sample(images: tuple[Path, ...], _versions: tuple[tuple[int, ...], ...]) -> list[Sampled]:
    groups = [
        (path, group) for path in images for group in range(pq.read_metadata(path).num_row_groups)
    ]
    chosen = [groups[i] for i in _evenly(len(groups), _PLACES)]
    sampled: list[Sampled] = []
    left = BYTES
    for n, (path, group) in enumerate(chosen):
        with pq.ParquetFile(path, pre_buffer=False) as source:
            read = source.read_row_group(group, columns=["row", "caption", "visibility"])
        read = read.filter(pc.not_equal(read["visibility"], VISIBILITIES[-1]))
        each = (CAPTIONS - len(sampled)) // (len(chosen) - n)
        for i in _evenly(read.num_rows, each):
            caption = read["caption"][i].as_py()
            size = len(caption.encode())
            if size <= left // (len(chosen) - n):
                sampled.append((path, read["row"][i].as_py(), caption))
                left -= size
    return sampled


def _evenly(count: int, most: int) -> list[int]:
    """Return at most so many of the numbers below `count`, evenly spread."""
    taken = min(count, most)
    return [n * count // taken for n in range(taken)]
