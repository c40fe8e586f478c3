"""The steps of each source file on this machine and on Ray, on the same cores: what Ray costs.

`python -m bench.engines FOLDER --rows 12000000 --files 200`: makes the sample, then what is made of
each file, from nothing, by each engine in a process of its own, and compares what they wrote.
Nothing else should run on the machine. Needs the extra `[ray]`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from typing import Self

from laion_assets.core.base.files import sha256_file
from laion_assets.core.build.graph import MERGED, PER_FILE
from laion_assets.core.build.plan import Plan
from laion_assets.core.build.settings import Settings, save_settings
from laion_assets.core.build.workspace import Workspace
from laion_assets.refresh import refresh
from laion_assets.sample import write_sample

_ENGINES = ("local", "ray")


class _FilesAreDoneError(Exception):
    """What is merged begins, which no engine is asked for."""


def main() -> None:
    """Run both engines, and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="work here; sources that are there are kept")
    parser.add_argument("--rows", type=int, default=12_000_000)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--run", choices=_ENGINES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    source = options.folder / "source"
    if options.run:
        print(json.dumps(_build(options.folder / options.run, source, options.run)))
        return
    if len(list(source.glob("*.parquet"))) != options.files:
        list(write_sample(source, rows=options.rows, files=options.files))
    runs = {engine: _in_a_process(options.folder, engine) for engine in _ENGINES}
    print(f"{options.rows:,} rows in {options.files} files, {os.cpu_count()} cores\n")
    print("| engine | " + " | ".join(PER_FILE) + " | all | of local | peak of a process, MiB |")
    print("|---|" + "---|" * (len(PER_FILE) + 3))
    whole = {engine: sum(run[step] for step in PER_FILE) for engine, run in runs.items()}
    for engine, run in runs.items():
        steps = " | ".join(f"{run[step]:.1f}" for step in PER_FILE)
        ratio, peak = whole[engine] / whole["local"], run["peak"] / 2**20
        print(f"| {engine} | {steps} | {whole[engine]:.1f} | {ratio:.2f} | {peak:,.0f} |")
    same = _written(options.folder / "local") == _written(options.folder / "ray")
    print(f"\nThe same bytes: {'yes' if same else 'no'}")


def _build(root: Path, source: Path, engine: str) -> dict[str, float]:
    """Make what is made of each file; return the seconds of each step, and the peak memory."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    settings = Settings(dataset="files", sources=(str(source),), engine=engine)
    save_settings(root, settings)
    began: dict[str, float] = {}

    def progress(step: str, _done: int, _total: int) -> None:
        if step not in began:
            began[step] = time.perf_counter()
        if step in MERGED:
            raise _FilesAreDoneError

    with _Peak() as peak, suppress(_FilesAreDoneError):
        refresh(Workspace(root, settings), progress, _silent)
    steps = [*PER_FILE, next(step for step in began if step in MERGED)]
    order = sorted((began[step], step) for step in steps)
    seconds = {step: later - start for (start, step), (later, _) in pairwise(order)}
    return {**seconds, "peak": peak.bytes}


def _silent(_: Plan) -> None:
    pass


class _Peak:
    """The most memory that one process of ours or of Ray's workers held meanwhile (Linux)."""

    def __enter__(self) -> Self:
        self.bytes = 0
        self._end = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        own = str(os.getpid())
        while not self._end.wait(0.2):
            for folder in Path("/proc").iterdir():
                try:
                    title = (folder / "cmdline").read_bytes() if folder.name.isdigit() else b""
                    if folder.name != own and not title.startswith(b"ray::"):
                        continue
                    pages = int((folder / "statm").read_text(encoding="utf-8").split()[1])
                except (OSError, ValueError, IndexError):
                    continue
                self.bytes = max(self.bytes, pages * os.sysconf("SC_PAGE_SIZE"))


def _in_a_process(folder: Path, engine: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.engines", str(folder), "--run", engine]
    print(f"{engine} …", file=sys.stderr)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _written(root: Path) -> dict[str, str]:
    """Return the digest of every file of rows that was made."""
    paths = [*(root / "tables").rglob("*.parquet"), *(root / "index" / "segments").iterdir()]
    return {
        path.relative_to(root).as_posix(): sha256_file(path)
        for path in sorted(paths)
        if not path.name.endswith(".stamp.json")
    }


if __name__ == "__main__":
    main()
