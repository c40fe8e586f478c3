"""A JSON file's text, seen through a window that moves forward: value after value, of any size.

Lives here: decoding, values of a bounded length, where the next object begins after damage. Not
here: expanding (`opening`), which values are rows (`json_shapes`, `json_rows`).
"""

import codecs
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.layout import MAX_TEXT, most_rows
from laion_assets.core.reading.opening import open_blocks
from laion_assets.core.sources.formats import FileFormat

#: Bytes of a value that is read; as of a line. A longer one is damage.
MAX_VALUE = MAX_TEXT
_OVERLAP = 1 << 12  # characters in which the beginning of an object is recognised
#: Characters that are ahead, unless a value needs more; and that may stay behind, where complaints
#: about JSON count the lines up to the place of damage.
_AHEAD = 1 << 16
_BEHIND = 1 << 15
_BLANK = re.compile(r"[ \t\r\n]*")
_COMMAS = re.compile(r"[ \t\r\n,]*")
_BRACKETS = re.compile(r"[ \t\r\n,\[\]]*")
_FIRST_KEY = re.compile(r'\{[ \t\r\n]*("(?:[^"\\]|\\.){0,200}")')
_ANY_KEY = r'\{[ \t\r\n]*"'
_MARK = "\ufeff"
_LEARNT = 2


class Damage(NamedTuple):
    """What was found in place of a row, as far as a text is kept."""

    text: str


class Text:
    """The window: `text` from `at` on is ahead; what is behind is forgotten."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.text = ""
        self.at = 0
        self.start = 0  # where the last value began
        self.ended = False
        self._behind = 0
        self._pieces = _pieces(blocks)
        # bytes that are not UTF-8 become lone surrogates, so that they reject their row as such
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.fill()
        self.at = len(_MARK) if self.text.startswith(_MARK) else 0

    @property
    def place(self) -> int:
        """How many characters are behind."""
        return self._behind + self.at

    def fill(self, least: int = _AHEAD) -> None:
        """Have at least so many characters ahead, unless the file ends before."""
        enough = self.ended or len(self.text) - self.at >= least
        if enough and self.at < _BEHIND:
            return
        pieces = [self.text[self.at :]]
        size = len(pieces[0])
        while size < least and not self.ended:
            piece = next(self._pieces, b"")
            self.ended = not piece
            pieces.append(self._decoder.decode(piece, final=self.ended))
            size += len(pieces[-1])
        self._behind += self.at
        self.text, self.at = "".join(pieces), 0

    def jump(self, place: int) -> None:
        """Go forward to where so many characters are behind."""
        while self.place < place and self.peek():
            self.at = min(len(self.text), self.at + place - self.place)
            self.fill(1)

    def skip(self, what: re.Pattern[str] = _BLANK) -> str:
        """Go past what there is of a pattern; return it, or the end of it."""
        passed = ""
        while True:
            self.fill()
            match = what.match(self.text, self.at)
            found = match.group() if match else ""
            self.at += len(found)
            passed = (passed + found)[-_OVERLAP:]
            if not found or self.at < len(self.text):
                return passed

    def peek(self) -> str:
        """Return the next character; nothing at the end."""
        if self.at == len(self.text):
            self.fill(1)
        return self.text[self.at : self.at + 1]

    def take(self, letter: str) -> bool:
        """Go past a character, and the blanks before it, if it is there."""
        self.skip()
        there = self.peek() == letter
        self.at += there
        return there

    def value(self) -> Any:
        """Go past the value that begins here and return it.

        Raises ValueError, and stays, when there is none or it is longer than `MAX_VALUE`.
        """
        self.fill()
        try:
            found, end = self._decoded()
        except ValueError:
            if self.ended or len(self.text) - self.at > MAX_VALUE:
                raise
            self.fill(MAX_VALUE + _OVERLAP)
            found, end = self._decoded()
        size = end - self.at
        if size > MAX_VALUE // 4 and len(_in_bytes(self.text[self.at : end])) > MAX_VALUE:
            raise ValueError("too long")
        self.at = end
        return found

    def _decoded(self) -> tuple[Any, int]:
        self.start = self.at
        try:
            return _DECODER.raw_decode(self.text, self.at)
        except RecursionError as error:
            raise ValueError("brackets without end") from error

    def key(self) -> str:
        """Go past the name of a member and its colon; return the name. Raises ValueError."""
        name = self.value() if self.peek() == '"' else None
        if not isinstance(name, str) or not self.take(":"):
            raise ValueError("no name of a member")
        self.skip()
        return name


_DECODER = json.JSONDecoder()


def _in_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _pieces(blocks: Iterator[bytes]) -> Iterator[bytes]:
    for block in blocks:
        for start in range(0, len(block), _AHEAD):
            yield block[start : start + _AHEAD]


@contextmanager
def open_text(path: Path, layout: FileFormat) -> Iterator[Text]:
    """Open a JSON file; raises BadSourceFile when it cannot be read."""
    with open_blocks(path, layout) as blocks:
        yield Text(blocks)


def limited(rows: Iterator[Any], path: Path) -> Iterator[Any]:
    """Yield rows as long as a file of that size may have them."""
    size = path.stat().st_size
    most = most_rows(size)
    for number, row in enumerate(rows):
        if number >= most:
            raise BadSourceFile(f"has more than {most:,} rows in {size:,} bytes and is not read")
        yield row


def array_items(text: Text) -> Iterator[Any]:
    """Yield the values of the array that begins here. Raises ValueError where it is none."""
    if not text.take("["):
        raise ValueError("no array")
    text.skip(_COMMAS)
    while text.peek() != "]":
        yield text.value()
        text.skip(_COMMAS)
    text.at += 1


def members(text: Text) -> Iterator[str]:
    """Yield the name of each member of the object that begins here, its value to be read between.

    Raises ValueError where it is none.
    """
    if not text.take("{"):
        raise ValueError("no object")
    text.skip(_COMMAS)
    while text.peek() != "}":
        yield text.key()
        text.skip(_COMMAS)
    text.at += 1


def object_items(text: Text) -> Iterator[tuple[str, Any]]:
    """Yield name and value of each member of the object that begins here; raises ValueError."""
    for name in members(text):
        yield name, text.value()


def rows_of(text: Text, *, within: bool = False) -> Iterator[dict[str, Any] | Damage]:
    """Yield every object from here on, be they in an array or simply one after another.

    `within`, an array begins here, and what follows it is something else; ValueError where none
    does. What is no object is a damaged row. After damage the next row is the next object at the
    beginning of a line, if objects begin lines, indented as they are; else the next that begins
    with the same name. An array that does not end is a damaged row more.
    """
    if within and not text.take("["):
        raise ValueError("no array")
    depth = int(within)
    marks = _Marks()
    while True:
        between = text.skip(_COMMAS if within else _BRACKETS)
        depth += between.count("[") - between.count("]")
        if within and text.peek() == "]":
            return
        if not text.peek():
            if depth > 0:
                yield Damage("")
            return
        try:
            found = text.value()
        except ValueError:
            yield Damage(_to_next(text, marks.beginning))
            if not text.peek():
                return
            continue
        if type(found) is dict:
            marks.learn(text.text, text.start, between)
            yield found
        else:
            yield Damage(text.text[text.start : text.at])


class _Marks:
    """How the objects of a file begin, as seen from the first two that are whole.

    The very first may stand behind a bracket.
    """

    def __init__(self) -> None:
        self._seen = 0
        self._line: str | None = None
        self._key = _ANY_KEY

    def learn(self, text: str, at: int, between: str) -> None:
        """Look at an object and what is before it."""
        self._seen += 1
        if self._seen > _LEARNT or self._line is not None:
            return
        _, line_end, before = between.rpartition("\n")
        first = _FIRST_KEY.match(text, at)
        self._line = before[: len(before) - len(before.lstrip(" \t"))] if line_end else None
        self._key = r"\{[ \t\r\n]*" + re.escape(first[1]) if first else _ANY_KEY

    @property
    def beginning(self) -> re.Pattern[str]:
        """What is found where the next object begins."""
        if self._line is not None:
            return re.compile(rf"\n{self._line}(?:[,\[\]][ \t]*)*(?=\{{)")
        return re.compile(rf"[,}}\n][ \t\r\n,]*(?={self._key})")


def _to_next(text: Text, beginning: re.Pattern[str]) -> str:
    """Go to where the next object begins, or to the end; return what was passed, or much of it."""
    passed = ""
    ahead = 1  # not where the damage is
    while True:
        text.fill()
        match = beginning.search(text.text, text.at + ahead)
        end = len(text.text) if text.ended else len(text.text) - _OVERLAP
        if match:
            end = match.end()
        passed += text.text[text.at : end][: max(0, MAX_VALUE + 1 - len(passed))]
        text.at = end
        if match or text.ended:
            return passed.rstrip(" \t\r\n,")
        ahead = 0
