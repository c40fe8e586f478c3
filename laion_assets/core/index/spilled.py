"""Arrays on the disk, for what the merge reads again and memory should not hold.

Lives here: a file without a name that is written once and then mapped. Not here: what is in it.
"""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import numpy.typing as npt

#: Bytes of files that may be in this process's memory.
_MOST_MAPPED = 1 << 30
_STATM = Path("/proc/self/statm")


def _mapped_bytes() -> int:
    """Return how much of the memory is of files; 0 where the system does not say."""
    try:
        return int(_STATM.read_text().split()[2]) * mmap.PAGESIZE
    except OSError:
        return 0


class Spilled:
    """Bytes written once from the beginning on, then read by mapping; nobody else sees the file."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("w+b")
        path.unlink()  # so that no kill can leave it
        self._map: mmap.mmap | None = None
        self.size = 0

    def append(self, data: npt.NDArray[np.uint8]) -> None:
        """Write bytes at the end."""
        self._stream.write(data.data)
        self.size += len(data)

    def mapped(self) -> npt.NDArray[np.uint8]:
        """Return all bytes; nothing can be appended any more."""
        self._stream.flush()
        if not self.size:
            return np.empty(0, np.uint8)
        self._map = mmap.mmap(self._stream.fileno(), 0, access=mmap.ACCESS_READ)
        return np.frombuffer(self._map, np.uint8)

    def let_go(self) -> None:
        """Let the pages that were looked at be the system's alone, not this process's memory.

        Looking at them again takes time, so they are kept as long as they are not many.
        """
        if self._map is not None and _mapped_bytes() > _MOST_MAPPED:
            self._map.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        """Let the file go; arrays of it stay good as long as somebody has them."""
        self._stream.close()
