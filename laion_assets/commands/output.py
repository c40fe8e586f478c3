"""Standard output that cannot be written: closed, a full disk, or an encoding without the letters.

Lives here: telling an error of output from one of the build's, and what is printed of characters
that the terminal's encoding does not have. Not here: what is printed.
"""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any

_CLOSED_PIPE = 128 + signal.SIGPIPE  # what a shell calls a program that wrote to a closed pipe
_NAME = "standard output"


#: What stands for punctuation of ours; any other character is written as JSON escapes it.
_PLAIN = str.maketrans(
    dict(zip("…–—‘’“”→·", ("...", "-", "-", "'", "'", "'", "'", "->", "|"), strict=True))  # noqa: RUF001 - what is replaced
)
_ESCAPING = "laion-assets.escape"


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Return what is written instead of characters that an encoding lacks (see `codecs`)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_PLAIN)
    return "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in text), error.end


codecs.register_error(_ESCAPING, _escaped)


def to_json(value: Any) -> str:
    """Return JSON for standard output: exact in any encoding."""
    is_utf8 = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    return json.dumps(value, ensure_ascii=not is_utf8, indent=2)


class _Output(io.FileIO):
    """Standard output, whose errors name it: otherwise they look like those of a file."""

    def write(self, content: Any) -> int:
        """Write, and name what could not be written."""
        try:
            return super().write(content) or 0
        except OSError as error:
            raise OSError(error.errno, error.strerror, _NAME) from error


def hold_standard_streams() -> None:
    """Open what was closed (`>&-`), or the first file of the build would be standard output."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, closefd=False))
    sys.stdout.flush()
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_Output(1, "w", closefd=False)),
        encoding=sys.stdout.encoding,
        errors=_errors_of(sys.stdout),
        line_buffering=os.isatty(1),
    )
    sys.stderr.reconfigure(errors=_ESCAPING)  # type: ignore[union-attr]


def _errors_of(stream: Any) -> str:
    """Return how a stream treats what its encoding lacks: never by an error."""
    return _ESCAPING if stream.errors in _FAILING else str(stream.errors)


_FAILING = ("strict", "surrogateescape", "surrogatepass")


def flush_output() -> None:
    """Print what still waits in a buffer, so that a failure to do so is told and not lost."""
    sys.stdout.flush()


def explain_output(error: BaseException) -> tuple[str, int] | None:
    """Return the line (none for a closed pipe) and exit code when printing failed, else None."""
    if not isinstance(error, OSError) or error.filename != _NAME:
        return None
    with suppress(OSError):  # what waits goes nowhere, or Python complains once more at the end
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 1)
        os.close(devnull)
    if error.errno == errno.EPIPE:  # who reads it has read enough
        return "", _CLOSED_PIPE
    return f"{_NAME} cannot be written ({error.strerror})", 1
