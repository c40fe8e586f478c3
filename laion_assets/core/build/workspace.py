"""One build directory opened with its settings: the parts that every asset and command needs.

Lives here: putting them together. Each part is a module of its own: `paths`, `source_set`,
`stamps`, `lock`. Not here: what is stale (`plan`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from laion_assets.core.base.files import sweep
from laion_assets.core.base.progress import Progress, silent
from laion_assets.core.build.lock import BuildLock
from laion_assets.core.build.paths import Paths
from laion_assets.core.build.settings import Settings, memory_bytes
from laion_assets.core.build.source_set import SourceSet
from laion_assets.core.build.stamps import Stamps
from laion_assets.core.cleaning.removal import Hits, Removal, find_hits, load_removal
from laion_assets.core.names.list_files import ListFiles
from laion_assets.core.sources.datasets import Dataset, load_dataset


@dataclass
class Workspace:
    """A build directory and what it is built from."""

    root: Path
    settings: Settings
    progress: Progress = silent
    rehash: bool = False

    @cached_property
    def paths(self) -> Paths:
        """Where everything lies."""
        return Paths(self.root)

    @cached_property
    def stamps(self) -> Stamps:
        """What every output was made from."""
        return Stamps(self.paths)

    @cached_property
    def lock(self) -> BuildLock:
        """The lock of the directory."""
        return BuildLock(self.paths.lock)

    @cached_property
    def dataset(self) -> Dataset:
        """The dataset the settings name."""
        return load_dataset(self.settings.dataset)

    @cached_property
    def sources(self) -> SourceSet:
        """The source files."""
        return SourceSet(
            self.paths, self.stamps, self.dataset, self.settings.sources, rehash=self.rehash
        )

    @cached_property
    def lists(self) -> ListFiles:
        """The files of the lists of names and platforms."""
        return ListFiles(Path(self.settings.lists) if self.settings.lists else None)

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
        stamp = self.stamps.read("images", key)
        version = stamp.digest if stamp else ""
        return find_hits(self.paths.table("row_keys", key), version, self.removal().entries)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return DuckDB in memory: bounded, spilling into the build directory, offline."""
        self.paths.temporary.mkdir(parents=True, exist_ok=True)
        return duckdb.connect(":memory:", config=self.engine)

    @property
    def max_text(self) -> int:
        """Bytes of text that one source file may hold."""
        return memory_bytes(self.settings.max_text) or 0

    @property
    def engine(self) -> dict[str, Any]:
        """How DuckDB is set up wherever it works on this build directory."""
        return {
            "memory_limit": self.settings.memory,
            "threads": self.settings.threads,
            "temp_directory": str(self.paths.temporary),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }

    def prepare(self) -> None:
        """Sweep up after a killed run and make the folders; only while the lock is held."""
        sweep(self.root)
        for folder in (self.paths.raw, self.paths.tables, self.paths.temporary):
            folder.mkdir(parents=True, exist_ok=True)
