"""Series `h`: where long lists go on, and pair counts: one line of chunks cut into files.

A place in it is `span` times the file, and the unit of the file. Not here: what is in the chunks
(`lists`).
"""

from __future__ import annotations

import numpy as np

from laion_assets.core.index.lists import CHUNK, PAYLOAD, chunked
from laion_assets.core.index.units import IndexFolder, Units

KIND = "h"


class Tails:
    """Appends chunks, writing each file once it is full."""

    def __init__(self, folder: IndexFolder, span: int) -> None:
        self._folder = folder
        self.span = span  # units of a file, whole chunks
        self._file = 0
        self._parts: list[Units] = []
        self._size = 0

    def add(self, payload: Units) -> int:
        """Append a payload in chunks of its own; return its place."""
        place = self._file * self.span + self._size
        at = 0
        while at < len(payload):
            room = (self.span - self._size) // CHUNK * PAYLOAD
            part = payload[at : at + room]
            at += len(part)
            seed = self._folder.seed(KIND, self._file)
            chunks = chunked(part, seed, self._size)
            self._parts.append(chunks)
            # The next list begins with a chunk of its own, wherever this one ends.
            whole = -(-len(chunks) // CHUNK) * CHUNK
            self._parts.append(np.zeros(whole - len(chunks), np.uint16))
            self._size += whole
            if self._size + CHUNK > self.span:
                self.flush()
        return place

    def flush(self) -> None:
        """Write the file being filled, if it holds anything."""
        if self._size:
            self._folder.write_units(KIND, self._file, self._parts)
            self._file += 1
            self._parts, self._size = [], 0
