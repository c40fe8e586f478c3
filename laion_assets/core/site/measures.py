"""Views of the `nsfw`, `quality` and `years` tables: readable labels and their histograms.

The numbers are the tables'; here they only get words and a chart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from laion_assets.core.site.drawing import Histogram, histogram
from laion_assets.core.site.formats import UNKNOWN, number, percent
from laion_assets.core.site.headline import measure
from laion_assets.core.site.tables import Row

#: Why a row is rejected, in the order in which the reasons are tried; the first that applies.
REASONS = {
    "removed": "on the removal list; nothing but this count is published",
    "damaged_line": "a line of a text file that cannot be split into fields or parsed",
    "bad_encoding": "the URL or caption is not valid UTF-8",
    "missing_url": "no URL",
    "missing_caption": "no caption",
    "shifted_columns": "values moved into the wrong columns",
    "bad_scheme": "the URL is neither http nor https",
    "bad_url": "no host, a user name, an impossible port, or control characters in the URL",
    "oversize_url": "the URL is longer than 8,192 characters",
    "oversize_caption": "the caption is longer than 100,000 characters",
    "empty_caption": "nothing left of the caption after repair",
}

#: What each repair rule does to a caption, in the order in which they run.
RULES = {
    "quotes": "quotation marks left over from CSV removed",
    "entities": "HTML entities decoded",
    "whitespace": "every kind and run of space made a single space",
    "zero_width": "zero-width characters made spaces",
    "bidi": "writing-direction controls removed",
    "control": "control characters removed",
    "trimmed": "spaces at the ends removed",
}

#: What each visibility means, in the order of rising scores.
VISIBILITIES = {
    "shown": "may be shown once the reader asks for pictures",
    "blurred": "blurred until clicked: a raised score, or none at all",
    "no_image": "listed without a picture",
    "withheld": "kept out of every page, listing, index and download",
}


SHORTEST_GAP = 3


def bucket_text(row: Row) -> str:
    """A bucket's label; for megapixels its bounds rounded, as the label's are powers of two."""
    low, high = row["low"], row["high"]
    if row["measure"] != "megapixels" or not is_bucket(row):
        return str(row["label"]).replace(">=", "≥")
    if low is None:
        return f"below {plain(high)}"
    if high is None:
        return f"{plain(low)} or more"
    return f"{plain(low)} to {plain(high)}"


def plain(value: float) -> str:
    """A bound without noise digits: `0.05`, `10`, `1,024`; at most three decimals."""
    text = f"{value:,.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def is_bucket(row: Row) -> bool:
    """Whether the row is a bucket of a histogram rather than its `unknown`."""
    return row["low"] is not None or row["high"] is not None


def fold_empty(rows: Sequence[Row]) -> list[Row]:
    """The rows with every run of three or more empty buckets as one, so a gap stays a line."""
    folded: list[Row] = []
    run: list[Row] = []
    for row in [*rows, None]:
        if row and not row["images"] and row["low"] is not None and row["high"] is not None:
            run.append(row)
            continue
        if len(run) >= SHORTEST_GAP:
            low, high = run[0]["low"], run[-1]["high"]
            run = [{**run[0], "high": high, "label": f"{plain(low)} to {plain(high)}"}]
        folded += run
        run = []
        if row:
            folded.append(row)
    return folded


def measure_histogram(
    rows: Sequence[Row],
    name: str,
    title: str,
    *,
    source: str,
    across: str,
    unit: str = "images",
    logarithmic: bool = False,
) -> Histogram | None:
    """The histogram of one measure's buckets, ticked at its ends and middle; None when empty.

    `source` is the table that the rows are of, `across` says what the buckets are parts of.
    """
    buckets = [row for row in measure(rows, name) if is_bucket(row)]
    if not buckets:
        return None
    count = len(buckets)
    edges = [bucket["low"] for bucket in buckets] + [buckets[-1]["high"]]
    places = sorted({0, count // 2, count})
    ticks = [
        (float(place), plain(edge) if edge is not None else "more" if place else "less")
        for place in places
        for edge in [edges[place]]
    ]
    return histogram(
        title,
        [bucket["images"] for bucket in buckets],
        [bucket_text(bucket) for bucket in buckets],
        ticks=ticks,
        logarithmic=logarithmic,
        across=across,
        unit=unit,
        source=source,
    )


def unknown_note(rows: Sequence[Row], name: str) -> str:
    """What a chart of a measure does not show: the rows whose value is unknown; empty for none."""
    for row in measure(rows, name):
        if not is_bucket(row) and row["label"] == UNKNOWN and row["images"]:
            return f"Not in the chart: {number(row['images'])} ({percent(row['share'])}), unknown"
    return ""


def years_histogram(
    rows: Sequence[Row], link: Callable[[str], str | None] | None = None
) -> Histogram | None:
    """Images by the year in their URL, gaps filled with empty columns; None without years.

    `link` makes of a year where its column leads.
    """
    known = {row["url_year"]: row["images"] for row in rows if row["url_year"] is not None}
    if not known:
        return None
    years = range(min(known), max(known) + 1)
    middle = len(years) // 2
    places = sorted({0, middle, len(years) - 1})
    return histogram(
        "Images by the year found in their URL",
        [known.get(year, 0) for year in years],
        [str(year) for year in years],
        ticks=[(place + 0.5, str(years[place])) for place in places],
        links=[link(str(year)) for year in years] if link else (),
        across="year in the URL",
        source="years",
    )
