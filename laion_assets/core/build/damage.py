"""Damage: files of a build directory whose bytes are not those that were written.

A disk, a program or a person may change a file without changing its size. Lives here: noticing
that, by the digests in the stamps, before a step reads a file or when somebody asks for all of
them. Not here: what is stale (`plan`), the published site's own manifest (`core.publish`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import sha256_unless_known
from laion_assets.core.base.progress import Progress
from laion_assets.core.build.graph import EXPORTS, GRAPH, MERGED, PER_FILE, READING
from laion_assets.core.build.plan import current_error
from laion_assets.core.build.source_set import ErrorNote
from laion_assets.core.build.stamps import Stamp
from laion_assets.core.build.workspace import Workspace

_Output = tuple[str, str | None, str, str]  # asset, key, path below the build directory, sha256


@dataclass(frozen=True)
class Damage:
    """One output that is not what its stamp says."""

    asset: str
    key: str | None
    path: str  # below the build directory
    missing: bool

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{'missing' if self.missing else 'changed'}: {self.path}"


class DamagedInput(UserError):  # noqa: N818 - it names what happened
    """Something a step was about to read is not what was written; its stamp is gone by now."""

    def __init__(self, damages: Sequence[Damage]) -> None:
        self.paths = [damage.path for damage in damages]
        super().__init__(
            f"{self.paths[0]} is not what was written there; `laion-assets build` makes it again"
        )


def find_damage(workspace: Workspace, progress: Progress) -> list[Damage]:
    """Read every output of every asset; return what is not what its stamp says, sorted by path."""
    outputs = list(_all_outputs(workspace))
    return sorted(_damaged(workspace, outputs, progress), key=lambda damage: damage.path)


def damaged_inputs(workspace: Workspace, asset: str, key: str | None) -> list[Damage]:
    """Return what is damaged of what a step is about to read.

    What this process wrote or looked at before is not read again.
    """
    keys = [key] if key is not None else workspace.sources.usable_keys()
    outputs: list[_Output] = []
    for upstream in GRAPH[asset].upstream:
        for part in keys if GRAPH[upstream].per_file else [None]:
            outputs += _outputs(upstream, part, workspace.stamps.read(upstream, part))
    return _damaged(workspace, outputs, None)


def damaged_outputs(workspace: Workspace, asset: str, key: str | None) -> list[Damage]:
    """Return which outputs of one step are not what its stamp says."""
    stamp = workspace.stamps.read(asset, key)
    return _damaged(workspace, _outputs(asset, key, stamp), None)


def as_inputs(damages: Iterable[Damage]) -> dict[str, str]:
    """Return inputs for the stamp of what was made of damaged files: it is never up to date."""
    return {f"damaged/{damage.path}": "" for damage in damages}


def require_again(workspace: Workspace, damages: Iterable[Damage]) -> list[Damage]:
    """Let what is damaged be made again; return what cannot be.

    Where that needs a source file that cannot be read now, nothing is thrown away: the file is set
    aside, out of the merge, and looked at again by every build until it is back.
    """
    lost = []
    for damage in damages:
        key = damage.key
        if damage.asset in READING and key is not None and not _is_readable(workspace, key):
            said = f"{damage.path} is not what was written there; bring the file back to read it"
            workspace.sources.set_aside(key, ErrorNote(None, said, {}, PER_FILE[-1]))
            lost.append(damage)
        else:
            workspace.paths.stamp(damage.asset, key).unlink(missing_ok=True)
    return lost


def _is_readable(workspace: Workspace, key: str) -> bool:
    """Tell whether a source file is here, as it was when it was described, and can be read."""
    source = next((source for source in workspace.sources.all() if source.key == key), None)
    if source is None or current_error(workspace, key) is not None:
        return False
    if not source.path.exists():  # let go: it is brought again only if its host still has it
        return source.part is not None
    try:
        workspace.sources.require_described(source)
    except UserError:
        return workspace.stamps.read("raw_parquet", key) is None
    return True


def _all_outputs(workspace: Workspace) -> Iterator[_Output]:
    for key in workspace.sources.built_keys():
        for asset in PER_FILE:
            yield from _outputs(asset, key, workspace.stamps.read(asset, key))
    for asset in MERGED:
        yield from _outputs(asset, None, workspace.stamps.read(asset))
    for asset in EXPORTS:
        outputs = _outputs(asset, None, workspace.stamps.read(asset))
        if any((workspace.root / path).exists() for _, _, path, _ in outputs):  # else moved away
            yield from outputs


def _outputs(asset: str, key: str | None, stamp: Stamp | None) -> list[_Output]:
    if stamp is None:
        return []
    return [(asset, key, path, digest) for path, (digest, _) in stamp.outputs.items()]


def _damaged(
    workspace: Workspace, outputs: Sequence[_Output], progress: Progress | None
) -> list[Damage]:
    def look(output: _Output) -> Damage | None:
        asset, key, path, digest = output
        try:
            found: str | None = sha256_unless_known(workspace.root / path)
        except OSError:
            found = None
        return None if found == digest else Damage(asset, key, path, missing=found is None)

    damages = []
    with ThreadPoolExecutor(workspace.settings.threads) as pool:
        for done, damage in enumerate(pool.map(look, outputs), start=1):
            if progress is not None:
                progress("verify", done, len(outputs))
            if damage is not None:
                damages.append(damage)
    return damages
