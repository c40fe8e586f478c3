"""Text files that people type, or save from a spreadsheet: read right, or refused in one line.

Lives here: their encodings, the `sep=` line, separators, blank lines and empty columns. Not here:
files of rows, which may be of any size (`core.reading`); what a column or a line means.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from laion_assets.core.base.errors import BadUsage

_MARKS = (  # UTF-32's begins like UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: First bytes of spreadsheets, zipped or of the old kind.
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SEPARATORS = (",", ";", "\t")
_SEP_LINE = re.compile(
    r'\A"?sep=(?P<separator>[^"\r\n]|\\t)"?(?=[,;\t]*(?:[\r\n]|$))', re.IGNORECASE
)
_UNSEEN = "\u200b\ufeff"  # what files that were joined or copied leave in a header
_SAVE = "save it as CSV UTF-8"
_MOST_CHECKED = 1 << 20  # characters in which the header is looked for


@dataclass(frozen=True)
class TypedText:
    """A file's text, and what to say of how it was read (nothing for UTF-8)."""

    text: str
    remark: str = ""


def read_typed(path: Path) -> TypedText:
    """Read a file as UTF-8; as UTF-16 by its mark; else as what Excel saves, which is remarked.

    That is Windows-1252, or Mac Roman with the line ends of old Macintoshes.
    Raises BadUsage when it cannot be read, or is none of these.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadUsage(f"{path}: {error.strerror}") from error
    if content.startswith(_SPREADSHEETS):
        raise BadUsage(f"{path}: a spreadsheet, no text; {_SAVE}")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return _checked(path, TypedText(content.decode(encoding)))
            except UnicodeDecodeError as error:
                said = encoding.upper().removesuffix("-SIG")
                line = f", line {_line_of(content, error.start)}" if said == "UTF-8" else ""
                raise BadUsage(f"{path}{line}: not {said}; {_SAVE}") from error
    try:
        return _checked(path, TypedText(content.decode()))
    except UnicodeDecodeError as error:
        where = f"{path}, line {_line_of(content, error.start)}"
        return _checked(path, _of_one_byte(content, where, error))


def _of_one_byte(content: bytes, where: str, cause: UnicodeDecodeError) -> TypedText:
    """Read as Windows-1252 or Mac Roman, unless a byte is none of it or much else is UTF-8."""
    of_macintosh = b"\r" in content and b"\n" not in content
    name, encoding = ("Mac Roman", "mac_roman") if of_macintosh else ("Windows-1252", "cp1252")
    as_utf8 = content.decode("utf-8", "surrogateescape")
    wrong = sum("\udc80" <= letter <= "\udcff" for letter in as_utf8)
    right = sum(letter > "\x7f" for letter in as_utf8) - wrong
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = ""
    if not text or right >= wrong:
        raise BadUsage(f"{where}: not UTF-8; {_SAVE}") from cause
    return TypedText(text, f"read as {name}; {_SAVE} if letters are wrong")


def _checked(path: Path, found: TypedText) -> TypedText:
    if "\0" in found.text:
        raise BadUsage(f"{path}: no text, or UTF-16 without a mark that says so; {_SAVE}")
    return found


def _line_of(content: bytes, place: int) -> int:
    before = content[:place].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1


def rows_of(
    text: str, known: Collection[str], *, separator: str = "", quoted: bool = True
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table with a header: the line each ends on, and its cells, trimmed.

    The separator is the one given, else the one of a `sep=` line, else the one by which the header
    has most columns that are `known`. Blank rows are left out. Raises csv.Error.
    """
    named = _SEP_LINE.match(text)
    if named is not None and not separator:
        separator = "\t" if named["separator"] == "\\t" else named["separator"]
    separator = separator or _separator_of(text, known)
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=True,
    )
    for row in reader:
        if named is not None and reader.line_num == 1:
            continue
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield reader.line_num, cells


def is_table(text: str, known: Collection[str]) -> bool:
    """Tell whether a text begins with a header of several columns, or with a `sep=` line."""
    if _SEP_LINE.match(text) is not None:
        return True
    separator = _separator_of(text, known)
    header = _header(text, separator)
    return len(header) > 1 and bool(set(header) & set(known))


def heading(cell: str) -> str:
    """Return the name of a column as it is meant: what is not seen and capitals say nothing."""
    return cell.strip().strip(_UNSEEN).strip().lower()


def _separator_of(text: str, known: Collection[str]) -> str:
    def found(separator: str) -> tuple[int, int]:
        header = _header(text, separator)
        return len(set(header) & set(known)), len(header)

    return max(_SEPARATORS, key=found)


def _header(text: str, separator: str) -> list[str]:
    """Return the headings of the first row that is not blank, if it were separated so."""
    begin = io.StringIO(_SEP_LINE.sub("", text[:_MOST_CHECKED], count=1), newline="")
    try:
        for row in csv.reader(begin, delimiter=separator):
            if any(cell.strip() for cell in row):
                return [heading(cell) for cell in row if cell.strip()]
    except csv.Error:
        pass
    return []


def lines_of(text: str, headings: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield what a list says, one thing a line, each with its line's number.

    Where it is a table with columns of these headings, what stands in them. Blank lines, comments
    (`#`), a heading, quotation marks around a line and separators at the end of every line say
    nothing. Raises csv.Error.
    """
    separator = _separator_of(text, headings)
    header = _header(text, separator)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if set(header) & set(headings) and separator in first.strip(" "):
        yield from _cells_of(text, headings, separator)
        return
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not (number == 1 and _SEP_LINE.match(line))
    ]
    ends = {line[-1] for _, line in lines}
    for position, (number, line) in enumerate(lines):
        said = line.rstrip(f"{line[-1]} ") if len(ends) == 1 and ends <= set(_SEPARATORS) else line
        if said.startswith('"') and said.endswith('"') and len(said) > 1:
            said = said[1:-1].replace('""', '"').strip()
        if said and not said.startswith("#") and not (position == 0 and heading(said) in headings):
            yield number, said


def _cells_of(text: str, headings: Collection[str], separator: str) -> Iterator[tuple[int, str]]:
    places: list[int] = []
    for number, cells in rows_of(text, headings, separator=separator):
        if not places:
            places = [place for place, cell in enumerate(cells) if heading(cell) in headings]
        elif not cells[0].startswith("#"):
            yield from ((number, cells[p]) for p in places if p < len(cells) and cells[p])
