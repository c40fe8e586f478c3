"""Run `laion-assets` with small lists, and signal itself at a chosen moment; for test_crash.py.

Usage: doomed_build.py LISTS HISTORY SIGNAL MODULE:FUNCTION:TEXT ARGUMENT... HISTORY is where
Dagster's goes: `disk` or `memory`. The function may be a method (`Class.method`); the signal (such
as SIGKILL) comes just before the first call of it whose arguments, written out, hold the text.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # the tests, which are not installed

from laion_assets import refresh
from laion_assets.cli import main
from laion_assets.core.base import package
from tests.building import history_in_memory


def doom(number: signal.Signals, moment: str) -> None:
    """Arrange for the process to be signalled just before the chosen call."""
    module_name, path, text = moment.split(":")
    owner: Any = importlib.import_module(module_name)
    *holders, name = path.split(".")
    for holder in holders:
        owner = getattr(owner, holder)
    original = getattr(owner, name)

    def doomed(*arguments: Any, **named: Any) -> Any:
        if text in f"{arguments} {named}":
            os.kill(os.getpid(), number)
        return original(*arguments, **named)

    setattr(owner, name, doomed)


if __name__ == "__main__":
    package.LISTS = Path(sys.argv[1])
    if sys.argv[2] == "memory":
        refresh._instance = history_in_memory
    doom(signal.Signals[sys.argv[3]], sys.argv[4])
    main(sys.argv[5:])
