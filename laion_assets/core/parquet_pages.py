"""The page headers of a parquet file, read before any page is: how much a row can expand to.

A footer's sizes are claims. What a reader allocates follows the page headers, and two encodings let
a few bytes stand for gigabytes: a dictionary (one long text, named by every row) and shared
prefixes. So the headers of the text columns are walked, opening no page but dictionaries, and tell
how many rows may be decoded at once. Lives here: that walk, and as much of Thrift's compact
protocol as page headers need (parquet-format, `parquet.thrift`). Not here: footers and rows
(`parquet_rows`).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.errors import BadSourceFile

#: Bytes of one page, decompressed: writers make pages of 1 MiB, DuckDB of up to 100 MB.
MAX_PAGE = 512 << 20
#: Bytes that the rows decoded at once may come to, at worst.
MAX_DECODED = 512 << 20
#: Pages of one column of one row group; at 1,000 rows a page, a thousand million rows.
MAX_PAGES = 1_000_000
_HEADER_SIZES = (1 << 10, 1 << 16, 16 << 20)  # a header holds a column's longest texts, twice
_DEEPEST = 8  # structs within structs; page headers have three
_DICTIONARY_PAGE = 2
#: Page type -> (field of its own header, field of the encoding in that): DataPageHeader, V2.
_DATA_PAGES = {0: (5, 2), 3: (8, 4)}
_DICTIONARY_ENCODINGS = (2, 8)  # PLAIN_DICTIONARY, RLE_DICTIONARY
_DELTA_BYTE_ARRAY = 7
_TEXT_TYPES = ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
#: Compressions whose dictionaries are opened to see how long their longest value is.
_CODECS = {"SNAPPY": "snappy", "GZIP": "gzip", "ZSTD": "zstd", "BROTLI": "brotli"}
_LENGTH = 4  # bytes that say how long the plain value after them is


@dataclass(frozen=True)
class _Page:
    """What a page header says: bytes decompressed, values, and how they are encoded."""

    kind: int
    size: int
    values: int
    encoding: int
    body: int = 0  # where the page itself begins in the file
    compressed: int = 0  # its bytes there


def rows_at_once(stream: BinaryIO, metadata: pq.FileMetaData, wanted: Collection[str]) -> int:
    """Return how many rows of the wanted columns can be decoded within `MAX_DECODED` bytes.

    At least 1. Raises BadSourceFile when a page is larger than `MAX_PAGE` or a header cannot be
    read.
    """
    size = stream.seek(0, 2)
    texts = [
        number
        for number in columns_named(metadata, wanted)
        if metadata.schema.column(number).physical_type in _TEXT_TYPES
    ]
    widest = 0.0
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        widest = max(widest, sum(_row_bytes(stream, size, group.column(n)) for n in texts))
    return max(1, int(MAX_DECODED / max(widest, 1.0)))


def columns_named(metadata: pq.FileMetaData, names: Collection[str]) -> list[int]:
    """Return the numbers of the (leaf) columns of these names."""
    schema = metadata.schema
    return [n for n in range(metadata.num_columns) if schema.column(n).path in names]


def _row_bytes(stream: BinaryIO, size: int, chunk: pq.ColumnChunkMetaData) -> float:
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


def _longest(stream: BinaryIO, page: _Page, chunk: pq.ColumnChunkMetaData) -> int:
    """Return the bytes of the longest value of a dictionary; of all of it when it cannot be opened.

    That it is damaged is for Arrow to say, which checks it when it reads it.
    """
    if chunk.physical_type != "BYTE_ARRAY" or page.compressed > MAX_PAGE:
        return page.size
    stream.seek(page.body)
    body = stream.read(page.compressed)
    if chunk.compression in _CODECS:
        try:
            body = pa.decompress(body, page.size, _CODECS[chunk.compression], asbytes=True)
        except (pa.ArrowException, OSError, ValueError):
            return page.size
    elif chunk.compression != "UNCOMPRESSED":
        return page.size
    longest = position = 0
    while position < len(body):
        length = int.from_bytes(body[position : position + _LENGTH], "little")
        longest = max(longest, length)
        position += _LENGTH + length
    return min(longest, page.size)


def _pages(stream: BinaryIO, size: int, chunk: pq.ColumnChunkMetaData) -> Iterator[_Page]:
    """Yield the pages of a column chunk, found the way Arrow finds them."""
    start, dictionary = chunk.data_page_offset, chunk.dictionary_page_offset
    if chunk.has_dictionary_page and dictionary and 0 < dictionary < start:
        start = dictionary
    values = pages = 0
    while values < chunk.num_values:
        pages += 1
        try:
            page, length, compressed = _read_header(stream, start)
        except (IndexError, ValueError, KeyError, TypeError) as error:
            raise BadSourceFile(f"is damaged: no page header at byte {start:,}") from error
        if page.size > MAX_PAGE:
            raise BadSourceFile(
                f"has a page of {page.size >> 20:,} MiB in column {chunk.path_in_schema[:40]}; "
                f"at most {MAX_PAGE >> 20} MiB are read at once"
            )
        page = replace(page, body=start + length, compressed=compressed)
        start += length + compressed
        if min(page.size, page.values, compressed) < 0 or start > size or pages > MAX_PAGES:
            raise BadSourceFile(f"is damaged: its pages do not fit in it (byte {start:,})")
        values += page.values if page.kind in _DATA_PAGES else 0
        yield page


def _read_header(stream: BinaryIO, start: int) -> tuple[_Page, int, int]:
    """Return the page whose header is at `start`, the header's length, and the page's in the file.

    IndexError when it does not end, ValueError, KeyError or TypeError when it is none.
    """
    for most in _HEADER_SIZES:
        stream.seek(start)
        reader = _Compact(stream.read(most))
        try:
            header = reader.struct()
        except IndexError:
            continue
        kind, size, compressed = header[1], header[2], header[3]
        own, encoding = _DATA_PAGES.get(kind, (7, 2))
        inner = header.get(own, {})
        if not isinstance(inner, dict):
            raise TypeError("a page header's own header is no struct")
        numbers = (kind, size, inner.get(1, 0), inner.get(encoding, 0))
        if not all(type(number) is int for number in (*numbers, compressed)):
            raise TypeError("a page header's numbers are none")
        page = _Page(*numbers)
        return page, reader.position, compressed
    raise IndexError(start)


class _Compact:
    """Reads structs in Thrift's compact protocol; texts are passed over, numbers returned."""

    def __init__(self, data: bytes) -> None:
        self.position = 0
        self._data = data

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Return the fields of a struct by number."""
        if depth > _DEEPEST:
            raise ValueError("structs within structs")
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._integer()
            fields[number] = self._value(head & 0x0F, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        match kind:
            case 1 | 2:  # true, false
                value: Any = kind == 1
            case 3:
                value = self._byte()
            case 4 | 5 | 6:  # integers of 16, 32 and 64 bits
                value = self._integer()
            case 7 | 8:  # a double, a text
                value = None
                self._skip(8 if kind == 7 else self._varint())  # noqa: PLR2004 - as above
            case 9 | 10:  # a list, a set
                value = None
                self._list(depth)
            case 12:
                value = self.struct(depth + 1)
            case _:
                raise ValueError(f"type {kind}")  # maps are in no page header
        return value

    def _list(self, depth: int) -> None:
        head = self._byte()
        kind = head & 0x0F
        short = head >> 4
        for _ in range(self._varint() if short == 0x0F else short):  # noqa: PLR2004 - 15: it follows
            if kind in (1, 2):  # in a list a boolean is a byte of its own
                self._byte()
            else:
                self._value(kind, depth + 1)

    def _byte(self) -> int:
        byte = self._data[self.position]
        self.position += 1
        return byte

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:  # noqa: PLR2004 - the bit that says there is more
                return value
            if shift > 63:  # noqa: PLR2004 - ten bytes hold 64 bits
                raise ValueError("varint")

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _skip(self, length: int) -> None:
        self.position += length
        if self.position > len(self._data):
            raise IndexError(self.position)
