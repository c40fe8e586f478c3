"""What a count of zero can say: the largest share that is still compatible with it.

Lives here: the arithmetic. Not here: the words around it (`core.site`, `commands.names_text`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the arithmetic does not depend on how datasets are read
    from laion_assets.core.sources.datasets import Population


CONFIDENCE = 0.95


@dataclass(frozen=True)
class ZeroBound:
    """At most so many of a population's rows have a name that none of the rows here has.

    Holds at `CONFIDENCE` if the rows here were a random sample of the population, which those of
    a filtered dataset are not.
    """

    population: Population
    at_most: int


def zero_share(rows: int) -> float | None:
    """Return the upper bound on a share of which none was seen in `rows` rows; None without rows.

    Clopper-Pearson's one-sided bound for no success, 1 - (1 - confidence)^(1/rows): close to
    3/rows, the "rule of three".
    """
    return -math.expm1(math.log(1 - CONFIDENCE) / rows) if rows > 0 else None


def per_million(share: float) -> str:
    """Return an upper bound on a share in words: rounded up, with two or more digits that count.

    >>> per_million(2.5e-7), per_million(5.01e-5), per_million(0.0023975)
    ('0.25', '51', '2,398')
    """
    millionths = share * 1_000_000
    if millionths >= 10:  # noqa: PLR2004 - whole numbers have two digits from here
        return f"{math.ceil(millionths):,}"
    scale = 10.0 ** (1 - math.floor(math.log10(millionths)))
    return f"{math.ceil(millionths * scale - 1e-9) / scale:.6g}"


def zero_bounds(rows: int, populations: tuple[Population, ...]) -> list[ZeroBound]:
    """Return the bound for every population larger than what is here."""
    share = zero_share(rows)
    if share is None:
        return []
    return [
        ZeroBound(population, math.ceil(share * population.rows))
        for population in populations
        if population.rows > rows
    ]
