"""Ctrl-C, SIGTERM and SIGHUP: each stops a command likewise; the exit code says which it was.

Lives here: noticing signals, from the first import on. Imports nothing that takes time. Not here:
what is cleaned up when one comes (whoever holds something), any other error (`shared`).
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

STOPPED = "laion-assets: stopped; what is built is whole, run it again to continue"
_SHELL = 128  # an exit code above it names a signal, by the shells' convention
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Noticed:
    """The signals that came during one command, whoever's handler they met.

    Dagster puts handlers of its own in the place of ours while a step runs, one for all signals; so
    their numbers are taken from Python's wake-up file, which no handler changes.
    """

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        for end in (self._reading, self._writing):
            os.set_blocking(end, False)
        self._lock = threading.Lock()
        self._numbers: list[int] = []
        self._told = False
        self._before = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        with suppress(RuntimeError):  # without a thread to spare, only the first signal is minded
            self._watcher.start()

    def numbers(self) -> list[int]:
        """Return the numbers of the signals that came, in their order."""
        with self._lock:
            with suppress(BlockingIOError):
                self._numbers += [n for n in os.read(self._reading, 4096) if n in _STOPPING]
            return list(self._numbers)

    def tell(self) -> int:
        """Say, once, that the command was stopped; return the exit code."""
        for number in _STOPPING:  # one more changes nothing any more
            signal.signal(number, signal.SIG_IGN)
        came = self.numbers()
        with self._lock:
            if not self._told:
                self._told = True
                _say()
        return _SHELL + (came[0] if came else signal.SIGINT)

    def close(self) -> None:
        """Stop noticing."""
        signal.set_wakeup_fd(self._before)
        os.close(self._writing)  # which ends the watcher
        if self._watcher.ident is not None:
            self._watcher.join()
        os.close(self._reading)

    def _watch(self) -> None:
        """End the process at once when a second signal comes: what is built is whole at any moment.

        The first one raises an error in the main thread, whose cleaning up may take long.
        """
        waiting = select.poll()
        waiting.register(self._reading, select.POLLIN)
        while True:
            for _, event in waiting.poll():
                if len(self.numbers()) > 1:
                    self._end_now()
                if event & select.POLLHUP:
                    return

    def _end_now(self) -> NoReturn:
        code = _SHELL + self._numbers[0]
        with self._lock:
            if not self._told:
                self._told = True
                _say_at_once()
        os._exit(code)


_noticed: _Noticed | None = None


def stopped() -> bool:
    """Tell whether a signal to stop came: whatever error it led to, that is why."""
    return _noticed is not None and bool(_noticed.numbers())


def end_at_once(code: object) -> None:
    """End a process that failed with its exit code, past Python's own end.

    There another signal could disturb, threads could hold it up, libraries complain of what an
    error still holds, and an interrupt that went through an import is taken for one nobody caught.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else 1)


def tell_stopped() -> int:
    """Say that the command was stopped; return the exit code that names the signal."""
    if _noticed is not None:
        return _noticed.tell()
    _say()
    return _SHELL + signal.SIGINT


@contextmanager
def noticed_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP interrupt as Ctrl-C does, but for those the caller had ignored."""
    global _noticed  # noqa: PLW0603 - a process has one set of signals
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _STOPPING}
    outer, _noticed = _noticed, _Noticed()
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # as under nohup, or in the background of a script
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            if not _noticed.numbers():
                signal.signal(number, handler)
        _noticed.close()
        _noticed = outer


@contextmanager
def stopped_at_once() -> Iterator[None]:
    """End the process at once, with the line and exit code, when a signal comes in the block.

    For the first moments, when there is nothing to clean up and nobody to catch an error.
    """

    def stop(number: int, _: FrameType | None) -> None:
        _say_at_once()
        os._exit(_SHELL + number)

    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.getsignal(number) for number in _STOPPING}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say_at_once() -> None:
    """Print the line past Python's buffers, which the thread that is ended may hold."""
    with suppress(OSError):
        os.write(2, f"{STOPPED}\n".encode())


def _say() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            if stream is sys.stderr:
                stream.write(f"{STOPPED}\n")
            stream.flush()
