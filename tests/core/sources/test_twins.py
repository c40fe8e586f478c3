"""One content, one file: the second name of a file, and the second copy of it, does not count."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from laion_assets.core.base import files
from laion_assets.core.sources import twins
from laion_assets.core.sources.twins import Candidate, Contents, without_twins
from tests.core.sources.looking import looked_at

ROWS = b"url,caption\nhttps://a.example/1.jpg,A red lighthouse\n"


def write(path: Path, content: bytes = ROWS) -> Path:
    """Write a file, and the folders it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_copy_is_named_and_left_out(tmp_path: Path) -> None:
    """The first by its path counts, whatever it is called and whichever is newer."""
    first = write(tmp_path / "a" / "z.csv")
    write(tmp_path / "b.txt")
    write(tmp_path / "c.csv", ROWS.replace(b"red", b"new"))
    os.utime(first, (2_000_000_000, 2_000_000_000))
    assert looked_at(tmp_path) == (
        ["a/z.csv", "c.csv"],
        {"b.txt": f"is the same as {first}; it is read once"},
    )


def test_the_order_of_the_sources_decides(tmp_path: Path) -> None:
    """Folders and files alike."""
    write(tmp_path / "a" / "x.csv")
    write(tmp_path / "b" / "x.csv")
    assert looked_at(tmp_path / "b", tmp_path / "a")[1] == {
        "x.csv": f"is the same as {tmp_path / 'b' / 'x.csv'}; it is read once"
    }
    files, _ = looked_at(tmp_path / "b" / "x.csv", tmp_path / "a", tmp_path)
    assert files == ["x.csv"]


def test_hard_links_and_links_that_are_followed_count_once(tmp_path: Path) -> None:
    """They are one file, which nobody has to read to tell."""
    first = write(tmp_path / "r" / "a.csv")
    (tmp_path / "r" / "b.csv").hardlink_to(first)
    (tmp_path / "r" / "c.csv").symlink_to(first)
    (tmp_path / "s.csv").symlink_to(first)
    expected = (
        ["a.csv"],
        {
            "b.csv": f"is the same file as {first}",
            "c.csv": "is a link to what is read already",
            "s.csv": f"is the same file as {first}",
        },
    )
    assert looked_at(tmp_path / "r", tmp_path / "s.csv") == expected
    assert looked_at(tmp_path / "r", tmp_path / "s.csv", follow_links=True) == expected


def test_empty_files_are_no_copies(tmp_path: Path) -> None:
    """Each is an error of its own."""
    write(tmp_path / "a.csv", b"")
    write(tmp_path / "b.csv", b"")
    assert looked_at(tmp_path) == (["a.csv", "b.csv"], {})


@pytest.mark.parametrize("size", [100, 8_000, 100_000])
def test_files_of_one_size_are_told_apart_wherever_they_differ(tmp_path: Path, size: int) -> None:
    """At the beginning, the end, or where no sample is taken."""
    content = ROWS.ljust(size, b"x")
    for place in (0, size // 3, size // 2, size - 1):
        write(tmp_path / f"{place}.csv", content[:place] + b"#" + content[place + 1 :])
    write(tmp_path / "a.csv", content)
    write(tmp_path / "b.csv", content)
    files, left_out = looked_at(tmp_path)
    assert len(files) == 5
    assert list(left_out) == ["b.csv"]


def compared(tmp_path: Path, *, again: bool = False) -> list[str]:
    """Compare the files of a folder, remembering what was read; return the names that count."""
    contents = Contents(tmp_path / "raw" / "contents.json", again=again)
    candidates = [Candidate(path, path.name) for path in sorted(tmp_path.glob("*.csv"))]
    kept = without_twins(candidates, contents, lambda *_: None)
    contents.save()
    return [candidate.relative for candidate in kept]


def test_whole_files_are_read_only_when_they_may_be_copies_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not those of a size of their own, nor those a sample tells apart, nor again next time."""
    read: list[str] = []

    def digest(path: Path) -> str:
        read.append(path.name)
        return files.sha256_file(path)

    monkeypatch.setattr(twins, "sha256_unless_known", digest)
    for number in range(50):
        write(tmp_path / f"{number:02d}.csv", b"%02d" % number + ROWS)
    write(tmp_path / "long.csv", ROWS * 2)
    assert len(compared(tmp_path)) == 51
    assert read == []
    write(tmp_path / "x.csv", b"00" + ROWS)
    assert len(compared(tmp_path)) == 51
    assert sorted(read) == ["00.csv", "x.csv"]
    assert "x.csv" not in compared(tmp_path)
    assert len(read) == 2
    write(tmp_path / "x.csv", b"99" + ROWS)
    assert "x.csv" in compared(tmp_path, again=True)


def test_what_a_host_publishes_is_compared_before_it_is_fetched(tmp_path: Path) -> None:
    """By size and digest; a file whose host says nothing of it counts until it is here."""
    here = write(tmp_path / "a.csv")
    digest = files.sha256_bytes(ROWS)
    listed = [
        Candidate(here, "a.csv"),
        Candidate(tmp_path / "1", "h/1", len(ROWS), digest, is_remote=True),
        Candidate(tmp_path / "2", "h/2", len(ROWS), "0" * 64, is_remote=True),
        Candidate(tmp_path / "3", "h/3", 9, "1" * 64, is_remote=True),
        Candidate(tmp_path / "4", "i/3", 9, "1" * 64, is_remote=True),
        Candidate(tmp_path / "5", "h/5", len(ROWS), is_remote=True),
    ]
    left_out: dict[str, str] = {}
    kept = without_twins(listed, Contents(tmp_path / "c.json"), left_out.__setitem__)
    assert [one.relative for one in kept] == ["a.csv", "h/2", "h/3", "h/5"]
    assert left_out == {
        "h/1": f"is the same as {here}; it is read once",
        "i/3": "is the same as h/3; it is read once",
    }


def test_a_record_that_is_damaged_is_made_again(tmp_path: Path) -> None:
    """It only saves time."""
    write(tmp_path / "a.csv")
    write(tmp_path / "b.csv")
    write(tmp_path / "raw" / "contents.json", b"{damaged")
    assert compared(tmp_path) == ["a.csv"]


# -- caches of a hub's client ----------------------------------------------------------------------


def hub_cache(root: Path, *, as_text: bool = False) -> Path:
    """Make a cache with two snapshots that share a file."""
    blobs = {"77aa": ROWS.replace(b"red", b"new"), "9f2c": ROWS, "cafe": b"# Pictures\n"}
    for name, content in blobs.items():
        write(root / "blobs" / name, content)
    write(root / "refs" / "main", b"rev2")
    names = {
        "rev1/data/0.csv": "9f2c",
        "rev2/data/0.csv": "9f2c",
        "rev2/data/1.csv": "77aa",
        "rev2/README.md": "cafe",
    }
    for name, blob in names.items():
        path = root / "snapshots" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        target = os.path.relpath(root / "blobs" / blob, path.parent)
        if as_text:
            path.write_text(target)
        else:
            path.symlink_to(target)
    return root


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("follow", [False, True])
def test_a_hub_cache_is_read_by_the_names_of_its_snapshots(
    tmp_path: Path, *, as_text: bool, follow: bool
) -> None:
    """Each file once, links followed or not, or saved as text by a copy that cannot hold links."""
    root = hub_cache(tmp_path / "datasets--a--b", as_text=as_text)
    write(root / "blobs" / "beef", ROWS.replace(b"red", b"old"))
    write(root / "blobs" / "f00d.incomplete", ROWS)
    files, left_out = looked_at(tmp_path, follow_links=follow)
    snapshots = "datasets--a--b/snapshots"
    assert files == [f"{snapshots}/rev1/data/0.csv", f"{snapshots}/rev2/data/1.csv"]
    assert left_out == {
        "0.csv": "is a link to what is read already",
        "README.md": "is text without url and text in its first line",
        "beef": "is a file of a hub cache without a name",
        "f00d.incomplete": "is an unfinished download; finish it or delete it",
    }


def test_one_snapshot_of_a_hub_cache_is_read_alone(tmp_path: Path) -> None:
    """What it leads to lies outside of it, in the cache."""
    root = hub_cache(tmp_path / "datasets--a--b")
    files, _ = looked_at(root / "snapshots" / "rev2")
    assert files == ["data/0.csv", "data/1.csv"]


def test_a_hub_cache_that_was_copied_with_files_for_links_is_read_by_its_snapshots(
    tmp_path: Path,
) -> None:
    """`cp -rL`, `rsync -L`: the store's copies are second."""
    root = hub_cache(tmp_path / "cache")
    shutil.copytree(root, tmp_path / "copy")
    files, left_out = looked_at(tmp_path / "copy")
    assert files == ["snapshots/rev1/data/0.csv", "snapshots/rev2/data/1.csv"]
    first = tmp_path / "copy" / "snapshots" / "rev1" / "data" / "0.csv"
    assert left_out["9f2c"] == f"is the same as {first}; it is read once"


def test_folders_of_these_names_are_no_hub_cache_by_themselves(tmp_path: Path) -> None:
    """Somebody may call their own folders so."""
    for number, name in enumerate(("blobs/a.csv", "snapshots/b.csv", "refs/c.csv")):
        write(tmp_path / name, ROWS + b"%d" % number)
    assert looked_at(tmp_path) == (["blobs/a.csv", "refs/c.csv", "snapshots/b.csv"], {})


def test_a_folder_called_snapshots_leads_nowhere_else(tmp_path: Path) -> None:
    """Only into the blobs beside it: a link elsewhere is one that must be asked for."""
    secret = write(tmp_path / "other" / "blobs" / "1", ROWS)
    write(tmp_path / "r" / "blobs" / "2", ROWS)
    (tmp_path / "r" / "snapshots").mkdir()
    (tmp_path / "r" / "snapshots" / "a.csv").symlink_to(secret)
    write(tmp_path / "r" / "b.csv", ROWS)
    files, left_out = looked_at(tmp_path / "r")
    assert files == ["b.csv"]
    assert "--follow-links" in left_out["a.csv"]
