"""What this program wrote, wherever it lies: never a source.

Lives here: the marker of a build directory, telling what in a folder is ours, copies of a published
site. Not here: where things lie in a build directory (`core.build.paths`), the mark of a single
table (`core.base.marks`).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: Lies in every build directory; its first line is what it is recognised by.
MARKER = "laion-assets.tag"
_SIGNATURE = b"Signature: laion-assets-build-directory-54f0b1e2\n"
MARKER_CONTENT = (
    _SIGNATURE
    + b"# laion-assets made what is beside this file, your own files aside. It tells by this file\n"
    b"# that none of it is a source. Leave it here.\n"
)
#: How a removal list begins (`core.cleaning.removal_list`); a copy of one may lie anywhere.
OWN_LISTS = (b"kind,hmac_sha256\n", b"kind,sha256\n")
_SETTINGS, _TABLES = "build.toml", "tables"  # what a directory of a version without markers has
_FIRST_SETTING = b"dataset = "
_MANIFEST = "manifest.json"
_MANIFEST_BEGINS = re.compile(rb'\{\n"files": \{\n"[^"\n]{1,200}": "[0-9a-f]{64}"')
_LARGEST_MANIFEST = 64 << 20
_WHAT = "is a build directory of laion-assets; what it made there is never a source"


@dataclass(frozen=True)
class OwnWork:
    """How this program's work is told: the build directory at hand, and what any of them holds.

    `root` is absolute, without links; `names` are those of the files and folders in one.
    `otherwise` has what a setting names as something else, by its path without links.
    """

    root: Path
    names: frozenset[str]
    otherwise: Mapping[str, str] = field(default_factory=dict)

    def names_in(self, folder: Path, names: Collection[str]) -> frozenset[str]:
        """Return which of the names in a folder are ours: none unless it is a build directory."""
        ours = self.names.intersection(names)
        return ours if ours and self._is_build_directory(folder, names) else frozenset()

    def around(self, path: Path) -> Path | None:
        """Return the build directory in which a path is something of ours; None when it is not."""
        real = Path(os.path.realpath(path))
        for inside, folder in zip((real, *real.parents), real.parents, strict=False):
            if inside.name in self.names and self._is_build_directory(folder, _names(folder)):
                return folder
        return None

    def _is_build_directory(self, folder: Path, names: Collection[str]) -> bool:
        if Path(os.path.realpath(folder)) == self.root:
            return True
        if MARKER in names and _begins(folder / MARKER, _SIGNATURE):
            return True
        older = _SETTINGS in names and _TABLES in names
        return older and _begins(folder / _SETTINGS, _FIRST_SETTING)


def said_of(ours: Collection[str]) -> str:
    """Say what becomes of a folder in which some names are ours."""
    folders = ", ".join(sorted(name for name in ours if "." not in name))
    return f"{_WHAT} ({folders})" if folders else _WHAT


def published_in(folder: Path, names: Collection[str]) -> frozenset[str]:
    """Return the paths, below a folder, of the files of a site that was published or copied there.

    The site's manifest lists them; what else lies beside them is somebody's own.
    """
    if _MANIFEST not in names:
        return frozenset()
    path = folder / _MANIFEST
    try:
        with path.open("rb") as stream:
            head = stream.read(512)
            if not _MANIFEST_BEGINS.match(head):
                return frozenset()
            files = json.loads(head + stream.read(_LARGEST_MANIFEST))["files"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return frozenset()
    if not isinstance(files, dict):
        return frozenset()
    return frozenset((*(name for name in files if not name.startswith("/")), _MANIFEST))


def published_around(path: Path) -> frozenset[str]:
    """Return the paths of the files of every published site in which a path lies."""
    return frozenset(
        str(folder / name) for folder in path.parents for name in published_in(folder, {_MANIFEST})
    )


def _names(folder: Path) -> Collection[str]:
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries)
    except OSError:
        return frozenset()


def _begins(path: Path, content: bytes) -> bool:
    """Tell whether a plain file begins so."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            return stream.read(len(content)) == content
    except OSError:
        return False
