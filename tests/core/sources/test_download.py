"""Downloads: whole files, interrupted ones, full disks; whenever we are killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import sweep
from laion_assets.core.sources.download import RemoteFile, download, is_current
from laion_assets.core.sources.download import partial as download_partial
from laion_assets.core.sources.download.partial import Partial
from tests.fetching import CHANGED, CONTENT, ETAG, OTHER, fetch, held, left, remote
from tests.servers import (
    Server,
    fails,
    says,
    sends,
    waits,
)

# -- a good server ---------------------------------------------------------------------------------


def test_a_file_arrives_whole_with_a_note_of_where_from(server: Server, tmp_path: Path) -> None:
    """The target holds the bytes, nothing partial stays, the note knows what it is a copy of."""
    file = remote(server.on("/a.parquet", sends(CONTENT)) + "?key=secret")
    target = tmp_path / "deep" / "a.parquet"
    assert fetch(file, target) == ""
    assert target.read_bytes() == CONTENT
    assert left(target.parent) == {"a.parquet", "a.parquet.origin.json"}
    assert is_current(file, target)
    assert "secret" not in (target.parent / "a.parquet.origin.json").read_text()


def test_a_file_that_is_there_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    """After an interruption only what is missing is fetched; a changed listing is fetched anew."""
    first = remote(server.on("/a", sends(CONTENT)))
    second = remote(server.on("/b", fails(404), sends(OTHER)), OTHER)
    files = [(first, tmp_path / "a"), (second, tmp_path / "b")]
    assert set(download(files, progress=lambda *_: None)) == {second}
    assert download(files, progress=lambda *_: None) == {}
    assert len(server.got(path="/a")) == 1
    assert not is_current(replace(first, sha256="0" * 64), tmp_path / "a")
    assert not is_current(replace(first, sha256=None, etag="another"), tmp_path / "a")


def test_a_moved_branch_does_not_fetch_what_stayed_the_same(server: Server, tmp_path: Path) -> None:
    """A new commit has new addresses; the digest tells that the file is the old one."""
    file = remote(server.on("/commit-1/a", sends(CONTENT)))
    assert fetch(file, tmp_path / "a") == ""
    assert fetch(replace(file, url=server.origin + "/commit-2/a"), tmp_path / "a") == ""
    assert len(server.requests) == 1


def test_an_empty_file_of_unknown_size_arrives(server: Server, tmp_path: Path) -> None:
    """Nothing is a content too."""
    assert fetch(remote(server.on("/a", sends(b"")), None), tmp_path / "a") == ""
    assert (tmp_path / "a").read_bytes() == b""


def test_progress_is_told_per_file_and_in_all(server: Server, tmp_path: Path) -> None:
    """Each file ends at its size, the total at the sum of all."""
    big = CONTENT * 10
    files = [
        (remote(server.on("/a", sends(big)), big), tmp_path / "a"),
        (remote(server.on("/b", sends(OTHER)), OTHER), tmp_path / "b"),
    ]
    told: dict[str, list[tuple[int, int]]] = {}
    download(files, progress=lambda label, *state: told.setdefault(label, []).append(state))
    assert set(told) == {"a", "b", "download"}
    assert told["a"][-1] == (len(big), len(big))
    assert [done for done, _ in told["a"]] == sorted(done for done, _ in told["a"])
    assert 2 < len(told["a"]) < 10
    assert told["download"][-1] == (len(big) + len(OTHER),) * 2


def test_no_more_files_at_once_than_allowed(server: Server, tmp_path: Path) -> None:
    """Two are in flight together, never three."""
    together, flying, most = threading.Barrier(2, timeout=20), [0], [0]
    lock = threading.Lock()

    def pause(sent: int) -> None:
        with lock:
            flying[0] += 1 if sent == 0 else -1
            most[0] = max(most[0], flying[0])
        together.wait()
        time.sleep(0.05)  # room for a third to show up

    urls = [server.on(f"/{number}", sends(b"x" * 10, pause=pause)) for number in range(6)]
    files = [(remote(url, b"x" * 10), tmp_path / url[-1]) for url in urls]
    assert download(files, concurrency=2, progress=lambda *_: None) == {}
    assert most == [2]


def test_one_target_for_two_files_is_a_mistake_of_ours(tmp_path: Path) -> None:
    """Two downloads would write to one partial file."""
    pair = (remote("http://127.0.0.1/a"), tmp_path / "a")
    with pytest.raises(ValueError, match="same target"):
        download([pair, pair], progress=lambda *_: None)


# -- continuing ------------------------------------------------------------------------------------


def test_a_cut_connection_is_continued(server: Server, tmp_path: Path) -> None:
    """Each further request asks for the rest, of the same version, and the bytes fit together."""
    cut = sends(CONTENT, cut_after=100_000, headers=ETAG)
    url = server.on("/a", cut, cut, sends(CONTENT, headers=ETAG))
    assert fetch(remote(url), tmp_path / "a") == ""
    assert (tmp_path / "a").read_bytes() == CONTENT
    asked = [
        (request.headers.get("range"), request.headers.get("if-range")) for request in server.got()
    ]
    tag = '"version-1"'
    assert asked == [(None, None), ("bytes=100000-", tag), ("bytes=200000-", tag)]


DOWNLOADER = """
import sys
from pathlib import Path
from laion_assets.core.sources.download import RemoteFile, download
url, size, sha256, target = sys.argv[1:]
file = RemoteFile(url, "a", int(size), sha256, None)
sys.exit(bool(download([(file, Path(target))], progress=lambda *_: None)))
"""


def start_downloader(file: RemoteFile, target: Path) -> subprocess.Popen[bytes]:
    """Start a process that downloads one file."""
    arguments = [file.url, str(file.size), str(file.sha256), str(target)]
    return subprocess.Popen(
        [sys.executable, "-c", DOWNLOADER, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for(path: Path, size: int) -> None:
    """Wait until a file has grown to a size."""
    for _ in range(4000):
        if path.exists() and path.stat().st_size >= size:
            return
        time.sleep(0.005)
    raise AssertionError(f"{path.name} never reached {size} bytes")


def test_kill_9_in_a_slow_download_loses_nothing(server: Server, tmp_path: Path) -> None:
    """The next process asks for the rest only, and the bytes are right."""
    content = CONTENT * 10
    slow = sends(content, pause=lambda _: time.sleep(0.02), piece=32_768)
    file = remote(server.on("/a", slow, sends(content)), content)
    target, part = tmp_path / "a", tmp_path / "a.part"
    process = start_downloader(file, target)
    wait_for(part, 300_000)
    process.kill()
    process.communicate()
    assert sweep(tmp_path) == 0
    arrived = part.stat().st_size
    assert 300_000 <= arrived < len(content)
    assert content.startswith(part.read_bytes())
    second = start_downloader(file, target)
    assert second.communicate() == (b"", b"")
    assert second.returncode == 0
    assert [request.headers.get("range") for request in server.got()] == [
        None,
        f"bytes={arrived}-",
    ]
    assert target.read_bytes() == content
    assert left(tmp_path) == {"a", "a.origin.json"}


def test_ctrl_c_stops_at_once_and_leaves_a_partial_file(server: Server, tmp_path: Path) -> None:
    """The process ends while the server still keeps it waiting; what arrived is continued."""
    released = threading.Event()
    stalls = sends(CONTENT, pause=waits(released), headers=ETAG)
    file = remote(server.on("/a", stalls, sends(CONTENT, headers=ETAG)))
    process = start_downloader(file, tmp_path / "a")
    wait_for(tmp_path / "a.part", 65_536)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=50)
    assert not released.is_set()
    assert errors.endswith(b"KeyboardInterrupt\n")
    assert left(tmp_path) == {"a.part", "a.part.json"}
    released.set()
    assert fetch(file, tmp_path / "a") == ""
    assert server.got()[-1].headers["range"] == "bytes=65536-"


def test_an_exception_in_the_waiting_caller_cancels_the_work(
    server: Server, tmp_path: Path
) -> None:
    """As Dagster terminates a run: a signal handler of its own raises what it likes."""

    class TerminationError(BaseException):
        """What the handler raises."""

    def terminate(*_: object) -> None:
        raise TerminationError

    def progress(_: str, done: int, __: int) -> None:
        if done:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    big = CONTENT * 10
    released = threading.Event()
    file = remote(server.on("/a", sends(big, pause=waits(released), piece=2 << 20)), big)
    before = signal.signal(signal.SIGUSR1, terminate)
    try:
        with pytest.raises(TerminationError):
            download([(file, tmp_path / "a")], progress=progress)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert not released.is_set()
    released.set()
    assert left(tmp_path) == {"a.part", "a.part.json"}


def test_killed_between_the_last_byte_and_the_rename(server: Server, tmp_path: Path) -> None:
    """A partial file that is whole is checked and put in place without any request."""
    file = remote(server.origin + "/a")
    held(tmp_path / "a", CONTENT, file)
    assert fetch(file, tmp_path / "a") == ""
    assert server.requests == []
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_whole_partial_file_of_unknown_size_is_recognised(server: Server, tmp_path: Path) -> None:
    """The server says that nothing is left (416), and how much it was."""
    file = remote(server.on("/a", sends(CONTENT, headers=ETAG)), None)
    held(tmp_path / "a", CONTENT, file, '"version-1"')
    assert fetch(file, tmp_path / "a") == ""
    assert [request.headers.get("range") for request in server.got()] == ["bytes=300000-"]


def test_a_server_without_ranges_restarts_the_file(server: Server, tmp_path: Path) -> None:
    """The whole file, sent in answer to a range request, replaces what was there."""
    file = remote(server.on("/a", sends(CONTENT, ranges=False)))
    held(tmp_path / "a", CONTENT[:1000], file)
    assert fetch(file, tmp_path / "a") == ""
    assert server.got()[0].headers["range"] == "bytes=1000-"
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_file_that_changes_between_two_attempts_restarts(server: Server, tmp_path: Path) -> None:
    """If-Range makes the server send all of the new version."""
    url = server.on(
        "/a", sends(OTHER, cut_after=1000, headers=ETAG), sends(CONTENT, headers=CHANGED)
    )
    assert fetch(remote(url, None), tmp_path / "a") == ""
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_server_that_ignores_if_range_is_seen_through(server: Server, tmp_path: Path) -> None:
    """A range of another version (its ETag says so) is not appended; the file restarts."""
    rest = says(
        206,
        CHANGED | {"Content-Range": "bytes 1000-299999/300000", "Content-Length": "299000"},
        CONTENT[1000:],
    )
    url = server.on(
        "/a",
        sends(OTHER, cut_after=1000, headers=ETAG),
        rest,
        sends(CONTENT, headers=CHANGED),
    )
    assert fetch(remote(url, None), tmp_path / "a") == ""
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert "range" not in server.got()[-1].headers


def test_a_partial_file_of_an_earlier_listing_is_not_continued(
    server: Server, tmp_path: Path
) -> None:
    """Listed with another ETag since: fetched from the start."""
    url = server.on("/a", sends(CONTENT, headers=CHANGED))
    old = remote(url, None, etag="version-1")
    held(tmp_path / "a", OTHER[:1000], old, '"version-1"')
    assert fetch(replace(old, etag="version-2"), tmp_path / "a") == ""
    assert "range" not in server.got()[0].headers
    assert (tmp_path / "a").read_bytes() == CONTENT


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"weak"'}])
def test_nothing_is_continued_when_a_mixture_could_not_be_told(
    server: Server, tmp_path: Path, headers: dict[str, str]
) -> None:
    """Without digest, strong ETag or date, a broken download starts again."""
    url = server.on(
        "/a", sends(OTHER, cut_after=1000, headers=headers), sends(CONTENT, headers=headers)
    )
    assert fetch(remote(url, None), tmp_path / "a") == ""
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert "range" not in server.got()[-1].headers


def test_a_date_is_enough_to_continue(server: Server, tmp_path: Path) -> None:
    """Last-Modified serves where there is no ETag."""
    dated = {"Last-Modified": "Tue, 30 Aug 2022 09:00:00 GMT"}
    url = server.on(
        "/a", sends(CONTENT, cut_after=1000, headers=dated), sends(CONTENT, headers=dated)
    )
    assert fetch(remote(url, None), tmp_path / "a") == ""
    assert server.got()[-1].headers["if-range"] == dated["Last-Modified"]
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_patchwork_with_the_wrong_digest_is_fetched_again(server: Server, tmp_path: Path) -> None:
    """What an earlier process left may be damaged: once more from the start."""
    file = remote(server.on("/a", sends(CONTENT)))
    held(tmp_path / "a", b"\0" * 1000, file)
    assert fetch(file, tmp_path / "a") == ""
    assert [request.headers.get("range") for request in server.got()] == ["bytes=1000-", None]


# -- the disk --------------------------------------------------------------------------------------


def test_a_disk_that_is_too_small_is_noticed_first(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is still to come counts, all files together; no request is made."""
    first, second = remote(server.origin + "/a"), remote(server.on("/b", sends(OTHER)), OTHER)
    held(tmp_path / "a", CONTENT, first)
    usage = type("Usage", (), {"free": 299_999})
    monkeypatch.setattr(download_partial.shutil, "disk_usage", lambda _: usage)
    files = [(first, tmp_path / "a"), (second, tmp_path / "new" / "b")]
    with pytest.raises(UserError, match=r"too small: 0\.3 MB to download, 0\.3 MB free"):
        download(files, progress=lambda *_: None)
    assert server.requests == []
    usage.free = 300_000
    assert download(files, progress=lambda *_: None) == {}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_fills_up_is_one_line(server: Server, tmp_path: Path) -> None:
    """The system's own refusal, in the middle of the body; the other file goes on."""
    (tmp_path / "a.part").symlink_to("/dev/full")
    full = remote(server.on("/a", sends(CONTENT)))
    fine = remote(server.on("/b", sends(CONTENT)))
    files = [(full, tmp_path / "a"), (fine, tmp_path / "b")]
    errors = download(files, progress=lambda *_: None)
    assert set(errors) == {full}
    assert "the disk is full" in str(errors[full])


def test_a_folder_that_cannot_be_written_is_one_line(server: Server, tmp_path: Path) -> None:
    """The reason is the system's own."""
    (tmp_path / "file").write_text("")
    problem = fetch(remote(server.on("/a", sends(CONTENT))), tmp_path / "file" / "a")
    assert "cannot be written" in problem


def test_notes_that_are_nonsense_are_ignored(server: Server, tmp_path: Path) -> None:
    """A damaged note starts the file again."""
    file = remote(server.on("/a", sends(CONTENT)))
    (tmp_path / "a.part").write_bytes(OTHER)
    for nonsense in (b"\xff", b"[]", b"{", json.dumps({"url": file.url}).encode()):
        (tmp_path / "a.part.json").write_bytes(nonsense)
        assert Partial(file, tmp_path / "a").length == 0
    assert fetch(file, tmp_path / "a") == ""
    assert (tmp_path / "a").read_bytes() == CONTENT
