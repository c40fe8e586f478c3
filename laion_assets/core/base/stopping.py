"""Stopping work in another thread between two of its writes.

Python interrupts its main thread alone: what was begun elsewhere goes on until it looks here. Lives
here: the flag a thread works under, and looking at it. Not here: which threads there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, local


class Stopped(BaseException):
    """Nobody waits for this any more; no handler of errors takes it for one."""


_working = local()


@contextmanager
def stopped_by(flag: Event) -> Iterator[None]:
    """Do what is inside, in this thread, only until somebody sets the flag."""
    _working.flag = flag
    try:
        yield
    finally:
        _working.flag = None


def go_on() -> None:
    """Raise Stopped where what this thread works on is to end."""
    flag: Event | None = getattr(_working, "flag", None)
    if flag is not None and flag.is_set():
        raise Stopped
