"""A small local web server for looking at the site; the published site needs none.

Serves one folder on the loopback address, under any sub-path, with the site's own 404 page.
"""

from __future__ import annotations

import http.server
from http import HTTPStatus
from pathlib import Path

from laion_assets.core.base.errors import UserError


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


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Static files below the base path, quietly."""

    server: SiteServer

    def __init__(self, request: object, address: object, server: SiteServer) -> None:
        super().__init__(request, address, server, directory=str(server.site))  # type: ignore[arg-type]

    def translate_path(self, path: str) -> str:
        """Map a URL below the base path into the site; anything else leads to no file."""
        if not path.startswith(self.server.base):
            return str(self.server.site / "no-such-file")
        return super().translate_path("/" + path[len(self.server.base) :])

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a missing page with the site's own 404 page."""
        page = self.server.site / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.exists():
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: the log of a page with hundreds of shards helps no one."""


def open_server(site: Path, port: int, base_path: str) -> SiteServer:
    """Return a server ready to run. Raises UserError without a site, or when the port is taken."""
    if not (site / "index.html").exists():
        raise UserError(f"{site}: no site there yet; run `laion-assets build`")
    base = f"/{base_path.strip('/')}/".replace("//", "/")
    try:
        return SiteServer(site, port, base)
    except OSError as error:
        raise UserError(f"port {port}: {error.strerror}; choose another with --port") from error
