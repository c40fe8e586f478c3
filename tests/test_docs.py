"""The README is checked against the program."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from laion_assets.cli import main
from laion_assets.core.build.settings import all_settings
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


def settings_table() -> str:
    """Return the README's table of settings, from the one place that declares them."""
    rows = [
        f"| `{setting.name}` | {f'`--{setting.option}`' if setting.option else ''} "
        f"| {json.dumps(list(value) if isinstance(value, tuple) else value)} "
        f"| {setting.range} | {setting.meaning.replace('|', chr(92) + '|')} |"
        for setting in all_settings()
        for value in [setting.default]
    ]
    head = ["| setting | option | default | range | meaning |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def test_every_setting_stands_in_the_readme_as_it_is() -> None:
    """Name, option, default, range and meaning are the program's own."""
    assert settings_table() in README


def test_the_architecture_names_rooms_and_files_that_are_there() -> None:
    """Every room of the core has its row, in the order the linter holds; every path exists."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE)
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = configuration["tool"]["importlinter"]["contracts"][0]["layers"]
    assert rooms == layers[::-1]
    here = sorted(path.name for path in (ROOT / "laion_assets" / "core").iterdir() if path.is_dir())
    assert sorted(rooms) == [name for name in here if name != "__pycache__"]
    folders = (ROOT, ROOT / "laion_assets", ROOT / "laion_assets" / "core")
    for path in re.findall(r"`([a-z_]+/[a-z_/]+\.(?:py|json|sql|js))`", text):
        assert any((folder / path).is_file() for folder in folders) or "verb_noun" in path, path


def test_nothing_refers_to_a_document_that_is_not_here() -> None:
    """Anchors of ARCHITECTURE.md that code names are there; no other document is named."""
    anchors = set(
        re.findall(r'<a id="([a-z-]+)">', (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    )
    for folder in ("laion_assets", "site_templates", "tests", "bench", "client"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".sql", ".js", ".html", ".toml", ".css", ".ts"):
                if "node_modules" in path.parts or path == Path(__file__):
                    continue
                text = path.read_text(encoding="utf-8")
                assert "DESIGN" not in text, path
                assert set(re.findall(r"ARCHITECTURE\.md#([a-z-]+)", text)) <= anchors, path
