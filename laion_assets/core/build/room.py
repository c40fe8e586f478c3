"""How much of the disk a build takes, told before it begins and refused where it cannot fit.

Lives here: the reckoning, and the one line. Not here: what an operating system says once it is full
(`core.base.machine`).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from laion_assets.core.base.errors import UserError
from laion_assets.core.build.plan import Plan
from laion_assets.core.build.workspace import Workspace

# Bytes for each byte of a source file, at 12 million rows of the sample in parquet (zstd), 1.0 GB:
# tables and segments took 3.8 GB, the search index 2.3, which is reckoned twice: what it is merged
# from lies beside it. Text is larger than parquet of the same.
_TABLES, _INDEX = 3.8, 4.6
_PAGES = 200 << 20  # pages, data files, history
#: What is reckoned may be that many times too much.
_DOUBT = 2


@dataclass(frozen=True)
class Room:
    """Bytes that a build will take, about, and those that are free where it is made."""

    needed: int
    free: int


def reckon_room(workspace: Workspace, plan: Plan) -> Room:
    """Return what a planned build takes of the disk beyond what it has.

    Files that are elsewhere, or were not invented yet, are left out: nobody knows how large they
    are.
    """
    work = set(plan.per_file.get("images", ())) | set(plan.per_file.get("index_segment", ()))
    needed = 0.0
    for source in workspace.sources.all():
        size = source.path.stat().st_size if source.path.is_file() else 0
        needed += _TABLES * size if source.key in work else 0
        # An index that is made anew stands beside the one that it replaces.
        needed += _INDEX * size if "search_index" in plan.merged else 0
    needed += _PAGES if "site" in plan.merged else 0
    return Room(int(needed), shutil.disk_usage(workspace.root).free)


def require_room(room: Room, workspace: Workspace) -> None:
    """Raise UserError when not even half of what is needed is free."""
    if room.needed // _DOUBT > room.free:
        raise UserError(
            f"the disk of {workspace.root} has {in_words(room.free)} free, and this build needs "
            f"about {in_words(room.needed)}; make room, or choose another --build-dir"
        )


def in_words(size: int) -> str:
    """Return a size in words."""
    return f"{size / 2**30:,.1f} GiB" if size >= 1 << 30 else f"{size / 2**20:,.0f} MiB"
