"""Benchmark of the name matcher against a bare scan, Aho-Corasick and SQLite FTS5.

Every measurement is a process of its own, so that peak memory is its own; the process that starts
them stays small, because on Linux a child's `ru_maxrss` begins at its parent's peak.
Aho-Corasick and FTS5 are slow, so they see a part of the captions and their seconds are scaled;
over that part all contenders must count the same, name by name.

Lives here: the order of the measurements, the table and the command. Not here: what is matched
(`matching_inputs`) and by whom (`matching_contenders`).
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import click
import numpy as np

from bench.matching_contenders import (
    REPEATS,
    THREADS,
    Counts,
    Timing,
    aho_corasick,
    fts5_index,
    fts5_queries,
    idle,
    ours,
    ours_in_part,
    scan,
)
from bench.matching_inputs import INVENTIONS, LISTED, Job, make_captions, make_names

ROOT = Path(__file__).resolve().parents[1]
_SHOWN = 3  # names shown on which two contenders differ


Step = Callable[[Job], list[Timing] | None]

#: What a process can be asked to do.
STEPS: dict[str, Step] = {
    step.__name__: step
    for step in (
        make_captions,
        make_names,
        idle,
        scan,
        ours,
        ours_in_part,
        aho_corasick,
        fts5_index,
        fts5_queries,
    )
}


def run(step: Step, job: Job) -> list[Timing]:
    """Do one step in a process of its own."""
    command = [sys.executable, "-m", "bench.matching", "--folder", str(job.folder)]
    command += ["--rows", str(job.rows), "--part", str(job.part), "--names", str(job.names)]
    command += ["--measure", step.__name__, "--kind", job.kind]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise click.ClickException(f"{step.__name__} failed with exit code {done.returncode}")
    return [Timing(**line) for line in json.loads(done.stdout.splitlines()[-1])]


class Table:
    """The printed table; its first line with rows is what the ratios are of."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._baseline = 0.0
        self._scaled = False
        click.echo(
            f"{'what':24}{'rows':>12}{'names':>9}{'found':>12}{'seconds':>10}{'ratio':>11} "
            f"{'peak MiB':>9}"
        )

    def add(self, lines: Sequence[Timing]) -> None:
        """Print lines of the table."""
        for line in lines:
            seconds, mark = line.seconds, " "
            if line.rows is not None and line.rows < self._job.rows:
                seconds, mark = seconds * self._job.rows / line.rows, "*"
                self._scaled = True
            self._baseline = self._baseline or seconds
            ratio = seconds / self._baseline
            click.echo(
                f"{line.what:24}{_number(line.rows):>12}{_number(line.names):>9}"
                f"{_number(line.found):>12}{line.seconds:10.2f}{ratio:11,.2f}{mark}"
                f"{line.peak / 2**20:9,.0f}"
            )

    def notes(self, idle_peak: int) -> None:
        """Print what the numbers mean."""
        click.echo(
            "ratio: to the bare scan, SELECT bit_xor(hash(caption)), which reads every byte. "
            "found: pairs of caption and name.\n"
            "Names beyond the listed are crossed of listed ones, as people's are; the worst case "
            "takes pairs and triples of the captions' own words instead."
        )
        if self._scaled:
            factor = self._job.rows / self._job.part
            click.echo(
                f"* scaled: measured on the first {self._job.part:,} rows, and the ratio takes "
                f"the seconds times {factor:,.2f}."
            )
        click.echo(
            f"Scan and ours: {THREADS} threads, median of {REPEATS}; the others: 1 thread, once. "
            f"{idle_peak / 2**20:,.0f} MiB of each peak are Python and its libraries."
        )


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def measure_names(table: Table, job: Job, *, with_aho_corasick: bool) -> list[str]:
    """Measure every contender with one number of names; return what they disagree about."""
    run(make_names, job)
    table.add(run(ours, job))
    if job.part < job.rows:
        table.add(run(ours_in_part, job))
    contenders = ["ours", "FTS5"]
    if with_aho_corasick:
        table.add(run(aho_corasick, job))
        contenders.append("Aho-Corasick")
    table.add(run(fts5_queries, job))
    counts = {contender: np.load(job.counts(contender)) for contender in contenders}
    return [f"{job.names:,} names: {line}" for line in disagreements(counts)]


def measure_worst_case(table: Table, job: Job) -> None:
    """Measure ours on names that the captions are full of: its seconds grow with what it finds."""
    run(make_names, job)
    _, line = run(ours, job)
    table.add([replace(line, what="ours: the worst case")])


def disagreements(counts: dict[str, Counts]) -> list[str]:
    """Compare each contender's counts with the first one's; return a line for each that differs."""
    (first, expected), *others = counts.items()
    lines = []
    for contender, found in others:
        differing = np.flatnonzero(found != expected)
        if differing.size:
            shown = ", ".join(
                f"number {n}: {found[n]} instead of {expected[n]}" for n in differing[:_SHOWN]
            )
            lines.append(f"{contender} and {first} differ on {differing.size:,}, such as {shown}")
    return lines


def compare(folder: Path, rows: int, part: int, names: Sequence[int]) -> None:
    """Measure everything and print the table; exit 1 where counts differ."""
    with_aho_corasick = importlib.util.find_spec("ahocorasick") is not None
    job = Job(folder.resolve(), rows, part, 0, "people")
    run(make_captions, job)
    (nothing,) = run(idle, job)
    table = Table(job)
    table.add(run(scan, job))
    table.add(run(fts5_index, job))
    wrong = [
        line
        for number in names
        for line in measure_names(
            table, replace(job, names=number), with_aho_corasick=with_aho_corasick
        )
    ]
    measure_worst_case(table, replace(job, names=max(names), kind="phrases"))
    table.notes(nothing.peak)
    if not with_aho_corasick:
        click.echo("Aho-Corasick is left out: pyahocorasick is not installed.")
    for line in wrong:
        click.echo(line, err=True)
    if wrong:
        sys.exit(1)
    click.echo(f"All contenders count the same over the first {part:,} rows, name by name.")


def parse_names(_context: click.Context, _option: click.Parameter, value: str) -> list[int]:
    """Read the numbers of names."""
    try:
        return [int(number) for number in value.split(",")]
    except ValueError:
        raise click.BadParameter(f"{value!r} is not numbers with commas, as 4400,44000") from None


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--rows",
    type=click.IntRange(min=1_000),
    default=12_000_000,
    show_default=True,
    help="Captions to match.",
)
@click.option(
    "--names",
    default="4400,44000,440000",
    show_default=True,
    metavar="N,N,...",
    callback=parse_names,
    help=f"Numbers of names: up to {LISTED:,} from the shipped lists, the rest invented.",
)
@click.option(
    "--part",
    type=click.IntRange(min=1_000),
    default=200_000,
    show_default=True,
    help="Captions that Aho-Corasick and FTS5 see; the ratio scales their seconds up to all.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Work here and keep the captions for the next run. Left out, a temporary folder is used.",
)
@click.option("--measure", type=click.Choice(list(STEPS)), hidden=True)
@click.option("--kind", type=click.Choice(list(INVENTIONS)), default="people", hidden=True)
def main(
    rows: int, names: list[int], part: int, folder: Path | None, measure: str | None, kind: str
) -> None:
    """Compare the name matcher with a bare scan, Aho-Corasick and SQLite FTS5.

    Prints seconds, their ratio to DuckDB's bare scan of the captions, and peak memory. Exits 1
    when the contenders do not count the same. Nothing else should run on the machine.

    \b
    python -m bench.matching                               12 million captions, 440,000 names
    python -m bench.matching --rows 200000 --names 4400    a first look, half a minute
    python -m bench.matching --folder /tmp/captions        makes the captions only once
    """  # noqa: D301 - click reads \b
    part = min(part, rows)
    if measure and folder:
        lines = STEPS[measure](Job(folder, rows, part, names[0], kind))
        click.echo(json.dumps([asdict(line) for line in lines or []]))
        return
    if min(names) < 1:
        raise click.UsageError("at least one name is needed")
    with tempfile.TemporaryDirectory(prefix="laion-bench-") as temporary:
        work = folder or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        compare(work, rows, part, names)


if __name__ == "__main__":
    main()
