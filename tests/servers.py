"""Servers for tests: real ones, on loopback only, that behave as badly as real ones do.

Lives here: a scriptable http(s) server that records what it is asked, the part of the hub's API
that listing and fetching need, an S3-compatible server (moto's), and an environment in which only
these are found. Not here: what is expected of a client (the tests).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import json
import os
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseServer
from urllib.parse import unquote, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from huggingface_hub import constants as hub_constants

from laion_assets.core.sources.download import retrying

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """One request a server got; header names in lower case."""

    method: str
    path: str
    query: str
    headers: Headers


class Answer:
    """What a behaviour sends with: the status line and headers, then pieces of the body."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self._handler = handler

    def head(self, status: int, headers: Headers | None = None) -> None:
        """Send the status and these headers."""
        self._handler.send_response(status)
        for name, value in (headers or {}).items():
            self._handler.send_header(name, value)
        self._handler.end_headers()

    def body(self, content: bytes) -> None:
        """Send a piece of the body, unless only the head was asked for."""
        if self._handler.command != "HEAD":
            self._handler.wfile.write(content)
            self._handler.wfile.flush()

    def hang_up(self) -> None:
        """Close the connection after this answer."""
        self._handler.close_connection = True


Behaviour = Callable[[Request, Answer], None]


@dataclass
class Server:
    """A server whose paths follow scripts: the first behaviour first, the last one for good."""

    origin: str
    scripts: dict[str, list[Behaviour]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def on(self, path: str, *behaviours: Behaviour) -> str:
        """Let a path behave in these ways in turn; returns its address."""
        self.scripts[unquote(path)] = list(behaviours)
        return self.origin + path

    def got(self, method: str = "GET", path: str | None = None) -> list[Request]:
        """Return the requests so far, of one method and perhaps one path."""
        return [
            request
            for request in self.requests
            if request.method == method and path in (None, request.path)
        ]

    def take(self, request: Request) -> Behaviour:
        """Record a request and return how to answer it."""
        with self._lock:
            self.requests.append(request)
            script = self.scripts.get(request.path, [fails(404)])
            return script.pop(0) if len(script) > 1 else script[0]


@contextmanager
def running(server: BaseServer) -> Iterator[None]:
    """Have a server answer in a thread of its own, and close it at the end."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving(
    address: str = "127.0.0.1", certificate: tuple[Path, Path] | None = None
) -> Iterator[Server]:
    """Run a server on a free port of a loopback address; https with a (certificate, key) pair."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, unquote(parts.path), parts.query, headers)
            try:
                server.take(request)(request, Answer(self))
            except OSError:  # the client went away, which is its right
                self.close_connection = True

        do_GET = do_HEAD = answer  # noqa: N815 - http.server looks for these names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: object) -> None:
            """Say nothing: clients that hang up or do not trust us are part of the tests."""

    httpd = Quiet((address, 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    scheme = "https" if certificate else "http"
    server = Server(f"{scheme}://{address}:{httpd.server_port}")
    with running(httpd):
        yield server


# -- behaviours --------------------------------------------------------------------------------


def sends(
    content: bytes,
    *,
    ranges: bool = True,
    headers: Headers | None = None,
    cut_after: int | None = None,
    pause: Callable[[int], None] | None = None,
    piece: int = 65_536,
) -> Behaviour:
    """Send a file as a good server does: lengths, ranges, If-Range.

    `cut_after` breaks the connection after that many bytes of the answer; `pause` is called with
    the number of bytes sent before each piece.
    """

    def behave(request: Request, answer: Answer) -> None:
        extra = dict(headers or {})
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        condition = request.headers.get("if-range")
        same = condition in (None, extra.get("ETag"), extra.get("Last-Modified"))
        first, last, status = 0, len(content) - 1, 200
        if asked and ranges and same:
            first = int(asked[1])
            last = min(last, int(asked[2] or last))
            if first >= len(content):
                unsatisfiable = {"Content-Range": f"bytes */{len(content)}", "Content-Length": "0"}
                answer.head(416, extra | unsatisfiable)
                return
            status = 206
            extra["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        body = content[first : last + 1]
        answer.head(status, {"Content-Length": str(len(body))} | extra)
        if cut_after is not None:
            answer.hang_up()
            body = body[:cut_after]
        for start in range(0, len(body), piece):
            if pause:
                pause(start)
            answer.body(body[start : start + piece])
        if pause:
            pause(len(body))

    return behave


def says(status: int, headers: Headers, body: bytes = b"") -> Behaviour:
    """Send exactly this, and Content-Length only if it is among the headers; then hang up."""

    def behave(_: Request, answer: Answer) -> None:
        answer.hang_up()
        answer.head(status, {"Connection": "close"} | dict(headers))
        answer.body(body)

    return behave


def fails(status: int, **headers: str) -> Behaviour:
    """Send an error without a body; `_` in a header's name is `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return says(status, {"Content-Length": "0"} | named)


def hardly_ends(status: int, sent: list[int]) -> Behaviour:
    """Send up to 200 MiB without a length, noting each MiB in `sent`."""

    def behave(_: Request, answer: Answer) -> None:
        answer.hang_up()
        answer.head(status)
        for number in range(200):
            answer.body(b"x" * (1 << 20))
            sent.append(number)

    return behave


def redirects(location: str, headers: Headers | None = None) -> Behaviour:
    """Redirect."""
    return says(302, {"Location": location, "Content-Length": "0"} | dict(headers or {}))


def waits(event: threading.Event) -> Callable[[int], None]:
    """Pause after the first piece of a body until `event` is set, or a minute, lest tests hang."""

    def pause(sent: int) -> None:
        if sent:
            event.wait(60)

    return pause


# -- the hub ---------------------------------------------------------------------------------------


@dataclass
class Hub:
    """The part of the hub that listing and fetching a dataset needs, on a scriptable server.

    Files are served by `storage`, another server, as the hub's are by its CDN.
    """

    server: Server
    storage: Server
    repository: str
    commit: str

    def publish(
        self, files: Mapping[str, bytes], *, gated: str | bool = False, large: bool = True
    ) -> None:
        """Hold these files at the commit, also known as main; large ones have a sha256."""
        entries = []
        for path, content in files.items():
            digest = hashlib.sha256(content).hexdigest()
            blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()  # noqa: S324
            entry = {"type": "file", "path": path, "size": len(content), "oid": blob}
            if large:
                entry["lfs"] = {"oid": digest, "size": len(content), "pointerSize": 134}
            entries.append(entry)
            stored = self.storage.on(f"/{digest}", sends(content, headers={"ETag": '"of-the-cdn"'}))
            linked = {
                "X-Repo-Commit": self.commit,
                "X-Linked-Etag": f'"{digest}"',
                "X-Linked-Size": str(len(content)),
            }
            target = f"/datasets/{self.repository}/resolve/{self.commit}/{path}"
            self.server.on(target, redirects(f"{stored}?X-Amz-Signature=secret", linked))
        self.answers(
            "/tree/" + self.commit, [*entries, {"type": "directory", "path": "d", "oid": "0"}]
        )
        info = {"id": self.repository, "sha": self.commit, "gated": gated}
        for revision in (self.commit, "main"):
            self.answers(f"/revision/{revision}", info)

    def answers(self, path: str, value: object, headers: Headers | None = None) -> None:
        """Answer a call of the API on the repository with JSON."""
        self.server.on(f"/api/datasets/{self.repository}{path}", sends_json(value, headers))


def sends_json(value: object, headers: Headers | None = None) -> Behaviour:
    """Send a value as JSON."""
    return sends(
        json.dumps(value).encode(),
        headers={"Content-Type": "application/json"} | dict(headers or {}),
    )


# -- S3 --------------------------------------------------------------------------------------------


@contextmanager
def serving_s3() -> Iterator[str]:
    """Run an S3-compatible server on a free port; yields its address."""
    from moto.server import ThreadedMotoServer  # a second of imports only these tests need

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


# -- surroundings ----------------------------------------------------------------------------------


def isolate(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Remove proxies, tokens, endpoints and waits from a test's surroundings."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith(("HF_", "AWS_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(hub_constants, "HF_TOKEN_PATH", str(folder / "no-token"))
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.001)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1 and its key; returns both paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
