"""Publishing: pages and index files become `site/`, whole at every moment.

Lives here: staging the new site beside the old one, keeping what did not change, the manifest, and
verifying a published site against it. Not here: what the pages say (`core.site`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import (
    exchange_directories,
    has_content,
    link_or_copy,
    sha256_bytes,
    sha256_unless_known,
    temporary_beside,
)
from laion_assets.core.base.progress import Progress, silent
from laion_assets.core.publish.manifest import MANIFEST, manifest_of, read_manifest
from laion_assets.core.site.inputs import Page


@dataclass(frozen=True)
class Published:
    """What publishing did, in files."""

    files: Mapping[str, tuple[str, int]]  # path below the site: sha256, bytes; manifest included
    written: int
    unchanged: int
    removed: int

    @property
    def counts(self) -> dict[str, int]:
        """What the stamp of a site reports."""
        return {
            "files": len(self.files),
            "written": self.written,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "bytes": sum(size for _, size in self.files.values()),
        }


def publish_site(
    site: Path,
    pages: Iterable[Page],
    index: Path,
    index_files: Mapping[str, tuple[str, int]],
    max_files: int,
    progress: Progress = silent,
) -> Published:
    """Put pages, index files (below `search/`) and a manifest at `site`.

    The new site is staged beside the old; files whose bytes are the same (compared, for a disk may
    have changed them) are hard links to the old ones, so they keep their modification time. When
    nothing changed at all the old site stays. Raises UserError when the site would have more than
    `max_files` files, or when a file of the index is not the one that was made.
    """
    before = read_manifest(site)
    staging = temporary_beside(site)
    staging.mkdir(parents=True)
    try:
        stage = _Stage(site, staging)
        for page in pages:
            stage.put(page)
            progress("pages", len(stage.files), 0)
        for done, (name, (digest, size)) in enumerate(sorted(index_files.items()), start=1):
            stage.link(f"search/{name}", index / name, digest, size)
            progress("index files", done, len(index_files))
        stage.put(Page(MANIFEST, manifest_of(stage.files)))
        if len(stage.files) > max_files:
            raise UserError(
                f"the site would have {len(stage.files):,} files, "
                f"more than --max-files {max_files:,}"
            )
        removed = len(before.keys() - stage.files.keys())
        if stage.written or removed:
            exchange_directories(staging, site)
        return Published(stage.files, stage.written, stage.unchanged, removed)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


class _Stage:
    """The site being staged."""

    def __init__(self, site: Path, staging: Path) -> None:
        self._site = site
        self._staging = staging
        self._folders: set[Path] = set()
        self.files: dict[str, tuple[str, int]] = {}
        self.written = 0
        self.unchanged = 0

    def put(self, page: Page) -> None:
        """Stage one page from its bytes."""
        digest = sha256_bytes(page.content)
        target = self._claim(page.path, digest, len(page.content))
        old = self._site / page.path
        if has_content(old, page.content):
            self._keep(old, target)
        else:
            target.write_bytes(page.content)
            self.written += 1

    def link(self, path: str, source: Path, digest: str, size: int) -> None:
        """Stage a file that lies elsewhere in the build directory."""
        target = self._claim(path, digest, size)
        old = self._site / path
        if _same_file(old, source):
            self._keep(old, target)
            return
        if _digest(source) != digest:
            raise UserError(
                f"{source}: not the file that was made there; run `laion-assets build --rehash`"
            )
        if _digest(old) == digest:
            self._keep(old, target)
        else:
            link_or_copy(source, target)
            self.written += 1

    def _keep(self, old: Path, target: Path) -> None:
        link_or_copy(old, target)
        self.unchanged += 1

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
