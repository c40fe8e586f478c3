"""What building a search index takes: ours, SQLite FTS5's and Pagefind's of the same captions.

`python -m bench.search_build FOLDER --rows 100000`: makes the corpus, then every measurement in a
process of its own, so that peak memory is its own; nothing else should run on the machine. Pagefind
is measured up to 100,000 rows, where it is installed (`pip install pagefind_bin`). Leaves
a site and a referee in the folder, for `bench.search_cost`.

Lives here: the measurements, their table, what the index consists of, the command. Not here: how
the index is made (`search_site`), rows (`search_corpus`).
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from html import escape
from pathlib import Path

import pyarrow as pa

from bench.search_corpus import SEED, Corpus, add_model_options, published, write_corpus
from bench.search_referee import build, insert_captions
from bench.search_site import MOST_FILES, merge, write_segments, write_site
from bench.search_words import learned

_KIB = 1024
_WARM_UP = 2_000  # rows of a first run, which compiles
_PAGEFIND_ROWS = 100_000
_PAGES_TOGETHER = 1_000  # in a folder


def corpus(options: argparse.Namespace) -> None:
    """Make the rows."""
    model = learned(options.like, options.domains)
    write_corpus(options.folder / "corpus", options.rows, model, options.seed)


def segments(options: argparse.Namespace) -> None:
    """Write every file's segment, one after another."""
    write_segments(Corpus(options.folder / "corpus"), options.folder)


def merged(options: argparse.Namespace) -> None:
    """Merge the segments."""
    merge(Corpus(options.folder / "corpus"), options.folder, options.most_files)


def fts5(options: argparse.Namespace) -> None:
    """Index the captions with SQLite FTS5, without keeping their text."""
    tables = list(published(Corpus(options.folder / "corpus"), ["caption"]))
    path = options.folder / "fts5.sqlite"
    insert_captions(path, pa.concat_tables(tables)["caption"]).close()
    path.unlink()


def referee(options: argparse.Namespace) -> None:
    """Build the referee: FTS5 of the captions in rank order, with fields and vocabulary."""
    build(Corpus(options.folder / "corpus"), options.folder / "referee")


def pages(options: argparse.Namespace) -> None:
    """Write a page for each caption, for Pagefind, which indexes pages."""
    folder = options.folder / "pages"
    shutil.rmtree(folder, ignore_errors=True)
    number = 0
    for table in published(Corpus(options.folder / "corpus"), ["caption"]):
        for caption in table["caption"].to_pylist():
            path = folder / str(number // _PAGES_TOGETHER) / f"{number}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                f"<html lang=en><body>{escape(caption)}</body></html>", encoding="utf-8"
            )
            number += 1


def pagefind(options: argparse.Namespace) -> None:
    """Index those pages with Pagefind."""
    executable = importlib.import_module("pagefind_bin").get_executable()
    command = [str(executable), "--site", str(options.folder / "pages")]
    command += ["--output-path", str(options.folder / "pagefind")]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


#: What can be measured, by name.
STEPS: dict[str, Callable[[argparse.Namespace], None]] = {
    "corpus": corpus,
    "segments": segments,
    "merge": merged,
    "fts5": fts5,
    "pages": pages,
    "pagefind": pagefind,
    "referee": referee,
}


def measure(options: argparse.Namespace) -> None:
    """Do one step and print its seconds and peak memory, with that of its processes, as JSON."""
    started = time.perf_counter()
    STEPS[options.measure](options)
    seconds = time.perf_counter() - started
    peaks = [
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    cpu = sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": sum(peaks) * _KIB}))


def series_of(index: Path) -> dict[str, list[int]]:
    """Return the sizes of an index's files by series: the folder of one letter that they lie in."""
    sizes: dict[str, list[int]] = defaultdict(list)
    for path in sorted(index.rglob("*")):
        if path.is_file():
            folders = path.relative_to(index).parts[:-1]
            series = next((name for name in folders if len(name) == 1), "directory")
            sizes[series].append(path.stat().st_size)
    return dict(sizes)


def describe(index: Path, rows: int) -> str:
    """Return the table of what an index consists of, as Markdown."""
    sizes = series_of(index)
    lines = ["| series | files | MB | bytes a row | largest, KB |", "|---|---|---|---|---|"]
    everything = [size for found in sizes.values() for size in found]
    lines += [
        f"| {series} | {len(found):,} | {sum(found) / 1e6:,.1f} | {sum(found) / rows:,.1f} "
        f"| {max(found, default=0) / 1e3:,.0f} |"
        for series, found in [*sorted(sizes.items()), ("all", everything)]
    ]
    for path in sorted(index.rglob("directory*.js")):
        size = len(gzip.compress(path.read_bytes(), 6))
        lines += ["", f"The directory is {size:,} bytes gzipped."]
    return "\n".join(lines)


def _command(options: argparse.Namespace, step: str, folder: Path, rows: int) -> list[str]:
    command = [sys.executable, "-m", "bench.search_build", str(folder), "--measure", step]
    command += ["--rows", str(rows), "--seed", str(options.seed)]
    command += ["--most-files", str(options.most_files)]
    for name in ("like", "domains"):
        if getattr(options, name) is not None:
            command += [f"--{name}", str(getattr(options, name))]
    return command


def _run(command: list[str]) -> dict[str, float]:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Make the rows, measure, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--most-files", type=int, default=MOST_FILES)
    parser.add_argument("--steps", help="only these, with commas between")
    parser.add_argument("--measure", choices=STEPS, help=argparse.SUPPRESS)
    add_model_options(parser)
    options = parser.parse_args()
    if options.measure:
        measure(options)
        return
    steps = options.steps.split(",") if options.steps else list(STEPS)
    reason = f"more than {_PAGEFIND_ROWS:,} rows" if options.rows > _PAGEFIND_ROWS else ""
    if importlib.util.find_spec("pagefind_bin") is None:
        reason = "it is not installed"
    if reason and "pagefind" in steps:
        print(f"Pagefind is left out: {reason}.")
        steps = [step for step in steps if step not in {"pages", "pagefind"}]
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="laion-bench-") as folder:
        for step in (name for name in steps if name in {"corpus", "segments", "merge"}):
            _run(_command(options, step, Path(folder), _WARM_UP))
    print(f"{options.rows:,} rows")
    print(f"{'step':10}{'seconds':>9}{'CPU s':>9}{'rows/s':>12}{'peak MiB':>10}", flush=True)
    found = {}
    for step in steps:
        found[step] = _run(_command(options, step, options.folder, options.rows))
        seconds, cpu, peak = (found[step][name] for name in ("seconds", "cpu", "peak"))
        print(
            f"{step:10}{seconds:9.2f}{cpu:9.2f}{options.rows / seconds:12,.0f}"
            f"{peak / 2**20:10,.0f}",
            flush=True,
        )
    (options.folder / "build.json").write_text(json.dumps(found), encoding="utf-8")
    if {"segments", "merge"} <= found.keys():
        ours = found["segments"]["seconds"] + found["merge"]["seconds"]
        for other in found.keys() & {"fts5", "pagefind"}:
            print(
                f"ratio: {other} takes {found[other]['seconds'] / ours:.2f} times as long as ours"
            )
    if (options.folder / "index.json").exists():
        write_site(options.folder / "site", options.folder)
        print(f"\n{describe(options.folder / 'search', options.rows)}")


if __name__ == "__main__":
    main()
