"""Runs whose process is gone are ended, so that nothing waits for them for ever."""

from __future__ import annotations

import os
import subprocess
import sys

import dagster as dg
import pytest
from dagster._core.events import EngineEventData

from laion_assets.assembly import build_defs
from laion_assets.command_runs import command_tags, end_dead_runs, end_lost_runs
from tests.building import Builder


def _started(
    builder: Builder, instance: dg.DagsterInstance, pid: int, tags: dict[str, str]
) -> dg.DagsterRun:
    """Return a run that was begun in a process and never ended."""
    job = build_defs(builder.root).resolve_implicit_global_asset_job_def()
    years = dg.AssetKey("years")
    run = instance.create_run_for_job(
        job.get_subset(asset_selection={years}),
        tags=tags,
        status=dg.DagsterRunStatus.STARTED,
        asset_selection=frozenset([years]),
    )
    data = EngineEventData.in_process(pid)
    instance.report_engine_event("Executing steps in process", run, data)
    return run


@pytest.mark.parametrize("by_command", [True, False], ids=["a command", "the UI"])
@pytest.mark.parametrize("alive", [True, False])
def test_only_what_is_gone_is_ended(builder: Builder, *, by_command: bool, alive: bool) -> None:
    """Runs of the UI by their process; those of commands by the lock alone, whoever holds it."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    launcher = {"module": "dagster", "class": "DefaultRunLauncher"}
    with dg.instance_for_test(overrides={"run_launcher": launcher}) as instance:
        pid = os.getpid() if alive else done.pid
        run = _started(builder, instance, pid, command_tags() if by_command else {})

        def status() -> dg.DagsterRunStatus:
            found = instance.get_run_by_id(run.run_id)
            assert found is not None
            return found.status

        end_dead_runs(instance)
        gone = not alive and not by_command
        assert (status() is dg.DagsterRunStatus.FAILURE) is gone
        end_lost_runs(instance)  # whose caller holds the lock
        assert (status() is dg.DagsterRunStatus.FAILURE) is (gone or by_command)
