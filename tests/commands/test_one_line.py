"""Whatever goes wrong is one line on standard error and the right exit code, never a traceback."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from laion_assets.cli import main
from laion_assets.commands import build, shared
from laion_assets.core.base.errors import UserError
from laion_assets.core.build import failure_log
from laion_assets.core.build.settings import Settings, load_settings, save_settings
from tests.building import Builder, forget_lists, use_small_lists, write_source

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Builder]:
    """A builder with one source file, settings saved for it, nothing built."""
    use_small_lists(tmp_path / "lists", monkeypatch)
    write_source(tmp_path / "source" / "a.parquet", 0)
    builder = Builder(tmp_path / "build", tmp_path / "source")
    save_settings(builder.root, Settings(dataset="files", sources=(str(builder.source),)))
    yield builder
    forget_lists()


def the_line(result: Result, exit_code: int) -> str:
    """Return the one line on standard error."""
    assert result.exit_code == exit_code, result.output + repr(result.exception)
    (line,) = result.stderr.splitlines()
    assert line.startswith("laion-assets: ")
    return line


def fail_with(error: BaseException) -> Callable[..., None]:
    """Return a function that raises, whatever it is given."""

    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


MACHINE = {
    "disk full": (OSError(errno.ENOSPC, "x", "/b/.tmp-0123456789ab-images.parquet"),
                  "/b/images.parquet: the disk is full; make room"),
    "quota": (OSError(errno.EDQUOT, "x", "/b/f"), "/b/f: the disk quota is used up"),
    "file-size limit": (OSError(errno.EFBIG, "x", "/b/f"), "/b/f: the file would be larger"),
    "read-only": (OSError(errno.EROFS, "x", "/b/f"), "/b/f: the file system is read-only"),
    "permission": (PermissionError(errno.EACCES, "x", "/b/f"), "/b/f: permission denied; make it"),
    "open files": (OSError(errno.EMFILE, "x", "/b/f"), "/b/f: too many files are open at once"),
    "bad disk": (OSError(errno.EIO, "x", "/b/f"), "/b/f: the disk reports an error"),
    "in the way": (FileExistsError(errno.EEXIST, "x", "/b/raw"), "/b/raw: something else is in"),
    "memory": (MemoryError(), "there is not enough memory"),
    "threads": (RuntimeError("can't start new thread"), "no more threads can be started"),
    "locked history": (sqlite3.OperationalError("database is locked"),
                       "dagster: the history of builds is held by another program"),
    "damaged history": (sqlite3.DatabaseError("file is not a database"),
                        "dagster: the history of builds is damaged; move that folder away"),
    "in a group": (ExceptionGroup("tasks", [OSError(errno.EMFILE, "x", "/b/f")]),
                   "/b/f: too many files are open at once"),
}  # fmt: skip


@pytest.mark.parametrize("kind", MACHINE)
def test_what_the_machine_refuses_is_one_line_with_advice(
    builder: Builder, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """It names the file by its final name, and says what to do; no log is written."""
    error, said = MACHINE[kind]
    monkeypatch.setattr(build, "make_plan", fail_with(error))
    assert said in the_line(builder.run("status"), 1)
    assert not (builder.root / "logs").exists()


@pytest.mark.parametrize("kind", ["disk full", "open files", "threads", "read-only"])
def test_what_fails_inside_an_asset_is_one_line_too(
    builder: Builder, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """What Dagster wraps is unwrapped, and no file is set aside for it."""
    from laion_assets.making import source_files

    error, said = MACHINE[kind]
    monkeypatch.setattr(source_files, "clean_file", fail_with(error))
    assert said in the_line(builder.run("build"), 1)
    assert not list((builder.root / "raw").glob("*.error.json"))


def test_a_source_file_is_not_blamed_for_the_machine(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that cannot start reads like a damaged file; the file is not set aside."""
    from laion_assets.core.reading import parquet_rows

    said = "Failed to launch worker thread: Resource temporarily unavailable"
    monkeypatch.setattr(parquet_rows, "_opened", fail_with(OSError(said)))
    assert "no more threads can be started" in the_line(builder.run("build"), 1)
    assert not list((builder.root / "raw").glob("*.error.json"))


def test_an_error_nobody_expected_is_one_line_and_a_log(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line has the first line of what was said; the traceback is in the log it names."""
    error = KeyError("first\nrow data")
    monkeypatch.setattr(build, "make_plan", fail_with(error))
    line = the_line(builder.run("status"), 1)
    (log,) = (builder.root / "logs").iterdir()
    assert "KeyError: 'first" in line
    assert str(log) in line
    assert "Traceback (most recent call last)" in log.read_text(encoding="utf-8")


def test_inside_an_asset_the_cause_is_told_and_not_what_wraps_it(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No word of Dagster's."""
    from laion_assets.assets import merged_tables

    monkeypatch.setattr(merged_tables, "write_tables", fail_with(ZeroDivisionError("why")))
    line = the_line(builder.run("build"), 1)
    assert "unexpected error, please report it: ZeroDivisionError: why; the details are in" in line


def test_only_the_last_few_logs_are_kept(tmp_path: Path) -> None:
    """The newest among them."""
    logs = [failure_log.write_log(ValueError(str(n)), tmp_path) for n in range(9)]
    kept = sorted((tmp_path / "logs").iterdir())
    assert len(kept) == failure_log.KEPT
    assert logs[-1] in kept


def test_without_a_build_directory_the_log_lies_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a temporary folder; no build directory is made for it."""
    monkeypatch.setattr(failure_log.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(shared, "load_settings", fail_with(KeyError("x")))
    result = CliRunner().invoke(main, ["status", "--build-dir", str(tmp_path / "nowhere")])
    assert f"the details are in {tmp_path}" in the_line(result, 1)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.usefixtures("history_on_disk")
def test_a_history_that_cannot_be_opened_is_one_line(builder: Builder) -> None:
    """Its configuration is damaged; the line names the folder and says to delete it."""
    (builder.root / "dagster").mkdir()
    (builder.root / "dagster" / "dagster.yaml").write_text("{{{:", encoding="utf-8")
    line = the_line(builder.run("build"), 1)
    assert f"{builder.root / 'dagster'}: the history of builds cannot be opened" in line


BAD_SETTINGS = {
    b"threads = 0": "threads is 0, not a whole number from 1 to 1,024",
    b'memory = ""': "memory is '', not a size",
    b'memory = "0KB"': "memory is '0KB', not a size",
    b'memory = "500%"': "memory is '500%', not a size",
    b'memory = "99999999999999999999GB"': "memory is '99999999999999999999GB', not a size",
    b"lists = 5": "lists is 5, not a text",
    b"max_files = true": "max_files is True, not a whole number",
    b"colour = 1": "unknown key 'colour'",
    b"\xff": "can't decode byte 0xff",
    b"threads =": "Invalid value",
}


@pytest.mark.parametrize("content", BAD_SETTINGS)
def test_a_bad_build_toml_is_one_line_for_every_command(tmp_path: Path, content: bytes) -> None:
    """It names the file and the key, and what belongs there."""
    path = tmp_path / "build.toml"
    path.write_bytes(content)
    for command in (["build"], ["status"], ["settings"], ["lookup", "x"], ["lists"],
                    ["remove", "--id", "1"], ["withdraw", "--undo"]):  # fmt: skip
        result = CliRunner().invoke(main, [*command, "--build-dir", str(tmp_path)])
        line = the_line(result, 2)
        assert f"{path}: {BAD_SETTINGS[content]}" in line or (
            str(path) in line and BAD_SETTINGS[content] in line
        )


def test_a_build_toml_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """Here a folder lies in its place."""
    (tmp_path / "build.toml").mkdir()
    result = CliRunner().invoke(main, ["status", "--build-dir", str(tmp_path)])
    assert "build.toml: cannot be read (Is a directory)" in the_line(result, 2)


def test_a_saved_dataset_that_is_none_names_file_and_key(builder: Builder) -> None:
    """Nobody named it on the command line."""
    save_settings(builder.root, Settings(dataset="nix", sources=(str(builder.source),)))
    assert "build.toml: dataset: unknown dataset 'nix'" in the_line(builder.run("build"), 2)


@pytest.mark.parametrize("fault", ["allow-list", "source", "port", "planning"])
def test_settings_are_saved_once_there_is_a_plan(
    builder: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """What cannot even begin leaves build.toml as it was, byte for byte."""
    from laion_assets import refresh

    before = (builder.root / "build.toml").read_bytes()
    options = {
        "allow-list": ["--allow", str(tmp_path / "missing")],
        "source": ["--source", str(tmp_path / "missing")],
        "port": ["--source", "http://localhost:99999/a.parquet"],
        "planning": ["--threads", "1"],
    }
    if fault == "planning":
        monkeypatch.setattr(refresh, "make_plan", fail_with(UserError("no plan")))
    the_line(builder.run("build", *options[fault]), 2 if fault == "port" else 1)
    assert (builder.root / "build.toml").read_bytes() == before


def test_assets_read_the_settings_of_the_build_that_runs_them(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are saved before the first asset runs, though it fails."""
    from laion_assets.making import source_files

    monkeypatch.setattr(source_files, "clean_file", fail_with(MemoryError()))
    the_line(builder.run("build", "--threads", "1"), 1)
    saved = load_settings(builder.root)
    assert saved is not None
    assert saved.threads == 1


# -- the process itself -------------------------------------------------------------------------


def process(
    *arguments: str, prelude: Callable[[], None] | None = None, **streams: int
) -> subprocess.CompletedProcess[str]:
    """Run the real command after `prelude`."""
    return subprocess.run(
        [sys.executable, "-m", "laion_assets.cli", *arguments],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        text=True,
        check=False,
        preexec_fn=prelude,
    )


def test_a_memory_limit_below_all_use_is_told_at_the_start() -> None:
    """The libraries would crash without a word."""
    low = lambda: resource.setrlimit(resource.RLIMIT_AS, (400_000_000, 400_000_000))  # noqa: E731
    done = process("datasets", prelude=low)
    assert done.returncode == 1, done.stderr
    (line,) = done.stderr.splitlines()
    assert "the memory limit of 0.4 GB is too low" in line


def test_an_output_that_cannot_be_written_is_one_line() -> None:
    """A full disk behind standard output is not mistaken for the build's."""
    with Path("/dev/full").open("w") as full:
        done = process("datasets", stdout=full.fileno())
    assert done.returncode == 1
    assert done.stderr == (
        "laion-assets: standard output cannot be written (No space left on device)\n"
    )


def test_a_reader_that_has_read_enough_is_no_error() -> None:
    """As with `| head -1`: nothing is said, the exit code is the shells' for a closed pipe."""
    reading, writing = os.pipe()
    os.close(reading)
    done = process("datasets", stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")


def test_closed_output_is_taken_for_nowhere() -> None:
    """Nor does the first file that is opened become standard output."""
    done = process("datasets", prelude=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("times", [1, 3])
def test_a_signal_in_the_first_moments_is_one_line(number: signal.Signals, times: int) -> None:
    """While everything is being imported; more than one in quick succession change nothing."""
    script = (
        "import os, sys\n"
        "from laion_assets.commands.start import starting\n"
        "with starting():\n"
        f"    for _ in range({times}): os.kill(os.getpid(), {int(number)})\n"
        "    import time; time.sleep(60)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=_ROOT
    )
    assert done.returncode == 128 + number
    assert done.stderr.splitlines() == [
        "laion-assets: stopped; what is built is whole, run it again to continue"
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("times", [1, 3])
def test_a_signal_while_planning_is_one_line(
    tmp_path: Path, number: signal.Signals, times: int
) -> None:
    """Whoever catches the first of several: none is a traceback."""
    script = (
        "import os, sys\n"
        "from laion_assets import cli\n"
        "from laion_assets.commands import shared\n"
        "def plan(*_):\n"
        f"    for _ in range({times}):\n"
        f"        try: os.kill(os.getpid(), {int(number)})\n"
        f"        except KeyboardInterrupt:\n"
        f"            if {times} == 1: raise\n"
        "    raise ValueError\n"
        "shared.load_settings = plan\n"
        "cli.main(sys.argv[1:])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "status", "--build-dir", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=_ROOT,
    )  # fmt: skip
    assert done.returncode == 128 + number, done.stderr
    assert done.stderr.splitlines() == [
        "laion-assets: stopped; what is built is whole, run it again to continue"
    ]
