"""The page headers of a parquet file, read before any page is: how much a row can expand to.

A footer's sizes are claims. What a reader allocates follows the page headers, and two encodings let
a few bytes stand for gigabytes: a dictionary (one long text, named by every row) and shared
prefixes. So the headers of the text columns are walked, opening no page but dictionaries, and tell
how many rows may be decoded at once. Not here: footers (`parquet_footer`) and rows
(`parquet_rows`).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.parquet_footer import NO_THRIFT, Chunk, Compact, row_groups
from laion_assets.core.sources.columns import shown_name

#: Bytes of one page, decompressed: writers make pages of 1 MiB, DuckDB of up to 100 MB.
MAX_PAGE = 512 << 20
#: Bytes that the rows decoded at once may come to, at worst.
MAX_DECODED = 512 << 20
#: Pages of one column of one row group; at 1,000 rows a page, a thousand million rows.
MAX_PAGES = 1_000_000
_HEADER_SIZES = (1 << 10, 1 << 16, 16 << 20)  # a header holds a column's longest texts, twice
_DICTIONARY_PAGE = 2
#: Page type -> (field of its own header, field of the encoding in that): DataPageHeader, V2.
_DATA_PAGES = {0: (5, 2), 3: (8, 4)}
_DICTIONARY_ENCODINGS = (2, 8)  # PLAIN_DICTIONARY, RLE_DICTIONARY
_DELTA_BYTE_ARRAY = 7
_BYTE_ARRAY, _FIXED_LENGTH = 6, 7  # parquet.thrift's Type
#: CompressionCodec -> pyarrow's name, of those whose dictionaries are opened; 0 is uncompressed.
_CODECS = {0: None, 1: "snappy", 2: "gzip", 4: "brotli", 6: "zstd", 7: "lz4_raw"}
_LENGTH = 4  # bytes that say how long the plain value after them is


@dataclass(frozen=True)
class _Page:
    """What a page header says: bytes decompressed, values, and how they are encoded."""

    kind: int
    size: int
    values: int
    encoding: int
    body: int  # where the page itself begins in the file
    compressed: int  # its bytes there


def rows_at_once(stream: BinaryIO, wanted: Collection[str]) -> int:
    """Return how many rows of the wanted columns can be decoded within `MAX_DECODED` bytes.

    At least 1. Raises BadSourceFile when a page is larger than `MAX_PAGE` or a header cannot be
    read.
    """
    size = stream.seek(0, 2)
    widest = 0.0
    for group in row_groups(stream):
        texts = [
            chunk
            for chunk in group.chunks
            if chunk.path in wanted and chunk.physical_type in (_BYTE_ARRAY, _FIXED_LENGTH)
        ]
        widest = max(widest, sum(_row_bytes(stream, size, chunk) for chunk in texts))
    return max(1, int(MAX_DECODED / max(widest, 1.0)))


def _row_bytes(stream: BinaryIO, size: int, chunk: Chunk) -> float:
    """Return the bytes that a row of a column chunk takes at worst, the ends of pages aside.

    A value from a dictionary can be as long as the longest in it, one built on the value before it
    as long as its page; others share their page's bytes.
    """
    dictionary, widest = 0, 0.0
    for page in _pages(stream, size, chunk):
        if page.kind == _DICTIONARY_PAGE:
            dictionary = max(dictionary, _longest(stream, page, chunk))
        elif page.encoding in _DICTIONARY_ENCODINGS:
            widest = max(widest, float(dictionary))
        elif page.encoding == _DELTA_BYTE_ARRAY:
            widest = max(widest, float(page.size))
        else:
            widest = max(widest, page.size / max(page.values, 1))
    return widest


def _longest(stream: BinaryIO, page: _Page, chunk: Chunk) -> int:
    """Return the bytes of the longest value of a dictionary; of all of it when it cannot be opened.

    That it is damaged is for Arrow to say, which checks it when it reads it.
    """
    if chunk.physical_type != _BYTE_ARRAY or page.compressed > MAX_PAGE:
        return page.size
    stream.seek(page.body)
    body = stream.read(page.compressed)
    try:
        codec = _CODECS[chunk.codec]
        if codec is not None:
            body = pa.decompress(body, page.size, codec, asbytes=True)
    except (KeyError, pa.ArrowException, OSError, ValueError):
        return page.size
    longest = position = 0
    while position < len(body):
        length = int.from_bytes(body[position : position + _LENGTH], "little")
        longest = max(longest, length)
        position += _LENGTH + length
    return min(longest, page.size)


def _pages(stream: BinaryIO, size: int, chunk: Chunk) -> Iterator[_Page]:
    """Yield the pages of a column chunk, found the way Arrow finds them."""
    start = chunk.start
    values = pages = 0
    while values < chunk.values:
        pages += 1
        try:
            page = _read_header(stream, start)
        except NO_THRIFT as error:
            raise BadSourceFile(f"is damaged: no page header at byte {start:,}") from error
        if page.size > MAX_PAGE:
            raise BadSourceFile(
                f"has a page of {page.size >> 20:,} MiB in column {shown_name(chunk.path)}; "
                f"at most {MAX_PAGE >> 20} MiB are read at once"
            )
        start = page.body + page.compressed
        if min(page.size, page.values, page.compressed) < 0 or start > size or pages > MAX_PAGES:
            raise BadSourceFile(f"is damaged: its pages do not fit in it (byte {start:,})")
        values += page.values if page.kind in _DATA_PAGES else 0
        yield page


def _read_header(stream: BinaryIO, start: int) -> _Page:
    """Return what the page header at `start` says; one of NO_THRIFT when there is none."""
    for most in _HEADER_SIZES:
        stream.seek(start)
        reader = Compact(stream.read(most))
        try:
            header = reader.struct()
        except IndexError:
            continue
        kind, size, compressed = header[1], header[2], header[3]
        own, encoding = _DATA_PAGES.get(kind, (7, 2))
        inner = header.get(own, {})
        numbers = (kind, size, inner.get(1, 0), inner.get(encoding, 0), compressed)
        if not all(type(number) is int for number in numbers):
            raise TypeError("a page header's numbers are none")
        return _Page(*numbers[:4], body=start + reader.position, compressed=compressed)
    raise IndexError(start)
