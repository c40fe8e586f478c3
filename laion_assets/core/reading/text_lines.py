"""Bytes to lines, and lines to records of fields: csv and tsv as strangers write them.

A row is a record, and every line belongs to one: what cannot be split is a damaged record, never a
lost one. Lives here: line ends and quoting, in bounded memory. Not here: expanding (`opening`),
what the fields mean (`delimited_rows`).
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, cast

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.layout import MAX_TEXT, end_whole, most_rows
from laion_assets.core.reading.opening import open_blocks, size_of
from laion_assets.core.sources.formats import FileFormat

MAX_LINE = MAX_TEXT  # bytes of a line that are kept; longer ones are cut there
MAX_RECORD_LINES = 64  # lines a quoted field may run over
UTF8_MARK = b"\xef\xbb\xbf"
_WHOLE, _BROKEN = -1, -2


class Record(NamedTuple):
    """One row of a text file: its fields, or None for them when the line could not be split.

    A field is None where the line ended before it. `line` is the (first) line as found, `number`
    which line that is, from 1 on; 0 where it was not asked for.
    """

    fields: list[bytes | None] | None
    line: bytes
    number: int = 0


@contextmanager
def open_lines(path: Path, layout: FileFormat) -> Iterator[Iterator[bytes]]:
    """Open a text file as lines without their ends.

    A line of more than `MAX_LINE` bytes comes as its first `MAX_LINE + 1`. Raises BadSourceFile
    when the file cannot be read.
    """
    with open_blocks(path, layout) as blocks:
        yield _lines(blocks, size_of(path), layout.line_end.encode())


def _lines(blocks: Iterator[bytes], size: int, end: bytes) -> Iterator[bytes]:
    count, most = 0, most_rows(size)
    rest = b""  # the last line so far, of which only what is kept is held
    mark = UTF8_MARK  # before the first line it is no text
    for block in blocks:
        found = block.split(end)
        found[0] = rest + found[0]
        rest = found.pop()[: MAX_LINE + 2]  # two: the last may be half of a line end
        count += len(found)
        if count > most:
            raise BadSourceFile(f"has more than {most:,} lines in {size:,} bytes and is not read")
        if found and mark:
            found[0] = found[0].removeprefix(mark)
            mark = b""
        for line in found:
            yield line.removesuffix(b"\r")[: MAX_LINE + 1]
    if rest.removeprefix(mark):
        yield rest.removeprefix(mark).removesuffix(b"\r")[: MAX_LINE + 1]


def split_records(
    lines: Iterator[bytes], layout: FileFormat, width: int | None
) -> Iterator[Record]:
    """Yield every record of a csv or tsv file.

    `width` is the number of columns, None when it is not known yet: a record of more fields is
    damaged (but for empty ones that the format knows of), one of fewer lacks the last ones.
    Damaged ones are numbered by the lines given here.
    """
    if layout.quote:
        yield from _Quoted(lines, layout, width).records()
        return
    delimiter, cut = (layout.delimiter or "").encode(), _cutter(layout)
    for number, line in enumerate(lines, start=1):
        yield _fitted(cut(line, delimiter), line, width, layout, number)


def _cutter(layout: FileFormat) -> Callable[[bytes, bytes], list[bytes | None]]:
    return _cut_spaced if layout.spaced else _cut_fields


def _cut_fields(line: bytes, delimiter: bytes) -> list[bytes | None]:
    """Split a line; of one that was cut, the last field is not whole.

    That field is kept when it is too long to pass anyway, so that it is rejected for that.
    """
    fields = cast("list[bytes | None]", line.split(delimiter))
    if len(line) > MAX_LINE:
        last = fields[-1] or b""
        fields[-1] = end_whole(last) if len(last) > MAX_TEXT // 2 else None
    return fields


def _cut_spaced(line: bytes, delimiter: bytes) -> list[bytes | None]:
    return [field and field.lstrip(b" ") for field in _cut_fields(line, delimiter)]


def _fitted(
    fields: list[bytes | None], line: bytes, width: int | None, layout: FileFormat, number: int
) -> Record:
    if width is None or len(fields) == width:
        return Record(fields, line)
    if len(fields) < width:
        return Record([*fields, *[None] * (width - len(fields))], line)
    if layout.trailing and not any(field and field.strip() for field in fields[width:]):
        return Record(fields[:width], line)
    return Record(None, line, number)


class _Quoted:
    """Splits lines whose fields may be quoted, and then hold delimiters, quotes and line ends.

    Quoting counts at the start of a field only, after spaces if there are any; a quote within is
    doubled or escaped. A quoted field that does not end or is followed by text, or a record of
    several lines that does not fit, makes its first line alone a damaged record: one stray
    quotation mark never swallows the rows after it, and no text is put together from pieces.
    """

    def __init__(self, lines: Iterator[bytes], layout: FileFormat, width: int | None) -> None:
        self._lines = lines
        self._again: deque[bytes] = deque()
        self._number = 0  # of the line that was handed out last
        self._layout = layout
        self._spaced = layout.spaced
        self._delimiter = (layout.delimiter or "").encode()
        self._cut = _cutter(layout)
        self._quote = quote = (layout.quote or "").encode()
        self._escape = escape = (layout.escape or "").encode()
        self._doubled = quote * 2
        self._escaping = escape + quote  # in a field that is not quoted it is no text either
        self._opening = re.compile(b" *" + re.escape(quote))
        self._masked = re.compile(
            b"%b(%b)|%b(%b|%b)" % tuple(map(re.escape, (quote, quote, escape, escape, quote)))
        )
        self._width = width

    def records(self) -> Iterator[Record]:
        """Yield every record."""
        while (line := self._next()) is not None:
            if self._quote not in line:
                fields = self._cut(line, self._delimiter)
                yield _fitted(fields, line, self._width, self._layout, self._number)
            else:
                yield self._record(line)

    def _next(self) -> bytes | None:
        self._number += 1
        return self._again.popleft() if self._again else next(self._lines, None)

    def _record(self, first: bytes) -> Record:
        text: bytes | bytearray = first
        number = self._number
        used: list[bytes] = []
        fields: list[bytes] = []
        opened = searched = 0
        while len(text) <= MAX_LINE:
            opened, searched = self._split(text, fields, opened, searched)
            if opened == _BROKEN:
                break
            if opened == _WHOLE:
                record = _fitted([*fields], first, self._width, self._layout, number)
                if record.fields is None and used:
                    break
                return record
            too_many = self._width is not None and len(fields) >= self._width
            if too_many or len(used) == MAX_RECORD_LINES:  # the field that is open counts too
                break
            more = self._next()
            if more is None:
                break
            used.append(more)
            text = text if isinstance(text, bytearray) else bytearray(text)
            text += b"\n"
            text += more
        self._again.extendleft(reversed(used))
        self._number = number
        return Record(None, first, number)

    def _split(
        self, text: bytes | bytearray, fields: list[bytes], position: int, searched: int
    ) -> tuple[int, int]:
        """Add the fields from `position` on that are whole, the last one of the text included.

        Returns where a quoted field that does not end begins, and up to where its end was looked
        for; `_WHOLE` when there is none, `_BROKEN` when text follows a quoted one. Nothing is
        looked at again when more lines were added: else a line could cost as much as 64 times 64.
        """
        quote, delimiter, closing = self._quote, self._delimiter, self._closing
        while True:
            if text.startswith(quote, position):
                opened = position + 1
            elif text.startswith(b" ", position):
                opened = self._after_spaces(text, position)
            else:
                opened = 0
            if opened:
                end = closing(text, opened, max(opened, searched))
                if end < 0:
                    return position, len(text)
                stop = text.find(delimiter, end + 1)
                behind = text[end + 1 :] if stop < 0 else text[end + 1 : stop]
                if behind and not behind.isspace():
                    return _BROKEN, 0
                fields.append(self._unmasked(bytes(text[opened:end])))
            else:
                stop = text.find(delimiter, position)
                field = bytes(text[position:] if stop < 0 else text[position:stop])
                if self._escape and self._escaping in field:
                    field = self._unmasked(field)
                fields.append(field.lstrip(b" ") if self._spaced else field)
            if stop < 0:
                return _WHOLE, 0
            position = stop + 1

    def _after_spaces(self, text: bytes | bytearray, position: int) -> int:
        """Return where the text of a field begins that is quoted after spaces; 0 for any other."""
        found = self._opening.match(text, position)
        return found.end() if found else 0

    def _closing(self, text: bytes | bytearray, opened: int, position: int) -> int:
        """Return where the quote that ends a field is; -1 when there is none."""
        while (end := text.find(self._quote, position)) >= 0:
            if self._escape and self._escaped(text, opened, end):
                position = end + 1
            elif text.startswith(self._quote, end + 1):
                position = end + 2
            else:
                return end
        return -1

    def _escaped(self, text: bytes | bytearray, opened: int, end: int) -> bool:
        """Tell whether an odd number of escapes stands before a place."""
        before = end
        while before > opened and text.startswith(self._escape, before - 1):
            before -= 1
        return (end - before) % 2 == 1

    def _unmasked(self, field: bytes) -> bytes:
        if self._escape and self._escape in field:
            return self._masked.sub(lambda found: found[1] or found[2], field)
        return field.replace(self._doubled, self._quote)
