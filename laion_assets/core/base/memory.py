"""How much of the memory that was freed a process keeps.

Not here: how much a step may take (DuckDB's limit in `build.workspace`, the batches of `reading`).
"""

import ctypes
import os
from contextlib import suppress

_M_ARENA_MAX = -8  # mallopt(3)
_ARENAS = 2


def keep_less_memory() -> None:
    """Have the C library keep what threads freed in two places, not in eight for each core.

    Every file is worked on by threads of its own, and each place keeps what it once held: after
    thirty hostile files some 400 MB. Whoever sets MALLOC_ARENA_MAX has it their way; where there is
    no such thing (musl, macOS), nothing happens.
    """
    if "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
