"""Forgetting what the history of builds and the logs may hold of removed rows.

What is written today holds no text of a row on purpose; what an older version wrote, or an error
said, may. Lives here: deleting that. Not here: which rows are removed (`takedown`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from laion_assets.core.build.paths import Paths

_SETTINGS = "dagster.yaml"  # of the history; the user may have written it


def forget(paths: Paths, texts: Iterable[str]) -> bool:
    """Delete the logs that hold any of the texts, and the history if it does; tell whether it did.

    What cannot be deleted stays: a takedown waits for neither.
    """
    wanted = [text.lower().encode() for text in texts]
    for path in _holding(paths.logs, wanted):
        with suppress(OSError):
            path.unlink()
    if next(_holding(paths.history, wanted), None) is None:
        return False
    for path in sorted(paths.history.iterdir()):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != _SETTINGS:
            with suppress(OSError):
                path.unlink()
    return True


def _holding(folder: Path, wanted: list[bytes]) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")) if wanted and folder.is_dir() else ():
        with suppress(OSError):
            if path.is_file():
                content = path.read_bytes().lower()
                if any(text in content for text in wanted):
                    yield path
