"""Words and fields as batches of terms: inverted from what every document has.

Lives here: the terms that have rows, lists with hot terms, common numbers and aliases. Not here:
inversion itself (`invert`), runs of words and characters, which have places (`runs`, `characters`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from laion_assets.core.index.blocks import Terms
from laion_assets.core.index.invert import Stream, invert, ranges
from laion_assets.core.index.lists import Beside
from laion_assets.core.index.term_files import Batch

POSTINGS = 8_000_000  # that are inverted at once

#: The hot terms of documents, where pair counts of common terms are, and their Rice parameters.
Extras = tuple[Beside, npt.NDArray[np.int64], npt.NDArray[np.int64]]


@dataclass(frozen=True)
class Inverted:
    """Terms that are inverted from a stream."""

    data: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    common: npt.NDArray[np.int32]
    stream: Stream
    alias: npt.NDArray[np.int64] | None = None

    def batches(
        self,
        beside: Beside,
        places: npt.NDArray[np.int64],
        ks: npt.NDArray[np.int64],
    ) -> Iterator[Callable[[], Batch]]:
        """Yield functions that make the batches, in the order of the terms."""

        def maker(low: int, high: int) -> Callable[[], Batch]:
            def make() -> Batch:
                postings = invert(self.stream, self.counts, low, high)
                number = self.common[low:high].astype(np.int64)
                alias, alias_ends = self._aliases(low, high)
                known = number >= 0
                terms = Terms(
                    self.data,
                    self.starts[low : high + 1],
                    self.counts[low:high],
                    alias,
                    alias_ends,
                    number,
                    np.where(known, places[number], 0),
                    np.where(known, ks[number], 0),
                )
                return Batch(terms, postings._replace(beside=beside))

            return make

        weights = np.maximum(self.counts, 1)
        for low, high in ranges(weights, POSTINGS):
            yield maker(low, high)

    def _aliases(self, low: int, high: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return where the terms that others stand for begin and end, -1 for all that are real."""
        none = np.full(high - low, -1, np.int64)
        if self.alias is None:
            return none, none
        target = self.alias[low:high]
        known = target >= 0
        return (
            np.where(known, self.starts[target], none),
            np.where(known, self.starts[target + 1], none),
        )
