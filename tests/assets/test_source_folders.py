"""Folders as people have them, through the real command: nothing twice, nothing in silence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.building import Builder, write_source
from tests.servers import Server, isolate, sends, serving

CSV = "url,caption\nhttps://a.example/{}.jpg,A red lighthouse\n"


def told(output: str) -> list[str]:
    """Return the lines about what was left out, without the program's name."""
    lines = (line.removeprefix("laion-assets: ") for line in output.splitlines())
    return [line for line in lines if "left out" in line or "passed over" in line]


# -- what we wrote ---------------------------------------------------------------------------------


def test_the_working_directory_is_built_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the build directory in it, as `build --source .` has it; status says the same."""
    write_source(tmp_path / "here" / "a.parquet", 0)
    monkeypatch.chdir(tmp_path / "here")
    builder = Builder(tmp_path / "here" / "build", tmp_path / "here")
    for number in range(3):
        result = builder.build("--source", ".")
        assert "Rows: 60 read" in result.output
        assert ("Nothing to do" in result.output) == (number > 0)
    assert len(told(result.output)) == 1
    assert "is a build directory of laion-assets" in told(result.output)[0]
    assert told(builder.run("status").output) == told(result.output)


def test_a_build_in_the_folder_of_the_sources_reads_its_own_work_never(tmp_path: Path) -> None:
    """The build directory is the source folder itself, or holds it."""
    root = tmp_path / "work"
    write_source(root / "parquet" / "a.parquet", 0)
    for source in (root, root / "parquet"):
        builder = Builder(root, source)
        for _ in range(2):
            assert "Rows: 60 read" in builder.build("--source", str(source)).output


def test_copies_of_what_was_made_are_no_sources(built: Builder, tmp_path: Path) -> None:
    """A site, a build directory and a table, copied or linked into the source folder."""
    folder = tmp_path / "folder"
    write_source(folder / "a.parquet", 0, count=7)
    shutil.copytree(built.root / "site", folder / "public")
    shutil.copytree(built.root, folder / "backup")
    table = next((built.root / "tables" / "images").glob("*.parquet"))
    shutil.copy(table, folder / "images.parquet")
    (folder / "hard.parquet").hardlink_to(table)
    (folder / "linked").symlink_to(built.root)
    result = Builder(tmp_path / "other", folder).build("--source", str(folder), "--follow-links")
    assert "Rows: 7 read" in result.output
    assert len(told(result.output)) == 5


def test_naming_what_was_made_is_bad_usage(built: Builder) -> None:
    """One line, exit code 2, and the settings stay as they were."""
    settings = (built.root / "build.toml").read_bytes()
    for name in ("tables", "raw", "site/data/domains.parquet"):
        result = built.run("build", "--source", str(built.root / name))
        assert result.exit_code == 2
        assert "lies where laion-assets keeps what it made" in result.output
        assert len(result.output.splitlines()) == 1
    assert (built.root / "build.toml").read_bytes() == settings


# -- one content -----------------------------------------------------------------------------------


def test_a_copy_counts_once_whichever_was_built_first(builder: Builder, tmp_path: Path) -> None:
    """The first by its path counts, also when the other one was there before it."""
    folder = tmp_path / "folder"
    write_source(folder / "b.parquet", 0)
    assert "Rows: 60 read" in builder.build("--source", str(folder)).output
    shutil.copy(folder / "b.parquet", folder / "a.parquet")
    result = builder.build()
    assert "Rows: 60 read" in result.output
    line = f"b.parquet is the same as {folder / 'a.parquet'}; it is read once"
    assert [text.endswith(line) for text in told(result.output)] == [True]
    again = builder.build()
    assert "Nothing to do" in again.output
    assert told(again.output) == told(result.output) == told(builder.run("status").output)
    (folder / "a.parquet").unlink()
    assert "Rows: 60 read" in builder.build().output
    assert [path.stem[0] for path in (builder.root / "tables/images").glob("*.parquet")] == ["b"]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A web server on the loopback address."""
    isolate(monkeypatch, tmp_path)
    with serving() as running:
        yield running


def test_addresses_of_one_content_count_once(
    builder: Builder, server: Server, tmp_path: Path
) -> None:
    """Known once they were fetched; a copy of the user's own comes first. None is fetched again."""
    content = write_source(tmp_path / "own" / "z.parquet", 0).read_bytes()
    other = write_source(tmp_path / "made" / "b.parquet", 60).read_bytes()
    urls = [
        server.on(f"/{name}.parquet", sends(body, headers={"ETag": f'"{name}"'}))
        for name, body in (("a", other), ("b", other), ("c", content))
    ]
    named = [part for url in [*urls, urls[0]] for part in ("--source", url)]
    result = builder.build(*named, "--source", str(tmp_path / "own"))
    assert "Rows: 120 read" in result.output
    assert len(told(result.output)) == 2
    assert all(" is the same as " in line for line in told(result.output))
    asked = len(server.got("GET"))
    again = builder.build()
    assert "Nothing to do" in again.output
    assert told(again.output) == told(result.output)
    assert len(server.got("GET")) == asked


def test_a_removed_row_is_in_no_copy_that_was_fetched(
    builder: Builder, server: Server, tmp_path: Path
) -> None:
    """Downloads of the same content go with it, and are not fetched again to be compared."""
    content = write_source(tmp_path / "made" / "a.parquet", 0).read_bytes()
    urls = [
        server.on(f"/{name}.parquet", sends(content, headers={"ETag": f'"{name}"'}))
        for name in "ab"
    ]
    builder.build("--source", urls[0], "--source", urls[1])
    assert len(list((builder.root / "raw").rglob("*.parquet"))) == 2
    asked = len(server.got("GET"))
    result = builder.run("remove", "--url", "https://i.pinimg.com/2019/01/0.jpg")
    assert result.exit_code == 0, result.output
    assert list((builder.root / "raw").rglob("*.parquet")) == []
    result = builder.build()
    assert "Rows: 60 read, 59 kept" in result.output, result.output
    assert len(told(result.output)) == 1
    assert len(server.got("GET")) == asked


# -- nothing in silence ----------------------------------------------------------------------------


def test_what_is_left_out_is_told_in_a_few_lines(builder: Builder, tmp_path: Path) -> None:
    """Some of each kind, and how many more; hidden files as one number. It is no failure."""
    folder = tmp_path / "folder"
    write_source(folder / "a.parquet", 0)
    for number in range(40):
        (folder / f"{number:02d}.jpg").write_bytes(b"\xff\xd8\xff%d" % number)
        (folder / f".{number}").touch()
    (folder / "_SUCCESS").touch()
    (folder / "0_stats.json").write_text(json.dumps({"count": 3}))
    (folder / "rows.txt").write_text(CSV.format(1))
    result = builder.build("--source", str(folder))
    assert "Rows: 61 read" in result.output
    assert told(result.output) == [
        f"left out: {folder}/0_stats.json is JSON without url and text in its first objects",
        *(f"left out: {folder}/{number:02d}.jpg is a picture (JPEG)" for number in range(5)),
        "left out: 35 more, each of which is a picture",
        "41 hidden files passed over (named .x or _x, or checksums and locks)",
    ]
    assert told(builder.run("status").output) == told(result.output)


def test_a_pointer_in_place_of_a_file_is_called_that(builder: Builder) -> None:
    """Of git's large files: the line says what to run; by a name that promises rows it fails."""
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:{0}\nsize 9\n"
    (builder.source / "c.parquet").write_text(pointer.format("0" * 64))
    (builder.source / "LICENSE").write_text(pointer.format("1" * 64))
    result = builder.run("build", "--source", str(builder.source))
    assert result.exit_code == 1
    said = "is a Git LFS pointer, not the file itself; run git lfs pull where it was cloned"
    assert f"laion-assets: c.parquet: {said}" in result.output
    assert told(result.output) == [f"left out: {builder.source / 'LICENSE'} {said}"]


def test_a_file_that_is_named_outright_gives_its_error(builder: Builder, tmp_path: Path) -> None:
    """What it is, and exit code 1: nothing else was asked for."""
    path = tmp_path / "x.bin"
    path.write_bytes(b"\xff\xd8\xff")
    result = builder.run("build", "--source", str(path))
    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == "laion-assets: x.bin: is a picture (JPEG)"
