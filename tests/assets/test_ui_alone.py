"""The UI without any command: vanished files leave everything, errors stay what they are."""

from __future__ import annotations

import json

import dagster as dg
import pytest

from laion_assets import refresh as refreshing
from laion_assets.assembly import build_defs
from laion_assets.core.build.settings import load_settings
from laion_assets.core.build.workspace import Workspace
from laion_assets.jobs import MAIN_JOB
from tests.building import Builder


def _counted(builder: Builder, name: str) -> tuple[int, int]:
    """Return what lookup says of a name, and the rows it counted in."""
    (answer,) = json.loads(builder.run("lookup", name, "--json").stdout)
    return answer["images"], answer["denominator"]


def test_a_file_that_vanished_under_the_ui_is_counted_nowhere(built: Builder) -> None:
    """After the merge that the sensor asks for, lookup counts what the site counts."""
    before = _counted(built, "sunset")
    (built.source / "a.parquet").unlink()
    with dg.DagsterInstance.ephemeral() as instance:
        job = build_defs(built.root).resolve_job_def(MAIN_JOB.name)
        assert job.execute_in_process(instance=instance).success
    summary = json.loads((built.root / "site" / "data" / "summary.json").read_bytes())
    after = _counted(built, "sunset")
    assert after[1] == summary["rows"]["published"] < before[1]
    assert after[0] < before[0]
    settings = load_settings(built.root)
    assert settings is not None
    assert len(Workspace(built.root, settings).sources.images()) == 1


def test_a_mistake_in_usage_inside_a_step_stays_one(
    built: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2 and its line, though Dagster ran the step that found it."""
    lists = built.root.parent / "mine"
    lists.mkdir()
    (lists / "more-artists.csv").write_text("name\nNobody\n", encoding="utf-8")
    original = refreshing.make_plan

    def plan_then_spoil(workspace: Workspace) -> refreshing.Plan:
        """Let the list go bad after it was checked and before the step reads it."""
        plan = original(workspace)
        (lists / "more-artists.csv").write_text("name\nA,B\n", encoding="utf-8")
        return plan

    monkeypatch.setattr(refreshing, "make_plan", plan_then_spoil)
    result = built.run("build", "--lists", str(lists))
    assert result.exit_code == 2, result.output
    (line,) = [line for line in result.stderr.splitlines() if "more-artists.csv" in line]
    assert line.startswith("laion-assets: ")
    assert "line 2: wrong number of cells" in line
