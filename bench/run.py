"""Benchmarks of the row work and the merge, as ratios within one run, with peak memory.

`make bench`, or `python -m bench.run --rows 1000000`. Every measurement is a process of its own, so
that peak memory is its own; nothing else should run on the machine. Baselines are DuckDB doing the
same reading and writing without our rules.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.cleaning.rules import clean_file
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.index.merge import SegmentFiles, merge_index
from laion_assets.core.index.segment import SegmentCounts, write_segment
from laion_assets.core.names.list_files import ListFiles
from laion_assets.core.names.lists import load_platforms
from laion_assets.core.names.mentions import NameTable, write_mentions
from laion_assets.core.reading.arrow_types import as_bytes, decode_texts
from laion_assets.core.reading.source_file import describe_source
from laion_assets.core.sources.datasets import load_dataset
from laion_assets.core.tables.domains import make_domains
from laion_assets.core.tables.duplicates import make_duplicates
from laion_assets.core.tables.registry import TABLE_ASSETS
from laion_assets.core.tables.rows import FileParts
from laion_assets.core.tables.tallies import write_tallies
from laion_assets.core.tables.writing import write_tables
from laion_assets.sample import write_sample

THREADS = 2
_KIB = 1024


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": THREADS,
        "memory_limit": "2GB",
        "temp_directory": str(folder / "spill"),
    }
    return duckdb.connect(config=config)


def scan(folder: Path) -> None:
    """Read every caption once: the baseline of matching."""
    _connect(folder).sql(
        "SELECT sum(length(caption)) FROM read_parquet($paths)",
        params={"paths": str(folder / "images" / "*.parquet")},
    ).fetchall()


def rewrite(folder: Path) -> None:
    """Read and write the same columns without any rule: the baseline of cleaning."""
    for path in sorted((folder / "source").glob("*.parquet")):
        _connect(folder).execute(
            "COPY (SELECT URL, TEXT, WIDTH, HEIGHT, similarity, punsafe, pwatermark, "
            f"AESTHETIC_SCORE, hash FROM read_parquet('{path}')) "
            f"TO '{folder / 'rewritten.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
        )


def make_source(folder: Path) -> None:
    """Write the rows that `rows.json` asks for."""
    asked = json.loads((folder / "rows.json").read_bytes())
    for path in write_sample(folder / "source", **asked):
        leave_only_text(path)


def leave_only_text(path: Path) -> None:
    """Make captions that are not UTF-8 null in a file of the sample: DuckDB refuses their file.

    Without dictionaries, as the sample is: one long caption in a dictionary makes reading slow.
    """
    table = pq.read_table(path)
    position = table.column_names.index("TEXT")
    decoded, _ = decode_texts(as_bytes(table["TEXT"]).combine_chunks())
    table = table.set_column(position, "TEXT", decoded.cast(pa.string()))
    pq.write_table(table, path, compression="zstd", use_dictionary=False, row_group_size=65_536)


def clean(folder: Path) -> None:
    """Clean every source file into images and rejects."""
    dataset = load_dataset("files")
    for path in sorted((folder / "source").glob("*.parquet")):
        clean_file(
            _connect(folder),
            path,
            describe_source(path, dataset).layout,
            Thresholds(),
            images=folder / "images" / path.name,
            rejects=folder / "rejects" / path.name,
            keys=folder / "row_keys" / path.name,
        )


def match(folder: Path) -> None:
    """Find every name of every list in every caption."""
    names = NameTable(ListFiles())
    for path in sorted((folder / "images").glob("*.parquet")):
        mentions, mentioning, variants = (
            folder / name / path.name for name in ("mentions", "mentioning", "variant_counts")
        )
        write_mentions(
            path,
            names,
            mentions=mentions,
            mentioning=mentioning,
            variant_counts=variants,
            threads=THREADS,
        )


def segment(folder: Path) -> None:
    """Write every file's index segment."""
    for path in sorted((folder / "images").glob("*.parquet")):
        target = folder / "segments" / path.stem
        write_segment(
            _connect(folder),
            path,
            folder / "row_keys" / path.name,
            documents=target.with_suffix(".documents"),
            words=target.with_suffix(".words"),
            description=target.with_suffix(".json"),
        )


def merge(folder: Path) -> None:
    """Merge the segments into an index."""
    stems = sorted(path.stem for path in (folder / "images").glob("*.parquet"))
    segments = [
        SegmentFiles(
            folder / "segments" / f"{stem}.documents",
            folder / "segments" / f"{stem}.words",
            folder / "mentions" / f"{stem}.parquet",
            SegmentCounts(**json.loads((folder / "segments" / f"{stem}.json").read_bytes())),
        )
        for stem in stems
    ]
    output = folder / "search"
    shutil.rmtree(output, ignore_errors=True)
    merge_index(segments, load_platforms(), {}, output, folder / "spill", 12_000)


def domains(folder: Path) -> None:
    """Tally rows, find what repeats, count domains."""
    images = sorted((folder / "images").glob("*.parquet"))
    tallies = [folder / "tallies" / path.name for path in images]
    connection = _connect(folder)
    for path, tally in zip(images, tallies, strict=True):
        write_tallies(connection, path, tally)
    parts = FileParts(images, tallies=tallies)
    made = make_duplicates(connection, parts, THREADS)
    write_tables(made, TABLE_ASSETS["duplicates"].tables, folder)
    make_domains(connection, parts, load_platforms(), folder)


#: Name, what is measured, the measurement it is compared with.
STEPS: list[tuple[str, Callable[[Path], None], str]] = [
    ("source", make_source, "source"),
    ("rewrite", rewrite, "rewrite"),
    ("clean", clean, "rewrite"),
    ("scan", scan, "scan"),
    ("match", match, "scan"),
    ("domains", domains, "scan"),
    ("segment", segment, "rewrite"),
    ("merge", merge, "rewrite"),
]


def measure(name: str, folder: Path) -> None:
    """Run one measurement and print its seconds and peak memory as JSON."""
    step = next(function for step, function, _ in STEPS if step == name)
    started = time.perf_counter()
    step(folder)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB
    print(json.dumps({"seconds": seconds, "peak": peak}))


def main() -> None:
    """Make the rows, run every measurement twice, print the better one."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=4)
    parser.add_argument("--folder", type=Path, help="work here instead of a temporary folder")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure, options.folder)
        return
    with tempfile.TemporaryDirectory(prefix="laion-bench-") as temporary:
        folder = options.folder or Path(temporary)
        for name in ("source", "images", "rejects", "row_keys", "mentions", "segments", "tables"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        if not list((folder / "source").iterdir()):
            asked = {"rows": options.rows, "files": options.files}
            (folder / "rows.json").write_text(json.dumps(asked), encoding="utf-8")
            # In a process of its own: the peak of this one would be the least that others report.
            _run("source", folder)
        print(f"{options.rows:,} rows in {options.files} files, {THREADS} threads")
        print(f"{'step':10}{'seconds':>9}{'rows/s':>12}{'ratio':>8}  of{'':9}{'peak MiB':>9}")
        seconds: dict[str, float] = {}
        for name, _, baseline in STEPS[1:]:
            best = min((_run(name, folder) for _ in range(2)), key=lambda found: found["seconds"])
            seconds[name] = best["seconds"]
            print(
                f"{name:10}{best['seconds']:9.2f}{options.rows / best['seconds']:12,.0f}"
                f"{best['seconds'] / seconds[baseline]:8.1f}  {baseline:10}"
                f"{best['peak'] / 2**20:10,.0f}"
            )


def _run(name: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", name, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
