"""Making one file's output in another process, maybe of another machine: what it is told and does.

Lives here: the job as it travels, seeing to it that code and inputs are those of whoever sends it,
telling what went wrong in words that travel back. Not here: which machine it is (`on_ray`), stamps
and the lock, which stay with the sender.
"""

from __future__ import annotations

import platform
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.memory import keep_less_memory
from laion_assets.core.build.code_version import code_version
from laion_assets.core.build.faults import fault_of_file
from laion_assets.core.build.plan import inputs_of
from laion_assets.core.build.settings import load_settings
from laion_assets.core.build.spill import sweep_spills
from laion_assets.core.build.stamps import describe_outputs
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.sources.finding import SourceFile
from laion_assets.making.made import Made, Outcome
from laion_assets.making.source_files import MAKERS

#: Seconds for which a network file system may not show what another machine has just written.
_UNSEEN = 15.0
_LOOK_AGAIN = 0.5
#: Seconds between two messages about the rows that are done.
_TELL = 1.0


@dataclass(frozen=True)
class Job:
    """One output of one source file, to be made from what the sender sees."""

    root: Path  # of the build directory, the same folder wherever the job goes
    asset: str
    source: SourceFile
    code: str
    inputs: Mapping[str, str]
    memory: int  # bytes that DuckDB may take

    @property
    def key(self) -> str:
        """The partition key."""
        return self.source.key


def make_far_away(job: Job, tell: Callable[[str, int], None]) -> Outcome:
    """Make the output, and `tell` the key and the rows that are done once a second.

    Its files are returned with their digests, so that the sender need not read them.
    """
    keep_less_memory()
    try:
        workspace = _open(job)
        workspace.within = _Teller(partial(tell, job.key))
        config = workspace.engine | {"memory_limit": f"{job.memory}B"}
        with workspace.connect(config) as connection:
            made = MAKERS[job.asset](workspace, connection, job.key)
        return Outcome(replace(made, outputs=_described(job.root, made)))
    except Exception as error:  # noqa: BLE001 - whoever sent it says what it means
        return _told(job, error)


def _open(job: Job) -> Workspace:
    """Return the build directory as the sender sees it; UserError where that is not to be had."""
    here = platform.node()
    settings = load_settings(job.root)
    if settings is None:
        raise UserError(
            f"{here} does not see the build directory {job.root}; it has to be on a file system "
            "that every node has at that path"
        )
    if code_version(job.asset) != job.code:
        raise UserError(
            f"the code of laion-assets on {here} is not the same as here; install the same "
            "version, and the same libraries, on every node"
        )
    scratch = Path(tempfile.gettempdir()) / "laion-assets-spill"
    sweep_spills(scratch)
    workspace = Workspace(job.root, settings, scratch=scratch)
    workspace.sources.take(job.source)
    patience = time.monotonic() + _UNSEEN
    while inputs_of(workspace, job.asset, job.key) != job.inputs:
        if time.monotonic() > patience:
            raise UserError(
                f"{here} does not see the same lists, settings or files as here for "
                f"{job.source.relative}; every node has to have them at the same paths"
            )
        time.sleep(_LOOK_AGAIN)
    return workspace


def _described(root: Path, made: Made) -> Mapping[str, tuple[str, int]]:
    outputs = made.outputs
    return outputs if isinstance(outputs, Mapping) else describe_outputs(root, list(outputs))


def _told(job: Job, error: Exception) -> Outcome:
    """Return an error in a form that travels: many an exception cannot be pickled."""
    try:
        fault = fault_of_file(job.asset, error, job.root)
    except UserError as refused:
        return Outcome(error=refused)
    if fault is not None:
        return Outcome(fault=fault)
    return Outcome(error=error if isinstance(error, UserError) else UserError(str(error)))


class _Teller:
    """Passes on how many rows are done, from time to time."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self._next = 0.0

    def __call__(self, rows: int) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _TELL
            self._tell(rows)
