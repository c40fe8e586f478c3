"""Publishing a site as a zip: one file that takes the place of the old one in one step.

The same site is the same bytes: entries by their path, all of one date. Not here: what a target is
(`sending`).
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.base.files import atomic, sweep_beside
from laion_assets.core.publish.changes import MOST_LISTED, Changes, There, there_of
from laion_assets.core.publish.manifest import MANIFEST
from laion_assets.core.publish.outgoing import Outgoing
from laion_assets.core.publish.to_store import Sent

_DATE = (1980, 1, 1, 0, 0, 0)  # the first that the format knows
_UNIX, _PLAIN = 3, 0o100644 << 16  # as if made there: a plain file that everybody may read
_LEVEL = 6
_PACKED = (".parquet", ".png", ".woff2")  # hold little that packs


class ToZip:
    """A target that is a zip file."""

    def __init__(self, file: Path, build_dir: Path) -> None:
        self._file = Path(os.path.realpath(file))
        self._named = file
        if Path(os.path.realpath(build_dir)) in self._file.parents:
            raise BadUsage(f"{file} lies in the build directory; name a place elsewhere")

    def look(self) -> There:
        """Return what an earlier publish put there; nothing of a zip of which a part is missing."""
        if not os.path.lexists(self._file):
            return There()
        with self._opened() as archive:
            there = there_of(_read_manifest(archive))
            if not there.listed:
                raise UserError(
                    f"{self._named}: a zip that is no site of ours; move it away or name another"
                )
            names = set(archive.namelist())
            return there if names >= there.ours else There({MANIFEST: ""})

    def occupied(self, _paths: Collection[str]) -> set[str]:
        """Return nothing: a zip that is not ours is refused as a whole."""
        return set()

    def send(self, outgoing: Outgoing, changes: Changes, sent: Sent) -> None:
        """Write the zip beside the old one, with what that holds besides, and take its place."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        sweep_beside(self._file)
        wanted = set(changes.send)
        with atomic(self._file) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            for path in sorted(outgoing.digests):
                content = outgoing.content(path)
                with archive.open(_entry(path, outgoing.sizes[path]), "w") as target:
                    if isinstance(content, bytes):
                        target.write(content)
                    else:
                        with content.open("rb") as source:
                            shutil.copyfileobj(source, target)
                if path in wanted:
                    sent(path)
            if self._file.exists():
                self._carry_over(archive, outgoing.digests, changes.there.ours)

    def _carry_over(
        self, archive: zipfile.ZipFile, files: Mapping[str, str], ours: Collection[str]
    ) -> None:
        """Copy what somebody put into the old zip."""
        with self._opened() as old:
            theirs = {
                info.filename: info
                for info in old.infolist()
                if info.filename not in ours and info.filename not in files
            }
            for name in sorted(theirs):
                with old.open(name) as source, archive.open(theirs[name], "w") as target:
                    shutil.copyfileobj(source, target)

    @contextmanager
    def _opened(self) -> Iterator[zipfile.ZipFile]:
        try:
            with zipfile.ZipFile(self._file) as archive:
                yield archive
        except (zipfile.BadZipFile, IsADirectoryError) as error:
            raise UserError(f"{self._named}: no zip; move it away or name another") from error


def _entry(path: str, size: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, _DATE)
    entry.create_system, entry.external_attr = _UNIX, _PLAIN
    entry.file_size = size  # by which it is told whether 64-bit sizes are needed
    packed = path.endswith(_PACKED)
    entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    entry._compresslevel = _LEVEL  # type: ignore[attr-defined]  # noqa: SLF001 - public since 3.13
    return entry


def _read_manifest(archive: zipfile.ZipFile) -> bytes | None:
    try:
        if archive.getinfo(MANIFEST).file_size > MOST_LISTED:
            return None
        return archive.read(MANIFEST)
    except (KeyError, NotImplementedError, RuntimeError, EOFError):
        return None
