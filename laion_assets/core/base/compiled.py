"""Numba as every room uses it: compiled once, without the GIL, cached in a folder of its own.

Lives here: the decorators, where machine code is kept between runs, copying arrays. Numba's cache
notices only that a function's own file changed, not the files of what it calls; so the folder is
named by all files that compile anything. Not here: any other compiled function.
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
import numpy as np
import numpy.typing as npt
from numba.core.caching import FunctionCache
from numba.core.dispatcher import Dispatcher

from laion_assets.core.base.files import private_folder
from laion_assets.core.base.package import PACKAGE

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

#: A whole number in compiled code.
Integer = int | np.int64

#: Rooms with compiled functions, and what their functions take.
_COMPILING = tuple(
    f"{room}/*.py" for room in ("base", "text", "reading", "cleaning", "names", "index", "publish")
)
_DIGITS = 12
#: No function of ours is handed to another as a value, which is what the C wrapper is for.
_OPTIONS: Any = {"nogil": True, "no_cfunc_wrapper": True}
_njit: Any = numba.njit  # some options are not in its signature


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile on first call, cache on disk where that can be written, release the GIL."""
    return _cached(_njit(**_OPTIONS)(function), function)


def called_by_compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile when a compiled function that calls it is, and keep it likewise.

    Without what Python would call, which takes as long to compile as a small function. Python that
    calls it gets a TypeError.
    """
    dispatcher = _njit(no_cpython_wrapper=True, **_OPTIONS)(function)
    if _is_compiled(dispatcher):

        def refuse(*_: Any, **__: Any) -> None:
            raise TypeError(f"{function.__name__} is called by compiled functions alone")

        def add(result: Any) -> None:
            dispatcher.overloads[tuple(result.signature.args)] = result

        dispatcher._compile_for_args = refuse  # noqa: SLF001 - what Python calls
        dispatcher.add_overload = add  # all that Numba does but giving it to Python
    return _cached(dispatcher, function)


def inlined(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile into the callers, by Numba itself: a sixth faster for the one hot function."""
    return _cached(_njit(inline="always", **_OPTIONS)(function), function)


def cache_folder() -> Path | None:
    """Return the folder that keeps machine code; None where there is none, or none is made."""
    return Path(_config.CACHE_DIR) if _config.CACHE_DIR and not _config.DISABLE_JIT else None


def is_at_hand(function: Callable[..., Any]) -> bool:
    """Tell whether a compiled function was compiled before, by this process or another."""
    if not _is_compiled(function):
        return False
    numbas: Any = function
    return bool(numbas.overloads) or getattr(numbas._cache, "is_kept", bool)()  # noqa: SLF001


class _Cache(FunctionCache):
    """Numba's cache, which nothing depends on: what cannot be read or written is compiled anew.

    The folder may be full, damaged, of another user, or gone by the time that it is used.
    """

    def is_kept(self) -> bool:
        """Tell whether some process has kept machine code of the function."""
        index: str = self._cache_file._index_path  # noqa: SLF001 - nothing else says so
        return Path(index).is_file()

    def load_overload(self, *arguments: Any) -> Any:
        """Return what was compiled before; None where that cannot be read."""
        with suppress(Exception):
            return super().load_overload(*arguments)  # type: ignore[no-untyped-call]
        return None

    def save_overload(self, *arguments: Any) -> None:
        """Keep what was compiled, if that can be written."""
        with suppress(Exception):
            super().save_overload(*arguments)  # type: ignore[no-untyped-call]


def _is_compiled(function: Any) -> bool:
    """Tell whether a function is one of Numba's: none is where NUMBA_DISABLE_JIT is set."""
    return isinstance(function, Dispatcher)


def _cached(
    dispatcher: Any, function: Callable[Parameters, Result]
) -> Callable[Parameters, Result]:
    """Return a function of Numba's with a cache, where there is a folder for one."""
    if _config.CACHE_DIR:
        with suppress(RuntimeError):  # without a folder that it likes Numba refuses
            cache: Any = _Cache
            dispatcher._cache = cache(function)  # noqa: SLF001 - what `cache=True` does
    result: Callable[Parameters, Result] = dispatcher
    return result


def _cache_folder() -> str:
    """Return the first folder that can be used for the code as it is now; empty without any.

    That is the one named by the user (NUMBA_CACHE_DIR), one in the user's cache folder, or one of
    this user alone among the temporary files.
    """
    files = sorted(path for pattern in _COMPILING for path in (PACKAGE / "core").glob(pattern))
    digest = sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:_DIGITS]
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - never raises
    own = [Path(_config.CACHE_DIR).absolute()] if _config.CACHE_DIR else []
    for folder in (*own, Path(base) / "laion-assets" / f"numba-{digest}"):
        if folder.is_absolute() and _can_write(folder):
            return str(folder)
    private = private_folder()
    if private is not None and _can_write(private / f"numba-{digest}"):
        return str(private / f"numba-{digest}")
    return ""


def _can_write(folder: Path) -> bool:
    with suppress(OSError, ValueError):
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            return True
    return False


_config: Any = numba.config  # its attributes are made at run time
_config.CACHE_DIR = _cache_folder()


@called_by_compiled
def put(out: npt.NDArray[Any], at: Integer, part: npt.NDArray[Any]) -> Integer:
    """Copy an array into another from a place on; return the place after.

    A loop: assigning to a slice has Numba compile the message of an error first, for a second.
    """
    for i in range(len(part)):
        out[at + i] = part[i]
    return at + len(part)


@called_by_compiled
def wider(array: npt.NDArray[Any], size: Integer) -> npt.NDArray[Any]:
    """Return an array of so many numbers that begins with those of another."""
    out = np.empty(size, array.dtype)
    put(out, 0, array)
    return out
