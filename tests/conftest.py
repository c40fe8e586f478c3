"""For every test: how Hypothesis draws, where Dagster keeps its history, DuckDB, parquet files.

Dagster's history is kept in memory: its files cost more time than everything a small build does.
A test about the history itself asks for `history_on_disk`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import settings

from laion_assets import refresh
from tests.building import history_in_memory

# The same examples every time, however slow the machine: what passes here passes in CI.
settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")

_INSTANCE = refresh._instance

#: What waits for minutes; begun late, all else would be done long before it.
_LONGEST = "test_daemons.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that wait longest."""
    items.sort(key=lambda item: item.path.name != _LONGEST)


#: Writes a table, or columns by name, under a file name in the test's folder; returns the path.
WriteParquet = Callable[..., Path]


@pytest.fixture(scope="session", autouse=True)
def _history_in_memory() -> Iterator[None]:
    """Builds in this process leave Dagster's history nowhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refresh, "_instance", history_in_memory)
        yield


@pytest.fixture
def history_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds of this test keep Dagster's history where the command keeps it."""
    monkeypatch.setenv("DAGSTER_HOME", "")  # whatever a build sets is taken back
    monkeypatch.setattr(refresh, "_instance", _INSTANCE)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection in memory."""
    with duckdb.connect() as opened:
        yield opened


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """One connection for all examples of a module: cleaning leaves nothing behind in it."""
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
