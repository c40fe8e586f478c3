"""The quality table: what was read, rejected, repaired, unknown, and how values are spread.

Lives here: turning the counts of cleaning and the tallies of rows into one table of (measure,
label, low, high, images, share, denominator). Not here: the cleaning, the tallies (`tallies`).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from laion_assets.core.base.sql import Connection
from laion_assets.core.cleaning.counts import REASONS
from laion_assets.core.cleaning.repair import RULES
from laion_assets.core.cleaning.thresholds import VISIBILITIES
from laion_assets.core.sources.columns import NUMBERS
from laion_assets.core.tables.rows import FileParts, MergeInputs, Tables, open_rows
from laion_assets.core.tables.tallies import STEPS, open_tallies

_Row = tuple[str, str, float | None, float | None, int, int]
_UNKNOWN_COLUMNS = (
    "similarity",
    "punsafe",
    "pwatermark",
    "aesthetic",
    "width",
    "height",
    "url_year",
)
_ASPECTS = ("portrait", "square", "landscape")
_SCHEMES = ("http", "https")


def make(inputs: MergeInputs) -> Tables:
    """Rows read, kept and rejected by reason, repairs, unknown values, and how values spread."""
    counts = [json.loads(path.read_bytes()) for path in inputs.parts.cleaning]
    return make_quality(inputs.connection, inputs.parts, sum_counts(counts))


def sum_counts(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up the counts of several files, nested ones too; what is no count is left out."""
    total: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            if isinstance(value, Mapping):
                total[name] = sum_counts([total.get(name, {}), value])
            elif isinstance(value, int):
                total[name] = total.get(name, 0) + value
    return total


def make_quality(connection: Connection, parts: FileParts, cleaned: Mapping[str, Any]) -> Tables:
    """Measure the rows; `cleaned` is the sum of every file's cleaning counts."""
    published = open_rows(connection, parts)
    open_tallies(connection, parts.tallies)
    rows = [*_cleaning_rows(cleaned, published), *_unknown_rows(connection, published)]
    rows += _histogram_rows(connection, published)
    columns = list(zip(*rows, strict=True))
    images, denominators = columns[4], columns[5]
    shares = [i / d if d else None for i, d in zip(images, denominators, strict=True)]
    values = [*columns[:5], shares, denominators]
    names = ("measure", "label", "low", "high", "images", "share", "denominator")
    return {"quality": pa.table(values, names=names)}


def _cleaning_rows(cleaned: Mapping[str, Any], published: int) -> Iterator[_Row]:
    read, kept = cleaned["read"], cleaned["kept"]
    totals = {
        "read": read,
        "kept": kept,
        "rejected": read - kept,
        "withheld": kept - published,
        "published": published,
    }
    for label, images in totals.items():
        yield "rows", label, None, None, images, read
    for reason in REASONS:
        yield "rejected", reason, None, None, cleaned["rejected"][reason], read
    for rule in RULES:
        yield "repaired", rule, None, None, cleaned["repaired"][rule], kept
    for column in NUMBERS:
        yield "out_of_range", column, None, None, cleaned["out_of_range"][column], kept
    for name in VISIBILITIES:
        yield "visibility", name, None, None, cleaned["visibility"][name], kept
    yield "hash", "differs", None, None, cleaned["hash_differs"], read


def _unknown_rows(connection: Connection, published: int) -> Iterator[_Row]:
    found = connection.sql(
        "SELECT measure, images FROM tallied WHERE label IS NULL AND step IS NULL"
    ).fetchall()
    unknown = dict(found)
    for name in _UNKNOWN_COLUMNS:
        yield "unknown", name, None, None, unknown.get(name, 0), published


def _histogram_rows(connection: Connection, published: int) -> Iterator[_Row]:
    found: dict[str, dict[int | None, int]] = {}
    measured = connection.sql(
        "SELECT measure, step, images FROM tallied WHERE label IS NULL "
        "UNION ALL SELECT 'scheme', 1 - step, sum(images) FROM tallied "
        "WHERE measure = 'domain' GROUP BY step"
    ).fetchall()
    for measure, bucket, images in measured:
        found.setdefault(measure, {})[bucket] = int(images)
    for measure, describe in _BUCKETS.items():
        buckets = found.get(measure, {})
        numbers = [bucket for bucket in buckets if bucket is not None]
        for bucket in range(min(numbers), max(numbers) + 1) if numbers else ():
            label, low, high = describe(bucket)
            yield measure, label, low, high, buckets.get(bucket, 0), published
        if None in buckets:
            yield measure, "unknown", None, None, buckets[None], published


def _steps(per_unit: int, digits: int) -> Callable[[int], tuple[str, float, float]]:
    """Describe buckets of 1/per_unit."""

    def describe(bucket: int) -> tuple[str, float, float]:
        low, high = bucket / per_unit, (bucket + 1) / per_unit
        return f"{low:.{digits}f} to {high:.{digits}f}", low, high

    return describe


def _aesthetic(bucket: int) -> tuple[str, float | None, float | None]:
    """Buckets of a quarter; the first and the fortieth are open-ended."""
    label, low, high = _steps(STEPS["aesthetic"], 2)(bucket)
    if bucket <= 0:
        return f"below {high:.2f}", None, high
    if bucket >= 39:  # noqa: PLR2004 - the clamp of tally_rows.sql
        return f"{low:.2f} and more", low, None
    return label, low, high


def _megapixels(bucket: int) -> tuple[str, float | None, float | None]:
    """Buckets double: bucket n is 2^n to 2^(n+1) megapixels; -7 and 7 are open-ended."""
    low, high = 2.0**bucket, 2.0 ** (bucket + 1)
    if bucket <= -7:  # noqa: PLR2004 - the clamp of tally_rows.sql
        return f"below {high:g}", None, high
    if bucket >= 7:  # noqa: PLR2004 - the clamp of tally_rows.sql
        return f"{low:g} and more", low, None
    return f"{low:g} to {high:g}", low, high


def _words(bucket: int) -> tuple[str, float | None, float | None]:
    """Buckets of five words; the twentieth is open-ended."""
    if bucket >= 20:  # noqa: PLR2004 - the clamp of tally_rows.sql
        return "100 and more", 100.0, None
    return f"{bucket * 5} to {bucket * 5 + 4}", bucket * 5.0, bucket * 5.0 + 5


_BUCKETS: dict[str, Callable[[int], tuple[str, float | None, float | None]]] = {
    "aesthetic": _aesthetic,
    "similarity": _steps(STEPS["similarity"], 2),
    "pwatermark": _steps(STEPS["pwatermark"], 2),
    "megapixels": _megapixels,
    "caption_words": _words,
    "aspect": lambda bucket: (_ASPECTS[bucket], None, None),
    "scheme": lambda bucket: (_SCHEMES[bucket], None, None),
}
