"""One line and an exit code for whatever goes wrong, and commands that are imported when they run.

Imports nothing that takes time, so that `--help` is there at once. Not here: any command, what they
share (`shared`), the words for an error that nobody expected (`last_resort`).
"""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from laion_assets.commands.interrupts import end_at_once, noticed_signals, stopped, tell_stopped
from laion_assets.commands.output import explain_output, flush_output, hold_standard_streams
from laion_assets.commands.start import starting
from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.base.memory import collect_rarely


class CommandsOnDemand(dict[str, click.Command]):
    """Commands by name, each imported when it is asked for."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        """Take the module of `laion_assets.commands` in which the command of each name stands."""
        super().__init__(dict.fromkeys(modules))  # type: ignore[arg-type]
        self._modules = modules

    def __getitem__(self, name: str) -> click.Command:
        """Return a command; KeyError when there is none of that name."""
        with starting():
            module = import_module(f"laion_assets.commands.{self._modules[name]}")
        command: click.Command = getattr(module, name)
        return command

    def get(self, name: str, default: Any = None) -> Any:
        """Return a command, or the default when there is none of that name."""
        return self[name] if name in self else default  # noqa: SIM401 - it would ask itself

    def summary(self, name: str) -> str:
        """Return the first line of a command's help, read from its docstring without importing."""
        found = find_spec(f"laion_assets.commands.{self._modules[name]}")
        source = Path(found.origin).read_text("utf-8") if found and found.origin else ""
        for statement in ast.parse(source).body:
            if isinstance(statement, ast.FunctionDef) and statement.name == name:
                return (ast.get_docstring(statement) or "").partition("\n")[0]
        return ""

    def values(self) -> Any:
        """Return every command, all imported."""
        return [self[name] for name in self]

    def items(self) -> Any:
        """Return every command with its name, all imported."""
        return [(name, self[name]) for name in self]


class OneLineGroup(click.Group):
    """A group of commands whose mistakes in usage are one line and exit code 2 as well."""

    commands: CommandsOnDemand

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, self.commands.summary(name)) for name in sorted(self.commands)]
            )

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin so, without importing any command."""
        names = [name for name in sorted(self.commands) if name.startswith(incomplete)]
        items = [CompletionItem(name, help=self.commands.summary(name)) for name in names]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Be the whole process: what stays open, and what is printed at its very end, is ours."""
        hold_standard_streams()
        collect_rarely()
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
        with noticed_signals(), one_line(None):
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
        with one_line(None):
            return super().invoke(ctx)


@contextmanager
def one_line(build_dir: Path | None) -> Iterator[None]:
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
        from laion_assets.commands.last_resort import told

        said, code = told(error, build_dir), 1
    if said:
        with suppress(OSError):
            click.echo(f"laion-assets: {said}", err=True)
    return code
