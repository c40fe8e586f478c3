"""A build directory: where everything made lies, and what it is made from.

Lives here: paths, the saved settings, the lock, stamps of assets, files set aside as unreadable.
Not here: what is stale (`plan`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import filelock

from laion_assets.core import stamps
from laion_assets.core.datasets import Dataset, load_dataset
from laion_assets.core.errors import UserError
from laion_assets.core.files import sha256_file, sweep, write_json
from laion_assets.core.graph import PER_FILE, code_version
from laion_assets.core.list_files import ListFiles
from laion_assets.core.removal import Hits, Removal, find_hits, load_removal
from laion_assets.core.settings import Settings
from laion_assets.core.sources import SourceFile, find_sources

#: Called with a label, the units done and the units in all (0 when unknown).
Progress = Callable[[str, int, int], None]


def silent(_label: str, _done: int, _total: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Fingerprint:
    """How a source file is recognised: size and modification time, backed by a sha256."""

    size: int
    mtime_ns: int
    sha256: str


@dataclass
class Workspace:
    """One build directory with its settings; every path an asset uses comes from here."""

    root: Path
    settings: Settings
    progress: Progress = silent
    rehash: bool = False
    _sources: list[SourceFile] | None = field(default=None, repr=False)

    @cached_property
    def dataset(self) -> Dataset:
        """The dataset the settings name."""
        return load_dataset(self.settings.dataset)

    # -- paths -------------------------------------------------------------------------------

    @property
    def raw_folder(self) -> Path:
        """Downloads, generated files, and a description of each source file."""
        return self.root / "raw"

    @property
    def tables(self) -> Path:
        """Every parquet table."""
        return self.root / "tables"

    @property
    def site(self) -> Path:
        """The published site."""
        return self.root / "site"

    @property
    def temporary(self) -> Path:
        """Where DuckDB spills and large intermediate files go."""
        return self.root / ".tmp-work"

    def raw_description(self, key: str) -> Path:
        """What is known of a source file: its columns, mapping, rows, digest."""
        return self.raw_folder / f"{key}.json"

    def table(self, name: str, key: str | None = None) -> Path:
        """Return the parquet file of a merged table, or of one source file's part of a table."""
        return self.tables / (f"{name}.parquet" if key is None else f"{name}/{key}.parquet")

    def segment(self, key: str, part: str) -> Path:
        """Return a part (docs or terms) of a source file's index segment."""
        return self.root / "index" / "segments" / f"{key}.{part}.parquet"

    @property
    def search(self) -> Path:
        """The merged search index as published under search/."""
        return self.root / "index" / "search"

    def stamp_path(self, asset: str, key: str | None = None) -> Path:
        """Return where an asset's stamp lies: beside its output."""
        if asset == "raw_parquet":
            return self.raw_folder / f"{key}.stamp.json"
        if asset == "index_segment":
            return self.root / "index" / "segments" / f"{key}.stamp.json"
        if asset == "search_index":
            return self.root / "index" / "search.stamp.json"
        if asset == "site":
            return self.root / "site.stamp.json"
        return self.table(asset, key).with_suffix(".stamp.json")

    # -- sources -----------------------------------------------------------------------------

    def sources(self) -> list[SourceFile]:
        """Every source file, sorted by key; looked up once per Workspace."""
        if self._sources is None:
            self._sources = find_sources(
                self.dataset,
                self.settings.sources,
                self.raw_folder / self.dataset.name,
                list_again=self.rehash,
            )
        return self._sources

    def source(self, key: str) -> SourceFile:
        """Return the source file of a partition key; UserError when it is gone."""
        for source in self.sources():
            if source.key == key:
                return source
        raise UserError(f"{key}: no such source file any more; run `laion-assets build`")

    def fingerprint(self, source: SourceFile) -> Fingerprint | None:
        """Recognise a source file; None when it does not exist (a sample file not made yet).

        The sha256 is taken from the stamp or error note when size and time agree and no rehash is
        asked for, computed otherwise.
        """
        if source.remote is not None:
            from laion_assets.core.download import is_current  # needs an http client: 0.5 s

            if not is_current(source.remote, source.path):
                return None
        try:
            stat = source.path.stat()
        except FileNotFoundError:
            return None
        known = self.known_fingerprint(source.key)
        if (
            known
            and not self.rehash
            and (known.size, known.mtime_ns) == (stat.st_size, stat.st_mtime_ns)
        ):
            return known
        return Fingerprint(stat.st_size, stat.st_mtime_ns, sha256_file(source.path))

    def known_fingerprint(self, key: str) -> Fingerprint | None:
        """Return the fingerprint last recorded for a key, in an error note or else the stamp."""
        note = self.error_note(key)
        if note and note["fingerprint"]:
            return Fingerprint(**note["fingerprint"])
        stamp = self.stamp("raw_parquet", key)
        return Fingerprint(**stamp.counts["fingerprint"]) if stamp else None

    # -- lists -------------------------------------------------------------------------------

    @cached_property
    def lists(self) -> ListFiles:
        """The files of the lists of names and platforms."""
        return ListFiles(Path(self.settings.lists) if self.settings.lists else None)

    # -- removal -----------------------------------------------------------------------------

    @property
    def removal_list(self) -> Path:
        """The removal list: hashes of what must not be published."""
        return Path(self.settings.removals or self.root / "removals.csv")

    def removal(self) -> Removal:
        """Return what has to go, from the removal list and the allow-list."""
        return load_removal(
            self.removal_list, Path(self.settings.allow) if self.settings.allow else None
        )

    def hits(self, key: str) -> Hits:
        """Return which entries of the removal list concern a source file that was read before."""
        stamp = self.stamp("images", key)
        version = stamp.digest if stamp else ""
        return find_hits(self.table("row_keys", key), version, self.removal().entries)

    # -- files set aside ---------------------------------------------------------------------

    def _error_path(self, key: str) -> Path:
        return self.raw_folder / f"{key}.error.json"

    def error_note(self, key: str) -> dict[str, Any] | None:
        """Return what was noted when this file was set aside; None when it was not."""
        try:
            note: dict[str, Any] = json.loads(self._error_path(key).read_bytes())
        except (OSError, ValueError):
            return None
        return note

    def set_aside(self, key: str, fingerprint: Fingerprint | None, error: str, code: str) -> None:
        """Note that a file cannot be read, so that it is not tried again until it changes.

        Without a fingerprint (it could not be fetched) the next build tries again.
        """
        known = vars(fingerprint) if fingerprint else None
        note = {"fingerprint": known, "error": error, "code": code}
        write_json(self._error_path(key), note)

    def clear_error(self, key: str) -> None:
        """Forget that a file was set aside."""
        self._error_path(key).unlink(missing_ok=True)

    def usable_keys(self) -> list[str]:
        """Keys whose rows take part in the merge: those with an images table."""
        return [s.key for s in self.sources() if self.stamp("images", s.key) is not None]

    def images(self) -> list[Path]:
        """Every images table that is there, sorted; their source files need not be."""
        stamps = sorted((self.tables / "images").glob("*.stamp.json"))
        return [self.table("images", path.name.removesuffix(".stamp.json")) for path in stamps]

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return DuckDB in memory: bounded, spilling into the build directory, offline."""
        self.temporary.mkdir(parents=True, exist_ok=True)
        return duckdb.connect(":memory:", config=self.engine)

    @property
    def engine(self) -> dict[str, Any]:
        """How DuckDB is set up wherever it works on this build directory."""
        return {
            "memory_limit": self.settings.memory,
            "threads": self.settings.threads,
            "temp_directory": str(self.temporary),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }

    # -- stamps ------------------------------------------------------------------------------

    def stamp(self, asset: str, key: str | None = None) -> stamps.Stamp | None:
        """Return an asset's stamp, None when it was never made."""
        return stamps.read_stamp(self.stamp_path(asset, key))

    def stamped(
        self,
        asset: str,
        key: str | None,
        inputs: dict[str, str],
        outputs: dict[str, tuple[str, int]],
        counts: dict[str, Any],
    ) -> stamps.Stamp:
        """Write and return the stamp of an output that was just made."""
        stamp = stamps.Stamp(code_version(asset), inputs, outputs, counts)
        stamps.write_stamp(self.stamp_path(asset, key), stamp)
        return stamp

    def forget_vanished(self) -> list[str]:
        """Delete everything made from files that are no longer among the sources."""
        present = {source.key for source in self.sources()}
        made = {
            path.name.removesuffix(".stamp.json") for path in self.raw_folder.glob("*.stamp.json")
        }
        made |= {p.name.removesuffix(".error.json") for p in self.raw_folder.glob("*.error.json")}
        gone = sorted(made - present)
        for key in gone:
            for asset in PER_FILE:
                stamp = self.stamp(asset, key)
                for name in stamp.outputs if stamp else ():
                    (self.root / name).unlink(missing_ok=True)
                self.stamp_path(asset, key).unlink(missing_ok=True)
            self.clear_error(key)
        return gone

    # -- lock --------------------------------------------------------------------------------

    @cached_property
    def _lock(self) -> filelock.FileLock:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(self.root, error) from error
        return filelock.FileLock(self.root / ".lock", is_singleton=True)

    @contextmanager
    def exclusive(self, wait: float = 0.0) -> Iterator[None]:
        """Hold the build directory's lock; re-entrant, and released by the kernel on a crash.

        Raises UserError when another build holds it for longer than `wait` seconds, or when the
        directory cannot be written.
        """
        try:
            self._lock.acquire(timeout=wait)
        except filelock.Timeout as error:
            raise UserError(
                f"{self.root}: another build is running there; wait for it or use --build-dir"
            ) from error
        except OSError as error:
            raise _unwritable(self.root, error) from error
        try:
            yield
        finally:
            self._lock.release()

    def prepare(self) -> None:
        """Sweep up after a killed run and make the folders; only under `exclusive`."""
        sweep(self.root)
        for folder in (self.raw_folder, self.tables, self.temporary):
            folder.mkdir(parents=True, exist_ok=True)


def _unwritable(root: Path, error: OSError) -> UserError:
    return UserError(f"{root}: cannot write there ({error.strerror}); choose another --build-dir")
