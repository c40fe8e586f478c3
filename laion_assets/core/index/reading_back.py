"""Which rows an index file holds, read back from its bytes.

Lives here: the ids of rows in the files of documents and of terms, for whoever has to know that a
row is nowhere. Not here: reading for a search, which is the browser's (`site_templates/static`).
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import called_by_compiled, compiled
from laion_assets.core.base.errors import UserError
from laion_assets.core.index.directory import DIRECTORY, SEARCH
from laion_assets.core.index.packing import PACKED_HEAD, ROWS_HEAD
from laion_assets.core.index.units import BITS, CHECK, FIRST_UNIT, HEAD, Units

Ids = npt.NDArray[np.int64]
_TAIL = 4  # units after the text: `');` and a line end
_RANK = 4  # bytes of a slot before its rows

_SLOT_UNITS = re.compile(r'"slots":\{"units":(\d+)')

#: Series whose files hold rows.
_OF_TERMS = ("w", "f", "x")


def index_folder(path: Path) -> Path | None:
    """Return the folder of the index that a published file belongs to, if it is of one's series."""
    folder = path.parent.parent
    return folder if folder.parent.name == SEARCH and path.suffix == ".js" else None


def slot_units(folder: Path) -> int:
    """Return the units of a slot of an index. Raises UserError where its directory is damaged."""
    with _told(folder / DIRECTORY):
        found = _SLOT_UNITS.search((folder / DIRECTORY).read_text(encoding="utf-8"))
        if found is None:
            raise ValueError(DIRECTORY)
        return int(found[1])


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, IndexError, OSError, zlib.error) as error:
        raise UserError(
            f"{path.name} of the search index cannot be read; run `laion-assets build --rehash`"
        ) from error


def ids_of(path: Path, slot: int) -> Ids:
    """Return the ids of all rows that a file of the index holds; none of a file without rows.

    `slot` is the units of a slot. Raises UserError for what is no such file.
    """
    if path.parent.name not in ("d", "o", *_OF_TERMS):
        return np.empty(0, np.int64)
    with _told(path):
        return _ids_of(path, slot)


def _ids_of(path: Path, slot: int) -> Ids:
    kind = path.parent.name
    units = np.frombuffer(path.read_bytes(), "<u2")[HEAD:-_TAIL] - np.uint16(FIRST_UNIT)
    if kind == "d":
        starts, skipped = list(range(0, len(units), slot)), _RANK
    elif kind == "o":
        starts, skipped = _consecutive(units), PACKED_HEAD
    else:
        starts = _blocks(units)
        each = [PACKED_HEAD + _packed(units, start) for start in starts]
        return _ids_at(units, np.array(starts, np.int64), np.array(each, np.int64))
    return _ids_at(units, np.array(starts, np.int64), np.full(len(starts), skipped, np.int64))


def _blocks(units: Units) -> list[int]:
    """Return where the blocks of a file of terms begin."""
    size = int(units[CHECK]) << BITS | int(units[CHECK + 1])
    packed = to_bytes(units[CHECK + 2 : size])
    end = PACKED_HEAD + int.from_bytes(packed[:PACKED_HEAD].tobytes(), "big")
    head = json.loads(zlib.decompress(packed[PACKED_HEAD:end].data, -zlib.MAX_WBITS))
    return [size + start for start in (np.cumsum(head[1]) - np.array(head[1])).tolist()]


def _packed(units: Units, start: int) -> int:
    """Return how many bytes are said to follow at the beginning of a slice."""
    head = to_bytes(units[start + CHECK : start + CHECK + 2])
    return int.from_bytes(head[:PACKED_HEAD].tobytes(), "big")


def _consecutive(units: Units) -> list[int]:
    """Return where the slices of rows too long for a slot begin."""
    starts, at = [], 0
    while at < len(units):
        starts.append(at)
        at += CHECK + -(-8 * (PACKED_HEAD + _packed(units, at)) // BITS)
    return starts


def _ids_at(units: Units, starts: npt.NDArray[np.int64], skipped: npt.NDArray[np.int64]) -> Ids:
    """Return the ids of the rows of slices, each after so many bytes of its payload."""
    ids = _gather_ids(units, starts + CHECK, skipped, ROWS_HEAD)
    if ids is None:
        raise ValueError("rows go on beyond the end")
    return ids


@compiled
def _gather_ids(
    units: Units, starts: npt.NDArray[np.int64], skipped: npt.NDArray[np.int64], head: int
) -> Ids | None:
    count = 0
    for n in range(len(starts)):
        rows = _number(units, starts[n], skipped[n], head)
        last = starts[n] + ((skipped[n] + head + 8 * rows) * 8 + 14) // 15
        if rows < 0 or last > len(units):
            return None
        count += rows
    ids = np.empty(count, np.int64)
    at = 0
    for n in range(len(starts)):
        rows = _number(units, starts[n], skipped[n], head)
        for row in range(rows):
            value = np.uint64(0)
            for byte in range(8):
                place = skipped[n] + head + 8 * row + byte
                value |= np.uint64(_byte(units, starts[n], place)) << np.uint64(8 * byte)
            ids[at] = np.int64(value)
            at += 1
    return ids


@called_by_compiled
def _number(units: Units, start: int, skipped: int, size: int) -> int:
    """Return a number of so many bytes, the highest first; -1 beyond the end."""
    if start + ((skipped + size) * 8 + 14) // 15 > len(units):
        return -1
    value = 0
    for byte in range(size):
        value = (value << 8) | _byte(units, start, skipped + byte)
    return value


@called_by_compiled
def _byte(units: Units, start: int, place: int) -> int:
    """Return one of the bytes that are units from `start` on."""
    first = start + place * 8 // 15
    bits = place * 8 % 15  # before it in its unit
    two = np.int64(units[first]) << 15
    if first + 1 < len(units):
        two |= np.int64(units[first + 1])
    return int((two >> (22 - bits)) & 0xFF)


@compiled
def to_bytes(units: Units) -> npt.NDArray[np.uint8]:
    """Return the bits of units as bytes; the last is filled with zeros."""
    out = np.zeros((len(units) * 15 + 7) // 8, np.uint8)
    held, bits, at = np.int64(0), 0, 0
    for unit in units:
        held = (held << 15) | np.int64(unit)
        bits += 15
        while bits >= 8:  # noqa: PLR2004 - bits of a byte
            bits -= 8
            out[at] = (held >> bits) & 0xFF
            at += 1
        held &= (1 << bits) - 1
    if bits:
        out[at] = (held << (8 - bits)) & 0xFF
    return out
