"""What a search costs by how many rows there are: the table and the plot in `docs/`.

`python -m bench.search_scale docs FOLDER...`: each folder is one of `bench.search_build`, with what
`bench.search_cost` measured there in `cost.json` (`--json`). What 600 million rows would be is
reckoned from the largest, not measured, and said to be so.

Lives here: the page and its plot. Not here: measuring (`search_build`, `search_cost`).
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path
from statistics import median

_WAY = "chromium, nginx"
_KINDS = (
    "word, as it occurs",
    "domain",
    "prefix",
    "hot AND hot",
    "any AND any",
    "phrase of two",
    "NOT",
)
_FAR = 600_000_000
_FAR_FILES = 100_000  # of a site, of which the index has 60 in 99
_GB_MONTH = 0.023  # dollars, S3 Standard's list price
_WIDTH, _HEIGHT, _LEFT, _TOP = 640, 360, 60, 20
_COLOURS = ("#1b6ca8", "#b3541e", "#3a7d44", "#7b4b94", "#a8324a", "#555555", "#8a7a00")


@dataclass(frozen=True)
class Size:
    """One size of corpus: what its index takes and what queries of it cost."""

    rows: int
    files: int
    size: int  # bytes
    directory: int  # bytes with what parts the files, gzipped
    seconds: dict[str, float]
    peak: int  # bytes
    costs: dict[str, tuple[float, float]]  # of each kind: KB, requests, medians


def read(folder: Path) -> Size:
    """Return what was measured in a folder."""
    told = json.loads((folder / "index.json").read_bytes())
    built = json.loads((folder / "build.json").read_bytes())
    queries = json.loads((folder / "cost.json").read_bytes())[_WAY]
    directory = folder / "search" / told["directory"]
    first = directory, directory.parent / "a" / "0.js"
    files = [path for path in (folder / "search").rglob("*.js") if path.is_file()]
    costs = {}
    for kind in _KINDS:
        own = [query for query in queries if query["kind"] == kind]
        if own:
            kilobytes = median(query["bytes"] for query in own) / 1000
            costs[kind] = (kilobytes, median(query["requests"] for query in own))
    return Size(
        told["documents"],
        len(files),
        sum(path.stat().st_size for path in files),
        sum(len(gzip.compress(path.read_bytes())) for path in first),
        {step: built[step]["seconds"] for step in ("segments", "merge") if step in built},
        max(built[step]["peak"] for step in ("segments", "merge") if step in built),
        costs,
    )


def table(sizes: Sequence[Size]) -> str:
    """Return the sizes side by side."""
    lines = ["| | " + " | ".join(f"{size.rows:,} rows" for size in sizes) + " |"]
    lines.append("|---|" + "---|" * len(sizes))

    def line(label: str, values: Iterable[str]) -> None:
        lines.append(f"| {label} | " + " | ".join(values) + " |")

    line("index, MB", (f"{size.size / 1e6:,.1f}" for size in sizes))
    line("bytes a row", (f"{size.size / size.rows:,.0f}" for size in sizes))
    line("files", (f"{size.files:,}" for size in sizes))
    line("directory and a/0.js, KB gzipped", (f"{size.directory / 1000:,.1f}" for size in sizes))
    line("build, s", (f"{sum(size.seconds.values()):,.1f}" for size in sizes))
    line("build, µs a row", (f"{sum(s.seconds.values()) / s.rows * 1e6:,.1f}" for s in sizes))
    line("peak, MiB", (f"{size.peak / 2**20:,.0f}" for size in sizes))
    for kind in _KINDS:
        line(
            f"{kind}: KB, requests",
            (
                "{:,.1f}, {:.0f}".format(*size.costs[kind]) if kind in size.costs else "–"
                for size in sizes
            ),
        )
    return "\n".join(lines)


def plot(sizes: Sequence[Size]) -> str:
    """Return KB of a query by rows, both in powers of ten, as SVG."""
    low, high = log10(sizes[0].rows), log10(sizes[-1].rows)
    most = max(kb for size in sizes for kb, _ in size.costs.values())

    def place(rows: int, kilobytes: float) -> tuple[float, float]:
        x = _LEFT + (log10(rows) - low) / max(high - low, 1e-9) * (_WIDTH - _LEFT - 160)
        return x, _TOP + (1 - kilobytes / most) * (_HEIGHT - _TOP - 40)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"',
        ' font-family="sans-serif" font-size="12"><title>KB a query by rows</title>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = place(sizes[0].rows, share * most)
        parts.append(f'<line x1="{x:.0f}" x2="{_WIDTH - 160}" y1="{y:.0f}" y2="{y:.0f}" '
                     f'stroke="#dddddd"/><text x="{x - 8:.0f}" y="{y + 4:.0f}" '
                     f'text-anchor="end">{share * most:.0f}</text>')  # fmt: skip
    for size in sizes:
        x, _ = place(size.rows, 0)
        parts.append(f'<text x="{x:.0f}" y="{_HEIGHT - 20}" text-anchor="middle">'
                     f"{size.rows / 1e6:g} M</text>")  # fmt: skip
    for n, kind in enumerate(_KINDS):
        points = [place(size.rows, size.costs[kind][0]) for size in sizes if kind in size.costs]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        colour = _COLOURS[n]
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        at = _TOP + 14 + 18 * n
        parts.append(f'<text x="{_WIDTH - 150}" y="{at}" fill="{colour}">{kind}</text>')
    parts.append(f'<text x="{_LEFT}" y="12">KB a query (median, cold, ranges)</text></svg>\n')
    return "\n".join(parts)


def far(size: Size) -> str:
    """Return what 600 million rows would be, reckoned from one size."""
    gigabytes = size.size / size.rows * _FAR / 1e9
    files = _FAR_FILES * 60 // 99
    hours = sum(size.seconds.values()) / size.rows * _FAR / 3600
    directory = size.directory * files / size.files / 1000
    return f"""\
Reckoned for {_FAR:,} rows from {size.rows:,}, not measured: {gigabytes:,.0f} GB
in {files:,} files of some {gigabytes * 1000 / files:.1f} MB (`--max-files {_FAR_FILES}`),
{gigabytes * _GB_MONTH:,.2f} dollars a month at {_GB_MONTH} dollars a GB (S3 Standard), and
{hours:,.1f} hours of these two cores if memory did not matter: what the merge holds grows by some
150 bytes a row, so ranges of ranks and of terms have to be merged apart. A word costs the same
block and a head of some 5 KB in place of 1, about 10 KB in 2 requests; a page of two words reads as
many slots as before. What parts the files
(`a/0.js`, read with the first query) grows with them, to about {directory:,.0f} KB gzipped.
"""


def main() -> None:
    """Write the page and the plot."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("docs", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    options = parser.parse_args()
    sizes = sorted((read(folder) for folder in options.folders), key=lambda size: size.rows)
    options.docs.mkdir(parents=True, exist_ok=True)
    (options.docs / "search-scale.svg").write_text(plot(sizes), encoding="utf-8")
    (options.docs / "search-scale.md").write_text(
        f"""# What a search costs, by rows

Two cores, the corpus of `bench.search_corpus`: `python -m bench.search_build FOLDER --rows N`, then
`python -m bench.search_cost FOLDER/site FOLDER/referee --json FOLDER/cost.json` (nginx, ranges,
gzip, every query in a browser that has nothing yet), then `python -m bench.search_scale docs
FOLDER...`. Medians. Seconds are one machine's of one day.

{table(sizes)}

![KB a query by rows](search-scale.svg)

{far(sizes[-1])}""",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
