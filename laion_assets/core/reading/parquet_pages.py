"""The page headers of a parquet file, read before any page is: how much a row can expand to.

A footer's sizes are claims. What a reader allocates follows the page headers, and two encodings let
a few bytes stand for gigabytes: a dictionary (one long text, named by every row) and shared
prefixes. So the headers of the columns that are read are walked, each once, opening no page but
dictionaries of texts, and tell how many rows may be decoded at once. Not here: footers
(`parquet_footer`), rows (`parquet_rows`), the loop over a dictionary's values (`dictionary_walk`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.dictionary_walk import walk_texts
from laion_assets.core.reading.layout import MAX_EXPANSION, most_expanded
from laion_assets.core.reading.parquet_footer import NO_THRIFT, Chunk, Compact, row_groups
from laion_assets.core.sources.columns import shown_name

#: Bytes of one page, decompressed: writers make pages of 1 MiB, DuckDB of up to 100 MB.
MAX_PAGE = 128 << 20
#: Bytes of the pages that are held at once, decompressed: of each column a dictionary, as Arrow
#: lays it out, and a page.
MAX_HELD = 256 << 20
#: Bytes that the rows decoded at once may come to, at worst, the pages they are from aside.
MAX_DECODED = 64 << 20
#: Bytes of the pages of lists in one row group, decompressed, and values in them. How many values a
#: row has is known only once it is decoded, so all of them may be one row's; each takes some twenty
#: bytes besides its text, which is held once where it is in a dictionary.
MAX_LISTS = 256 << 20
MAX_LISTED = 8_000_000
#: Bytes of texts of one row group that are held in dictionaries, where that lets more rows be
#: decoded at once; they are held some three times over. A million captions come to 60 MB.
MAX_KEPT = 64 << 20
#: Pages of one column of one row group; at 1,000 rows a page, a thousand million rows.
MAX_PAGES = 1_000_000
_HEADER_SIZES = (1 << 10, 1 << 16, 16 << 20)  # a header holds a column's longest texts, twice
_DICTIONARY_PAGE = 2
#: Page type -> (field of its own header, field of the encoding in that): DataPageHeader, V2.
_DATA_PAGES = {0: (5, 2), 3: (8, 4)}
_DICTIONARY_ENCODINGS = (2, 8)  # PLAIN_DICTIONARY, RLE_DICTIONARY
_PLAIN, _DELTA_BYTE_ARRAY = 0, 7
#: parquet.thrift's Type: texts, and the bytes of a value of those that have one width.
_BYTE_ARRAY = 6
_WIDTHS = {0: 1, 1: 4, 2: 8, 3: 12, 4: 4, 5: 8}
_INDEX = 4  # bytes that Arrow takes for a value that stays in its dictionary
#: CompressionCodec -> pyarrow's name, of those whose dictionaries are opened; 0 is uncompressed.
_CODECS = {0: None, 1: "snappy", 2: "gzip", 4: "brotli", 6: "zstd", 7: "lz4_raw"}
_VIEW = 16  # bytes that Arrow takes for each value of a dictionary, besides the value


@dataclass(frozen=True)
class _Page:
    """What a page header says: bytes decompressed, values, and how they are encoded."""

    kind: int
    size: int
    values: int
    encoding: int
    body: int  # where the page itself begins in the file
    compressed: int  # its bytes there


@dataclass
class _Walk:
    """One walk over a file's pages: what was examined, against what a file may come to."""

    stream: BinaryIO
    size: int
    examined: int = 0  # bytes of pages in the file
    expanded: int = 0  # the same, decompressed
    chunks: set[int] = field(default_factory=set)  # where those that were walked begin
    held: int = 0  # bytes that the pages of the columns walked so far hold at once
    listed: int = 0  # values of lists so far

    def add(self, chunk: Chunk, page: _Page, start: int) -> None:
        """Count a page that was found at `start`; BadSourceFile when it is one too many."""
        name = shown_name(chunk.path)
        if page.size > MAX_PAGE:
            raise BadSourceFile(
                f"has a page of {page.size >> 20:,} MiB in column {name}; "
                f"at most {MAX_PAGE >> 20} MiB are read at once"
            )
        if min(page.size, page.values, page.compressed) < 0 or page.body > self.size:
            raise BadSourceFile(f"is damaged: its pages do not fit in it (byte {start:,})")
        self.examined += page.body + page.compressed - start
        self.expanded += page.size
        if self.examined > self.size:
            raise _shared(chunk)
        if self.expanded > most_expanded(self.size):
            raise BadSourceFile(f"expands more than {MAX_EXPANSION}-fold and is not read")


def _shared(chunk: Chunk) -> BadSourceFile:
    """Return what is wrong where a byte belongs to two pages.

    Else a file of some kB could have one page examined, and expanded, a million times.
    """
    return BadSourceFile(f"is damaged: column {shown_name(chunk.path)} shares its pages")


@dataclass(frozen=True)
class Decoding:
    """How many rows may be decoded at once, and which columns' texts stay in dictionaries then."""

    rows: int
    kept: frozenset[int] = frozenset()


@dataclass(frozen=True)
class _Widths:
    """Bytes that a row of a column chunk takes at worst: decoded, and with values in dictionaries.

    `kept` is infinite where Arrow has no decoder for that. `held` are the bytes of all its texts:
    Arrow adds those that are in none to the dictionary, and holds it as long as the row group.
    """

    decoded: float
    kept: float
    held: int


def how_to_decode(
    stream: BinaryIO,
    wanted: Collection[int],
    lists: Collection[int] = (),
    texts: Collection[int] = (),
    enough: int = 0,
) -> Decoding:
    """Return how many rows of the wanted columns can be decoded within `MAX_DECODED` bytes.

    Columns are the leaves of the schema, by number; those of `lists` hold several values a row, of
    which one is taken, and their dictionaries are not expanded. Where that is not `enough`, the
    `texts` that can stay in their dictionaries are to. At least 1. Raises BadSourceFile when a
    header cannot be read, or pages are larger than `MAX_PAGE`, are more than `MAX_HELD` together,
    or expand absurdly.
    """
    walk = _Walk(stream, stream.seek(0, 2))
    groups: list[dict[int, _Widths]] = []
    for group in row_groups(stream):
        walk.held = 0
        for number in lists:
            _check_list(walk, group.chunks[number])
        groups.append({number: _row_bytes(walk, group.chunks[number]) for number in wanted})
    kept: frozenset[int] = frozenset()
    plain = rows = _rows(groups, kept)
    for number in sorted(texts, key=lambda n: -max((of[n].decoded for of in groups), default=0.0)):
        if rows < enough and all(_may_keep([of[n] for n in (*kept, number)]) for of in groups):
            kept |= {number}
            rows = _rows(groups, kept)
    # Each batch has a copy of the dictionaries: small ones would cost more than they spare.
    return Decoding(rows, kept) if rows >= enough else Decoding(plain)


def _may_keep(widths: Sequence[_Widths]) -> bool:
    return all(isfinite(of.kept) for of in widths) and sum(of.held for of in widths) <= MAX_KEPT


def _rows(groups: Sequence[Mapping[int, _Widths]], kept: Collection[int]) -> int:
    each = (
        sum(of.kept if n in kept else of.decoded for n, of in widths.items()) for widths in groups
    )
    return max(1, int(MAX_DECODED / max(1.0, max(each, default=1.0))))


def _row_bytes(walk: _Walk, chunk: Chunk) -> _Widths:
    """Return the bytes that a row of a column chunk takes at worst, the ends of pages aside.

    A value from a dictionary can be as long as the longest in it, one built on the value before it
    as long as its page; others share their page's bytes.
    """
    dictionary = laid_out = largest = held = 0
    widths, kept = [0.0], [0.0]
    for page in _pages(walk, chunk):
        if page.kind == _DICTIONARY_PAGE:
            _check_dictionary(page, chunk)
            dictionary = max(dictionary, _longest(walk.stream, page, chunk))
            laid_out = max(laid_out, page.size + _VIEW * page.values)
            held += page.size
            continue
        largest = max(largest, page.size)
        share = page.size / max(page.values, 1)
        if page.encoding in _DICTIONARY_ENCODINGS:
            widths.append(dictionary)
            kept.append(_INDEX)
        elif page.encoding == _DELTA_BYTE_ARRAY:
            widths.append(page.size)
            kept.append(inf)
        else:
            widths.append(share)
            kept.append(share + _INDEX if page.encoding == _PLAIN else inf)
            held += page.size
    walk.held += laid_out + largest
    if walk.held > MAX_HELD:
        raise BadSourceFile(
            f"has pages of {walk.held >> 20:,} MiB in one row group, up to column "
            f"{shown_name(chunk.path)}; at most {MAX_HELD >> 20} MiB are read at once"
        )
    return _Widths(max(widths), max(kept), held)


def _check_list(walk: _Walk, chunk: Chunk) -> None:
    """Refuse a column chunk of lists that a single row of could be too much."""
    name = shown_name(chunk.path)
    walk.listed += chunk.values
    if chunk.values > MAX_LISTED or walk.listed > most_expanded(walk.size):
        raise BadSourceFile(
            f"has {chunk.values:,} values in the lists of column {name} in one row group; at most "
            f"{MAX_LISTED:,} are read: write it with smaller row groups"
        )
    size = 0
    for page in _pages(_Walk(walk.stream, walk.size), chunk):
        size += page.size
        if page.kind in _DATA_PAGES and page.encoding == _DELTA_BYTE_ARRAY:
            raise BadSourceFile(
                f"cannot be read because the lists of column {name} are encoded as "
                "DELTA_BYTE_ARRAY; write it with another encoding, such as PLAIN"
            )
        if size > MAX_LISTS:
            raise BadSourceFile(
                f"has more than {MAX_LISTS >> 20} MiB in the lists of column {name} in one row "
                "group; write it with smaller row groups"
            )


def _check_dictionary(page: _Page, chunk: Chunk) -> None:
    """Refuse a dictionary of more values than fit in it: Arrow makes room for so many."""
    least = 4 if chunk.physical_type == _BYTE_ARRAY else 1  # bytes of a value: its length, or it
    if page.values * least > page.size:
        raise BadSourceFile(
            f"is damaged: {page.values:,} values in a dictionary of {page.size:,} bytes"
        )


def _longest(stream: BinaryIO, page: _Page, chunk: Chunk) -> int:
    """Return the bytes of the longest value of a dictionary; of all of it when it cannot be opened.

    That it is damaged is for Arrow to say, which checks it when it reads it.
    """
    if chunk.physical_type != _BYTE_ARRAY:  # all of one length
        return _WIDTHS.get(chunk.physical_type, -(-page.size // max(page.values, 1)))
    stream.seek(page.body)
    body = stream.read(page.compressed)
    try:
        codec = _CODECS[chunk.codec]
        if codec is not None:
            body = pa.decompress(body, page.size, codec, asbytes=True)
    except (KeyError, pa.ArrowException, OSError, ValueError):
        return page.size
    return min(walk_texts(np.frombuffer(body, np.uint8)), page.size)


def _pages(walk: _Walk, chunk: Chunk) -> Iterator[_Page]:
    """Yield the pages of a column chunk, found the way Arrow finds them."""
    start = chunk.start
    if start in walk.chunks and chunk.values > 0:
        raise _shared(chunk)
    walk.chunks.add(start)
    values = pages = 0
    while values < chunk.values:
        pages += 1
        try:
            page = _read_header(walk.stream, start)
        except NO_THRIFT as error:
            raise BadSourceFile(f"is damaged: no page header at byte {start:,}") from error
        walk.add(chunk, page, start)
        start = page.body + page.compressed
        values += page.values if page.kind in _DATA_PAGES else 0
        if start > walk.size or pages > MAX_PAGES or values > chunk.values:
            raise BadSourceFile(f"is damaged: its pages do not fit in it (byte {start:,})")
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
