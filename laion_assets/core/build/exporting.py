"""Exports and the build they are of: what is stale, when none is made, when they have to go.

Lives here: planning exports from stamps, refusing them, withdrawing those that hold what must not
be published. Not here: any format (`core.exports`), the plan of a build (`plan`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import sha256_file, sweep
from laion_assets.core.build.graph import EXPORTS, GRAPH
from laion_assets.core.build.paths import Paths
from laion_assets.core.build.plan import decide, inputs_of
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.exports.folder import delete_exports, exported_files


@dataclass(frozen=True)
class ExportPlan:
    """Exports that are wanted, with those they are made from; which of them are not current."""

    wanted: tuple[str, ...]
    stale: tuple[str, ...]


def plan_exports(workspace: Workspace, names: Iterable[str]) -> ExportPlan:
    """Plan some exports, and those that they are made from; whatever follows from one, too.

    Raises UserError where they cannot be made of what is built.
    """
    wanted = set(names)
    for name in reversed(EXPORTS):
        if name in wanted:
            wanted |= set(GRAPH[name].upstream).intersection(EXPORTS)
    stale: list[str] = []
    for name in (name for name in EXPORTS if name in wanted):
        refuse_export(workspace, name)
        if set(stale).intersection(GRAPH[name].upstream) or not decide(workspace, name):
            stale.append(name)
    return ExportPlan(tuple(name for name in EXPORTS if name in wanted), tuple(stale))


def refuse_export(workspace: Workspace, name: str) -> None:
    """Raise UserError when an export must not, or cannot, be made of what lies there now.

    The one place that both the command and the asset ask. What else an export has to wait for (all
    it reads made from one set of files) is said here.
    """
    if workspace.settings.withdrawn:
        raise UserError(
            "the site is withdrawn, so nothing is exported; `laion-assets withdraw --undo` first"
        )
    upstream = [each for each in GRAPH[name].upstream if each not in EXPORTS]
    missing = [each for each in upstream if not _made(workspace, each)]
    if missing or not workspace.sources.usable_keys():
        raise UserError(
            f"{name}: nothing to export yet ({', '.join(missing) or 'no source file was read'}); "
            "run `laion-assets build` first"
        )
    if workspace.settings.allow:
        workspace.removal()  # a list that is not there is told
    for key in workspace.sources.built_keys():
        if workspace.hits(key).pending:
            raise UserError(
                "rows on the removal list are still in the tables; run `laion-assets build` first"
            )


def _made(workspace: Workspace, asset: str) -> bool:
    keys = workspace.sources.usable_keys() if GRAPH[asset].per_file else [None]
    return all(workspace.stamps.read(asset, key) is not None for key in keys)


def outdated_exports(workspace: Workspace) -> list[str]:
    """Return the exports that were made of another build than the one that lies there."""
    return [
        name
        for name in EXPORTS
        if (stamp := workspace.stamps.read(name)) is not None
        and stamp.inputs != inputs_of(workspace, name, None)
    ]


def withdraw_exports(paths: Paths) -> list[str]:
    """Delete every export, stamps first; return the names of the files below the folder.

    Only under the lock; needs nothing but the folder. Copies elsewhere are their makers' to delete.
    """
    for name in EXPORTS:
        paths.stamp(name).unlink(missing_ok=True)
    sweep(paths.exports)
    return delete_exports(paths.exports)


def limits_of(workspace: Workspace) -> dict[str, float | str]:
    """Return what the settings leave out, to be noted in an export's counts."""
    settings = workspace.settings
    allowed = sha256_file(Path(settings.allow))[:16] if settings.allow else ""
    return {"withheld_from": settings.thresholds.withheld, "allowed": allowed}


def withdraw_overexposed(workspace: Workspace) -> list[str]:
    """Delete the exports if one was made when other rows were allowed, or more were not withheld.

    A build makes the site again by the new settings; it makes no export.
    """
    now = limits_of(workspace)
    stamps = [stamp for name in EXPORTS if (stamp := workspace.stamps.read(name)) is not None]
    lower = any(stamp.counts["withheld_from"] > now["withheld_from"] for stamp in stamps)
    other = any(now["allowed"] not in ("", stamp.counts["allowed"]) for stamp in stamps)
    return withdraw_exports(workspace.paths) if lower or other else []


def exports_there(paths: Paths) -> Sequence[str]:
    """Return the names of the exported files that lie there, below the folder."""
    return [path.relative_to(paths.exports).as_posix() for path in exported_files(paths.exports)]
