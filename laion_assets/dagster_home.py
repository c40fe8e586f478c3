"""A build directory's DAGSTER_HOME: where Dagster keeps the history that the UI shows.

Run as a module (`python -m laion_assets.dagster_home BUILD_DIR`) it prepares the folder for
`dagster dev`, which quietly uses a throw-away one when it does not exist.
"""

import sys
from pathlib import Path

from laion_assets.core.base.files import write_bytes

_DAGSTER_YAML = """\
# Written by laion-assets. One run at a time: the build directory has one lock. Nobody prints inside
# a step, and capturing it would start two processes a step that answer Ctrl-C with tracebacks.
telemetry:
  enabled: false
nux:
  enabled: false
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
concurrency:
  runs:
    max_concurrent_runs: 1
"""


def dagster_home(build_dir: Path) -> Path:
    """Return `<build_dir>/dagster`, made and configured if need be."""
    home = build_dir / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    path = home / "dagster.yaml"
    if not path.exists() or _is_older(path.read_bytes()):
        write_bytes(home / "dagster.yaml", _DAGSTER_YAML.encode())
    return home


def _is_older(content: bytes) -> bool:
    """Tell whether an older version wrote it: what the user wrote stays."""
    return content.startswith(b"# Written by laion-assets.") and b"compute_logs" not in content


if __name__ == "__main__":
    dagster_home(Path(sys.argv[1]).resolve())
