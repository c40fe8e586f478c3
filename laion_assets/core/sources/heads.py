"""What the beginning of a text file shows: its first line, the keys of its first objects.

Lives here: telling text from other bytes, which columns a beginning names, guessing a delimiter.
Not here: reading rows (`core.reading`), mapping columns (`columns`).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from laion_assets.core.sources.columns import REQUIRED_COLUMNS, plain_name
from laion_assets.core.sources.formats import CSV, JSON, TSV, FileFormat

_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_DELIMITERS = ",;|\t"
_BEFORE_HEADER = 100  # lines
_AROUND = "# \t\"'\ufeff"
# A string that does not end goes to the end of the text, so that none is looked through twice.
_SIGN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\]]|:(?P<object>(?=\s*+\{))?', re.DOTALL)
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
    wanted = [{plain_name(name) for name in columns[ours]} for ours in REQUIRED_COLUMNS]
    if file_format.kind == "jsonl":
        rows, cut = _keys(text)
        return any(_has_all(names, wanted) for names in rows) or any(
            cut in any_of for any_of in wanted
        )
    line = _first_line(text)
    if file_format.header is False:
        fields = line.split(file_format.delimiter or _delimiter(line))
        return len(fields) == len(file_format.columns)
    return any(
        _has_all({plain_name(field.strip(_AROUND)) for field in line.split(delimiter)}, wanted)
        for line in _headers(text)
        for delimiter in file_format.delimiter or _DELIMITERS
    )


def _has_all(names: set[str], wanted: Iterable[set[str]]) -> bool:
    return not any(names.isdisjoint(any_of) for any_of in wanted)


def _first_line(text: str) -> str:
    """Return the first line that may be a header: no comment, not blank, not Excel's `sep=`."""
    return next((line for line in _headers(text) if not _is_comment(line)), "")


def _headers(text: str) -> Iterator[str]:
    """Yield the lines that may be a header: comments at the beginning, and what follows them."""
    for line in islice(text.splitlines(), _BEFORE_HEADER):
        if line.strip() and not line.lstrip(_AROUND).casefold().startswith("sep="):
            yield line
            if not _is_comment(line):
                return


def _is_comment(line: str) -> bool:
    return line.lstrip("\"'").startswith("#")


def _keys(text: str) -> tuple[Collection[set[str]], str | None]:
    """Return the names in each of what may be rows, fields of objects dotted, and what is cut.

    Rows are the outermost objects, those in each list within one, or each member of one; there a
    value that is an object names no column, for its own members do. What is cut is the list or the
    object of an outermost one within which the text ends: it may be a column that goes on.
    """
    rows: dict[str, set[str]] = {}
    opened: list[str] = []  # the key of each object that is open, from the first on, or a list
    last = member = ""
    for match in _SIGN.finditer(text):
        sign = match[0]
        if sign == "{" or (sign == _LIST and opened):  # rows may stand in a list themselves
            opened.append(last if sign == "{" else _LIST)
        elif sign in "}]":
            del opened[-1:]
        elif sign == ":":
            member = last if len(opened) == 1 else member
            for row, names in _rows_around(opened, member, leaf=match["object"] is None):
                rows.setdefault(row, set()).add(plain_name(".".join((*names, last))))
        elif sign[0] == '"':
            last = sign[1:-1]
        if len(opened) > _DEEPEST:
            break
    return rows.values(), plain_name(member) if len(opened) > 1 else None


def _rows_around(
    opened: Sequence[str], member: str, *, leaf: bool
) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield what may be rows around a name, and the names of the objects between."""
    if _LIST not in opened:
        yield "", opened[1:]
        if leaf and len(opened) > 1:
            yield f"{{{member}", opened[2:]
    elif leaf and opened.index(_LIST) == 1 and _LIST not in opened[2:]:
        yield f"[{member}", opened[3:]
