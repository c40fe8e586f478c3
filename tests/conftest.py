"""For every test: how Hypothesis draws, a DuckDB connection, and files as strangers write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import settings

# The same examples every time, however slow the machine: what passes here passes in CI.
settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")

#: Writes a table, or columns by name, under a file name in the test's folder; returns the path.
WriteParquet = Callable[..., Path]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection in memory."""
    with duckdb.connect() as opened:
        yield opened


@pytest.fixture
def write_parquet(tmp_path: Path) -> WriteParquet:
    """Write parquet files into the test's folder; options go to pyarrow."""

    def write(
        columns: pa.Table | Mapping[str, Any], name: str = "source.parquet", **options: Any
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table = columns if isinstance(columns, pa.Table) else pa.table(dict(columns))
        pq.write_table(table, path, **options)
        return path

    return write
