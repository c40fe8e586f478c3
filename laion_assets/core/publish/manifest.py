"""The manifest of a published site: the sha256 of every file, and whether it still holds.

Lives here: writing, reading and verifying it. Not here: putting a site in place (`exchange`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import sha256_file
from laion_assets.core.base.progress import Progress, silent

MANIFEST = "manifest.json"
_DIGEST = re.compile("[0-9a-f]{64}")


def manifest_of(files: Mapping[str, tuple[str, int]]) -> bytes:
    """Return the manifest of a site's files, given as path: (sha256, bytes)."""
    content = {"files": {path: digest for path, (digest, _) in sorted(files.items())}}
    return json.dumps(content, indent=0, sort_keys=True).encode() + b"\n"


def read_manifest(site: Path) -> dict[str, str]:
    """Return the sha256 of every file a published site lists; empty when there is no site.

    Another program's manifest.json is none.
    """
    try:
        return parse_manifest((site / MANIFEST).read_bytes())
    except OSError:
        return {}


def parse_manifest(content: bytes) -> dict[str, str]:
    """Return the sha256 of every file a manifest lists; empty when it is none of ours."""
    try:
        files = json.loads(content)["files"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    if not isinstance(files, dict) or not all(_is_digest(value) for value in files.values()):
        return {}
    return files


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def verify_site(
    site: Path, progress: Progress = silent, made: Mapping[str, str] | None = None
) -> list[str]:
    """Compare a published site with its manifest; return one line for each difference.

    `made` is what the last build made, path and sha256: a file of it that the manifest does not
    list is left over. What else lies there is somebody's own, and no difference. A site that a
    build exchanges in the meantime is compared again. Raises UserError when there is no manifest.
    """
    while True:
        folder = _identity(site)
        problems = _differences(site, progress, made or {})
        if not problems or _identity(site) == folder:
            return problems


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _differences(site: Path, progress: Progress, made: Mapping[str, str]) -> list[str]:
    manifest, problems = read_manifest(site), []
    if not manifest and made and (site / MANIFEST).is_file():
        manifest = {path: digest for path, digest in made.items() if path != MANIFEST}
        problems.append(f"changed: {MANIFEST}")
    if not manifest:
        raise UserError(
            f"{site}: no published site there (no {MANIFEST}); run `laion-assets build`"
        )
    for done, (path, digest) in enumerate(sorted(manifest.items()), start=1):
        try:
            if sha256_file(site / path) != digest:
                problems.append(f"changed: {path}")
        except OSError as error:
            gone = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
            problems.append(f"{'missing' if gone else 'cannot be read'}: {path}")
        progress("verify", done, len(manifest))
    problems += [
        f"left over: {path}"
        for path, digest in made.items()
        if path not in manifest and path != MANIFEST and _has_digest(site / path, digest)
    ]
    return sorted(problems)


def _has_digest(path: Path, digest: str) -> bool:
    try:
        return sha256_file(path) == digest
    except OSError:
        return False
