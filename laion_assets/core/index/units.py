"""The bytes of the index as text: fifteen bits in every UTF-16 unit, in slices that stand alone.

A browser opened from disk can load scripts and nothing else, so the index travels as text; a host
that answers ranges lets it be read in slices. One form serves both: a classic script in UTF-16
whose one string holds a unit of text for every 15 bits. Nothing in it needs escaping, every slice
begins at a known byte, and it costs a fifteenth where base64 costs a third. `FORMAT.md` describes
it. Not here: what the slices hold (`packing`, `lists`, `term_files`, `documents`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import called_by_compiled, compiled, put

#: What a unit of text is greater by than the 15 bits it stands for: U+2100 to U+A0FF hold no quote,
#: backslash, line end, surrogate or unassigned plane, so that nothing along the way changes them.
FIRST_UNIT = 0x2100
BITS = 15
#: Units of a slice before its payload: its checksum.
CHECK = 2
#: Units before the first slice of a file: the byte order mark and `LaionIndex('w0000012','`.
HEAD = 24
#: Where the head of a file is said to lie, for its checksum.
HEAD_PLACE = 0x3FFFFFFF

_BASIS = 0x811C9DC5
_PRIME = 16_777_619
_LOW = 0xFFFFFFFF

Units = npt.NDArray[np.uint16]
Bytes = npt.NDArray[np.uint8]


def key_of(kind: str, number: int) -> str:
    """Return what a file announces itself with."""
    return f"{kind}{number:07}"


def seed_of(key: str) -> int:
    """Return what the checksums of a file begin with: FNV-1a, 32 bits, of its key in ASCII."""
    value = _BASIS
    for byte in key.encode("ascii"):
        value = ((value ^ byte) * _PRIME) & _LOW
    return value


@called_by_compiled
def checksum(seed: int, place: int, units: Units) -> int:
    """Return 30 bits of FNV-1a over where a slice lies and what it holds."""
    value = np.uint32(seed ^ place)
    for unit in units:
        value = np.uint32((value ^ np.uint32(unit)) * np.uint32(16_777_619))
    return int(np.int64(value & np.uint32(0x3FFFFFFF)))


@compiled
def to_units(data: Bytes) -> Units:
    """Return bytes as units of 15 bits, the highest first; the last is filled with zeros.

    Everybody hands it bytes that can be written, so that it is compiled once.
    """
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
def sealed(payload: Units, seed: int, place: int) -> Units:
    """Return a slice: its checksum and its payload."""
    units = np.empty(len(payload) + 2, np.uint16)
    check = checksum(seed, place, payload)
    units[0] = check >> 15
    units[1] = check & 0x7FFF
    put(units, 2, payload)
    return units


@compiled
def seal_all(
    data: Bytes, starts: npt.NDArray[np.int64], seed: int
) -> tuple[Units, npt.NDArray[np.int64]]:
    """Return pieces of bytes as slices side by side from place 0 on, and the units of each."""
    sizes = np.empty(len(starts) - 1, np.int64)
    size = 0
    for i in range(len(sizes)):
        sizes[i] = 2 + ((starts[i + 1] - starts[i]) * 8 + 14) // 15
        size += sizes[i]
    units = np.empty(size, np.uint16)
    at = 0
    for i in range(len(sizes)):
        put(units, at, sealed(to_units(data[starts[i] : starts[i + 1]]), seed, at))
        at += sizes[i]
    return units, sizes


def joined(pieces: Sequence[bytes]) -> tuple[Bytes, npt.NDArray[np.int64]]:
    """Return pieces of bytes as one, where each begins, and the end."""
    starts = np.zeros(len(pieces) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, pieces), np.int64, len(pieces)), out=starts[1:])
    # Not of bytes, which are read-only: for Numba another type, and all would be compiled twice.
    return np.frombuffer(bytearray().join(pieces), np.uint8), starts


def text_at(data: Bytes, starts: npt.NDArray[np.int64], i: int) -> str:
    """Return one of the texts that `joined` joined."""
    return data[starts[i] : starts[i + 1]].tobytes().decode()


def script_of(key: str, parts: Sequence[Units]) -> memoryview:
    """Return a whole script of slices."""
    head = f"\ufeffLaionIndex('{key}','"
    assert len(head) == HEAD, head  # noqa: S101 - readers count on it
    tail = "');\n"
    out = np.empty(HEAD + sum(map(len, parts)) + len(tail), "<u2")
    out[:HEAD] = np.frombuffer(head.encode("utf-16-le"), "<u2")
    at = HEAD
    for part in parts:
        np.add(part, FIRST_UNIT, out=out[at : at + len(part)])
        at += len(part)
    out[at:] = np.frombuffer(tail.encode("utf-16-le"), "<u2")
    return out.view(np.uint8).data


class IndexFolder:
    """Writes index files below one folder and remembers the digest and size of each."""

    def __init__(self, folder: Path, seal: int) -> None:
        self._folder = folder
        self.seal = seal  # 30 bits in every checksum, so that no slice passes for another index's
        self.files: dict[str, tuple[str, int]] = {}

    def write(self, path: str, content: bytes | memoryview) -> None:
        """Write a file at a path below the folder."""
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.files[path] = (hashlib.sha256(content).hexdigest(), len(content))

    def seed(self, kind: str, number: int) -> int:
        """Return what the checksums of a file of a series begin with."""
        return seed_of(key_of(kind, number)) ^ self.seal

    def write_units(self, kind: str, number: int, parts: Sequence[Units]) -> None:
        """Write a file of a series."""
        self.write(f"{kind}/{number}.js", script_of(key_of(kind, number), parts))

    def move(self, folder: Path, files: Mapping[str, tuple[str, int]]) -> None:
        """Go on in another folder, where these files are."""
        self._folder, self.files = folder, dict(files)

    def digest(self) -> str:
        """Return what tells this index from every other: 16 hexadecimal digits."""
        listed = "".join(f"{path} {digest}\n" for path, (digest, _) in sorted(self.files.items()))
        return hashlib.sha256(listed.encode()).hexdigest()[:16]
