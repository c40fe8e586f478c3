"""Downloads from servers that lie: nothing that was not listed ever becomes a file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from laion_assets.core.sources.download import retrying
from tests.fetching import CHANGED, CONTENT, OTHER, fetch, held, left, remote
from tests.servers import (
    Server,
    hardly_ends,
    says,
    sends,
)


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
    sent: list[int] = []
    file = remote(server.on("/a", hardly_ends(200, sent)))
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
