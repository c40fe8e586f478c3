"""Work that Python does alone, in several processes: rendering holds the interpreter's lock.

Lives here: starting them, taking what they make in order, and seeing to it that none is left. Not
here: what they do (`site.rendering`, `index.warming`).
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from typing import TypeVar

from laion_assets.core.base.memory import collect_rarely

Inputs = TypeVar("Inputs")
Made = TypeVar("Made")

_AHEAD = 2  # parts made for each process before they are taken


def in_processes(
    begin: Callable[[Inputs], None],
    inputs: Inputs,
    make: Callable[[int], Made],
    count: int,
    workers: int,
) -> Iterator[Made]:
    """Yield what `make` returns for each number below `count`, in order.

    `begin` and `make` are functions of a module, called in `workers` processes that are started
    anew: each begins once with the inputs. What one raises is raised here.
    """
    with ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=_begin, initargs=(begin, inputs)
    ) as pool:
        waiting: deque[Future[Made]] = deque()
        try:
            for number in range(count):
                if len(waiting) == workers * _AHEAD:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(make, number))
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(begin: Callable[[Inputs], None], inputs: Inputs) -> None:
    end_with_parent()
    collect_rarely()
    begin(inputs)


def end_with_parent() -> None:
    """Have this process end when the one that started it does, however that goes, and not before.

    Ctrl-C reaches every process of a terminal: whoever waits for this one sees to it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
