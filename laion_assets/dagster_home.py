"""A build directory's DAGSTER_HOME: where Dagster keeps the history that the UI shows.

Run as a module (`python -m laion_assets.dagster_home BUILD_DIR`) it prepares the folder for
`dagster dev`, which quietly uses a throw-away one when it does not exist.
"""

import sys
from pathlib import Path

from laion_assets.core.base.files import write_bytes

_OURS = b"# Written by laion-assets."
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
    if not path.exists() or _is_outdated(path.read_bytes()):
        write_bytes(home / "dagster.yaml", _DAGSTER_YAML.encode())
    return home


def _is_outdated(content: bytes) -> bool:
    """Tell whether another version wrote it, or it was damaged: what the user wrote stays."""
    if content == _DAGSTER_YAML.encode():
        return False
    return content.startswith(_OURS) or not _is_text(content)


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


if __name__ == "__main__":
    dagster_home(Path(sys.argv[1]).resolve())
