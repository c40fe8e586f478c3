"""What every command of the command line shares: the build directory, and one line for an error.

Not here: any command.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any

import click

from laion_assets.commands.interrupts import end_at_once, noticed_signals, stopped, tell_stopped
from laion_assets.commands.last_resort import told
from laion_assets.commands.output import explain_output, flush_output, hold_standard_streams
from laion_assets.commands.start import FOR_WORK, refuse_limits
from laion_assets.core.base.errors import BadUsage, UserError
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
        with _one_line(kwargs.get("build_dir")):
            if "build_dir" in kwargs:
                refuse_unreadable(kwargs["build_dir"].resolve())
            command(*args, **kwargs)

    return run


class OneLineGroup(click.Group):
    """A group of commands whose mistakes in usage are one line and exit code 2 as well."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Be the whole process: what stays open, and what is printed at its very end, is ours."""
        hold_standard_streams()
        # Errors in destructors and threads, where all else is told already: no lines of their own.
        sys.unraisablehook = lambda _: None
        threading.excepthook = lambda _: None
        try:
            return self.main(*args, **kwargs)
        except SystemExit as end:
            if end.code:
                end_at_once(end.code)
            raise

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command the arguments name, and end the process with its exit code."""
        with noticed_signals(), _one_line(None):
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
            flush_output()
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click's own treatment of Ctrl-C and of a closed pipe is not ours."""
        with _one_line(None):
            return super().invoke(ctx)


@contextmanager
def _one_line(build_dir: Path | None) -> Iterator[None]:
    """Turn an error into one line on standard error and the exit code that belongs to it."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit):
        raise  # usage, told by the group
    except BaseException as error:
        if isinstance(error, SystemExit) and not stopped():
            raise
        sys.exit(_tell(error, build_dir))


def _tell(error: BaseException, build_dir: Path | None) -> int:
    if stopped() or isinstance(error, KeyboardInterrupt | click.Abort):
        return tell_stopped()
    of_output = explain_output(error)
    if of_output is not None:
        said, code = of_output
    elif isinstance(error, UserError):
        said, code = " ".join(str(error).split()), 2 if isinstance(error, BadUsage) else 1
    else:
        said, code = told(error, build_dir), 1
    if said:
        with suppress(OSError):
            click.echo(f"laion-assets: {said}", err=True)
    return code


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
