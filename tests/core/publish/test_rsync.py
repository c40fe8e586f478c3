"""Publishing to another machine by rsync: the real program, where it is installed.

Where it is not, a stand-in that understands exactly the options that are used: it tells whether
they are asked for in the right order, not whether rsync does what its manual says.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from laion_assets.core.base.errors import UserError
from tests.small_sites import FIRST, SECOND, contents, send, withdraw, write_site

RSYNC = shutil.which("rsync")
STAND_IN = """
import os, shutil, sys
from pathlib import Path

options = [word for word in sys.argv[1:] if word.startswith("--")]
*sources, last = [word for word in sys.argv[1:] if not word.startswith("--")]

def local(word):
    host, found, path = word.partition(":")
    return Path(path) if found and "/" not in host else Path(word)

if "--list-only" in options:
    for path in sorted(local(last).rglob("*")):
        if path.is_file():
            print(f"-rw-r--r--  1,234 2026/11/30 12:00:00 {path.relative_to(local(last))}")
    sys.exit(0)
lists = [word.partition("=")[2] for word in options if word.startswith("--files-from=")]
if not lists:
    source = local(sources[0])
    if not source.is_file():
        sys.exit("missing" and 23)
    shutil.copy(source, last)
    sys.exit(0)
for name in Path(lists[0]).read_bytes().decode().split("\\0"):
    source, target = local(sources[0]) / name, local(last) / name
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        if "--out-format=%n" in options:
            print(name)
    elif "--delete-missing-args" in options:
        target.unlink(missing_ok=True)
    else:
        sys.exit(f"no {source}")
"""


@dataclass
class Machine:
    """Another machine: what it is called, and the folder that it is here."""

    target: str
    folder: Path


@pytest.fixture(params=["stand-in", "real"])
def machine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Machine]:
    """A machine to publish to."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    if request.param == "stand-in":
        program = tmp_path / "bin" / "rsync"
        program.parent.mkdir()
        program.write_text(f"#!{sys.executable}\n{STAND_IN}", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=":")
        yield Machine(f"me@example.org:{folder}/www", folder / "www")
        return
    if RSYNC is None:
        pytest.skip("rsync is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "rsyncd.conf").write_text(
        f"uid = {os.getuid()}\ngid = {os.getgid()}\n[site]\npath = {folder}\nread only = no\n"
        "use chroot = no\n",
        encoding="utf-8",
    )
    command = [RSYNC, "--daemon", "--no-detach", "--address=127.0.0.1", f"--port={port}"]
    process = subprocess.Popen([*command, f"--config={tmp_path / 'rsyncd.conf'}"])
    try:
        ends = time.monotonic() + 10
        while time.monotonic() < ends:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.02)
        yield Machine(f"rsync://127.0.0.1:{port}/site/www", folder / "www")
    finally:
        process.terminate()
        process.wait()


def test_another_machine_gets_what_changed(tmp_path: Path, machine: Machine) -> None:
    """What is gone is deleted, what is somebody else's stays."""
    build = tmp_path / "build"
    write_site(build)
    send(build, machine.target)
    assert contents(machine.folder) == FIRST
    assert not send(build, machine.target)
    (machine.folder / "CNAME").write_bytes(b"example.org")
    write_site(build, SECOND)
    assert len(send(build, machine.target).delete) == 3
    assert contents(machine.folder) == {**SECOND, "CNAME": b"example.org"}


def test_a_withdrawal_reaches_another_machine(tmp_path: Path, machine: Machine) -> None:
    """Nothing of the site is left there."""
    write_site(tmp_path / "build")
    send(tmp_path / "build", machine.target)
    withdraw(tmp_path / "build")
    send(tmp_path / "build", machine.target)
    assert set(contents(machine.folder)) == {"404.html", "index.html", "static/style.css"}


def test_files_of_others_are_not_overwritten(tmp_path: Path, machine: Machine) -> None:
    """They are named, and replaced when that is said."""
    machine.folder.mkdir()
    (machine.folder / "index.html").write_bytes(b"mine")
    write_site(tmp_path / "build")
    with pytest.raises(UserError, match=r"index\.html is there"):
        send(tmp_path / "build", machine.target)
    send(tmp_path / "build", machine.target, replace=True)
    assert contents(machine.folder) == FIRST


def test_what_rsync_says_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it is not installed, or fails."""
    write_site(tmp_path / "build")
    program = tmp_path / "rsync"
    program.write_text("#!/bin/sh\necho 'ssh: no such host' >&2\necho more >&2\nexit 255\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="ssh: no such host; mend it") as raised:
        send(tmp_path / "build", "me@example.org:www")
    assert "\n" not in str(raised.value)
    program.unlink()
    with pytest.raises(UserError, match="rsync is not installed"):
        send(tmp_path / "build", "me@example.org:www")
