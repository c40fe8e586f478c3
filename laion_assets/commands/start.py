"""The first moments of the process: limits too low to start at all, and errors while importing.

Lives here: what has to happen before numpy, DuckDB and Arrow are imported, which crash without a
word where there is too little memory. Imports nothing that takes time. Not here: any command.
"""

from __future__ import annotations

import atexit
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from laion_assets.commands.interrupts import stopped_at_once

#: Address space the imports alone take (0.6 GB measured), and what work on rows takes besides the
#: memory that is DuckDB's (2.9 GB measured): threads, machine code, arenas, most of it never used.
FOR_ANYTHING = 800_000_000
FOR_WORK = 3_200_000_000


@contextmanager
def starting() -> Iterator[None]:
    """Import what a command needs in this block; what goes wrong is one line and exit code 1."""
    refuse_limits(FOR_ANYTHING, "laion-assets")
    atexit.register(_end_quietly)  # first of all, so that it comes last
    # Numpy's own threads are never used here, and each takes address space.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with stopped_at_once():
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, it is one line
            from laion_assets.commands.last_resort import told

            _fail(told(error, None))


def _end_quietly() -> None:
    """Let nothing be printed once all is done: DuckDB's bindings list what Numba still refers to.

    Thirty lines about leaked functions after a build that went well tell its user nothing.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)


def refuse_limits(needed: int, what: str) -> None:
    """End the process with one line when its limits of memory are below `needed` bytes.

    The libraries below end it with none: they crash.
    """
    for limit, name in ((resource.RLIMIT_AS, "ulimit -v"), (resource.RLIMIT_DATA, "ulimit -d")):
        most = resource.getrlimit(limit)[0]
        least = needed if limit == resource.RLIMIT_AS else needed // 2
        if most != resource.RLIM_INFINITY and most < least:
            _fail(
                f"the memory limit of {most / 1e9:.1f} GB is too low, {what} may need "
                f"{least / 1e9:.1f} GB; raise it ({name} unlimited) or give DuckDB less (--memory)"
            )


def _fail(said: str) -> None:
    print(f"laion-assets: {said}", file=sys.stderr)  # noqa: T201
    sys.exit(1)
