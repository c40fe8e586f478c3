"""Sources that are fetched: the same build, and hosts are asked once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.building import Builder, write_source
from tests.servers import Server, fails, isolate, sends, serving


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A web server on the loopback address."""
    isolate(monkeypatch, tmp_path)
    with serving() as running:
        yield running


def _content(tmp_path: Path, start: int) -> bytes:
    return write_source(tmp_path / "made" / f"{start}.parquet", start).read_bytes()


def test_a_file_behind_an_address_is_fetched_and_built(
    builder: Builder, server: Server, tmp_path: Path
) -> None:
    """It lies in raw/, the site is built, and the next build asks no host for anything."""
    first = server.on("/data/one.parquet", sends(_content(tmp_path, 0), headers={"ETag": '"1"'}))
    second = server.on("/data/two.parquet", sends(_content(tmp_path, 60), headers={"ETag": '"2"'}))
    result = builder.build("--source", first, "--source", second)
    assert "2 source files processed." in result.output
    assert "Rows: 120 read" in result.output
    assert len(list((builder.root / "raw").rglob("*.parquet"))) == 2
    asked = len(server.got("GET")) + len(server.got("HEAD"))
    assert "Nothing to do" in builder.build().output
    assert len(server.got("GET")) + len(server.got("HEAD")) == asked


def test_a_file_that_cannot_be_fetched_does_not_stop_the_others(
    builder: Builder, server: Server, tmp_path: Path
) -> None:
    """One line names it, exit code 1, the rest is a site; once it is there it is taken in."""
    good = server.on("/good.parquet", sends(_content(tmp_path, 0), headers={"ETag": '"1"'}))
    content = _content(tmp_path, 60)
    listed = sends(content, headers={"ETag": '"2"'})
    bad = server.on("/bad.parquet", listed, fails(403))
    result = builder.run("build", "--source", good, "--source", bad)
    assert result.exit_code == 1, result.output
    lines = [line for line in result.output.splitlines() if "bad.parquet" in line]
    assert len(lines) == 1
    assert "Traceback" not in result.output
    assert "Rows: 60 read" in result.output
    server.on("/bad.parquet", listed)
    assert "Rows: 120 read" in builder.build().output


def test_a_changed_remote_file_is_noticed_when_asked_to_look(
    builder: Builder, server: Server, tmp_path: Path
) -> None:
    """--rehash asks for the listing again; a new version is fetched and replaces the old rows."""
    url = server.on("/one.parquet", sends(_content(tmp_path, 0), headers={"ETag": '"1"'}))
    builder.build("--source", url)
    changed = write_source(tmp_path / "made" / "changed.parquet", 900, count=30).read_bytes()
    server.on("/one.parquet", sends(changed, headers={"ETag": '"2"'}))
    assert "Nothing to do" in builder.build().output
    assert "Rows: 30 read" in builder.build("--rehash").output


def test_an_address_that_is_not_there_is_one_clear_line(builder: Builder, server: Server) -> None:
    """Nothing is saved and nothing is built."""
    url = server.on("/none.parquet", fails(404))
    result = builder.run("build", "--source", url)
    assert result.exit_code == 1
    assert "none.parquet" in result.output
    assert len(result.output.strip().splitlines()) == 1
