"""Walking a folder of source files, which may hold anything: links, loops, pipes, odd names.

Lives here: what below a folder is a file to read, in an order that is the same everywhere, and why
the rest is not. Nothing is opened. Not here: keys (`finding`), reading (`core.reading`).
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

#: C0, DEL, C1, bidirectional and line-breaking controls: they would break a line on a terminal.
CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
_BYTES = 0xDC00  # with a byte that is not UTF-8 added, what Python makes of it (PEP 383)
_ODD = re.compile(rf"[\\{CONTROLS}\udc80-\udcff]")
FILE, FOLDER = "file", "folder"
_SPECIAL = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def text_of(name: str) -> str:
    r"""Return a file's name as text on one line, another for each name.

    Bytes that are not UTF-8 are written as `\xe9`, controls as `\u000a`, a backslash as two.
    """
    return _ODD.sub(_written, os.fsencode(name).decode("utf-8", "surrogateescape"))


def _written(odd: re.Match[str]) -> str:
    code = ord(odd[0])
    if odd[0] == "\\":
        return "\\\\"
    return f"\\x{code - _BYTES:02x}" if code >= _BYTES else f"\\u{code:04x}"


def kind_of(path: Path) -> str:
    """Return FILE or FOLDER, of what a link leads to, or what is wrong with a path in words."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return "no such file or folder"
        return f"cannot be opened ({error.strerror})"
    except ValueError:  # a NUL, from somebody's build.toml
        return "no such file or folder"
    if stat.S_ISREG(mode):
        return FILE
    if stat.S_ISDIR(mode):
        return FOLDER
    return f"is {_SPECIAL.get(stat.S_IFMT(mode), 'something else')}, no file or folder"


def walk(
    root: Path,
    suffixes: tuple[str, ...],
    *,
    follow_links: bool,
    left_out: Callable[[str, str], None],
) -> list[Path]:
    """Return the files below a folder whose name ends in one of `suffixes`, sorted.

    What is hidden (`.name`, `_name`) is passed over. A link is followed only with `follow_links`,
    and to nothing that is read already. `left_out` is told the path of every other link, special
    file and folder that cannot be opened, and what it is.
    """
    walking = _Walk(suffixes, follow_links, left_out)
    walking.folder(root)
    walking.links()
    return sorted(walking.files)


@dataclass
class _Walk:
    suffixes: tuple[str, ...]
    follow_links: bool
    left_out: Callable[[str, str], None]
    files: list[Path] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)  # real paths of files and folders
    _links: list[Path] = field(default_factory=list)

    def folder(self, root: Path) -> None:
        """Take every file below a folder; links wait, so that what is there itself goes first."""
        waiting = [root]
        while waiting:
            folder = waiting.pop()
            self._seen.add(os.path.realpath(folder))
            try:
                with os.scandir(folder) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                self._leave_out(folder, f"cannot be opened ({error.strerror})")
                continue
            for entry in found:
                if entry.name.startswith((".", "_")):
                    continue
                path = folder / entry.name
                if entry.is_symlink():
                    self._links.append(path)
                elif entry.is_dir():
                    waiting.append(path)
                elif self._is_named_like_a_source(path):
                    self._take(path)

    def links(self) -> None:
        """Follow the links that were met, and those behind them, or leave them out."""
        while self._links:
            waiting, self._links = sorted(self._links), []
            for path in waiting:
                self._link(path)

    def _link(self, path: Path) -> None:
        kind = kind_of(path)
        if kind != FOLDER and not self._is_named_like_a_source(path):
            return
        if kind not in (FILE, FOLDER):
            self._leave_out(path, f"is a link that leads nowhere: {kind}")
        elif not self.follow_links:
            self._leave_out(path, f"is a link to a {kind}; --follow-links reads what it leads to")
        elif os.path.realpath(path) in self._seen:
            self._leave_out(path, "is a link to what is read already")
        elif kind == FOLDER:
            self.folder(path)
        else:
            self._take(path)

    def _take(self, path: Path) -> None:
        kind = kind_of(path)
        if kind == FILE:
            self._seen.add(os.path.realpath(path))
            self.files.append(path)
        else:
            self._leave_out(path, kind)

    def _is_named_like_a_source(self, path: Path) -> bool:
        return path.name.lower().endswith(self.suffixes)

    def _leave_out(self, path: Path, why: str) -> None:
        self.left_out(text_of(str(path)), why)
