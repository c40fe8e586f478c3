"""The DuckDB file: merged tables inside, rows beside it, wherever the folder lies."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from laion_assets.core.exports.columns import MERGED_TABLES, ROW_TABLES
from laion_assets.core.exports.duckdb_file import copy_tables, write_duckdb
from laion_assets.core.exports.folder import READ_IDS
from laion_assets.core.exports.parquet_files import SourceTables, write_rows
from tests.exports_fixture import HIDDEN_ID, export_parts


@pytest.fixture(scope="module", params=["plain", "it's [odd]"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the hostile rows, then move the folder."""
    made = tmp_path_factory.mktemp("export") / request.param
    parts = export_parts(made.parent / "tables")
    sources = [
        SourceTables(images.stem, images, mentions)
        for images, mentions in zip(parts.images, parts.mentions, strict=True)
    ]
    write_rows(sources, made, lambda _: None)
    copy_tables(MERGED_TABLES, made.parent / "tables" / "merged", made)
    write_duckdb(MERGED_TABLES, made, made / "laion.duckdb")
    return made.rename(made.with_name(f"{request.param} moved"))


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.sql(f'SELECT count(*) FROM "{table}"').fetchall()[0][0])


def test_every_merged_table_is_inside(folder: Path, tmp_path: Path) -> None:
    """The database alone answers about them, without the folder."""
    alone = tmp_path / "laion.duckdb"
    alone.write_bytes((folder / "laion.duckdb").read_bytes())
    with duckdb.connect(str(alone), read_only=True) as connection:
        for table in MERGED_TABLES:
            path = folder / "tables" / f"{table.name}.parquet"
            assert _count(connection, table.name) == pq.read_metadata(path).num_rows, table.name


def test_a_moved_folder_opens_from_within(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Views of rows are relative to the folder one works in."""
    monkeypatch.chdir(folder)
    with duckdb.connect("laion.duckdb", read_only=True) as connection:
        for table in ROW_TABLES:
            assert _count(connection, table.name) > 0


def test_a_moved_folder_opens_from_anywhere(folder: Path) -> None:
    """By naming it once: `SET file_search_path`."""
    assert Path.cwd() != folder
    with duckdb.connect(str(folder / "laion.duckdb"), read_only=True) as connection:
        quoted = str(folder).replace("'", "''")
        connection.execute(f"SET file_search_path = '{quoted}'")
        for table in ROW_TABLES:
            assert _count(connection, table.name) > 0


def test_no_path_of_the_machine_is_inside(folder: Path) -> None:
    """Whoever gets the folder learns nothing of where it was made."""
    assert os.fsencode(folder.parent) not in (folder / "laion.duckdb").read_bytes()


def test_tables_and_columns_are_explained(folder: Path) -> None:
    """By the registry, in the database itself; views too."""
    with duckdb.connect(str(folder / "laion.duckdb"), read_only=True) as connection:
        said = dict(
            connection.sql(
                "SELECT table_name, comment FROM duckdb_tables() UNION ALL "
                "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
            ).fetchall()
        )
        columns = connection.sql(
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    for table in (*MERGED_TABLES, *ROW_TABLES):
        assert said[table.name] == table.meaning
    explained = {(table, column): comment for table, column, comment in columns}
    for table in MERGED_TABLES:
        for column in table.columns:
            assert explained[table.name, column.name] == column.explained


def test_the_scan_reads_its_ids(folder: Path) -> None:
    """The check that looks for rows that must not be there sees those of the tables inside."""
    found = set(READ_IDS[".duckdb"](folder / "laion.duckdb").tolist())
    path = folder / "tables" / "duplicate_clusters.parquet"
    ids = pq.read_table(path, columns=["image_id"])["image_id"].drop_null().to_pylist()
    assert found == set(ids)
    assert HIDDEN_ID not in found
