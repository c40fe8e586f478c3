"""Runs whose process is gone, which Dagster would wait for until somebody ends them by hand.

A command holds the lock of its build directory as long as it runs; so whoever holds that lock knows
that an unfinished run of a command is one of a process that is gone. A run of the UI is a process
of this machine, whose number its log has. Lives here: the tags of commands' runs, and ending lost
runs. Not here: running anything (`refresh`).
"""

import os

import dagster as dg
from dagster import DagsterEventType, DefaultRunLauncher

#: Name of the code location in `workspace.yaml` and `pyproject.toml`: by it the UI's timeline finds
#: whose a run is.
LOCATION = "laion-assets"

_STARTED_BY = "laion-assets/started_by"
_COMMAND = "command"
#: A run that waits or works.
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def command_tags() -> dict[str, str]:
    """Return the tags of a run that a command starts."""
    return {_STARTED_BY: _COMMAND, ".dagster/repository": f"__repository__@{LOCATION}"}


def end_lost_runs(instance: dg.DagsterInstance) -> None:
    """Report runs of commands that never ended as failed; only while the build's lock is held."""
    lost = dg.RunsFilter(tags={_STARTED_BY: _COMMAND}, statuses=UNFINISHED)
    for record in instance.get_run_records(lost):
        instance.report_run_failed(record.dagster_run, "The command was ended before its run was.")


def end_dead_runs(instance: dg.DagsterInstance) -> None:
    """Report runs as failed that the UI started here and whose process is gone.

    Only where runs are processes of this machine: another launcher's numbers say nothing here.
    """
    if not isinstance(instance.run_launcher, DefaultRunLauncher):
        return
    for record in instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        run = record.dagster_run
        pid = None if _STARTED_BY in run.tags else _process_of(instance, run.run_id)
        if pid is not None and not _is_alive(pid):
            instance.report_run_failed(run, f"Its process ({pid}) is gone.")


def _process_of(instance: dg.DagsterInstance, run_id: str) -> int | None:
    """Return the number of the process that executes a run, as its log says it."""
    for entry in instance.all_logs(run_id, of_type=DagsterEventType.ENGINE_EVENT):
        data = entry.dagster_event.event_specific_data if entry.dagster_event else None
        pid = getattr(data, "metadata", {}).get("pid")
        if pid is not None and str(pid.value).isdigit():
            return int(pid.value)
    return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # of another user
    return True
