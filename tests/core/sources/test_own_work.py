"""What this program wrote is never a source, wherever it lies."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.base.parquet import write_table
from laion_assets.core.cleaning import removal_list
from laion_assets.core.publish.manifest import manifest_of
from laion_assets.core.sources.own_work import MARKER, MARKER_CONTENT
from tests.core.sources.looking import looked_at

ROWS = b"url,caption\nhttps://a.example/%d.jpg,A red lighthouse\n"
OURS = ("tables/images/a.csv", "raw/x/files/b.csv", "site/data/c.csv", "index/d.csv", "logs/e.csv")


def write(root: Path, *names: str) -> Path:
    """Write files of rows, each of its own."""
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(ROWS % number + name.encode())
    return root


def build_directory(root: Path, *own: str, marked: bool = True) -> Path:
    """Make what a build leaves, and files of the user's own beside it."""
    write(root, *OURS, *own)
    (root / "build.toml").write_text('dataset = "files"\n')
    if marked:
        (root / MARKER).write_bytes(MARKER_CONTENT)
    return root


SAID = "is a build directory of laion-assets; what it made there is never a source"


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("where", ["build", "deep/er/other"])
def test_a_build_directory_in_a_source_folder_is_passed_over(
    tmp_path: Path, where: str, *, marked: bool
) -> None:
    """This build's, another's, one of an older version; named once."""
    write(tmp_path, "a.csv")
    build_directory(tmp_path / where, marked=marked)
    files, left_out = looked_at(tmp_path, root=tmp_path / "build")
    assert files == ["a.csv"]
    assert {name: why.partition(" (")[0] for name, why in left_out.items()} == {
        Path(where).name: SAID
    }


def test_files_of_the_user_s_own_in_a_build_directory_are_read(tmp_path: Path) -> None:
    """Only what is ours is passed over: the directory may be the working directory."""
    root = build_directory(tmp_path / "work", "parquet/p.csv", "mine.csv")
    assert looked_at(root, root=root)[0] == ["mine.csv", "parquet/p.csv"]
    assert looked_at(root / "parquet", root=root) == (["p.csv"], {})


def test_the_build_directory_at_hand_needs_no_marker(tmp_path: Path) -> None:
    """What is called as ours is ours before the first build and after it."""
    write(tmp_path, "raw/a.csv", "b.csv")
    assert looked_at(tmp_path, root=tmp_path)[0] == ["b.csv"]
    with pytest.raises(BadUsage, match="raw: lies where laion-assets keeps what it made"):
        looked_at(tmp_path / "raw", root=tmp_path)
    assert looked_at(tmp_path / "raw") == (["a.csv"], {})


@pytest.mark.parametrize(
    "named", ["tables", "site/data/c.csv", "raw/x", "tables/images/a.csv", "build.toml"]
)
def test_what_lies_inside_a_build_directory_is_refused(tmp_path: Path, named: str) -> None:
    """Of this build or another, named through a link or not; the line says what to name."""
    root = build_directory(tmp_path / "build")
    link = tmp_path / "link"
    link.symlink_to(root / named)
    for source in (root / named, link):
        for at_hand in (root, tmp_path / "other"):
            with pytest.raises(BadUsage, match="name the files it was made from"):
                looked_at(source, root=at_hand)


def test_a_build_directory_named_as_the_source_holds_nothing(tmp_path: Path) -> None:
    """One line, not a build of what was built."""
    root = build_directory(tmp_path / "build")
    with pytest.raises(UserError, match=rf"build: no parquet files .*{SAID}"):
        looked_at(root, root=root)


def test_links_into_a_build_directory_are_left_out(tmp_path: Path) -> None:
    """Followed or not: to the whole, to a folder, to a file."""
    root = build_directory(tmp_path / "elsewhere" / "build")
    folder = write(tmp_path / "folder", "a.csv")
    for name, target in (("whole", root), ("part", root / "tables"), ("b.csv", root / OURS[0])):
        (folder / name).symlink_to(target)
    files, left_out = looked_at(folder, follow_links=True)
    assert files == ["a.csv"]
    assert (
        left_out["part"] == left_out["b.csv"] == "is a link into a build directory of laion-assets"
    )
    assert left_out["whole"].startswith(SAID)


def test_nobody_is_told_to_follow_a_link_to_what_is_ours(tmp_path: Path) -> None:
    """What it leads to would be left out then."""
    root = build_directory(tmp_path / "elsewhere" / "build")
    folder = write(tmp_path / "folder", "a.csv")
    for name, target in (("build", root), ("part", root / "tables"), ("b.csv", root / OURS[0])):
        (folder / name).symlink_to(target)
    files, left_out = looked_at(folder, root=root)
    assert (files, sorted(left_out)) == (["a.csv"], ["b.csv", "build", "part"])
    assert not any("--follow-links" in why for why in left_out.values())


def test_a_published_site_that_was_copied_is_passed_over(tmp_path: Path) -> None:
    """Its manifest says which files are ours; what lies beside them is read."""
    site = {"index.html": b"<html>", "data/years.csv": ROWS, "data/years.json": b"[]"}
    for name, content in site.items():
        (tmp_path / "public" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "public" / name).write_bytes(content)
    manifest = manifest_of(dict.fromkeys(site, ("0" * 64, 1)))
    (tmp_path / "public" / "manifest.json").write_bytes(manifest)
    write(tmp_path, "a.csv", "public/mine.csv", "public/data/b.csv")
    files, left_out = looked_at(tmp_path)
    assert files == ["a.csv", "public/data/b.csv", "public/mine.csv"]
    assert left_out == {"public": "holds a site that laion-assets published (4 files)"}
    assert looked_at(tmp_path / "public" / "data") == (
        ["b.csv"],
        {"data": "lies in a site that laion-assets published (2 files)"},
    )
    with pytest.raises(BadUsage, match="part of a site that laion-assets published"):
        looked_at(tmp_path / "public" / "data" / "years.csv")


def test_somebody_else_s_manifest_hides_nothing(tmp_path: Path) -> None:
    """Nor does a marker of another content."""
    write(tmp_path, "a.csv", "tables/b.csv")
    (tmp_path / "manifest.json").write_text(json.dumps({"files": {"a.csv": "0" * 64}}))
    (tmp_path / MARKER).write_text("Signature: something else\n")
    assert looked_at(tmp_path)[0] == ["a.csv", "tables/b.csv"]


def test_a_copy_of_a_removal_list_is_known_by_its_first_line(tmp_path: Path) -> None:
    """Of today's form and of the first; it is no bad file of rows."""
    write(tmp_path, "a.csv")
    heads = (removal_list._HEADER, removal_list._FIRST_HEADER)
    for name, head in zip(("b.csv", "c.csv"), heads, strict=True):
        (tmp_path / name).write_text(",".join(head) + "\nurl,00\n")
    said = "is a removal list of laion-assets"
    assert looked_at(tmp_path) == (["a.csv"], {"b.csv": said, "c.csv": said})


def test_what_a_setting_names_as_something_else_is_no_source(tmp_path: Path) -> None:
    """Lists, a removal list, a dataset file, an allow-list: they may lie beside the rows."""
    root = write(tmp_path / "rows", "a.csv", "lists/artists.csv", "removals.csv")
    (tmp_path / "link").symlink_to(root)
    otherwise = {str(root / "lists"): "--lists", str(root / "removals.csv"): "--removals"}
    files, left_out = looked_at(tmp_path / "link", otherwise=otherwise)
    assert files == ["a.csv"]
    assert left_out == {
        "lists": "is what --lists names",
        "removals.csv": "is what --removals names",
    }


def test_a_copy_of_one_table_is_known_by_its_mark(tmp_path: Path) -> None:
    """Wherever it lies and whatever it is called; a table of anybody else is read."""
    table = pa.table({"url": ["u"], "caption": ["c"]})
    write(tmp_path, "a.csv")
    write_table(tmp_path / "images.parquet", table)
    write_table(tmp_path / "copy", pa.table({"url": ["u"] * 9, "caption": ["c"] * 9}))
    mine = "is a table that laion-assets made; name what it was made from"
    assert looked_at(tmp_path) == (["a.csv"], {"images.parquet": mine, "copy": mine})
