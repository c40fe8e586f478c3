"""What starts runs by itself: automation conditions, the discovery sensor, the jobs they ask for.

Lives here: the conditions measured to work on this Dagster (ARCHITECTURE.md#dagster), and the
sensor that keeps partitions equal to the saved source set. Not here: what people start (`jobs`).
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from itertools import islice
from time import time_ns
from typing import Any

import dagster as dg
from dagster._core.storage.partition_status_cache import AssetPartitionStatus

from laion_assets.command_runs import UNFINISHED, end_dead_runs, end_lost_runs
from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import sha256_json
from laion_assets.core.build.graph import MERGED, PER_FILE
from laion_assets.core.build.plan import (
    current_error,
    decide,
    inputs_changed,
    inputs_of,
    own_inputs_changed,
)
from laion_assets.core.build.workspace import Workspace
from laion_assets.jobs import FILE_JOB, MAIN_JOB
from laion_assets.keys import PARTITIONS, SOURCE_FILE, asset_key
from laion_assets.partitions import (
    ONLY_TELL,
    RANGE_END,
    RANGE_START,
    SOURCE_FILES,
    ranges,
)
from laion_assets.resources import BuildDirectory

# Typed loosely: 1.13's own annotations do not let its operators combine.
_Condition: Any = dg.AutomationCondition

#: No longer being made, though it was at the tick before. A tick reads what is there at its
#: beginning and what is being made later on: what was finished meanwhile seems to be missing.
_JUST_ENDED = (
    (~_Condition.in_progress()).newly_true() & ~_Condition.missing().newly_true()
).with_label("has just ended")

#: Missing, unless its last run failed, or may have made it since the tick began.
_MISSING = (_Condition.missing() & ~_Condition.execution_failed() & ~_JUST_ENDED).with_label(
    "missing, not failed"
)

#: Per file: missing (unless its last run failed) or made by older code, once upstream is there.
PER_FILE_CONDITION = (
    (_MISSING | _Condition.code_version_changed().since_last_handled())
    & ~_Condition.in_progress()
    & ~_Condition.any_deps_in_progress()
    & ~_Condition.any_deps_missing().allow(dg.AssetSelection.assets(*map(asset_key, PER_FILE)))
).with_label("missing or made by older code")

#: A file's output that is on its way: being made, about to be, or made by older code. One that
#: failed is not waited for: the rest is published without that file.
_ON_ITS_WAY = (
    _Condition.in_progress()
    | (_Condition.missing() & ~_Condition.execution_failed())
    | (
        _Condition.code_version_changed().since(_Condition.newly_updated())
        & ~_Condition.execution_failed()
    )
).with_label("on its way")


#: One that was made, in a run that does not make what is merged as well.
_MADE = (_Condition.newly_updated() & ~_Condition.executed_with_root_target()).with_label("made")


def _any(names: Sequence[str], condition: Any, label: str) -> Any:
    """Return a condition that is true while this one is of some of these assets, any file of it."""
    first, *others = (_Condition.asset_matches(asset_key(name), condition) for name in names)
    for other in others:
        first |= other
    return first.with_label(label)


def _unanswered(condition: Any) -> Any:
    """Return a condition that is true from when this one is until the asset is asked for or made.

    Made between the same two ticks, nobody knows which came first: then it is asked for, which
    costs a run that may find all up to date.
    """
    unordered = (condition & _Condition.newly_updated()).since(_Condition.newly_requested())
    return condition.since_last_handled() | unordered.with_label("made meanwhile")


#: What is merged of files is asked for together, and this one decides for all: looked at before the
#: others, since it alone of them follows from `images` and nothing later. A tick notes every
#: condition of every asset, and reads the names of all files for each that is of files.
LEADER = "duplicates"

#: What the leader's runs make besides, and the site shows. Not itself: to Dagster nothing is ever
#: executed with itself, so that each of its runs would be followed by another.
_MERGED_WITH_LEADER = [name for name in MERGED[:-1] if name != LEADER]

#: Something merged is missing (unless its last run failed), was made alone or by older code, or
#: some file was made again; and no file is on its way, so that one run makes all of the same files.
_LEADING = (
    (
        _any(MERGED, _MISSING, "something merged is missing")
        | _unanswered(_any(_MERGED_WITH_LEADER, _MADE, "something merged was made alone"))
        | _unanswered(_any(PER_FILE, _MADE, "some file was made"))
        | _any(
            MERGED,
            _Condition.code_version_changed().since_last_handled(),
            "something merged was made by older code",
        )
    )
    & ~_any(MERGED, _Condition.in_progress(), "something merged is being made")
    & ~_any(PER_FILE, _ON_ITS_WAY, "some file is on its way")
    & _Condition.asset_matches(asset_key(PER_FILE[-1]), ~_Condition.missing()).with_label(
        "there are files"
    )
).with_label("missing or older than its files, and no file is on its way")

_FOLLOWING = _Condition.asset_matches(asset_key(LEADER), _Condition.will_be_requested()).with_label(
    f"when {LEADER} is asked for"
)


def merged_condition(name: str) -> Any:
    """Return when a merged asset is asked for."""
    return _LEADING if name == LEADER else _FOLLOWING


#: Stretches of files that a tick lets fail by themselves.
_MOST_FAILED = 5

#: Nanoseconds after which what follows from a file, or is left of it, should have been asked for.
_OVERDUE = 300 * 10**9

#: Files that a tick asks for one by one; more are one run over the range that holds them.
_FEW = 2


@dg.sensor(
    name="discover_source_files",
    jobs=[FILE_JOB, MAIN_JOB],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=15,
    description="Keeps partitions equal to the saved source set; redoes what Dagster cannot see.",
)
def discover_source_files(
    context: dg.SensorEvaluationContext, build: BuildDirectory
) -> dg.SensorResult | dg.SkipReason:
    """Add partitions for new files, drop those of vanished ones, redo changed ones.

    New files are then materialised by their automation conditions. What Dagster cannot see is
    requested here: a file that changed under its old name, settings, removals and lists of the
    user's that changed.
    """
    workspace = build.open()
    end_dead_runs(context.instance)
    _end_lost_runs(context.instance, workspace)
    known = list(context.instance.get_dynamic_partitions(PARTITIONS))
    try:
        present = {source.key for source in workspace.sources.all()}
        # What a build is changing now, or is about to, is not compared with what it was.
        busy = workspace.lock.is_held or _is_under_way(context.instance)
        changed = [] if busy else _changed(workspace, present, known)
        if not busy and _idle_for(context.instance) > _OVERDUE:
            again = {*changed, *_left_undone(workspace, present, known)}
            changed = [key for key in known if key in again]
        added, gone = sorted(present - set(known)), sorted(set(known) - present)
        requests = _redo(workspace, changed) + _show_failed(context.instance, workspace, known)
        if gone:
            # Without a run key: the same file may come and go more than once.
            requests.append(dg.RunRequest(job_name=MAIN_JOB.name))
        elif not (changed or added or busy):
            requests += _merge_again(workspace)
    except UserError as error:  # a disk that is not there must not empty the site
        return dg.SkipReason(str(error))
    changes: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if added:
        changes.append(SOURCE_FILES.build_add_request(added))
        for key in added:
            context.instance.report_runless_asset_event(_found(workspace, key))
    if gone:
        changes.append(SOURCE_FILES.build_delete_request(gone))
    if not requests and not changes:
        return dg.SkipReason(f"{len(present)} source files, none new, changed or gone")
    return dg.SensorResult(run_requests=requests, dynamic_partitions_requests=changes)


def _is_under_way(instance: dg.DagsterInstance) -> bool:
    """Tell whether a run of the UI or of a command waits or works."""
    unfinished = dg.RunsFilter(statuses=UNFINISHED)
    return bool(instance.get_run_records(unfinished, limit=1))


def _idle_for(instance: dg.DagsterInstance) -> int:
    """Return how many nanoseconds ago the last run ended; 0 where there was none."""
    runs = instance.get_run_records(limit=1)
    ended = runs[0].end_time if runs else None
    return 0 if ended is None else time_ns() - int(ended * 10**9)


def _left_undone(
    workspace: Workspace, present: AbstractSet[str], known: Sequence[str]
) -> list[str]:
    """Return the keys of files that lack an output though nothing is wrong with them.

    A run that was killed, or failed for a reason that passed, is not taken up by the conditions.
    """
    return [
        key
        for key in known
        if key in present
        and workspace.sources.error_note(key) is None
        and not all(workspace.stamps.time(name, key) for name in PER_FILE)
    ]


def _found(workspace: Workspace, key: str) -> dg.AssetObservation:
    """Return what the graph shows of a new source file."""
    source = workspace.sources.find(key)
    metadata = {"file": source.relative} | (
        {"bytes": source.path.stat().st_size} if source.path.is_file() else {}
    )
    return dg.AssetObservation(SOURCE_FILE, partition=key, metadata=metadata)


def _end_lost_runs(instance: dg.DagsterInstance, workspace: Workspace) -> None:
    """End the runs of killed commands: what they had begun would be waited for for ever."""
    if workspace.paths.lock.exists():
        with suppress(UserError), workspace.lock.held():
            end_lost_runs(instance)


def _changed(workspace: Workspace, present: AbstractSet[str], known: Sequence[str]) -> list[str]:
    """Return the keys, in Dagster's order, of which something was made from what is no more.

    One that was set aside is tried again once anything changed that may let it pass.
    """
    return [
        key
        for key in known
        if key in present
        and current_error(workspace, key) is None
        and (
            workspace.sources.error_note(key) is not None
            or any(inputs_changed(workspace, name, key) for name in PER_FILE)
        )
    ]


def _redo(workspace: Workspace, changed: Sequence[str]) -> list[dg.RunRequest]:
    """Ask for changed files: a few one by one, many by one run over their range.

    Those between are up to date, which takes a step no time.
    """
    if len(changed) <= _FEW:
        return [
            dg.RunRequest(
                job_name=FILE_JOB.name, partition_key=key, run_key=_version(workspace, [key])
            )
            for key in changed
        ]
    first, last = changed[0], changed[-1]
    return [
        dg.RunRequest(
            job_name=FILE_JOB.name,
            run_key=_version(workspace, changed),
            tags={RANGE_START: first, RANGE_END: last},
        )
    ]


def _show_failed(
    instance: dg.DagsterInstance, workspace: Workspace, known: Sequence[str]
) -> list[dg.RunRequest]:
    """Ask for files that were set aside beside others: alone they fail, and are shown as failed."""
    notes = {key: workspace.sources.error_note(key) for key in known}
    shown: set[str] = set()
    for step in {note.step for note in notes.values() if note is not None}:
        of_step = [key for key, note in notes.items() if note is not None and note.step == step]
        states = instance.get_status_by_partition(asset_key(step), of_step, SOURCE_FILES) or {}
        shown |= {key for key in of_step if states.get(key) == AssetPartitionStatus.FAILED}
    aside = [key for key in known if current_error(workspace, key) is not None and key not in shown]
    return [
        dg.RunRequest(
            job_name=FILE_JOB.name,
            run_key=f"aside {_version(workspace, [first, last])}",
            tags={RANGE_START: first, RANGE_END: last, ONLY_TELL: ""},
        )
        for first, last in islice(ranges(known, aside), _MOST_FAILED)
    ]


def _version(workspace: Workspace, keys: Sequence[str]) -> str:
    """Return a run key: another one whenever what files are made from is, or was, another.

    With when they were last made: what is changed and changed back is another request each time.
    """
    made = [
        (name, key, workspace.stamps.time(name, key), inputs_of(workspace, name, key))
        for key in keys
        for name in PER_FILE
    ]
    return f"{keys[0]} {sha256_json(made)[:16]}"


def _merge_again(workspace: Workspace) -> list[dg.RunRequest]:
    """Ask for the merged assets when settings or lists changed that they alone depend on.

    What follows from files that were made again is asked for by the automation conditions. Where
    that led to nothing, since a run failed or was stopped, it is asked for here, once.
    """
    keys = workspace.sources.usable_keys()
    times = [workspace.stamps.time(name, key) for name in PER_FILE for key in keys]
    newest = max(times, default=0)
    overdue = min(times, default=0) > 0 and time_ns() - newest > _OVERDUE
    made = [
        (name, workspace.stamps.time(name), inputs_of(workspace, name, None))
        for name in MERGED
        if (
            own_inputs_changed(workspace, name)
            if workspace.stamps.time(name) > newest
            else overdue and decide(workspace, name) is None
        )
    ]
    key = f"merged {sha256_json(made)[:16]}"
    return [dg.RunRequest(job_name=MAIN_JOB.name, run_key=key)] if made else []


AUTOMATION_SENSOR = dg.AutomationConditionSensorDefinition(
    "materialise_what_follows",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=15,
    description="Evaluates the automation conditions of every asset.",
)
