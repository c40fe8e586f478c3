"""People's own files in the site: every command leaves them where they are, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from laion_assets.core.base.files import temporary_beside
from tests.building import Builder, write_source

THEIRS = {
    ".git/HEAD": "ref: refs/heads/gh-pages",
    "CNAME": "example.org",
    "notes/todo.txt": "https://i.pinimg.com/2019/01/0.jpg",
}


@pytest.fixture
def kept(built: Builder) -> dict[Path, int]:
    """Put people's files into the site; return their inodes."""
    for name, content in THEIRS.items():
        path = built.root / "site" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return {built.root / "site" / name: inode(built.root / "site" / name) for name in THEIRS}


def inode(path: Path) -> int:
    """Return what a file is, whatever its name."""
    return path.stat().st_ino


def test_every_command_leaves_them_and_says_so(built: Builder, kept: dict[Path, int]) -> None:
    """A build, a removal, a withdrawal and its end: the very same files, and no problem."""
    told = "In the site, not made by laion-assets, and left as it is: .git/, CNAME, notes/"
    write_source(built.source / "c.parquet", 120)
    assert told in built.build().output
    result = built.run("remove", "--url", "https://i.pinimg.com/2019/01/0.jpg")
    assert result.exit_code == 0, result.output
    searched = "Not made by laion-assets, so not searched for these rows: .git/, CNAME, notes/"
    assert searched in result.output
    result = built.run("withdraw", "--why", "Under review.")
    assert "Not made by laion-assets, and still there: .git/, CNAME, notes/" in result.output
    assert {path: inode(path) for path in kept} == kept
    assert built.run("withdraw", "--undo").exit_code == 0
    result = built.run("verify", "--deep")
    assert result.exit_code == 0, result.output
    assert "Not made by laion-assets, and no matter here: .git/, CNAME, notes/" in result.output
    assert {path: inode(path) for path in kept} == kept


def test_a_page_that_somebody_changed_is_told(built: Builder) -> None:
    """It is written anew, for the manifest says that it is ours."""
    page = built.root / "site" / "about.html"
    before = page.read_bytes()
    page.write_text("my own words")
    output = built.build().output
    assert "Changed since it was published, and written anew: about.html" in output
    assert page.read_bytes() == before
    write_source(built.source / "c.parquet", 120)
    assert "written anew" not in built.build().output


def test_what_stood_in_the_way_is_told_until_somebody_took_it(built: Builder) -> None:
    """It is beside the site, in one folder for all such things."""
    site = built.root / "site"
    (site / "about.html").unlink()
    (site / "about.html").mkdir()
    (site / "about.html" / "draft").write_text("mine")
    stamp = built.root / "site.stamp.json"
    stamp.unlink()
    stamp.mkdir()
    (stamp / "mine").touch()
    told = f"Not made by laion-assets, and moved out of its way: {built.root / 'kept-aside'}"
    assert told in built.build().output
    assert (built.root / "kept-aside" / "site" / "about.html" / "draft").read_text() == "mine"
    assert (built.root / "kept-aside" / "site.stamp.json" / "mine").exists()
    assert told in built.build().output


def test_a_build_directory_that_is_somebodys_folder_loses_nothing(built: Builder) -> None:
    """Names that only begin like ours, folders named like tables, and other programs' logs."""
    theirs = [
        ".tmp-notes/x", "data.parquet/part-0.parquet", "settings.json/x", "logs/error-2024.log",
        f"work/{temporary_beside(Path('x')).name}", "site/.tmp-x",
    ]  # fmt: skip
    for name in theirs:
        path = built.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    write_source(built.source / "c.parquet", 120)
    built.build()
    assert built.run("remove", "--domain", "pinimg.com").exit_code == 0
    assert [name for name in theirs if not (built.root / name).exists()] == []
