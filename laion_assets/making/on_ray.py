"""Files of a step as tasks of a Ray cluster: one task for each, whichever node has room.

Lives here: connecting, what a task is said to need, giving lost files to another worker, ending
what is under way. Not here: what a task does (`far_away`). The sender holds the lock and writes the
stamps; a task only writes the files of its output, each by a rename.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Self

import ray
from ray import exceptions as lost

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import take_sha256
from laion_assets.core.build.code_version import code_version
from laion_assets.core.build.description import rows_of
from laion_assets.core.build.faults import Fault
from laion_assets.core.build.plan import inputs_of
from laion_assets.core.build.settings import memory_bytes
from laion_assets.core.build.workspace import Workspace
from laion_assets.making.far_away import Job, make_far_away
from laion_assets.making.made import Outcome

#: Bytes that a worker takes whatever its file (libraries, compiled code: what one held at most with
#: 60,000 rows, docs/scale.md), and for each row of it besides, which is reckoned.
_WORKER, _ROW = 700_000_000, 500
#: The least that DuckDB is given, bytes.
_LEAST = 256_000_000
#: Times that a file is given to another worker when one is lost.
_AGAIN = 3
#: Tasks that wait for each that works: enough that no node is ever idle.
_AHEAD = 2
_PATIENCE = 0.5  # seconds between two looks at how far the tasks are
_PORT = 6379  # of a head, where nobody chose another
_REACH = 10.0  # seconds in which a head answers
_ENDING = 10.0  # seconds that cancelled tasks are waited for


@dataclass(frozen=True)
class Node:
    """What the largest node offers: cores, and bytes of memory."""

    cores: int
    memory: int


@dataclass
class Cluster:
    """Makes one asset of several files on the cluster that the settings name."""

    asset: str
    workspace: Workspace
    _jobs: dict[Any, Job] = field(default_factory=dict)  # by what Ray calls the result
    _of_file: dict[str, Workspace] = field(default_factory=dict)
    _board: Any = None  # Ray's handles have no types

    def __enter__(self) -> Self:
        connect(self.workspace.settings.engine)
        self._node, self._workers = _measure()
        # Beside the sender: what a lost node knew of the others is of use.
        here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            ray.get_runtime_context().get_node_id(), soft=True
        )
        options = {"num_cpus": 0, "max_restarts": -1, "scheduling_strategy": here}
        self._board = ray.remote(_Board).options(**options).remote()
        self._make = ray.remote(_make)
        return self

    def __exit__(self, *_: object) -> None:
        for result in self._jobs:
            with suppress(Exception):
                ray.cancel(result, force=True)
        if self._jobs:  # what they were writing is swept up by whoever holds the lock next
            with suppress(Exception):
                ray.wait(list(self._jobs), num_returns=len(self._jobs), timeout=_ENDING)
        with suppress(Exception):
            ray.kill(self._board)

    def begin(self, key: str, workspace: Workspace) -> Iterator[tuple[str, Outcome]]:
        """Have a file worked on; yield those that are done by then, in no order."""
        while len(self._jobs) >= self._workers * _AHEAD:
            yield from self._done()
        inputs = inputs_of(workspace, self.asset, key)
        if inputs is None:
            raise UserError(f"{self.asset}: something it is made from is missing; build again")
        self._of_file[key] = workspace
        self._send(
            Job(
                root=workspace.root,
                asset=self.asset,
                source=workspace.sources.find(key),
                code=code_version(self.asset),
                inputs=inputs,
                memory=max(_LEAST, min(self._whole, _ROW * rows_of(workspace, key))),
            )
        )

    def rest(self) -> Iterator[tuple[str, Outcome]]:
        """Yield those that were begun and not told of."""
        while self._jobs:
            yield from self._done()

    @property
    def _whole(self) -> int:
        """What DuckDB may take by the settings, bytes."""
        given = memory_bytes(self.workspace.settings.memory)
        return given if given is not None else self._node.memory

    def _send(self, job: Job) -> None:
        # Two threads for each core that is asked for, as a second file fills what one leaves idle.
        cores = max(1, self.workspace.settings.threads // 2)
        task = self._make.options(
            name=f"{job.asset} {job.source.relative}",
            num_cpus=min(cores, self._node.cores),
            memory=min(_WORKER + job.memory, self._node.memory),
            max_retries=_AGAIN,
        )
        self._jobs[task.remote(job, self._board)] = job

    def _done(self) -> Iterator[tuple[str, Outcome]]:
        """Yield what is done; wait for the next a while, and tell how far the others are."""
        done, _ = ray.wait(list(self._jobs), timeout=_PATIENCE)
        for result in done:
            job = self._jobs.pop(result)
            outcome = _outcome(result, job)
            if _wants_more(outcome) and job.memory < self._whole:
                self._send(replace(job, memory=self._whole))
                continue
            self._of_file.pop(job.key, None)
            _trust(job, outcome)
            yield job.key, outcome
        with suppress(lost.RayError):
            for key, rows in ray.get(self._board.rows.remote(), timeout=_PATIENCE).items():
                if key in self._of_file:
                    self._of_file[key].within(rows)


def connect(engine: str) -> None:
    """Connect this process to a cluster, once: the one named, RAY_ADDRESS's, or one of its own.

    The address is that of the cluster's head as `ray start` prints it, not of Ray's client server:
    this machine is one of its nodes, since it has their files. One of its own listens on this
    machine alone and ends with the process. Raises UserError when there is nobody at the address.
    """
    if ray.is_initialized():
        return
    address = _address(engine) or os.environ.get("RAY_ADDRESS")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if not address:
        quiet |= {"include_dashboard": False}
    try:
        _reach(address or "")
        with _signals_as_they_were():
            ray.init(address=address or "local", **quiet)
    except (OSError, lost.RayError, RuntimeError, ValueError) as error:
        raise UserError(
            f"no Ray cluster answers at {address or 'this machine'} ({_first(error)}); start one "
            "and join it (`ray start --address HOST:6379`), or build with --engine local"
        ) from error


@contextmanager
def _signals_as_they_were() -> Iterator[None]:
    """Keep whoever minds SIGTERM: Ray takes it for a plain end of the process."""
    minded = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if minded is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, minded)


def _address(engine: str) -> str:
    """Return the host and port that an engine names; nothing where it names none."""
    named = engine.partition("://")[2]
    return named if ":" in named or not named else f"{named}:{_PORT}"


def _reach(address: str) -> None:
    """Raise OSError where nobody listens: Ray would try for minutes, and tell of each time."""
    host, _, port = address.rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=_REACH).close()


def _measure() -> tuple[Node, int]:
    """Return the largest node, and how many files the cluster works on at once, about."""
    nodes: Any = ray.nodes
    offered = [node["Resources"] for node in nodes() if node["Alive"]]
    cores = [int(resources.get("CPU", 0)) for resources in offered]
    memory = [int(resources.get("memory", 0)) for resources in offered]
    return Node(max([1, *cores]), max([_WORKER + _LEAST, *memory])), max(1, sum(cores))


def _make(job: Job, board: Any) -> Outcome:
    """Run in a worker."""

    def tell(key: str, rows: int) -> None:
        board.tell.remote(key, rows)

    return make_far_away(job, tell)


class _Board:
    """Where workers write how many rows of a file are done."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}

    def tell(self, key: str, rows: int) -> None:
        self._rows[key] = rows

    def rows(self) -> Mapping[str, int]:
        return self._rows


def _outcome(result: Any, job: Job) -> Outcome:
    """Return what a task returned, or what is to be said of one that never did."""
    try:
        outcome: Outcome = ray.get(result)
    except lost.OutOfMemoryError:
        return Outcome(fault=Fault(f"{job.asset}: {_MEMORY}", passing=True, of_memory=True))
    except (lost.WorkerCrashedError, lost.NodeDiedError, lost.LocalRayletDiedError) as error:
        reason = f"{job.asset}: its worker was lost {_AGAIN + 1} times ({_first(error)})"
        return Outcome(fault=Fault(reason, passing=True))
    except lost.RayTaskError as error:
        raise UserError(f"a Ray worker cannot run laion-assets: {_first(error.cause)}") from error
    except lost.RayError as error:
        raise UserError(f"the Ray cluster is lost: {_first(error)}; build again") from error
    return outcome


_MEMORY = "its node has not enough memory for it; use larger nodes, or split the file"


def _trust(job: Job, outcome: Outcome) -> None:
    """Spare the sender to read what workers wrote, as it does not read what it wrote itself."""
    outputs = outcome.made.outputs if outcome.made is not None else {}
    assert isinstance(outputs, Mapping)  # noqa: S101 - so a task returns them
    for path, (digest, _) in outputs.items():
        with suppress(OSError):
            take_sha256(job.root / path, digest)


def _wants_more(outcome: Outcome) -> bool:
    return outcome.fault is not None and outcome.fault.of_memory


def _first(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
