"""The source files of one build directory: which there are, which changed, which are set aside.

Lives here: finding them once, recognising them, notes about those that cannot be read, deleting
what was made from those that vanished. Not here: how files are found (`core.sources.finding`), what
of theirs is stale (`plan`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from laion_assets.core.base.errors import ChangedSourceFile, UserError
from laion_assets.core.base.files import sha256_file, sha256_unless_known, write_json
from laion_assets.core.base.records import read_json
from laion_assets.core.build.graph import READING
from laion_assets.core.build.paths import NAMES, STAMP, Paths
from laion_assets.core.build.stamps import Stamps
from laion_assets.core.reading.description import read_description
from laion_assets.core.sources.datasets import Dataset
from laion_assets.core.sources.finding import SourceFile, Surroundings, find_sources
from laion_assets.core.sources.left_out import LeftOut
from laion_assets.core.sources.own_work import OwnWork
from laion_assets.core.sources.twins import Contents

#: Name of the input by which images depend on the removal list.
REMOVED = "removed"
#: How often tables that change are read, before whoever asked is told to wait.
_READINGS = 5
Result = TypeVar("Result")


@dataclass(frozen=True)
class Fingerprint:
    """How a source file is recognised: size and modification time, backed by a sha256."""

    size: int
    mtime_ns: int
    sha256: str

    def is_of(self, stat: os.stat_result) -> bool:
        """Tell whether a file has this size and time."""
        return (self.size, self.mtime_ns) == (stat.st_size, stat.st_mtime_ns)


@dataclass(frozen=True)
class ErrorNote:
    """Why a file is set aside; without a fingerprint it could not be fetched.

    A file that `raw_parquet` or `images` cannot read keeps the rows that were read of it before;
    one that a later step cannot handle takes no part in what is merged.
    """

    fingerprint: Fingerprint | None
    error: str
    inputs: dict[str, str] = field(default_factory=dict)  # what the step depends on besides
    step: str = READING[0]

    @property
    def keeps_rows(self) -> bool:
        """Tell whether rows that were read before stay."""
        return self.step in READING


@dataclass
class SourceSet:
    """Every source file of a dataset, as `named` on the command line or as the dataset says.

    With `rehash`, files are recognised by their content and hosts are asked again. `left_out` is
    known once they were looked up.
    """

    paths: Paths
    stamps: Stamps
    dataset: Dataset
    named: tuple[str, ...]
    rehash: bool = False
    follow_links: bool = False
    otherwise: Mapping[str, str] = field(default_factory=dict)  # path of no source -> its setting
    left_out: LeftOut = field(default_factory=LeftOut)
    _found: list[SourceFile] | None = field(default=None, repr=False)
    _listed: bool = False  # hosts were asked again already

    @cached_property
    def _contents(self) -> Contents:
        return Contents(self.paths.contents, again=self.rehash)

    def all(self) -> list[SourceFile]:
        """Every source file, sorted by key; looked up once."""
        if self._found is None:
            root = Path(os.path.realpath(self.paths.root))
            otherwise = {os.path.realpath(path): name for path, name in self.otherwise.items()}
            self.left_out.clear()
            self._found = find_sources(
                self.dataset,
                self.named,
                Surroundings(
                    self.paths.raw / self.dataset.name,
                    OwnWork(root, NAMES, otherwise),
                    self._contents,
                ),
                list_again=self.rehash and not self._listed,
                follow_links=self.follow_links,
                left_out=self.left_out,
            )
            self._listed = True
        return self._found

    def take(self, source: SourceFile) -> None:
        """Take one file as all there is: whoever makes something of it alone was told of it."""
        self._found = [source]

    def look_again(self) -> None:
        """Find the source files anew: what was fetched may be what another file is already."""
        self._found = None

    def remember(self) -> None:
        """Save what was read of files to compare them; only under the lock."""
        if self._found is not None:
            self._contents.save()

    def find(self, key: str) -> SourceFile:
        """Return the source file of a partition key; UserError when it is gone."""
        for source in self.all():
            if source.key == key:
                return source
        raise UserError(f"{key}: no such source file any more; run `laion-assets build`")

    def fingerprint(self, source: SourceFile) -> Fingerprint | None:
        """Recognise a source file; None when it does not exist (a sample file not made yet).

        The sha256 is taken from the stamp or error note when size and time agree and no rehash is
        asked for, computed otherwise.
        """
        if self._was_let_go(source):
            return self._described(source.key)
        if source.remote is not None:
            from laion_assets.core.sources.download import is_current  # an http client: 0.5 s

            if not is_current(source.remote, source.path):
                return None
        try:
            stat = source.path.stat()
        except FileNotFoundError:
            return None
        for known in () if self.rehash else self._known_fingerprints(source.key):
            if known.is_of(stat):
                return known
        return Fingerprint(stat.st_size, stat.st_mtime_ns, sha256_unless_known(source.path))

    def let_go(self, key: str) -> None:
        """Delete a download, or a generated file, that rows were taken out of: it holds them still.

        It is brought again when it has to be read again. The user's own files stay.
        """
        source = next((source for source in self.all() if source.key == key), None)
        if source is not None and source.is_ours:
            source.path.unlink(missing_ok=True)
        self._delete_downloads(key)

    def _delete_downloads(self, key: str, *, by_name: bool = False) -> None:
        """Delete every download of the content, or the name, that the rows of a key are of."""
        try:
            description = read_description(self.paths.description(key))
        except (OSError, UserError):
            return
        names = [f"/{description.file}{ending}" for ending in ("", ".part", ".part.json")]
        for path in sorted(path for path in self.paths.raw.rglob("*") if path.is_file()):
            same_size = path.stat().st_size == description.bytes
            named = by_name and any(path.as_posix().endswith(name) for name in names)
            if named or (same_size and sha256_file(path) == description.sha256):
                path.unlink()

    def _was_let_go(self, source: SourceFile) -> bool:
        """Tell whether a file of ours is away because it held removed rows, and is not outdated."""
        if not source.is_ours or source.path.exists():
            return False
        stamp = self.stamps.read("images", source.key)
        if stamp is None or REMOVED not in stamp.inputs:
            return False
        if source.remote is None:
            return True
        from laion_assets.core.sources.download import was_fetched  # an http client: 0.5 s

        return was_fetched(source.remote, source.path)

    def require_described(self, source: SourceFile) -> Fingerprint:
        """Return a file's fingerprint; ChangedSourceFile when it is not the one described."""
        found, described = self.fingerprint(source), self._described(source.key)
        if found is None or described is None or found.sha256 != described.sha256:
            raise ChangedSourceFile("changed since it was looked at; build again")
        return found

    @staticmethod
    def require_unchanged(source: SourceFile, before: Fingerprint) -> None:
        """Raise ChangedSourceFile when a file is no longer what it was."""
        try:
            unchanged = before.is_of(source.path.stat())
        except FileNotFoundError:
            unchanged = False
        if not unchanged:
            raise ChangedSourceFile("changed while it was read; build again")

    def _described(self, key: str) -> Fingerprint | None:
        stamp = self.stamps.read("raw_parquet", key)
        return Fingerprint(**stamp.counts["fingerprint"]) if stamp else None

    def _known_fingerprints(self, key: str) -> list[Fingerprint]:
        """Return what was recorded for a key, when it was described and when it was set aside."""
        note = self.error_note(key)
        known = (self._described(key), note.fingerprint if note else None)
        return [fingerprint for fingerprint in known if fingerprint is not None]

    # -- files set aside ---------------------------------------------------------------------

    def error_note(self, key: str) -> ErrorNote | None:
        """Return what was noted when this file was set aside; None when it was not."""
        return read_json(self.paths.error(key), ErrorNote)

    def set_aside(self, key: str, note: ErrorNote) -> None:
        """Note that a file cannot be read, so that it is not tried again until something changes.

        Without a fingerprint (it could not be fetched) the next build tries again.
        """
        write_json(self.paths.error(key), asdict(note))

    def clear_error(self, key: str, step: str | None = None) -> None:
        """Forget that a file was set aside: by that step, or what `images` proves readable."""
        note = self.error_note(key) if step else None
        passed = READING if step == "images" else (step,)
        if note is None or note.step in passed:
            self.paths.error(key).unlink(missing_ok=True)

    # -- what was made of them ---------------------------------------------------------------

    def usable_keys(self) -> list[str]:
        """Keys whose rows take part in the merge: an images table that later steps can handle."""
        return [s.key for s in self.all() if self._is_usable(s.key)]

    def _is_usable(self, key: str) -> bool:
        note = self.error_note(key)
        return (note is None or note.keeps_rows) and self.has_rows(key)

    def has_rows(self, key: str) -> bool:
        """Tell whether a file's images table is there and vouched for."""
        return self.stamps.read("images", key) is not None

    def built_keys(self) -> list[str]:
        """Keys of every images table that is there, sorted; their source files need not be."""
        return sorted(path.stem for path in (self.paths.tables / "images").glob("*.parquet"))

    def images(self) -> list[Path]:
        """Every images table that is there, sorted; their source files need not be."""
        return [self.paths.table("images", key) for key in self.built_keys() if self.has_rows(key)]

    def read_settled(self, read: Callable[[Sequence[Path]], Result]) -> Result:
        """Return what `read` makes of every images table, read while none of them changed.

        A build may replace and delete tables meanwhile; then they are read again. Raises UserError
        when it goes on doing so.
        """
        for _ in range(_READINGS):
            before = self._seen()
            try:
                result = read(list(before))
            except (OSError, pa.ArrowException, duckdb.Error):
                if self._seen() == before:
                    raise
            else:
                if self._seen() == before:
                    return result
        raise UserError("a build changes the tables while they are read; ask again when it is done")

    def _seen(self) -> dict[Path, tuple[int, int, int]]:
        found = {}
        for path in self.images():
            with suppress(FileNotFoundError):
                stat = path.stat()
                found[path] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        return found

    def vanished(self) -> list[str]:
        """Return the keys of what was made, or set aside, and has no source file any more."""
        present = {source.key for source in self.all()}
        made = {path.name.removesuffix(STAMP) for path in self.paths.raw.glob(f"*{STAMP}")}
        aside = {p.name.removesuffix(".error.json") for p in self.paths.raw.glob("*.error.json")}
        return sorted((made | aside | set(self.built_keys())) - present)

    def forget_vanished(self) -> list[str]:
        """Delete everything made from files that are no longer among the sources."""
        gone = self.vanished()
        for key in gone:
            for path in self.paths.made_of_file(key):
                path.unlink(missing_ok=True)
            self.clear_error(key)
        return gone


@dataclass
class BuiltSources(SourceSet):
    """The source files that rows were read from, whether they are still there or not.

    For a takedown, which waits for none of them.
    """

    def all(self) -> list[SourceFile]:
        """Every file with an images table, sorted by key; what it was called is remembered."""
        if self._found is None:
            keys = self.built_keys()
            self._found = [SourceFile(key, self.paths.raw, self._called(key)) for key in keys]
        return self._found

    def _called(self, key: str) -> str:
        try:
            return read_description(self.paths.description(key)).file
        except (OSError, UserError):
            return key

    def let_go(self, key: str) -> None:
        """Delete the download, or the generated file, that the rows of a key were read from.

        Where it lies is no longer known, so it is told by its content.
        """
        self._delete_downloads(key, by_name=True)

    def remember(self) -> None:
        """Nothing: no source file is compared."""

    def fingerprint(self, _: SourceFile) -> Fingerprint | None:
        """Nothing: no source file is looked at."""
        return None

    def vanished(self) -> list[str]:
        """No key: what is built is all there is."""
        return []
