"""Where a build runs: folders of odd names, other projects' settings, terminals of any kind."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from laion_assets.core.base.errors import UserError
from laion_assets.dagster_home import dagster_home, is_ours, readable_home, remember_home
from laion_assets.resources import default_build_dir
from tests.building import Builder
from tests.repository import ROOT

#: What a URL, a shell, SQL, a pattern, a partition or a terminal takes for something else.
ODD = "a?b=1&c %20 %zz #d [1] st*r 'q' \"Q\" $HOME ~ ; 日本 é\u0301 x=1 ..."


@pytest.mark.usefixtures("history_on_disk")
def test_a_folder_of_any_name_is_a_build_directory(built: Builder, tmp_path: Path) -> None:
    """All that is made lies in it, Dagster's databases too, and every command works there."""
    odd = Builder(tmp_path / ODD / "build.", built.source)
    before = {path.name for path in tmp_path.iterdir()}
    odd.build("--source", str(odd.source))
    assert {path.name for path in tmp_path.iterdir()} == before | {ODD}
    assert [path.name for path in (tmp_path / ODD).iterdir()] == ["build."]
    history = odd.root / "dagster" / "history"
    with sqlite3.connect(history / "runs.db") as runs:
        (count,) = runs.execute("SELECT count(*) FROM runs").fetchone()
    assert count > 0
    assert list((history / "runs").glob("*.db"))
    assert (odd.root / "dagster" / "schedules" / "schedules.db").exists()
    assert "Nothing to do" in odd.build().output
    for command in (["status"], ["verify", "--deep"], ["lookup", "Van Gogh"], ["settings"]):
        assert odd.run(*command).exit_code == 0
    assert {name: content for name, (content, _) in odd.site_files().items()} == {
        name: content for name, (content, _) in built.site_files().items()
    }
    assert odd.run("remove", "--url", "https://i.pinimg.com/2019/01/0.jpg").exit_code == 0
    assert odd.run("verify", "--deep").exit_code == 0


@pytest.mark.parametrize("name", [b"a\\b", b"a\nb", b"a[1]\\b", b"caf\xe9"])
def test_a_folder_that_cannot_be_read_is_told_before_anything_is_made(
    builder: Builder, tmp_path: Path, name: bytes
) -> None:
    """A pattern with a backslash and a name that is not UTF-8 are one line; others work."""
    odd = Builder(tmp_path / os.fsdecode(name), builder.source)
    result = odd.run("build", "--source", str(odd.source))
    refused = b"[" in name or b"\xe9" in name
    assert result.exit_code == (2 if refused else 0), result.output
    assert odd.root.exists() != refused
    if refused:
        assert result.output.count("\n") == 1
        assert "choose another --build-dir" in result.output


def test_dagster_gets_a_path_that_it_reads_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link of this user's own where it would take the name for a pattern or part of a URL."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    plain = dagster_home(tmp_path / "a b 'c' \"é\" #1 $x")
    assert readable_home(plain) == plain
    for name in ("100%", "a?b", "a*", "[1]"):
        home = dagster_home(tmp_path / name)
        link = readable_home(home)
        assert link.resolve() == home
        assert link.parent == tmp_path / f"laion-assets-{os.getuid()}"
        link.unlink()
        link.symlink_to(plain)  # whatever became of it
        assert readable_home(home).resolve() == home
    link.parent.chmod(0o777)
    with pytest.raises(UserError, match=r"misreads \[ in a path"):
        readable_home(home)


def test_what_the_user_wrote_of_the_history_stays(tmp_path: Path) -> None:
    """A `dagster.yaml` that does not begin with our line is somebody's."""
    path = dagster_home(tmp_path) / "dagster.yaml"
    path.write_text("telemetry:\n  enabled: true\n")
    dagster_home(tmp_path)
    assert path.read_text() == "telemetry:\n  enabled: true\n"


# -- other projects --------------------------------------------------------------------------------


@pytest.mark.usefixtures("history_on_disk")
def test_another_projects_dagster_is_neither_read_nor_written(
    builder: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever of Dagster's is exported, the build has its own home and settings."""
    theirs = tmp_path / "theirs" / "home"
    theirs.mkdir(parents=True)
    (theirs / "dagster.yaml").write_text("storage: {postgres: {no: such}}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(theirs))
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "many")
    monkeypatch.setenv("DAGSTER_MAX_GLOBAL_OP_CONCURRENCY_LIMIT", "none")
    builder.build("--source", str(builder.source))
    assert [path.name for path in theirs.iterdir()] == ["dagster.yaml"]
    assert [path.name for path in theirs.parent.iterdir()] == ["home"]
    assert (builder.root / "dagster" / "history" / "runs.db").exists()


def test_the_ui_works_on_the_build_directory_of_its_home_or_on_the_one_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home of another project does not make the folder above it ours."""
    monkeypatch.chdir(tmp_path)
    here = tmp_path / "build"
    ours = dagster_home(tmp_path / "elsewhere")
    theirs = tmp_path / "project" / "dagster"
    theirs.mkdir(parents=True)
    (theirs / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    for home, expected in ((ours, ours.parent), (theirs, here), ("", here)):
        monkeypatch.setenv("DAGSTER_HOME", str(home))
        assert default_build_dir() == expected
    (theirs.parent / "build.toml").touch()  # a build directory whose dagster.yaml its user wrote
    assert is_ours(theirs)
    monkeypatch.delenv("DAGSTER_HOME")
    assert default_build_dir() == here


def test_the_home_is_noted_beside_what_else_is_set_there(tmp_path: Path) -> None:
    """`.env` is a file that people have things in; a path comes back as it is."""
    from dotenv import dotenv_values

    (tmp_path / ".env").write_text('AWS_KEY="a#b" # mine\nDAGSTER_HOME=/old\nOTHER=1\n')
    home = tmp_path / "a b 'c' #d" / "dagster"
    remember_home(home, tmp_path)
    expected = {"AWS_KEY": "a#b", "DAGSTER_HOME": str(home), "OTHER": "1"}
    assert dotenv_values(tmp_path / ".env") == expected
    assert "# mine" in (tmp_path / ".env").read_text()
    (tmp_path / "new").mkdir()
    remember_home(home, tmp_path / "new")
    assert dotenv_values(tmp_path / "new" / ".env") == {"DAGSTER_HOME": str(home)}


# -- terminals -------------------------------------------------------------------------------------


def _run(
    arguments: list[str], folder: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "laion_assets.cli", *arguments]
    kept = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(command, env=kept, cwd=folder, capture_output=True, check=False)
    encoding = environment.get("PYTHONIOENCODING", "utf-8").partition(":")[0]
    return subprocess.CompletedProcess(
        command, done.returncode, done.stdout.decode(encoding, "replace"), done.stderr.decode()
    )


ENCODINGS = (
    {"PYTHONIOENCODING": "latin-1"},
    {"PYTHONIOENCODING": "ascii:surrogateescape"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
)
ASKED = "Łukasz – 日本"


@pytest.mark.parametrize("environment", ENCODINGS, ids=lambda each: "-".join(each.values()))
def test_what_an_encoding_lacks_is_written_otherwise(
    built: Builder, tmp_path: Path, environment: dict[str, str]
) -> None:
    """No command fails of a letter: tables, help, names and errors are printed, JSON is exact."""
    where = ["--build-dir", str(built.root)]
    done = _run(["lookup", "--json", ASKED, *where], tmp_path, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    if "LC_ALL" not in environment:
        assert json.loads(done.stdout)[0]["asked"] == ASKED
    # A locale without the letters makes of the name one that nobody can have meant.
    missing = 2 if "LC_ALL" in environment else 1
    for arguments, code in (
        (["datasets", "laion-400m"], 0),
        (["build", "--source", ASKED, *where], missing),
    ):
        done = _run(arguments, tmp_path, **environment)
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        assert "Error" not in done.stderr
        assert len(done.stderr.splitlines()) == (code != 0), done.stderr


def test_a_build_prints_all_it_has_to_say_in_any_encoding(built: Builder, tmp_path: Path) -> None:
    """Progress, what was set aside and the summary, with names of files in them."""
    (built.source / f"{ASKED}.parquet").write_bytes(b"nothing")
    environment = {"PYTHONIOENCODING": "ascii"}
    done = _run(["build", "--build-dir", str(built.root)], tmp_path, **environment)
    assert done.returncode == 1
    assert r"\u0141ukasz - \u65e5\u672c.parquet: is not a parquet file" in done.stderr
    assert "site ..." in done.stdout
