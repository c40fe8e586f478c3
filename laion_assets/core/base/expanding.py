"""Compressed files as streams of what they hold: gzip, bz2, xz, zstd, and a zip of one file.

Lives here: the forms, in bounded memory, each error as one line. Not here: telling which form a
file has (`sources.recognising`), how far a file may expand (`reading.opening`).
"""

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import pyarrow as pa

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.base.machine import refuse_exhausted

_BLOCK = 1 << 16
#: Bytes of memory that one stream may ask for: what was read so far and may be repeated. `xz -9`
#: takes 65 MiB; the limit of zstd, of its own, is a window of 128 MiB.
_MEMORY = 136 << 20
#: Bytes of the list of a zip's members; that of one member is as long as its name.
_ZIP_LIST = 1 << 20
_ZIP_END = struct.Struct("<4s4H2LH")
_ZIP64_END = struct.Struct("<4sQ2H2L4Q")
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)


def files_in(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files of an archive that somebody put there: no folders, nothing of macOS's."""
    return [
        member
        for member in archive.infolist()
        if not member.is_dir()
        and not member.filename.startswith("__MACOSX/")
        and not member.filename.rpartition("/")[2].startswith(".")
    ]


class Stream(Protocol):
    """Bytes that are read from the beginning to the end."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""


@contextmanager
def open_expanded(path: Path, compression: str) -> Iterator[Stream]:
    """Open a file as the bytes it holds once it is expanded; '' is no compression.

    Raises BadSourceFile, here or while it is read, when it is damaged, cannot be read, or asks for
    absurd memory.
    """
    with ExitStack() as stack:
        with _one_line(compression):
            stream = stack.enter_context(path.open("rb"))
            expanded = stack.enter_context(_OPENERS[compression](stream))
        yield _Telling(expanded, compression)


class _Telling:
    """A stream whose errors are one line; those of whoever reads it are not its own."""

    def __init__(self, stream: Stream, compression: str) -> None:
        self._stream = stream
        self._compression = compression

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        with _one_line(self._compression):
            return self._stream.read(size)


@contextmanager
def _one_line(compression: str) -> Iterator[None]:
    try:
        yield
    except (NotImplementedError, RuntimeError) as error:  # what zipfile says of what it cannot do
        raise BadSourceFile(f"cannot be expanded: {_words(error)}; unpack it first") from error
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        refuse_exhausted(error)
        raise BadSourceFile(_why(error, compression)) from error


def _why(error: Exception, compression: str) -> str:
    """Say what is wrong: the disk's errors have a number, those of libraries do not."""
    words = _words(error)
    if not compression or (isinstance(error, OSError) and error.errno is not None):
        said = error.strerror if isinstance(error, OSError) else None
        return f"cannot be read: {said or words}"
    if "too much memory" in words or "Memory usage limit" in words:
        return (
            f"needs more than {_MEMORY >> 20} MiB of memory to expand ({compression}); compress it "
            "again with the usual settings"
        )
    return f"is cut short or damaged ({compression}: {words}); download it again"


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:100]


@contextmanager
def _plain(stream: io.BufferedReader) -> Iterator[Stream]:
    yield stream


@contextmanager
def _gzip(stream: io.BufferedReader) -> Iterator[Stream]:
    with gzip.open(stream) as expanded:
        yield cast("Stream", expanded)


@contextmanager
def _bz2(stream: io.BufferedReader) -> Iterator[Stream]:
    yield _Members(stream, bz2.BZ2Decompressor)


@contextmanager
def _xz(stream: io.BufferedReader) -> Iterator[Stream]:
    yield _Members(stream, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY))


@contextmanager
def _zstd(stream: io.BufferedReader) -> Iterator[Stream]:
    file = pa.PythonFile(stream, mode="r")
    with pa.CompressedInputStream(file, "zstd") as expanded:
        yield expanded


@contextmanager
def _zip(stream: io.BufferedReader) -> Iterator[Stream]:
    check_zip_list(stream)
    with zipfile.ZipFile(stream) as archive:
        members = files_in(archive)
        if len(members) != 1:
            raise BadSourceFile(_other_zip(members))
        (member,) = members
        if member.flag_bits & 1:
            raise BadSourceFile("is an encrypted zip; unpack it first")
        if member.compress_type not in _ZIP_METHODS:
            raise BadSourceFile(
                f"is a zip whose file is compressed in a way that is not read (method "
                f"{member.compress_type}); unpack it first"
            )
        with archive.open(member) as expanded:
            yield cast("Stream", expanded)


def _other_zip(members: list[zipfile.ZipInfo]) -> str:
    if any(info.filename == "[Content_Types].xml" for info in members):
        return "is a workbook or a document of an office program; save its rows as CSV in UTF-8"
    if any(info.filename == "mimetype" for info in members):
        return "is a document of an office program; save its rows as CSV in UTF-8"
    return f"is a zip of {len(members):,} files, which is read only when it holds one; unpack it"


def check_zip_list(stream: BinaryIO) -> None:
    """Refuse a zip whose list of members is long: it would be held in memory as a whole."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - (1 << 16) - _ZIP_END.size - _ZIP64_END.size - 20))
    tail = stream.read()
    stream.seek(0)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + _ZIP_END.size:
        raise zipfile.BadZipFile("no list of members at its end")
    listed = _ZIP_END.unpack_from(tail, end)[5]
    before = end - 20 - _ZIP64_END.size  # its locator lies between
    if before >= 0 and tail.startswith(b"PK\x06\x06", before):
        listed = _ZIP64_END.unpack_from(tail, before)[8]
    if listed > _ZIP_LIST:
        raise BadSourceFile("is a zip of many files, which is read only when it holds one")


class _Decompressor(Protocol):
    """One member of a bz2 or xz file."""

    @property
    def eof(self) -> bool:
        """Whether its end was reached."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes of the input so far."""

    @property
    def unused_data(self) -> bytes:
        """What follows its end."""

    def decompress(self, data: bytes, /, max_length: int = -1) -> bytes:
        """Return what comes of some input, at most so many bytes."""


class _Members:
    """A stream of members, one after the other, as bz2 and xz files may be; zeros may follow.

    The standard library's own take what follows the first member, if it is none, for the end of
    the file; here it is damage, as with gzip.
    """

    def __init__(self, stream: io.BufferedReader, begin: Callable[[], _Decompressor]) -> None:
        self._stream = stream
        self._begin = begin
        self._member = begin()
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        while True:
            if self._member.eof and not self._next_member():
                return b""
            data = b""
            if self._member.needs_input:
                data, self._rest = self._rest or self._stream.read(_BLOCK), b""
                if not data:
                    raise EOFError("it ends before its end was reached")
            found = self._member.decompress(data, size)
            if found:
                return found

    def _next_member(self) -> bool:
        """Begin the member that follows; zeros between and after members are skipped."""
        rest = self._member.unused_data
        while not (rest := rest.lstrip(b"\0")):
            rest = self._stream.read(_BLOCK)
            if not rest:
                return False
        self._rest = rest
        self._member = self._begin()
        return True


_OPENERS: Mapping[str, Callable[[io.BufferedReader], AbstractContextManager[Stream]]] = {
    "": _plain, "gzip": _gzip, "bz2": _bz2, "xz": _xz, "zstd": _zstd, "zip": _zip,
}  # fmt: skip
