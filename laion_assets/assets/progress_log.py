"""Progress in the log of a run: nobody wonders whether a step of minutes still works.

Lives here: a line every ten seconds with what is done, how fast, and how long it will take. Not
here: the bar on a terminal (`commands.terminal`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from laion_assets.core.base.progress import Progress

EVERY = 10.0  # seconds


class _Line:
    """How far a step is; told by whoever works, said by a thread of its own."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._started = time.monotonic()
        self._what, self._done, self._total = "", 0, 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def advance(self, what: str, done: int, total: int) -> None:
        if what != self._what:
            self._started = time.monotonic()
        self._what, self._done, self._total = what, done, total

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            self._say(told(self._what, self._done, self._total, time.monotonic() - self._started))


def told(what: str, done: int, total: int, seconds: float) -> str:
    """Return the line for a step that is so far after so many seconds."""
    if not done or done > total:
        return f"{what or 'working'}: {seconds:,.0f} seconds so far"
    rate = done / seconds if seconds else 0.0
    left = (total - done) / rate if rate else 0.0
    speed = f"{rate:,.0f}" if rate >= 1 else f"{rate:.2f}"
    return f"{what}: {done:,} of {total:,}, {speed} a second, {left:,.0f} seconds left"


@contextmanager
def logged(say: Callable[[str], None]) -> Iterator[Progress]:
    """Return a progress that is said every ten seconds until the block ends."""
    line = _Line(say)
    line.start()
    try:
        yield line.advance
    finally:
        line.end()
