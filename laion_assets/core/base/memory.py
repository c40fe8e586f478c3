"""How much of the memory that was freed a process keeps, and how often it looks for more.

Not here: how much a step may take (DuckDB's limit in `build.workspace`, the batches of `reading`).
"""

import ctypes
import gc
import os
from contextlib import suppress

_M_ARENA_MAX = -8  # mallopt(3)
_ARENAS = 2
_OBJECTS = 50_000  # 700 by default


def keep_less_memory() -> None:
    """Have the C library keep what threads freed in two places, not in eight for each core.

    Every file is worked on by threads of its own, and each place keeps what it once held: after
    thirty hostile files some 400 MB. Whoever sets MALLOC_ARENA_MAX has it their way; where there is
    no such thing (musl, macOS), nothing happens.
    """
    if "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def collect_rarely() -> None:
    """Look for objects that refer to each other in circles after 50,000 new ones.

    Python does after 700, and goes over everything alive time and again: a fifth of the processor
    time of compiling, which makes objects by the million. For whole processes of ours.
    """
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
