"""One build directory opened with its settings: the parts that every asset and command needs.

Lives here: putting them together. Each part is a module of its own: `paths`, `source_set`,
`stamps`, `lock`. Not here: what is stale (`plan`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.files import (
    has_content,
    keep_aside,
    replace_folders,
    sweep,
    write_bytes,
)
from laion_assets.core.base.memory import keep_less_memory
from laion_assets.core.base.progress import Progress, nothing, silent
from laion_assets.core.build.lock import BuildLock
from laion_assets.core.build.paths import PER_FILE_TABLES, STAMP, Paths
from laion_assets.core.build.settings import FILE_NAME, Settings, memory_bytes
from laion_assets.core.build.source_set import BuiltSources, SourceSet
from laion_assets.core.build.spill import spill_folder, sweep_spills
from laion_assets.core.build.stamps import Stamps, site_outputs
from laion_assets.core.cleaning.removal import Hits, Removal, find_hits, load_removal
from laion_assets.core.cleaning.removal_list import Entry, RemovalKey, RemovalList
from laion_assets.core.names.list_files import ListFiles
from laion_assets.core.publish.exchange import settle_site
from laion_assets.core.sources.datasets import Dataset, load_dataset
from laion_assets.core.sources.own_work import MARKER, MARKER_CONTENT


@dataclass
class Workspace:
    """A build directory and what it is built from.

    For a `takedown` its source files are those that rows were read from, there or not: nothing of
    them is looked at.
    """

    root: Path
    settings: Settings
    progress: Progress = silent
    rehash: bool = False
    takedown: bool = False
    scratch: Path | None = None  # where this process spills, if not in the build directory
    within: Callable[[int], None] = nothing  # told of the rows done of the file at hand

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
        try:
            return load_dataset(self.settings.dataset)
        except BadUsage as error:
            raise BadUsage(f"{self.root / FILE_NAME}: dataset: {error}") from error

    @cached_property
    def sources(self) -> SourceSet:
        """The source files."""
        if self.takedown:
            return BuiltSources(self.paths, self.stamps, self.dataset, ())
        return SourceSet(
            self.paths,
            self.stamps,
            self.dataset,
            self.settings.sources,
            rehash=self.rehash,
            follow_links=self.settings.follow_links,
            otherwise=self._named_otherwise(),
        )

    def _named_otherwise(self) -> dict[str, str]:
        """Return the files and folders that settings name as something else than sources."""
        listed, settings = self.removal_list, self.settings
        own = settings.dataset if settings.dataset.endswith(".toml") else ""
        named = {
            "dataset": own, "lists": settings.lists, "allow": settings.allow,
            "removals": str(listed.path), "removals-key": str(listed.key_path),
        }  # fmt: skip
        return {path: f"--{option}" for option, path in named.items() if path}

    @cached_property
    def lists(self) -> ListFiles:
        """The files of the lists of names and platforms."""
        return ListFiles(Path(self.settings.lists) if self.settings.lists else None)

    @property
    def removal_list(self) -> RemovalList:
        """The removal list: keyed hashes of what must not be published."""
        path = Path(self.settings.removals or self.root / "removals.csv")
        return RemovalList(path, Path(self.settings.removals_key or path.with_suffix(".key")))

    def removal(self) -> Removal:
        """Return what has to go, from the removal list and the allow-list."""
        return load_removal(
            self.removal_list, Path(self.settings.allow) if self.settings.allow else None
        )

    def hits(self, key: str) -> Hits:
        """Return which entries of the removal list concern a source file that was read before."""
        entries, secret = self._listed
        return find_hits(self.paths.table("row_keys", key), Removal(entries, secret))

    @property
    def _listed(self) -> tuple[frozenset[Entry], RemovalKey | None]:
        listed = self.removal_list
        secret = listed.key()
        return listed.entries(secret), secret

    def connect(self, config: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
        """Return DuckDB in memory: bounded, spilling into the build directory, offline."""
        return duckdb.connect(":memory:", config=dict(config or self.engine))

    @property
    def max_text(self) -> int:
        """Bytes of text that one source file may hold."""
        return memory_bytes(self.settings.max_text) or 0

    @property
    def spill(self) -> Path:
        """This process's folder for large intermediate files."""
        return spill_folder(self.scratch or self.paths.spills)

    @property
    def engine(self) -> dict[str, Any]:
        """How DuckDB is set up wherever it works on this build directory."""
        return {
            "memory_limit": self.settings.memory,
            "threads": self.settings.threads,
            "temp_directory": str(self.spill),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }

    def prepare(self) -> None:
        """Sweep up after a killed run, make and mark the folders; only while the lock is held."""
        keep_less_memory()
        settle_site(self.paths.site, self.stamped_site)
        sweep(self.root, below=False)
        for folder in self.paths.folders:
            sweep(folder)
        sweep_spills(self.paths.spills)
        for folder in (self.paths.raw, self.paths.tables):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (
            self.root, self.paths.raw, self.paths.segments, self.paths.tables,
            *(self.paths.tables / name for name in PER_FILE_TABLES),
        ):  # fmt: skip
            endings = (STAMP, MARKER) if folder == self.root else (".json", ".parquet")
            replace_folders(folder, endings, self._keep_aside)
        if not has_content(self.paths.marker, MARKER_CONTENT):
            write_bytes(self.paths.marker, MARKER_CONTENT)
        if not self.takedown and (self.settings.allow or self.removal_list.path.exists()):
            self.removal_list.ensure_key()

    def stamped_site(self) -> dict[str, str]:
        """Return the sha256 of every file of the site that the last build made, by its path."""
        return site_outputs(self.stamps.read("site"))

    def _keep_aside(self, path: Path) -> None:
        keep_aside(path, self.paths.kept, path.relative_to(self.root).as_posix())
