"""One DuckDB for the files of a step: shared, and left after a file that went wrong."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from dagster_duckdb import DuckDBResource

from laion_assets.shared_engine import SharedEngine

RESOURCE = DuckDBResource(database=":memory:", connection_config={"threads": 2})


def test_files_share_an_engine_and_see_nothing_of_each_other() -> None:
    """What one registers, or makes for a while, is not there for the next."""
    with SharedEngine(RESOURCE.get_connection) as engine:
        with engine.connection() as first:
            first.register("batch", pa.table({"n": [1]}))
            first.execute("CREATE TEMP TABLE parsed AS FROM batch")
            first.execute("CREATE TABLE shared AS SELECT 7 AS n")
        with engine.connection() as second:
            assert second.sql("FROM shared").fetchall() == [(7,)]
            for name in ("batch", "parsed"):
                with pytest.raises(duckdb.CatalogException):
                    second.sql(f"FROM {name}").fetchall()


def test_an_engine_is_left_after_a_file_that_went_wrong() -> None:
    """The next file begins with a new one, whatever the error has done to the old one."""
    with SharedEngine(RESOURCE.get_connection) as engine:
        with engine.connection() as first:
            first.execute("CREATE TABLE shared AS SELECT 7 AS n")
        with pytest.raises(ValueError, match="damaged"), engine.connection():
            raise ValueError("damaged")
        with engine.connection() as second, pytest.raises(duckdb.CatalogException):
            second.sql("FROM shared").fetchall()
