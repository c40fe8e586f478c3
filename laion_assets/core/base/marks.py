"""The mark in the footer of every table of ours, by which a copy is known wherever it lies."""

import io
from typing import BinaryIO

#: Key and value, for whoever writes a parquet file.
MARK = {"laion_assets": "a table that laion-assets made"}
_BYTES = next(iter(MARK.values())).encode()
_WITHIN = 1 << 16  # last bytes of a footer: the mark follows the row groups and the schema
_END = 8  # bytes after the footer: its length, PAR1


def is_ours(stream: BinaryIO) -> bool:
    """Tell whether a parquet file bears the mark; False where it is no whole one."""
    size = stream.seek(0, io.SEEK_END)
    if size <= _END:
        return False
    stream.seek(-_END, io.SEEK_END)
    footer = int.from_bytes(stream.read(_END)[:4], "little")
    looked_at = min(footer + _END, size, _WITHIN)
    stream.seek(-looked_at, io.SEEK_END)
    return _BYTES in stream.read(looked_at)
