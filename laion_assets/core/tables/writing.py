"""Writing merged tables in the schemas declared for them.

Lives here: the one way such a table gets to the disk. Not here: any schema (`registry`), how
Parquet is written (`core.base.parquet`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from laion_assets.core.base.parquet import write_table
from laion_assets.core.tables.declarations import Table


def write_tables(
    made: Mapping[str, pa.Table], declared: Iterable[Table], folder: Path
) -> list[Path]:
    """Write tables, by name, to `folder`, each in the schema declared for it; return their paths.

    Raises ValueError when a table has other columns than were declared, KeyError for one that was
    declared and not made.
    """
    tables = {table.name: table.schema for table in declared}
    for name, schema in tables.items():
        odd = sorted(set(made[name].column_names) ^ set(schema.names))
        if odd:
            raise ValueError(f"{name}: made or declared, but not both: {', '.join(odd)}")
    for name, schema in tables.items():
        write_table(folder / f"{name}.parquet", made[name], schema)
    return [folder / f"{name}.parquet" for name in tables]
