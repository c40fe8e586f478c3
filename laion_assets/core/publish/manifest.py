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

    Raises UserError when there is no manifest.
    """
    manifest = read_manifest(site)
    if not manifest:
        raise UserError(
            f"{site}: no published site there (no {MANIFEST}); run `laion-assets build`"
        )
    problems = []
    for done, (path, digest) in enumerate(sorted(manifest.items()), start=1):
        file = site / path
        if not file.is_file():
            problems.append(f"missing: {path}")
        elif sha256_file(file) != digest:
            problems.append(f"changed: {path}")
        progress("verify", done, len(manifest))
    for parent, _, names in os.walk(site):
        for name in names:
            path = Path(parent, name).relative_to(site).as_posix()
            if path not in manifest and path != MANIFEST:
                problems.append(f"not in the manifest: {path}")
    return sorted(problems)
