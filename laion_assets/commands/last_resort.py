"""What is left when nobody expected an error: one line, and a log that holds the traceback.

Lives here: the words for an error of any kind, and the log. Not here: errors that are told where
they arise (`core.base.errors`), signals (`interrupts`).
"""

from __future__ import annotations

import platform
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from laion_assets.core.base.machine import explain, first_line, root_cause
from laion_assets.core.build.paths import Paths

KEPT = 5  # logs; the oldest go


def told(error: BaseException, build_dir: Path | None) -> str:
    """Return what to say of an error, in one line; of a defect of ours with the path of a log."""
    place = build_dir if build_dir is not None and build_dir.is_dir() else None
    known = explain(error, place)
    if known is not None:
        return " ".join(str(known).split())
    said = f"unexpected error, please report it: {' '.join(first_line(root_cause(error)).split())}"
    log = write_log(error, place)
    return f"{said}; the details are in {log}" if log is not None else said


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


def _write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    stem = f"error-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    names = [f"{stem}.log", *(f"{stem}-{number}.log" for number in range(2, 100))]
    path = next(folder / name for name in names if not (folder / name).exists())
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    logs = sorted(folder.glob("error-*.log"), key=lambda log: (log.stat().st_mtime_ns, log.name))
    for old in logs[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def _own_version() -> str:
    try:
        return version("laion-assets")
    except PackageNotFoundError:
        return f"(not installed, {sys.prefix})"
