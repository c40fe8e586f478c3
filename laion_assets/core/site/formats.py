"""How a single value is written: counts, shares, scores, sizes, years, clipped captions.

Lives here: what a reader sees of one value, and what stands where there is none. Not here: which
kind of value a column holds (`columns`), the sentences around it (the templates).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

#: What a missing score, size or date reads as; never 0 and never blank.
UNKNOWN = "unknown"

#: What stands where a column does not apply to a row at all.
NOT_APPLICABLE = "\N{EN DASH}"

#: Characters of a caption shown on a tile; captions reach 100,000, and the rest is counted.
CAPTION_CHARACTERS = 220


def is_missing(value: object) -> bool:
    """Whether a value is null or NaN (parquet files from other tools may hold either)."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def number(value: int | None) -> str:
    """A count with thousands separators, `12,096,828`; a missing one is unknown."""
    return UNKNOWN if value is None else f"{value:,}"


def percent(share: float | None) -> str:
    """A share (0 to 1) as per cent, with enough digits that nothing rounds to 0 or to all.

    >>> percent(0.0847), percent(0.0000184), percent(0.99999), percent(0.0), percent(None)
    ('8.47%', '0.0018%', '>99.9%', '0%', 'unknown')
    """
    if share is None or math.isnan(share):
        return UNKNOWN
    if share in (0, 1):
        return f"{share * 100:.0f}%"
    if share >= 0.9995:  # noqa: PLR2004 - what one decimal would round to 100.0
        return ">99.9%"
    value = share * 100
    if value >= 10:  # noqa: PLR2004 - one decimal is enough from here
        return f"{value:.1f}%"
    if value >= 0.1:  # noqa: PLR2004 - two decimals hold two significant digits from here
        return f"{value:.2f}%"
    digits = f"{value:.{1 - math.floor(math.log10(value))}f}"
    return f"{digits.rstrip('0')}%"


def share_digits(share: float) -> str:
    """A share from 0 to 1 in plain digits, four significant ones: `0.1235`, `0.00001235`.

    One near all of it has as many as it takes not to be rounded to 1.
    """
    if not 0 < share < 1:
        return f"{share:.4g}"
    beyond = share if share < 0.99995 else 1 - share  # noqa: PLR2004 - rounds to 1
    plain = f"{share:.{3 - math.floor(math.log10(beyond))}f}"
    return plain.rstrip("0")


def score(value: float | None, decimals: int = 2) -> str:
    """A model's score with fixed decimals; a missing one is unknown.

    Between 0 and 1 a value near an end gets two decimals more rather than claim the end, and
    beyond those it is given as below or above: `0.9999`, `<0.0001`.
    """
    if value is None or math.isnan(value):
        return UNKNOWN
    fine = decimals + 2
    least = 10.0**-fine
    if 0 < value < least / 2:
        return f"<{least:.{fine}f}"
    if 1 - least / 2 < value < 1:
        return f">{1 - least:.{fine}f}"
    text = f"{value:.{decimals}f}"
    is_near_an_end = float(text) in (0, 1) and float(text) != value
    return f"{value:.{fine}f}" if is_near_an_end else text


def known(value: Any) -> Any:
    """The value, or "unknown" where it is missing or empty."""
    return UNKNOWN if is_missing(value) or value == "" else value


def dimensions(width: int | None, height: int | None) -> str:
    """Width by height in pixels, or "size unknown" when either is missing."""
    if width is None or height is None:
        return f"size {UNKNOWN}"
    return f"{width:,} \N{MULTIPLICATION SIGN} {height:,}"


def clip(text: str, limit: int = CAPTION_CHARACTERS) -> str:
    """The text cut at a word near `limit` characters, with the full length when it was cut."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    # Break at a word only where that does not lose much (Chinese has no spaces).
    space = head.rfind(" ", limit * 2 // 3)
    return f"{head[:space] if space > 0 else head}… ({len(text):,} characters)"


def filesize(size: int) -> str:
    """Bytes as a reader thinks of them: bytes, kB or MB (powers of 1,000)."""
    kilobyte, megabyte = 1_000, 1_000_000
    if size < kilobyte:
        return f"{size} bytes"
    if size < megabyte:
        return f"{size / kilobyte:.0f} kB"
    return f"{size / megabyte:.1f} MB"


def year(value: int | None) -> str:
    """A year of a list; those before the common era as `480 BC`, a missing one is unknown."""
    if value is None:
        return UNKNOWN
    return f"{-value} BC" if value < 0 else str(value)


def listed(text: str | None) -> list[str]:
    """The values of a cell that separates them by `|`; none for an empty or missing cell."""
    return [part.strip() for part in (text or "").split("|") if part.strip()]


def listed_lines(first: Sequence[int], count: int) -> str:
    """The numbers of the first of `count` lines: `3, 17 and 41`, `3, 17, 41 …`; empty for none."""
    numbers = [f"{line:,}" for line in first]
    if not numbers:
        return ""
    if count > len(numbers):
        return f"{', '.join(numbers)} …"
    return " and ".join(filter(None, (", ".join(numbers[:-1]), *numbers[-1:])))
