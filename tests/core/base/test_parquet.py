"""Tables: equal rows are equal bytes, a table is whole or not there, and paths are literal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.base import parquet as tables
from laion_assets.core.base.parquet import TableWriter, write_table
from laion_assets.core.base.sql import literal_path

NUMBERS = pa.table({"n": pa.array(range(1_000)), "t": [f"text {n % 13}" for n in range(1_000)]})


def write_pieces(path: Path, sizes: list[int]) -> bytes:
    """Write NUMBERS in pieces of these sizes and return the file's bytes."""
    with TableWriter(path, NUMBERS.schema) as writer:
        start = 0
        for size in sizes:
            writer.append(NUMBERS.slice(start, size))
            start += size
    return path.read_bytes()


@pytest.mark.parametrize("row_group", [131_072, 300, 1_000])
def test_bytes_do_not_depend_on_how_rows_arrive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row_group: int
) -> None:
    """In one piece, in many or with empty ones between: the same file."""
    monkeypatch.setattr(tables, "ROW_GROUP", row_group)
    ways = ([1_000], [1] * 1_000, [0, 299, 1, 0, 601, 99], [999, 0, 1])
    assert len({write_pieces(tmp_path / "x.parquet", list(way)) for way in ways}) == 1
    metadata = pq.read_metadata(tmp_path / "x.parquet")
    groups = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    assert groups == {131_072: [1_000], 300: [300, 300, 300, 100], 1_000: [1_000]}[row_group]


def test_less_than_a_row_group_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Full row groups are written as they come, so memory does not grow with the table."""
    monkeypatch.setattr(tables, "ROW_GROUP", 300)
    with TableWriter(tmp_path / "x.parquet", NUMBERS.schema) as writer:
        for _ in range(5):
            writer.append(NUMBERS)
            assert writer._pending.num_rows < 300
    assert writer.rows == pq.read_metadata(tmp_path / "x.parquet").num_rows == 5_000


def test_table_without_rows_keeps_its_schema(tmp_path: Path) -> None:
    """Nothing appended makes an empty table, not a file nobody can read."""
    write_pieces(tmp_path / "x.parquet", [])
    assert pq.read_table(tmp_path / "x.parquet") == NUMBERS.slice(0, 0)


def test_columns_are_taken_by_name_and_cast(tmp_path: Path) -> None:
    """Order and width of what comes make no difference to what is written."""
    schema = pa.schema([("a", pa.int64()), ("b", pa.string())])
    mixed = pa.table({"c": [0], "b": pa.array(["x"], pa.large_string()), "a": pa.array([1], "i1")})
    write_table(tmp_path / "x.parquet", mixed, schema)
    assert pq.read_table(tmp_path / "x.parquet").schema == schema


def test_failure_leaves_no_file(tmp_path: Path) -> None:
    """A writer that breaks in the middle leaves neither table nor temporary file."""

    def broken() -> None:
        with TableWriter(tmp_path / "x.parquet", NUMBERS.schema) as writer:
            writer.append(NUMBERS)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert list(tmp_path.iterdir()) == []


def test_failure_of_the_last_write_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full at the very end is no different."""

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TableWriter, "_write", full)
    with pytest.raises(OSError, match="No space left"):
        write_pieces(tmp_path / "x.parquet", [10])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["a[1]", "a*", "a?", "it's", "year=2020", "ü {a,b}"])
def test_literal_path_means_that_one_file(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, folder: str
) -> None:
    """Folders named like patterns are not taken for them, whatever their neighbours are."""
    for number, name in enumerate((folder, "a1", "ab", "a")):
        write_table(tmp_path / name / "x.parquet", pa.table({"number": [number]}))
    path = tmp_path / folder / "x.parquet"
    read = connection.sql(
        "FROM read_parquet($path, hive_partitioning = false)", params={"path": literal_path(path)}
    )
    assert read.columns == ["number"]
    assert read.fetchall() == [(0,)]
    read = connection.read_parquet([literal_path(path)], filename=True)
    assert read.fetchall() == [(0, str(path))]


def test_long_texts_end_a_row_group_early_however_they_arrive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few kB of parquet can hold gigabytes of text: they are not all held in memory at once."""
    monkeypatch.setattr(tables, "GROUP_BYTES", 200)
    schema = pa.schema([("caption", pa.string())])
    rows = pa.table({"caption": ["x" * (n % 300) for n in range(60)]}, schema=schema)
    for name, step in (("at once", 60), ("in pieces", 7)):
        with TableWriter(tmp_path / name, schema) as writer:
            for start in range(0, 60, step):
                writer.append(rows.slice(start, step))
    assert (tmp_path / "at once").read_bytes() == (tmp_path / "in pieces").read_bytes()
    assert pq.read_metadata(tmp_path / "at once").num_row_groups > 5
    assert pq.read_table(tmp_path / "at once") == rows
