"""What is not ours in the site's folder survives whatever we do, in its place and as it was."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from laion_assets.core.base import files
from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import sha256_bytes
from laion_assets.core.publish import theirs
from laion_assets.core.publish.exchange import publish_site, settle_site
from laion_assets.core.publish.manifest import MANIFEST, read_manifest, verify_site
from laion_assets.core.publish.theirs import kept_aside, theirs_in
from laion_assets.core.publish.withdrawal import withdraw_site
from laion_assets.core.site.inputs import Page

OLD = {
    "index.html": b"home",
    "domains/a.html": b"a",
    "data/words.csv": b"a,1",
    "search/x/1.js": b"1",
}
NEW = {"index.html": b"news", "domains/b.html": b"b", "data/words.csv": b"a,1"}

#: What people keep in a site's folder; a folder has no content.
THEIRS: dict[str, bytes | None] = {
    ".git/HEAD": b"ref: refs/heads/gh-pages",
    ".git/index": b"DIRC",
    ".git/objects/ab/cdef": b"blob",
    ".nojekyll": b"",
    "CNAME": b"example.org",
    "google123.html": b"google-site-verification",
    "notes/to do.txt": b"tidy",
    "notes/empty": None,
    "data/mine.csv": b"mine",
    "domains/mine/x.html": b"x",
    ".tmp-draft": b"draft",
    ".well-known/security.txt": b"Contact",
    "odd\udcff\n.txt": b"odd",
}


def publish(root: Path, pages: Mapping[str, bytes], stamped: theirs.Stamped = dict) -> Any:
    """Publish pages at the site of a build directory."""
    made = (Page(path, content) for path, content in pages.items())
    return publish_site(root / "site", made, root / "index", {}, 100, stamped=stamped)


def put_theirs(site: Path) -> None:
    """Write what people keep in a site's folder, and links."""
    for name, content in THEIRS.items():
        path = site / name
        if content is None:
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    (site / "link").symlink_to("notes")
    (site / "data" / "broken").symlink_to("/nowhere/at/all")


def identities(site: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of what is theirs."""
    names = [*THEIRS, "link", "data/broken", ".git", "notes"]
    stats = {name: (site / name).lstat() for name in names}
    return {
        name: (found.st_ino, 0 if stat.S_ISDIR(found.st_mode) else found.st_mtime_ns)
        for name, found in stats.items()
    }


def ours(site: Path) -> dict[str, bytes]:
    """Return what of a site its manifest lists."""
    return {path: (site / path).read_bytes() for path in read_manifest(site)}


# -- every way to publish --------------------------------------------------------------------------


@pytest.mark.parametrize("exchange", ["in one step", "by renaming"])
def test_what_is_not_ours_is_still_there(
    tmp_path: Path, exchange: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very same files, folders and links, whether pages come or go or the site is withdrawn."""
    if exchange == "by renaming":
        monkeypatch.setattr(files, "_rename_exchange", lambda *_: False)
    site = tmp_path / "site"
    publish(tmp_path, OLD)
    put_theirs(site)
    before = identities(site)
    publish(tmp_path, NEW)
    assert ours(site) == NEW
    assert not (site / "domains" / "a.html").exists()
    assert not (site / "search").exists()
    withdraw_site(site, "Title", "Under review.", dict)
    assert set(ours(site)) == {"404.html", "index.html", "static/style.css"}
    publish(tmp_path, OLD)
    assert ours(site) == OLD
    assert identities(site) == before
    assert verify_site(site) == []
    assert {path.name for path in tmp_path.iterdir()} == {"site"}
    assert theirs_in(site, dict) == (
        ".git/", ".nojekyll", ".tmp-draft", ".well-known/", "CNAME", "data/broken", "data/mine.csv",
        "domains/mine/", "google123.html", "link", "notes/", "odd\udcff\n.txt",
    )  # fmt: skip


def test_nothing_of_theirs_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository of gigabytes costs a rename: no folder of theirs is entered."""
    publish(tmp_path, OLD)
    put_theirs(tmp_path / "site")
    entered: list[str] = []
    scandir = os.scandir

    def watched(path: Any) -> Any:
        entered.append(os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", watched)
    publish(tmp_path, NEW)
    assert not [path for path in entered if ".git" in path or "notes" in path]


def test_an_empty_folder_of_ours_does_not_stay(tmp_path: Path) -> None:
    """Where all pages of a folder go, so does the folder."""
    publish(tmp_path, OLD)
    publish(tmp_path, {"index.html": b"home"})
    assert sorted(path.name for path in (tmp_path / "site").iterdir()) == ["index.html", MANIFEST]


# -- things in our way -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theirs_there", "page"),
    [
        ("domains/b.html", "domains/b.html"),
        ("domains/b.html/deep", "domains/b.html"),
        ("new", "new/page.html"),
        ("new/page.html/deep", "new/page.html"),
    ],
)
def test_what_stands_where_a_page_goes_is_kept_aside(
    tmp_path: Path, theirs_there: str, page: str
) -> None:
    """The page is published; the file is beside the site, under its own name."""
    publish(tmp_path, OLD)
    path = tmp_path / "site" / theirs_there
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"mine")
    publish(tmp_path, {**OLD, page: b"page"})
    assert ours(tmp_path / "site")[page] == b"page"
    assert (tmp_path / "kept-aside" / "site" / theirs_there).read_bytes() == b"mine"
    assert kept_aside(tmp_path / "site") == [str(tmp_path / "kept-aside")]


@pytest.mark.parametrize("way", ["a link to the same", "a link elsewhere", "a pipe", "a folder"])
def test_something_else_in_the_place_of_a_page_is_not_followed(tmp_path: Path, way: str) -> None:
    """It is not what was published, so it is somebody's; the page is written anew."""
    publish(tmp_path, OLD)
    page = tmp_path / "site" / "index.html"
    page.rename(tmp_path / "elsewhere")
    if way == "a link to the same":
        page.symlink_to(tmp_path / "elsewhere")
    elif way == "a link elsewhere":
        page.symlink_to("/etc/passwd")
    elif way == "a pipe":
        os.mkfifo(page)
    else:
        page.mkdir()
        (page / "mine").touch()
    publish(tmp_path, OLD)
    assert ours(tmp_path / "site") == OLD
    assert not page.is_symlink()
    assert os.path.lexists(tmp_path / "kept-aside" / "site" / "index.html")


def test_a_linked_folder_in_the_place_of_ours_is_not_written_into(tmp_path: Path) -> None:
    """What it leads to stays as it is; the link is kept aside."""
    publish(tmp_path, OLD)
    data, elsewhere = tmp_path / "site" / "data", tmp_path / "elsewhere"
    data.rename(elsewhere)
    data.symlink_to(elsewhere)
    publish(tmp_path, NEW)
    assert ours(tmp_path / "site") == NEW
    assert not data.is_symlink()
    assert [path.name for path in elsewhere.iterdir()] == ["words.csv"]
    assert (tmp_path / "kept-aside" / "site" / "data").readlink() == elsewhere


def test_a_page_of_ours_that_was_changed_is_written_anew_and_told(tmp_path: Path) -> None:
    """Ours is what the manifest lists, whatever it holds; one touched but the same is not told."""
    publish(tmp_path, OLD)
    site = tmp_path / "site"
    later = (site / MANIFEST).stat().st_mtime_ns + 10**9
    for name, content in (("index.html", b"edited"), ("domains/a.html", b"edited")):
        (site / name).write_bytes(content)
    for name in OLD:
        os.utime(site / name, ns=(later, later))
    published = publish(tmp_path, NEW)
    assert ours(site) == NEW
    assert published.edited == ("domains/a.html", "index.html")
    assert published.counts["edited"] == ["domains/a.html", "index.html"]
    assert not (site / "domains" / "a.html").exists()
    assert publish(tmp_path, OLD).edited == ()


# -- folders that are not ours, or not any more ----------------------------------------------------


def test_a_folder_made_by_hand_keeps_all_that_is_in_it(tmp_path: Path) -> None:
    """Nothing lists it, so nothing goes: what stands in the way is beside the site."""
    site = tmp_path / "site"
    site.mkdir()
    put_theirs(site)
    own = {"index.html": b"my home", MANIFEST: b'{"name": "App"}', "about.html": b"me"}
    for name, content in own.items():
        (site / name).write_bytes(content)
    before = identities(site)
    publish(tmp_path, OLD)
    assert ours(site) == OLD
    assert identities(site) == before
    assert (site / "about.html").read_bytes() == b"me"
    for name in ("index.html", MANIFEST):
        assert (tmp_path / "kept-aside" / "site" / name).read_bytes() == own[name]


@pytest.mark.parametrize("stamp", ["there", "lost"])
@pytest.mark.parametrize("damage", ["lost", "garbage", "empty", "a folder"])
def test_without_a_manifest_the_old_pages_go_and_theirs_stay(
    tmp_path: Path, damage: str, stamp: str
) -> None:
    """Pages of ours are told by the stamp of the last build, or set aside by their names."""
    index = {"search/t/directory.js": b"directory", "search/t/d/1.js": b"t"}
    publish(tmp_path, OLD | index)
    site = tmp_path / "site"
    put_theirs(site)
    before = identities(site)
    made = {path: sha256_bytes(content) for path, content in (OLD | index).items()}
    (site / MANIFEST).unlink()
    if damage == "a folder":
        (site / MANIFEST).mkdir()
    elif damage != "lost":
        (site / MANIFEST).write_bytes(b"" if damage == "empty" else b"\xff{")
    stamped = {**made, MANIFEST: ""} if stamp == "there" else {}
    withdraw_site(site, "Title", "Under review.", lambda: stamped)
    assert set(ours(site)) == {"404.html", "index.html", "static/style.css"}
    left = {path.name for path in site.iterdir()}
    if stamp == "there":
        assert identities(site) == before
        assert not kept_aside(site) or damage == "a folder"
    else:
        assert not left & {"search", "domains"}
        kept = tmp_path / "kept-aside" / "site"
        assert (kept / "domains" / "a.html").read_bytes() == b"a"
        assert (kept / "data" / "mine.csv").read_bytes() == b"mine"
        assert (site / ".git").lstat().st_ino == before[".git"][0]
    assert not (site / "domains" / "a.html").exists()


def test_pages_that_are_the_same_are_taken_over_without_a_manifest(tmp_path: Path) -> None:
    """A lost manifest alone puts nothing aside and writes nothing but itself."""
    publish(tmp_path, OLD)
    (tmp_path / "site" / MANIFEST).unlink()
    published = publish(tmp_path, OLD)
    assert (published.written, published.unchanged) == (1, len(OLD))
    assert kept_aside(tmp_path / "site") == []
    assert theirs_in(tmp_path / "site", dict) == ()


def test_another_programs_manifest_lists_nothing_of_ours(tmp_path: Path) -> None:
    """A list of files without digests is somebody else's; what it names stays."""
    site = tmp_path / "site"
    site.mkdir()
    (site / MANIFEST).write_text('{"files": {"main.js": "/static/main.js"}}')
    (site / "main.js").write_bytes(b"main")
    publish(tmp_path, OLD)
    assert (site / "main.js").read_bytes() == b"main"


# -- the folder itself -----------------------------------------------------------------------------


def test_a_linked_site_is_published_where_the_link_leads(tmp_path: Path) -> None:
    """The link stays, and what was in the folder it leads to."""
    place = tmp_path / "www" / "html"
    place.mkdir(parents=True)
    (place / "CNAME").write_bytes(b"example.org")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "site").symlink_to(place)
    for pages in (OLD, NEW):
        publish(tmp_path / "build", pages)
        assert (tmp_path / "build" / "site").readlink() == place
        assert ours(place) == pages
        assert (place / "CNAME").read_bytes() == b"example.org"
    assert [path.name for path in place.parent.iterdir()] == ["html"]


def test_what_was_staged_beside_a_linked_site_goes(tmp_path: Path) -> None:
    """A killed run leaves pages there, perhaps below a web server's folder; others' files stay."""
    place = tmp_path / "www" / "html"
    place.mkdir(parents=True)
    others = place.with_name(".tmp-0123456789ab-other")
    others.mkdir()
    staged = files.temporary_beside(place)
    staged.mkdir()
    (staged / "index.html").write_bytes(b"removed")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "site").symlink_to(place)
    settle_site(tmp_path / "build" / "site", dict)
    assert sorted(place.parent.iterdir()) == [others, place]


@pytest.mark.parametrize("way", ["a file", "a broken link", "a link to a file"])
def test_something_else_in_the_place_of_the_site_stays(tmp_path: Path, way: str) -> None:
    """One line names it; nothing was touched."""
    site = tmp_path / "site"
    (tmp_path / "file").write_bytes(b"mine")
    if way == "a file":
        site.write_bytes(b"mine")
    else:
        site.symlink_to(tmp_path / ("file" if way == "a link to a file" else "nowhere"))
    with pytest.raises(UserError, match="move it away and run it again"):
        publish(tmp_path, OLD)
    assert {path.name for path in tmp_path.iterdir()} == {"site", "file"}
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_who_may_read_the_folder_stays_as_it_was(tmp_path: Path) -> None:
    """A web server's group keeps its right to the new folder."""
    publish(tmp_path, OLD)
    (tmp_path / "site").chmod(0o2750)
    publish(tmp_path, NEW)
    assert stat.S_IMODE((tmp_path / "site").stat().st_mode) == 0o2750


def test_what_cannot_be_moved_is_told_before_anything_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old site stays, whole, with what is in it."""
    publish(tmp_path, OLD)
    put_theirs(tmp_path / "site")
    before = identities(tmp_path / "site")
    monkeypatch.setattr(os, "access", lambda path, _: not str(path).endswith(".git"))
    monkeypatch.setattr(theirs, "_is_own", lambda _: False)
    with pytest.raises(UserError, match=r"\.git is not ours and cannot be moved"):
        publish(tmp_path, NEW)
    assert ours(tmp_path / "site") == OLD
    assert identities(tmp_path / "site") == before
    assert {path.name for path in tmp_path.iterdir()} == {"site"}


@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_read_only_folder_of_ones_own_holds_nothing_up(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    withdrawn: bool,  # noqa: FBT001
) -> None:
    """It comes along as it is, into the next site or out of a page's way; no takedown waits."""
    publish(tmp_path, OLD)
    put_theirs(tmp_path / "site")
    (tmp_path / "site" / "404.html").mkdir()
    closed = [tmp_path / "site" / name for name in (".git", "domains/mine", "data", "404.html")]
    before = [path.stat().st_ino for path in closed]
    for path in closed:
        path.chmod(0o500)
    # Who runs the tests as root may write everywhere.
    monkeypatch.setattr(os, "access", lambda path, _: bool(Path(path).stat().st_mode & 0o200))
    if withdrawn:
        withdraw_site(tmp_path / "site", "T", "why", dict)
    else:
        publish(tmp_path, {**NEW, "404.html": b"none"})
    closed[2:] = [tmp_path / "kept-aside" / "site" / "404.html"]
    assert [path.stat().st_ino for path in closed] == [*before[:2], before[3]]
    assert [stat.S_IMODE(path.stat().st_mode) for path in closed] == [0o500] * 3
    for name, content in THEIRS.items():
        assert content is None or (tmp_path / "site" / name).read_bytes() == content
    for path in closed:
        path.chmod(0o700)


# -- kills -----------------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for a process that is no more."""


@contextmanager
def killed_at(number: int, one_step: bool) -> Iterator[Callable[[], int]]:  # noqa: FBT001
    """Let every call that changes names fail from the given one on; yields how many there were."""
    names = ("rename", "replace", "link", "unlink", "rmdir", "mkdir")
    calls = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls >= number:
                raise Killed
            return call(*arguments, **named)

        return wrapper

    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.setattr(os, name, counted(getattr(os, name)))
        swap = files._rename_exchange if one_step else lambda *_: False
        patch.setattr(files, "_rename_exchange", counted(swap) if one_step else swap)
        yield lambda: calls


@pytest.mark.parametrize("one_step", [True, False], ids=["in one step", "by renaming"])
def test_killed_at_any_moment_nothing_is_lost(tmp_path: Path, one_step: bool) -> None:  # noqa: FBT001
    """The site is whole, theirs is somewhere, and the next build has it in its place."""
    first = tmp_path / "first"
    publish(first, OLD)
    put_theirs(first / "site")
    (first / "site" / "new").write_bytes(b"in the way")
    after = {**NEW, "new/page.html": b"page"}
    moment = 0
    while True:
        moment += 1
        root = tmp_path / str(moment)
        shutil.copytree(first, root, symlinks=True)
        before = identities(root / "site")
        with killed_at(moment, one_step) as calls:
            try:
                publish(root, after)
            except Killed:
                assert calls() >= moment
            else:
                break
        if (root / "site").exists() or one_step:
            assert verify_site(root / "site") == []
            assert ours(root / "site") in (OLD, after)
        found = {p.stat().st_ino for p in root.rglob("*") if p.is_file() and not p.is_symlink()}
        assert found >= {before[name][0] for name in THEIRS if THEIRS[name] is not None}
        if moment % 2:
            settle_site(root / "site", dict)
            assert verify_site(root / "site") == []
        publish(root, after)
        files.sweep(root, below=False)
        assert ours(root / "site") == after
        assert identities(root / "site") == before
        assert (root / "kept-aside" / "site" / "new").read_bytes() == b"in the way"
        assert sorted(path.name for path in root.iterdir()) == ["kept-aside", "site"]
        shutil.rmtree(root)
    assert moment > 40
