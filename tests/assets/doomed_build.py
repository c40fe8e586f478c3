"""A build in a process of its own that signals itself at a chosen moment; for test_crash.py.

Such a process is forked from one that has everything imported: importing it all again takes as long
as a small build.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import laion_assets.assembly  # noqa: F401 - what a build imports late, here before the fork
from laion_assets import refresh
from laion_assets.cli import main
from laion_assets.core.base import package
from tests.building import history_in_memory

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code, negative for a signal, and what it wrote."""

    code: int | None
    output: str
    error: str


def run_doomed(
    folder: Path, lists: Path, number: signal.Signals, moment: str, *arguments: str, history: bool
) -> Ended:
    """Run `laion-assets` with small lists; what it writes is kept in a folder meanwhile.

    `moment` is MODULE:FUNCTION:TEXT; the function may be a method (`Class.method`). The signal
    comes just before the first call of it whose arguments, written out, hold the text. `history`
    tells whether Dagster's goes to the disk.
    """
    written = (folder / "stdout", folder / "stderr")
    process = _CONTEXT.Process(
        target=_run, args=(written, lists, number, moment, arguments), kwargs={"history": history}
    )
    process.start()
    process.join()
    return Ended(process.exitcode, *(path.read_text(encoding="utf-8") for path in written))


def _run(
    written: tuple[Path, Path],
    lists: Path,
    number: signal.Signals,
    moment: str,
    arguments: Sequence[str],
    *,
    history: bool,
) -> None:
    for descriptor, path in enumerate(written, start=1):
        with path.open("wb") as file:
            os.dup2(file.fileno(), descriptor)
    sys.stdout, sys.stderr = (
        open(n, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - a descriptor
        for n in (1, 2)
    )
    package.LISTS = lists
    if not history:
        refresh._instance = history_in_memory
    _doom(number, moment)
    main(list(arguments))


def _doom(number: signal.Signals, moment: str) -> None:
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
