"""Looking for sources as a build does in whose directory nothing lies yet; no tests here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from laion_assets.core.build.paths import NAMES
from laion_assets.core.sources.datasets import Dataset, load_dataset
from laion_assets.core.sources.finding import SourceFile, Surroundings, find_sources
from laion_assets.core.sources.left_out import LeftOut
from laion_assets.core.sources.own_work import OwnWork
from laion_assets.core.sources.twins import Contents

FILES = load_dataset("files")
NOWHERE = Path("/nowhere")


def find(
    sources: Sequence[str | Path],
    left_out: LeftOut | None = None,
    *,
    dataset: Dataset = FILES,
    root: Path = NOWHERE,
    follow_links: bool = False,
    otherwise: Mapping[str, str] = MappingProxyType({}),
) -> list[SourceFile]:
    """Return the source files, sorted by key; what is left out is told to `left_out`."""
    contents = Contents(root / "raw" / "contents.json")
    return find_sources(
        dataset,
        [str(source) for source in sources],
        Surroundings(root / "raw", OwnWork(root, NAMES, otherwise), contents),
        follow_links=follow_links,
        left_out=left_out or LeftOut(),
    )


def looked_at(
    *sources: str | Path,
    root: Path = NOWHERE,
    follow_links: bool = False,
    otherwise: Mapping[str, str] = MappingProxyType({}),
) -> tuple[list[str], dict[str, str]]:
    """Return what was found, sorted, and why what was left out by its name."""
    left_out = LeftOut()
    files = find(sources, left_out, root=root, follow_links=follow_links, otherwise=otherwise)
    named = {Path(name).name: why for name, why in left_out.named.items()}
    return sorted(file.relative for file in files), named
