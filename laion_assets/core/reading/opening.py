"""A text file's bytes as UTF-8, whatever they are compressed with and written in, in blocks.

Lives here: how far a file may expand, other encodings. Not here: telling what a file is wrapped in
(`sources.recognising`) or written in (`encodings`), lines (`text_lines`).
"""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.base.expanding import Stream, open_expanded
from laion_assets.core.reading.layout import EXPANSION_FLOOR, MAX_EXPANSION
from laion_assets.core.sources.formats import UTF8, FileFormat

_BLOCK = 1 << 20  # bytes read at once
_EXPANSION_FLOOR = EXPANSION_FLOOR
_KEPT = "laion_assets.kept"
#: Where bytes that are no text go: lone surrogates, which are no text in UTF-8 either.
_SURROGATES = 0xDC00


@contextmanager
def open_blocks(path: Path, layout: FileFormat) -> Iterator[Iterator[bytes]]:
    """Open a text file, compressed or not, as blocks of its text in UTF-8.

    What its encoding cannot decode comes as bytes that are not UTF-8. Raises BadSourceFile when the
    file cannot be read, or its compression is damaged or expands absurdly.
    """
    with open_expanded(path, layout.compression) as stream:
        blocks = blocks_of(stream)
        if layout.compression:
            blocks = limited(blocks, size_of(path))
        yield blocks if layout.encoding in ("", UTF8) else _decoded(blocks, layout.encoding)


def size_of(path: Path) -> int:
    """Return the bytes of a file as it lies there. Raises BadSourceFile when it is gone."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise BadSourceFile(f"cannot be read: {error.strerror or error}") from error


def blocks_of(stream: Stream) -> Iterator[bytes]:
    """Yield all that a stream holds."""
    while block := stream.read(_BLOCK):
        yield block


def limited(blocks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield the blocks that a compressed file of `size` bytes expands to, up to its ceiling."""
    total = 0
    for block in blocks:
        total += len(block)
        if total > max(_EXPANSION_FLOOR, MAX_EXPANSION * size):
            raise BadSourceFile(f"expands more than {MAX_EXPANSION}-fold and is not read")
        yield block


def _decoded(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(_KEPT)
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", True).encode("utf-8", "surrogatepass")


def _keep(error: UnicodeError) -> tuple[str, int]:
    """Stand lone surrogates for the bytes that are no text, so that they reject their row."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(_SURROGATES + byte) for byte in bad), error.end


codecs.register_error(_KEPT, _keep)
