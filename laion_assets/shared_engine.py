"""DuckDB for what is done one after another: one engine, a connection for each file or step.

An engine takes as long to start as a small file to clean. Lives here: sharing one, and leaving it
after something that went wrong, which may have damaged it. Not here: how it is configured
(`core.build.workspace`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Self

import duckdb

#: Starts an engine, which is closed at the end of the context.
Start = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]


class SharedEngine:
    """An engine that is started when it is first needed; a context manager, which closes it."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._open = ExitStack()
        self._engine: duckdb.DuckDBPyConnection | None = None
        self._at_work: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Close the engine, if there is one; the next connection starts another."""
        self._engine = None
        self._open.close()

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection of its own: what is registered there is seen nowhere else."""
        if self._engine is None:
            self._engine = self._open.enter_context(self._start())
        try:
            with self._engine.cursor() as connection:
                self._at_work = connection
                yield connection
        except BaseException:
            self.leave()
            raise
        finally:
            self._at_work = None

    def interrupt(self) -> None:
        """End what the connection does now, from another thread."""
        with suppress(duckdb.Error):
            if (connection := self._at_work) is not None:
                connection.interrupt()
