"""A text file's bytes, whatever they are compressed with and written in, in bounded blocks.

Lives here: expanding, and how far a file may. Not here: telling what a file is wrapped in
(`sources.recognising`), lines (`text_lines`).
"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.layout import EXPANSION_FLOOR, MAX_EXPANSION
from laion_assets.core.sources.formats import FileFormat

_BLOCK = 1 << 20  # bytes read at once
_EXPANSION_FLOOR = EXPANSION_FLOOR
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def open_blocks(path: Path, layout: FileFormat) -> Iterator[Iterator[bytes]]:
    """Open a text file, compressed or not, as blocks of its bytes.

    Raises BadSourceFile when the file cannot be read, is UTF-16, or its compression is damaged or
    expands absurdly.
    """
    try:
        with path.open("rb") as stream:
            size = path.stat().st_size
            if layout.compression != "gzip":
                head = stream.read(2)
                stream.seek(0)
                if head in _UTF16_MARKS:
                    raise BadSourceFile("is in UTF-16; save it as UTF-8")
                yield _blocks(stream)
                return
            with gzip.open(stream) as expanded:
                yield _expanded(cast("BinaryIO", expanded), size)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadSourceFile(
            f"is cut short or damaged (gzip: {' '.join(str(error).split())[:100]}); "
            "download it again"
        ) from error
    except OSError as error:
        raise BadSourceFile(f"cannot be read: {error.strerror or error}") from error


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def _expanded(stream: BinaryIO, size: int) -> Iterator[bytes]:
    total = 0
    for block in _blocks(stream):
        total += len(block)
        if total > max(_EXPANSION_FLOOR, MAX_EXPANSION * size):
            raise BadSourceFile(f"expands more than {MAX_EXPANSION}-fold and is not read")
        yield block
