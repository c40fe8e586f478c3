"""What every export says of the dataset, in its own form: one record that all are given.

Lives here: the record, and the sentences that are the same everywhere. Not here: any form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from laion_assets.core.sources.datasets import Dataset
from laion_assets.core.tables.declarations import Table

#: Licences that a description may begin with, as SPDX spells them.
_LICENCES = (
    "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "MIT", "Apache-2.0", "ODC-By-1.0",
    "CDLA-Permissive-2.0",
)  # fmt: skip


@dataclass(frozen=True)
class ExportedFile:
    """One parquet file: its path in the folder of exports, its digest, size in bytes, rows."""

    path: str
    sha256: str
    size: int
    rows: int


@dataclass(frozen=True)
class ExportedTable:
    """One table and the files that hold its rows, in their order."""

    table: Table
    files: Sequence[ExportedFile]

    @property
    def rows(self) -> int:
        """Rows of all its files."""
        return sum(file.rows for file in self.files)


@dataclass(frozen=True)
class Described:
    """A dataset as exports describe it; `withheld` is the number of rows that none has."""

    dataset: Dataset
    withheld: int
    tables: Sequence[ExportedTable] = ()

    @property
    def title(self) -> str:
        """The dataset's title."""
        return self.dataset.title

    @property
    def licence(self) -> str:
        """What its description says of its licence; empty where that is nothing."""
        return self.dataset.licence

    @property
    def licence_id(self) -> str:
        """The licence as SPDX spells it; empty where the description names none of the known."""
        first = self.licence.partition(" ")[0].lower()
        return next((each for each in _LICENCES if each.lower() == first), "")

    @property
    def homepage(self) -> str:
        """Where the dataset is from; empty where nobody said."""
        return self.dataset.homepage

    @property
    def about(self) -> str:
        """What it is, in a paragraph: the description, and what is left out of these files."""
        left_out = (
            "Rows withheld from these files, because a model took them for unsafe: "
            f"{self.withheld:,}. "
            if self.withheld
            else ""
        )
        return " ".join(
            f"{self.dataset.description} URLs and captions only, never pictures; what was removed "
            f"on request is not here. {left_out}Made by laion-assets.".split()
        )

    @property
    def named(self) -> Mapping[str, ExportedTable]:
        """Every exported table by its name."""
        return {each.table.name: each for each in self.tables}
