"""What each export costs, beside the database of 2022 made the way it was made then.

`python -m bench.exports FOLDER --rows 1000000`: makes the sample and builds it (both stay in
FOLDER), then measures every export, and the study's own way, in processes of their own. Nothing
else should run on the machine.

Lives here: those runs and their table. Not here: the road to the site (`bench.road`), the way of
2022 (`bench.study`).
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

from bench.run import leave_only_text
from bench.study import make_database
from laion_assets.core.base.progress import silent
from laion_assets.core.build.exporting import withdraw_exports
from laion_assets.core.build.graph import EXPORTS
from laion_assets.core.build.settings import Settings, save_settings
from laion_assets.core.build.workspace import Workspace
from laion_assets.refresh import OVERHEAD, export, refresh
from laion_assets.sample import write_sample

_KIB = 1024
_STUDY, _AGAIN, _BUILD = "the study's own way", "all, nothing new", "build"


def main() -> None:
    """Run what is asked for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="work here; what is there is kept")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run == _BUILD:
        _prepare(options.folder, options.rows)
        return
    if options.run:
        _run(options.run, options.folder)
        return
    _in_a_process(_BUILD, options)
    runs = {name: _in_a_process(name, options) for name in (*EXPORTS, _AGAIN, _STUDY)}
    study = runs[_STUDY]["seconds"]
    print(f"{options.rows:,} rows\n\n| run | seconds | of {_STUDY} | peak, MiB | MiB written |")
    print("|---|---|---|---|---|")
    for name, run in runs.items():
        print(
            f"| {name} | {run['seconds']:.1f} | {run['seconds'] / study:.2f} "
            f"| {run['peak'] / 2**20:,.0f} | {run['bytes'] / 2**20:,.0f} |"
        )


def _prepare(folder: Path, rows: int) -> None:
    """Make the sample, and build it; take away what was exported before."""
    if not list((folder / "source").glob("*.parquet")):
        for path in write_sample(folder / "source", rows=rows, files=1):
            leave_only_text(path)
    settings = Settings(dataset="files", sources=(str(folder / "source"),))
    (folder / "build").mkdir(parents=True, exist_ok=True)
    save_settings(folder / "build", settings)
    workspace = _workspace(folder)
    refresh(workspace, silent, lambda _: None)
    withdraw_exports(workspace.paths)
    print("{}")


def _workspace(folder: Path) -> Workspace:
    settings = Settings(dataset="files", sources=(str(folder / "source"),))
    return Workspace((folder / "build").resolve(), settings)


def _run(name: str, folder: Path) -> None:
    """Do one thing and print what it took: of an export its own step, without Dagster's start."""
    started = time.perf_counter()
    if name == _STUDY:
        shutil.rmtree(folder / "study", ignore_errors=True)
        (source,) = (folder / "source").glob("*.parquet")
        written = make_database(source, folder / "study").stat().st_size
        seconds = time.perf_counter() - started
    else:
        workspace = _workspace(folder)
        wanted = list(EXPORTS) if name == _AGAIN else [name]
        done = export(workspace, wanted, silent)
        steps = {step: taken for step, taken in done.seconds.items() if step != OVERHEAD}
        seconds = steps.get(name, time.perf_counter() - started)
        stamp = workspace.stamps.read(name) if name in EXPORTS else None
        written = sum(size for _, size in stamp.outputs.values()) if stamp else 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB
    print(json.dumps({"seconds": seconds, "peak": peak, "bytes": written}))


def _in_a_process(name: str, options: argparse.Namespace) -> dict[str, float]:
    print(f"{name} …", file=sys.stderr)
    command = [
        sys.executable, "-m", "bench.exports", str(options.folder), "--rows", str(options.rows),
        "--run", name,
    ]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
