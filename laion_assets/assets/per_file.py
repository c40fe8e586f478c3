"""The step of an asset with a part for each source file.

Lives here: the decorator that turns a plain function into such an asset, what is noted of each
file, setting aside those that cannot be handled. Not here: what all assets share (`steps`), working
on several files at once (`laion_assets.making`).
"""

import copy
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from inspect import cleandoc
from typing import Any

import dagster as dg
from dagster_duckdb import DuckDBResource

from laion_assets.assets.external import given_to
from laion_assets.assets.report import code_of, describe_made
from laion_assets.assets.steps import (
    forget,
    refuse_damage,
    reporting,
    stamp_made,
)
from laion_assets.automation import PER_FILE_CONDITION
from laion_assets.core.base.errors import UserError
from laion_assets.core.build.code_version import code_version
from laion_assets.core.build.damage import DamagedInput
from laion_assets.core.build.description import rows_of
from laion_assets.core.build.faults import Fault, fault_of_file
from laion_assets.core.build.graph import GRAPH, READING
from laion_assets.core.build.plan import (
    current_error,
    decide,
    forget_if_healed,
    holds_up,
    inputs_of,
    step_inputs,
)
from laion_assets.core.build.source_set import ErrorNote
from laion_assets.core.build.workspace import Workspace
from laion_assets.keys import asset_key
from laion_assets.making.hiring import hire
from laion_assets.making.made import MakeFile, Outcome, Workers
from laion_assets.partitions import ONLY_TELL, SOURCE_FILES
from laion_assets.resources import LOCK_WAIT, BuildDirectory

#: Does what several files share before each is made; returns what is wrong with which key.
Prepare = Callable[[Workspace, Sequence[str]], Mapping[str, UserError]]

_ASIDE = "set aside"  # of a file's metadata: why


def per_file_asset(make: MakeFile, prepare: Prepare | None = None) -> dg.AssetsDefinition:
    """Turn a function that makes one file's output into the asset of the same name."""
    name = make.__name__
    node = GRAPH[name]

    def run(
        context: dg.AssetExecutionContext, build: BuildDirectory, duckdb_engine: DuckDBResource
    ) -> None:
        workspace = build.open()
        with workspace.lock.held(wait=LOCK_WAIT), reporting(context, workspace):
            workspace.prepare()
            forget(workspace, build, name, context.partition_keys)
            problems = prepare(workspace, context.partition_keys) if prepare else {}
            step = _Step(context, workspace, name)
            rows = sum(rows_of(workspace, key) for key in context.partition_keys)
            config = duckdb_engine.connection_config
            with hire(name, make, workspace, config, rows) as workers:
                step.all(context.partition_keys, problems, workers)
        if len(step.aside) == len(context.partition_keys):
            raise SetAside(name, step.aside)

    with warnings.catch_warnings():
        # single_run is what makes a range of files one run; it is marked beta in Dagster 1.13.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.asset(
            key=asset_key(name),
            description=cleandoc(make.__doc__ or ""),
            deps=[*map(asset_key, node.upstream), *given_to(name)],
            partitions_def=SOURCE_FILES,
            backfill_policy=dg.BackfillPolicy.single_run(),
            code_version=code_version(name),
            automation_condition=PER_FILE_CONDITION,
            group_name=node.group,
            kinds=set(node.kinds),
            metadata=code_of(make),
        )(run)


class SetAside(dg.Failure):
    """Every file of a run was set aside: nothing was made, so its partitions are shown as failed.

    In a run that made others Dagster lets no partition fail alone; so a run of its own, tagged
    `ONLY_TELL`, says so of those that could not be made.
    """

    def __init__(self, step: str, reasons: Mapping[str, str]) -> None:
        """Take at which asset and why which file, by its relative path, was set aside."""
        self.step = step
        lines = [f"{name}: {reason}" for name, reason in reasons.items()]
        super().__init__(description="\n".join(lines), allow_retries=False)


class _Step:
    """One step over some files: everything but making them, which workers do."""

    def __init__(self, context: dg.AssetExecutionContext, workspace: Workspace, name: str) -> None:
        self._context = context
        self._workspace = workspace
        self._name = name
        self._damaged: dict[str, dict[str, str]] = {}  # by key, what a takedown goes on without
        self.aside: dict[str, str] = {}  # by relative path, why

    def all(self, keys: Sequence[str], problems: Mapping[str, UserError], workers: Workers) -> None:
        """Make the files, and note of each what became of it."""
        advance = _Advance(self._workspace, self._name, keys)
        for key in keys:
            known = self._known(key, problems)
            if known is not None:
                self._tell(key, known)
                advance.end(key)
                continue
            for done in workers.begin(key, advance.of(self._workspace, key)):
                self._finish(*done)
                advance.end(done[0])
        for done in workers.rest():
            self._finish(*done)
            advance.end(done[0])
        advance.finish()

    def _known(self, key: str, problems: Mapping[str, UserError]) -> dict[str, Any] | None:
        """Return what is to be said of a file that is not made now; None of one that is."""
        workspace, name = self._workspace, self._name
        if key in problems:
            return self._set_aside(key, Fault(str(problems[key])))
        held_up = self._held_up(key)
        if held_up is not None:
            return {_ASIDE: held_up}
        if name != READING[0] and inputs_of(workspace, name, key) is None:
            return {"waiting for": ", ".join(GRAPH[name].upstream)}
        stamp = decide(workspace, name, key)
        if stamp is not None:
            return self._said(key) | describe_made(workspace, name, key, stamp)
        try:
            self._damaged[key] = refuse_damage(workspace, name, key)
        except DamagedInput:
            raise
        except Exception as bad:  # noqa: BLE001 - of one file, like those of making it
            return self._faulty(key, bad)
        return None

    def _held_up(self, key: str) -> str | None:
        """Return why a file was set aside before, where nothing has changed since."""
        workspace, name = self._workspace, self._name
        told = workspace.sources.error_note(key) if ONLY_TELL in self._context.run.tags else None
        if told is not None and told.step == name:
            return told.error
        error = current_error(workspace, key)
        if error is None or not holds_up(workspace, name, error):
            return None
        self._context.log.warning(f"{workspace.sources.find(key).relative}: {error.error}")
        return error.error

    def _finish(self, key: str, outcome: Outcome) -> None:
        """Stamp a file that was made, or set it aside; raise what is not the file's fault."""
        workspace, name = self._workspace, self._name
        if isinstance(outcome.error, DamagedInput):
            raise outcome.error
        if outcome.error is not None:
            self._tell(key, self._faulty(key, outcome.error))
            return
        if outcome.fault is not None:
            self._tell(key, self._set_aside(key, outcome.fault))
            return
        made = outcome.made
        assert made is not None  # noqa: S101 - it was made, or there is an error
        workspace.sources.clear_error(key, name)
        stamp = stamp_made(workspace, name, key, made, self._damaged.pop(key))
        said = self._said(key, fresh=True) | describe_made(workspace, name, key, stamp)
        self._tell(key, said)

    def _said(self, key: str, *, fresh: bool = False) -> dict[str, Any]:
        relative = self._workspace.sources.find(key).relative
        return {"source file": relative, "up to date already": not fresh}

    def _faulty(self, key: str, bad: Exception) -> dict[str, Any]:
        fault = fault_of_file(self._name, bad, self._workspace.root)
        if fault is None:
            raise bad
        return self._set_aside(key, fault)

    def _set_aside(self, key: str, fault: Fault) -> dict[str, Any]:
        workspace, step = self._workspace, self._name
        source = workspace.sources.find(key)
        fingerprint = None if fault.passing else workspace.sources.fingerprint(source)
        note = ErrorNote(fingerprint, fault.reason, step_inputs(workspace, step, key), step)
        workspace.sources.set_aside(key, note)
        self._context.log.error(f"{source.relative}: {fault.reason}")
        return {_ASIDE: fault.reason}

    def _tell(self, key: str, metadata: Mapping[str, Any]) -> None:
        """Show what became of a file on its partition."""
        workspace = self._workspace
        forget_if_healed(workspace, key)
        if _ASIDE in metadata:
            self.aside[workspace.sources.find(key).relative] = metadata[_ASIDE]
        self._context.add_asset_metadata(
            dict(metadata), asset_key=asset_key(self._name), partition_key=key
        )


class _Advance:
    """Reports how far a step is that makes several files: by their rows, where known."""

    def __init__(self, workspace: Workspace, name: str, keys: Sequence[str]) -> None:
        self._progress = workspace.progress
        self._name = name
        rows = {key: rows_of(workspace, key) for key in keys}
        self._by_rows = name != READING[0] and all(rows.values())
        self._sizes = {key: rows[key] if self._by_rows else 1 for key in keys}
        self._done = dict.fromkeys(keys, 0)
        self._total = sum(self._sizes.values())
        self._report()

    def of(self, workspace: Workspace, key: str) -> Workspace:
        """Return the workspace as the maker of a file gets it: what it tells is of that file."""
        own = copy.copy(workspace)
        own.within = partial(self._within, key)
        return own

    def end(self, key: str) -> None:
        """Say that a file is done with."""
        self._done[key] = self._sizes[key]
        self._report()

    def finish(self) -> None:
        """Say that all is done."""
        self._progress(self._name, self._total, self._total)

    def _within(self, key: str, rows: int) -> None:
        if self._by_rows:
            self._done[key] = rows
            self._report()

    def _report(self) -> None:
        self._progress(self._name, sum(self._done.values()), self._total)
