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

from laion_assets.core.base.compiled import compiled
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
        found = [_ids_at(units, start + CHECK, _RANK) for start in range(0, len(units), slot)]
    elif kind == "o":
        starts = _consecutive(units)
        found = [_ids_at(units, start + CHECK, PACKED_HEAD) for start in starts]
    else:
        starts = _blocks(units)
        found = [_ids_at(units, n + CHECK, PACKED_HEAD + _packed(units, n)) for n in starts]
    return np.concatenate([np.empty(0, np.int64), *found])


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


def _ids_at(units: Units, start: int, skipped: int) -> Ids:
    """Return the ids of the rows that begin so many bytes after a unit."""
    rows = int.from_bytes(_bytes_at(units, start, skipped, ROWS_HEAD).tobytes(), "big")
    ids = _bytes_at(units, start, skipped + ROWS_HEAD, 8 * rows)
    return np.frombuffer(ids.tobytes(), "<i8")


def _bytes_at(units: Units, start: int, skipped: int, size: int) -> npt.NDArray[np.uint8]:
    """Return bytes that begin so many bytes after a unit."""
    begin = skipped * 8 // BITS
    data = to_bytes(units[start + begin : start + -(-8 * (skipped + size) // BITS)])
    # Units and bytes meet at every fifteenth byte; before that bits are left over.
    return _shifted(data, skipped * 8 - begin * BITS)[:size]


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


@compiled
def _shifted(data: npt.NDArray[np.uint8], bits: int) -> npt.NDArray[np.uint8]:
    """Return bytes without their first bits."""
    out = np.zeros(len(data) + 1, np.uint8)
    skip, rest = bits // 8, bits % 8
    for i in range(len(data) - skip):
        value = np.int64(data[i + skip]) << 8
        if i + skip + 1 < len(data):
            value |= np.int64(data[i + skip + 1])
        out[i] = (value >> (8 - rest)) & 0xFF
    return out
