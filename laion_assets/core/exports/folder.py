"""The folder of exports: what is ours in it, taking that away, and the ids that its databases hold.

Lives here: the names of files. Not here: writing any (a module for each), which ids must not be
there (`core.build.invariants`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from laion_assets.core.base.errors import UserError

if TYPE_CHECKING:  # what exports are made of does not depend on how the site is scanned
    from laion_assets.core.publish.published_ids import Ids, ReadIds

#: For Datasette: the database, and what is said of its tables.
DATABASE, BROWSER = "images.db", "metadata.yml"
#: For DuckDB: the tables, and a folder of parquet files for each.
DUCKDB = "laion.duckdb"
ROW_FOLDERS = ("images", "mentions")
TABLE_FOLDER = "tables"
#: Descriptions: of the Hugging Face hub, Croissant, Frictionless.
HUB_CARD, CROISSANT, DATA_PACKAGE = "README.md", "croissant.json", "datapackage.json"

#: What each asset leaves in the folder: files, and folders of parquet.
MADE: Mapping[str, tuple[str, ...]] = {
    "datasette_db": (DATABASE, BROWSER),
    "duckdb_file": (DUCKDB, *ROW_FOLDERS, TABLE_FOLDER),
    "dataset_card": (HUB_CARD, CROISSANT, DATA_PACKAGE),
}


def exported_files(folder: Path, *assets: str) -> list[Path]:
    """Return the files in a folder of exports that assets (all, unless named) leave there."""
    found: list[Path] = []
    for path in (folder / name for asset in assets or MADE for name in MADE[asset]):
        found += path.glob("*.parquet") if path.is_dir() else [path] * path.is_file()
    return sorted(found)


def delete_exports(folder: Path) -> list[str]:
    """Delete every file of ours in a folder of exports; return their names below it.

    What somebody else put there stays, and so do folders with such files.
    """
    deleted = []
    for path in exported_files(folder):
        path.unlink()
        deleted.append(path.relative_to(folder).as_posix())
    for path in (*(folder / name for names in MADE.values() for name in names), folder):
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()
    return deleted


def _sqlite_ids(path: Path) -> Ids:
    """Return the ids of the images table; all others refer to it."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT CAST(image_id AS INTEGER) FROM images")
            return np.fromiter((row[0] for row in rows), np.int64)
    except sqlite3.Error as error:
        raise _unreadable(path) from error


def _duckdb_ids(path: Path) -> Ids:
    """Return the ids of every table inside; views are of parquet files, which are read as such."""
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.sql(
                "SELECT c.table_name FROM duckdb_columns() AS c JOIN duckdb_tables() AS t "
                "USING (table_oid) WHERE c.column_name = 'image_id' AND NOT c.internal"
            ).fetchall()
            ids = [
                connection.sql(f'SELECT image_id FROM "{name}" WHERE image_id IS NOT NULL')  # noqa: S608 - of our own file
                .to_arrow_table()["image_id"]
                .to_numpy()
                for (name,) in tables
            ]
    except duckdb.Error as error:
        raise _unreadable(path) from error
    return np.concatenate(ids) if ids else np.empty(0, np.int64)


def _unreadable(path: Path) -> UserError:
    return UserError(
        f"{path.name} cannot be read; close what has it open, or export it again with "
        "`laion-assets export all`"
    )


#: How the ids of files are read that are neither parquet nor text, by ending.
READ_IDS: Mapping[str, ReadIds] = {".db": _sqlite_ids, ".duckdb": _duckdb_ids}
