"""Assets, checks, jobs and resources put together over one build directory.

Importing this opens none: `definitions` does, for Dagster's own tools.
"""

from pathlib import Path

import dagster as dg

from laion_assets.assets import exports, published, source_files
from laion_assets.assets.external import EXTERNAL
from laion_assets.assets.merged_tables import TABLE_DEFINITIONS
from laion_assets.automation import AUTOMATION_SENSOR, discover_source_files
from laion_assets.checks import ASSET_CHECKS
from laion_assets.jobs import JOBS, look_weekly
from laion_assets.resources import BuildDirectory, default_build_dir, duckdb_resource


def build_defs(build_dir: Path | None = None, *, takedown: bool = False) -> dg.Definitions:
    """Return fresh definitions over one build directory (default: the one of DAGSTER_HOME)."""
    build = BuildDirectory(path=str(build_dir or default_build_dir()), takedown=takedown)
    return dg.Definitions(
        assets=[
            *EXTERNAL,
            *dg.load_assets_from_modules([source_files, published, exports]),
            *TABLE_DEFINITIONS,
        ],
        asset_checks=ASSET_CHECKS,
        jobs=JOBS,
        schedules=[look_weekly],
        sensors=[discover_source_files, AUTOMATION_SENSOR],
        resources={"build": build, "duckdb_engine": duckdb_resource(build.workspace())},
        executor=dg.in_process_executor,
    )
