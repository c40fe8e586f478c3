"""The loop over the values of a parquet dictionary page.

Lives here: the one compiled function of this room. In Python it took a second for four million
values, of which a file of a kilobyte can have any number. Not here: pages (`parquet_pages`).
"""

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled


@compiled
def walk_texts(body: npt.NDArray[np.uint8]) -> int:
    """Return the bytes of the longest of the plain values of type BYTE_ARRAY in a page.

    Each is its length, four bytes with the lowest first, and so many bytes; the last may be cut.
    """
    longest = position = 0
    while position + 4 <= body.size:
        length = 0
        for index in range(4):
            length |= int(body[position + index]) << (8 * index)
        longest = max(longest, length)
        position += 4 + length
    return longest
