"""A parquet file's row groups as its footer lists them, and the Thrift they are written in.

pyarrow opens a damaged footer and then aborts the whole process when it is asked about a column
chunk (26.0: C++ exceptions are not turned into Python's there). So what is needed of a footer is
read here, from as much of Thrift's compact protocol as the format uses (parquet-format,
`parquet.thrift`). Not here: whether what it says is allowed (`parquet_rows`, `parquet_pages`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from laion_assets.core.base.errors import BadSourceFile

TAIL = 8  # bytes: the footer's length and the magic number end every parquet file
#: What reading Thrift that is none raises: it ends too early, or holds other things than it should.
NO_THRIFT = (IndexError, KeyError, TypeError, ValueError, AttributeError)
_ROW_GROUPS = 4  # field of FileMetaData
_CRYPTO = 8  # field of ColumnChunk
_DEEPEST = 16  # structs within structs; a footer has six
_MORE = 0x80  # the bit of a varint's byte that says another follows
_LONGEST_VARINT = 63  # bits before the last byte
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET = range(1, 11)
_STRUCT = 12  # 11, maps, are not in the format
_LONG_LIST = 0x0F  # the size that says that the size follows


@dataclass(frozen=True)
class Chunk:
    """One column of one row group. Sizes are in bytes and, like the offsets, claims."""

    path: str  # names from the root to the leaf, joined by dots
    physical_type: int  # parquet.thrift's Type: 6 is BYTE_ARRAY
    codec: int  # its CompressionCodec
    values: int
    start: int  # offset of the first page
    compressed: int
    uncompressed: int
    elsewhere: bool  # in another file
    encrypted: bool = False  # then nothing else is known of it


@dataclass(frozen=True)
class RowGroup:
    """Rows, and the chunk of each leaf column in the order of the schema."""

    rows: int
    chunks: list[Chunk]


_ENCRYPTED = Chunk("", 0, 0, 0, 0, 0, 0, elsewhere=False, encrypted=True)


def row_groups(stream: BinaryIO) -> Iterator[RowGroup]:
    """Yield the row groups of a file whose footer pyarrow has read already.

    Raises BadSourceFile when there is none to understand.
    """
    end = stream.seek(0, 2) - TAIL
    stream.seek(max(0, end))
    length = int.from_bytes(stream.read(4), "little")
    stream.seek(max(0, end - length))
    reader = Compact(stream.read(length))
    try:
        for number, kind in reader.fields():
            if number == _ROW_GROUPS:
                for _ in range(reader.list_of_structs()):
                    yield _row_group(reader.struct())
                return
            reader.value(kind)
    except NO_THRIFT as error:
        raise BadSourceFile("is damaged: its footer cannot be understood") from error


def _row_group(found: dict[int, Any]) -> RowGroup:
    return RowGroup(rows=_integer(found[3]), chunks=[_chunk(column) for column in found[1]])


def _chunk(found: dict[int, Any]) -> Chunk:
    if _CRYPTO in found:  # only the holders of a key know more
        return _ENCRYPTED
    about = found[3]
    data, dictionary = _integer(about[9]), _integer(about.get(11, 0))
    return Chunk(
        path=".".join(name.decode("utf-8", "replace") for name in about[3]),
        physical_type=_integer(about[1]),
        codec=_integer(about[4]),
        values=_integer(about[5]),
        start=dictionary if 0 < dictionary < data else data,  # as Arrow does
        compressed=_integer(about[7]),
        uncompressed=_integer(about[6]),
        elsewhere=bool(found.get(1)),
    )


def _integer(value: object) -> int:
    if type(value) is not int:
        raise TypeError("not an integer")
    return value


class Compact:
    """Reads structs in Thrift's compact protocol: numbers, bytes, lists, and structs by field."""

    def __init__(self, data: bytes) -> None:
        self.position = 0
        self._data = data

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Return the values of a struct by field number."""
        if depth > _DEEPEST:
            raise ValueError("structs within structs")
        return {number: self.value(kind, depth) for number, kind in self.fields()}

    def fields(self) -> Iterator[tuple[int, int]]:
        """Yield number and type of each field of a struct; the value is to be read in between."""
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._integer()
            yield number, head & 0x0F

    def list_of_structs(self) -> int:
        """Read the head of a list; return how many structs follow."""
        kind, size = self._list_head()
        if kind != _STRUCT and size:
            raise ValueError("not a list of structs")
        return size

    def value(self, kind: int, depth: int = 0) -> Any:
        """Return a value of a type; a double as its bytes, for nothing needs one."""
        if kind in (_I16, _I32, _I64):
            value: Any = self._integer()
        elif kind == _BINARY:
            value = self._bytes(self._varint())
        elif kind == _STRUCT:
            value = self.struct(depth + 1)
        elif kind in (_LIST, _SET):
            of, size = self._list_head()
            value = [self._element(of, depth + 1) for _ in range(size)]
        elif kind in (_TRUE, _FALSE):
            value = kind == _TRUE
        elif kind == _BYTE:
            value = self._byte()
        elif kind == _DOUBLE:
            value = self._bytes(8)
        else:
            raise ValueError(f"type {kind}")
        return value

    def _element(self, kind: int, depth: int) -> Any:
        if depth > _DEEPEST:
            raise ValueError("lists within lists")
        if kind in (_TRUE, _FALSE):  # in a list each has a byte of its own
            return self._byte() == _TRUE
        return self.value(kind, depth)

    def _list_head(self) -> tuple[int, int]:
        head = self._byte()
        size = self._varint() if head >> 4 == _LONG_LIST else head >> 4
        return head & 0x0F, size

    def _byte(self) -> int:
        byte = self._data[self.position]
        self.position += 1
        return byte

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & ~_MORE) << shift
            shift += 7
            if byte < _MORE:
                return value
            if shift > _LONGEST_VARINT:
                raise ValueError("varint")

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _bytes(self, length: int) -> bytes:
        start = self.position
        self.position += length
        if self.position > len(self._data):
            raise IndexError(self.position)
        return self._data[start : self.position]
