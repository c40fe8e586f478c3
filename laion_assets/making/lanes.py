"""Several files of a step at once, told of in their order.

A file's own threads leave a third of two cores idle where one thing waits for another; a second
file fills that. Lives here: how many lanes there are, an engine for each, ending them. Not here:
what is made of a file (`source_files`), or what is noted of it (`laion_assets.assets`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue
from threading import Event
from typing import Any, Self

import duckdb

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.stopping import stopped_by
from laion_assets.core.build.settings import Settings, memory_bytes
from laion_assets.core.build.workspace import Workspace
from laion_assets.making.made import Made, MakeFile, Outcome
from laion_assets.shared_engine import SharedEngine

#: Of the setting `memory`, for each file that is worked on: about what one takes (bench/README.md).
_LANE_MEMORY = 10**9

_AGAIN = 0.05  # seconds between two looks at what is to end

#: Makes something of one file with a connection of its own.
Work = Callable[[duckdb.DuckDBPyConnection], Made]


def count_lanes(settings: Settings) -> int:
    """Return how many files to work on at once: one for each thread and each GB of memory."""
    return max(1, min(settings.threads, (memory_bytes(settings.memory) or 0) // _LANE_MEMORY))


@dataclass
class _Waiting:
    key: str
    work: Work
    future: Future[Outcome]


@dataclass
class Lanes:
    """Works on files at once; a context manager, which ends what is under way.

    Engines share what DuckDB may take. A file that finds this too little, or meets anything else
    that may be its neighbour's doing (CPython 3.11 refuses to parse Python in two threads at the
    same moment), is tried again alone, with all of it: what a file comes to depends on no other.
    """

    make: MakeFile
    settings: Settings
    config: Mapping[str, Any]  # of an engine that has everything
    alone: bool = False  # one file after the other
    _stack: ExitStack = field(default_factory=ExitStack)
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _stop: Event = field(default_factory=Event)

    def __enter__(self) -> Self:
        self._count = 1 if self.alone else count_lanes(self.settings)
        self._whole = self._stack.enter_context(self._engine(self.config))
        self._engines: SimpleQueue[SharedEngine] = SimpleQueue()
        self._every = [
            self._stack.enter_context(self._engine(self._share(number))) for number in self._lanes
        ]
        for engine in self._every:
            self._engines.put(engine)
        self._pool = self._stack.enter_context(ThreadPoolExecutor(max(1, len(self._every))))
        return self

    @property
    def _lanes(self) -> range:
        return range(self._count if self._count > 1 else 0)

    def _engine(self, config: Mapping[str, Any]) -> SharedEngine:
        # Of its own, not the run's: it is left when a file goes wrong.
        return SharedEngine(partial(duckdb.connect, ":memory:", config=dict(config)))

    def _share(self, number: int) -> Mapping[str, Any]:
        memory = (memory_bytes(self.settings.memory) or 0) // self._count
        return {
            **self.config,
            "memory_limit": f"{memory}B",
            # Engines would take each other's files for their own.
            "temp_directory": f"{self.config['temp_directory']}/{number}",
        }

    def __exit__(self, *_: object) -> None:
        self._stop.set()  # what is under way is of no use to anybody
        for waiting in self._waiting:
            waiting.future.cancel()
        while any(waiting.future.running() for waiting in self._waiting):
            for engine in self._every:
                engine.interrupt()
            time.sleep(_AGAIN)
        self._stack.close()

    def begin(self, key: str, workspace: Workspace) -> Iterator[tuple[str, Outcome]]:
        """Have a file worked on; yield those before it that are done by then."""

        def work(connection: duckdb.DuckDBPyConnection) -> Made:
            return self.make(workspace, connection, key)

        if not self._lanes:
            yield key, _outcome(self._whole, work)
            return
        while len(self._waiting) >= self._count:
            yield self._take()
        self._waiting.append(_Waiting(key, work, self._pool.submit(self._in_lane, work)))

    def rest(self) -> Iterator[tuple[str, Outcome]]:
        """Yield those that were begun and not told of."""
        while self._waiting:
            yield self._take()

    def _take(self) -> tuple[str, Outcome]:
        first = self._waiting[0]
        outcome = first.future.result()
        if outcome.error is not None and not isinstance(outcome.error, UserError):
            for other in self._waiting:
                other.future.result()  # kept for its turn
            outcome = _outcome(self._whole, first.work)
        self._waiting.popleft()
        return first.key, outcome

    def _in_lane(self, work: Work) -> Outcome:
        with self._lane() as engine, stopped_by(self._stop):
            return _outcome(engine, work)

    @contextmanager
    def _lane(self) -> Iterator[SharedEngine]:
        engine = self._engines.get()
        try:
            yield engine
        finally:
            self._engines.put(engine)


def _outcome(engine: SharedEngine, work: Work) -> Outcome:
    try:
        with engine.connection() as connection:
            return Outcome(work(connection))
    except Exception as error:  # noqa: BLE001 - whoever began it says what it means
        return Outcome(error=error)
