"""What happens to a build directory between two builds: the next one ends at the same bytes.

Damage of many files at once, so that one build proves many kinds; `bench.faults` draws them one by
one. Not here: damage while a build runs (`test_crash`), damage of sources (`test_bad_input`).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.building import Builder, write_source

#: A file of every kind that is made, by the pattern that finds the first of them.
OUTPUTS = (
    "raw/a-*.json",
    "tables/images/a-*.parquet",
    "tables/images/b-*.counts.json",
    "tables/rejects/a-*.parquet",
    "tables/row_keys/a-*.parquet",
    "tables/mentions/b-*.parquet",
    "tables/domains.parquet",
    "tables/years.parquet",
    "index/segments/a-*.documents.parquet",
    "index/segments/b-*.words.parquet",
    "index/segments/a-*.segment.json",
    "index/search/*/directory.js",
    "site/search/*/d/*.js",
    "site/index.html",
    "site/manifest.json",
    "site/data/domains.csv",
)
STAMPS = (
    "raw/a-*.stamp.json",
    "tables/images/b-*.stamp.json",
    "tables/mentions/a-*.stamp.json",
    "tables/domains.stamp.json",
    "index/segments/b-*.stamp.json",
    "index/search.stamp.json",
    "site.stamp.json",
)


def found(builder: Builder, patterns: tuple[str, ...]) -> list[Path]:
    """Return the first file of each pattern."""
    return [min(builder.root.glob(pattern)) for pattern in patterns]


def made(builder: Builder) -> dict[str, bytes]:
    """Return every table, index file and published file."""
    return {
        path.relative_to(builder.root).as_posix(): path.read_bytes()
        for part in ("tables", "index", "site")
        for path in sorted((builder.root / part).rglob("*"))
        if path.is_file()
    }


def _missing(path: Path) -> None:
    path.unlink()


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _longer(path: Path) -> None:
    path.write_bytes(b"x" * 10**5)


@pytest.mark.parametrize("first", [0, 1])
def test_damaged_outputs_are_made_again(built: Builder, first: int) -> None:
    """Whatever is missing or not of its size is noticed; what depends on it comes out the same."""
    before = made(built)
    for number, path in enumerate(found(built, OUTPUTS), start=first):
        path.unlink()  # or the other names of the same file would be damaged too
        path.write_bytes(b"")
        (_missing, _emptied, _longer)[number % 3](path)
    built.build()
    assert made(built) == before
    assert "Nothing to do" in built.build().output


def test_checks_wait_for_what_a_later_step_makes_again(built: Builder) -> None:
    """Files made again in two steps: what the checks of the first missed is there in the end."""
    write_source(built.source / "c.parquet", 120)
    built.build()
    before = made(built)
    for path in sorted((built.root / "tables" / "rejects").glob("[ac]-*.parquet")):
        path.unlink()
    assert "check failed" not in built.build().output
    assert made(built) == before


def test_damaged_stamps_are_written_again(built: Builder) -> None:
    """Empty, cut, incomplete, of another file, of another kind, gone: what they stamp is made."""
    before = made(built)
    stamps = found(built, STAMPS)
    contents = [path.read_bytes() for path in stamps]
    damaged = [
        b"", contents[1][:40], b'{"code": "x", "inputs": {}}', contents[0], contents[1],
        b'[{"code": 1}]', b"\xff\x00",
    ]  # fmt: skip
    for path, content in zip(stamps, damaged, strict=True):
        path.write_bytes(content)
    built.build()
    assert made(built) == before
    assert "Nothing to do" in built.build().output


def _flip(path: Path) -> None:
    """Change a byte as a disk does: under every name of the file, and neither size nor time."""
    content, stat = bytearray(path.read_bytes()), path.stat()
    content[len(content) // 2] ^= 1
    with path.open("r+b") as stream:
        stream.write(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_damage_of_equal_size_is_told_and_mended(built: Builder) -> None:
    """`verify --deep` names every file, `build --rehash` makes all of them again, and only them."""
    before = made(built)
    paths = found(built, OUTPUTS)
    for path in {path.stat().st_ino: path for path in paths}.values():
        _flip(path)
    result = built.run("verify", "--deep")
    assert result.exit_code == 1
    assert "build --rehash" in result.stderr
    for path in paths:
        below = path.relative_to(built.root).as_posix()
        assert f": {below.removeprefix('site/')}\n" in result.output, below
    built.build("--rehash")
    assert made(built) == before
    assert built.run("verify", "--deep").exit_code == 0
    assert "Nothing to do" in built.build("--rehash").output


def test_damage_does_not_spread(built: Builder) -> None:
    """A build that would read a damaged table or index file makes it again first, unasked."""
    reference = built.copied_to(built.root.parent / "reference")
    for builder in (built, reference):
        write_source(builder.source / "c.parquet", 120)
    reference.build()
    for path in found(built, OUTPUTS[2:13]):
        _flip(path)
    result = built.build()
    assert "Damaged, and made again: tables/images/b-" in result.output
    assert made(built) == made(reference)


def test_a_folder_in_the_place_of_a_file_gives_way(built: Builder) -> None:
    """Stamps, tables and pages that are folders, or garbage nested without end."""
    before = made(built)
    for path in [
        *found(built, STAMPS[:3]),
        *found(built, OUTPUTS[:13:3]),
        *found(built, OUTPUTS[13:]),
    ]:
        path.unlink()
        (path / "in it").mkdir(parents=True)
    for path in found(built, STAMPS[3:]):
        path.write_text("[" * 10**5)
    built.build()
    assert made(built) == before
    assert "Nothing to do" in built.build().output


def test_what_a_killed_build_left_does_not_stay(built: Builder) -> None:
    """As many other bytes, written after the stamp of a change that was then taken back."""
    before = made(built)
    for path in found(built, OUTPUTS):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.unlink()
        path.write_bytes(content)
    built.build()
    assert made(built) == before
    assert "Nothing to do" in built.build().output


@pytest.mark.parametrize("part", ["raw", "tables", "index", "site", ".spill"])
def test_a_lost_folder_is_made_again(built: Builder, part: str) -> None:
    """A whole part of the build directory is deleted."""
    before = made(built)
    shutil.rmtree(built.root / part)
    built.build()
    assert made(built) == before
    assert "Nothing to do" in built.build().output


@pytest.mark.parametrize("when", [0, 2**33], ids=["1970", "the future"])
def test_a_clock_that_moved_costs_nothing(built: Builder, when: int) -> None:
    """Times of sources and of what was made are no reason to make anything."""
    for folder in (built.root, built.source):
        for path in folder.rglob("*"):
            os.utime(path, (when, when))
    assert "Nothing to do" in built.build().output


def test_a_build_directory_may_move(built: Builder) -> None:
    """Renamed, or copied with other inodes and times: it is as it was."""
    moved = Builder(built.root.parent / "else" / "where", built.source)
    moved.root.parent.mkdir()
    built.root.rename(moved.root)
    assert "Nothing to do" in moved.build().output
    copied = Builder(built.root, built.source)
    shutil.copytree(moved.root, copied.root, copy_function=shutil.copyfile)
    assert "Nothing to do" in copied.build().output
