"""What the program needs before it can answer: little, whatever its commands need."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from laion_assets.cli import main

_HEAVY = ("numpy", "duckdb", "pyarrow", "numba", "dagster", "rich", "httpx2", "msgspec")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_imports_nothing_that_takes_time(arguments: list[str]) -> None:
    """Neither help nor the version waits for what work on rows needs."""
    told = f"import sys; print([name for name in {_HEAVY} if name in sys.modules])"
    script = (
        "import atexit, sys; from laion_assets.cli import main; "
        f"atexit.register(lambda: exec({told!r})); main({arguments!r}, prog_name='laion-assets')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert "[]" in done.stdout.splitlines(), done.stdout + done.stderr


def test_the_list_of_commands_says_what_their_own_help_says() -> None:
    """What is read without importing a command is the first line of its help."""
    for name, command in main.commands.items():
        assert isinstance(command, click.Command)
        assert command.name == name
        assert main.commands.summary(name) == (command.help or "").splitlines()[0]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(shell: str) -> None:
    """The script names the program and the variable by which Click is asked."""
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0, result.output
    assert "_LAION_ASSETS_COMPLETE" in result.output


@pytest.mark.parametrize(
    ("typed", "number", "offered"),
    [
        ("laion-assets st", 1, ["status"]),
        ("laion-assets build --bl", 2, ["--blurred"]),
        ("laion-assets s", 1, ["sample", "serve", "settings", "status"]),
    ],
)
def test_what_is_half_typed_is_completed(typed: str, number: int, offered: list[str]) -> None:
    """Commands and options that begin so, in order."""
    asked = {
        "_LAION_ASSETS_COMPLETE": "bash_complete",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(number),
    }
    result = CliRunner().invoke(main, [], prog_name="laion-assets", env=asked)
    assert [line.split(",")[1] for line in result.stdout.splitlines()] == offered
