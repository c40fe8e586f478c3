"""What every command of the command line shares: the build directory, and one line for an error.

Not here: any command (`cli`, `cli_names`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.build.settings import load_settings
from laion_assets.core.build.workspace import Workspace

BUILD_DIR = click.option(
    "--build-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build"),
    show_default=True,
    help="Folder everything is made in; its build.toml remembers the settings.",
)


def one_clear_line(command: Callable[..., None]) -> Callable[..., None]:
    """Turn our errors into one line and an exit code."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except BadUsage as error:
            click.echo(f"laion-assets: {error}", err=True)
            sys.exit(2)
        except UserError as error:
            click.echo(f"laion-assets: {error}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo(
                "laion-assets: stopped; what is built is whole, and a build continues from here",
                err=True,
            )
            sys.exit(130)

    return run


def saved_workspace(build_dir: Path) -> Workspace:
    """Return the workspace of a build directory; UserError when nothing was built there."""
    root = build_dir.resolve()
    settings = load_settings(root)
    if settings is None:
        raise UserError(f"{root}: nothing was built there yet; run `laion-assets build`")
    return Workspace(root, settings)
