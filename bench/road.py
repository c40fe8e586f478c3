"""The whole road, from source files to a finished site, through Dagster: what each asset costs.

`python -m bench.road FOLDER --rows 12000000 --files 12`: makes the sample, then measures in
processes of their own a bare DuckDB rewrite of the same columns, a build of all files but the last
from nothing, that last file on top, a build with nothing new, and all files from nothing. Nothing
else should run on the machine. `bench.study` is the road of 2022, for comparison.

Lives here: those runs and their tables. Not here: single steps (`bench.run`), search
(`bench.search_build`).
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import duckdb

from bench.run import leave_only_text
from bench.study import study
from laion_assets.core.build.graph import GRAPH
from laion_assets.core.build.plan import Plan
from laion_assets.core.build.settings import Settings, save_settings
from laion_assets.core.build.workspace import Workspace
from laion_assets.refresh import OVERHEAD, refresh
from laion_assets.sample import write_sample

_KIB = 1024
_STUDY_ROWS = 1_000_000


def main() -> None:
    """Run what is asked for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="work here; sources that are there are kept")
    parser.add_argument("--rows", type=int, default=12_000_000)
    parser.add_argument("--files", type=int, default=12)
    parser.add_argument("--memory", default=Settings().memory, help="the build's setting")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        _RUNS[options.run](options)
        return
    runs = {name: _in_a_process(name, options) for name in _RUNS if name != "source"}
    _print(runs, options)


def _source(options: argparse.Namespace) -> None:
    for folder, rows, files in (
        (options.folder / "source", options.rows, options.files),
        (options.folder / "study-source", min(options.rows, _STUDY_ROWS), 1),
    ):
        if len(list(folder.glob("*.parquet"))) != files:
            for path in write_sample(folder, rows=rows, files=files):
                leave_only_text(path)


def _rewrite(options: argparse.Namespace) -> None:
    """Read and write the columns that cleaning reads, without any rule."""
    target = options.folder / "rewritten.parquet"
    with _measured("rewrite"), duckdb.connect(config={"threads": 2}) as connection:
        for path in _sources(options):
            connection.execute(
                "COPY (SELECT URL, TEXT, WIDTH, HEIGHT, similarity, punsafe, pwatermark, "
                f"AESTHETIC_SCORE, hash FROM read_parquet('{path}')) "
                f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            )
    target.unlink()


def _sources(options: argparse.Namespace) -> list[Path]:
    return sorted((options.folder / "source").glob("*.parquet"))


def _all_but_one(options: argparse.Namespace) -> None:
    _build(options, "grown", _sources(options)[:-1], fresh=True)


def _one_more(options: argparse.Namespace) -> None:
    _build(options, "grown", _sources(options))


def _nothing_new(options: argparse.Namespace) -> None:
    _build(options, "grown", _sources(options))


def _all_files(options: argparse.Namespace) -> None:
    shutil.rmtree(options.folder / "grown", ignore_errors=True)
    _build(options, "whole", _sources(options), fresh=True)


def _study(options: argparse.Namespace) -> None:
    (source,) = (options.folder / "study-source").glob("*.parquet")
    with _measured("study"):
        study(source, options.folder / "study")


def _ours(options: argparse.Namespace) -> None:
    _build(options, "ours", list((options.folder / "study-source").glob("*.parquet")), fresh=True)


_RUNS = {
    "source": _source,
    "rewrite": _rewrite,
    "all files but one": _all_but_one,
    "one file more": _one_more,
    "nothing new": _nothing_new,
    "all files": _all_files,
    "the study's own way": _study,
    "ours, as many rows": _ours,
}


class _measured:  # noqa: N801 - a context manager, read as a verb
    """Prints seconds, seconds of the processor and peak memory of what is done inside."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.assets: dict[str, Asset] = {}

    def __enter__(self) -> Self:
        self._started, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB
        told = {
            "seconds": time.perf_counter() - self._started,
            "cpu": time.process_time() - self._cpu,
            "peak": peak,
            "assets": {name: vars(asset) for name, asset in self.assets.items()},
        }
        print(json.dumps(told))


@dataclass
class Asset:
    """What one asset took; `cpu` and `peak` are of the process until the asset after it began.

    That may be a check or two later: `until` are the seconds till then, `seconds` its own.
    """

    seconds: float = 0.0
    until: float = 0.0
    cpu: float = 0.0
    peak: int = 0


class _ByAsset:
    """Tells assets apart by their progress: whoever reports is at work."""

    def __init__(self, assets: dict[str, Asset]) -> None:
        self._assets = assets
        self._current = ""
        self._at = time.perf_counter(), time.process_time()

    def progress(self, label: str, _done: int, _total: int) -> None:
        """Note that an asset is at work."""
        if label != self._current and label in GRAPH:
            self.close()
            self._current = label

    def close(self) -> None:
        """Count what passed for the asset that was at work."""
        now = time.perf_counter(), time.process_time()
        asset = self._assets.setdefault(self._current or "(planning)", Asset())
        asset.until += now[0] - self._at[0]
        asset.seconds = asset.until
        asset.cpu += now[1] - self._at[1]
        asset.peak = max(asset.peak, _peak_since())
        self._at = now


def _peak_since() -> int:
    """Return the most memory that was held since the last call (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # see proc(5)
    return int(line.split()[1]) * _KIB


def _build(
    options: argparse.Namespace, name: str, sources: list[Path], *, fresh: bool = False
) -> None:
    folder = options.folder / name
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(dataset="files", sources=tuple(map(str, sources)), memory=options.memory)
    save_settings(folder, settings)
    with _measured(name) as measured:
        by_asset = _ByAsset(measured.assets)
        done = refresh(Workspace(folder, settings), by_asset.progress, _silent)
        by_asset.close()
        for step, seconds in done.seconds.items():
            if step != OVERHEAD:
                measured.assets.setdefault(step, Asset()).seconds = seconds


def _silent(_: Plan) -> None:
    pass


def _in_a_process(name: str, options: argparse.Namespace) -> dict[str, float]:
    if name == "rewrite":
        _in_a_process("source", options)
    command = [
        sys.executable, "-m", "bench.road", str(options.folder), "--rows", str(options.rows),
        "--files", str(options.files), "--memory", options.memory, "--run", name,
    ]  # fmt: skip
    print(f"{name} …", file=sys.stderr)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    found: dict[str, float] = json.loads(lines[-1]) if lines else {}
    return found


def _print(runs: dict[str, dict[str, Any]], options: argparse.Namespace) -> None:
    whole, rewrite = runs["all files"], runs["rewrite"]
    print(f"{options.rows:,} rows in {options.files} files, 2 threads, memory {options.memory}\n")
    print("| asset | seconds | rows a second | processor, % | peak, MiB | of a bare rewrite |")
    print("|---|---|---|---|---|---|")
    for name, asset in {**whole["assets"], "all": whole}.items():
        until = asset.get("until", asset["seconds"])
        share = f"{100 * asset['cpu'] / until:.0f}" if until and asset["cpu"] else "–"
        peak = f"{asset['peak'] / 2**20:,.0f}" if asset["peak"] else "–"
        print(
            f"| {name} | {asset['seconds']:.1f} | {options.rows / asset['seconds']:,.0f} | {share} "
            f"| {peak} | {asset['seconds'] / rewrite['seconds']:.2f} |"
        )
    print("\n| run | seconds | of all files | processor, % | peak, MiB |\n|---|---|---|---|---|")
    for name, run in runs.items():
        print(
            f"| {name} | {run['seconds']:.1f} | {run['seconds'] / whole['seconds']:.3f} "
            f"| {100 * run['cpu'] / run['seconds']:.0f} | {run['peak'] / 2**20:,.0f} |"
        )
    study_, ours = runs["the study's own way"], runs["ours, as many rows"]
    rows = min(options.rows, _STUDY_ROWS)
    ratio = ours["seconds"] / study_["seconds"]
    print(f"\nOurs to the study's own way at {rows:,} rows: {ratio:.2f}")


if __name__ == "__main__":
    main()
