"""What the beginning of a text file shows: its first line, the keys of its first object.

Lives here: telling text from other bytes, which columns a beginning names, guessing a delimiter.
Not here: reading rows (`core.reading`), mapping columns (`columns`).
"""

import re
from collections.abc import Mapping, Sequence

from laion_assets.core.sources.columns import REQUIRED_COLUMNS
from laion_assets.core.sources.formats import CSV, JSON, TSV, FileFormat

_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_DELIMITERS = ",;|"
_AROUND = " \t\"'\ufeff"
# A string that does not end goes to the end of the text, so that none is looked through twice.
_SIGN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\]:]', re.DOTALL)
_OBJECT = re.compile(r'\s*(\[\s*)?\{\s*"(?:[^"\\]|\\.)*+"\s*:', re.DOTALL)
_LIST = "["
_DEEPEST = 64
_SAMPLE, _LEAST, _MOSTLY = 256, 4, 0.8  # bytes looked at for UTF-16, letters at least, zeros


def as_text(head: bytes) -> str | None:
    """Return the beginning of a text file as text, bad bytes replaced; None when it is no text."""
    encoding = _UTF16.get(head[:2]) or _unmarked(head) or "utf-8"
    if encoding != "utf-8":
        head = head[: len(head) // 2 * 2]
    text = head.decode(encoding, "replace").removeprefix("\ufeff")
    return None if "\0" in text else text


def _unmarked(head: bytes) -> str | None:
    """Return how UTF-16 without a mark is written: every other byte of plain letters is zero."""
    first, second = head[:_SAMPLE:2], head[1:_SAMPLE:2]
    for letters, zeros, encoding in ((first, second, "utf-16-le"), (second, first, "utf-16-be")):
        if len(zeros) >= _LEAST and zeros.count(0) > _MOSTLY * len(zeros) and not letters.count(0):
            return encoding
    return None


def holds_json(text: str) -> bool:
    """Tell whether any line of a text may begin an object or an array."""
    return any(line.lstrip().startswith(("{", "[")) for line in text.splitlines())


def begins_as_json(text: str) -> bool:
    """Tell whether a text begins with an object, in an array or not, as no table does."""
    return bool(_OBJECT.match(text))


def guess_format(text: str) -> FileFormat:
    """Return how a text is probably rows when its name says nothing."""
    if text.lstrip().startswith(("{", "[")):
        return JSON
    return TSV if _delimiter(_first_line(text)) == "\t" else CSV


def _delimiter(line: str) -> str:
    """Return what probably separates the names in a header."""
    return "\t" if "\t" in line else max(_DELIMITERS, key=line.count)


def shows_columns(text: str, file_format: FileFormat, columns: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a beginning names a column for each that is required.

    Where the format says that there is no header, whether the first line has as many fields.
    """
    if file_format.kind == "jsonl":
        names = _keys(text)
    else:
        line = _first_line(text)
        fields = line.split(file_format.delimiter or _delimiter(line))
        if file_format.header is False:
            return len(fields) == len(file_format.columns)
        names = {field.strip(_AROUND).casefold() for field in fields}
    return all(
        any(name.strip().casefold() in names for name in columns[ours]) for ours in REQUIRED_COLUMNS
    )


def _first_line(text: str) -> str:
    """Return the first line that may be a header: no comment, not blank, not Excel's `sep=`."""
    for line in text.splitlines():
        if line.strip() and not line.startswith("#") and not line.casefold().startswith("sep="):
            return line
    return ""


def _keys(text: str) -> set[str]:
    """Return the keys of the first object, nested ones by their dotted names, in lower case."""
    found: set[str] = set()
    opened: list[str] = []  # the key of each object that is open, from the first on, or a list
    last = ""
    for match in _SIGN.finditer(text):
        sign = match[0]
        if sign == "{" or (sign == _LIST and opened):  # rows may stand in a list themselves
            opened.append(last if sign == "{" else _LIST)
        elif sign in "}]":
            if len(opened) <= 1:
                break
            opened.pop()
        elif sign == ":" and _LIST not in opened:
            found.add(".".join((*opened[1:], last)).casefold())
        elif sign[0] == '"':
            last = sign[1:-1]
        if len(opened) > _DEEPEST:
            break
    return found
