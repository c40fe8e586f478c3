"""The manifest of a published site: the sha256 of every file, and whether it still holds.

Lives here: writing, reading and verifying it. Not here: putting a site in place (`exchange`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import sha256_file
from laion_assets.core.base.progress import Progress, silent

MANIFEST = "manifest.json"


def manifest_of(files: Mapping[str, tuple[str, int]]) -> bytes:
    """Return the manifest of a site's files, given as path: (sha256, bytes)."""
    content = {"files": {path: digest for path, (digest, _) in sorted(files.items())}}
    return json.dumps(content, indent=0, sort_keys=True).encode() + b"\n"


def read_manifest(site: Path) -> dict[str, str]:
    """Return the sha256 of every file a published site lists; empty when there is no site."""
    try:
        files = json.loads((site / MANIFEST).read_bytes())["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return files if isinstance(files, dict) else {}


def verify_site(site: Path, progress: Progress = silent) -> list[str]:
    """Compare a published site with its manifest; return one line for each difference.

    A site that a build exchanges in the meantime is compared again. Raises UserError when there is
    no manifest.
    """
    while True:
        folder = _identity(site)
        problems = _differences(site, progress)
        if not problems or _identity(site) == folder:
            return problems


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _differences(site: Path, progress: Progress) -> list[str]:
    manifest = read_manifest(site)
    if not manifest:
        raise UserError(
            f"{site}: no published site there (no {MANIFEST}); run `laion-assets build`"
        )
    problems = []
    for done, (path, digest) in enumerate(sorted(manifest.items()), start=1):
        try:
            if sha256_file(site / path) != digest:
                problems.append(f"changed: {path}")
        except OSError as error:
            gone = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
            problems.append(f"{'missing' if gone else 'cannot be read'}: {path}")
        progress("verify", done, len(manifest))
    for parent, _, names in os.walk(site):
        for name in names:
            path = Path(parent, name).relative_to(site).as_posix()
            if path not in manifest and path != MANIFEST:
                problems.append(f"not in the manifest: {path}")
    return sorted(problems)
