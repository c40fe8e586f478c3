"""Bring whatever is missing or stale up to date, through the same assets the UI shows.

Lives here: running a plan (`core.build.plan`) with Dagster and telling what happened. Planning
needs no Dagster; it is imported only when something has to run, because that alone takes two
seconds.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import (
    AbstractContextManager,
    ExitStack,
    contextmanager,
    nullcontext,
    redirect_stderr,
    suppress,
)
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.machine import explain, first_line, is_of_history
from laion_assets.core.base.progress import Progress
from laion_assets.core.build.damage import DamagedInput, find_damage, require_again
from laion_assets.core.build.exporting import plan_exports, withdraw_overexposed
from laion_assets.core.build.graph import EXPORTS, GRAPH, MERGED, PER_FILE
from laion_assets.core.build.plan import Plan, forget_healed, make_plan
from laion_assets.core.build.room import reckon_room, require_room
from laion_assets.core.build.takedown import lost_list, take_out_listed
from laion_assets.core.build.workspace import Workspace
from laion_assets.dagster_home import dagster_home, forget_others, use_home

if TYPE_CHECKING:
    import dagster as dg


CHECKS = "(all checks)"
OVERHEAD = "(Dagster itself)"


@dataclass
class Refreshed:
    """What a refresh did."""

    plan: Plan
    seconds: dict[str, float] = field(default_factory=dict)  # by asset, CHECKS and OVERHEAD
    failed_checks: list[str] = field(default_factory=list)
    set_aside: dict[str, str] = field(default_factory=dict)  # relative path -> error
    repaired: list[str] = field(default_factory=list)  # paths of damaged files, made again
    damaged_exports: list[str] = field(default_factory=list)  # paths; no build makes them again
    exports_gone: list[str] = field(default_factory=list)  # files deleted for what they held


def refresh(
    workspace: Workspace, progress: Progress, announce: Callable[[Plan], None]
) -> Refreshed:
    """Bring everything up to date; `announce` is told the plan before anything runs.

    Raises UserError when the build directory is in use or cannot be written, or when a step fails
    for a reason the user can mend.
    """
    with workspace.lock.held():
        workspace.prepare()
        repaired: list[str] = []
        damaged: list[str] = []
        gone: list[str] = []
        if not workspace.takedown:
            _refuse_lost_list(workspace)
            if workspace.rehash:
                repaired, damaged = _look_for_damage(workspace, progress)
            gone = take_out_listed(workspace, workspace.removal()).exports
            gone += withdraw_overexposed(workspace)
            forget_healed(workspace)
        plan = make_plan(workspace)
        workspace.sources.remember()
        if not workspace.takedown and not workspace.settings.withdrawn:
            require_room(reckon_room(workspace, plan), workspace)
        announce(plan)
        done = Refreshed(
            plan,
            set_aside=dict(plan.set_aside),
            repaired=repaired,
            damaged_exports=damaged,
            exports_gone=gone,
        )
        if not plan.nothing_to_do:
            try:
                with (
                    _compiling_meanwhile(plan),  # before Dagster is imported, which takes as long
                    _interrupts_as_ours(),
                    _instance(workspace) as instance,
                    _silent_dagster(),
                ):
                    _with_repairs(_Run(workspace, instance, progress, done))
            except Exception as error:
                if not (workspace.takedown and is_of_history(error)):
                    raise
                with _interrupts_as_ours(), _unwritten() as instance, _silent_dagster():
                    _with_repairs(_Run(workspace, instance, progress, done))
        return done


def export(workspace: Workspace, names: Sequence[str], progress: Progress) -> Refreshed:
    """Make some exports, and what they are made from among the exports, of what is built.

    What is up to date is left alone; `seconds` has what was made. Raises UserError when they cannot
    or must not be made (`core.build.exporting`).
    """
    with workspace.lock.held():
        workspace.prepare()
        planned = plan_exports(workspace, names)
        done = Refreshed(Plan({}, planned.stale, ()))
        if planned.stale:
            with _interrupts_as_ours(), _instance(workspace) as instance, _silent_dagster():
                _Run(workspace, instance, progress, done).exports(planned.stale)
        return done


def _compiling_meanwhile(plan: Plan) -> AbstractContextManager[None]:
    """Compile what the index needs, if it is made and that was never done, in another process."""
    if "search_index" not in plan.merged:
        return nullcontext()
    from laion_assets.core.index.warming import compiling_meanwhile

    return compiling_meanwhile()


@contextmanager
def _unwritten() -> Iterator[dg.DagsterInstance]:
    """Open a history that nobody keeps: a takedown does not wait for one that can be written."""
    import dagster as dg

    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def _with_repairs(run: _Run) -> None:
    """Run the plan; where something damaged is met it is made again, and so is what follows."""
    while True:
        try:
            run.everything()
        except DamagedInput as damaged:  # its stamp is gone, so this ends
            run.done.repaired += damaged.paths
        else:
            return


def _look_for_damage(workspace: Workspace, progress: Progress) -> tuple[list[str], list[str]]:
    """Read everything that was made; return what is damaged and made again, and damaged exports.

    Files that were set aside are tried again: whoever asks for this may have mended the machine.
    """
    for source in workspace.sources.all():
        workspace.sources.clear_error(source.key)
    damages = find_damage(workspace, progress)
    require_again(workspace, damages)
    ours, exported = (
        [damage.path for damage in damages if (damage.asset in EXPORTS) is of_exports]
        for of_exports in (False, True)
    )
    return ours, exported


def _refuse_lost_list(workspace: Workspace) -> None:
    """Raise UserError when rows were removed and the list they were on is not there."""
    if lost_list(workspace):
        raise UserError(
            f"{workspace.removal_list.path} is not there, and rows were removed by it; put it back "
            "(a list of its heading alone brings all rows back)"
        )


@contextmanager
def _interrupts_as_ours() -> Iterator[None]:
    """Raise KeyboardInterrupt where Dagster raises an interrupt of its own."""
    from dagster._core.errors import DagsterExecutionInterruptedError

    try:
        yield
    except DagsterExecutionInterruptedError as error:
        raise KeyboardInterrupt from error


@contextmanager
def _silent_dagster() -> Iterator[None]:
    """Keep what Dagster prints beside the errors it raises off the terminal: each is one line."""
    with redirect_stderr(io.StringIO()):
        yield


@contextmanager
def _instance(workspace: Workspace) -> Iterator[dg.DagsterInstance]:
    import dagster as dg

    from laion_assets.command_runs import end_lost_runs

    home = workspace.root / "dagster"
    forget_others()
    with ExitStack() as stack:
        try:
            use_home(dagster_home(workspace.root))
            instance = stack.enter_context(dg.DagsterInstance.get())
            end_lost_runs(instance)
        except Exception as error:
            if not workspace.takedown:
                raise _unopened(workspace.root, home, error) from error
            instance = stack.enter_context(_unwritten())
        yield instance


def _unopened(root: Path, home: Path, error: Exception) -> UserError:
    """Return the line for a history that cannot be opened, whatever became of its files."""
    return explain(error, root) or UserError(
        f"{home}: the history of builds cannot be opened ({first_line(error)}); "
        "move it away and build again: the history starts anew, all else stays"
    )


class _Run:
    """One refresh in progress."""

    def __init__(
        self,
        workspace: Workspace,
        instance: dg.DagsterInstance,
        progress: Progress,
        done: Refreshed,
    ) -> None:
        from laion_assets.assembly import build_defs
        from laion_assets.resources import PROGRESS

        PROGRESS.set(progress)
        self._workspace = workspace
        self._instance = instance
        self._progress = progress
        self.done = done
        defs = build_defs(workspace.root, takedown=workspace.takedown)
        self._job = defs.resolve_implicit_global_asset_job_def()

    def everything(self) -> None:
        """Run the plan stage by stage.

        Planning again in between lets an upstream whose bytes came out the same stop the rest.
        """
        waiting = list(PER_FILE)
        keys = self._synchronise_partitions()
        while waiting:
            planned = make_plan(self._workspace).per_file
            stale = set(planned.get(waiting[0], ()))
            group = _of_the_same_files(planned, waiting)
            if group[0] == _FETCHING and self._fetches:
                group = group[:1]
            ended = self._execute_files(group, keys, stale) if stale else set()
            if _FETCHING in group and stale:
                keys = self._without_twins(keys)
            waiting = [name for name in waiting if name not in (ended or group)]
        if not self._workspace.takedown:
            self.done.set_aside = self._troubled()
            if not self._workspace.sources.usable_keys():
                raise UserError(_all_bad(self.done.set_aside))
        merged = make_plan(self._workspace).merged
        if merged:
            self._execute([name for name in MERGED if name in merged], {})

    @property
    def _fetches(self) -> bool:
        """Whether files come from elsewhere: twins among them show when they are here."""
        return any(source.remote for source in self._workspace.sources.all())

    def _execute_files(
        self, assets: Sequence[str], keys: Sequence[str], stale: set[str]
    ) -> set[str]:
        """Make these assets of some files; return those that ended a run, since they made nothing.

        That ends no build: the reasons are noted. What comes after them is planned anew.
        """
        from laion_assets.assets.per_file import SetAside
        from laion_assets.partitions import RANGE_END, RANGE_START, ranges

        ended = set()
        for start, end in ranges(keys, stale):
            try:
                self._execute(assets, {RANGE_START: start, RANGE_END: end})
            except SetAside as made_nothing:
                ended.add(made_nothing.step)
        for asset in assets:
            self._show_failed(asset, keys, stale)
        return ended

    def _show_failed(self, asset: str, keys: Sequence[str], tried: set[str]) -> None:
        """Let the files of a range that were set aside fail by themselves, as the UI shows it."""
        from laion_assets.assets.per_file import SetAside
        from laion_assets.partitions import ONLY_TELL, RANGE_END, RANGE_START, ranges

        notes = {key: self._workspace.sources.error_note(key) for key in tried}
        aside = {key for key, note in notes.items() if note is not None and note.step == asset}
        if len(tried) > len(aside) > 0:
            for start, end in ranges(keys, aside):
                with suppress(SetAside):
                    self._execute([asset], {RANGE_START: start, RANGE_END: end, ONLY_TELL: ""})

    def exports(self, names: Sequence[str]) -> None:
        """Make exports, those first that others are made from."""
        self._execute(names, {})

    def _without_twins(self, keys: Sequence[str]) -> Sequence[str]:
        """Return the keys without those whose content, now that it is here, another file has."""
        if self._fetches:
            sources = self._workspace.sources
            sources.look_again()
            keys = self._synchronise_partitions()
            sources.remember()
        return keys

    def _troubled(self) -> dict[str, str]:
        """Return what is wrong with which file, files that could not be fetched among them."""
        notes = (
            (s.relative, self._workspace.sources.error_note(s.key))
            for s in self._workspace.sources.all()
        )
        return {relative: note.error for relative, note in notes if note is not None}

    def _synchronise_partitions(self) -> Sequence[str]:
        """Make Dagster's partitions those of the source set; return them in Dagster's order."""
        from laion_assets.keys import PARTITIONS

        self._workspace.sources.forget_vanished()
        present = [source.key for source in self._workspace.sources.all()]
        known = self._instance.get_dynamic_partitions(PARTITIONS)
        for key in () if self._workspace.takedown else set(known) - set(present):
            self._instance.delete_dynamic_partition(PARTITIONS, key)
        missing = [key for key in present if key not in set(known)]
        if missing:
            self._instance.add_dynamic_partitions(PARTITIONS, missing)
        return self._instance.get_dynamic_partitions(PARTITIONS)

    def _execute(self, assets: Sequence[str], tags: dict[str, str]) -> None:
        from laion_assets.command_runs import command_tags
        from laion_assets.keys import asset_key, name_of, name_of_step

        started = time.perf_counter()
        # An error that ends a step comes out as itself: what its line and exit code are, it knows.
        result = self._job.execute_in_process(
            instance=self._instance,
            asset_selection=[asset_key(name) for name in assets],
            tags=tags | command_tags(),
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        inside = 0.0
        for event in result.all_events:
            if event.is_step_success and event.step_key:
                seconds = event.step_success_data.duration_ms / 1000
                inside += seconds
                name = name_of_step(event.step_key)
                self._count(name if name in GRAPH else CHECKS, seconds)
        self._count(OVERHEAD, time.perf_counter() - started - inside)
        for check in result.get_asset_check_evaluations():
            name = f"{name_of(check.asset_key)}: {check.check_name}"
            # What a check said before a later step made the files that it reads counts no more.
            failed = [other for other in self.done.failed_checks if other != name]
            self.done.failed_checks = failed if check.passed else [*failed, name]

    def _count(self, what: str, seconds: float) -> None:
        self.done.seconds[what] = self.done.seconds.get(what, 0.0) + seconds


_FETCHING = "raw_parquet"


def _of_the_same_files(planned: Mapping[str, Sequence[str]], assets: Sequence[str]) -> list[str]:
    """Return the first assets that the same files are planned for.

    They are one run: to begin one takes as long as a small file.
    """
    files = planned.get(assets[0], ())
    return list(takewhile(lambda name: planned.get(name, ()) == files, assets))


def _all_bad(set_aside: dict[str, str]) -> str:
    first = next(iter(sorted(set_aside.items())), ("", ""))
    if len(set_aside) == 1:
        return f"{first[0]}: {first[1]}"
    return f"none of the {len(set_aside)} source files can be read; {first[0]}: {first[1]}"
