"""Charts: the geometry of bars and histograms, as numbers for SVG presentation attributes.

The partial `_charts.html` writes them. Across, lengths are in percent of the chart, so that it
fits every screen and its text keeps its size; upwards they are in pixels. A chart never stands
alone: the page prints the same numbers in a table. Tiles are drawn in `core.site.tiles`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from laion_assets.core.site.formats import number

CHART_WIDTH = 100
CHART_HEIGHT = 150
#: Length in units of a full bar in a ranking table.
BAR_LENGTH = 100

_MIN_VISIBLE = 0.8
_MOST_LINES = 4  # gridlines above the axis on a linear scale
_SCALES = ((10**9, "billion"), (10**6, "million"))


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a histogram: a rectangle, the text a pointer over it shows, where it leads."""

    x: float
    y: float
    width: float
    height: float
    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A label under the histogram, anchored at `x` by its start, middle or end."""

    x: float
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Gridline:
    """A line across the histogram at `y`, and the count that it stands for."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """A histogram in a box of CHART_WIDTH percent by CHART_HEIGHT pixels, with ticks below it.

    `across` says what the columns are of, `unit` what they count, `source` which merged table has
    the numbers.
    """

    title: str
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    lines: tuple[Gridline, ...]
    logarithmic: bool
    across: str
    unit: str
    source: str

    @property
    def leads(self) -> bool:
        """Whether its columns lead to what they count."""
        return any(column.link for column in self.columns)


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
    links: Sequence[str | None] = (),
    across: str = "",
    unit: str = "images",
    source: str = "",
) -> Histogram:
    """Columns side by side for `counts`, each with its label as hover text, and its link if any.

    `ticks` are (position in columns, text): 0 is the left edge of the first column. On the
    logarithmic scale a column's height grows with log10(count + 1), so zero stays flat; its lines
    stand at 1, 10, 100 and so on.
    """
    marks = _powers(max(counts, default=0)) if logarithmic else _steps(max(counts, default=0))
    scale = _Scale(marks[-1], logarithmic)
    step = CHART_WIDTH / max(1, len(counts))
    gap = min(0.5, step * 0.15)
    columns = []
    for position, count in enumerate(counts):
        tall = max(_MIN_VISIBLE, scale.height(count)) if count else 0.0
        columns.append(
            Column(
                x=round(position * step + gap / 2, 2),
                y=round(CHART_HEIGHT - tall, 1),
                width=round(step - gap, 2),
                height=round(tall, 1),
                text=f"{labels[position]}: {count:,}",
                link=links[position] if links and count else None,
            )
        )
    places = tuple(
        Tick(x=round(place * step, 2), anchor=_anchor(place, len(counts)), text=text)
        for place, text in ticks
    )
    lines = tuple(
        Gridline(round(CHART_HEIGHT - scale.height(mark), 1), short(mark)) for mark in marks
    )
    return Histogram(title, tuple(columns), places, lines, logarithmic, across, unit, source)


@dataclass(frozen=True, slots=True)
class _Scale:
    """How tall a count is where `top` fills the chart."""

    top: int
    logarithmic: bool

    def height(self, count: int) -> float:
        if self.logarithmic:
            return CHART_HEIGHT * math.log10(count + 1) / math.log10(self.top + 1)
        return CHART_HEIGHT * count / self.top


def _steps(largest: int) -> list[int]:
    """Zero and round counts at equal distances, the last of them not below the largest."""
    least = max(1, math.ceil(largest / _MOST_LINES))
    power = 10 ** (len(str(least)) - 1)
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= least)
    return [step * n for n in range(max(1, math.ceil(largest / step)) + 1)]


def _powers(largest: int) -> list[int]:
    """One, ten, a hundred and so on, the last of them not below the largest."""
    return [10**n for n in range(len(str(max(1, largest - 1))) + 1)]


def short(count: int) -> str:
    """A round count in few characters: `50,000`, `2.5 million`."""
    for size, word in _SCALES:
        if count >= size:
            return f"{count / size:g} {word}"
    return number(count)


def _anchor(place: float, count: int) -> str:
    """Where a tick's text is anchored: inwards at the chart's edges."""
    half_column = 0.5
    if place < half_column:
        return "start"
    return "end" if place > count - half_column else "middle"
