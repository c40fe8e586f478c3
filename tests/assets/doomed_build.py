"""Run `laion-assets` with small lists, and kill -9 itself at a chosen moment; for test_crash.py.

Usage: doomed_build.py LISTS MODULE:FUNCTION:CALL ARGUMENT... (a CALL of 0 kills nothing). The
function may be a method (`Class.method`); the process dies just before its CALLth call.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

from laion_assets.cli import main
from laion_assets.core import graph


def doom(moment: str) -> None:
    """Arrange for the process to be killed just before the chosen call."""
    module_name, path, call = moment.split(":")
    owner: Any = importlib.import_module(module_name)
    *holders, name = path.split(".")
    for holder in holders:
        owner = getattr(owner, holder)
    original, left = getattr(owner, name), int(call)

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **named)

    setattr(owner, name, counted)


if __name__ == "__main__":
    graph.LISTS = Path(sys.argv[1])
    doom(sys.argv[2])
    main(sys.argv[3:])
