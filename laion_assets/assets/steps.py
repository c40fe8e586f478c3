"""The step every asset shares: ask the stamp, do the work under the lock, stamp, report.

Lives here: the decorator that turns a plain function into an asset of `core.build.graph`, for
per-file and merged assets. Not here: any asset.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from inspect import cleandoc
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_duckdb import DuckDBResource

from laion_assets.assets.engine import SharedEngine
from laion_assets.assets.external import given_to
from laion_assets.assets.faults import Fault, fault_of_file
from laion_assets.assets.progress_log import logged
from laion_assets.assets.report import code_of, describe_made
from laion_assets.automation import MERGED_CONDITION, PER_FILE_CONDITION
from laion_assets.core.base.errors import ChangedSourceFile, UserError
from laion_assets.core.base.progress import nothing, silent
from laion_assets.core.build.agreement import refuse_disagreement
from laion_assets.core.build.code_version import code_version
from laion_assets.core.build.damage import (
    DamagedInput,
    as_inputs,
    damaged_inputs,
    require_again,
)
from laion_assets.core.build.exporting import refuse_export
from laion_assets.core.build.graph import GRAPH
from laion_assets.core.build.losses import refuse_empty
from laion_assets.core.build.plan import (
    current_error,
    decide,
    forget_if_healed,
    holds_up,
    inputs_of,
    step_inputs,
)
from laion_assets.core.build.source_set import ErrorNote
from laion_assets.core.build.stamps import Stamp, describe_outputs
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.reading.description import read_description
from laion_assets.partitions import ONLY_TELL, SOURCE_FILES
from laion_assets.resources import LOCK_WAIT, BuildDirectory


@dataclass(frozen=True)
class Made:
    """What making one output returned: files written, counts for the stamp, metadata for the UI."""

    outputs: Sequence[Path] | Mapping[str, tuple[str, int]]
    counts: Mapping[str, Any] = field(default_factory=dict)


#: Makes one output: the workspace, a DuckDB connection and, per file, the partition key.
MakeFile = Callable[[Workspace, duckdb.DuckDBPyConnection, str], Made]
MakeMerged = Callable[[Workspace, duckdb.DuckDBPyConnection], Made]


#: Does what several files share before each is made; returns what is wrong with which key.
Prepare = Callable[[Workspace, Sequence[str]], Mapping[str, UserError]]


def per_file_asset(make: MakeFile, prepare: Prepare | None = None) -> dg.AssetsDefinition:
    """Turn a function that makes one file's output into the asset of the same name."""
    name = make.__name__
    node = GRAPH[name]

    def run(
        context: dg.AssetExecutionContext, build: BuildDirectory, duckdb_engine: DuckDBResource
    ) -> None:
        workspace = build.open()
        with workspace.lock.held(wait=LOCK_WAIT), _progress(context, workspace):
            workspace.prepare()
            _forget(workspace, build, name, context.partition_keys)
            problems = prepare(workspace, context.partition_keys) if prepare else {}
            advance = _Advance(workspace, name, context.partition_keys)
            told = ONLY_TELL in context.run.tags
            aside: dict[str, str] = {}
            with SharedEngine(duckdb_engine) as engine:
                for key in context.partition_keys:
                    advance.begin(key)
                    note = workspace.sources.error_note(key) if told else None
                    if note is not None and note.step == name:
                        metadata = {_ASIDE: note.error}
                    elif key in problems:
                        fault = Fault(str(problems[key]))
                        metadata = _set_aside(context, workspace, name, key, fault)
                    else:
                        metadata = _make_file(context, workspace, engine, name, make, key)
                        forget_if_healed(workspace, key)
                    if _ASIDE in metadata:
                        aside[workspace.sources.find(key).relative] = metadata[_ASIDE]
                    context.add_asset_metadata(metadata, asset_key=name, partition_key=key)
            advance.end()
        if len(aside) == len(context.partition_keys):
            raise SetAside(aside)

    with warnings.catch_warnings():
        # single_run is what makes a range of files one run; it is marked beta in Dagster 1.13.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.asset(
            name=name,
            description=cleandoc(make.__doc__ or ""),
            deps=[*node.upstream, *given_to(name)],
            partitions_def=SOURCE_FILES,
            backfill_policy=dg.BackfillPolicy.single_run(),
            code_version=code_version(name),
            automation_condition=PER_FILE_CONDITION,
            group_name=node.group,
            kinds=set(node.kinds),
            metadata=code_of(make),
        )(run)


@contextmanager
def _progress(context: dg.AssetExecutionContext, workspace: Workspace) -> Iterator[None]:
    """Report progress in the run's log where nobody looks at a bar."""
    if workspace.progress is not silent:
        yield
        return
    with logged(context.log.info) as workspace.progress:
        yield


def _forget(
    workspace: Workspace, build: BuildDirectory, name: str, keys: Sequence[str | None]
) -> None:
    """Forget that outputs are up to date, where a run is told to make them again."""
    for key in keys if build.again else ():
        workspace.stamps.void(name, key)


class SetAside(dg.Failure):
    """Every file of a run was set aside: nothing was made, so its partitions are shown as failed.

    In a run that made others Dagster lets no partition fail alone; so a run of its own, tagged
    `ONLY_TELL`, says so of those that could not be made.
    """

    def __init__(self, reasons: Mapping[str, str]) -> None:
        """Take why which file, by its relative path, was set aside."""
        lines = [f"{name}: {reason}" for name, reason in reasons.items()]
        super().__init__(description="\n".join(lines), allow_retries=False)


_ASIDE = "set aside"  # of a file's metadata: why


def _rows_of(workspace: Workspace, key: str) -> int:
    """Return how many rows a file is known to have; 0 where that is not known."""
    with suppress(UserError, OSError):
        return read_description(workspace.paths.description(key)).rows
    return 0


class _Advance:
    """Reports how far a step is that makes one file after another: by their rows, where known."""

    def __init__(self, workspace: Workspace, name: str, keys: Sequence[str]) -> None:
        self._workspace = workspace
        self._name = name
        rows = {key: _rows_of(workspace, key) for key in keys}
        by_rows = name != "raw_parquet" and all(rows.values())
        self._sizes = {key: rows[key] if by_rows else 1 for key in keys}
        self._done = self._current = 0
        self._total = sum(self._sizes.values())
        workspace.within = self._within if by_rows else nothing

    def begin(self, key: str) -> None:
        """Say that what came before a file is done."""
        self._done += self._current
        self._current = self._sizes[key]
        self._within(0)

    def end(self) -> None:
        """Say that all is done."""
        self._workspace.progress(self._name, self._total, self._total)
        self._workspace.within = nothing

    def _within(self, rows: int) -> None:
        self._workspace.progress(self._name, self._done + rows, self._total)


def _make_file(
    context: dg.AssetExecutionContext,
    workspace: Workspace,
    engine: SharedEngine,
    name: str,
    make: MakeFile,
    key: str,
) -> dict[str, Any]:
    error = current_error(workspace, key)
    if error is not None and holds_up(workspace, name, error):
        context.log.warning(f"{workspace.sources.find(key).relative}: {error.error}")
        return {_ASIDE: error.error}
    if name != "raw_parquet" and inputs_of(workspace, name, key) is None:
        return {"waiting for": ", ".join(GRAPH[name].upstream)}
    stamp = decide(workspace, name, key)
    fresh = stamp is None
    if stamp is None:
        try:
            damaged = _refuse_damage(workspace, name, key)
            with engine.connection() as connection:
                made = make(workspace, connection, key)
        except DamagedInput:
            raise
        except Exception as bad:
            fault = fault_of_file(name, bad, workspace.root)
            if fault is None:
                raise
            return _set_aside(context, workspace, name, key, fault)
        workspace.sources.clear_error(key, name)
        stamp = _stamp(workspace, name, key, made, damaged)
    return {
        "source file": workspace.sources.find(key).relative,
        "up to date already": not fresh,
        **describe_made(workspace, name, key, stamp),
    }


def _set_aside(
    context: dg.AssetExecutionContext,
    workspace: Workspace,
    step: str,
    key: str,
    fault: Fault,
) -> dict[str, Any]:
    source = workspace.sources.find(key)
    fingerprint = None if fault.passing else workspace.sources.fingerprint(source)
    note = ErrorNote(fingerprint, fault.reason, step_inputs(workspace, step, key), step)
    workspace.sources.set_aside(key, note)
    context.log.error(f"{source.relative}: {fault.reason}")
    return {_ASIDE: fault.reason}


#: Of steps that could run at the same time, this one comes later: at a first build another process
#: compiles what the index needs meanwhile.
_AFTER_OTHERS = {"dagster/priority": "-1"}


def merged_asset(make: MakeMerged) -> dg.AssetsDefinition:
    """Turn a function that makes one merged output into the asset of the same name."""
    name = make.__name__
    node = GRAPH[name]

    @dg.asset(
        name=name,
        description=cleandoc(make.__doc__ or ""),
        deps=[
            *(
                dg.AssetDep(upstream, partition_mapping=dg.AllPartitionMapping())
                if GRAPH[upstream].per_file
                else dg.AssetDep(upstream)
                for upstream in node.upstream
            ),
            *given_to(name),
        ],
        code_version=code_version(name),
        automation_condition=None if node.export else MERGED_CONDITION,
        group_name=node.group,
        kinds=set(node.kinds),
        metadata=code_of(make),
        op_tags=_AFTER_OTHERS if name == "search_index" else None,
    )
    def run(
        context: dg.AssetExecutionContext, build: BuildDirectory, duckdb_engine: DuckDBResource
    ) -> dg.MaterializeResult[Any]:
        workspace = build.open()
        with workspace.lock.held(wait=LOCK_WAIT), _progress(context, workspace):
            workspace.prepare()
            _forget(workspace, build, name, [None])
            workspace.sources.forget_vanished()  # the UI may run merges without any build
            workspace.progress(name, 0, 0)
            if node.export:
                refuse_export(workspace, name)
            stamp = decide(workspace, name)
            fresh = stamp is None
            if stamp is None:
                if not workspace.sources.usable_keys():
                    raise UserError("no source file could be read, so there is nothing to merge")
                refuse_empty(workspace)
                refuse_disagreement(workspace, name)
                damaged = _refuse_damage(workspace, name, None)
                with duckdb_engine.get_connection() as connection:
                    stamp = _stamp(workspace, name, None, make(workspace, connection), damaged)
            workspace.progress(name, 1, 1)
            metadata = describe_made(workspace, name, None, stamp)
        context.log.info(f"{name}: {'made' if fresh else 'up to date already'}")
        return dg.MaterializeResult(
            metadata={"up to date already": not fresh, **metadata},
            data_version=dg.DataVersion(stamp.digest),
        )

    return run


def _refuse_damage(workspace: Workspace, name: str, key: str | None) -> dict[str, str]:
    """Refuse to make anything of damaged files, after seeing to it that they are made again.

    A takedown waits for nothing: it goes on, and what is made says so; the next build notices.
    """
    damaged = damaged_inputs(workspace, name, key)
    if workspace.takedown:
        return as_inputs(damaged)
    lost = require_again(workspace, damaged)
    if lost and key is not None:
        raise ChangedSourceFile(_said(workspace, key))
    if damaged:
        raise DamagedInput(damaged)
    return {}


def _said(workspace: Workspace, key: str) -> str:
    note = workspace.sources.error_note(key)
    return note.error if note is not None else ""


def _stamp(
    workspace: Workspace, name: str, key: str | None, made: Made, damaged: dict[str, str]
) -> Stamp:
    inputs = inputs_of(workspace, name, key)
    if inputs is None:
        missing = ", ".join(GRAPH[name].upstream)
        raise UserError(
            f"{name}: something it is made from is missing ({missing}); make that first"
        )
    outputs = (
        dict(made.outputs)
        if isinstance(made.outputs, Mapping)
        else describe_outputs(workspace.root, list(made.outputs))
    )
    stamp = Stamp(code_version(name), inputs | damaged, outputs, dict(made.counts))
    workspace.stamps.write(name, key, stamp)
    return stamp
