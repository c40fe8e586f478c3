"""Several processes make what one would, in its order, and none outlives what started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from laion_assets.core.base.processes import in_processes

_ENDLESS = """
from tests.core.base.test_processes import begin, slow
from laion_assets.core.base.processes import in_processes
if __name__ == "__main__":
    for pid in in_processes(begin, 0.0, slow, 100, 2):
        print(pid, flush=True)
"""
_given: list[float] = []


def begin(given: float) -> None:
    """Remember what a process was given."""
    _given.append(given)


def place(number: int) -> tuple[int, int]:
    """Return which process made what of what it was given, the later the sooner."""
    time.sleep(_given[0] / (number + 1))
    return number, os.getpid()


def slow(_: int) -> int:
    """Return which process this is, after a while."""
    time.sleep(0.2)
    return os.getpid()


def refuse(number: int) -> int:
    """Raise for one of the numbers."""
    if number == 3:
        raise ValueError("three")
    return number


def test_what_is_made_comes_in_order() -> None:
    """Whoever is done first waits for those before; the work is shared."""
    made = list(in_processes(begin, 0.4, place, 8, 2))
    assert [number for number, _ in made] == list(range(8))
    assert len({pid for _, pid in made}) == 2
    assert os.getpid() not in {pid for _, pid in made}


def test_what_is_raised_there_is_raised_here() -> None:
    """What was made before it is taken; then the error, as it was."""
    found = []
    with pytest.raises(ValueError, match="three"):
        found.extend(in_processes(begin, 0.0, refuse, 8, 2))


def test_processes_end_with_the_one_that_started_them() -> None:
    """Killed, with nothing left to run in it, it leaves no process behind."""
    parent = subprocess.Popen([sys.executable, "-c", _ENDLESS], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    workers = {int(parent.stdout.readline()) for _ in range(4)}
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        if not any(map(_lives, workers)):
            return
        time.sleep(0.1)
    pytest.fail("a process outlived the one that started it")


def _lives(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        # One that has ended and that nobody asked about is there by its number still.
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return False
