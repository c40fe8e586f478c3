"""docs/hosting.md is checked against the program: its commands run, its figures are the table's."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from bench.search_hosts import NGINX
from laion_assets.cli import main
from laion_assets.core.build import code_version
from laion_assets.core.publish.hosts import HOSTS, in_words
from laion_assets.core.site.serving import ASK_AGAIN, FOR_EVER
from tests.building import use_small_lists, write_source
from tests.documents import blocks_of
from tests.repository import ROOT
from tests.servers import isolate, serving_s3

DOC = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
BLOCKS = blocks_of(ROOT / "docs" / "hosting.md")
COMMANDS = [block for block in BLOCKS if block.language == "sh"]


def test_every_block_of_commands_is_run_or_says_what_it_needs() -> None:
    """What is run here is ours alone."""
    assert len(COMMANDS) > 8
    for block in COMMANDS:
        assert block.mark in ("run", "run with S3") or block.mark.startswith("needs: "), block
        if block.mark.startswith("run"):
            assert len(block.ours) == len(block.lines)


@pytest.mark.parametrize("words", [words for block in COMMANDS for words in block.ours])
def test_every_command_of_ours_is_one(words: list[str]) -> None:
    """Its options and arguments are understood."""
    main.commands[words[0]].make_context(words[0], list(words[1:]))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to run commands in, whose build knows its sources; S3 as it is in the document."""
    import boto3

    isolate(monkeypatch, tmp_path)
    use_small_lists(tmp_path / "lists", monkeypatch)
    source = write_source(tmp_path / "source" / "a.parquet", 0)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "ours")
    with serving_s3() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        client = boto3.client("s3", region_name="us-east-1", endpoint_url=endpoint)
        client.create_bucket(Bucket="example-bucket")
        run(["build", "--source", str(source)])
        yield folder
        run(["verify"])
    code_version.forget()


def run(words: list[str]) -> None:
    """Run a command of ours, which must succeed."""
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, (words, result.output, result.exception)


def test_the_commands_do_what_is_said(place: Path) -> None:
    """All of them in their order; in the end nothing is left to send but what was withdrawn."""
    for block in COMMANDS:
        if block.mark.startswith("run"):
            for words in block.ours:
                run(words)
    there = {path.name for path in place.parent.iterdir()}
    assert {"laion-site", "laion-pages", "laion.zip", "www"} <= there
    assert (place.parent / "laion-pages" / ".nojekyll").is_file()
    pages = sorted(path.name for path in (place.parent / "laion-site").glob("*.html"))
    assert pages == ["404.html", "index.html"]  # withdrawn, and not published again


def test_the_limits_are_those_that_are_checked() -> None:
    """Each with where it is from."""
    rows = [
        f"| `{name}` | {_figure(host.files)} | {_figure(host.in_folder)} | {_size(host.largest)} "
        f"| {_size(host.total)} | "
        f"{' '.join(f'[{n}]({url})' for n, url in enumerate(host.sources, start=1))} |"
        for name, host in HOSTS.items()
    ]
    assert "\n".join(rows) in DOC


def _figure(limit: int | None) -> str:
    return "–" if limit is None else f"{limit:,}"


def _size(limit: int | None) -> str:
    return "–" if limit is None else in_words(limit)


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_the_configuration_of_nginx_works(tmp_path: Path) -> None:
    """Its headers are those of the table, its 404 is ours, it answers ranges."""
    (configuration,) = (block.text for block in BLOCKS if block.language == "nginx")
    site = tmp_path / "www" / "laion"
    (site / "search" / "x").mkdir(parents=True)
    (site / "index.html").write_text("home")
    (site / "404.html").write_text("not here")
    (site / "search" / "x" / "0.js").write_text("0123456789" * 100)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = configuration.replace("8080", f"127.0.0.1:{port}")
    server = server.replace("root /var/www", f"root {tmp_path / 'www'}")
    places = "".join(
        f"{name}_temp_path {tmp_path / name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; user root; pid {tmp_path / 'pid'}; error_log {tmp_path / 'log'};"
        f"events {{}} http {{ access_log off; {places} {server} }}"
    )
    assert NGINX is not None
    command = [NGINX, "-p", str(tmp_path), "-c", "nginx.conf", "-e", str(tmp_path / "log")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + 10
        while time.monotonic() < ends and process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.02)
        address = f"http://127.0.0.1:{port}/laion/"
        assert httpx2.get(f"{address}index.html").headers["Cache-Control"] == ASK_AGAIN
        slice_of = httpx2.get(f"{address}search/x/0.js", headers={"Range": "bytes=1-3"})
        assert (slice_of.status_code, slice_of.content) == (206, b"123")
        assert slice_of.headers["Cache-Control"] == FOR_EVER
        missing = httpx2.get(f"{address}none.html")
        assert (missing.status_code, missing.content) == (404, b"not here")
    finally:
        process.terminate()
        process.wait()
