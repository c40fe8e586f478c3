"""How a csv or tsv file is written, told by its beginning: delimiter, quoting, what is no row.

The names of the columns tell the delimiter, for they are known; which quoting it is, how many lines
each of them cannot split. DuckDB's `sniff_csv` (2.0) knows neither the names nor our way of
splitting: it reads a list whose captions have commas as one column, leaves out the header where a
caption has the delimiter, and fails on a byte that is not UTF-8. What the dataset tells is never
looked for. Lives here: looking. Not here: splitting (`text_lines`), encodings (`encodings`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.layout import MAX_COLUMNS, SourceConventions
from laion_assets.core.reading.opening import open_blocks
from laion_assets.core.reading.text_lines import UTF8_MARK, Record, split_records
from laion_assets.core.sources.columns import NoColumn, in_toml, shown_name
from laion_assets.core.sources.formats import USUAL_DELIMITER, FileFormat, FormatKind, LineEnd

#: Bytes, and lines, of a file that are looked at, and lines before the header.
_BYTES = 1 << 20
_LINES = 10_000
_BEFORE_HEADER = 100
#: What Excel takes for the delimiter whatever else is said.
_SEPARATOR = re.compile(rb'"?sep=(\\t|[\t -~])"?', re.IGNORECASE)
_DELIMITERS = (",", "\t", ";", "|")
#: What else may separate names; words of one name are separated by spaces too.
_SIGNS = re.compile(r"[^\w\s\"'.\x80-\U0010ffff]|\t", re.ASCII)
#: Quote and escape, what is usual first.
_QUOTINGS: Mapping[FormatKind, Sequence[tuple[str, str]]] = {
    "csv": (('"', ""), ('"', "\\"), ("'", ""), ("'", "\\"), ("", "")),
    "tsv": (("", ""), ('"', ""), ('"', "\\"), ("'", ""), ("'", "\\")),
}
#: A field that may be quoted: what is within is doubled, or escaped too.
_MASKED = re.compile(rb'"(?:[^"]|"")*+"|"(?:[^"\\]|""|\\.)*+"', re.DOTALL)
#: What a quotation mark in a field that is not quoted weighs against a quoting, by the mark: many
#: leave that one alone, but an apostrophe is in every text.
_WEIGHT = {'"': 0.05, "'": 1.0}
#: Another quoting than the usual has to explain nine of ten lines that the usual one cannot split.
_EXPLAINED = 10
#: Such lines, before quotation marks count as text in a file of commas: a few are stray.
_STRAY = 3
#: Of all rows, those that begin their fields with spaces, or end in delimiters, by habit.
_HABIT = 0.9


@dataclass(frozen=True)
class Dialect:
    """A file's format with nothing left open, and our columns -> the file's."""

    format: FileFormat
    mapping: Mapping[str, str]


def settle_dialect(path: Path, dataset: SourceConventions, told: FileFormat) -> Dialect:
    """Look at the beginning of a csv or tsv file, whose encoding is known, for what is not told.

    Raises BadSourceFile when no way of reading its first line finds a URL and a caption column.
    """
    head, whole = _head(path, told)
    if whole and not head.removeprefix(UTF8_MARK).strip():
        raise BadSourceFile("is blank: there is no line of text in it")
    if told.header is False:
        line_end: LineEnd = "\n" if b"\n" in head or b"\r" not in head else "\r"
        lines = _lines(head, line_end, whole=whole)
        return _without_header(lines, dataset, replace(told, line_end=line_end))
    search = _Search(dataset)
    for line_end in _line_ends(head):
        lines = _lines(head, line_end, whole=whole)
        found = search.find(lines, replace(told, line_end=line_end))
        if found:
            return _best(lines, found)
    raise search.complaint(told)


def _head(path: Path, layout: FileFormat) -> tuple[bytes, bool]:
    """Return the beginning of a file, and whether that is all of it."""
    head = b""
    with open_blocks(path, layout) as blocks:
        for block in blocks:
            head += block
            if len(head) > _BYTES:
                return head[:_BYTES], False
    return head, True


def _line_ends(head: bytes) -> tuple[LineEnd, ...]:
    """Return what lines may end in, first what leaves no carriage return in the first line."""
    if b"\r" not in head:
        return ("\n",)
    lines = (line.strip() for line in head.removeprefix(UTF8_MARK).split(b"\n", _BEFORE_HEADER))
    first = next((line for line in lines if line and not line.startswith(b"#")), b"\r")
    return ("\r", "\n") if b"\r" in first else ("\n", "\r")


def _lines(head: bytes, line_end: str, *, whole: bool) -> list[bytes]:
    found = head.removeprefix(UTF8_MARK).split(line_end.encode())
    if not found[-1] or (not whole and len(found) > 1):  # the cut went through the last one
        found.pop()
    return [line.removesuffix(b"\r") for line in found[:_LINES]]


class _Search:
    """Looks for the line that names a URL and a caption column, and keeps what is wrong with it."""

    def __init__(self, dataset: SourceConventions) -> None:
        self._dataset = dataset
        self._complaints: list[tuple[int, FormatKind, BadSourceFile]] = []  # columns, kind, what
        self._in_one: BadSourceFile | None = None  # when a single field names both columns

    def complaint(self, told: FileFormat) -> BadSourceFile:
        """Return what is wrong with the way to read that line which finds the most columns."""
        if self._in_one is not None:
            return self._in_one
        _, kind, error = max(self._complaints, key=lambda complaint: complaint[0])
        if told.header or not isinstance(error, NoColumn):
            return error
        return BadSourceFile(
            f"{error}; if its first line is a row, say kind = '{kind}', header = false and columns "
            "under [format]"
        )

    def find(self, lines: Sequence[bytes], layout: FileFormat) -> list[Dialect]:
        """Return the ways to read the first line that names both columns; none if there is none.

        Blank lines and comments may stand before it, or it may be the last of these comments.
        """
        said: tuple[str, ...] = ()
        comment: int | None = None
        for place, line in enumerate(lines[:_BEFORE_HEADER]):
            if not line.strip() and place + 1 < len(lines):
                continue
            if separator := _separator(line):
                said = (separator,)
                continue
            delimiters = _told(layout.delimiter) or said or _delimiters(layout.kind)
            if dialects := self._named(lines[place:], replace(layout, skip=place), delimiters):
                return dialects
            if not line.lstrip(b"\"'").startswith(b"#"):
                if comment is None:
                    break
                return self._uncommented(lines, comment, layout, delimiters)
            self._complaints.clear()
            comment = place
        if not self._complaints:
            self._mapped((), layout.kind)
        return []

    def _uncommented(
        self, lines: Sequence[bytes], comment: int, layout: FileFormat, delimiters: Iterable[str]
    ) -> list[Dialect]:
        """Return the ways to read the last comment as the header.

        What is wrong is told of that line where it has as many columns as the one that follows.
        """
        complaints, self._complaints = self._complaints, []
        uncommented = [lines[comment].lstrip(b"# "), *lines[comment + 1 :]]
        found = self._named(uncommented, replace(layout, skip=comment), delimiters)
        columns, of_comment = (
            max((count for count, *_ in about), default=0)
            for about in (complaints, self._complaints)
        )
        if not 1 < columns == of_comment:
            self._complaints = complaints
        return found

    def _named(
        self, lines: Sequence[bytes], layout: FileFormat, delimiters: Iterable[str]
    ) -> list[Dialect]:
        """Return the quotings by which the first line names most columns, by one delimiter."""
        for delimiter in delimiters:
            ways = replace(layout, delimiter=delimiter, kind=_kind(delimiter))
            dialects = list(self._quoted(lines, ways))
            if dialects:
                most = max(len(dialect.mapping) for dialect in dialects)
                return [dialect for dialect in dialects if len(dialect.mapping) == most]
        return []

    def _quoted(self, lines: Sequence[bytes], layout: FileFormat) -> Iterator[Dialect]:
        """Yield the quotings by which the first line names the columns that are needed."""
        for quote, escape in _quotings(layout):
            quoted = replace(layout, quote=quote, escape=escape)
            first = next(split_records(iter(lines), quoted, None), None)
            fields = (first and first.fields) or ()
            names = [(name or b"").decode("utf-8", "replace").strip() for name in fields]
            wide = len(names)
            while names and not names[-1]:
                names.pop()
            mapping = self._mapped(names, layout.kind)
            if mapping is not None:
                trailing = len(names) < wide
                columns = tuple(names)
                settled = replace(quoted, header=True, columns=columns, trailing=trailing)
                yield Dialect(settled, mapping)

    def _mapped(self, names: Sequence[str], kind: FormatKind) -> Mapping[str, str] | None:
        try:
            if len(names) > MAX_COLUMNS:
                raise BadSourceFile(f"has {len(names):,} columns; at most {MAX_COLUMNS:,}")  # noqa: TRY301
            return self._dataset.map_columns(names)
        except BadSourceFile as error:
            self._complaints.append((len(names), kind, error))
            if len(names) == 1 and self._in_one is None:
                self._in_one = self._split_otherwise(names[0])
            return None

    def _split_otherwise(self, name: str) -> BadSourceFile | None:
        """Return what to say of a field that would name both columns if it were split."""
        for sign in dict.fromkeys(_SIGNS.findall(name)):
            try:
                self._dataset.map_columns(name.split(sign))
            except BadSourceFile:
                continue
            if sign in _DELIMITERS:
                return BadSourceFile(
                    f"has lines that are quoted as a whole ({shown_name(name)}); take away the "
                    "quotation marks around them"
                )
            said = in_toml(sign)
            return BadSourceFile(
                f"names its columns in one field ({shown_name(name)}); if {said} separates them, "
                f"say kind = 'csv' and delimiter = {said} under [format] in a dataset file"
            )
        return None


def _delimiters(kind: FormatKind) -> Iterable[str]:
    return dict.fromkeys((USUAL_DELIMITER[kind], *_DELIMITERS))


def _separator(line: bytes) -> str:
    """Return what a line for Excel says is the delimiter; empty when it is no such line."""
    found = _SEPARATOR.fullmatch(line.strip(b" "))
    return found[1].decode().replace("\\t", "\t") if found else ""


def _told(character: str | None) -> tuple[str, ...]:
    return () if character is None else (character,)


def _kind(delimiter: str) -> FormatKind:
    return "tsv" if delimiter == USUAL_DELIMITER["tsv"] else "csv"


def _quotings(told: FileFormat) -> Sequence[tuple[str, str]]:
    """Return the quotes and escapes that may be, what is usual first."""
    usual = _QUOTINGS[told.kind]
    if told.quote is not None or told.escape is not None:
        quotes = _told(told.quote) or dict.fromkeys(quote for quote, _ in usual)
        escapes = _told(told.escape) or ("", "\\")
        usual = [(quote, escape) for quote in quotes for escape in escapes if quote or not escape]
    return [quoting for quoting in usual if told.delimiter not in quoting]


def _without_header(
    lines: Sequence[bytes], dataset: SourceConventions, told: FileFormat
) -> Dialect:
    mapping = dataset.map_columns(told.columns)
    said = _separator(lines[0]) if lines else ""
    delimiter = told.delimiter
    if delimiter is None:
        delimiter = said or USUAL_DELIMITER[told.kind]
    layout = replace(told, kind=_kind(delimiter), delimiter=delimiter, skip=int(bool(said)))
    ways = [replace(layout, quote=quote, escape=escape) for quote, escape in _quotings(layout)]
    return _best(lines, [Dialect(way, mapping) for way in ways])


def _best(lines: Sequence[bytes], dialects: Sequence[Dialect]) -> Dialect:
    """Return the first dialect, which is the usual one, unless another explains its failures."""
    usual, *others = dialects
    trouble = _trouble(lines, usual, unusual=False)
    best = usual
    if trouble:
        likely = [other for other in others if _may_be(lines, other.format, trouble)]
        troubles = [_trouble(lines, other, unusual=True) for other in likely]
        least = min(troubles, default=trouble)
        if least * _EXPLAINED <= trouble:
            best = likely[troubles.index(least)]
    return replace(best, format=_with_habits(lines, best.format))


def _may_be(lines: Sequence[bytes], layout: FileFormat, trouble: float) -> bool:
    """Tell whether there is any sign of a quoting."""
    quote, escape = (layout.quote or "").encode(), (layout.escape or "").encode()
    if not quote:
        return trouble >= _STRAY
    if escape:
        return any(escape + quote in line for line in lines)
    delimiter = re.escape((layout.delimiter or "").encode())
    begins = re.compile(b"(?:^|" + delimiter + b") *" + re.escape(quote))
    return any(map(begins.search, lines))


def _rows(lines: Sequence[bytes], layout: FileFormat) -> Iterator[Record]:
    """Yield the records after the header that are not blank, however many fields they have."""
    records = split_records(iter(lines[layout.skip :]), layout, None)
    return (record for record in islice(records, int(bool(layout.header)), None) if record.line)


def _trouble(lines: Sequence[bytes], dialect: Dialect, *, unusual: bool) -> float:
    """Return how many rows speak against a dialect.

    They cannot be split, have too few fields or too many, a quotation mark where no URL has one,
    one that is escaped or doubled and only text, or, where quoting is not usual, one that somebody
    who quotes would not leave so.
    """
    layout = dialect.format
    width = len(layout.columns)
    url = layout.columns.index(dialect.mapping["url"])
    quote = (layout.quote or "").encode()
    trouble = 0.0
    for line, fields in ((record.line, record.fields) for record in _rows(lines, layout)):
        if fields is None or len(fields) < width or any(map(_said, fields[width:])):
            trouble += 1
            continue
        found = [field for field in fields if field]
        if (fields[url] or b"").startswith((b'"', b"'")):
            trouble += 1
        elif not quote:
            trouble += any(map(_is_masked, found))
        elif quote in line and not layout.escape and _has_escaped(found, quote, line):
            trouble += 1
        elif quote in line and unusual and any(_is_stray(field, quote, line) for field in found):
            trouble += _WEIGHT.get(layout.quote or "", 1.0)
    return trouble


def _has_escaped(fields: Sequence[bytes], quote: bytes, line: bytes) -> bool:
    """Tell whether a backslash stands before a quotation mark that is not doubled."""
    return any(
        b"\\" + quote in field
        and b"\n" not in field
        and field.replace(quote, quote * 2) not in line
        for field in fields
    )


def _is_masked(field: bytes) -> bool:
    """Tell whether only somebody who quotes writes a field so."""
    return (
        field.startswith(b'"')
        and (b'""' in field[1:-1] or b'\\"' in field)
        and _MASKED.fullmatch(field) is not None
    )


def _said(field: bytes | None) -> bool:
    return bool(field and field.strip())


def _is_stray(field: bytes, quote: bytes, line: bytes) -> bool:
    """Tell whether a field with a quotation mark in it was neither quoted nor escaped."""
    before, mark, _ = field.partition(quote)
    alone = bool(mark) and b"\n" not in before
    return alone and quote + before not in line and before + quote in line


def _with_habits(lines: Sequence[bytes], layout: FileFormat) -> FileFormat:
    """Return the format with what rows do by habit: spaces before fields, delimiters at ends."""
    width = len(layout.columns)
    quote = (layout.quote or "").encode()
    rows = plain = spaced = longer = 0
    for record in _rows(lines, layout):
        fields = record.fields
        if fields is None:
            continue
        rows += 1
        longer += len(fields) > width and not any(map(_said, fields[width:]))
        if len(fields) > 1 and not (quote and quote in record.line):
            plain += 1
            spaced += all((field or b"").startswith(b" ") for field in fields[1:])
    return replace(
        layout,
        trailing=layout.trailing or longer > _HABIT * rows,
        spaced=spaced > _HABIT * plain,
    )
