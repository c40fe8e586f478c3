"""A build directory's DAGSTER_HOME: where Dagster keeps the history that the UI shows.

Run as a module (`python -m laion_assets.dagster_home BUILD_DIR`) it prepares the folder for
`dagster dev`, which quietly uses a throw-away one when it does not exist, and names it in `.env`,
which wins there over what is exported.
"""

import os
import re
import sys
from pathlib import Path

from dotenv import set_key

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import (
    private_folder,
    sha256_bytes,
    temporary_beside,
    write_bytes,
)
from laion_assets.core.build.settings import FILE_NAME

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


#: What Dagster (1.13) misreads in a path: it looks for `dagster.yaml` by a pattern, and makes a URL
#: of each database's path without quoting it.
_MISREAD = re.compile(r"[*?\[%]")


def dagster_home(build_dir: Path) -> Path:
    """Return `<build_dir>/dagster`, made and configured if need be."""
    home = build_dir / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    path = home / "dagster.yaml"
    if not path.exists() or _is_outdated(path.read_bytes()):
        write_bytes(path, _DAGSTER_YAML.encode())
    return home


def readable_home(home: Path) -> Path:
    """Return a path of a DAGSTER_HOME that Dagster does not misread: itself, or a link to it.

    Links lie in a temporary folder of this user alone and are made anew whenever they are gone.
    """
    if not _MISREAD.search(str(home)):
        return home
    folder = private_folder()
    if folder is None:
        found = "".join(sorted(set(_MISREAD.findall(str(home)))))
        raise UserError(
            f"{home}: Dagster misreads {found} in a path, and there is no temporary folder for a "
            "link to it; set TMPDIR to one, or choose another --build-dir"
        )
    link = folder / f"dagster-{sha256_bytes(os.fsencode(home))[:12]}"
    if not link.is_symlink() or link.readlink() != home:
        temporary = temporary_beside(link)
        temporary.symlink_to(home)
        temporary.replace(link)
    return link


def is_ours(home: Path) -> bool:
    """Tell whether a DAGSTER_HOME (no link to it) is a build directory's: not another project's."""
    if home.name != "dagster":
        return False
    if (home.parent / FILE_NAME).is_file():
        return True
    try:
        return (home / "dagster.yaml").read_bytes().startswith(_OURS)
    except OSError:
        return False


def forget_others() -> None:
    """Let nothing that is exported for other projects of Dagster's concern this process."""
    for name in [name for name in os.environ if name.startswith("DAGSTER_")]:
        del os.environ[name]


def use_home(home: Path) -> None:
    """Let this process use one DAGSTER_HOME."""
    os.environ["DAGSTER_HOME"] = str(readable_home(home))


def remember_home(home: Path, folder: Path) -> None:
    """Name a DAGSTER_HOME in the `.env` of a folder, which `dagster dev` reads there."""
    set_key(folder / ".env", "DAGSTER_HOME", str(readable_home(home)))


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
    remember_home(dagster_home(Path(sys.argv[1]).resolve()), Path.cwd())
