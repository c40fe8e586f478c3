"""Runs of the command line in Dagster's history: how they are told, and when one was lost.

A command holds the lock of its build directory as long as it runs; so whoever holds that lock knows
that an unfinished run of a command is one of a process that is gone. Lives here: their tags and
ending lost ones. Not here: running anything (`refresh`).
"""

import dagster as dg

#: Name of the code location in `workspace.yaml` and `pyproject.toml`: by it the UI's timeline finds
#: whose a run is.
LOCATION = "laion-assets"

_STARTED_BY = "laion-assets/started_by"
_COMMAND = "command"
_UNFINISHED = [
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
    lost = dg.RunsFilter(tags={_STARTED_BY: _COMMAND}, statuses=_UNFINISHED)
    for record in instance.get_run_records(lost):
        instance.report_run_failed(record.dagster_run, "The command was ended before its run was.")
