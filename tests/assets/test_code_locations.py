"""Several build directories in one instance of Dagster: each a code location with its prefix."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from laion_assets.core.build.graph import PER_FILE
from laion_assets.dagster_home import dagster_home
from laion_assets.keys import PREFIX_VARIABLE
from tests.building import Builder
from tests.repository import ROOT

#: What a code location does with an instance: a run of one asset for all its files.
_LOCATION = """
import sys
from pathlib import Path
import dagster as dg
from laion_assets.assembly import build_defs
from laion_assets.keys import PARTITIONS, asset_key
from laion_assets.partitions import RANGE_END, RANGE_START
from laion_assets.resources import BuildDirectory

root, home = sys.argv[1:]
defs = build_defs(Path(root))
with dg.DagsterInstance.from_config(home) as instance:
    keys = [source.key for source in BuildDirectory(path=root).open().sources.all()]
    instance.add_dynamic_partitions(PARTITIONS, keys)
    job = defs.resolve_implicit_global_asset_job_def()
    job.execute_in_process(
        instance=instance, asset_selection=[asset_key("raw_parquet")],
        tags={RANGE_START: keys[0], RANGE_END: keys[-1]},
    )
"""


def _locate(prefix: str, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Let a process be a code location with a prefix."""
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=os.environ | {PREFIX_VARIABLE: prefix, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_build_directories_share_an_instance_and_nothing_in_it(
    built: Builder, tmp_path: Path
) -> None:
    """Assets and partitions have the location's prefix; each knows its own files only."""
    home = dagster_home(tmp_path / "shared")
    one = built.copied_to(tmp_path / "one")
    two = built.copied_to(tmp_path / "two")
    (two.source / "a.parquet").unlink()
    for prefix, builder in (("one", one), ("two", two)):
        done = _locate(prefix, _LOCATION, str(builder.root), str(home))
        assert done.returncode == 0, done.stderr
    with dg.DagsterInstance.from_config(str(home)) as instance:
        made = {
            prefix: instance.get_materialized_partitions(dg.AssetKey([prefix, PER_FILE[0]]))
            for prefix in ("one", "two")
        }
        assert {key.path[0] for key in instance.get_asset_keys()} == {"one", "two"}
        for prefix, files in (("one", 2), ("two", 1)):
            assert len(made[prefix]) == files
            assert set(instance.get_dynamic_partitions(f"{prefix}__source_file")) == made[prefix]


def test_a_prefixed_build_is_a_build(builder: Builder, small_lists: Path) -> None:
    """The command works in such a location's environment, and history has the prefixed keys."""
    script = "from laion_assets.cli import main; main()"
    arguments = ["build", "--build-dir", str(builder.root), "--source", str(builder.source)]
    arguments += ["--lists", str(small_lists)]
    done = _locate("mine", script, *arguments)
    assert done.returncode == 0, done.stderr
    with dg.DagsterInstance.from_config(str(builder.root / "dagster")) as instance:
        assert {key.path[0] for key in instance.get_asset_keys()} == {"mine"}


@pytest.mark.parametrize("prefix", ["a-b", "a/b", "é"])
def test_a_prefix_that_dagster_does_not_take_is_one_line(prefix: str) -> None:
    """It says what may stand there."""
    done = _locate(prefix, "import laion_assets.keys")
    assert done.returncode != 0
    said = done.stderr.strip().splitlines()[-1]
    assert f"{PREFIX_VARIABLE}={prefix}: letters, digits and _ only" in said
