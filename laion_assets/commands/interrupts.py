"""Ctrl-C and SIGTERM: both stop a command in the same way, and the exit code says which it was.

Lives here: noticing signals. Not here: what is cleaned up when one comes (whoever holds something),
the line that is printed (`shared`).
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SHELL = 128  # an exit code above it names a signal, by the shells' convention


@contextmanager
def noticed_signals() -> Iterator[Callable[[], int]]:
    """Let SIGTERM interrupt like Ctrl-C; yield what tells the exit code of the signal that came.

    Dagster puts handlers of its own in the place of ours while a step runs, one for both signals;
    so their numbers are taken from Python's wake-up file, which no handler changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: _SHELL + signal.SIGINT
        return
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    woken = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def code() -> int:
        try:
            numbers = os.read(reading, 4096)
        except BlockingIOError:
            numbers = b""
        came = [n for n in numbers if n in (signal.SIGINT, signal.SIGTERM)]
        return _SHELL + (came[0] if came else signal.SIGINT)

    try:
        yield code
    finally:
        signal.set_wakeup_fd(woken)
        signal.signal(signal.SIGTERM, before)
        os.close(reading)
        os.close(writing)
