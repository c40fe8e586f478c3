"""What the machine refuses, told in one line: disk, memory, threads, open files, permission.

Lives here: recognising such an error, whichever library raised it and however it was wrapped, and
what can be done about it. Not here: errors of ours (`errors`), printing them (`commands.shared`).
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import TEMPORARY_PREFIX

#: What the system says and what helps.
_REFUSALS: Mapping[int, str] = {
    errno.ENOSPC: "the disk is full; make room and run it again",
    errno.EDQUOT: "the disk quota is used up; make room and run it again",
    errno.EFBIG: "the file would be larger than is allowed here; raise the limit (ulimit -f) or "
    "use another disk",
    errno.EROFS: "the file system is read-only; make it writable or choose another place",
    errno.EACCES: "permission denied; make it readable and writable for this user",
    errno.EPERM: "the system does not permit it; make it readable and writable for this user",
    errno.EMFILE: "too many files are open at once; raise the limit (ulimit -n 1024)",
    errno.ENFILE: "the system has too many files open; close other programs and run it again",
    errno.EIO: "the disk reports an error; check it, or use another one",
    **dict.fromkeys(
        (errno.EEXIST, errno.ENOTDIR, errno.EISDIR),
        "something else is in its place; move that away and run it again",
    ),
    errno.ENAMETOOLONG: "the name is too long for this file system; choose a shorter one",
}
_MEMORY = "there is not enough memory; free some, raise the limit (ulimit -v) or build in parts"
_THREADS = "no more threads can be started; raise the limits (ulimit -u, ulimit -v)"
_ENGINE = (
    "DuckDB needs more memory than it may take; raise it with `laion-assets build --memory 4GB`"
)
#: What is used up or closed to everything; no source file is to blame for it.
_EXHAUSTED = frozenset(
    (
        errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EMFILE, errno.ENFILE,
    )
)  # fmt: skip

#: What SQLite says, and what to say of the history of builds.
_HISTORY: Mapping[str, str] = {
    "full": f"cannot be written: {_REFUSALS[errno.ENOSPC]}",
    "readonly": "cannot be written; make it writable for this user",
    "locked": "is held by another program; close it (such as `make dev`) and run it again",
    "unable to open": "cannot be opened; make it readable and writable for this user, and raise "
    "the limit of open files (ulimit -n 1024)",
    "disk I/O error": "cannot be written (disk, memory or a limit such as ulimit -f); make room "
    "and run it again",
}
_DAMAGED = "is damaged; move that folder away and build again: it starts anew, all else stays"

_TEMPORARY = re.compile(re.escape(TEMPORARY_PREFIX) + r"[0-9a-f]{12}-")
_QUOTED_PATH = re.compile(r"""["'](/[^"'\n]*)["']""")
#: Libraries whose errors carry what the system said as words only.
_IN_WORDS = ("duckdb", "_duckdb", "pyarrow", "numba", "llvmlite", "obstore")


def explain(error: BaseException, place: Path | None = None) -> UserError | None:
    """Return an error as the one line a user can act on; None when it is a defect of ours.

    What libraries wrapped is unwrapped. `place` is the build directory; it is named where the error
    names no file.
    """
    for cause in _causes(error):
        if isinstance(cause, UserError):
            return cause
        said = _refusal(cause, place)
        if said is not None:
            return UserError(said)
    return None


def refuse_exhausted(error: BaseException) -> None:
    """Raise the machine's refusal where one is behind the error: no file is to blame for it."""
    for cause in _causes(error):
        if _of_memory(cause) is not None or _code(cause) in _EXHAUSTED:
            said = _refusal(cause, None)
            raise UserError(str(said)) from error


def is_of_memory(error: BaseException) -> bool:
    """Tell whether memory ran out, and neither the disk nor threads: less work may fit."""
    return any(_of_memory(cause) in (_MEMORY, _ENGINE) for cause in _causes(error))


def is_of_history(error: BaseException) -> bool:
    """Tell whether the history of builds cannot be read or written."""
    return any(isinstance(cause, sqlite3.Error) for cause in _causes(error))


def root_cause(error: BaseException) -> BaseException:
    """Return what an error of Dagster's wraps; any other error as it is."""
    while type(error).__module__.startswith("dagster") and error.__cause__ is not None:
        error = error.__cause__
    return error


def first_line(error: BaseException) -> str:
    """Return the kind of an error and the first line of what it says, not too long."""
    said = str(error).strip().partition("\n")[0]
    words = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


_LONGEST = 300


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, what caused it, what caused that ..."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        hidden = None if cause.__suppress_context__ else cause.__context__
        waiting += [cause.__cause__ or hidden]
        if isinstance(cause, BaseExceptionGroup):
            waiting += reversed(cause.exceptions)


def _refusal(error: BaseException, place: Path | None) -> str | None:
    if isinstance(error, sqlite3.Error):
        return _of_history(error, place)
    memory = _of_memory(error)
    if memory is not None:
        return f"{place}: {memory}" if place is not None else memory
    code = _code(error)
    if code is None:
        return None
    where = _file_of(error) or (str(place) if place is not None else "")
    return f"{where}: {_REFUSALS[code]}" if where else _REFUSALS[code]


def _of_memory(error: BaseException) -> str | None:
    said = str(error)
    if type(error).__name__ == "OutOfMemoryException":  # DuckDB's; this room needs no DuckDB
        # Its spill file may take most of what is free on the disk, and no more.
        full = "max_temp_directory_size" in said
        return _REFUSALS[errno.ENOSPC] if full else _ENGINE
    if isinstance(error, MemoryError) or "bad_alloc" in said or "bad allocation" in said:
        return _MEMORY
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return _MEMORY
    if isinstance(error, RuntimeError | OSError) or _in_words(error):
        if "start new thread" in said or "worker thread" in said or "thread constructor" in said:
            return _THREADS
        if os.strerror(errno.ENOMEM) in said:
            return _MEMORY
    return None


def _code(error: BaseException) -> int | None:
    """Return the number of the system's refusal, as given or from the words of a library."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno if error.errno in _REFUSALS else None
    if isinstance(error, OSError) or _in_words(error):
        said = str(error)
        return next((code for code in _REFUSALS if os.strerror(code) in said), None)
    return None


def _in_words(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] in _IN_WORDS


def _file_of(error: BaseException) -> str | None:
    """Return the file an error names, by the name it would get once it is whole."""
    name = getattr(error, "filename", None)
    if not isinstance(name, str | bytes):
        found = _QUOTED_PATH.search(str(error))
        name = found[1] if found else None
    return _TEMPORARY.sub("", os.fsdecode(name)) if name else None


def _of_history(error: sqlite3.Error, place: Path | None) -> str:
    """Return what is wrong with Dagster's history: nothing else here lies in SQLite files."""
    folder = "dagster" if place is None else str(place / "dagster")
    said = str(error)
    advice = next((advice for words, advice in _HISTORY.items() if words in said), _DAMAGED)
    return f"{folder}: the history of builds {advice} ({said})"
