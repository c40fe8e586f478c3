"""Which files make up a list, and reading the rows of a CSV with line numbers.

Lives here: the lists that come with the package, a folder of the user's own that replaces or
extends them, and what can be wrong with a CSV as such. Not here: what a row means (`lists`).
"""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import zip_longest
from pathlib import Path

from laion_assets.core.base import package
from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.files import sha256_file, sha256_json
from laion_assets.core.base.typed_text import heading, read_typed, rows_of
from laion_assets.core.names.registry import ALL_LISTS, CLAIMS

#: `artists.csv` in the user's folder replaces our list, `more-artists.csv` adds to it.
MORE = "more-"


#: The name of every list's file.
FILES: Mapping[str, str] = {name: f"{name}.csv" for name in ALL_LISTS} | {CLAIMS: f"{CLAIMS}.toml"}


def list_path(list_name: str) -> Path:
    """Return the file of a list that comes with the program."""
    return package.LISTS / FILES[list_name]


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
    """The files of every list: ours, or those of the user's folder.

    Digests are taken once: what is made afterwards is stamped with what the lists were before it
    was begun, so that a list saved in between is noticed by the next build.
    """

    folder: Path | None = None
    _digests: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def paths(self, list_name: str) -> tuple[Path, ...]:
        """Return the files of a list in the order they are read; later rows win."""
        replacing, adding = self._own(list_name)
        first = replacing if replacing is not None else list_path(list_name)
        return (first, adding) if adding is not None else (first,)

    def own_files(self) -> list[Path]:
        """Return the user's own files, of whatever list."""
        return [p for name in FILES for p in self._own(name) if p is not None]

    def digest(self, list_name: str) -> str:
        """Return a digest of what the user's folder says of a list; empty when it says nothing."""
        if list_name not in self._digests:
            own = [path for path in self._own(list_name) if path is not None]
            digests = {path.name: sha256_file(path) for path in own}
            self._digests[list_name] = sha256_json(digests)[:16] if digests else ""
        return self._digests[list_name]

    def check(self) -> None:
        """Raise BadUsage when the folder is not there, or holds no list or a file that is none.

        That is a CSV of another name; TOML of another name may be a dataset's, unless it has claims
        in its name.
        """
        if self.folder is None:
            return
        self._present()
        known = [f"{start}{name}" for name in FILES.values() for start in ("", MORE)]
        names = sorted(path.name for path in self.folder.iterdir())
        for name in names:
            if _is_meant(name.lower()) and name not in known and not name.startswith("."):
                raise BadUsage(
                    f"{self.folder / name}: no list has that name; there are {', '.join(known)}"
                )
        if not set(names) & set(known):
            raise BadUsage(f"{self.folder}: no list in it; there are {', '.join(known)}")

    def _present(self) -> None:
        """Refuse to go on without the folder: ours would silently take the place of its lists."""
        if self.folder is not None and not self.folder.is_dir():
            raise BadUsage(
                f"{self.folder}: no such folder of lists; "
                "bring it back, or use ours with: laion-assets build --lists ''"
            )

    def _own(self, list_name: str) -> tuple[Path | None, Path | None]:
        """Return the user's file that replaces a list and the one that adds to it."""
        if self.folder is None:
            return None, None
        self._present()
        replacing, adding = (self.folder / f"{start}{FILES[list_name]}" for start in ("", MORE))
        # A link that leads nowhere is there, and is an error when it is read.
        return (
            replacing if os.path.lexists(replacing) else None,
            adding if os.path.lexists(adding) else None,
        )


def _is_meant(name: str) -> bool:
    """Tell whether a file is meant to be a list, by its name."""
    return ".csv" in name or (".toml" in name and CLAIMS.removesuffix("s") in name)


def file_remarks(files: ListFiles) -> list[str]:
    """Return what to say of how the user's own files were read, a line each."""
    remarks = ((path, read_typed(path).remark) for path in files.own_files())
    return [f"{path}: {remark}" for path, remark in remarks if remark]


def read_lines(path: Path, needed: Sequence[str], known: Sequence[str] = ()) -> list[Line]:
    """Read the rows of a CSV with a header; blank rows are passed over, more columns kept.

    What spreadsheets write is read (`base.typed_text`). A column that nobody reads but that looks
    like a `known` one is a mistake. Raises BadUsage with the file and the line of the first thing
    that is wrong.
    """
    text = read_typed(path).text
    header: list[str] | None = None
    written = 0
    lines: list[Line] = []
    number = 0
    try:
        for number, cells in rows_of(text, (*needed, *known)):
            if header is None:
                header, written = _without_empty(map(heading, cells)), len(cells)
                _check_header(f"{path}, line {number}", header, needed, known)
                continue
            here = _without_empty(cells)
            if len(cells) < len(header) or len(here) > written:
                raise BadUsage(
                    f"{path}, line {number}: wrong number of cells, {len(cells)} where the header "
                    f"has {written}"
                )
            for place, (name, cell) in enumerate(zip_longest(header, here, fillvalue=""), start=1):
                if cell and not name:
                    raise BadUsage(
                        f"{path}, line {number}: cell {place} is not empty and has no heading"
                    )
            lines.append(Line(path, number, dict(zip(header, cells, strict=False))))
    except csv.Error as error:
        said = str(error)
        if said == "unexpected end of data":
            said = "a quotation mark that opens here is never closed"
        raise BadUsage(f"{path}, line {number + 1}: {said}") from error
    if header is None:
        _check_header(f"{path}, line 1", [], needed, known)
    return lines


def _without_empty(cells: Iterable[str]) -> list[str]:
    """Return cells without the empty ones at their end."""
    kept = list(cells)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _check_header(
    where: str, found: Sequence[str], needed: Sequence[str], known: Sequence[str]
) -> None:
    """Refuse a header without what is needed, with a column twice, or with a misspelt one."""
    missing = [name for name in needed if name not in found]
    if missing:
        there = ", ".join(repr(name) for name in found) or "nothing"
        raise BadUsage(f"{where}: no column {', '.join(missing)}, only {there}")
    twice = [name for name in dict.fromkeys(found) if name and found.count(name) > 1]
    if twice:
        raise BadUsage(f"{where}: column {', '.join(twice)} is there twice")
    absent = [name for name in known if name not in found]
    for name in found:
        near = get_close_matches(name, absent, n=1, cutoff=0.8)
        if name not in known and near:
            raise BadUsage(f"{where}: column {name!r}: did you mean {near[0]}?")
