"""What a file is, told by its first bytes before its name.

Lives here: recognising a format and a compression, and whether a file of a folder is a source at
all. Not here: what else files are (`no_rows`), reading rows (`core.reading`), which files there are
(`finding`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.base.expanding import open_expanded
from laion_assets.core.base.marks import is_ours
from laion_assets.core.sources.formats import (
    CSV,
    JSON,
    PARQUET,
    Compression,
    FileFormat,
    format_of_name,
    promises_rows,
)
from laion_assets.core.sources.heads import (
    as_text,
    begins_as_json,
    guess_format,
    holds_json,
    shows_columns,
)
from laion_assets.core.sources.no_rows import (
    what_archive,
    what_it_is,
    what_its_name_says,
)
from laion_assets.core.sources.own_work import OWN_LISTS

#: Bytes that are looked at, once expanded.
HEAD = 1 << 16
_PIECE = 1 << 12  # bytes of them that are expanded at once, so that damage costs no more
_COMPRESSIONS: Mapping[bytes, Compression] = {
    b"\x1f\x8b": "gzip",
    **{b"BZh%d1AY&SY" % level: "bz2" for level in range(1, 10)},
    **{b"BZh%d\x17rE8P\x90" % level: "bz2" for level in range(1, 10)},  # of nothing
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
}
_PARQUET = (b"PAR1", b"PARE")
_FIRST = 512  # bytes that are enough for parquet


class OwnWork(BadSourceFile):
    """A table or a list that this program wrote: never a source."""


@dataclass(frozen=True)
class _Head:
    """The first bytes of a file, expanded; none where it is damaged."""

    content: bytes
    compression: Compression = ""


def recognise(path: Path, told: FileFormat | None = None) -> FileFormat:
    """Return the format of a file by its first bytes, then by its name.

    `told` is what the dataset says of its files' format: parquet is parquet all the same. Raises
    BadSourceFile, saying what it is, for a file that holds no rows.
    """
    return _format(_read_head(path), path.name, told)


def why_no_source(
    path: Path, told: FileFormat | None, columns: Mapping[str, Sequence[str]]
) -> str | None:
    """Return why a file of a folder is no source; None when it is one.

    It is one when its bytes or its name say that it holds rows (what is wrong with it is told when
    it is read), and, where neither says so, when its beginning names the required columns.
    """
    by_name = what_its_name_says(path.name)
    if by_name is not None:
        return by_name
    promised = promises_rows(path.name)
    try:
        head = _read_head(path, _FIRST if promised else HEAD)
        if promised:
            return None
        file_format = _format(head, path.name, told)
    except BadSourceFile as error:
        return None if promised and not isinstance(error, OwnWork) else str(error)
    is_parquet = file_format.kind == "parquet"
    return None if is_parquet else _why_no_rows(head, file_format, columns)


def _why_no_rows(
    head: _Head, file_format: FileFormat, columns: Mapping[str, Sequence[str]]
) -> str | None:
    """Return why a file of which nothing says that it holds rows is none; None when it shows it."""
    text = as_text(head.content)
    if text is None:
        return "is no text and no format that is read"
    if shows_columns(text, file_format, columns):
        return None
    names = " and ".join(columns[ours][0] for ours in ("url", "caption"))
    if file_format.kind == "jsonl":
        return f"is JSON without {names} in its first objects"
    return f"is text without {names} in its first line"


def _read_head(path: Path, most: int = HEAD) -> _Head:
    """Return the first bytes; raises BadSourceFile where there are none, or none of rows."""
    try:
        with path.open("rb", buffering=0) as stream:
            content = stream.read(_FIRST) or b""
            if not content:
                raise BadSourceFile("is empty (0 bytes); download it again")
            if content.startswith(_PARQUET):
                if is_ours(stream):
                    raise OwnWork("is a table that laion-assets made; name what it was made from")
                return _Head(content)
            if content.startswith(OWN_LISTS):
                raise OwnWork("is a removal list of laion-assets")
            if most > _FIRST:
                content += stream.read(most - len(content)) or b""
            compression = _compression(content)
            if not compression or most <= _FIRST:
                return _Head(content)
            if compression == "zip" and (words := what_archive(stream)):
                raise BadSourceFile(words)
            return _Head(_expanded_head(path, compression), compression)
    except OSError as error:
        raise BadSourceFile(f"cannot be read: {error.strerror or error}") from error


def _compression(head: bytes) -> Compression:
    return next((name for magic, name in _COMPRESSIONS.items() if head.startswith(magic)), "")


def _expanded_head(path: Path, compression: Compression) -> bytes:
    """Return the first bytes of what is compressed, as far as that is whole."""
    found = bytearray()
    with suppress(BadSourceFile), open_expanded(path, compression) as expanded:
        while len(found) < HEAD and (piece := expanded.read(min(_PIECE, HEAD - len(found)))):
            found += piece
    return bytes(found)


def _format(head: _Head, name: str, told: FileFormat | None) -> FileFormat:
    content, by_name = head.content, format_of_name(name)
    if content.startswith(_PARQUET):
        return PARQUET.wrapped_in(head.compression)
    if words := what_it_is(content):
        raise BadSourceFile(words)
    if head.compression and (inner := _compression(content)):
        done = "unpack" if head.compression == "zip" else "expand"
        raise BadSourceFile(f"is compressed twice ({inner} in {head.compression}); {done} it")
    if by_name == PARQUET and promises_rows(name):  # reading says what is wrong with it
        return PARQUET.wrapped_in(head.compression)
    if told is not None:
        return told.wrapped_in(head.compression)
    if not content and by_name is None:
        raise BadSourceFile(f"is cut short or damaged ({head.compression}); download it again")
    text = as_text(content) or ""
    if by_name in (None, PARQUET) or (text and not promises_rows(name)):
        return guess_format(text).wrapped_in(head.compression)
    return _by_name_and_text(by_name or CSV, text).wrapped_in(head.compression)


def _by_name_and_text(by_name: FileFormat, text: str) -> FileFormat:
    """Return what a name says, unless the text is clearly something else."""
    if by_name.kind == "jsonl":
        return guess_format(text) if text and not holds_json(text) else JSON
    return JSON if begins_as_json(text) else by_name
