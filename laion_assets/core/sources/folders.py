"""Walking a folder of source files, which may hold anything: links, loops, pipes, odd names.

Lives here: what below a folder is a file to read, in an order that is the same everywhere, and why
the rest is not. Not here: what a file is (`recognising`), what is ours (`own_work`), keys
(`finding`).
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from laion_assets.core.sources.left_out import LeftOut
from laion_assets.core.sources.no_rows import is_passed_over, what_its_name_says
from laion_assets.core.sources.own_work import OwnWork, published_around, published_in, said_of

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
#: The cache of a hub's client: `blobs` holds the files, `snapshots` their names as links to them.
_BLOBS, _SNAPSHOTS, _REFS = "blobs", "snapshots", "refs"
_LONGEST_LINK = 1024  # bytes of a link that a copy saved as text

#: Tells why a file is no source; None when it is one.
WhyNoSource = Callable[[Path], str | None]


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


@dataclass(frozen=True)
class Walked:
    """A file below a folder: where it is read, and its path below the folder."""

    path: Path
    relative: Path


def walk(
    root: Path,
    why_no_source: WhyNoSource,
    *,
    own: OwnWork,
    follow_links: bool,
    left_out: LeftOut,
) -> list[Walked]:
    """Return the files below a folder that are sources, sorted by their paths below it.

    A link is followed only with `follow_links`, and to nothing that is read already; those of a
    hub's cache into itself are its files (copies of its store come last: the names of the snapshots
    are better ones). What this program made is passed over. All else goes to `left_out`: counted
    where it is hidden or a checksum, named otherwise.
    """
    walking = _Walk(root, why_no_source, own, follow_links, left_out)
    walking.published_above()
    walking.folder(root)
    walking.links()
    files = walking.taken()
    walking.stores()
    return files + walking.taken()


@dataclass
class _Walk:
    root: Path
    why_no_source: WhyNoSource
    own: OwnWork
    follow_links: bool
    left_out: LeftOut
    files: list[Walked] = field(default_factory=list)
    #: Real paths of folders, and of files that are read.
    _seen: set[str] = field(default_factory=set)
    _named: set[str] = field(default_factory=set)  # real paths of files, read or left out
    _links: list[Path] = field(default_factory=list)
    _caches: list[Path] = field(default_factory=list)  # folders with `blobs` and `snapshots`
    _published: set[str] = field(default_factory=set)  # paths of files of published sites

    def published_above(self) -> None:
        """Pass over the files of a site in which the folder lies."""
        site = {path for path in published_around(self.root) if path.startswith(f"{self.root}/")}
        if site:
            self._published |= site
            what = f"lies in a site that laion-assets published ({len(site):,} files)"
            self._leave_out(self.root, what)

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
            waiting += self._folders_among(folder, self._not_ours(folder, found))

    def _not_ours(self, folder: Path, found: list[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
        """Return the entries of a folder without those that this program wrote."""
        names = {entry.name for entry in found}
        ours = self.own.names_in(folder, names)
        shown = [name for name in ours if not name.startswith(".")]
        if shown:
            self._leave_out(folder, said_of(shown))
        site = published_in(folder, names - ours)
        if site:
            self._published |= {str(folder / name) for name in site}
            what = f"holds a site that laion-assets published ({len(site):,} files)"
            self._leave_out(folder, what)
        folders = {entry.name for entry in found if _is_folder(entry)}
        if {_BLOBS, _SNAPSHOTS} <= folders:
            self._caches.append(folder)
            ours |= folders & {_BLOBS, _REFS}
        return [entry for entry in found if entry.name not in ours]

    def _folders_among(self, folder: Path, found: list[os.DirEntry[str]]) -> list[Path]:
        """Take the files among the entries of a folder; return the folders."""
        folders = []
        real = Path(os.path.realpath(folder))
        for entry in found:
            path = folder / entry.name
            option = self.own.otherwise.get(str(real / entry.name))
            if str(path) in self._published:
                continue
            if is_passed_over(entry.name):
                self.left_out.hidden += 1
            elif option is not None:
                self._leave_out(path, f"is what {option} names")
            elif entry.is_symlink() or _saved_link(path):
                self._links.append(path)
            elif _is_folder(entry):
                folders.append(path)
            else:
                self._take(path, path)
        return folders

    def links(self) -> None:
        """Follow the links that were met, and those behind them, or leave them out."""
        while self._links:
            waiting, self._links = sorted(self._links), []
            for path in waiting:
                self._link(path)

    def _link(self, path: Path) -> None:
        target = _saved_link(path) or path
        kind, real = kind_of(target), os.path.realpath(target)
        if kind not in (FILE, FOLDER):
            self._leave_out(path, f"is a link that leads nowhere: {kind}")
        elif real in self._seen:
            self._leave_out(path, "is a link to what is read already")
        elif kind == FILE and _in_hub_cache(path, Path(real)):
            self._take(path, target)
        elif self.own.around(path) is not None:
            self._leave_out(path, "is a link into a build directory of laion-assets")
        elif not self.follow_links:
            reads = "" if real == str(self.own.root) else "; --follow-links reads what it leads to"
            self._leave_out(path, f"is a link to a {kind}{reads}")
        elif kind == FOLDER:
            self.folder(path)
        else:
            self._take(path, path)

    def stores(self) -> None:
        """Name the files of hub caches that no snapshot names; the others are read by theirs.

        Where no snapshot leads there, the folders are what any others are.
        """
        caches, self._caches = self._caches, []
        for cache in caches:
            store = cache / _BLOBS
            used = f"{os.path.realpath(store)}{os.sep}"
            if any(name.startswith(used) for name in self._named):
                self._name_rest(store)
                continue
            for folder in (store, cache / _REFS):
                if folder.is_dir():
                    self.folder(folder)
            self.links()

    def _name_rest(self, store: Path) -> None:
        try:
            with os.scandir(store) as entries:
                names = sorted(entry.name for entry in entries)
        except OSError as error:
            self._leave_out(store, f"cannot be opened ({error.strerror})")
            return
        for path in (store / name for name in names):
            if os.path.realpath(path) not in self._named:
                why = what_its_name_says(path.name) or "is a file of a hub cache without a name"
                self._leave_out(path, why)

    def taken(self) -> list[Walked]:
        """Return the files taken since this was asked, sorted."""
        files, self.files = sorted(self.files, key=lambda file: file.relative), []
        return files

    def _take(self, path: Path, target: Path) -> None:
        """Take the file at `target`, by the name `path`, or say why it is no source."""
        kind = kind_of(target)
        if kind != FILE:
            self._leave_out(path, kind)
            return
        real = os.path.realpath(target)
        self._named.add(real)
        why = self.why_no_source(target)
        if why is None:
            self._seen.add(real)
            self.files.append(Walked(target, path.relative_to(self.root)))
        else:
            self._leave_out(path, why)

    def _leave_out(self, path: Path, why: str) -> None:
        self.left_out.add(text_of(str(path)), why)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:  # it vanished, which taking it says
        return False


def _in_hub_cache(path: Path, target: Path) -> bool:
    """Tell whether a link is in a snapshot of a hub's cache and leads to a file of that cache."""
    cache = target.parent.parent
    return target.parent.name == _BLOBS and any(
        parent.name == _SNAPSHOTS and parent.parent.resolve() == cache for parent in path.parents
    )


def _saved_link(path: Path) -> Path | None:
    """Return the file of a hub's cache that a link led to which some copy saved as text."""
    if _SNAPSHOTS not in path.parts:
        return None
    try:
        if path.stat().st_size > _LONGEST_LINK:
            return None
        target = Path(os.path.realpath(path.parent / os.fsdecode(path.read_bytes())))
        return target if _in_hub_cache(path, target) and target.is_file() else None
    except (OSError, ValueError):
        return None
