"""Publishing elsewhere: what is sent and deleted, in which order, and what is left alone."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.publish.changes import BEGUN, compare, there_of
from laion_assets.core.publish.manifest import MANIFEST, read_manifest
from laion_assets.core.publish.outgoing import Outgoing, read_outgoing
from laion_assets.core.publish.sending import open_target, publish_to
from laion_assets.core.publish.to_store import Sent, ToStore
from tests.small_sites import FIRST, SECOND, contents, send, withdraw, write_site

# -- what is sent ----------------------------------------------------------------------------------


class Memory:
    """A store in memory that notes what is done to it, and may be cut off."""

    def __init__(self, cut_after: int | None = None) -> None:
        self.files: dict[str, bytes] = {}
        self.done: list[tuple[str, str]] = []
        self.cut_after = cut_after

    def read(self, path: str) -> bytes | None:
        """Return a file."""
        return self.files.get(path)

    def holding(self, paths: Collection[str]) -> set[str]:
        """Return which files are there."""
        return self.files.keys() & set(paths)

    def same(self, outgoing: Outgoing, paths: Collection[str]) -> set[str]:
        """Return which files are there with the bytes to be sent."""
        return {path for path in paths if self.files.get(path) == bytes_of(outgoing, path)}

    def put(self, outgoing: Outgoing, paths: Sequence[str], sent: Sent) -> None:
        """Put files one by one."""
        for path in paths:
            self.put_bytes(path, bytes_of(outgoing, path))
            sent(path)

    def put_bytes(self, path: str, content: bytes) -> None:
        """Put a file, unless the line is cut."""
        self._count("put", path)
        self.files[path] = content

    def delete(self, paths: Sequence[str]) -> None:
        """Delete files, unless the line is cut."""
        for path in paths:
            self._count("delete", path)
            self.files.pop(path, None)

    def _count(self, what: str, path: str) -> None:
        if self.cut_after is not None and len(self.done) >= self.cut_after:
            raise UserError("the line is cut")
        self.done.append((what, path))

    def site(self) -> dict[str, bytes]:
        """Return what is there, but for the manifest."""
        return {path: content for path, content in self.files.items() if path != MANIFEST}


def bytes_of(outgoing: Outgoing, path: str) -> bytes:
    """Return a file to be sent."""
    content = outgoing.content(path)
    return content if isinstance(content, bytes) else content.read_bytes()


def send_to(store: Memory, build_dir: Path, **options: bool):
    """Publish to a store."""
    outgoing = read_outgoing(build_dir / "site")
    return publish_to(ToStore(store), outgoing, named="the store", **options)


def test_shards_go_first_then_pages_then_the_manifest_and_deletions_come_last(
    tmp_path: Path,
) -> None:
    """A reader never meets a page whose files are missing."""
    store = Memory()
    write_site(tmp_path)
    send_to(store, tmp_path)
    write_site(tmp_path, SECOND)
    store.done.clear()
    send_to(store, tmp_path)
    assert store.done == [
        ("put", BEGUN),
        ("put", "search/two/directory.js"),
        ("put", "search/two/w/0.js"),
        ("put", "domains/b.html"),
        ("put", "index.html"),
        ("put", MANIFEST),
        ("delete", "domains/a.html"),
        ("delete", "search/one/directory.js"),
        ("delete", "search/one/w/0.js"),
        ("delete", BEGUN),
    ]
    assert store.site() == SECOND


def test_what_is_there_already_is_not_sent_again(tmp_path: Path) -> None:
    """The second time nothing is done at all."""
    store = Memory()
    write_site(tmp_path)
    assert len(send_to(store, tmp_path).send) == len(FIRST) + 1
    store.done.clear()
    assert not send_to(store, tmp_path)
    assert store.done == []


def test_a_dry_run_does_nothing(tmp_path: Path) -> None:
    """It returns what would be done."""
    store = Memory()
    write_site(tmp_path)
    changes = send_to(store, tmp_path, dry_run=True)
    assert set(changes.send) == {*FIRST, MANIFEST}
    assert store.done == []


@pytest.mark.parametrize("after", range(11))
def test_whenever_it_is_stopped_the_next_time_completes_it(tmp_path: Path, after: int) -> None:
    """Also when the site is another one by then: nothing of the stopped one is left over."""
    third = {**FIRST, "third.html": b"3"}
    for last in (SECOND, third, FIRST):
        store = Memory()
        write_site(tmp_path)
        send_to(store, tmp_path)
        write_site(tmp_path, SECOND)
        store.done.clear()
        store.cut_after = after
        if after < 10:
            with pytest.raises(UserError, match="cut"):
                send_to(store, tmp_path)
        else:
            send_to(store, tmp_path)
        store.cut_after = None
        write_site(tmp_path, last)
        send_to(store, tmp_path)
        assert store.site() == last
        assert not send_to(store, tmp_path)


def test_a_stopped_publish_goes_on_where_it_was(tmp_path: Path) -> None:
    """What arrived is not sent again."""
    store = Memory(cut_after=4)
    write_site(tmp_path)
    with pytest.raises(UserError, match="cut"):
        send_to(store, tmp_path)
    arrived = {path for _, path in store.done} - {BEGUN}
    assert len(arrived) == 3
    store.cut_after = None
    store.done.clear()
    send_to(store, tmp_path)
    assert arrived.isdisjoint(path for _, path in store.done)
    assert store.site() == FIRST


@pytest.mark.parametrize("stopped", [False, True])
def test_a_withdrawal_deletes_everything_that_was_published(
    tmp_path: Path, *, stopped: bool
) -> None:
    """Also what a stopped publish left; somebody's own files stay."""
    store = Memory()
    store.files["CNAME"] = b"example.org"
    write_site(tmp_path)
    if stopped:
        store.cut_after = 5
        with pytest.raises(UserError, match="cut"):
            send_to(store, tmp_path)
        store.cut_after = None
    else:
        send_to(store, tmp_path)
    withdraw(tmp_path)
    assert read_outgoing(tmp_path / "site").is_withdrawn
    send_to(store, tmp_path)
    assert set(store.files) == {
        "404.html", "CNAME", "index.html", MANIFEST, "static/style.css",
    }  # fmt: skip
    assert b"Under review." in store.files["index.html"]


def test_what_is_not_ours_is_never_overwritten_unless_that_is_said(tmp_path: Path) -> None:
    """It is named; with `replace` it becomes ours."""
    store = Memory()
    store.files["index.html"] = b"mine"
    write_site(tmp_path)
    with pytest.raises(
        UserError, match=r"index\.html is there and was not published by .*--replace"
    ):
        send_to(store, tmp_path)
    assert store.files == {"index.html": b"mine"}
    send_to(store, tmp_path, replace=True)
    assert store.site() == FIRST


@pytest.mark.parametrize("path", ["../up", "/root", "a/../../b", "a//b", ".", "a\\b", "a\nb", ""])
def test_paths_in_a_manifest_at_a_target_never_leave_it(tmp_path: Path, path: str) -> None:
    """It may be anybody's by now: such a path is not ours, and nothing is done to it."""
    write_site(tmp_path)
    manifest = json.dumps({"files": {path: "0" * 64, "old.html": "0" * 64}}).encode()
    assert compare(read_outgoing(tmp_path / "site"), there_of(manifest)).delete == ("old.html",)


# -- the site on disk ------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["edited", "gone", "rotten"])
def test_a_site_that_is_not_what_its_manifest_says_is_not_published(
    tmp_path: Path, damage: str
) -> None:
    """Whether somebody changed it or the disk did; one line says what to do."""
    page = write_site(tmp_path / "build") / "domains" / "a.html"
    times = (page.stat().st_atime_ns, page.stat().st_mtime_ns)
    if damage == "gone":
        page.unlink()
    else:
        page.write_bytes(b"z")
        later = page.stat().st_mtime_ns + 10**9
        os.utime(page, ns=times if damage == "rotten" else (later, later))
    with pytest.raises(UserError, match=r"not what .*: domains/a\.html; run .*--rehash"):
        send(tmp_path / "build", str(tmp_path / "www"))
    assert not (tmp_path / "www").exists()


def test_without_a_site_there_is_nothing_to_publish(tmp_path: Path) -> None:
    """One line says what to do."""
    with pytest.raises(UserError, match="run `laion-assets build`"):
        read_outgoing(tmp_path / "site")


# -- folders ---------------------------------------------------------------------------------------


def test_a_folder_becomes_the_site_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    """Files, links and folders of somebody's; what stood in the way is kept aside."""
    build, www = tmp_path / "build", tmp_path / "srv" / "www"
    (www / ".git").mkdir(parents=True)
    (www / ".git" / "config").write_bytes(b"git")
    (www / "index.html").write_bytes(b"mine")
    write_site(build)
    send(build, str(www))
    assert contents(www) == {**FIRST, ".git/config": b"git"}
    assert (tmp_path / "srv/kept-aside/www/index.html").read_bytes() == b"mine"
    write_site(build, SECOND)
    changes = send(build, str(www))
    assert contents(www) == {**SECOND, ".git/config": b"git"}
    assert set(changes.delete) == {"domains/a.html", "search/one/directory.js", "search/one/w/0.js"}
    assert read_manifest(www) == read_manifest(build / "site")


def test_a_folder_has_files_of_its_own(tmp_path: Path) -> None:
    """Editing one there does not change the build's; unchanged ones stay the same files."""
    build, www = tmp_path / "build", tmp_path / "www"
    write_site(build)
    send(build, str(www))
    before = (www / "static/style.css").stat()
    assert before.st_ino != (build / "site/static/style.css").stat().st_ino
    write_site(build, SECOND)
    send(build, str(www))
    after = (www / "static/style.css").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_files_that_vanished_from_a_folder_are_sent_again(tmp_path: Path) -> None:
    """A dry run tells of them, and makes nothing."""
    www = tmp_path / "srv" / "www"
    write_site(tmp_path / "build")
    send(tmp_path / "build", str(www), dry_run=True)
    assert not www.parent.exists()
    send(tmp_path / "build", str(www))
    (www / "domains/a.html").unlink()
    assert "domains/a.html" in send(tmp_path / "build", str(www), dry_run=True).send
    send(tmp_path / "build", str(www))
    assert contents(www) == FIRST


@pytest.mark.parametrize("place", ["build", "build/site", "build/www", "."])
def test_the_build_directory_is_no_target_nor_what_holds_it(tmp_path: Path, place: str) -> None:
    """Its folder would be exchanged with everything in it."""
    write_site(tmp_path / "build")
    before = contents(tmp_path)
    with pytest.raises(BadUsage, match="name"):
        send(tmp_path / "build", str(tmp_path / place))
    with pytest.raises(BadUsage, match="lies in the build"):
        send(tmp_path / "build", str(tmp_path / "build" / "a.zip"))
    assert contents(tmp_path) == before


def test_a_target_may_be_a_link_to_a_folder(tmp_path: Path) -> None:
    """The link stays, its folder becomes the site."""
    write_site(tmp_path / "build")
    (tmp_path / "real").mkdir()
    (tmp_path / "www").symlink_to(tmp_path / "real")
    send(tmp_path / "build", str(tmp_path / "www"))
    assert (tmp_path / "www").is_symlink()
    assert contents(tmp_path / "real") == FIRST


# -- zips ------------------------------------------------------------------------------------------


def test_the_same_site_is_the_same_zip(tmp_path: Path) -> None:
    """Byte for byte, in whatever order and whenever the files were made."""
    write_site(tmp_path / "one")
    write_site(tmp_path / "two", dict(reversed(FIRST.items())))
    os.utime(tmp_path / "two/site/index.html", (1, 1))
    send(tmp_path / "one", str(tmp_path / "one.zip"))
    send(tmp_path / "two", str(tmp_path / "two.zip"))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    assert contents(tmp_path / "unpacked") == FIRST
    assert read_manifest(tmp_path / "unpacked") == read_manifest(tmp_path / "one/site")


def test_a_zip_is_written_anew_only_when_something_changed(tmp_path: Path) -> None:
    """What somebody put into it stays in it."""
    target = tmp_path / "site.zip"
    write_site(tmp_path / "build")
    send(tmp_path / "build", str(target))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("CNAME", b"example.org")
    before = target.stat()
    assert not send(tmp_path / "build", str(target))
    assert target.stat().st_ino == before.st_ino
    write_site(tmp_path / "build", SECOND)
    send(tmp_path / "build", str(target))
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {*SECOND, MANIFEST, "CNAME"}
    assert list(tmp_path.glob(".tmp-*")) == []


@pytest.mark.parametrize("kind", ["another zip", "no zip"])
def test_a_file_that_is_no_zip_of_ours_is_left_alone(tmp_path: Path, kind: str) -> None:
    """It is somebody's."""
    target = tmp_path / "mine.zip"
    if kind == "no zip":
        target.write_bytes(b"mine")
    else:
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("notes.txt", b"mine")
    before = target.read_bytes()
    write_site(tmp_path / "build")
    with pytest.raises(UserError, match="move it away"):
        send(tmp_path / "build", str(target))
    assert target.read_bytes() == before


# -- what is no target -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    ["", " ", "ftp://example.org/", "https://example.org/", "s3://", "s3:///x", "hf://x",
     "hf://models/a/b", "hf://spaces/a", "hf://spaces/a/b/c"],
)  # fmt: skip
def test_what_is_no_target_is_bad_usage(tmp_path: Path, target: str) -> None:
    """Nothing is made of it."""
    with pytest.raises(BadUsage) as raised:
        open_target(target, tmp_path / "build")
    assert "\n" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []
