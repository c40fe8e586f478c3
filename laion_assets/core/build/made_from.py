"""What the published site was made from, copied into the build directory.

A takedown makes the site again without some rows; it must not wait for a dataset's description,
lists or settings that were changed, broken or lost since. Lives here: keeping those copies and
opening a build directory by them. Not here: taking rows out (`takedown`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import write_bytes
from laion_assets.core.build.paths import Paths
from laion_assets.core.build.settings import Settings, load_settings, save_settings
from laion_assets.core.build.workspace import Workspace

_LISTS = "lists"


def keep_made_from(workspace: Workspace) -> None:
    """Copy settings, dataset file and own lists; the last thing before a site is published."""
    folder = workspace.paths.made_from
    settings = replace(workspace.settings, sources=(), allow="")  # what is read, not what is built
    kept: set[Path] = set()
    if settings.dataset.endswith(".toml"):
        kept.add(_copy(Path(settings.dataset), folder / Path(settings.dataset).name))
        settings = replace(settings, dataset=Path(settings.dataset).name)
    if settings.lists:
        own = workspace.lists.own_files()
        kept |= {_copy(path, folder / _LISTS / path.name) for path in own}
        settings = replace(settings, lists=_LISTS)
    for path in [*folder.glob("*.toml"), *folder.glob(f"{_LISTS}/*")]:
        if path not in kept:
            path.unlink()
    save_settings(folder, settings)


def _copy(source: Path, target: Path) -> Path:
    content = source.read_bytes()
    if not target.exists() or target.read_bytes() != content:
        write_bytes(target, content)
    return target


def note_withdrawn(root: Path, why: str) -> None:
    """Note beside the copies that the site is withdrawn, so that no takedown publishes it again."""
    folder = Paths(root).made_from
    try:
        settings = load_settings(folder)
    except UserError:
        return
    if settings is not None:
        save_settings(folder, replace(settings, withdrawn=why))


def open_takedown(root: Path) -> tuple[Workspace, UserError | None]:
    """Open a build directory for a takedown; also return what of it could not be read.

    What shapes the site is as it was when the site was made; where the removal list lies, how much
    memory there is and whether the site is withdrawn, the settings say now. Raises UserError when
    nothing was built there.
    """
    problem: UserError | None = None
    current: Settings | None = None
    try:
        current = load_settings(root)
    except UserError as error:
        problem = error
    made = _load_made_from(Paths(root).made_from)
    if made is None and current is None:
        raise problem or UserError(f"{root}: nothing was built there yet; run `laion-assets build`")
    settings = made or current or Settings()
    if current is not None:
        settings = replace(
            settings,
            **{
                name: getattr(current, name)
                for name in ("removals", "removals_key", "memory", "threads", "withdrawn")
            },
        )
    return Workspace(root, settings, takedown=True), problem


def _load_made_from(folder: Path) -> Settings | None:
    """Return the settings of the published site, naming its own copies; None without them."""
    try:
        settings = load_settings(folder)
    except UserError:
        return None
    if settings is None:
        return None
    if settings.dataset.endswith(".toml"):
        settings = replace(settings, dataset=str(folder / settings.dataset))
    return replace(settings, lists=str(folder / settings.lists)) if settings.lists else settings
