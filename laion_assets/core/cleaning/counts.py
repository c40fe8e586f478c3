"""What cleaning did to rows, counted: kept, rejected by reason, repaired, out of range.

Lives here: the closed set of reasons, and the counts of one file. Not here: the rules themselves
(`rules`), what is counted over all files (`core.tables.quality`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.cleaning.repair import RULES
from laion_assets.core.cleaning.thresholds import VISIBILITIES
from laion_assets.core.sources.columns import NUMBERS

#: The closed set of reasons, in the order they are tried.
REASONS = (
    "removed", "damaged_line", "bad_encoding", "missing_url", "missing_caption", "shifted_columns",
    "bad_scheme", "bad_url", "oversize_url", "oversize_caption", "empty_caption",
)  # fmt: skip
FIRST_LINES = 5  # of the damaged ones, noted by their number


@dataclass
class CleaningCounts:
    """What cleaning did to one file, in rows."""

    read: int = 0
    kept: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    out_of_range: Counter[str] = field(default_factory=Counter)
    visibility: Counter[str] = field(default_factory=Counter)
    hash_differs: int = 0
    first_damaged: list[int] = field(default_factory=list)  # numbers of the first damaged lines

    def add(self, other: "CleaningCounts") -> None:
        """Add what was done to other rows of the file."""
        for name, value in vars(other).items():
            # A Counter adds in place without forgetting zeros; a number is replaced.
            if isinstance(value, Counter):
                getattr(self, name).update(value)
            elif isinstance(value, list):
                self._note_damaged(value)
            else:
                setattr(self, name, getattr(self, name) + value)

    def count_kept(self, kept: pa.Table) -> None:
        """Add rows that were kept."""
        self.kept += kept.num_rows
        self.visibility.update(_tally(kept["visibility"]))

    def count_rejected(self, rejected: pa.Table) -> None:
        """Add rows that were rejected."""
        self.rejected.update(_tally(rejected["reason"]))

    def count_deeds(self, keys: pa.Table) -> None:
        """Add what was done to rows, from their keys."""
        for tally, names in (("repaired", RULES), ("out_of_range", NUMBERS)):
            bits = keys[tally].to_numpy()
            bits = bits[bits > 0]
            found = {name: int((bits >> bit & 1).sum()) for bit, name in enumerate(names)}
            getattr(self, tally).update({name: rows for name, rows in found.items() if rows})
        self._note_damaged(pc.drop_null(keys["line"]).slice(0, FIRST_LINES).to_pylist())

    def _note_damaged(self, lines: Sequence[int]) -> None:
        self.first_damaged = [*self.first_damaged, *lines][:FIRST_LINES]

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON-able counts with every known reason and rule, zero included."""
        return {
            "read": self.read,
            "kept": self.kept,
            "rejected": {reason: self.rejected[reason] for reason in REASONS},
            "repaired": {rule: self.repaired[rule] for rule in RULES},
            "out_of_range": {column: self.out_of_range[column] for column in NUMBERS},
            "visibility": {name: self.visibility[name] for name in VISIBILITIES},
            "hash_differs": self.hash_differs,
            "first_damaged": self.first_damaged,
        }


def _tally(column: pa.ChunkedArray) -> dict[str, int]:
    return {entry["values"]: entry["counts"] for entry in pc.value_counts(column).to_pylist()}
