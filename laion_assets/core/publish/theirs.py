"""What lies in a site's folder and is not ours: `.git`, `CNAME`, notes, whatever people keep there.

Ours is what the folder's own manifest lists or, where that cannot be read, the stamp of the last
build. All else is theirs and is only ever renamed: into the folder that takes the site's place, or
aside where a page of ours stands by then. Lives here: telling the two apart, and carrying theirs
over from one folder to the other. Not here: staging a site, the exchange (`exchange`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import KEPT_ASIDE, keep_aside, sha256_file, sync
from laion_assets.core.publish.manifest import MANIFEST, read_manifest
from laion_assets.core.site.rendering import top_names

#: Returns the sha256 of every file that the stamp of a site lists; asked only where need be.
Stamped = Callable[[], Mapping[str, str]]

_INDEX = "search"


@dataclass(frozen=True)
class Contents:
    """A folder as it was found: paths below it, theirs as few as name all of it."""

    ours: frozenset[str]
    theirs: tuple[str, ...]  # a folder of theirs ends with a slash


def listed_in(site: Path, stamped: Stamped) -> Mapping[str, str]:
    """Return the sha256 of every file of ours in a folder, by path; empty for a folder not ours.

    The manifest itself has none.
    """
    listed = read_manifest(site)
    return {**listed, MANIFEST: ""} if listed else stamped()


def look_through(site: Path, listed: Collection[str]) -> Contents:
    """Tell what of a folder is ours: plain files that are listed. Nothing of theirs is entered."""
    folders = {parent.as_posix() for path in listed for parent in Path(path).parents}
    ours: list[str] = []
    theirs: list[str] = []
    waiting = [""] if site.is_dir() else []
    while waiting:
        prefix = waiting.pop()
        with os.scandir(os.path.join(site, prefix)) as entries:  # noqa: PTH118 - a text below it
            for entry in entries:
                path = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    (waiting if path in folders else theirs).append(f"{path}/")
                elif path in listed and entry.is_file(follow_symlinks=False):
                    ours.append(path)
                else:
                    theirs.append(path)
    return Contents(frozenset(ours), tuple(sorted(theirs)))


def theirs_in(site: Path, stamped: Stamped) -> tuple[str, ...]:
    """Return what of a site's folder is not ours."""
    return look_through(site, listed_in(site, stamped)).theirs


def kept_aside(site: Path) -> list[str]:
    """Return where things are kept that were somebody's and stood where a file of ours goes."""
    place = Path(os.path.realpath(site)).parent
    return [str(path) for path in sorted(place.glob(f"{KEPT_ASIDE}*")) if path.is_dir()]


def edited_pages(site: Path, listed: Mapping[str, str], paths: Collection[str]) -> list[str]:
    """Return which of some files of ours are not as they were published any more, sorted.

    Only those are read that are newer than the manifest, which is written last.
    """
    try:
        published = (site / MANIFEST).stat().st_mtime_ns
    except OSError:
        published = 0
    return sorted(
        path
        for path in paths
        if listed[path]
        and (site / path).stat().st_mtime_ns > published
        and sha256_file(site / path) != listed[path]
    )


def refuse_unmovable(site: Path, theirs: Collection[str]) -> None:
    """Raise UserError for what this user may not move, before anything is moved.

    A read-only folder of this user's is no hindrance: it holds no takedown up.
    """
    for name in theirs:
        path = site / name
        folders = [path.parent, path] if name.endswith("/") else [path.parent]
        if path.is_mount() or any(_is_closed(f) and not _is_own(f) for f in folders):
            raise UserError(
                f"{path} is not ours and cannot be moved by this user, but the site's folder is "
                "exchanged as a whole; make it writable, or move it out of the site"
            )


def carry_over(old: Path, site: Path, listed: Mapping[str, str]) -> None:
    """Move what is theirs from an old folder of the site to the new one; then delete ours there.

    Where the new site has something else, theirs goes to the folder KEPT_ASIDE beside the site. So
    do the pages of a site of ours that nothing lists any more: they may hold what was removed.
    """
    _open(old)
    found = look_through(old, listed)
    for folder in sorted({(old / path).parent for path in (*found.ours, *found.theirs)}):
        _open(folder)
    stale = top_names() if not listed and _is_site(old) else set()
    carried = _Carried(old, site)
    # The index goes last: by it a site of ours is told if this is killed.
    for path in sorted(found.theirs, key=lambda path: path == f"{_INDEX}/"):
        carried.carry(path.rstrip("/"), aside=path.rstrip("/") in stale)
    for folder in carried.folders:
        sync(folder)
    for path in found.ours:
        (old / path).unlink(missing_ok=True)
    for parent, _, _ in os.walk(old, topdown=False):
        with suppress(OSError):  # something came into it just now: the next run carries that
            Path(parent).rmdir()


def _is_site(folder: Path) -> bool:
    """Tell a site of ours by its index, which lay in `search` itself before format 2."""
    index = folder / _INDEX
    return any(index.glob("*/directory.js")) or any(index.glob("directory-*.js"))


class _Carried:
    """Moving things from one folder into another that must lose nothing of its own."""

    def __init__(self, old: Path, site: Path) -> None:
        self._old = old
        self._site = site
        self.folders: set[Path] = set()  # into which something was moved

    def carry(self, path: str, *, aside: bool) -> None:
        """Move one thing, a folder's contents one by one where the site has that folder too."""
        source, target = self._old / path, self._site / path
        mode = _open(source) if _is_folder(source) else None
        if _is_folder(source) and _is_folder(target):
            for name in sorted(child.name for child in source.iterdir()):
                self.carry(f"{path}/{name}", aside=aside)
            source.rmdir()
            mode = None  # the folder is ours by now
        elif _is_same(source, target):
            source.unlink()
        elif aside or os.path.lexists(target) or not self._make(target.parent):
            target = keep_aside(
                source, self._site.with_name(KEPT_ASIDE), f"{self._site.name}/{path}"
            )
        else:
            source.rename(target)
            self.folders.add(target.parent)
        if mode is not None:
            target.chmod(mode)

    def _make(self, folder: Path) -> bool:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            return False
        return True


def _is_closed(folder: Path) -> bool:
    return not os.access(folder, os.W_OK | os.X_OK)


def _is_own(folder: Path) -> bool:
    return folder.stat().st_uid == os.geteuid()


def _open(folder: Path) -> int | None:
    """Make a read-only folder of this user's writable; return its mode, None where nothing is done.

    What is in a folder cannot be renamed otherwise, nor can a folder into another one.
    """
    if not _is_closed(folder) or not _is_own(folder):
        return None
    mode = stat.S_IMODE(folder.stat().st_mode)
    folder.chmod(mode | stat.S_IRWXU)
    return mode


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _is_same(one: Path, other: Path) -> bool:
    """Tell whether two names are one plain file, so that one of them says enough."""
    try:
        first, second = one.lstat(), other.lstat()
    except OSError:
        return False
    return stat.S_ISREG(first.st_mode) and os.path.samestat(first, second)
