"""One file fetched from one server: what the tests of downloads have in common.

Lives here: the content, a listing of it, fetching it, and a partial file as a killed process leaves
one. Not here: servers (`servers`).
"""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

from laion_assets.core.sources.download import RemoteFile, download
from laion_assets.core.sources.download.partial import Partial

CONTENT = random.Random(7).randbytes(300_000)  # noqa: S311 - bytes that differ everywhere
OTHER = random.Random(8).randbytes(300_000)  # noqa: S311
ETAG = {"ETag": '"version-1"'}
CHANGED = {"ETag": '"version-2"'}


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
