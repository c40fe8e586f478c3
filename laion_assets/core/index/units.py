"""The bytes of the index as text: fifteen bits in every UTF-16 unit, in slices that stand alone.

A browser opened from disk can load scripts and nothing else, so the index travels as text; a host
that answers ranges lets it be read in slices. One form serves both: a classic script in UTF-16
whose one string holds a unit of text for every 15 bits. Nothing in it needs escaping, every slice
begins at a known byte, and it costs a fifteenth where base64 costs a third. Not here: what the
slices hold (`lists`, `dictionary`, `documents`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled

#: What a unit of text is greater by than the 15 bits it stands for: U+2100 to U+A0FF hold no quote,
#: backslash, line end, surrogate or unassigned plane, so that nothing along the way changes them.
FIRST_UNIT = 0x2100
BITS = 15
#: Units of a slice before its payload: its checksum.
CHECK = 2
#: Units before the first slice of a file: the byte order mark and `LaionIndex('w0000012','`.
HEAD = 24
_KEY = "{kind}{number:07}"

Units = npt.NDArray[np.uint16]
Bytes = npt.NDArray[np.uint8]


@compiled
def to_units(data: Bytes) -> Units:
    """Return bytes as units of 15 bits, the highest first; the last is filled with zeros."""
    units = np.empty((len(data) * 8 + 14) // 15, np.uint16)
    held, bits, end = np.int64(0), 0, 0
    for byte in data:
        held = (held << 8) | np.int64(byte)
        bits += 8
        if bits >= 15:  # noqa: PLR2004 - BITS, a literal for the compiler
            bits -= 15
            units[end] = (held >> bits) & 0x7FFF
            end += 1
            held &= (1 << bits) - 1
    if bits:
        units[end] = (held << (15 - bits)) & 0x7FFF
    return units


@compiled
def checksum(seed: int, offset: int, units: Units) -> int:
    """Return 30 bits of FNV-1a over where a slice lies and what it holds."""
    value = np.uint64((seed ^ offset) & 0xFFFFFFFF)
    for unit in units:
        value = ((value ^ np.uint64(unit)) * np.uint64(16_777_619)) & np.uint64(0xFFFFFFFF)
    return np.int64(value & np.uint64(0x3FFFFFFF))


def seed_of(key: str) -> int:
    """Return what the checksums of a file begin with, so that no file's slice passes for another's.

    FNV-1a of the key's ASCII codes, 32 bits.
    """
    value = 0x811C9DC5
    for byte in key.encode("ascii"):
        value = ((value ^ byte) * 16_777_619) & 0xFFFFFFFF
    return value


@dataclass
class IndexFile:
    """One file of the index as it is put together, slice after slice."""

    kind: str  # one letter
    number: int
    size: int = 0  # units so far
    _slices: list[Units] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What the file announces itself with."""
        return _KEY.format(kind=self.kind, number=self.number)

    @property
    def path(self) -> str:
        """Where it lies below the index's folder."""
        return f"{self.kind}/{self.number}.js"

    def add(self, payload: Units) -> int:
        """Append a slice; return where it begins, in units."""
        start = self.size
        check = checksum(seed_of(self.key), start, payload)
        self._slices += [np.array([check >> BITS, check & 0x7FFF], np.uint16), payload]
        self.size += CHECK + len(payload)
        return start

    def content(self) -> bytes:
        """Return the whole script."""
        head = f"\ufeffLaionIndex('{self.key}','"
        assert len(head) == HEAD, head  # noqa: S101 - readers count on it
        units = np.concatenate([*self._slices, np.empty(0, np.uint16)]) + np.uint16(FIRST_UNIT)
        return b"".join(
            (head.encode("utf-16-le"), units.astype("<u2").tobytes(), "');\n".encode("utf-16-le"))
        )


class IndexFolder:
    """Writes index files below one folder and remembers the digest and size of each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files: dict[str, tuple[str, int]] = {}

    def write(self, path: str, content: bytes) -> None:
        """Write a file at a path below the folder."""
        from hashlib import sha256  # noqa: PLC0415

        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.files[path] = (sha256(content).hexdigest(), len(content))
