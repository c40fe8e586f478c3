"""Compressed files: every form that is read, whole, in parts, damaged, and absurd."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.base.expanding import open_expanded

TEXT = b"".join(b"line %d of a text that is long enough\n" % n for n in range(5_000))


def zstd(content: bytes) -> bytes:
    """Return a frame of zstd."""
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


def zipped(content: bytes, *others: str, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of one file, and of others."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name in ("x.csv", *others):
            archive.writestr(name, content)
    return stream.getvalue()


FORMS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd,
    "zip": zipped,
}
MEMBERS = [form for form in FORMS if form != "zip"]


def expanded(tmp_path: Path, form: str, content: bytes, size: int = 1 << 16) -> bytes:
    """Return what a file of a form holds, read in pieces."""
    path = tmp_path / "x"
    path.write_bytes(content)
    pieces = []
    with open_expanded(path, form) as stream:
        while piece := stream.read(size):
            assert len(piece) <= size
            pieces.append(piece)
    return b"".join(pieces)


def refused(tmp_path: Path, form: str, content: bytes) -> str:
    """Return the line that reading a file ends with."""
    with pytest.raises(BadSourceFile) as raised:
        expanded(tmp_path, form, content)
    return str(raised.value)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("content", [b"", b"x", TEXT, b"\0" * 3_000_000])
def test_what_was_compressed_comes_back(tmp_path: Path, form: str, content: bytes) -> None:
    """In pieces of any size."""
    packed = FORMS[form](content)
    assert expanded(tmp_path, form, packed) == content
    assert expanded(tmp_path, form, packed, 1 << 20) == content
    assert expanded(tmp_path, "", packed) == packed


@pytest.mark.parametrize("form", MEMBERS)
def test_members_one_behind_the_other_are_one_text(tmp_path: Path, form: str) -> None:
    """As parallel compressors and `cat` make them."""
    pack = FORMS[form]
    assert expanded(tmp_path, form, pack(TEXT) + pack(b"") + pack(b"end")) == TEXT + b"end"


@pytest.mark.parametrize("form", ["gzip", "bz2", "xz"])
def test_zeros_behind_the_end_are_nothing(tmp_path: Path, form: str) -> None:
    """As tapes and disk blocks leave them."""
    assert expanded(tmp_path, form, FORMS[form](TEXT) + b"\0" * 100_000) == TEXT


@pytest.mark.parametrize("form", FORMS)
def test_damage_is_said_to_be_damage(tmp_path: Path, form: str) -> None:
    """Cut anywhere, followed by what is no member, or with a byte that was changed."""
    packed = FORMS[form](TEXT)
    for end in (8, len(packed) // 2, len(packed) - 3):
        assert refused(tmp_path, form, packed[:end]).startswith(f"is cut short or damaged ({form}")
    if form != "zip":  # whose list stands at its end, wherever that is
        assert "is cut short or damaged" in refused(tmp_path, form, packed + b"rubbish")
    if form != "zstd":  # which has no checksum here
        middle = len(packed) // 2
        changed = packed[:middle] + bytes([packed[middle] ^ 0xFF]) + packed[middle + 1 :]
        assert "is cut short or damaged" in refused(tmp_path, form, changed)


def test_zip_of_one_file_is_read_whatever_a_mac_adds(tmp_path: Path) -> None:
    """Folders and its own notes are no files."""
    assert expanded(tmp_path, "zip", zipped(TEXT, "__MACOSX/._x.csv", "folder/")) == TEXT
    assert expanded(tmp_path, "zip", zipped(TEXT, method=zipfile.ZIP_BZIP2)) == TEXT
    assert expanded(tmp_path, "zip", zipped(TEXT, method=zipfile.ZIP_STORED)) == TEXT


def test_other_zips_are_refused_in_one_line(tmp_path: Path) -> None:
    """Several files, office documents, encryption, methods nobody bounds."""
    locked = bytearray(zipped(b"x"))
    locked[6] |= 1
    locked[locked.find(b"PK\x01\x02") + 8] |= 1
    for content, words in (
        (zipped(b"x", "b.csv"), "is a zip of 2 files, which is read only when it holds one"),
        (zipped(b"x", "[Content_Types].xml"), "is a workbook or a document of an office program"),
        (zipped(b"x", method=zipfile.ZIP_LZMA), "in a way that is not read (method 14)"),
        (bytes(locked), "is an encrypted zip; unpack it first"),
        (b"PK\x03\x04", "is cut short or damaged (zip"),
    ):
        assert words in refused(tmp_path, "zip", content)


def test_long_list_of_a_zip_is_not_read(tmp_path: Path) -> None:
    """It would be held in memory, several times over."""
    many = zipped(b"", *(f"{'x' * 200}{n}" for n in range(6_000)))
    assert refused(tmp_path, "zip", many).startswith("is a zip of many files")


def test_absurd_memory_is_refused(tmp_path: Path) -> None:
    """A few bytes may ask for a gigabyte."""
    packed = bytearray(lzma.compress(b"x", filters=[{"id": lzma.FILTER_LZMA2, "preset": 0}]))
    header = packed[12 : 12 + (packed[12] + 1) * 4 - 4]  # of the block, without its checksum
    header[header.index(b"\x21\x01") + 2] = 38  # a dictionary of a gigabyte
    packed[12 : 12 + len(header) + 4] = header + struct.pack("<I", zlib.crc32(header))
    window = b"\x28\xb5\x2f\xfd\x00" + bytes([(30 - 10) << 3])  # likewise
    block = struct.pack("<I", (1 << 17 << 3) | 3)[:3] + b"a"
    for form, content in (("xz", bytes(packed)), ("zstd", window + block)):
        assert refused(tmp_path, form, content).startswith("needs more than 136 MiB of memory")


def test_errors_of_whoever_reads_are_their_own(tmp_path: Path) -> None:
    """Only what the stream itself does is damage."""
    path = tmp_path / "x"
    path.write_bytes(gzip.compress(TEXT))
    with pytest.raises(ValueError, match="mine"), open_expanded(path, "gzip"):
        raise ValueError("mine")


def test_vanished_file_is_said_to_be_gone(tmp_path: Path) -> None:
    """As with any file."""
    with pytest.raises(BadSourceFile, match="cannot be read: No such file"):
        open_expanded(tmp_path / "gone", "gzip").__enter__()
