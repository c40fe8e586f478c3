"""What there is to say of a merged table: its columns, its order, the asset that makes it.

Lives here: the records. Not here: any table (`registry`).
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

TEXT, COUNT, NUMBER, FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
SMALL = pa.int32()  # years and pixels


@dataclass(frozen=True)
class Column:
    """One column of a merged table; `unit` is empty where the meaning says all."""

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""

    @property
    def explained(self) -> str:
        """The meaning, with the unit where there is one."""
        return f"{self.meaning} ({self.unit})" if self.unit else self.meaning


def is_share(column: Column) -> bool:
    """Whether a column's values are parts of a whole, from 0 to 1."""
    return column.unit.startswith("share")


@dataclass(frozen=True)
class Table:
    """One merged table.

    `sort` names the columns its rows are sorted by; a leading `-` is descending. `counted` says
    that its counts are parts of its `denominator`. `preview` is what the Dagster UI shows: columns,
    `images` among them, which is drawn as a bar.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    sort: tuple[str, ...] = ()
    published: bool = True
    counted: bool = False
    preview: tuple[str, ...] = ()

    @property
    def order(self) -> str:
        """What its rows are sorted by, in words."""
        keys = (f"{key[1:]} (highest first)" if key[0] == "-" else key for key in self.sort)
        return ", ".join(keys)

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema its file is written with."""
        return pa.schema([(column.name, column.type) for column in self.columns])


@dataclass(frozen=True)
class TableAsset:
    """One asset of merged tables: what it is made from, by the module it is named after.

    `module` is the module of `core.tables` whose `make` makes it; `lists` are the lists it reads
    itself. The first of `tables` is the one it is judged by.
    """

    name: str
    upstream: tuple[str, ...]
    tables: tuple[Table, ...]
    group: str = "aggregates"
    lists: tuple[str, ...] = ()
    module: str = ""
