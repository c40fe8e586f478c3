"""Charts: the geometry of bars and histograms, as numbers for SVG presentation attributes.

The partial `_charts.html` writes them. A chart never stands alone: the page prints the same
numbers in a table beside it. Tiles are drawn in `core.site.tiles`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CHART_WIDTH = 400
CHART_HEIGHT = 130
#: Length in units of a full bar in a ranking table.
BAR_LENGTH = 100

_MIN_VISIBLE = 0.8


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a histogram: a rectangle, and the text a pointer over it shows."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A label under the histogram, anchored at `x` by its start, middle or end."""

    x: float
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """A histogram in a box of CHART_WIDTH by CHART_HEIGHT, with ticks below it."""

    title: str
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    logarithmic: bool


def bar_length(value: float | None, largest: float | None) -> str:
    """Length of a bar, 0 to BAR_LENGTH, relative to the largest; a count above 0 stays visible."""
    if not value or not largest or value <= 0:
        return "0"
    return f"{max(_MIN_VISIBLE, BAR_LENGTH * min(1.0, value / largest)):.1f}"


def histogram(
    title: str,
    counts: Sequence[int],
    labels: Sequence[str],
    *,
    ticks: Sequence[tuple[float, str]],
    logarithmic: bool = False,
) -> Histogram:
    """Columns side by side for `counts`, each with its label as hover text.

    `ticks` are (position in columns, text): 0 is the left edge of the first column. On the
    logarithmic scale a column's height grows with log10(count + 1), so zero stays flat.
    """
    heights = [math.log10(count + 1) if logarithmic else float(count) for count in counts]
    largest = max(heights, default=0.0)
    step = CHART_WIDTH / max(1, len(counts))
    gap = min(2.0, step * 0.15)
    columns = []
    for position, (count, height) in enumerate(zip(counts, heights, strict=True)):
        tall = 0.0 if not count else max(_MIN_VISIBLE, CHART_HEIGHT * height / largest)
        columns.append(
            Column(
                x=round(position * step + gap / 2, 1),
                y=round(CHART_HEIGHT - tall, 1),
                width=round(step - gap, 1),
                height=round(tall, 1),
                text=f"{labels[position]}: {count:,}",
            )
        )
    marks = tuple(
        Tick(
            x=round(place * step, 1),
            anchor=_anchor(place, len(counts)),
            text=text,
        )
        for place, text in ticks
    )
    return Histogram(title, tuple(columns), marks, logarithmic)


def _anchor(place: float, count: int) -> str:
    """Where a tick's text is anchored: inwards at the outermost half columns."""
    half_column = 0.5
    if place <= half_column:
        return "start"
    return "end" if place >= count - half_column else "middle"
