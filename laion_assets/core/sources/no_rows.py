"""What files that hold no rows are, and what to do with them.

Lives here: the first bytes of formats that are not read, archives, names of unfinished downloads,
backups and checksums. Not here: what is read (`recognising`).
"""

import re
import zipfile
from collections.abc import Callable, Sequence
from typing import BinaryIO

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.base.expanding import check_zip_list, files_in

#: First bytes, and what such a file is; a kind first, what to do or which kind of it after that.
_BEGINNINGS: Sequence[tuple[bytes, str]] = (
    (b"ARROW1\0\0", "is an Arrow file (Feather); save it as parquet"),
    (b"FEA1\0", "is an Arrow file (Feather); save it as parquet"),
    (b"Obj\x01", "is an Avro file; save it as parquet"),
    (b"SQLite format 3\0", "is a SQLite database; export its table as CSV"),
    (b"\x93NUMPY", "is a NumPy array; save what belongs to it as parquet"),
    (b"\x89HDF\r\n\x1a\n", "is an HDF5 file; save it as parquet"),
    (b"\x80\x04\x95", "is a Python pickle; save it as parquet"),
    (b"\x80\x05\x95", "is a Python pickle; save it as parquet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an Excel workbook (of the old kind); save it as CSV"),
    (b"7z\xbc\xaf\x27\x1c", "is an archive (7z); unpack it"),
    (b"Rar!\x1a\x07", "is an archive (RAR); unpack it"),
    (b"PK\x05\x06", "is an archive (zip) without a file in it"),
    (b"\x04\x22\x4d\x18", "is compressed (LZ4), which is not read; expand it"),
    (b"\xff\x06\0\0sNaPpY", "is compressed (Snappy), which is not read; expand it"),
    (b"\x1f\x9d", "is compressed (compress), which is not read; expand it"),
    (b"LZIP\x01", "is compressed (lzip), which is not read; expand it"),
    (b"\xff\xd8\xff", "is a picture (JPEG)"),
    (b"\x89PNG\r\n\x1a\n", "is a picture (PNG)"),
    (b"GIF87a", "is a picture (GIF)"),
    (b"GIF89a", "is a picture (GIF)"),
    (b"II*\0", "is a picture (TIFF)"),
    (b"MM\0*", "is a picture (TIFF)"),
    (b"\0\0\1\0", "is a picture (an icon)"),
    (b"%PDF-", "is a PDF document"),
    (b"\x7fELF", "is a program"),
    (
        b"version https://git-lfs.github.com/spec/",
        "is a Git LFS pointer, not the file itself; run git lfs pull where it was cloned",
    ),
)
#: The same for bytes that stand further on.
_FURTHER: Sequence[tuple[int, bytes, str]] = (
    (257, b"ustar", "is an archive (tar, as of a webdataset); unpack it"),
    (8, b"WEBP", "is a picture (WebP)"),
    (8, b"WAVE", "is a sound file"),
    (4, b"ftyp", "is a film or picture (MP4, AVIF or HEIC)"),
    (8, b"DUCK", "is a DuckDB database; export its table as parquet"),
)
_SPACE = b"\xef\xbb\xbf \t\r\n"
_WEB_PAGE = re.compile(rb"<(!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_XML = re.compile(rb"<(\?xml|error|svg)[\s>]", re.IGNORECASE)
_LINK = re.compile(rb"(\.\./)+[^\r\n\0\t,]{1,400}\s?")
_MOST_SCHEMA = 1 << 24


def _is_stream(head: bytes) -> bool:
    """Tell whether bytes begin with the length of an Arrow schema."""
    return head[:4] == b"\xff" * 4 and 0 < int.from_bytes(head[4:8], "little") < _MOST_SCHEMA


def _is_web_page(head: bytes) -> bool:
    start = head[:1024].lstrip(_SPACE)
    return bool(_WEB_PAGE.match(start) or (_XML.match(start) and b"<html" in start.lower()))


#: What takes more than some bytes in one place to tell. Letters alone may begin a text too.
_TOLD_BY: Sequence[tuple[Callable[[bytes], bool], str]] = (
    (lambda head: head.startswith(b"ORC") and b"\0" in head, "is an ORC file; save it as parquet"),
    (lambda head: head.startswith(b"BM") and b"\0\0" in head[:14], "is a picture (BMP)"),
    (_is_stream, "is an Arrow file (a stream); save it as parquet"),
    (_is_web_page, "is a web page (HTML) that was saved in place of a file; download it again"),
    (lambda head: bool(_XML.match(head[:1024].lstrip(_SPACE))), "is an XML document"),
    (
        lambda head: bool(_LINK.fullmatch(head)),
        "is the path of another file, not the file itself; copy what the link led to",
    ),
)
_OFFICE = ("[content_types].xml", "_rels/", "docprops/")


def what_it_is(head: bytes) -> str | None:
    """Return what a file that holds no rows is by its first bytes; None when they do not tell."""
    said = (
        *(words for beginning, words in _BEGINNINGS if head.startswith(beginning)),
        *(words for place, middle, words in _FURTHER if head.startswith(middle, place)),
        *(words for told, words in _TOLD_BY if told(head)),
    )
    return said[0] if said else None


def what_archive(stream: BinaryIO) -> str | None:
    """Return what a zip file is that does not hold just one file; None when it does.

    An archive that cannot be listed is left to reading it, which says what is wrong. One of very
    many files is not listed: each costs memory.
    """
    try:
        check_zip_list(stream)
        with zipfile.ZipFile(stream) as archive:
            return _what_is_in([member.filename.casefold() for member in files_in(archive)])
    except BadSourceFile:
        return "is an archive (zip, of many files); unpack it"
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        return None


def _what_is_in(names: Sequence[str]) -> str | None:
    """Return what an archive with files of these names is; None when it holds just one."""
    if any(name.startswith("xl/") for name in names):
        return "is an Excel workbook; save it as CSV"
    if "mimetype" in names or any(name.startswith(_OFFICE) for name in names):
        return "is an office document; save its table as CSV"
    if names and all(name.endswith(".npy") for name in names):
        return "is a NumPy archive; save what belongs to it as parquet"
    return None if len(names) == 1 else f"is an archive (zip, of {len(names):,} files); unpack it"


_UNFINISHED = (
    ".part", ".partial", ".crdownload", ".incomplete", ".download", ".filepart", ".tmp", ".temp",
    ".aria2",
)  # fmt: skip
_BACKUP = ("~", ".bak", ".orig", ".old", ".swp")
_HIDDEN = (".", "_")
_PASSED_OVER = (
    ".crc", ".crc32", ".md5", ".sha1", ".sha256", ".sha512", ".md5sum", ".sha256sum", ".sig",
    ".asc", ".lock", ".lck",
)  # fmt: skip
_PASSED_OVER_NAMES = (
    "md5sums", "sha1sums", "sha256sums", "sha512sums", "thumbs.db", "desktop.ini", "cachedir.tag",
)  # fmt: skip


def is_passed_over(name: str) -> bool:
    """Tell whether a name is that of a hidden file, a checksum or a lock: counted, not named."""
    folded = name.casefold()
    return (
        folded.startswith(_HIDDEN)
        or folded.endswith(_PASSED_OVER)
        or folded.partition(".")[0] in _PASSED_OVER_NAMES
        or folded in _PASSED_OVER_NAMES
    )


def what_its_name_says(name: str) -> str | None:
    """Return why a file is not read whatever is in it; None for any other name."""
    folded = name.casefold()
    if folded.endswith(_UNFINISHED):
        return "is an unfinished download; finish it or delete it"
    if folded.endswith(_BACKUP):
        return "is a backup copy by its name"
    return None
