"""Exports: what is built, in the forms that other programs open. Made when somebody asks.

Lives here: handing the core its tables, and putting what it writes in its place. Not here: any
format (`core.exports`).
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from laion_assets.assets.steps import merged_asset
from laion_assets.core.base.files import (
    atomic,
    exchange_directories,
    temporary_beside,
    write_bytes,
)
from laion_assets.core.build.exporting import limits_of
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.exports import folder as exports
from laion_assets.core.exports.browser import describe_database
from laion_assets.core.exports.columns import MERGED_TABLES, ROW_TABLES
from laion_assets.core.exports.croissant import describe_as_croissant
from laion_assets.core.exports.data_package import describe_as_package
from laion_assets.core.exports.database import write_database
from laion_assets.core.exports.described import Described, ExportedFile, ExportedTable
from laion_assets.core.exports.duckdb_file import copy_tables, write_duckdb
from laion_assets.core.exports.hub_card import describe_for_hub
from laion_assets.core.exports.parquet_files import SourceTables, write_rows
from laion_assets.core.tables.rows import FileParts
from laion_assets.making.made import Made


@merged_asset
def datasette_db(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Made:
    """`exports/images.db`: SQLite with full-text search, which `datasette` serves as in 2022.

    Published rows alone, in rank order, with who is named in each.
    """
    paths, keys = workspace.paths, workspace.sources.usable_keys()
    database, metadata = (paths.exports / name for name in exports.MADE["datasette_db"])
    parts = FileParts(
        images=[paths.table("images", key) for key in keys],
        mentions=[paths.table("mentions", key) for key in keys],
    )
    with atomic(database) as temporary:
        loaded = write_database(
            connection,
            parts,
            paths.tables,
            temporary,
            lambda done, total: workspace.progress("datasette_db", done, total),
        )
    withheld = _withheld(workspace)
    write_bytes(metadata, describe_database(Described(workspace.dataset, withheld)))
    counts = {"rows": loaded.images, "names": loaded.names, "domains": loaded.domains}
    return Made([database, metadata], {**counts, **limits_of(workspace)})


@merged_asset
def duckdb_file(workspace: Workspace, _: duckdb.DuckDBPyConnection) -> Made:
    """`exports/laion.duckdb`: merged tables inside, published rows as parquet beside it."""
    paths = workspace.paths
    sources = [
        SourceTables(key, paths.table("images", key), paths.table("mentions", key))
        for key in workspace.sources.usable_keys()
    ]
    read = sum(pq.read_metadata(source.images).num_rows for source in sources)
    target = paths.exports / exports.DUCKDB
    with _staged(paths.exports) as staging:
        written = write_rows(
            sources, staging, lambda done: workspace.progress("duckdb_file", done, read)
        )
        copy_tables(MERGED_TABLES, paths.tables, staging)
        write_duckdb(MERGED_TABLES, staging, staging / exports.DUCKDB)
        for name in (*exports.ROW_FOLDERS, exports.TABLE_FOLDER):
            exchange_directories(staging / name, paths.exports / name)
        (staging / exports.DUCKDB).replace(target)
    folders = (paths.exports / name for name in (*exports.ROW_FOLDERS, exports.TABLE_FOLDER))
    files = [path for folder in folders for path in sorted(folder.glob("*.parquet"))]
    counts = {"rows": written.images, "mentions": written.mentions}
    counts["withheld"] = read - written.images
    return Made([target, *files], {**counts, **limits_of(workspace)})


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """Yield a folder in which files lie until all of them are written."""
    folder.mkdir(exist_ok=True)
    staging = temporary_beside(folder / "export")
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@merged_asset
def dataset_card(workspace: Workspace, _: duckdb.DuckDBPyConnection) -> Made:
    """`exports/README.md` for the Hugging Face hub, `croissant.json`, `datapackage.json`."""
    described = Described(workspace.dataset, _withheld(workspace), _exported(workspace))
    made = {
        exports.HUB_CARD: describe_for_hub(described),
        exports.CROISSANT: describe_as_croissant(described),
        exports.DATA_PACKAGE: describe_as_package(described),
    }
    for name, content in made.items():
        write_bytes(workspace.paths.exports / name, content)
    paths = [workspace.paths.exports / name for name in made]
    return Made(paths, {"tables": len(described.tables), **limits_of(workspace)})


def _exported(workspace: Workspace) -> list[ExportedTable]:
    """Return what the stamp of the parquet files says of them, table by table."""
    stamp = workspace.stamps.read("duckdb_file")
    assert stamp is not None  # noqa: S101 - the step checked that upstream exists
    prefix = workspace.paths.exports.relative_to(workspace.root).as_posix() + "/"
    files = [
        ExportedFile(
            name.removeprefix(prefix),
            digest,
            size,
            pq.read_metadata(workspace.root / name).num_rows,
        )
        for name, (digest, size) in sorted(stamp.outputs.items())
        if name.endswith(".parquet")
    ]
    rows = [
        ExportedTable(table, [file for file in files if file.path.startswith(f"{table.name}/")])
        for table in ROW_TABLES
    ]
    merged = [
        ExportedTable(
            table, [file for file in files if file.path == f"tables/{table.name}.parquet"]
        )
        for table in MERGED_TABLES
    ]
    return [*rows, *merged]


def _withheld(workspace: Workspace) -> int:
    stamps = (workspace.stamps.read("images", key) for key in workspace.sources.usable_keys())
    visible = (stamp.counts.get("visibility", {}) for stamp in stamps if stamp is not None)
    return sum(counts.get("withheld", 0) for counts in visible)
