"""Arrays on the disk, for what the merge reads again and memory should not hold.

Lives here: a file that is written once, and reading pieces of it from compiled code:
pages of a mapping would count as this process's memory, and calls from outside cost more than what
they read. Not here: what is in it.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types
from numba.extending import overload

from laion_assets.core.base.compiled import Integer, compiled

#: The system's own: descriptor, address, bytes, where in the file; bytes read.
_pread: Any = types.ExternalFunction(
    "pread", types.intp(types.int32, types.intp, types.intp, types.int64)
)


def _read(
    descriptor: int, out: npt.NDArray[np.uint8], at: Integer, size: Integer, place: Integer
) -> int:
    """Read bytes of a file into an array; return how many."""
    data = os.pread(descriptor, int(size), int(place))
    out[at : at + len(data)] = np.frombuffer(data, np.uint8)
    return len(data)


@overload(_read)
def _compiled_read(descriptor: Any, out: Any, at: Any, size: Any, place: Any) -> Any:  # noqa: ARG001
    """Return what compiled code does in its place: without it the one above is called."""

    def read(descriptor: Any, out: Any, at: Any, size: Any, place: Any) -> Any:
        return _pread(descriptor, out.ctypes.data + at, size, place)

    return read


class Spilled:
    """Bytes written once from the beginning on, then read; what is there already is kept."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("a+b")
        self._map: mmap.mmap | None = None
        self.size = path.stat().st_size

    def append(self, data: npt.NDArray[np.uint8]) -> None:
        """Write bytes at the end."""
        self._stream.write(data.data)
        self.size += len(data)

    def mapped(self) -> npt.NDArray[np.uint8]:
        """Return all bytes; nothing can be appended any more."""
        self._stream.flush()
        if not self.size:
            return np.empty(0, np.uint8)
        # Nobody writes to it; but read-only arrays are of another type to Numba.
        self._map = mmap.mmap(self._stream.fileno(), 0, access=mmap.ACCESS_COPY)
        return np.frombuffer(self._map, np.uint8)

    def finish(self) -> int:
        """Return the number of the open file, all of whose bytes can be read."""
        self._stream.flush()
        return self._stream.fileno()

    def close(self) -> None:
        """Let the file go; arrays of it stay good as long as somebody has them."""
        self._stream.close()


def read_pieces(
    descriptor: int, starts: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint8]:
    """Return pieces of a file of the merge side by side; raise OSError where one is not there."""
    out = np.empty(int(sizes.sum()), np.uint8)
    if not _read_all(descriptor, starts, sizes, out):
        raise OSError("what the merge wrote to its temporary folder cannot be read")
    return out


@compiled
def _read_all(
    descriptor: int,
    starts: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.int64],
    out: npt.NDArray[np.uint8],
) -> bool:
    at = 0
    for i in range(len(starts)):
        if _read(descriptor, out, at, sizes[i], starts[i]) != sizes[i]:
            return False
        at += sizes[i]
    return True
