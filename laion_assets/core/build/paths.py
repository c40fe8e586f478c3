"""Where everything lies in a build directory.

Lives here: every path, by what it holds. Not here: what is in the files, or whether it is current.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from laion_assets.core.base.files import KEPT_ASIDE
from laion_assets.core.build.graph import EXPORTS
from laion_assets.core.sources.own_work import MARKER


@dataclass(frozen=True)
class Paths:
    """The paths below one build directory."""

    root: Path

    @property
    def raw(self) -> Path:
        """Downloads, generated files, and a description of each source file."""
        return self.root / "raw"

    @property
    def tables(self) -> Path:
        """Every parquet table."""
        return self.root / "tables"

    @property
    def segments(self) -> Path:
        """Every source file's index segment."""
        return self.root / "index" / "segments"

    @property
    def search(self) -> Path:
        """The merged search index as published under search/."""
        return self.root / "index" / "search"

    @property
    def halfway(self) -> Path:
        """What a merge of the index that is killed goes on from; it holds rows."""
        return self.root / "index" / "halfway"

    @property
    def site(self) -> Path:
        """The published site."""
        return self.root / "site"

    @property
    def exports(self) -> Path:
        """What `laion-assets export` makes for other programs."""
        return self.root / "exports"

    @property
    def made_from(self) -> Path:
        """Copies of the settings, dataset and lists that the published site was made from."""
        return self.root / "made-from"

    @property
    def history(self) -> Path:
        """DAGSTER_HOME: the history that the UI shows."""
        return self.root / "dagster"

    @property
    def spills(self) -> Path:
        """Where large intermediate files go, a folder for each process (`spill`)."""
        return self.root / ".spill"

    @property
    def logs(self) -> Path:
        """Tracebacks of errors nobody expected, the last few."""
        return self.root / "logs"

    @property
    def kept(self) -> Path:
        """What was somebody's and stood where a file of ours goes."""
        return self.root / KEPT_ASIDE

    @property
    def folders(self) -> tuple[Path, ...]:
        """Those that hold nothing but what is made here; people have files of theirs in `site`."""
        index = self.root / "index"
        return self.raw, self.tables, index, self.exports, self.made_from, self.logs

    @property
    def lock(self) -> Path:
        """The lock of the whole directory."""
        return self.root / ".lock"

    @property
    def marker(self) -> Path:
        """Tells that the directory is ours, wherever it lies."""
        return self.root / MARKER

    @property
    def contents(self) -> Path:
        """Digests of source files that had to be compared with others of their size."""
        return self.raw / "contents.json"

    def description(self, key: str) -> Path:
        """What is known of a source file: its columns, mapping, rows, digest."""
        return self.raw / f"{key}.json"

    def error(self, key: str) -> Path:
        """Why a source file is set aside."""
        return self.raw / f"{key}.error.json"

    def table(self, name: str, key: str | None = None) -> Path:
        """Return the parquet file of a merged table, or of one source file's part of a table."""
        return self.tables / (f"{name}.parquet" if key is None else f"{name}/{key}.parquet")

    def cleaning_counts(self, key: str) -> Path:
        """What cleaning counted in one source file."""
        return self.table("images", key).with_suffix(".counts.json")

    def segment(self, key: str, part: str) -> Path:
        """Return a part (documents or words) of a source file's index segment."""
        return self.segments / f"{key}.{part}.parquet"

    def segment_counts(self, key: str) -> Path:
        """The size of a source file's index segment."""
        return self.segments / f"{key}.segment.json"

    def made_of_images(self, key: str) -> list[Path]:
        """Return what later steps make of one source file's images, stamps included."""
        made = ("tallies", "mentions", "mentioning", "variant_counts")
        tables = [self.table(name, key) for name in made]
        segment = [self.segment(key, part) for part in ("documents", "words")]
        stamps = [self.stamp(asset, key) for asset in ("tallies", "mentions", "index_segment")]
        return [*tables, *segment, self.segment_counts(key), *stamps]

    def made_of_file(self, key: str) -> list[Path]:
        """Return everything that is made of one source file, stamps included."""
        tables = [self.table(name, key) for name in PER_FILE_TABLES]
        stamps = [self.stamp(asset, key) for asset in ("raw_parquet", "images")]
        of_images = self.made_of_images(key)
        return [self.description(key), *tables, self.cleaning_counts(key), *of_images, *stamps]

    def stamp(self, asset: str, key: str | None = None) -> Path:
        """Return where an asset's stamp lies: beside its output."""
        if asset == "raw_parquet":
            return self.raw / f"{key}{STAMP}"
        if asset == "index_segment":
            return self.segments / f"{key}{STAMP}"
        if asset == "search_index":
            return self.root / "index" / f"search{STAMP}"
        if asset == "site" or asset in EXPORTS:
            return self.root / f"{asset}{STAMP}"
        return self.table(asset, key).with_suffix(STAMP)


#: Tables of which each source file has a part: folders below `tables`.
PER_FILE_TABLES = (
    "images", "rejects", "row_keys", "tallies", "mentions", "mentioning", "variant_counts",
)  # fmt: skip
#: Ending of a stamp's file name, after the key or the name of the asset.
STAMP = ".stamp.json"
#: Everything of ours that stands directly in a build directory; what else is there is the user's.
NAMES = frozenset(
    ("raw", "tables", "index", "site", "exports", "made-from", "dagster", ".spill", "logs", ".lock",
     MARKER, KEPT_ASIDE, *(f"{asset}{STAMP}" for asset in ("site", *EXPORTS)), "build.toml",
     "removals.csv", "removals.key"),
)  # fmt: skip
