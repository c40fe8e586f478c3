"""What a file is, told by its first bytes before its name.

Lives here: recognising a format, a compression, and what is no file of rows. Not here: reading rows
(`core.reading`), which files there are (`finding`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.base.expanding import open_expanded
from laion_assets.core.sources.formats import (
    CSV,
    FORMAT_OF_SUFFIX,
    JSON,
    PARQUET,
    Compression,
    FileFormat,
)

#: Bytes that are looked at, once expanded.
HEAD = 1 << 16
_COMPRESSIONS: Mapping[bytes, Compression] = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
}
_PARQUET = (b"PAR1", b"PARE")


def recognise(path: Path, told: FileFormat | None = None) -> FileFormat:
    """Return the format of a file by its first bytes, then by its name.

    `told` is what the dataset says of its files' format: parquet is parquet all the same. Raises
    BadSourceFile, saying what it is, for a file that holds no rows.
    """
    with open_expanded(path, "") as stream:
        head = stream.read(HEAD)
    if not head:
        raise BadSourceFile("is empty (0 bytes); download it again")
    compression = _compression(head)
    if compression:
        head = _expanded_head(path, compression)
    return _format(head, path.name, told).wrapped_in(compression)


def _compression(head: bytes) -> Compression:
    return next((name for magic, name in _COMPRESSIONS.items() if head.startswith(magic)), "")


def _expanded_head(path: Path, compression: Compression) -> bytes:
    """Return the first bytes of what is compressed; none where it is damaged: reading says so."""
    try:
        with open_expanded(path, compression) as expanded:
            return expanded.read(HEAD)
    except BadSourceFile:
        return b""


def _format(head: bytes, name: str, told: FileFormat | None) -> FileFormat:
    stem = name.casefold()
    if head.startswith(_PARQUET) or stem.endswith(".parquet"):  # reading says what is wrong with it
        return PARQUET
    if told is not None:
        return told
    for suffix, known in FORMAT_OF_SUFFIX.items():
        if suffix in stem:
            return known
    return JSON if head.lstrip()[:1] in (b"{", b"[") else CSV
