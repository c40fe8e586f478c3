"""Whether what is shown side by side was made from the same files, settings and lists.

Merged assets may be made in several runs, between which a file came, changed or went. What shows
more than one of them (the site, exports) is made only when they go together, so that no page ever
contradicts another. Lives here: finding what does not fit, from stamps alone. Not here: what has to
be made again (`plan`).
"""

from __future__ import annotations

from laion_assets.core.base.errors import UserError
from laion_assets.core.build.graph import GRAPH, PER_FILE
from laion_assets.core.build.plan import current_error, decide, holds_up
from laion_assets.core.build.workspace import Workspace

#: A source file that is different now is read by the next build; until then its rows are the old.
_OF_ROWS = tuple(name for name in PER_FILE if name != "raw_parquet")


def refuse_disagreement(workspace: Workspace, asset: str) -> None:
    """Raise UserError when an asset would show things made from different sets of files.

    A takedown waits for nothing.
    """
    waiting = waits_for(workspace, asset)
    if waiting:
        raise UserError(
            f"{asset} waits for {', '.join(waiting)}: not made from the same files, lists and "
            "settings as the rest; materialise these first, or run `laion-assets build`"
        )


def waits_for(workspace: Workspace, asset: str) -> tuple[str, ...]:
    """Return which assets above this one do not go with the files that are counted now.

    Empty for an asset that shows only one, for a withdrawn site and in a takedown.
    """
    if not GRAPH[asset].agrees or workspace.takedown or workspace.settings.withdrawn:
        return ()
    above = _above(asset)
    stale = [name for name in _OF_ROWS if name in above and _is_behind(workspace, name)]
    for name, node in GRAPH.items():
        if (
            name in above
            and not node.per_file
            and (set(stale).intersection(node.upstream) or decide(workspace, name) is None)
        ):
            stale.append(name)
    return tuple(stale)


def _above(asset: str) -> set[str]:
    """Return everything an asset is made from, directly or not."""
    found: set[str] = set()
    wanted = [asset]
    while wanted:
        new = set(GRAPH[wanted.pop()].upstream) - found
        found |= new
        wanted += new
    return found


def _is_behind(workspace: Workspace, asset: str) -> bool:
    """Tell whether some file's output, of those that count, is not what would be made of it now."""
    for key in workspace.sources.usable_keys():
        if holds_up(workspace, asset, current_error(workspace, key)):
            continue  # what was read of it before stays
        if decide(workspace, asset, key) is None:
            return True
    return False
