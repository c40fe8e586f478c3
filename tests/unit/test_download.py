"""Downloads: whole and checked or not there, whatever servers do and whenever we are killed."""

from __future__ import annotations

import hashlib
import json
import logging
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from laion_assets.core.download import RemoteFile, download, forget, is_current, retrying
from laion_assets.core.download import client as download_client
from laion_assets.core.download import partial as download_partial
from laion_assets.core.download.partial import Partial
from laion_assets.core.download.problems import TryAgain, unreachable
from laion_assets.core.download.retrying import Backoff, asked_wait
from laion_assets.core.errors import UserError
from laion_assets.core.files import sweep
from tests.servers import (
    Answer,
    Request,
    Server,
    fails,
    isolate,
    redirects,
    says,
    self_signed,
    sends,
    serving,
    waits,
)

CONTENT = random.Random(7).randbytes(300_000)  # noqa: S311 - bytes that differ everywhere
OTHER = random.Random(8).randbytes(300_000)  # noqa: S311
ETAG = {"ETag": '"version-1"'}
CHANGED = {"ETag": '"version-2"'}


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of the machine's own settings, and no waiting between attempts."""
    isolate(monkeypatch, tmp_path_factory.getbasetemp())


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a loopback address."""
    with serving() as running:
        yield running


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    """A server under another name and port."""
    with serving("localhost") as running:
        yield running


def remote(url: str, content: bytes | None = CONTENT, etag: str | None = None) -> RemoteFile:
    """Return a listed file; without content neither size nor digest are known."""
    known = content is not None
    return RemoteFile(
        url=url,
        relative=url.rpartition("/")[2],
        size=len(content) if known else None,
        sha256=hashlib.sha256(content).hexdigest() if known else None,
        etag=etag,
    )


def fetch(file: RemoteFile, target: Path) -> str:
    """Download one file; returns its problem, empty when there is none."""
    errors = download([(file, target)], progress=lambda *_: None)
    assert set(errors) <= {file}
    problem = str(errors.get(file, ""))
    assert "\n" not in problem
    assert not problem or not target.exists()
    return problem


def held(target: Path, content: bytes, file: RemoteFile, validator: str | None = None) -> None:
    """Put a partial file there, as a killed download of `file` leaves it."""
    partial = Partial(file, target)
    partial.begin(validator, None)
    partial.path.write_bytes(content)


def left(folder: Path) -> set[str]:
    """Return the names in a folder."""
    return {path.name for path in folder.iterdir()}


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
    forget(tmp_path / "a")
    assert left(tmp_path) == {"b", "b.origin.json"}


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
from laion_assets.core.download import RemoteFile, download
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


# -- lies ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Range": "bytes 0-299999/300000"}, CONTENT),
        ({"Content-Range": "bytes 2000-299999/300000"}, CONTENT[2000:]),
        ({"Content-Range": "bytes 1000-299999/299999"}, CONTENT[1000:]),
        ({"Content-Range": "bytes 1000-5/300000"}, CONTENT[1000:]),
        ({"Content-Range": "bytes 1000-300000/300000"}, CONTENT[1000:]),
        ({"Content-Range": "bytes 1000-299999/300000", "Content-Length": "7"}, CONTENT[:7]),
        ({"Content-Range": "all of them"}, CONTENT[1000:]),
        ({"Content-Type": "multipart/byteranges"}, CONTENT[1000:]),
    ],
)
def test_a_content_range_that_lies_is_refused(
    server: Server, tmp_path: Path, headers: dict[str, str], body: bytes
) -> None:
    """Nothing of it is written, and the next run starts from nothing."""
    file = remote(server.on("/a", says(206, headers, body)))
    held(tmp_path / "a", CONTENT[:1000], file)
    assert "sends other bytes than those asked for" in fetch(file, tmp_path / "a")
    assert left(tmp_path) == set()
    assert len(server.got()) == 1


def test_a_range_nobody_asked_for_is_refused(server: Server, tmp_path: Path) -> None:
    """A part is not a whole."""
    part = says(206, {"Content-Range": "bytes 0-299999/300000"}, CONTENT)
    assert "other bytes" in fetch(remote(server.on("/a", part), None), tmp_path / "a")


def test_a_range_of_another_total_is_refused(server: Server, tmp_path: Path) -> None:
    """The file grew since it was listed."""
    file = remote(server.on("/a", sends(CONTENT + OTHER)))
    held(tmp_path / "a", CONTENT[:1000], file)
    assert "wrong size: 300000 bytes were listed, 600000 are sent" in fetch(file, tmp_path / "a")


def test_a_range_of_an_unknown_total_is_refused(server: Server, tmp_path: Path) -> None:
    """Nothing would tell whether it was the last one."""
    rest = says(206, {"Content-Range": "bytes 1000-299999/*"}, CONTENT[1000:])
    file = remote(server.on("/a", rest), None)
    held(tmp_path / "a", CONTENT[:1000], file, '"version-1"')
    assert "other bytes" in fetch(file, tmp_path / "a")


def test_a_range_longer_than_it_says_is_refused(server: Server, tmp_path: Path) -> None:
    """Bytes beyond the stated range are of nowhere."""
    long = says(206, {"Content-Range": "bytes 1000-1999/300000"}, CONTENT[1000:5000])
    file = remote(server.on("/a", long))
    held(tmp_path / "a", CONTENT[:1000], file)
    assert "sends more than the 2000 bytes" in fetch(file, tmp_path / "a")
    assert left(tmp_path) == set()


def test_a_shorter_range_than_asked_for_is_continued(server: Server, tmp_path: Path) -> None:
    """A server may send less of the range at a time."""
    headers = {"Content-Range": "bytes 1000-1999/300000", "Content-Length": "1000"}
    file = remote(server.on("/a", says(206, headers, CONTENT[1000:2000]), sends(CONTENT)))
    held(tmp_path / "a", CONTENT[:1000], file)
    assert fetch(file, tmp_path / "a") == ""
    assert server.got()[-1].headers["range"] == "bytes=2000-"


@pytest.mark.parametrize("sent", [CONTENT[:-1], CONTENT + b"x"])
def test_a_wrong_size_is_refused_before_the_body(
    server: Server, tmp_path: Path, sent: bytes
) -> None:
    """It is not the file that was listed."""
    problem = fetch(remote(server.on("/a", sends(sent))), tmp_path / "a")
    assert f"wrong size: 300000 bytes were listed, {len(sent)} are sent" in problem
    assert left(tmp_path) == set()


def test_a_body_shorter_than_its_length_never_becomes_a_file(
    server: Server, tmp_path: Path
) -> None:
    """The connection ends early every time: tried a few times, then one line."""
    lies = says(200, {"Content-Length": "300000"}, CONTENT[:1000])
    problem = fetch(remote(server.on("/a", lies), None), tmp_path / "a")
    assert "the connection keeps breaking" in problem
    assert len(server.got()) == retrying.DOWNLOAD_ATTEMPTS


def test_a_body_without_length_that_ends_early_is_noticed(server: Server, tmp_path: Path) -> None:
    """The listed size is what counts; the end of a connection proves nothing."""
    file = remote(server.on("/a", says(200, {}, CONTENT[:1000])))
    assert "only 1000 of 300000 bytes come" in fetch(file, tmp_path / "a")
    assert left(tmp_path) == {"a.part", "a.part.json"}


def test_a_body_without_end_is_cut_off(server: Server, tmp_path: Path) -> None:
    """More than the listed size is not waited for, nor written."""
    sent = []

    def endless(_: Request, answer: Answer) -> None:
        answer.hang_up()
        answer.head(200)
        for number in range(200):
            answer.body(b"x" * (1 << 20))
            sent.append(number)

    file = remote(server.on("/a", endless))
    assert "sends more than the 300000 bytes" in fetch(file, tmp_path / "a")
    assert left(tmp_path) == set()
    assert len(sent) < 100


def test_a_wrong_digest_is_refused(server: Server, tmp_path: Path) -> None:
    """Right size, other bytes: nothing stays, one request."""
    problem = fetch(remote(server.on("/a", sends(OTHER))), tmp_path / "a")
    assert "wrong content: sha256" in problem
    assert left(tmp_path) == set()
    assert len(server.got()) == 1


def test_a_store_whose_etag_is_an_md5_is_held_to_it(server: Server, tmp_path: Path) -> None:
    """An S3 store's ETag is the md5 of a file uploaded in one piece."""
    store = {"x-amz-request-id": "1", "ETag": f'"{hashlib.md5(CONTENT).hexdigest()}"'}  # noqa: S324
    good = remote(server.on("/good", sends(CONTENT, headers=store)), None)
    bad = remote(server.on("/bad", sends(OTHER, headers=store)), None)
    assert fetch(good, tmp_path / "good") == ""
    assert "wrong content: md5" in fetch(bad, tmp_path / "bad")


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"0123456789abcdef0123456789abcdef"'},
        {"ETag": '"0123456789abcdef0123456789abcdef-3"', "x-amz-request-id": "1"},
        {
            "ETag": '"0123456789abcdef0123456789abcdef"',
            "x-amz-request-id": "1",
            "x-amz-server-side-encryption": "aws:kms",
        },
        {"x-goog-hash": "crc32c=AAAAAA==,md5=no base64"},
    ],
)
def test_an_etag_that_only_looks_like_an_md5_is_no_digest(
    server: Server, tmp_path: Path, headers: dict[str, str]
) -> None:
    """Other servers', encrypted files' and piecewise uploads' tags mean nothing to us."""
    file = remote(server.on("/a", sends(CONTENT, headers=headers)), None)
    assert fetch(file, tmp_path / "a") == ""


def test_googles_store_publishes_its_md5_in_a_header(server: Server, tmp_path: Path) -> None:
    """x-goog-hash is checked."""
    headers = {"x-goog-hash": "crc32c=AAAAAA==,md5=1B2M2Y8AsgTpgAmY7PhCfg=="}
    file = remote(server.on("/a", sends(CONTENT, headers=headers)), None)
    assert "wrong content: md5 d41d8cd98f00b204e9800998ecf8427e" in fetch(file, tmp_path / "a")


def test_another_version_than_the_listed_one_is_refused(server: Server, tmp_path: Path) -> None:
    """Only what was listed is written."""
    file = remote(server.on("/a", sends(CONTENT, headers=CHANGED)), None, etag="version-1")
    assert "changed after it was listed" in fetch(file, tmp_path / "a")
    assert left(tmp_path) == set()


def test_a_compressed_answer_is_refused(server: Server, tmp_path: Path) -> None:
    """It would be stored as it is, under a name that promises something else."""
    file = remote(server.on("/a", sends(CONTENT, headers={"Content-Encoding": "gzip"})), None)
    assert "is sent compressed" in fetch(file, tmp_path / "a")
    assert server.got()[0].headers["accept-encoding"] == "identity"


# -- passing faults --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_fault_is_tried_again(server: Server, tmp_path: Path, status: int) -> None:
    """Twice no, then yes."""
    busy = fails(status, Retry_After="0")
    assert fetch(remote(server.on("/a", busy, busy, sends(CONTENT))), tmp_path / "a") == ""
    assert len(server.got()) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 501])
def test_a_lasting_fault_is_not_tried_again(server: Server, tmp_path: Path, status: int) -> None:
    """One request, one line with the number, and the other files go on."""
    bad = remote(server.on("/a", fails(status)) + "?token=secret")
    good = remote(server.on("/b", sends(CONTENT)))
    files = [(bad, tmp_path / "a"), (good, tmp_path / "b")]
    errors = download(files, progress=lambda *_: None)
    assert set(errors) == {bad}
    assert f"({status})" in str(errors[bad])
    assert "secret" not in str(errors[bad])
    assert len(server.got(path="/a")) == 1
    assert (tmp_path / "b").read_bytes() == CONTENT


def test_a_long_excuse_is_not_read_to_its_end(server: Server, tmp_path: Path) -> None:
    """Some of an error's text is enough."""
    file = remote(server.on("/a", says(403, {}, CONTENT * 10)))
    assert "(403)" in fetch(file, tmp_path / "a")


def test_a_success_without_a_file_is_refused(server: Server, tmp_path: Path) -> None:
    """204 is no content."""
    assert "answers 204 instead" in fetch(remote(server.on("/a", fails(204))), tmp_path / "a")


def test_a_partial_file_longer_than_the_file_is_dropped(server: Server, tmp_path: Path) -> None:
    """It cannot be the beginning of it."""
    file = remote(server.on("/a", sends(CONTENT)))
    held(tmp_path / "a", CONTENT + b"x", file)
    assert fetch(file, tmp_path / "a") == ""
    assert "range" not in server.got()[0].headers


def test_a_range_that_is_refused_for_good_is_one_line(server: Server, tmp_path: Path) -> None:
    """416 with something held restarts the file, 416 without is an error."""
    file = remote(server.on("/a", fails(416)))
    held(tmp_path / "a", CONTENT[:1000], file)
    assert "(416)" in fetch(file, tmp_path / "a")
    assert [request.headers.get("range") for request in server.got()] == ["bytes=1000-", None]


def test_progress_renews_patience(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that breaks more often than there are attempts gets through, as long as bytes come."""
    monkeypatch.setattr("laion_assets.core.download.transfer.PROGRESS", 10_000)
    cut = sends(CONTENT, cut_after=12_000)
    url = server.on("/a", *[cut] * 20, sends(CONTENT))
    assert fetch(remote(url), tmp_path / "a") == ""
    assert len(server.got()) == 21


def test_waits_double_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between half of the step and the step, up to the longest; then the problem is raised."""
    monkeypatch.setattr(retrying, "FIRST_WAIT", 1.0)
    backoff = Backoff(attempts=9)
    problem = UserError("no")
    waits_taken = [backoff.wait_after(TryAgain(problem)) for _ in range(8)]
    steps = [1, 2, 4, 8, 16, 32, 60, 60]
    assert all(step / 2 <= wait <= step for step, wait in zip(steps, waits_taken, strict=True))
    with pytest.raises(UserError, match="no"):
        backoff.wait_after(TryAgain(problem))


def test_the_host_may_ask_for_a_longer_wait_within_bounds() -> None:
    """Retry-After in seconds or as a date is obeyed; a day is not; nonsense is ignored."""
    backoff = Backoff(attempts=9)
    assert backoff.wait_after(TryAgain(UserError(""), "7")) == 7
    assert backoff.wait_after(TryAgain(UserError(""), "86400")) == retrying.LONGEST_ASKED
    assert asked_wait("Tue, 30 Aug 2022 09:00:00 GMT") == 0
    assert asked_wait("Tue, 30 Aug 2999 09:00:00 GMT") > 10**9
    assert asked_wait("Tue, 30 Aug 2022 09:00:00 -0000") == 0
    assert asked_wait("soon") == asked_wait(None) == asked_wait("-1") == 0


def test_a_server_that_falls_silent_does_not_hold_us(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading times out, and the file is continued."""
    short = httpx2.Timeout(0.2, pool=None).as_dict()
    monkeypatch.setattr(download_client, "_TIMEOUTS", short)
    released = threading.Event()
    stalls = sends(CONTENT, pause=waits(released), headers=ETAG)
    file = remote(server.on("/a", stalls, sends(CONTENT, headers=ETAG)))
    assert fetch(file, tmp_path / "a") == ""
    released.set()
    assert server.got()[-1].headers["range"] == "bytes=65536-"


def test_a_server_that_stays_silent_is_one_line(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last attempt."""
    monkeypatch.setattr(download_client, "_TIMEOUTS", httpx2.Timeout(0.05, pool=None).as_dict())
    monkeypatch.setattr("laion_assets.core.download.transfer.DOWNLOAD_ATTEMPTS", 2)
    released = threading.Event()
    file = remote(server.on("/a", lambda *_: released.wait(60)))
    assert "no answer in time" in fetch(file, tmp_path / "a")
    released.set()


# -- no answer at all ------------------------------------------------------------------------------


def test_a_refused_connection_is_one_line(tmp_path: Path) -> None:
    """Nobody listens there any more."""
    with serving() as gone:
        url = gone.origin + "/a"
    assert "connection refused" in fetch(remote(url), tmp_path / "a")


def test_a_host_with_several_addresses_that_all_refuse_is_one_line() -> None:
    """Their refusals come in a group."""
    error = httpx2.ConnectError("all attempts failed")
    error.__cause__ = OSError("all attempts failed")
    error.__cause__.__cause__ = ExceptionGroup("all", [ConnectionRefusedError(), OSError()])
    assert "connection refused" in str(unreachable(error, "http://host/a"))


def test_an_unknown_host_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not tried again: the name will not appear in a minute."""
    import socket

    asked = []

    def lookup(*_: object, **__: object) -> None:
        asked.append(1)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert "no such host" in fetch(remote("http://nowhere.invalid/a"), tmp_path / "a")
    assert len(asked) == 1


def test_an_untrusted_certificate_is_one_line(tmp_path: Path) -> None:
    """Not tried again, and no byte is exchanged."""
    with serving(certificate=self_signed(tmp_path)) as untrusted:
        url = untrusted.on("/a", sends(CONTENT))
        assert "certificate is not trusted" in fetch(remote(url), tmp_path / "a")
        assert untrusted.requests == []


def test_a_host_without_tls_is_one_line(server: Server, tmp_path: Path) -> None:
    """Spoken to in https, it answers in http."""
    url = server.on("/a", sends(CONTENT)).replace("http://", "https://")
    assert "TLS: no secure connection" in fetch(remote(url), tmp_path / "a")


def test_a_proxy_that_refuses_is_one_line(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy of the environment is used; this one does not know CONNECT."""
    monkeypatch.setenv("HTTPS_PROXY", server.origin)
    assert "the proxy does not let it" in fetch(remote("https://nowhere.invalid/a"), tmp_path / "a")


def test_https_is_not_left_for_http(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A redirect from an encrypted address to an open one is not followed."""
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with serving(certificate=certificate) as secure:
        url = secure.on("/a", redirects(server.on("/a", sends(CONTENT))))
        assert "redirects from https to plain http" in fetch(remote(url), tmp_path / "a")
        assert fetch(remote(secure.on("/b", sends(CONTENT))), tmp_path / "b") == ""
    assert server.requests == []


def test_redirects_in_circles_are_one_line(server: Server, tmp_path: Path) -> None:
    """Followed ten times at most."""
    assert "redirects in circles" in fetch(remote(server.on("/a", redirects("/a"))), tmp_path / "a")
    assert len(server.got()) == download_client.MAX_REDIRECTS + 1
    assert "redirects in circles" in fetch(
        remote(server.on("/b", redirects("ftp://127.0.0.1/b"))), tmp_path / "b"
    )


# -- tokens ----------------------------------------------------------------------------------------


def test_the_token_goes_to_the_hub_alone(
    server: Server,
    elsewhere: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not past a redirect to another host or port, not to other files, not into logs or errors."""
    monkeypatch.setenv("HF_ENDPOINT", server.origin)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    caplog.set_level(logging.DEBUG)
    with serving() as same_host_other_port:
        third = same_host_other_port.on("/c?signature=abc", fails(403))
        same_host_other_port.on("/c", fails(403, X_Error_Message="hf_secret?"))
        names = {
            "a": redirects(elsewhere.on("/a", sends(CONTENT)) + "?signature=abc"),
            "b": redirects("/moved"),
            "c": redirects(third),
        }
        server.on("/moved", sends(CONTENT))
        files = [(remote(server.on(f"/{n}", b)), tmp_path / n) for n, b in names.items()]
        files.append((remote(elsewhere.on("/d", sends(CONTENT))), tmp_path / "d"))
        errors = download(files, progress=lambda *_: None)
        strangers = elsewhere.requests + same_host_other_port.requests
    assert len(errors) == 1
    assert len(strangers) == 3
    assert {r.headers.get("authorization") for r in server.requests} == {"Bearer hf_secret"}
    assert not any("hf_secret" in str(request) for request in strangers)
    said = caplog.text + "".join(map(str, errors.values()))
    assert "hf_secret" not in said
    assert "signature" not in said


def test_the_token_does_not_cross_from_http_to_https(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another scheme is another host."""
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with serving() as plain, serving(certificate=certificate) as secure:
        monkeypatch.setenv("HF_ENDPOINT", plain.origin)
        url = plain.on("/a", redirects(secure.on("/a", sends(CONTENT))))
        assert fetch(remote(url), tmp_path / "a") == ""
        assert "authorization" in plain.got()[0].headers
        assert "authorization" not in secure.got()[0].headers


def test_no_token_is_looked_up_for_other_hosts(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other downloads do not depend on the hub's token store."""

    def never() -> None:
        raise AssertionError("looked up")

    monkeypatch.setattr(download_client, "get_token", never)
    assert fetch(remote(server.on("/a", sends(CONTENT))), tmp_path / "a") == ""


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
