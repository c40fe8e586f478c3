"""What starts runs by itself: automation conditions, the discovery sensor, jobs.

Lives here: the conditions measured to work on this Dagster (ARCHITECTURE.md#dagster), the sensor
that keeps partitions equal to the saved source set, the main job. Schedules: none.
"""

from typing import Any

import dagster as dg

from laion_assets.core.base.errors import UserError
from laion_assets.core.build.graph import MERGED, PER_FILE
from laion_assets.core.build.plan import current_error, decide, list_inputs, own_lists_changed
from laion_assets.core.build.workspace import Workspace
from laion_assets.partitions import SOURCE_FILES
from laion_assets.resources import BuildDirectory

# Typed loosely: 1.13's own annotations do not let its operators combine.
_Condition: Any = dg.AutomationCondition

#: Per file: missing (unless its last run failed) or made by older code, once upstream is there.
PER_FILE_CONDITION = (
    (
        (_Condition.missing() & ~_Condition.execution_failed())
        | _Condition.code_version_changed().since_last_handled()
    )
    & ~_Condition.in_progress()
    & ~_Condition.any_deps_in_progress()
    & ~_Condition.any_deps_missing()
).with_label("missing or made by older code")

#: Merged: missing, something upstream was made again, or made by older code.
MERGED_CONDITION = (
    (
        _Condition.missing()
        | _Condition.any_deps_updated().since_last_handled()
        | _Condition.code_version_changed().since_last_handled()
    )
    & ~_Condition.in_progress()
    & ~_Condition.any_deps_in_progress()
).with_label("missing, or something upstream is newer")

MAIN_JOB = dg.define_asset_job(
    "merge_and_publish",
    selection=dg.AssetSelection.assets(*MERGED),
    description="Every merged asset: aggregates, search index, site. Up-to-date ones do nothing.",
)
FILE_JOB = dg.define_asset_job(
    "read_source_file",
    selection=dg.AssetSelection.assets(*PER_FILE),
    description="One source file's rows: reading, cleaning, matching, tokenising.",
)


@dg.sensor(
    name="discover_source_files",
    jobs=[FILE_JOB, MAIN_JOB],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=15,
    description="Keeps partitions equal to the saved source set and redoes files that changed.",
)
def discover_source_files(
    context: dg.SensorEvaluationContext, build: BuildDirectory
) -> dg.SensorResult | dg.SkipReason:
    """Add partitions for new files, drop those of vanished ones, redo changed ones.

    New files are then materialised by their automation conditions; a file that changed under its
    old name, or was matched with other lists of the user's, is requested here, because Dagster
    cannot see that.
    """
    workspace = build.open()
    known = set(context.instance.get_dynamic_partitions(_partitions_name()))
    try:
        present = {source.key for source in workspace.sources.all()}
        requests = [
            _redo(workspace, key) for key in sorted(present & known) if _changed(workspace, key)
        ]
    except UserError as error:  # a disk that is not there must not empty the site
        return dg.SkipReason(str(error))
    added, gone = sorted(present - known), sorted(known - present)
    if gone:
        # Without a run key: the same file may come and go more than once.
        requests.append(dg.RunRequest(job_name=MAIN_JOB.name))
    changes: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if added:
        changes.append(SOURCE_FILES.build_add_request(added))
    if gone:
        changes.append(SOURCE_FILES.build_delete_request(gone))
    if not requests and not changes:
        return dg.SkipReason(f"{len(present)} source files, none new, changed or gone")
    return dg.SensorResult(run_requests=requests, dynamic_partitions_requests=changes)


def _partitions_name() -> str:
    name = SOURCE_FILES.name
    assert name is not None  # noqa: S101 - it is named in partitions.py
    return name


def _changed(workspace: Workspace, key: str) -> bool:
    """Tell whether a file was read before and it, or a list of the user's, is different now."""
    if (
        workspace.stamps.read("raw_parquet", key) is None
        or current_error(workspace, key) is not None
    ):
        return False
    if own_lists_changed(workspace, "mentions", key):
        return True
    return decide(workspace, "raw_parquet", key) is None


def _redo(workspace: Workspace, key: str) -> dg.RunRequest:
    fingerprint = workspace.sources.fingerprint(workspace.sources.find(key))
    # With the time: a file that is changed back and forth is another request each time.
    version = f"{fingerprint.sha256[:16]} {fingerprint.mtime_ns}" if fingerprint else "gone"
    # With when it was last made: a list that is changed back is another request each time too.
    made = workspace.paths.stamp("mentions", key)
    last = made.stat().st_mtime_ns if made.exists() else 0
    version += "".join(f" {part}" for part in (*list_inputs(workspace, "mentions").values(), last))
    return dg.RunRequest(job_name=FILE_JOB.name, partition_key=key, run_key=f"{key} {version}")


AUTOMATION_SENSOR = dg.AutomationConditionSensorDefinition(
    "materialise_what_follows",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=15,
    description="Evaluates the automation conditions of every asset.",
)
