"""Numba as every room uses it: compiled once, without the GIL, cached in a folder of its own.

Lives here: the decorators, and where machine code is kept between runs. Numba's cache notices only
that a function's own file changed, not the files of what it calls; so the folder is named by all
files that compile anything. Not here: any compiled function.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, ParamSpec, TypeVar

import numba

from laion_assets.core.base.package import PACKAGE

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

#: Rooms with compiled functions, and what their functions take.
_COMPILING = ("base/compiled.py", "text/*.py", "reading/*.py", "index/*.py", "publish/*.py")
_DIGITS = 12


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile on first call, cache on disk where that can be written, release the GIL."""
    result: Callable[Parameters, Result] = numba.njit(nogil=True, cache=_CACHED)(function)
    return result


def inlined(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile into the callers, by Numba itself: a sixth faster for the one hot function."""
    decorator = numba.njit(nogil=True, cache=_CACHED, inline="always")
    result: Callable[Parameters, Result] = decorator(function)
    return result


def _cache_folder() -> str:
    """Return the user's cache folder for the code as it is now; empty where there is no home."""
    files = sorted(path for pattern in _COMPILING for path in (PACKAGE / "core").glob(pattern))
    digest = sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:_DIGITS]
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - never raises
    folder = Path(base) / "laion-assets" / f"numba-{digest}"
    return str(folder) if folder.is_absolute() else ""


_config: Any = numba.config  # its attributes are made at run time
if not _config.CACHE_DIR:  # NUMBA_CACHE_DIR wins; where ours cannot be written, Numba's own
    _config.CACHE_DIR = _cache_folder()


def _can_cache() -> bool:
    """Tell whether there is a folder for machine code; without one Numba refuses to compile."""
    for folder in (_config.CACHE_DIR, str(PACKAGE / "core" / "text")):
        with suppress(OSError, ValueError):
            if folder:
                os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - Numba's setting is a text
                with TemporaryFile(dir=folder):
                    return True
    return False


_CACHED = _can_cache()
