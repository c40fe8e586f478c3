"""A small local web server for looking at the site; the published site needs none.

Serves one folder on the loopback address, under any sub-path, with the site's own 404 page, as a
good static host does: single ranges (the search may ask for a piece of a file), validators, no
listings of folders. Whatever a path holds, nothing outside the folder is opened.
"""

from __future__ import annotations

import http.server
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO

from laion_assets.core.base.errors import UserError

_RANGE = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII | re.IGNORECASE)
_PIECE = 1 << 16  # bytes
_DIGITS = 18  # of a position; whatever has more lies behind the end of any file


class SiteServer(http.server.ThreadingHTTPServer):
    """Serves a site folder below a base path on 127.0.0.1."""

    daemon_threads = True

    def __init__(self, site: Path, port: int, base: str) -> None:
        self.site = site
        self.base = base
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """Where to open the site."""
        return f"http://127.0.0.1:{self.server_port}{self.base}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of browsers that hang up, as they do on every page left early."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


@dataclass(frozen=True)
class Piece:
    """The bytes of a file that are sent: `first` to before `end`; all of it when not `partial`."""

    first: int
    end: int
    partial: bool = True


def piece_of(header: str | None, size: int) -> Piece | None:
    """Return what a Range header asks for of a file; None when there is no such piece of it.

    All of the file when there is no header, or one that need not be understood: other units,
    several ranges, no range at all (RFC 9110, 14.2).
    """
    whole = Piece(0, size, partial=False)
    asked = _RANGE.fullmatch(header.strip()) if header else None
    if asked is None or asked.group(1, 2) == ("", ""):
        return whole
    first, last = (_position(digits) for digits in asked.groups())
    if first is None:
        suffix = last or 0
        return Piece(max(0, size - suffix), size) if suffix and size else None
    if last is not None and last < first:
        return whole
    if first >= size:
        return None
    return Piece(first, size if last is None else min(size, last + 1))


def _position(digits: str) -> int | None:
    if not digits:
        return None
    return int(digits) if len(digits.lstrip("0")) <= _DIGITS else 10**_DIGITS


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Static files below the base path, quietly."""

    server: SiteServer
    protocol_version = "HTTP/1.1"  # one connection for all that a page asks for
    disable_nagle_algorithm = True  # else a small body waits 40 ms for word that its head arrived

    def __init__(self, request: object, address: object, server: SiteServer) -> None:
        self._left = 0  # bytes of the body still to be sent
        super().__init__(request, address, server, directory=str(server.site))  # type: ignore[arg-type]

    def translate_path(self, path: str) -> str:
        """Map a URL below the base path into the site; anything else leads to no file."""
        if not path.startswith(self.server.base):
            return str(self.server.site / "no-such-file")
        return super().translate_path("/" + path[len(self.server.base) :])

    def send_head(self) -> BinaryIO | None:
        """Send the head of an answer; return the file whose bytes follow, at the first of them."""
        asked = self.path.partition("#")[0].partition("?")[0]
        try:
            path = Path(self.translate_path(self.path))
            if path.is_dir():
                if not asked.endswith("/"):
                    super().send_head()  # redirects to the folder's own URL
                    return None
                path /= "index.html"
            elif asked.endswith("/"):
                raise FileNotFoundError  # a path forgets the slash
            stream = path.open("rb")
        except (OSError, ValueError):  # not there, or no name at all: NUL, half a character
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        with _closed_on_error(stream):
            return self._describe(stream, path)

    def _describe(self, stream: BinaryIO, path: Path) -> BinaryIO | None:
        stat = os.fstat(stream.fileno())
        tag, modified = (
            f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"',
            self.date_time_string(int(stat.st_mtime)),
        )
        if self._is_known(tag, modified):
            self._answer(HTTPStatus.NOT_MODIFIED, {"ETag": tag, "Last-Modified": modified})
            stream.close()
            return None
        asked = self.headers.get("Range") if self.command == "GET" else None
        if self.headers.get("If-Range", tag) not in (tag, modified):
            asked = None  # a piece of what the reader has is no piece of this
        piece = piece_of(asked, stat.st_size)
        if piece is None:
            self._answer(
                HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                {"Content-Range": f"bytes */{stat.st_size}", "Content-Length": "0"},
            )
            stream.close()
            return None
        headers = {
            "Content-Type": self.guess_type(path),
            "Content-Length": str(piece.end - piece.first),
            "Last-Modified": modified,
            "ETag": tag,
            "Accept-Ranges": "bytes",
        }
        if piece.partial:
            headers["Content-Range"] = f"bytes {piece.first}-{piece.end - 1}/{stat.st_size}"
        self._answer(HTTPStatus.PARTIAL_CONTENT if piece.partial else HTTPStatus.OK, headers)
        stream.seek(piece.first)
        self._left = piece.end - piece.first
        return stream

    def _is_known(self, tag: str, modified: str) -> bool:
        """Tell whether the reader has this version of the file."""
        known = self.headers.get("If-None-Match")
        if known is None:
            return self.headers.get("If-Modified-Since") == modified
        tags = [each.strip().removeprefix("W/") for each in known.split(",")]
        return tag in tags or "*" in tags

    def _answer(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send the bytes that were promised, and no more."""
        while self._left and (read := source.read(min(_PIECE, self._left))):
            outputfile.write(read)
            self._left -= len(read)
        if self._left:  # the file was cut short meanwhile
            self.close_connection = True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a missing page with the site's own 404 page."""
        page = self.server.site / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.exists():
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self._answer(
            HTTPStatus.NOT_FOUND,
            {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(content))},
        )
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: the log of a page with dozens of requests helps no one."""


@contextmanager
def _closed_on_error(stream: BinaryIO) -> Iterator[None]:
    try:
        yield
    except BaseException:
        stream.close()
        raise


def open_server(site: Path, port: int, base_path: str) -> SiteServer:
    """Return a server ready to run. Raises UserError without a site, or when the port is taken."""
    if not (site / "index.html").exists():
        raise UserError(f"{site}: no site there yet; run `laion-assets build`")
    base = f"/{base_path.strip('/')}/".replace("//", "/")
    try:
        return SiteServer(site, port, base)
    except OSError as error:
        raise UserError(f"port {port}: {error.strerror}; choose another with --port") from error
