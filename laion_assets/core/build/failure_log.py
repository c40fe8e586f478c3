"""Logs of errors nobody expected: the traceback, for whoever mends them.

Lives here: writing one, and keeping the last few. Not here: the line that names it
(`commands.last_resort`, and the step that sets a file aside).
"""

from __future__ import annotations

import platform
import re
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from laion_assets.core.build.paths import Paths

KEPT = 5  # logs; the oldest go
_NAME = re.compile(r"error-[0-9]{8}T[0-9]{6}Z(-[0-9]+)?\.log")


def write_log(error: BaseException, build_dir: Path | None) -> Path | None:
    """Write the traceback where it can be written; None when that is nowhere."""
    text = (
        f"laion-assets {_own_version()}, Python {platform.python_version()}, "
        f"{platform.platform()}\n\n{''.join(traceback.format_exception(error))}"
    )
    if build_dir is not None:
        with suppress(OSError):
            return _write(Paths(build_dir).logs, text)
    with suppress(OSError):
        return _write(Path(tempfile.mkdtemp(prefix="laion-assets-")), text)
    return None


def logs_in(folder: Path) -> list[Path]:
    """Return the logs in a folder, which may hold those of other programs too."""
    return [path for path in sorted(folder.glob("error-*.log")) if _NAME.fullmatch(path.name)]


def _write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    stem = f"error-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    names = [f"{stem}.log", *(f"{stem}-{number}.log" for number in range(2, 100))]
    path = next(folder / name for name in names if not (folder / name).exists())
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    logs = sorted(logs_in(folder), key=lambda log: (log.stat().st_mtime_ns, log.name))
    for old in logs[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def _own_version() -> str:
    try:
        return version("laion-assets")
    except PackageNotFoundError:
        return f"(not installed, {sys.prefix})"
