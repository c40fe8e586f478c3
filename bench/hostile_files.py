"""What hostile files cost: every per-file step over mutated parquet, crafted files and bad rows.

`python -m bench.hostile_files --seed 7`: prints a table, and exits 1 when a file breaks a promise:
it is refused in one line or its rows are kept and rejected and all accounted for; no step takes
more than 1.5 GB of memory, nor a file below 1 MB more than 60 s. Not here: making the files
(`hostile_makers`).
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from bench.hostile_makers import crafted, good_files, mutate, rows_files
from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.base.memory import keep_less_memory
from laion_assets.core.cleaning.rules import clean_file
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.index.segment import write_segment
from laion_assets.core.names.list_files import ListFiles
from laion_assets.core.names.mentions import NameTable, write_mentions
from laion_assets.core.reading.source_file import describe_source
from laion_assets.core.sources.datasets import load_dataset

MOST_MEMORY = 1_500  # MB
MOST_SECONDS = 60
SMALL = 1_000_000  # bytes of a file that the seconds are promised for
_HUNG = 900  # seconds after which a file is given up
_THREADS = 2
Result = TypeVar("Result")


@dataclass
class Outcome:
    """What came of one file."""

    name: str
    size: int = 0
    said: str = ""  # why it was refused, or what broke
    read: int = 0
    broken: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    memory: int = 0  # MB at most

    @property
    def failed(self) -> bool:
        """Tell whether a promise was broken."""
        slow = self.size < SMALL and sum(self.seconds.values()) > MOST_SECONDS
        return self.broken or slow or self.memory > MOST_MEMORY


def run_steps(path: Path, folder: Path, names: NameTable) -> Outcome:
    """Take a file through every step that works on one file; nothing but a refusal may come of it.

    Seconds are those of the clock or of the processor, whichever is less: others may be at work.
    """
    outcome = Outcome(path.name, path.stat().st_size)
    images, rejects, keys = (folder / name for name in ("images", "rejects", "keys"))

    def timed(step: str, work: Callable[[], Result]) -> Result:
        clock, processor = time.monotonic(), time.process_time()
        try:
            return work()
        finally:
            taken = min(time.monotonic() - clock, time.process_time() - processor)
            outcome.seconds[step] = round(taken, 1)

    dataset = load_dataset("files")
    config: dict[str, Any] = {"threads": _THREADS, "memory_limit": "2GB"}
    config["temp_directory"] = str(folder / "spill")
    try:
        with duckdb.connect(config=config) as connection:
            found = timed("describe", lambda: describe_source(path, dataset))
            counts = timed(
                "clean",
                lambda: clean_file(
                    connection, path, found.layout, Thresholds(),
                    images=images, rejects=rejects, keys=keys,
                ),
            )  # fmt: skip
            outcome.read = counts.read
            if not counts.read == found.rows == counts.kept + counts.rejected.total():
                outcome.said, outcome.broken = "rows are lost", True
            timed(
                "mentions",
                lambda: write_mentions(
                    images,
                    names,
                    mentions=folder / "mentions",
                    mentioning=folder / "mentioning",
                    variant_counts=folder / "spellings",
                    threads=_THREADS,
                ),
            )
            timed(
                "segment",
                lambda: write_segment(
                    connection,
                    images,
                    keys,
                    documents=folder / "documents",
                    words=folder / "words",
                    description=folder / "segment",
                ),
            )
    except BadSourceFile as refusal:
        outcome.said = str(refusal)
        outcome.broken = "\n" in outcome.said
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        outcome.said, outcome.broken = f"{type(error).__name__}: {error}", True
    return outcome


def _work() -> None:
    """Take the files whose names come in, one a line, and tell what came of each."""
    keep_less_memory()
    names = NameTable(ListFiles())
    for line in sys.stdin:
        Path("/proc/self/clear_refs").write_text("5")  # forgets the peak so far
        with tempfile.TemporaryDirectory() as folder:
            outcome = run_steps(Path(line.strip()), Path(folder), names)
        status = Path("/proc/self/status").read_text()
        peak = next(row for row in status.splitlines() if row.startswith("VmHWM"))
        outcome.memory = int(peak.split()[1]) // 1000
        print(json.dumps(vars(outcome)), flush=True)


class _Worker:
    """A process that takes files, started again when one has killed it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def run(self, path: Path) -> Outcome:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bench.hostile_files", "--work"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        process = self._process
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(f"{path}\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            self._process = None
            said = f"killed the process ({process.wait(_HUNG)})"
            return Outcome(path.name, path.stat().st_size, said, broken=True)
        return Outcome(**json.loads(line))

    def close(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait(_HUNG)


def make_files(folder: Path, seed: int, fuzzed: int, rows: int, only: str) -> Iterator[Path]:
    """Yield the files of a seed, each written when it is asked for."""
    chance = random.Random(seed)  # noqa: S311 - the same files every time
    for name, content in crafted(random.Random(seed)) if only != "fuzzed" else ():  # noqa: S311
        if only in name:
            path = folder / name
            path.write_bytes(content)
            yield path
    if not only:
        yield from rows_files(folder, chance, rows)
    goods = good_files(chance)
    for number in range(fuzzed if only in ("", "fuzzed") else 0):
        path = folder / f"fuzzed-{number:03}.parquet"
        path.write_bytes(mutate(chance, goods))
        yield path


def main() -> None:
    """Run all files and print what came of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--fuzzed", type=int, default=150, help="mutated parquet files")
    parser.add_argument("--rows", type=int, default=25_000, help="hostile rows")
    parser.add_argument("--only", default="", help="crafted files whose name has this, or fuzzed")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        _work()
        return
    worker = _Worker()
    failures = files = 0
    print(f"{'file':22}{'bytes':>12}{'rows read':>11}{'seconds':>9}{'MB':>7}  ")
    with tempfile.TemporaryDirectory() as folder:
        for path in make_files(Path(folder), asked.seed, asked.fuzzed, asked.rows, asked.only):
            done = worker.run(path)
            path.unlink()
            files, failures = files + 1, failures + done.failed
            steps = " ".join(f"{step} {seconds}" for step, seconds in done.seconds.items())
            print(
                f"{done.name:22}{done.size:12,}{done.read:11,}{sum(done.seconds.values()):9.1f}"
                f"{done.memory:7,}  {'FAILED ' if done.failed else ''}"
                f"{done.said[:150] or steps}",
                flush=True,
            )
    worker.close()
    print(f"{files} files, {failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
