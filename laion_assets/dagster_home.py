"""A build directory's DAGSTER_HOME: where Dagster keeps the history that the UI shows.

Run as a module (`python -m laion_assets.dagster_home BUILD_DIR`) it prepares the folder for
`dagster dev`, which quietly uses a throw-away one when it does not exist.
"""

import sys
from pathlib import Path

from laion_assets.core.base.files import write_bytes

_DAGSTER_YAML = """\
# Written by laion-assets. One run at a time: the build directory has one lock.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
"""


def dagster_home(build_dir: Path) -> Path:
    """Return `<build_dir>/dagster`, made and configured if need be."""
    home = build_dir / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        write_bytes(home / "dagster.yaml", _DAGSTER_YAML.encode())
    return home


if __name__ == "__main__":
    dagster_home(Path(sys.argv[1]).resolve())
