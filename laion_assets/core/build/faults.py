"""What a failing step says of the file it worked on: whether it is to blame, and for how long.

Lives here: telling a file that a step cannot handle from what the disk, the user or the machine has
to mend. Not here: how a file is set aside (`laion_assets.assets`), what the machine says
(`core.base.machine`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from laion_assets.core.base.errors import BadSourceFile, ChangedSourceFile, UserError
from laion_assets.core.base.machine import first_line, is_of_memory, refuse_exhausted
from laion_assets.core.build.failure_log import write_log

#: How DuckDB says how much of what it may take it has: `(1.8 GiB/1.8 GiB used)`.
_USED = re.compile(r"\((?P<used>[\d.]+) (?P<unit>\w+)/(?P<most>[\d.]+) (?P<of>\w+) used\)")
_FULL = 0.5  # of its limit: below, it was the machine that had no more


@dataclass(frozen=True)
class Fault:
    """Why a file is set aside; a `passing` one may be gone at the next build."""

    reason: str
    passing: bool = False
    of_memory: bool = False


def fault_of_file(step: str, error: Exception, root: Path) -> Fault | None:
    """Return what is wrong with a file that a step cannot handle; None when it is not the file.

    What the disk or the user can mend ends the build (it may be raised here). Anything else sets
    the file aside, whatever it is: nobody's file keeps the others from being built.
    """
    if is_of_memory(error):
        reason = f"{step}: there is not enough memory for it; raise --memory or split the file"
        return Fault(reason, passing=not _reached_its_limit(error), of_memory=True)
    refuse_exhausted(error)
    if isinstance(error, BadSourceFile):
        return Fault(str(error), passing=isinstance(error, ChangedSourceFile))
    if isinstance(error, UserError | duckdb.IOException) or getattr(error, "errno", None):
        return None
    log = write_log(error, root)
    details = f"; the details are in {log}" if log is not None else ""
    return Fault(f"{step} cannot handle it ({first_line(error)}){details}")


def _reached_its_limit(error: Exception) -> bool:
    """Tell whether DuckDB came to the limit of the settings, so that it will come to it again."""
    found = _USED.search(str(error))
    if found is None or found["unit"] != found["of"]:
        return False
    return float(found["used"]) >= _FULL * float(found["most"])
