"""Counting other spellings apart: rows that have one, and rows that have it and not the name.

Lives here: the arithmetic on hits of the matcher, where names are numbered first and variants after
them. Not here: which spellings are tried (`variants`), finding them (`text.matching`).
"""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]


class VariantCounts:
    """Rows by variant (`images`), and how many of them lack the name as it is listed (`beyond`)."""

    def __init__(self, images: Counts, beyond: Counts | None = None) -> None:
        self.images = images
        self.beyond = np.zeros_like(images) if beyond is None else beyond

    def __iadd__(self, other: VariantCounts) -> Self:
        """Add what was counted in other rows."""
        self.images += other.images
        self.beyond += other.beyond
        return self


def count_variants(
    rows: Counts, numbers: npt.NDArray[np.int32], listed: int, variant_of: Counts
) -> VariantCounts:
    """Count the variants among hits: hit `i` is in row `rows[i]` and has the number `numbers[i]`.

    Numbers below `listed` are names; `listed + v` is variant `v`, a spelling of the name
    `variant_of[v]`.
    """
    is_variant = numbers >= listed
    variant = numbers[is_variant] - listed
    wanted = rows[is_variant] * listed + variant_of[variant]
    beyond = ~np.isin(wanted, rows[~is_variant] * listed + numbers[~is_variant])
    size = len(variant_of)
    return VariantCounts(
        np.bincount(variant, minlength=size), np.bincount(variant[beyond], minlength=size)
    )
