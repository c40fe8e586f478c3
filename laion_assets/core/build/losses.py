"""Source files of which little was kept, and builds of which nothing is left to publish.

What is told follows from what is built, so that every build says it again until the files, the
dataset's description or the settings change. Lives here: which files these are, and when the site
that stands is left as it was. Not here: the likely cause of a loss (`core.cleaning.causes`).
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from laion_assets.core.base.errors import UserError
from laion_assets.core.build.invariants import nothing_removed
from laion_assets.core.build.stamps import VOID
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.cleaning.causes import few_kept, rows_judged, tell_kept, tell_loss
from laion_assets.core.reading.description import read_description
from laion_assets.core.sources.finding import SourceFile
from laion_assets.core.sources.folders import text_of

_Counted = Sequence[tuple[SourceFile, Mapping[str, Any]]]


def find_losses(workspace: Workspace) -> dict[str, str]:
    """Return, by relative path, the files of which less than half was kept, and the likely cause.

    None once the settings accept that. Rows that had to go (removed, or not on the allow-list) are
    no loss, and a takedown or a withdrawn site waits for no better files.
    """
    if workspace.settings.accept_losses:
        return {}
    lost = [(source, counts) for source, counts in _counted(workspace) if few_kept(counts)]
    return {source.relative: _tell(workspace, source, counts) for source, counts in lost}


def why_empty(workspace: Workspace) -> str:
    """Return why the published site has no row, where nobody asked for that; else nothing."""
    counted = [counts for _, counts in _counted(workspace)]
    kept = sum(counts["kept"] for counts in counted)
    withheld = sum(counts.get("visibility", {}).get("withheld", 0) for counts in counted)
    if not counted or kept > withheld:
        return ""
    settings = workspace.settings
    if kept:
        limit = f"from punsafe {settings.thresholds.withheld:g} on"
        return "" if settings.accept_losses else f"all {kept:,} rows kept are withheld, {limit}"
    if settings.allow:
        return f"no row is on the allow-list {settings.allow}"
    return "no row was kept" if any(map(rows_judged, counted)) else ""


def refuse_empty(workspace: Workspace) -> None:
    """Raise UserError when no row of any file is kept, so that the site stays as it was.

    Unless the rows are gone because the user had them removed, or the site holds such a row.
    """
    counted = _counted(workspace)
    if not counted or any(counts["kept"] for _, counts in counted) or _all_removed(counted):
        return
    if _holds_removed(workspace, counted):
        return
    stays = "the site is left as it was" if workspace.paths.site.exists() else "no site is made"
    read = [(source, counts) for source, counts in counted if counts["read"]]
    if not read:
        raise UserError(f"there is no row in any source file; {stays}")
    source, counts = max(read, key=lambda each: each[1]["read"])
    files = f"no row is kept of any of {len(counted):,} source files; " if len(counted) > 1 else ""
    raise UserError(f"{files}{source.relative}: {_tell(workspace, source, counts)}; {stays}")


def _counted(workspace: Workspace) -> _Counted:
    """Return the files whose rows are published with what cleaning counted, as far as that is told.

    Of a takedown or a withdrawn site, none.
    """
    if workspace.takedown or workspace.settings.withdrawn:
        return ()
    usable = set(workspace.sources.usable_keys())
    stamps = [
        (source, workspace.stamps.read("images", source.key))
        for source in workspace.sources.all()
        if source.key in usable
    ]
    return [(source, stamp.counts) for source, stamp in stamps if stamp is not None]


def _all_removed(counted: _Counted) -> bool:
    return any(counts["read"] for _, counts in counted) and not any(
        rows_judged(counts) for _, counts in counted
    )


def _holds_removed(workspace: Workspace, counted: _Counted) -> bool:
    """Tell whether the site that stands has, or may have, a row that had to go."""
    if not workspace.paths.site.is_dir():
        return False
    stamp = workspace.stamps.read("site")
    if stamp is None or stamp.code == VOID:  # rows were taken out since (`takedown`)
        return True
    if all(rows_judged(counts) == counts["read"] for _, counts in counted):
        return False
    with workspace.connect() as connection:
        return bool(nothing_removed(workspace, connection))


def _tell(workspace: Workspace, source: SourceFile, counts: Mapping[str, Any]) -> str:
    command = ["laion-assets", "inspect", text_of(str(source.path))]
    if workspace.settings.dataset != "files":
        command += ["--dataset", workspace.settings.dataset]
    look = shlex.join(command)
    try:
        description = read_description(workspace.paths.description(source.key))
    except (OSError, UserError):  # lost or damaged: what was counted is known all the same
        return f"{tell_kept(counts)}; see `{look}`"
    columns = [*description.unknown_columns, *sorted(set(description.mapping.values()))]
    return tell_loss(counts, description.layout, columns, look)
