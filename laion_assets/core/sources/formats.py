"""How the bytes of a source file are rows.

Lives here: the formats, what the endings of files stand for, and formats in words. Not here:
telling what a file is (`recognising`), reading it (`core.reading`), saying so in a dataset's
description (`datasets`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

FormatKind = Literal["parquet", "csv", "tsv", "jsonl"]
#: How JSON holds rows: an object a line; objects one after another or in an array, however they are
#: laid out; as the members of one object; as columns, each a list of its values.
JsonShape = Literal["lines", "values", "members", "columns"]
#: What a file is wrapped in; a file's first bytes say so, its name never does.
Compression = Literal["", "gzip", "bz2", "xz", "zstd", "zip"]
LineEnd = Literal["\n", "\r"]


@dataclass(frozen=True)
class FileFormat:
    """How a file's bytes are rows. Parquet needs `kind` alone, JSON as well.

    `header` says whether the first line of a csv or tsv file names the columns; without a header
    `columns` names them, in order. An empty `quote` means that quotation marks are text like any
    other; `escape` is what makes one text within quotes, besides doubling it. None, and an empty
    `encoding`, are not known yet: the file is looked at, and what is empty then is UTF-8.

    `shape` is how a JSON file holds its rows; where these are an array within an outermost object,
    `within` is its name there. Both are told by the file itself.
    """

    kind: FormatKind = "parquet"
    header: bool | None = None
    columns: tuple[str, ...] = ()
    delimiter: str | None = ""
    quote: str | None = ""
    escape: str | None = ""
    encoding: str = ""
    compression: Compression = ""
    shape: JsonShape = "lines"
    within: str = ""
    line_end: LineEnd = "\n"  # of "\r\n" the first is no text either
    skip: int = 0  # lines before the header: blank, comments, or what says the delimiter
    spaced: bool = False  # spaces after delimiters are no text
    trailing: bool = False  # delimiters may follow the last field

    def wrapped_in(self, compression: Compression) -> "FileFormat":
        """Return the format of a file that is compressed so."""
        return replace(self, compression=compression)


PARQUET = FileFormat()
CSV = FileFormat("csv", delimiter=None, quote=None, escape=None)
TSV = FileFormat("tsv", delimiter=None, quote=None, escape=None)
JSON = FileFormat("jsonl")
#: What the endings of files stand for where their first bytes leave it open.
FORMAT_OF_SUFFIX: Mapping[str, FileFormat] = {
    ".parquet": PARQUET,
    ".pq": PARQUET,
    ".parq": PARQUET,
    ".geoparquet": PARQUET,
    ".csv": CSV,
    ".tsv": TSV,
    ".tab": TSV,
    ".jsonl": JSON,
    ".ndjson": JSON,
    ".json": JSON,
}
#: Much is called .json that is no rows, so that the name alone promises nothing.
_PROMISING = "|".join(suffix[1:] for suffix in FORMAT_OF_SUFFIX if suffix != ".json")
_PROMISE = re.compile(
    rf"\.({_PROMISING})([.-]?\d+)?(\.(gz|gzip|bz2|xz|lzma|zst|zstd|zip|snappy|lz4|br|z))?(\.\d+)?",
    re.ASCII,
)
_DIGITS = "0123456789"


def format_of_name(name: str) -> FileFormat | None:
    """Return what a file's name says of its format; None when it says nothing.

    The last ending that says something counts, numbers after it aside: `a.csv.gz`, `a.tsv000`.
    """
    for ending in reversed(name.casefold().split(".")[1:]):
        known = FORMAT_OF_SUFFIX.get(f".{ending.rstrip(_DIGITS)}")
        if known is not None:
            return known
    return None


def promises_rows(name: str) -> bool:
    """Tell whether a name says that the file holds rows: if none can be read, that is an error."""
    folded = name.casefold()
    return any(_PROMISE.fullmatch(folded, at) for at, sign in enumerate(folded) if sign == ".")


#: The encoding that needs no decoding, where somebody says that it is this one.
UTF8 = "utf-8"
#: What separates fields where nothing else is known.
USUAL_DELIMITER: Mapping[str, str] = {"csv": ",", "tsv": "\t"}

_KINDS = {"parquet": "parquet", "csv": "CSV", "tsv": "TSV", "jsonl": "JSON"}
_SHAPES: Mapping[JsonShape, str] = {
    "lines": "an object a line",
    "values": "objects one after another",
    "members": "objects as members of one",
    "columns": "an object of columns",
}
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def in_words(layout: FileFormat) -> str:
    """Return how a file is read, for a person: `TSV, quoted by ", in windows-1252`."""
    words = [_KINDS[layout.kind]]
    if layout.kind in ("csv", "tsv"):
        words += _delimited_in_words(layout)
    if layout.kind == "jsonl":
        words.append(_SHAPES[layout.shape] + (f" within {layout.within}" if layout.within else ""))
    if layout.encoding not in ("", UTF8):
        words.append(f"in {layout.encoding}")
    if layout.compression:
        words.append(f"compressed with {layout.compression}")
    return ", ".join(words)


def _delimited_in_words(layout: FileFormat) -> Iterator[str]:
    delimiter = layout.delimiter or ""
    if layout.delimiter is not None and delimiter != USUAL_DELIMITER[layout.kind]:
        yield f"split at {_DELIMITERS.get(delimiter, delimiter)}"
    if layout.quote:
        escape = f" (escaped by {layout.escape})" if layout.escape else ""
        yield f"quoted by {layout.quote}{escape}"
    elif layout.quote is not None:
        yield "quotation marks are text"
    if layout.header is False:
        yield "without a header"
    if layout.line_end == "\r":
        yield "lines end in carriage returns"
    if layout.skip:
        yield f"{layout.skip} line{'s' * (layout.skip != 1)} before the header left out"
    if layout.spaced:
        yield "spaces after delimiters left out"
    if layout.trailing:
        yield "delimiters at the end of lines left out"


def is_plain(layout: FileFormat) -> bool:
    """Tell whether a file is read just as its kind suggests, so that nothing need be said."""
    if layout.kind in ("parquet", "jsonl"):
        return layout.encoding in ("", UTF8)
    usual = {"csv": '"', "tsv": ""}[layout.kind]
    plain = FileFormat(
        layout.kind, layout.header, layout.columns, USUAL_DELIMITER[layout.kind], usual
    )
    return replace(layout, compression="", encoding=layout.encoding.removeprefix(UTF8)) == plain
