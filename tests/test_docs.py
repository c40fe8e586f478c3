"""The README is checked against the program."""

import pytest
from click.testing import CliRunner

from laion_assets.cli import main
from tests.repository import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_help_in_the_readme_is_the_real_help() -> None:
    """The block that shows `laion-assets --help` is what it prints."""
    result = CliRunner().invoke(main, ["--help"], prog_name="laion-assets")
    assert result.output.strip() in README


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_explains_itself(command: str) -> None:
    """Each command has help of its own and stands in the README."""
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0
    assert main.commands[command].help
    assert f"  {command} " in README


@pytest.mark.parametrize("target", ["site", "test", "dev", "bench", "lint"])
def test_every_make_target_of_the_readme_exists(target: str) -> None:
    """The README names no target that the Makefile lacks."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"make {target}" in README
    assert f"\n{target}:" in makefile
