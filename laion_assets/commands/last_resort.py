"""What is left when nobody expected an error: one line, and the log that holds the traceback.

Lives here: the words for an error of any kind. Not here: errors that are told where they arise
(`core.base.errors`), signals (`interrupts`), the log (`core.build.failure_log`).
"""

from __future__ import annotations

from pathlib import Path

from laion_assets.core.base.machine import explain, first_line, root_cause
from laion_assets.core.build.failure_log import write_log


def told(error: BaseException, build_dir: Path | None) -> str:
    """Return what to say of an error, in one line; of a defect of ours with the path of a log."""
    place = build_dir if build_dir is not None and build_dir.is_dir() else None
    known = explain(error, place)
    if known is not None:
        return " ".join(str(known).split())
    said = f"unexpected error, please report it: {' '.join(first_line(root_cause(error)).split())}"
    log = write_log(error, place)
    return f"{said}; the details are in {log}" if log is not None else said
