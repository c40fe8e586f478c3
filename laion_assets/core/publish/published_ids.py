"""Looking through everything published for ids that must not be there.

Lives here: finding 64-bit ids in files of any kind, at the speed of reading them. Not here: which
ids are unwanted (`core.build.invariants`).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from laion_assets.core.base.compiled import called_by_compiled, compiled
from laion_assets.core.index.reading_back import ids_of, index_folder, slot_units

#: Digits of a number that is read as an id: of 64-bit hashes one in ten million is shorter, and
#: sizes and counts are full of shorter numbers.
SHORTEST_ID = 12

_LONGEST_ID = 19  # digits of 2**63
_HIGHEST = np.uint64(2**63)
_MINUS, _ZERO, _NINE = (np.uint8(ord(character)) for character in "-09")
_TEN = np.uint64(10)

Ids = npt.NDArray[np.int64]
#: Reads the ids of a file of some kind; raises UserError for one that cannot be read.
ReadIds = Callable[[Path], Ids]


def count_ids(
    files: Sequence[Path],
    unwanted: Ids,
    threads: int,
    readers: Mapping[str, ReadIds] = MappingProxyType({}),
) -> list[int]:
    """Return how many of the ids stand in each file.

    That is in a parquet's column, among the rows of an index file, in what `readers` (by ending)
    read of other kinds, or anywhere in a text; in a zip they are looked for in the files it holds.
    `unwanted` is sorted and distinct. Every file is read whole, one in each thread. Raises
    UserError for an index file that cannot be read.
    """
    folders = {folder for folder in map(index_folder, files) if folder is not None}
    slots = {folder: slot_units(folder) for folder in folders}

    def count(path: Path) -> int:
        if path.suffix == ".parquet":
            return _among(unwanted, _parquet_ids(path))
        if path.suffix in readers:
            return _among(unwanted, readers[path.suffix](path))
        if (folder := index_folder(path)) is not None:
            return _among(unwanted, ids_of(path, slots[folder]))
        if path.suffix == ".zip":
            return _among(unwanted, _zipped_ids(path, unwanted))
        return int(_marked(np.fromfile(path, np.uint8), unwanted).sum())

    with ThreadPoolExecutor(max_workers=threads) as pool:
        return list(pool.map(count, files))


def _among(unwanted: Ids, ids: Ids) -> int:
    """Return how many of the unwanted ids, sorted and distinct, are among others."""
    places = np.minimum(np.searchsorted(unwanted, ids), unwanted.size - 1)
    return len(set(places[unwanted[places] == ids].tolist()))


def _parquet_ids(file: Path | BinaryIO) -> Ids:
    table = pq.ParquetFile(file)
    if "image_id" not in table.schema_arrow.names:
        return np.empty(0, np.int64)
    ids: Ids = table.read(columns=["image_id"])["image_id"].to_numpy()
    return ids


def _zipped_ids(path: Path, unwanted: Ids) -> Ids:
    """Return the ids of the tables in an archive, and those of the unwanted that its texts hold."""
    ids = [np.empty(0, np.int64)]
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".parquet"):
                ids.append(_parquet_ids(io.BytesIO(content)))
            else:
                text = np.frombuffer(bytearray(content), np.uint8)
                ids.append(unwanted[_marked(text, unwanted)])
    return np.concatenate(ids)


def _marked(data: npt.NDArray[np.uint8], unwanted: Ids) -> npt.NDArray[np.bool_]:
    """Return which of the unwanted ids a text holds."""
    found = np.zeros(unwanted.size, np.bool_)
    _mark_ids(data, unwanted, found)
    return found


@compiled
def _mark_ids(data: npt.NDArray[np.uint8], unwanted: Ids, found: npt.NDArray[np.bool_]) -> None:
    """Mark the ids that a text holds as whole runs of digits.

    What follows a hyphen is looked for with and without it: a hyphen is no minus in a file's name.
    """
    position = 0
    while position < data.size:
        if not _ZERO <= data[position] <= _NINE:
            position += 1
            continue
        start = position
        value = np.uint64(0)
        while position < data.size and _ZERO <= data[position] <= _NINE:
            value = value * _TEN + np.uint64(data[position] - _ZERO)
            position += 1
        if SHORTEST_ID <= position - start <= _LONGEST_ID and value <= _HIGHEST:
            # As a signed number 2**63 is its own negative, the lowest id there is.
            _mark(np.int64(value), unwanted, found)
            if start > 0 and data[start - 1] == _MINUS:
                _mark(-np.int64(value), unwanted, found)


@called_by_compiled
def _mark(value: np.int64, unwanted: Ids, found: npt.NDArray[np.bool_]) -> None:
    low, high = 0, unwanted.size  # a loop: Numba compiles its own search for a second
    while low < high:
        middle = (low + high) // 2
        if unwanted[middle] < value:
            low = middle + 1
        else:
            high = middle
    if low < unwanted.size and unwanted[low] == value:
        found[low] = True
