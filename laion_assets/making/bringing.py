"""Bringing source files that are elsewhere, several at once, before any is read.

Lives here: which of them are wanted. Not here: fetching (`core.sources.remote`).
"""

from collections.abc import Mapping, Sequence

from laion_assets.core.base.errors import UserError
from laion_assets.core.build.plan import decide
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.sources.finding import SourceFile


def fetch(workspace: Workspace, keys: Sequence[str]) -> Mapping[str, UserError]:
    """Bring the remote files among `keys` that are not here, several at once."""
    sources = (workspace.sources.find(key) for key in keys)
    return _bring(workspace, [s for s in sources if s.remote and _is_missing(workspace, s)])


def _is_missing(workspace: Workspace, source: SourceFile) -> bool:
    """Tell whether a remote file has to be fetched before it is described."""
    if workspace.sources.fingerprint(source) is None:
        return True
    return not source.path.exists() and decide(workspace, "raw_parquet", source.key) is None


def fetch_again(workspace: Workspace, keys: Sequence[str]) -> Mapping[str, UserError]:
    """Bring the remote files that were let go, where they have to be read again."""
    stale = (key for key in keys if decide(workspace, "images", key) is None)
    sources = (workspace.sources.find(key) for key in stale)
    return _bring(workspace, [s for s in sources if s.remote and not s.path.exists()])


def _bring(workspace: Workspace, sources: Sequence[SourceFile]) -> Mapping[str, UserError]:
    wanted = [(s.key, s.remote, s.path) for s in sources if s.remote is not None]
    if not wanted:
        return {}
    from laion_assets.core.sources.remote import fetch_files

    return fetch_files(wanted, workspace.progress, workspace.settings.max_download_bytes)
