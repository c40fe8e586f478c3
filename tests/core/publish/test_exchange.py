"""Publishing: only what changed is written, what is gone vanishes, and verifying finds it all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import sha256_bytes
from laion_assets.core.publish import manifest
from laion_assets.core.publish.exchange import Published, publish_site
from laion_assets.core.publish.manifest import read_manifest, verify_site
from laion_assets.core.site.inputs import Page

PAGES = {"index.html": b"home", "domains/a.html": b"a", "data/summary.json": b"{}"}
INDEX = {"x/directory.js": b"directory", "x/w/0.js": b"terms"}


def publish(
    root: Path,
    pages: Mapping[str, bytes] = PAGES,
    index: Mapping[str, bytes] = INDEX,
    max_files: int = 20_000,
) -> Published:
    """Publish pages and index files of a build directory."""
    files = {}
    for name, content in index.items():
        path = root / "index" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != content:
            path.unlink(missing_ok=True)
            path.write_bytes(content)
        files[name] = (sha256_bytes(content), len(content))
    contents = (Page(path, content) for path, content in pages.items())
    return publish_site(root / "site", contents, root / "index", files, max_files)


def published(root: Path) -> dict[str, bytes]:
    """Return every file of the site but its manifest."""
    site = root / "site"
    files = {p.relative_to(site).as_posix(): p.read_bytes() for p in site.rglob("*") if p.is_file()}
    del files["manifest.json"]
    return files


def identities(root: Path) -> dict[str, tuple[int, int]]:
    """Return inode and modification time of every file of the site."""
    site = root / "site"
    stats = {p.relative_to(site).as_posix(): p.stat() for p in site.rglob("*") if p.is_file()}
    return {path: (stat.st_ino, stat.st_mtime_ns) for path, stat in stats.items()}


# -- publishing ------------------------------------------------------------------------------------


def test_site_is_pages_index_and_manifest(tmp_path: Path) -> None:
    """Everything is there with its bytes, and the result says what was written."""
    result = publish(tmp_path)
    expected = {**PAGES, **{f"search/{name}": content for name, content in INDEX.items()}}
    assert published(tmp_path) == expected
    assert (result.written, result.unchanged, result.removed) == (6, 0, 0)
    listed = json.loads((tmp_path / "site" / "manifest.json").read_bytes())
    assert listed == {"files": {path: sha256_bytes(expected[path]) for path in sorted(expected)}}
    assert set(result.files) == {*expected, "manifest.json"}
    for path, (digest, size) in result.files.items():
        content = (tmp_path / "site" / path).read_bytes()
        assert (sha256_bytes(content), len(content)) == (digest, size)


def test_unchanged_files_keep_inode_and_time(tmp_path: Path) -> None:
    """One changed page costs one page and the manifest; every other file is the old one."""
    publish(tmp_path)
    before = identities(tmp_path)
    result = publish(tmp_path, {**PAGES, "index.html": b"news"})
    after = identities(tmp_path)
    changed = {path for path in after if after[path] != before[path]}
    assert changed == {"index.html", "manifest.json"}
    assert (result.written, result.unchanged, result.removed) == (2, 4, 0)
    assert published(tmp_path)["index.html"] == b"news"


def test_publishing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    """Not even the folder: the old site stays where it is."""
    publish(tmp_path)
    folder, before = (tmp_path / "site").stat().st_ino, identities(tmp_path)
    result = publish(tmp_path)
    assert (result.written, result.unchanged, result.removed) == (0, 6, 0)
    assert (tmp_path / "site").stat().st_ino == folder
    assert identities(tmp_path) == before


def test_removed_pages_and_index_files_vanish(tmp_path: Path) -> None:
    """What is no longer published is no longer there."""
    publish(tmp_path)
    result = publish(tmp_path, {"index.html": b"home"}, {"y/directory.js": b"new"})
    assert set(published(tmp_path)) == {"index.html", "search/y/directory.js"}
    assert result.removed == 4
    assert not (tmp_path / "site" / "domains").exists()


def test_only_removing_is_a_change_too(tmp_path: Path) -> None:
    """A page that goes without another coming is not overlooked."""
    publish(tmp_path)
    publish(tmp_path, {name: PAGES[name] for name in PAGES if name != "domains/a.html"})
    assert "domains/a.html" not in published(tmp_path)


@pytest.mark.parametrize("damage", ["deleted", "shortened", "no manifest", "bad manifest"])
def test_damaged_site_is_made_whole(tmp_path: Path, damage: str) -> None:
    """Files that vanished or shrank, or a lost manifest, are written anew."""
    publish(tmp_path)
    whole = published(tmp_path)
    page, list_of_all = tmp_path / "site" / "index.html", tmp_path / "site" / "manifest.json"
    if damage == "deleted":
        page.unlink()
    elif damage == "shortened":
        page.write_bytes(b"")
    elif damage == "no manifest":
        list_of_all.unlink()
    else:
        list_of_all.write_bytes(b'["files"]')
    publish(tmp_path)
    assert published(tmp_path) == whole
    assert verify_site(tmp_path / "site") == []


def test_damage_of_equal_size_is_not_carried_on(tmp_path: Path) -> None:
    """A page and an index file whose bytes changed behind our back are written anew."""
    publish(tmp_path)
    whole = published(tmp_path)
    (tmp_path / "site" / "index.html").write_bytes(b"hole")
    changed = tmp_path / "site" / "search" / "x" / "w" / "0.js"
    changed.unlink()  # a file of its own, no longer the index's
    changed.write_bytes(b"worms")
    result = publish(tmp_path)
    assert published(tmp_path) == whole
    assert (result.written, result.unchanged) == (2, 4)


@pytest.mark.parametrize("damage", ["flipped", "missing", "a folder"])
def test_a_damaged_index_is_not_published(tmp_path: Path, damage: str) -> None:
    """One line names the file and what mends it; the old site stays."""
    publish(tmp_path, index={"x/directory.js": b"directory"})
    before = identities(tmp_path)
    file = tmp_path / "index" / "x" / "w" / "0.js"
    listed = {"x/w/0.js": (sha256_bytes(b"terms"), 5)}
    if damage == "flipped":
        file.parent.mkdir()
        file.write_bytes(b"worms")
    elif damage == "a folder":
        file.mkdir(parents=True)
    with pytest.raises(UserError, match=r"w/0\.js: not the file .* `laion-assets build --rehash`"):
        publish_site(tmp_path / "site", [], tmp_path / "index", listed, 10)
    assert identities(tmp_path) == before


def test_changed_site_does_not_change_the_index_it_was_linked_from(tmp_path: Path) -> None:
    """Files are replaced, never written in place, so hard links stay true."""
    publish(tmp_path)
    publish(tmp_path, index={**INDEX, "x/w/0.js": b"other"})
    publish(tmp_path, {"index.html": b"x"}, {})
    assert (tmp_path / "index" / "x" / "w" / "0.js").read_bytes() == b"other"


def test_too_many_files_are_refused_and_the_old_site_stays(tmp_path: Path) -> None:
    """The line says how many there would be; nothing is half published."""
    publish(tmp_path)
    before = identities(tmp_path)
    with pytest.raises(UserError, match="the site would have 6 files, more than --max-files 5"):
        publish(tmp_path, {**PAGES, "index.html": b"news"}, max_files=5)
    assert identities(tmp_path) == before
    assert {path.name for path in tmp_path.iterdir()} == {"site", "index"}
    assert publish(tmp_path, max_files=6).unchanged == 6


def test_page_that_fails_leaves_the_old_site(tmp_path: Path) -> None:
    """A template that breaks in the middle costs nothing but the attempt."""
    publish(tmp_path)
    before = identities(tmp_path)

    def broken() -> Iterator[Page]:
        yield Page("index.html", b"news")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        publish_site(tmp_path / "site", broken(), tmp_path / "index", {}, 10)
    assert identities(tmp_path) == before
    assert {path.name for path in tmp_path.iterdir()} == {"site", "index"}


def test_two_pages_of_one_name_are_a_defect(tmp_path: Path) -> None:
    """A page that would overwrite another is noticed, not published."""
    pages = [Page("a.html", b"1"), Page("a.html", b"2")]
    with pytest.raises(ValueError, match=r"two pages want to be a\.html"):
        publish_site(tmp_path / "site", pages, tmp_path, {}, 10)
    assert not (tmp_path / "site").exists()


# -- verifying -------------------------------------------------------------------------------------


def test_published_site_verifies(tmp_path: Path) -> None:
    """Nothing is wrong with a site as it was published."""
    publish(tmp_path)
    assert verify_site(tmp_path / "site") == []


def test_verify_finds_changed_and_missing_files(tmp_path: Path) -> None:
    """One line for each difference, whatever the size of the change; others' files are none."""
    publish(tmp_path)
    site = tmp_path / "site"
    (site / "index.html").write_bytes(b"hole")
    (site / "domains" / "a.html").unlink()
    (site / "search" / "x" / "w" / "0.js").unlink()
    (site / "search" / "x" / "w" / "0.js").mkdir()
    (site / "domains" / "b.html").write_bytes(b"b")
    (site / ".hidden").write_bytes(b"")
    assert verify_site(site) == [
        "changed: index.html",
        "missing: domains/a.html",
        "missing: search/x/w/0.js",
    ]


def test_verify_finds_a_page_of_ours_that_is_left_over(tmp_path: Path) -> None:
    """What was made by us and is not listed any more is no file of somebody else's."""
    publish(tmp_path)
    site = tmp_path / "site"
    (site / "old.html").write_bytes(b"old")
    (site / "mine.html").write_bytes(b"mine")
    made = {name: sha256_bytes(b"old") for name in ("old.html", "mine.html", "gone.html")}
    assert verify_site(site, made=made) == ["left over: old.html"]


def test_verifying_while_a_build_publishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site put in the place of the one being read is no difference."""
    publish(tmp_path)
    read = manifest.sha256_file

    def publish_meanwhile(path: Path) -> str:
        monkeypatch.setattr(manifest, "sha256_file", read)
        publish(tmp_path, {name: b"new " + content for name, content in PAGES.items()}, {})
        return read(path)

    monkeypatch.setattr(manifest, "sha256_file", publish_meanwhile)
    assert verify_site(tmp_path / "site") == []


@pytest.mark.parametrize(
    "content",
    [
        None, b"", b"null", b"[]", b"{}", b'{"files": []}', b'{"files": {"main.js": 1}}',
        b'{"files": {"main.js": "/static/m.js"}}', b"[" * 200_000,
    ],
)  # fmt: skip
def test_verifying_what_is_no_site_says_so(tmp_path: Path, content: bytes | None) -> None:
    """Without a manifest there is nothing to compare with."""
    if content is not None:
        (tmp_path / "manifest.json").write_bytes(content)
    assert read_manifest(tmp_path) == {}
    with pytest.raises(UserError, match="no published site there"):
        verify_site(tmp_path)
