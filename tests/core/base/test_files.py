"""Files: whole or not at all, folders exchanged, leftovers swept."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import tempfile
from pathlib import Path

import pytest

from laion_assets.core.base import files
from laion_assets.core.base.files import (
    atomic,
    exchange_directories,
    keep_aside,
    link_or_copy,
    private_folder,
    replace_folders,
    sha256_bytes,
    sha256_file,
    sha256_json,
    sweep,
    temporary_beside,
    write_bytes,
    write_json,
)


class Broken(Exception):  # noqa: N818 - what happened
    """Stands for whatever interrupts a write."""


def names(folder: Path) -> set[str]:
    """Return the names in a folder."""
    return {path.name for path in folder.iterdir()}


# -- atomic writes ---------------------------------------------------------------------------------


def test_interrupted_write_leaves_what_was_there(tmp_path: Path) -> None:
    """Half a file is never met, and no temporary one remains."""
    path = tmp_path / "x.txt"
    path.write_text("old")

    def interrupted() -> None:
        with atomic(path) as temporary:
            temporary.write_text("half")
            raise Broken

    with pytest.raises(Broken):
        interrupted()
    assert path.read_text() == "old"
    assert names(tmp_path) == {"x.txt"}


def test_nothing_shows_before_the_end(tmp_path: Path) -> None:
    """Until the block ends the name holds what it held; folders are made on the way."""
    path = tmp_path / "deep" / "er" / "x.txt"
    with atomic(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
        assert temporary.parent == path.parent
    assert path.read_text() == "new"
    assert names(path.parent) == {"x.txt"}


def test_bytes_reach_the_disk_before_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut after the rename finds a whole file: it is flushed first, its folder after."""
    path = tmp_path / "x.txt"
    flushed: list[tuple[bool, bool]] = []
    monkeypatch.setattr(files, "sync", lambda what: flushed.append((what.is_dir(), path.exists())))
    write_bytes(path, b"new")
    assert flushed == [(False, False), (True, True)]


def test_write_that_made_no_file_is_an_error(tmp_path: Path) -> None:
    """A block that forgets to write does not leave an empty success."""
    with pytest.raises(FileNotFoundError), atomic(tmp_path / "x.txt"):
        pass
    assert names(tmp_path) == set()


def test_json_is_the_same_for_equal_values(tmp_path: Path) -> None:
    """Keys are sorted, text stays readable, and the file ends with a line end."""
    write_json(tmp_path / "a.json", {"b": 1, "a": "ü"})
    write_json(tmp_path / "b.json", {"a": "ü", "b": 1})
    content = (tmp_path / "a.json").read_bytes()
    assert content == (tmp_path / "b.json").read_bytes()
    assert content.endswith(b"\n")
    assert "ü".encode() in content
    assert json.loads(content) == {"a": "ü", "b": 1}


def test_digests_are_sha256(tmp_path: Path) -> None:
    """Of bytes and of files alike; of JSON whatever the order of keys."""
    write_bytes(tmp_path / "x", b"abc" * 100_000)
    expected = hashlib.sha256(b"abc" * 100_000).hexdigest()
    assert sha256_file(tmp_path / "x") == sha256_bytes(b"abc" * 100_000) == expected
    assert sha256_json({"a": 1, "b": [2]}) == sha256_json({"b": [2], "a": 1})
    assert sha256_json({"a": 1}) != sha256_json({"a": 2})


def test_temporary_names_are_distinct_and_recognised(tmp_path: Path) -> None:
    """Two writers of one file do not meet, and `sweep` knows both."""
    path = tmp_path / "x.txt"
    first, second = temporary_beside(path), temporary_beside(path)
    assert first != second
    first.touch()
    second.mkdir()
    assert sweep(tmp_path) == 2


# -- exchanging folders ----------------------------------------------------------------------------


def two_folders(root: Path) -> tuple[Path, Path]:
    """Make a staged folder and a current one."""
    for name in ("staged", "current"):
        (root / name).mkdir()
        (root / name / "who").write_text(name)
    return root / "staged", root / "current"


@pytest.mark.parametrize("supported", [True, False])
def test_exchanged_folders_change_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, supported: bool
) -> None:
    """With or without the kernel's help, the new is current and the old stands aside."""
    if not supported:
        monkeypatch.setattr(files, "_rename_exchange", lambda *_: False)
    staged, current = two_folders(tmp_path)
    exchange_directories(staged, current)
    assert (current / "who").read_text() == "staged"
    assert (staged / "who").read_text() == "current"
    assert names(tmp_path) == {"staged", "current"}


def test_first_exchange_needs_no_current_folder(tmp_path: Path) -> None:
    """Where nothing was, the new folder simply moves in."""
    staged, _ = two_folders(tmp_path)
    exchange_directories(staged, tmp_path / "site")
    assert (tmp_path / "site" / "who").read_text() == "staged"
    assert not staged.exists()


def test_refusals_other_than_not_supported_are_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing permission is an error, a kernel that cannot exchange is not."""
    staged, current = two_folders(tmp_path)
    monkeypatch.setattr(ctypes, "get_errno", lambda: errno.EACCES)
    with pytest.raises(OSError, match="Permission denied"):
        files._rename_exchange(tmp_path / "nowhere", current)
    monkeypatch.setattr(ctypes, "get_errno", lambda: errno.ENOSYS)
    assert files._rename_exchange(tmp_path / "nowhere", staged) is False


# -- links -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("refused", [False, True])
def test_linked_or_copied_file_keeps_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, refused: bool
) -> None:
    """The modification time survives where hard links are refused too."""
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_text("x")
    os.utime(source, ns=(1_000_000_000, 2_000_000_000))
    if refused:

        def refuse(*_: object) -> None:
            raise OSError(errno.EPERM, "no links here")

        monkeypatch.setattr(os, "link", refuse)
    link_or_copy(source, target)
    assert target.read_text() == "x"
    assert target.stat().st_mtime_ns == 2_000_000_000
    assert (target.stat().st_ino == source.stat().st_ino) is not refused


# -- sweeping --------------------------------------------------------------------------------------


def test_sweep_removes_leftovers_and_nothing_else(tmp_path: Path) -> None:
    """Temporary files and folders go at any depth; everything else stays, names like ours too."""
    kept = [
        tmp_path / "a.txt", tmp_path / "deep" / "tmp-x", tmp_path / "deep" / "b.tmp-c",
        tmp_path / ".tmp-mine" / "x", tmp_path / "deep" / ".tmp-notes",
    ]  # fmt: skip
    folder = temporary_beside(tmp_path / "folder")
    left = [
        temporary_beside(tmp_path / "a.txt"),
        temporary_beside(tmp_path / "deep" / "b"),
        folder / "x",
    ]
    for path in (*kept, *left, temporary_beside(folder / "deep" / "y")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert sweep(tmp_path, below=False) == 2
    assert left[1].exists()
    assert sweep(tmp_path) == 1
    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in left)
    assert sweep(tmp_path) == 0


def test_a_link_with_a_temporary_name_goes_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    """Sweeping follows no link."""
    (tmp_path / "theirs").mkdir()
    temporary_beside(tmp_path / "link").symlink_to(tmp_path / "theirs")
    assert sweep(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]


def test_a_folder_that_others_may_write_is_not_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is a link, another user's folder, or a file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = private_folder()
    assert folder is not None
    assert private_folder() == folder
    folder.chmod(0o750)
    assert private_folder() is None
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert private_folder() is None
    folder.unlink()
    folder.touch()
    assert private_folder() is None
    folder.unlink()
    folder.mkdir(mode=0o700)
    lstat = Path.lstat
    monkeypatch.setattr(
        Path, "lstat", lambda path: os.stat_result((*lstat(path)[:4], -7, *lstat(path)[5:10]))
    )
    assert private_folder() is None


# -- keeping aside ---------------------------------------------------------------------------------


def test_what_is_kept_aside_never_takes_the_place_of_anything(tmp_path: Path) -> None:
    """A second thing of one name goes to a folder with a number, and so does one below a file."""
    kept = tmp_path / "kept"
    for number, place in enumerate(["kept/a/b", "kept-2/a/b", "kept-3/a/b"]):
        thing = tmp_path / "thing"
        thing.write_text(str(number))
        assert keep_aside(thing, kept, "a/b") == tmp_path / place
    thing.mkdir()
    assert keep_aside(thing, kept, "a/b/c") == tmp_path / "kept-4" / "a" / "b" / "c"
    assert [(tmp_path / f"kept{n}" / "a" / "b").read_text() for n in ("", "-2", "-3")] == [*"012"]


def test_folders_in_the_place_of_files_are_moved_if_anything_is_in_them(tmp_path: Path) -> None:
    """An empty one goes; files, links and other names stay."""
    for name in ("full.json", "empty.json", "full.txt"):
        (tmp_path / name).mkdir()
    (tmp_path / "full.json" / "x").touch()
    (tmp_path / "file.json").touch()
    (tmp_path / "link.json").symlink_to(tmp_path / "full.txt")
    moved: list[str] = []
    replace_folders(tmp_path, (".json",), lambda path: moved.append(path.name))
    assert moved == ["full.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "file.json", "full.json", "full.txt", "link.json",
    ]  # fmt: skip


def test_sweeping_nowhere_is_no_error(tmp_path: Path) -> None:
    """A build directory that does not exist yet holds no leftovers."""
    assert sweep(tmp_path / "nowhere") == 0
