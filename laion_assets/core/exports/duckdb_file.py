"""A DuckDB file that opens in one step: merged tables inside, rows as parquet beside it.

Lives here: that file, with every table and column explained in it. Not here: the parquet files
(`parquet_files`).

DuckDB 2.0 takes a relative path in a view as relative to the folder one works in, or to
`file_search_path`, never to the database. So the folder can be moved, and is opened from within or
by naming it there; docs/queries.md says how.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from laion_assets.core.base.files import sync
from laion_assets.core.base.sql import literal_path
from laion_assets.core.exports.columns import ROW_TABLES
from laion_assets.core.exports.folder import TABLE_FOLDER
from laion_assets.core.tables.declarations import Table


def copy_tables(tables: Sequence[Table], merged: Path, folder: Path) -> None:
    """Copy merged tables below `folder`, as parquet like the rows."""
    target = folder / TABLE_FOLDER
    target.mkdir(parents=True)
    for table in tables:
        shutil.copyfile(merged / f"{table.name}.parquet", target / f"{table.name}.parquet")


def write_duckdb(tables: Sequence[Table], folder: Path, path: Path) -> None:
    """Write the database of merged tables to `path`, a new file, with views of the rows.

    `folder` holds all of them as parquet; `path` may lie elsewhere until it is put there. Its bytes
    differ from one writing to the next: DuckDB gives every file an identifier drawn at random.
    """
    with duckdb.connect(str(path), config={"threads": 1}) as connection:
        for table in tables:
            source = _quoted(literal_path(folder / TABLE_FOLDER / f"{table.name}.parquet"))
            connection.execute(
                f'CREATE TABLE "{table.name}" AS '
                f"FROM read_parquet({source}, hive_partitioning = false)"
            )
            _explain(connection, table, "TABLE")
        connection.execute(f"SET file_search_path = {_quoted(str(folder))}")
        for table in ROW_TABLES:
            connection.execute(
                f'CREATE VIEW "{table.name}" AS '
                f"FROM read_parquet('{table.name}/*.parquet', hive_partitioning = false)"
            )
            _explain(connection, table, "VIEW")
    sync(path)


def _explain(connection: duckdb.DuckDBPyConnection, table: Table, kind: str) -> None:
    connection.execute(f'COMMENT ON {kind} "{table.name}" IS {_quoted(table.meaning)}')
    for column in table.columns:
        named = f'"{table.name}"."{column.name}"'
        connection.execute(f"COMMENT ON COLUMN {named} IS {_quoted(column.explained)}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
