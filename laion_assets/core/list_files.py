"""Which CSV files make up a list, and reading their rows with line numbers.

Lives here: the lists that come with the package, a folder of the user's own that replaces or
extends them, and what can be wrong with a CSV as such. Not here: what a row means (`lists`).
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from laion_assets.core.errors import BadUsage
from laion_assets.core.files import sha256_file, sha256_json
from laion_assets.core.graph import ALL_LISTS, list_path

MORE = "more-"
"""`artists.csv` in the user's folder replaces our list, `more-artists.csv` adds to it."""


@dataclass(frozen=True)
class Line:
    """One row of a list: where it stands and its cells, trimmed."""

    path: Path
    number: int
    cells: Mapping[str, str]

    def cell(self, name: str) -> str:
        """Return a cell, empty when the file has no such column."""
        return self.cells.get(name, "")

    def wrong(self, what: str) -> BadUsage:
        """Return the error that says what is wrong with this row, and where it stands."""
        return BadUsage(f"{self.path}, line {self.number}: {what}")


@dataclass(frozen=True)
class ListFiles:
    """The files of every list: ours, or those of the user's folder."""

    folder: Path | None = None

    def paths(self, list_name: str) -> tuple[Path, ...]:
        """Return the files of a list in the order they are read; later rows win."""
        replacing, adding = self._own(list_name)
        first = replacing if replacing is not None else list_path(list_name)
        return (first, adding) if adding is not None else (first,)

    def digest(self, list_name: str) -> str:
        """Return a digest of what the user's folder says of a list; empty when it says nothing."""
        own = [path for path in self._own(list_name) if path is not None]
        if not own:
            return ""
        return sha256_json({path.name: sha256_file(path) for path in own})[:16]

    def check(self) -> None:
        """Raise BadUsage when the folder is not there or holds a CSV that is no list's."""
        if self.folder is None:
            return
        if not self.folder.is_dir():
            raise BadUsage(f"{self.folder}: no such folder of lists")
        known = [f"{start}{name}.csv" for name in ALL_LISTS for start in ("", MORE)]
        for path in sorted(self.folder.glob("*.csv")):
            if path.name not in known:
                raise BadUsage(f"{path}: no list has that name; there are {', '.join(known)}")

    def _own(self, list_name: str) -> tuple[Path | None, Path | None]:
        """Return the user's file that replaces a list and the one that adds to it."""
        if self.folder is None:
            return None, None
        replacing, adding = (self.folder / f"{start}{list_name}.csv" for start in ("", MORE))
        return (replacing if replacing.exists() else None, adding if adding.exists() else None)


def read_lines(path: Path, needed: Sequence[str]) -> list[Line]:
    """Read the rows of a CSV with a header; columns beyond the needed ones are kept.

    Raises BadUsage naming the file and the line of the first thing that is wrong.
    """
    reader = csv.DictReader(io.StringIO(_read_text(path), newline=""), strict=True)
    lines: list[Line] = []
    number = 0
    try:
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise BadUsage(f"{path}, line 1: no column {', '.join(missing)}")
        number = reader.line_num
        for row in reader:
            number = reader.line_num
            if None in row or None in row.values():
                raise BadUsage(f"{path}, line {number}: wrong number of cells")
            lines.append(Line(path, number, {name: cell.strip() for name, cell in row.items()}))
    except csv.Error as error:  # a quotation mark that is never closed, for one
        raise BadUsage(f"{path}, line {number + 1}: {error}") from error
    return lines


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadUsage(f"{path}: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadUsage(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from error
