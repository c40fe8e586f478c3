"""The local server: whatever is asked for, a file of the site or its 404 page, whole or a piece."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path

import pytest

from laion_assets.commands.web_server import Piece, SiteServer, open_server, piece_of
from tests.servers import running

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SiteServer]:
    """A server of a small site below a sub-path, with a file beside the site."""
    site = tmp_path / "site"
    (site / "data").mkdir(parents=True)
    (site / "index.html").write_text("<h1>home</h1>")
    (site / "404.html").write_text("<h1>nothing here</h1>")
    (site / "data" / "x.bin").write_bytes(CONTENT)
    (site / "data" / "empty.js").write_bytes(b"")
    (tmp_path / "secret.txt").write_text("secret")
    opened = open_server(site, 0, "/sub")
    with running(opened):
        yield opened


def ask(
    server: SiteServer, path: str, method: str = "GET", **headers: str
) -> tuple[int, Message, bytes]:
    """Send a request; `_` in a header's name is `-`."""
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def raw(server: SiteServer, request: bytes) -> bytes:
    """Send bytes as they are; return the answer's first line."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.sendall(request)
        return connection.makefile("rb").readline()


# -- paths -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/sub/%00",
        "/sub/index.html%00",
        "/sub/a%00b/c",
        "/sub/%ED%A0%80",
        "/sub/%ED%A0%80/",
        "/sub/%FF%FE.html",
        "/sub/" + "x" * 300,
        "/sub/" + "x/" * 5_000,
        "/sub/" + "%2e%2e/" * 50 + "etc/passwd",
        "/sub/../secret.txt",
        "/sub/%2e%2e/secret.txt",
        "/sub/..%2fsecret.txt",
        "/sub/%2e%2e%2fsecret.txt",
        "/sub/%2e%2e%5csecret.txt",
        "/sub/data/../../secret.txt",
        "/sub//etc/passwd",
        "/sub/index.html/",
        "/sub/index.html/x",
        "/sub/data/",
        "/sub/%",
        "/sub/%zz",
        "/sub/%0d%0aX-A:%20b",
        "/secret.txt",
        "/",
        "/subx/index.html",
    ],
)
def test_a_path_that_is_no_file_gets_the_404_page(
    server: SiteServer, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    """Nothing outside the site, no listing of a folder, no traceback."""
    status, headers, body = ask(server, path)
    assert (status, body) == (404, b"<h1>nothing here</h1>")
    assert "X-A" not in headers
    assert ask(server, path, "HEAD")[0] == 404
    assert ask(server, path, Range="bytes=0-1")[0] == 404
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /sub/\xff\xfe HTTP/1.1", b"404"),
        (b"GET /sub/\xc3\xa9\x00 HTTP/1.1", b"404"),
        (b"GET /sub/" + b"x" * 70_000 + b" HTTP/1.1", b"414"),
        (b"GET http://elsewhere/sub/ HTTP/1.1", b"404"),
        (b"POST /sub/ HTTP/1.1", b"501"),
    ],
)
def test_odd_requests_are_answered(
    server: SiteServer, capsys: pytest.CaptureFixture[str], request_line: bytes, status: bytes
) -> None:
    """With a status of their own, and silence on the terminal."""
    answer = raw(server, request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert status in answer
    assert capsys.readouterr().err == ""


def test_a_reader_that_hangs_up_is_not_talked_about(
    server: SiteServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the middle of a request and of an answer."""
    with (server.site / "large.bin").open("wb") as stream:
        stream.truncate(50_000_000)
    for request in (b"GET /sub/la", b"GET /sub/large.bin HTTP/1.1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", server.server_port)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.sendall(request)
    assert ask(server, "/sub/")[0] == 200
    assert capsys.readouterr().err == ""


def test_pages_and_folders_are_found(server: SiteServer) -> None:
    """The folder's page at its URL; a folder without a slash leads there."""
    status, headers, body = ask(server, "/sub/")
    assert (status, body) == (200, b"<h1>home</h1>")
    assert headers["Accept-Ranges"] == "bytes"
    assert ask(server, "/sub/index.html?q=%00")[2] == b"<h1>home</h1>"
    status, headers, _ = ask(server, "/sub/data")
    assert (status, headers["Location"]) == (301, "/sub/data/")


# -- ranges ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, 10_240),
        ("bytes=10239-", 10_239, 10_240),
        ("bytes=5-99999999", 5, 10_240),
        ("bytes=-100", 10_140, 10_240),
        ("bytes=-99999999", 0, 10_240),
        ("bytes=-" + "9" * 5_000, 0, 10_240),
        ("Bytes = 3 - 4 ", 3, 5),
        ("bytes=00000000000000000000003-4", 3, 5),
    ],
)
def test_a_range_is_answered_with_that_piece(
    server: SiteServer, asked: str, first: int, end: int
) -> None:
    """206, and where it is in how much."""
    status, headers, body = ask(server, "/sub/data/x.bin", Range=asked)
    assert (status, body) == (206, CONTENT[first:end])
    assert headers["Content-Range"] == f"bytes {first}-{end - 1}/{len(CONTENT)}"
    assert headers["Content-Length"] == str(end - first)


@pytest.mark.parametrize(
    "asked", ["bytes=10240-", "bytes=99999-100000", "bytes=-0", "bytes=" + "9" * 5_000 + "-"]
)
def test_a_range_behind_the_end_is_told_so(server: SiteServer, asked: str) -> None:
    """416 with the size; so is any range of an empty file."""
    status, headers, body = ask(server, "/sub/data/x.bin", Range=asked)
    assert (status, headers["Content-Range"], body) == (416, "bytes */10240", b"")
    for of_nothing in ("bytes=0-", "bytes=-1"):
        status, headers, _ = ask(server, "/sub/data/empty.js", Range=of_nothing)
        assert (status, headers["Content-Range"]) == (416, "bytes */0")


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=5-4", "bytes=-", "bytes=x-y", "lines=0-1", "bytes", "", "0-1"]
)
def test_what_need_not_be_understood_gets_the_whole_file(server: SiteServer, asked: str) -> None:
    """Several ranges, none, other units."""
    status, headers, body = ask(server, "/sub/data/x.bin", Range=asked)
    assert (status, body) == (200, CONTENT)
    assert "Content-Range" not in headers


def test_a_head_says_how_much_there_is_whatever_its_range(server: SiteServer) -> None:
    """A range belongs to GET alone."""
    status, headers, body = ask(server, "/sub/data/x.bin", "HEAD", Range="bytes=0-9")
    assert (status, headers["Content-Length"], body) == (200, "10240", b"")


def test_a_piece_is_of_the_version_the_reader_has(server: SiteServer) -> None:
    """If-Range with its tag or date gives the piece, with another's the whole new file."""
    path = "/sub/data/x.bin"
    _, headers, _ = ask(server, path)
    tag, date = headers["ETag"], headers["Last-Modified"]
    for known in (tag, date):
        assert ask(server, path, Range="bytes=0-1", If_Range=known)[0] == 206
        assert ask(server, path, Range="bytes=99999-", If_Range=known)[0] == 416
    for other in ('"other"', f"W/{tag}", "Thu, 01 Jan 1970 00:00:00 GMT"):
        assert ask(server, path, Range="bytes=0-1", If_Range=other)[0] == 200
        assert ask(server, path, Range="bytes=99999-", If_Range=other)[0] == 200
    os.utime(server.site / "data" / "x.bin", (1, 1))
    assert ask(server, path, Range="bytes=0-1", If_Range=tag)[0] == 200


def test_what_the_reader_has_is_not_sent_again(server: SiteServer) -> None:
    """304 by tag, or by date when there is no tag; one connection serves several answers."""
    path = "/sub/data/x.bin"
    _, headers, _ = ask(server, path)
    tag, date = headers["ETag"], headers["Last-Modified"]
    for known in (tag, f'"a", W/{tag}', "*"):
        assert ask(server, path, If_None_Match=known)[0] == 304
    assert ask(server, path, If_Modified_Since=date)[0] == 304
    assert ask(server, path, If_None_Match='"a"', If_Modified_Since=date)[0] == 200
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    for asked, status in (({"If-None-Match": tag}, 304), ({"Range": "bytes=-5"}, 206), ({}, 200)):
        connection.request("GET", path, headers=asked)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    connection.close()


def test_every_piece_lies_within_its_file() -> None:
    """Of files of any size, empty ones too."""
    for size in range(4):
        for first in ("", "0", "1", "2", "5"):
            for last in ("", "0", "1", "2", "5"):
                piece = piece_of(f"bytes={first}-{last}", size)
                assert piece is None or 0 <= piece.first <= piece.end <= size
                assert piece is None or not piece.partial or piece.first < piece.end
    assert piece_of(None, 7) == Piece(0, 7, partial=False)
