"""Folders that hold more than files with plain names: what can be read is built, the rest named."""

from __future__ import annotations

import os
from pathlib import Path

from tests.building import Builder, write_source


def test_a_name_that_is_not_utf8_stops_nothing(builder: Builder, tmp_path: Path) -> None:
    """Parquet and text are read under names that are text; the next build has nothing to do."""
    folder = tmp_path / "odd"
    write_source(folder / "plain.parquet", 0)
    odd = folder / os.fsdecode(b"dossi\xe9")
    odd.mkdir()
    write_source(tmp_path / "made.parquet", 60).rename(odd / os.fsdecode(b"caf\xe9.parquet"))
    text = b"url,caption\nhttps://example.org/a.jpg,a picture\n"
    (folder / os.fsdecode(b"liste\xff.csv")).write_bytes(text)
    (folder / os.fsdecode(b"broken\xff.parquet")).write_bytes(b"nothing")
    result = builder.run("build", "--source", str(folder))
    assert result.exit_code == 1, result.output
    assert "Rows: 121 read" in result.output
    assert r"laion-assets: broken\xff.parquet: is not a parquet file" in result.output
    result = builder.run("build")
    assert "Nothing to do" in result.output
    names = {path.name.encode() for path in (builder.root / "raw").iterdir()}
    assert all(name.isascii() for name in names)
    pages = (builder.root / "site").rglob("*.html")
    assert any(r"dossi\xe9/caf\xe9.parquet" in page.read_text("utf-8") for page in pages)


def test_links_and_pipes_are_named_and_the_rest_is_built(builder: Builder, tmp_path: Path) -> None:
    """Nothing outside the folder is published; a flag that is remembered follows links."""
    folder = tmp_path / "odd"
    write_source(folder / "plain.parquet", 0)
    secret = write_source(tmp_path / "outside" / "secret.parquet", 60)
    (folder / "link\x1b[2J\n.parquet").symlink_to(secret)
    os.mkfifo(folder / "pipe.parquet")
    result = builder.run("build", "--source", str(folder))
    assert result.exit_code == 0, result.output
    assert "Rows: 60 read" in result.output
    lines = [line for line in result.output.splitlines() if "left out" in line]
    assert len(lines) == 2
    assert "is a named pipe, no file or folder" in lines[1]
    assert r"link\u001b[2J\u000a.parquet is a link to a file; --follow-links" in lines[0]
    assert lines == [line for line in builder.run("status").output.splitlines() if "left" in line]
    assert "Rows: 120 read" in builder.run("build", "--follow-links").output
    assert "Nothing to do" in builder.run("build").output
    assert "Rows: 60 read" in builder.run("build", "--no-follow-links").output
