"""What commands share that work on a build directory: the option that names it, and opening it.

Not here: any command, the line for an error (`one_line`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from pathlib import Path
from typing import Any

import click

from laion_assets.commands.one_line import one_line
from laion_assets.commands.start import FOR_WORK, refuse_limits
from laion_assets.core.base.errors import UserError
from laion_assets.core.base.sql import refuse_unreadable
from laion_assets.core.build.settings import Settings, load_settings, memory_bytes
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.sources.folders import text_of

BUILD_DIR = click.option(
    "--build-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build"),
    show_default=True,
    help="Folder everything is made in; its build.toml remembers the settings.",
)


def one_clear_line(command: Callable[..., None]) -> Callable[..., None]:
    """Turn every error of a command into one line and an exit code."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        with one_line(kwargs.get("build_dir")):
            if "build_dir" in kwargs:
                refuse_unreadable(kwargs["build_dir"].resolve())
            command(*args, **kwargs)

    return run


def saved_workspace(build_dir: Path) -> Workspace:
    """Return the workspace of a build directory; UserError when nothing was built there."""
    root = build_dir.resolve()
    settings = load_settings(root)
    if settings is None:
        raise UserError(f"{root}: nothing was built there yet; run `laion-assets build`")
    return Workspace(root, settings)


def room_for_work(settings: Settings) -> None:
    """End the process with one line when its limits are too low for work on rows."""
    refuse_limits(FOR_WORK + (memory_bytes(settings.memory) or 0), "work on rows")


def some_of(names: Collection[str]) -> str:
    """Return the first of some file names in one line, and how many more there are."""
    shown = ", ".join(text_of(name) for name in list(names)[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else shown


_SHOWN = 5
