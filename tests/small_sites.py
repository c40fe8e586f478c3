"""Small sites in a build directory, as a build would leave them; no tests here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from laion_assets.core.publish.changes import Changes
from laion_assets.core.publish.exchange import publish_site
from laion_assets.core.publish.outgoing import read_outgoing
from laion_assets.core.publish.sending import open_target, publish_to
from laion_assets.core.publish.withdrawal import withdraw_site
from laion_assets.core.site.inputs import Page

FIRST = {
    "index.html": b"home",
    "404.html": b"none",
    "domains/a.html": b"a",
    "data/summary.json": b"{}",
    "static/style.css": b"p{}",
    "search/one/directory.js": b"directory one",
    "search/one/w/0.js": b"terms one",
}
#: Another build: a page is gone, one is new, one changed, the index is another.
SECOND = {
    "index.html": b"home again",
    "404.html": b"none",
    "domains/b.html": b"b",
    "data/summary.json": b"{}",
    "static/style.css": b"p{}",
    "search/two/directory.js": b"directory two",
    "search/two/w/0.js": b"terms two",
}


def write_site(build_dir: Path, files: Mapping[str, bytes] = FIRST) -> Path:
    """Publish some files as the site of a build directory; return its folder."""
    pages = (Page(path, content) for path, content in files.items())
    publish_site(build_dir / "site", pages, build_dir / "index", {}, 20_000)
    return build_dir / "site"


def withdraw(build_dir: Path) -> None:
    """Withdraw the site of a build directory."""
    withdraw_site(build_dir / "site", "This site", "Under review.", dict)


def send(build_dir: Path, target: str, **options: bool) -> Changes:
    """Publish the site of a build directory to a target, as the command does."""
    outgoing = read_outgoing(build_dir / "site")
    return publish_to(open_target(target, build_dir), outgoing, named=target, **options)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, without the manifest."""
    files = (path for path in folder.rglob("*") if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    found.pop("manifest.json", None)
    return found
