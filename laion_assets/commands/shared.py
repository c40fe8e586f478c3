"""What every command of the command line shares: the build directory, and one line for an error.

Not here: any command.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from laion_assets.commands.interrupts import noticed_signals
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


_STOPPED = "stopped; what is built is whole, run it again to continue"


def one_clear_line(command: Callable[..., None]) -> Callable[..., None]:
    """Turn our errors into one line and an exit code."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        with noticed_signals() as exit_code:
            try:
                command(*args, **kwargs)
            except UserError as error:
                click.echo(f"laion-assets: {error}", err=True)
                sys.exit(2 if isinstance(error, BadUsage) else 1)
            except KeyboardInterrupt:
                click.echo(f"laion-assets: {_STOPPED}", err=True)
                sys.exit(exit_code())

    return run


class OneLineGroup(click.Group):
    """A group of commands whose mistakes in usage are one line and exit code 2 as well."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command the arguments name, and end the process with its exit code."""
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(2)
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx is not None else "laion-assets"
            message = " ".join(error.format_message().split())
            click.echo(f"laion-assets: {message} (see {path} --help)", err=True)
            sys.exit(2)
        except click.Abort:
            sys.exit(130)
        sys.exit(code if isinstance(code, int) else 0)


def saved_workspace(build_dir: Path) -> Workspace:
    """Return the workspace of a build directory; UserError when nothing was built there."""
    root = build_dir.resolve()
    settings = load_settings(root)
    if settings is None:
        raise UserError(f"{root}: nothing was built there yet; run `laion-assets build`")
    return Workspace(root, settings)
