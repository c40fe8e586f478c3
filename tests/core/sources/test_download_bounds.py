"""Bounds on hosts: how much they send, how slowly, how many answers and names they have."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.sources import ceilings
from laion_assets.core.sources.download import (
    RemoteFile,
    download,
    list_hub,
    list_urls,
    retrying,
    transfer,
)
from laion_assets.core.sources.download import partial as partial_module
from tests.fetching import CONTENT, ETAG, fetch, held, left, remote
from tests.servers import (
    Answer,
    Behaviour,
    Hub,
    Request,
    Server,
    hardly_ends,
    says,
    sends,
    sends_json,
)

REPOSITORY = "laion/relaion-art"
COMMIT = "a" * 40


@pytest.fixture
def hub(server: Server, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub with a dataset on the test's server."""
    monkeypatch.setenv("HF_ENDPOINT", server.origin)
    hub = Hub(server, server, REPOSITORY, COMMIT)
    hub.publish({"a.parquet": CONTENT})
    return hub


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows and heads of a moment, and few attempts."""
    monkeypatch.setattr(transfer, "DOWNLOAD_ATTEMPTS", 3)
    monkeypatch.setattr(retrying, "LISTING_ATTEMPTS", 2)
    monkeypatch.setattr(ceilings, "WINDOW", 0.3)
    monkeypatch.setattr(ceilings, "HEAD_SECONDS", 0.3)


# -- how much --------------------------------------------------------------------------------------


def test_a_body_without_a_length_ends_at_the_ceiling(server: Server, tmp_path: Path) -> None:
    """The line names the option that allows more; nothing is kept, nothing is asked again."""
    sent: list[int] = []
    file = remote(server.on("/a", hardly_ends(200, sent)), None)
    errors = download([(file, tmp_path / "a")], progress=lambda *_: None, ceiling=3 << 20)
    problem = str(errors[file])
    assert "sends more than 3.1 MB and does not say how much" in problem
    assert "--max-download" in problem
    assert len(server.got()) == 1
    assert len(sent) < 100
    assert left(tmp_path) == set()


def test_a_body_without_a_length_may_be_as_long_as_the_ceiling(
    server: Server, tmp_path: Path
) -> None:
    """The bound is on what is beyond it."""
    file = remote(server.on("/a", says(200, {}, CONTENT)), None)
    pair = (file, tmp_path / "a")
    assert download([pair], progress=lambda *_: None, ceiling=len(CONTENT)) == {}
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_length_that_is_learned_late_must_fit_on_the_disk(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that stated no size when it was listed is believed as little as any other."""
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(partial_module.shutil, "disk_usage", lambda _: usage)
    file = remote(server.on("/a", sends(CONTENT)), None)
    assert "the disk is too small" in fetch(file, tmp_path / "a")


def test_words_about_a_range_that_has_nothing_left_do_not_undo_a_download(
    server: Server, tmp_path: Path
) -> None:
    """A 416 with a body, after a process that was killed at the last byte of an unknown length."""
    words = b"<h1>Requested range not satisfiable</h1>"
    for headers in ({"Content-Length": str(len(words))}, {}):
        ends = {"Content-Range": f"bytes */{len(CONTENT)}", **ETAG, **headers}
        file = remote(server.on("/a", says(416, ends, words)), None)
        target = tmp_path / f"a{len(headers)}"
        held(target, CONTENT, file, '"version-1"')
        assert fetch(file, target) == ""
        assert target.read_bytes() == CONTENT
    assert len(server.got()) == 2


# -- how slowly ------------------------------------------------------------------------------------


def _drips(head: bytes, drop: bytes, *, chunked: bool = False) -> Behaviour:
    """Send raw bytes, then a drop every now and then until the client goes away."""

    def behave(_: Request, answer: Answer) -> None:
        answer.hang_up()
        stream = answer._handler.wfile
        stream.write(head)
        for _number in range(400):
            stream.write(b"%x\r\n%s\r\n" % (len(drop), drop) if chunked else drop)
            stream.flush()
            time.sleep(0.05)

    return behave


_HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "drips",
    [
        _drips(_HEAD + b"Content-Length: 300000\r\n\r\n", b"x"),
        _drips(_HEAD + b"Connection: close\r\n\r\n", b"x" * 50),
        _drips(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"x", chunked=True),
        _drips(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),  # a chunk's extension
        _drips(_HEAD + b"Content-Length: 300000\r\n\r\n", b""),
    ],
    ids=["length", "no length", "chunked", "between chunks", "silent"],
)
@pytest.mark.usefixtures("impatient")
def test_a_dripping_host_is_tried_again_and_then_told(
    server: Server, tmp_path: Path, drips: Behaviour
) -> None:
    """One line; the next answer at full speed ends well."""
    url = server.on("/a", drips)
    assert "comes at less than" in fetch(remote(url, None), tmp_path / "a")
    assert len(server.got()) == 3
    server.on("/b", drips, sends(CONTENT))
    assert fetch(remote(server.origin + "/b", None), tmp_path / "b") == ""


@pytest.mark.usefixtures("impatient")
def test_a_head_that_drips_is_no_answer_in_time(server: Server, tmp_path: Path) -> None:
    """Header after header, and never the last."""
    file = remote(server.on("/a", _drips(_HEAD, b"X-A: b\r\n")), None)
    assert "no answer in time" in fetch(file, tmp_path / "a")


@pytest.mark.usefixtures("impatient")
def test_a_slow_host_that_keeps_the_pace_is_listened_to(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes in all."""
    monkeypatch.setattr(ceilings, "LEAST_BYTES", 1_000)
    slow = sends(CONTENT[:8_000], piece=1_000, pause=lambda _: time.sleep(0.06))
    assert fetch(remote(server.on("/a", slow), CONTENT[:8_000]), tmp_path / "a") == ""


def test_an_error_s_words_are_not_waited_for(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal whose body drips is a refusal."""
    monkeypatch.setattr("laion_assets.core.sources.download.client._ERROR_SECONDS", 0.2)
    file = remote(server.on("/a", _drips(b"HTTP/1.1 403 No\r\n\r\n", b"x")), None)
    assert "denies access (403)" in fetch(file, tmp_path / "a")


# -- listings --------------------------------------------------------------------------------------


def _problem_of_listing() -> str:
    with pytest.raises(UserError) as problem:
        list_hub(REPOSITORY, "main", ["*.parquet"])
    assert "\n" not in str(problem.value)
    return str(problem.value)


def _tree(hub: Hub, *behaviours: Behaviour) -> None:
    hub.server.on(f"/api/datasets/{REPOSITORY}/tree/{COMMIT}", *behaviours)


def test_a_listing_without_end_is_one_line(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not end, compressed or not; pages that lead to themselves; many files."""
    monkeypatch.setattr(ceilings, "LISTING_BYTES", 3 << 20)
    _tree(hub, hardly_ends(200, []))
    assert "its listing is larger than 3 MB; not read" in _problem_of_listing()
    bomb = gzip.compress(b" " * (4 << 20))
    _tree(hub, sends(bomb, headers={"Content-Encoding": "gzip"}))
    assert "compressed" in _problem_of_listing()
    monkeypatch.setattr(ceilings, "LISTING_REQUESTS", 20)
    again = f'<{hub.server.origin}/api/datasets/{REPOSITORY}/tree/{COMMIT}>; rel="next"'
    _tree(hub, sends_json([], {"Link": again}))
    assert "its listing has no end; 20 answers were read" in _problem_of_listing()
    monkeypatch.setattr(ceilings, "LISTING_ENTRIES", 5)
    hub.publish({f"{number}.parquet": b"1" for number in range(6)})
    assert "lists more than 5 files" in _problem_of_listing()
    with pytest.raises(BadUsage, match="6 URLs; at most 5"):
        list_urls([f"{hub.server.origin}/{number}" for number in range(6)])


@pytest.mark.usefixtures("impatient")
def test_a_listing_that_drips_is_one_line(hub: Hub) -> None:
    """In its body and in its head."""
    _tree(hub, _drips(_HEAD + b"Content-Length: 300000\r\n\r\n", b" "))
    assert "comes at less than" in _problem_of_listing()
    _tree(hub, _drips(_HEAD, b"X-A: b\r\n"))
    assert "no answer in time" in _problem_of_listing()


def _entries(*files: tuple[str, bytes]) -> Behaviour:
    listed = [
        {"type": "file", "path": path, "size": len(body), "oid": body.hex()} for path, body in files
    ]
    return sends(json.dumps(listed).encode(), headers={"Content-Type": "application/json"})


def test_a_name_that_is_listed_twice_is_one_file_or_one_line(hub: Hub) -> None:
    """The same file is taken once; two different ones, or a file that is a folder, are refused."""
    _tree(hub, _entries(("a.parquet", b"1"), ("a.parquet", b"1")))
    assert [file.relative for file in list_hub(REPOSITORY, "main", [])] == ["a.parquet"]
    _tree(hub, _entries(("a.parquet", b"1"), ("a.parquet", b"22")))
    assert "lists 'a.parquet' twice, as different files" in _problem_of_listing()
    _tree(hub, _entries(("a.parquet", b"1"), ("a.parquet/b.parquet", b"1")))
    assert "lists 'a.parquet' as a file and as a folder" in _problem_of_listing()
    _tree(hub, _entries(("a.parquet", b"1"), ("a.parquet.part", b"1")))
    with pytest.raises(UserError, match=r"lists 'a.parquet.part', a name that is needed here"):
        list_hub(REPOSITORY, "main", [])


def test_a_name_that_is_no_text_is_refused_in_one_line(hub: Hub) -> None:
    """JSON can hold half a character; no disk and no log can."""
    _tree(hub, _entries(("\ud800.parquet", b"1")))
    assert "'\\ud800.parquet' is not a safe file name" in _problem_of_listing()


def test_a_name_in_another_encoding_is_what_stands_in_the_url(server: Server) -> None:
    """Surrogates and Latin-1 stay percent-encoded: two of them stay two."""
    paths = ["/%ED%A0%80.parquet", "/caf%E9.parquet", "/caf%C3%A9.parquet"]
    for path in paths:
        server.on(path, sends(CONTENT))
    files = list_urls([server.origin + path for path in paths])
    names = sorted(file.relative.partition("/")[2] for file in files)
    assert names == ["%ED%A0%80.parquet", "caf%E9.parquet", "café.parquet"]
    assert all(isinstance(file, RemoteFile) and file.relative.encode() for file in files)
