"""Three ways to reach a site: nginx with gzip, which answers ranges; http.server; files on disk.

Lives here: starting each, and what it sent. Not here: who asks (`search_browsers`).
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_PATIENCE = 10.0
_GZIP = 6
_CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  types {{ text/html html; application/javascript js; text/css css; }}
  default_type application/octet-stream;
  log_format sent escape=json '{{"path":"$uri","status":$status,"bytes":$body_bytes_sent}}';
  access_log {folder}/access.log sent;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  gzip on;
  gzip_comp_level {level};
  gzip_types application/javascript text/css;
  {ranges}
  server {{
    listen 127.0.0.1:{port};
    location = /favicon.ico {{ return 204; }}
    location {path} {{ alias {site}/; }}
  }}
}}
"""

#: What a page's log says of one request.
Entry = dict[str, object]


class Host(Protocol):
    """Something that a site is reached by."""

    address: str

    def mark(self) -> None:
        """Forget what was sent so far."""

    def sent(self, log: list[Entry]) -> int:
        """Return the bytes sent since, as they were on the wire, for what a page's log says."""


class _Files:
    """Sizes of whole files as a host with gzip would send them."""

    def __init__(self, site: Path, address: str) -> None:
        self.address = address
        self._site = site
        self._size = lru_cache(None)(self._compressed)

    def mark(self) -> None:
        """Nothing is kept."""

    def sent(self, log: list[Entry]) -> int:
        """Return the sizes of the files that were loaded."""
        return sum(self._size(self.path(str(entry["url"]))) for entry in log if entry["status"])

    def path(self, url: str) -> Path:
        """Return the file of a URL."""
        path = unquote(urlsplit(url).path)
        if not urlsplit(url).scheme:
            return self._site / path.lstrip("/")
        base = unquote(urlsplit(self.address).path).rstrip("/")
        return self._site / path.removeprefix(base).lstrip("/")

    def _compressed(self, path: Path) -> int:
        return len(gzip.compress(path.read_bytes(), _GZIP)) if path.is_file() else 0


class Nginx:
    """Nginx, by its access log."""

    def __init__(self, address: str, log: Path) -> None:
        self.address = address
        self._log = log
        self._start = 0

    def mark(self) -> None:
        """Forget what was sent so far."""
        self._settle()
        self._start = self._log.stat().st_size

    def statuses(self) -> set[int]:
        """Return the status of every answer since."""
        self._settle()
        return {json.loads(line)["status"] for line in self._lines()}

    def sent(self, log: list[Entry]) -> int:
        """Return what was sent; a line may be written a moment after the page has all of it."""
        self._settle()
        ends = time.monotonic() + 1
        while len(self._lines()) < len(log) and time.monotonic() < ends:
            time.sleep(0.002)
        return sum(json.loads(line)["bytes"] for line in self._lines())

    def _lines(self) -> list[bytes]:
        with self._log.open("rb") as file:
            file.seek(self._start)
            return file.read().splitlines()

    def _settle(self) -> None:
        """Wait until nothing is written for a moment."""
        size = -1
        while size != self._log.stat().st_size:
            size = self._log.stat().st_size
            time.sleep(0.02)


@contextmanager
def nginx(site: Path, *, ranges: bool = True, path: str = "/") -> Iterator[Nginx]:
    """Serve a folder by nginx with gzip on, on a free port, without touching its installation.

    `path` is the sub-path that it is served under, which ends with a slash.
    """
    if NGINX is None:
        raise RuntimeError("nginx is not installed")
    with tempfile.TemporaryDirectory(prefix="nginx-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        port = _free_port()
        user = "user root;" if os.getuid() == 0 else ""
        text = _CONFIGURATION.format(
            folder=folder, port=port, site=site.resolve(), user=user, level=_GZIP, path=path,
            ranges="" if ranges else "max_ranges 0;",
        )  # fmt: skip
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        command = [
            NGINX,
            "-p",
            temporary,
            "-e",
            f"{temporary}/error.log",
            "-c",
            f"{temporary}/nginx.conf",
        ]
        with _running(command, port):
            yield Nginx(f"http://127.0.0.1:{port}{path}".rstrip("/"), folder / "access.log")


@contextmanager
def http_server(site: Path) -> Iterator[Host]:
    """Serve a folder by `python -m http.server`, which knows neither ranges nor gzip."""
    port = _free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with _running([*command, "--directory", str(site)], port):
        yield _Files(site, f"http://127.0.0.1:{port}")


@contextmanager
def files(site: Path) -> Iterator[Host]:
    """Open a folder from disk."""
    yield _Files(site, site.resolve().as_uri())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    """Run a server until it is no longer needed; it answers when the block begins."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + _PATIENCE
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None or time.monotonic() > ends:
                raise RuntimeError(f"{command[0]} does not answer")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


HOSTS: dict[str, Callable[[Path], AbstractContextManager[Host]]] = {
    "nginx": nginx,
    "http.server": http_server,
    "file": files,
}
