"""`laion-assets publish`: what is printed, exit codes, hosts, a withdrawn site, being stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from laion_assets.cli import main
from laion_assets.core.publish.manifest import read_manifest, verify_site
from tests.small_sites import FIRST, SECOND, contents, withdraw, write_site


def run(build_dir: Path, *arguments: str) -> Result:
    """Run the command on a build directory."""
    words = ["publish", *arguments, "--build-dir", str(build_dir)]
    return CliRunner().invoke(main, words, prog_name="laion-assets")


def test_it_says_what_was_sent_and_that_nothing_is_left_to_send(tmp_path: Path) -> None:
    """In one line each."""
    target = str(tmp_path / "www")
    write_site(tmp_path / "build")
    assert run(tmp_path / "build", target).output == (
        f"{target}: 8 files (0.0 MiB) sent, 0 deleted, 0 unchanged.\n"
    )
    assert run(tmp_path / "build", target).output == (
        f"{target}: nothing to send, all 8 files are there.\n"
    )
    write_site(tmp_path / "build", SECOND)
    assert (
        "5 files (0.0 MiB) sent, 3 deleted, 3 unchanged." in run(tmp_path / "build", target).output
    )


def test_a_dry_run_lists_what_would_be_sent_and_deleted(tmp_path: Path) -> None:
    """And does nothing."""
    target = str(tmp_path / "www")
    write_site(tmp_path / "build")
    run(tmp_path / "build", target)
    write_site(tmp_path / "build", SECOND)
    result = run(tmp_path / "build", target, "--dry-run")
    assert "send    domains/b.html\n" in result.output
    assert "delete  domains/a.html\n" in result.output
    assert "would be sent" in result.output
    assert contents(tmp_path / "www") == FIRST
    assert json.loads(run(tmp_path / "build", target, "--dry-run", "--json").output)["deleted"] == [
        "domains/a.html", "search/one/directory.js", "search/one/w/0.js",
    ]  # fmt: skip


def test_github_pages_gets_the_file_that_it_wants(tmp_path: Path) -> None:
    """It is ours at the target: listed there, and gone when the site goes elsewhere."""
    target = tmp_path / "www"
    write_site(tmp_path / "build")
    assert run(tmp_path / "build", str(target), "--for", "github-pages").exit_code == 0
    assert contents(target) == {**FIRST, ".nojekyll": b""}
    assert set(read_manifest(target)) == {*FIRST, ".nojekyll"}
    assert verify_site(target) == []
    assert "nothing to send" in run(tmp_path / "build", str(target), "--for", "github-pages").output
    run(tmp_path / "build", str(target))
    assert contents(target) == FIRST


def test_what_a_host_does_not_take_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    """With exit code 1 and what to change."""
    write_site(tmp_path / "build", {**FIRST, "data/large.csv": b"x" * (25 * 2**20 + 1)})
    result = run(tmp_path / "build", str(tmp_path / "www"), "--for", "cloudflare-pages")
    assert result.exit_code == 1
    assert "data/large.csv has 25.0 MiB, 25.0 MiB at most" in result.output
    assert "--max-files" in result.output
    assert not (tmp_path / "www").exists()


def test_a_withdrawn_site_is_told_and_everything_of_it_deleted(tmp_path: Path) -> None:
    """The page that says so is what is published, whatever limits a host has."""
    target = tmp_path / "www"
    write_site(tmp_path / "build")
    run(tmp_path / "build", str(target))
    withdraw(tmp_path / "build")
    result = run(tmp_path / "build", str(target), "--for", "any")
    assert result.output.startswith("The site is withdrawn: the page that says so is what is")
    assert set(contents(target)) == {".nojekyll", "404.html", "index.html", "static/style.css"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["ftp://example.org"], 2), ([], 2), (["x", "--for", "geocities"], 2), (["www"], 1)],
)
def test_exit_codes_are_those_of_every_command(
    tmp_path: Path, arguments: list[str], code: int
) -> None:
    """2 for bad usage, 1 where nothing was built; nothing is made either way."""
    assert run(tmp_path / "build", *arguments).exit_code == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_stopped_publish_leaves_the_old_or_the_new_and_no_litter(
    tmp_path: Path, number: signal.Signals, kind: str
) -> None:
    """At whatever moment it comes; the next time completes it."""
    build, target = tmp_path / "build", tmp_path / "out" / ("www" if kind == "folder" else "a.zip")
    first = {**FIRST, **{f"domains/{n}.html": b"%d" % n * 5_000 for n in range(400)}}
    second = {**SECOND, **{f"domains/{n}.html": b"%d!" % n * 5_000 for n in range(400)}}
    write_site(build, first)
    assert run(build, str(target)).exit_code == 0
    whole = [state(target)]
    write_site(build, second)
    assert run(build, str(target)).exit_code == 0
    whole.append(state(target))
    for turn, delay in enumerate((0.0, 0.05)):
        write_site(build, (first, second)[turn % 2])
        stop_after(delay, number, build, target)
        assert state(target) in whole
        run(build, str(target))
        assert state(target) == whole[turn % 2]
        assert [path.name for path in target.parent.iterdir()] == [target.name]


def state(target: Path) -> object:
    """Return what is at a target."""
    return target.read_bytes() if target.is_file() else contents(target)


def stop_after(delay: float, number: signal.Signals, build: Path, target: Path) -> None:
    """Stop a publish so many seconds after it began to work."""
    code = "import sys; print(flush=True); from laion_assets.cli import main; main()"
    words = ["publish", str(target), "--build-dir", str(build)]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        process.stdout.readline()
        ends = time.monotonic() + 30
        lock = build / ".lock"
        began = lock.stat().st_mtime_ns
        while process.poll() is None and time.monotonic() < ends:
            if lock.stat().st_mtime_ns != began or any(target.parent.glob(".tmp-*")):
                break
        time.sleep(delay)
        process.send_signal(number)
    finally:
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()
