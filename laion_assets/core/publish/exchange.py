"""Publishing: pages and index files become `site/`, whole at every moment.

Lives here: staging the new site beside the old one, keeping what did not change, exchanging them,
and finishing what a kill left of that. Not here: what the pages say (`core.site`), what in a site's
folder is not ours (`theirs`).
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from laion_assets.core.base.budget import most_files
from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import (
    exchange_directories,
    has_content,
    link_or_copy,
    name_meanwhile,
    sha256_bytes,
    sha256_unless_known,
    sweep_beside,
    temporary_beside,
)
from laion_assets.core.base.progress import Progress, silent
from laion_assets.core.publish.manifest import MANIFEST, manifest_of, read_manifest
from laion_assets.core.publish.theirs import (
    Stamped,
    carry_over,
    edited_pages,
    listed_in,
    look_through,
    refuse_unmovable,
)
from laion_assets.core.site.inputs import Page

_NOTED = 20  # names that a stamp holds


@dataclass(frozen=True)
class Published:
    """What publishing did, in files."""

    files: Mapping[str, tuple[str, int]]  # path below the site: sha256, bytes; manifest included
    written: int
    unchanged: int
    removed: int
    edited: tuple[str, ...] = ()  # pages that somebody had changed

    @property
    def counts(self) -> dict[str, Any]:
        """What the stamp of a site reports."""
        return {
            "files": len(self.files),
            "written": self.written,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "bytes": sum(size for _, size in self.files.values()),
            "edited": list(self.edited[:_NOTED]),
        }


def publish_site(
    site: Path,
    pages: Iterable[Page],
    index: Path,
    index_files: Mapping[str, tuple[str, int]],
    max_files: int,
    progress: Progress = silent,
    stamped: Stamped = dict,
) -> Published:
    """Put pages, index files (below `search/`) and a manifest at `site`; only under the lock.

    The new site is staged beside the old; files whose bytes are the same (compared, for a disk may
    have changed them) are hard links to the old ones, so they keep their modification time. When
    nothing changed at all the old site stays. What is not ours there (`theirs`) is there
    afterwards. Raises UserError when the site would have more than `max_files` files, or when a
    file of the index is not the one that was made.
    """

    def fill(stage: _Stage) -> None:
        for page in pages:
            stage.put(page)
            progress("pages", len(stage.files), 0)
        for done, (name, (digest, size)) in enumerate(sorted(index_files.items()), start=1):
            stage.take(f"search/{name}", index / name, digest, size, link_or_copy)
            progress("index files", done, len(index_files))
        stage.put(Page(MANIFEST, manifest_of(stage.files)))
        if len(stage.files) > most_files(max_files):
            raise UserError(
                f"the site would have {len(stage.files):,} files, "
                f"more than --max-files {max_files:,}"
            )

    return _staged(site, fill, stamped)


def publish_copy(
    folder: Path, files: Iterable[tuple[str, Path, str, int]], pages: Iterable[Page]
) -> Published:
    """Put copies of files (path below it, where it lies, sha256, bytes) and some pages at `folder`.

    As `publish_site` does it: staged beside it, unchanged files kept, exchanged in one step, theirs
    carried over. Only while nobody else publishes there. Raises UserError for a file that is not
    what its digest says.
    """

    def fill(stage: _Stage) -> None:
        for path, source, digest, size in files:
            stage.take(path, source, digest, size, shutil.copy2)
        for page in pages:
            stage.put(page)

    return _staged(folder, fill, dict)


def _staged(site: Path, fill: Callable[[_Stage], None], stamped: Stamped) -> Published:
    """Stage what `fill` puts there, and exchange it for what is at `site`."""
    settle_site(site, stamped)
    site = _real_place(site)
    listed = listed_in(site, stamped)
    staging = temporary_beside(site)
    staging.mkdir(parents=True)
    try:
        stage = _Stage(site, staging)
        fill(stage)
        found = look_through(site, listed)
        removed = found.ours - stage.files.keys()
        edited = edited_pages(site, listed, found.ours - stage.kept)
        if stage.written or removed:
            refuse_unmovable(site, found.theirs)
            _exchange(staging, site, stamped)
        counts = (stage.written, len(stage.kept), len(removed))
        return Published(stage.files, *counts, tuple(edited))
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _exchange(staging: Path, site: Path, stamped: Stamped) -> None:
    """Put the staged site in its place, and in it what people had in the old one.

    From the moment on that the folder may hold something of theirs, its name says so: what begins
    with TEMPORARY_PREFIX is deleted after a kill.
    """
    if site.is_dir():  # who may read it is the user's to say
        staging.chmod(stat.S_IMODE(site.stat().st_mode) | stat.S_IRWXU)
    os.sync()
    staging.rename(_before(site))
    try:
        exchange_directories(_before(site), site, flushed=True)
    finally:
        settle_site(site, stamped)


def settle_site(site: Path, stamped: Stamped) -> None:
    """Finish an exchange of folders, killed at whatever moment; only under the lock.

    What was staged by then goes: it may lie outside the build directory, and hold what is removed.
    """
    site = _real_place(site)
    sweep_beside(site)
    before = _before(site)
    leftovers = [path for path in (name_meanwhile(before), before) if path.is_dir()]
    for leftover in leftovers:
        if read_manifest(leftover) and not os.path.lexists(site):  # between two renames
            leftover.rename(site)
        elif leftover.is_dir():
            site.mkdir(exist_ok=True)
            carry_over(leftover, site, listed_in(leftover, stamped))


def _before(site: Path) -> Path:
    """Return where the old site is while what is not ours is carried over from it."""
    return site.with_name(f".{site.name}-before")


def _real_place(site: Path) -> Path:
    """Return where the site's folder is, which may be a link to another place.

    Raises UserError where something else is in its place.
    """
    place = Path(os.path.realpath(site))
    if os.path.lexists(site) and not site.is_dir():
        what = "a link that leads to no folder" if site.is_symlink() else "no folder"
        raise UserError(f"{site} is {what}; move it away and run it again")
    return place


class _Stage:
    """The site being staged."""

    def __init__(self, site: Path, staging: Path) -> None:
        self._site = site
        self._staging = staging
        self._folders: set[Path] = set()
        self._plain: dict[Path, bool] = {site: True}
        self.files: dict[str, tuple[str, int]] = {}
        self.kept: set[str] = set()
        self.written = 0

    def put(self, page: Page) -> None:
        """Stage one page from its bytes."""
        digest = sha256_bytes(page.content)
        target = self._claim(page.path, digest, len(page.content))
        old = self._old(page.path)
        if old is not None and has_content(old, page.content):
            self._keep(page.path, old, target)
        else:
            target.write_bytes(page.content)
            self.written += 1

    def take(
        self,
        path: str,
        source: Path,
        digest: str,
        size: int,
        place: Callable[[Path, Path], object],
    ) -> None:
        """Stage a file that lies elsewhere, by linking or copying it."""
        target = self._claim(path, digest, size)
        old = self._old(path)
        if old is not None and _same_file(old, source):
            self._keep(path, old, target)
            return
        if _digest(source) != digest:
            raise UserError(
                f"{source}: not the file that was made there; run `laion-assets build --rehash`"
            )
        if old is not None and _digest(old) == digest:
            self._keep(path, old, target)
        else:
            place(source, target)
            self.written += 1

    def _old(self, path: str) -> Path | None:
        """Return the file of the old site at a path; None where that is a link or anything else."""
        old = self._site / path
        try:
            plain = self._is_plain(old.parent) and stat.S_ISREG(old.lstat().st_mode)
        except OSError:
            return None
        return old if plain else None

    def _is_plain(self, folder: Path) -> bool:
        if folder not in self._plain:
            plain = stat.S_ISDIR(folder.lstat().st_mode)
            self._plain[folder] = plain and self._is_plain(folder.parent)
        return self._plain[folder]

    def _keep(self, path: str, old: Path, target: Path) -> None:
        link_or_copy(old, target)
        self.kept.add(path)

    def _claim(self, path: str, digest: str, size: int) -> Path:
        if path in self.files:
            raise ValueError(f"two pages want to be {path}")
        self.files[path] = (digest, size)
        target = self._staging / path
        if target.parent not in self._folders:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(target.parent)
        return target


def _same_file(one: Path, other: Path) -> bool:
    """Tell whether two paths are hard links to one file."""
    try:
        return one.samefile(other) and one.is_file()
    except OSError:
        return False


def _digest(path: Path) -> str | None:
    """Return the digest of a file; None when it is no file that can be read."""
    try:
        return sha256_unless_known(path)
    except OSError:
        return None
