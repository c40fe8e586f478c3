"""Publishing to the hub, through its own client: one commit, only what changed, what is refused."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from laion_assets.core.base.errors import UserError
from laion_assets.core.publish import to_hub
from laion_assets.core.publish.changes import BEGUN
from laion_assets.core.publish.manifest import MANIFEST
from tests.servers import isolate, running
from tests.small_sites import FIRST, SECOND, send, withdraw, write_site

SPACE = "hf://spaces/me/laion"


@dataclass
class FakeHub:
    """The part of the hub's API that a commit needs, with one repository of each kind."""

    address: str = ""
    sdk: str = "static"
    refuses: int = 0  # status of every commit
    commits: list[dict[str, bytes]] = field(default_factory=lambda: [{".gitattributes": b""}])
    tokens: set[str] = field(default_factory=set)
    breaks_after: int | None = None  # commits

    @property
    def files(self) -> dict[str, bytes]:
        """What the repository holds."""
        return {k: v for k, v in self.commits[-1].items() if k not in (".gitattributes", MANIFEST)}

    def sha(self, number: int = -1) -> str:
        """Return the name of a commit."""
        at = number % len(self.commits)
        return hashlib.sha1(str(at).encode()).hexdigest()  # noqa: S324 - as git has it

    def commit(self, lines: list[dict[str, Any]]) -> None:
        """Do what a commit says, all of it."""
        files = dict(self.commits[-1])
        for line in lines:
            value = line["value"]
            if line["key"] == "header":
                assert value["parentCommit"] == self.sha()
            elif line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            else:
                assert line["key"] == "deletedFile"
                del files[value["path"]]
        self.commits.append(files)


class Handler(BaseHTTPRequestHandler):
    """Answers for the hub."""

    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Tell of the repository and its files."""
        path = unquote(urlsplit(self.path).path)
        self.hub.tokens.add(self.headers.get("Authorization", ""))
        if not re.match(r"(/api)?/(spaces|datasets)/me/laion", path):
            self.answer(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
        elif "/tree/" in path:
            self.answer(200, [
                {"type": "file", "path": name, "size": len(content), "oid": "0" * 40}
                for name, content in self.hub.commits[-1].items()
            ])  # fmt: skip
        elif "/resolve/" in path:
            content = self.hub.commits[-1].get(re.sub(r".*/resolve/[^/]+/", "", path))
            self.answer(404 if content is None else 200, content or b"")
        else:
            self.answer(200, {"id": "me/laion", "sha": self.hub.sha(), "sdk": self.hub.sdk})

    def do_POST(self) -> None:
        """Take a commit."""
        body = self.body()
        if "/preupload/" in self.path:
            files = json.loads(body)["files"]
            self.answer(200, {"files": [
                {"path": file["path"], "uploadMode": "regular", "shouldIgnore": False}
                for file in files
            ]})  # fmt: skip
        elif self.hub.refuses or len(self.hub.commits) == self.hub.breaks_after:
            self.answer(self.hub.refuses or 403, {"error": "no"})
        else:
            self.hub.commit([json.loads(line) for line in body.splitlines()])
            made = {"commitUrl": f"{self.hub.address}/spaces/me/laion/commit/{self.hub.sha()}"}
            self.answer(200, made | {"commitOid": self.hub.sha()})

    def body(self) -> bytes:
        """Return the body of a request, in pieces or not."""
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers["Content-Length"]))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def answer(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        """Send bytes, or a value as JSON."""
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeHub]:
    """The hub, and a token for it."""
    fake = FakeHub()
    handler = type("Answering", (Handler,), {"hub": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    isolate(monkeypatch, tmp_path)
    fake.address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("HF_ENDPOINT", fake.address)
    monkeypatch.setenv("HF_TOKEN", "hf_ours")
    with running(server):
        yield fake


@pytest.mark.parametrize("target", [SPACE, "hf://datasets/me/laion"])
def test_a_site_is_one_commit(tmp_path: Path, hub: FakeHub, target: str) -> None:
    """All of it or nothing; the next one has what changed and deletes what is gone."""
    hub.commits[-1]["README.md"] = b"---\nsdk: static\n---\n"
    for number, files in enumerate((FIRST, SECOND), start=2):
        write_site(tmp_path, files)
        send(tmp_path, target)
        assert len(hub.commits) == number
        assert hub.files == {**files, "README.md": b"---\nsdk: static\n---\n"}
        assert not send(tmp_path, target)
        assert len(hub.commits) == number
    assert hub.tokens == {"Bearer hf_ours"}


def test_a_large_site_is_several_commits_in_the_safe_order(
    tmp_path: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page comes after its files, the manifest after all; a stopped publish is completed."""
    monkeypatch.setattr(to_hub, "MOST_AT_ONCE", 3)
    write_site(tmp_path)
    hub.breaks_after = 3
    with pytest.raises(UserError, match="token"):
        send(tmp_path, SPACE)
    assert BEGUN in hub.files
    assert MANIFEST not in hub.commits[-1]
    hub.breaks_after = None
    write_site(tmp_path, SECOND)
    send(tmp_path, SPACE)
    assert hub.files == SECOND
    for before in hub.commits:
        assert "index.html" not in before or any("directory.js" in path for path in before)


def test_a_withdrawal_reaches_the_hub(tmp_path: Path, hub: FakeHub) -> None:
    """Nothing of the site is left in the newest commit."""
    write_site(tmp_path)
    send(tmp_path, SPACE)
    withdraw(tmp_path)
    send(tmp_path, SPACE)
    assert set(hub.files) == {"404.html", "index.html", "static/style.css"}


def test_files_of_others_are_not_overwritten(tmp_path: Path, hub: FakeHub) -> None:
    """A new Space has a page already: it is named, and replaced when that is said."""
    hub.commits[-1]["index.html"] = b"template"
    write_site(tmp_path)
    with pytest.raises(UserError, match=r"index\.html is there .*--replace"):
        send(tmp_path, SPACE)
    send(tmp_path, SPACE, replace=True)
    assert hub.files == FIRST


@pytest.mark.parametrize(
    ("status", "said"), [(401, "HF_TOKEN"), (403, "HF_TOKEN"), (412, "run it again")]
)
def test_what_the_hub_refuses_is_one_line(
    tmp_path: Path, hub: FakeHub, status: int, said: str
) -> None:
    """With what to do."""
    hub.refuses = status
    write_site(tmp_path)
    with pytest.raises(UserError, match=said) as raised:
        send(tmp_path, SPACE)
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("hub")
def test_a_repository_has_to_be_there(tmp_path: Path) -> None:
    """None is made unasked."""
    write_site(tmp_path)
    with pytest.raises(UserError, match="make it first"):
        send(tmp_path, "hf://spaces/me/none")


def test_a_space_that_runs_a_program_is_refused(tmp_path: Path, hub: FakeHub) -> None:
    """Its pages would not be served."""
    hub.sdk = "gradio"
    write_site(tmp_path)
    with pytest.raises(UserError, match="sdk: static"):
        send(tmp_path, SPACE)
