"""Dagster's own command line finds the project as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from laion_assets.core.build.graph import GRAPH
from laion_assets.dagster_home import dagster_home
from tests.repository import ROOT


@pytest.mark.parametrize(
    "words", [["check", "defs"], ["check", "toml"], ["list", "defs", "--json"]]
)
def test_dg_understands_the_project(tmp_path: Path, words: list[str]) -> None:
    """Checked and listed without a warning, over whatever DAGSTER_HOME names."""
    programs = Path(sys.executable).parent
    environment = os.environ | {
        "DAGSTER_HOME": str(dagster_home(tmp_path / "build")),
        "VIRTUAL_ENV": str(programs.parent),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        [programs / "dg", *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stderr.lower(), done.stderr
    if "--json" in words:
        listed = {asset["asset_key"] for asset in json.loads(done.stdout)["assets"]}
        assert set(GRAPH) <= listed
