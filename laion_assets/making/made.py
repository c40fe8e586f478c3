"""What making an output comes to, and what became of a file that it was to be made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import duckdb

from laion_assets.core.build.faults import Fault
from laion_assets.core.build.workspace import Workspace


@dataclass(frozen=True)
class Made:
    """What making one output returned: files written, counts for the stamp, metadata for the UI.

    Files are paths, or digests and sizes by their paths below the build directory.
    """

    outputs: Sequence[Path] | Mapping[str, tuple[str, int]]
    counts: Mapping[str, Any] = field(default_factory=dict)


#: Makes one file's output: the workspace, a DuckDB connection, the partition key. It only reads the
#: workspace: others of its kind run at the same time.
MakeFile = Callable[[Workspace, duckdb.DuckDBPyConnection, str], Made]


@dataclass(frozen=True)
class Outcome:
    """What became of a file: `made`, or the `error` that ended it, or the `fault` found in it."""

    made: Made | None = None
    error: Exception | None = None
    fault: Fault | None = None


class Workers(Protocol):
    """Whoever makes one output of several files; a context, which ends what is under way."""

    def begin(self, key: str, workspace: Workspace) -> Iterator[tuple[str, Outcome]]:
        """Have a file worked on, telling `workspace.within`; yield others that are done by then."""

    def rest(self) -> Iterator[tuple[str, Outcome]]:
        """Yield those that were begun and not told of."""
