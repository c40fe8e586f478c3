"""Mistakes in usage: one clear line, exit code 2, and nothing saved or made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from laion_assets.cli import main
from laion_assets.core.build.settings import Settings, all_settings, load_settings, save_settings


def run(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "--memory", "x"], "memory is 'x', not a size such as 2GB or 512MB"),
        (["build", "--memory", "1MB"], "memory is '1MB', not at least 256MB"),
        (["build", "--memory", "-2GB"], "memory is '-2GB'"),
        (["build", "--max-download", "x"], "max_download is 'x', not a size such as 50GB"),
        (["build", "--max-download", "0GB"], "max_download is '0GB', not a size"),
        (["build", "--source", ""], "--source is empty; name a file, a folder or a URL"),
        (["build", "--source", "FOLDER", "--source", " "], "--source is empty"),
        (["build", "--source", "caf\udce9"], r"caf\xe9: its name is not UTF-8; rename it"),
        (["build", "--threads", "0"], "'--threads': 0 is not in the range"),
        (["build", "--threads", "two"], "'--threads': 'two' is not a valid integer"),
        (["build", "--max-files", "999"], "max_files is 999, not 0, or 1,000 or more"),
        (["build", "--blurred", "1.5"], "'--blurred': 1.5 is not in the range"),
        (["build", "--blurred", "0.95"], "thresholds must be 0 <= blurred <= no_image <= withheld"),
        (["build", "--withheld", "nan"], "thresholds must be"),
        (["build", "--dataset", "smaple"], "unknown dataset 'smaple'; did you mean sample?"),
        (["build", "--treads", "2"], "No such option '--treads'"),
        (["build", "--memory"], "Option '--memory' requires an argument"),
        (["sample", "FOLDER", "--seed", "-1"], "'--seed': -1 is not in the range"),
        (["sample", "FOLDER", "--rows", "0"], "'--rows': 0 is not in the range"),
        (["sample"], "Missing argument 'FOLDER'"),
        (["serve", "--port", "99999"], "'--port': 99999 is not in the range"),
        (["serve", "--port", "0"], "'--port': 0 is not in the range"),
        (["lookup"], "Missing argument 'NAME...'"),
        (["biuld"], "No such command 'biuld'. Did you mean 'build'?"),
        (["withdraw"], "say why with --why TEXT"),
    ],
)
def test_a_bad_value_is_one_line_and_nothing_is_saved(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    """Exit code 2; the line names the option; no build directory appears."""
    root = tmp_path / "build"
    own = [str(tmp_path / "out") if argument == "FOLDER" else argument for argument in arguments]
    if arguments[0] in ("build", "serve", "withdraw") and own[-1] != "--memory":
        own += ["--build-dir", str(root)]
    result = run(*own)
    assert result.exit_code == 2, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("laion-assets: ")
    assert said in line
    assert list(tmp_path.iterdir()) == []


def test_a_bad_value_leaves_saved_settings_as_they_were(tmp_path: Path) -> None:
    """What was saved before is still there, byte for byte."""
    save_settings(tmp_path, Settings(threads=1))
    before = (tmp_path / "build.toml").read_bytes()
    assert run("build", "--memory", "lots", "--build-dir", str(tmp_path)).exit_code == 2
    assert (tmp_path / "build.toml").read_bytes() == before


def test_settings_are_shown_with_value_default_and_meaning(tmp_path: Path) -> None:
    """Every setting, as text and as JSON, those that were saved with the default beside them."""
    save_settings(tmp_path, Settings().with_changes(threads=1, withheld=0.95))
    shown = run("settings", "--build-dir", str(tmp_path)).output
    assert "threads = 1 (default 2)" in shown.splitlines()
    assert "thresholds.withheld = 0.95 (default 0.99)" in shown.splitlines()
    assert 'memory = "2GB"' in shown.splitlines()
    rows = json.loads(run("settings", "--json", "--build-dir", str(tmp_path)).output)
    assert [row["name"] for row in rows] == [setting.name for setting in all_settings()]
    assert {row["name"]: row["value"] for row in rows}["threads"] == 1
    assert all(row["meaning"] for row in rows)


def test_every_setting_has_an_option_that_sets_it(tmp_path: Path) -> None:
    """Of the same name, but for the one that a command of its own sets."""
    options = {option for parameter in main.commands["build"].params for option in parameter.opts}
    without = [setting.name for setting in all_settings() if f"--{setting.option}" not in options]
    assert without == ["withdrawn"]
    assert load_settings(tmp_path) is None


def test_no_command_at_all_is_answered_with_the_help() -> None:
    """Line by line, as --help prints it."""
    result = run()
    assert result.exit_code == 2
    assert "  build " in result.output
    assert len(result.output.splitlines()) > 10


@pytest.mark.parametrize("memory", ["4G", "512MiB", "1.5 GB", "80%", "100MB"])
def test_saved_memory_that_the_engine_takes_is_taken(tmp_path: Path, memory: str) -> None:
    """An older build.toml, or one that was edited, opens as long as DuckDB understands it."""
    (tmp_path / "build.toml").write_text(f'memory = "{memory}"\n', encoding="utf-8")
    settings = load_settings(tmp_path)
    assert settings is not None
    assert settings.memory == memory
