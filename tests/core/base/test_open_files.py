"""Many files: the same rows, however few of them the system lets us open at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.base import open_files
from laion_assets.core.index import documents
from laion_assets.core.index.documents import documents_in_order, rank_documents

FILES = 60
_MANY = """
import resource, sys
from pathlib import Path
import duckdb
from laion_assets.core.base.open_files import read_files
from laion_assets.core.index.documents import documents_in_order, rank_documents
paths = sorted(Path(sys.argv[1]).glob("*.parquet"))
resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50))
with duckdb.connect(config={"threads": 1}) as connection:
    read_files(connection, paths, placed=True).create_view("rows")
    twice = "SELECT count(*) FROM rows AS a JOIN rows AS b USING (place)"
    print(connection.sql(twice).fetchall()[0][0])
ranking = rank_documents(paths)
print(sum(map(len, documents_in_order(paths, ranking))))
"""


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Documents of many small files, in two row groups each, below a folder called like a key."""
    folder = tmp_path / "hive=1"
    folder.mkdir()
    found = []
    for file in range(FILES):
        table = pa.table(
            {
                "row": pa.array(range(5), pa.int64()),
                "aesthetic": pa.array([5.0 - file % 7] * 5, pa.float32()),
                "image_id": pa.array([file * 10 + row for row in range(5)], pa.int64()),
                "document": [f"[{file},{row}]" for row in range(5)],
                **{name: ["x"] * 5 for name in ("host", "domain")},
                **{name: [0] * 5 for name in ("url_year", "url_hash")},
                "tokens": [[0]] * 5,
            }
        )
        found.append(folder / f"file[{file:02}].parquet")
        pq.write_table(table, found[-1], row_group_size=3)
    return found


def test_as_many_files_as_there_are_can_be_read_with_few_open(paths: list[Path]) -> None:
    """A query that reads them twice, and documents in their order, with 50 files open at most."""
    result = subprocess.run(
        [sys.executable, "-c", _MANY, str(paths[0].parent)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.split() == [str(5 * FILES)] * 2, result.stderr


def test_rows_are_the_same_whoever_opens_the_files(
    paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB and Arrow give the same columns, types and rows, in the same order."""
    with duckdb.connect() as connection:
        for placed in (False, True):
            monkeypatch.setattr(open_files, "may_open", lambda _: True)
            first = open_files.read_files(connection, paths, placed=placed).to_arrow_table()
            monkeypatch.setattr(open_files, "may_open", lambda _: False)
            second = open_files.read_files(connection, paths, placed=placed).to_arrow_table()
            assert first.schema == second.schema
            assert first.to_pylist() == second.to_pylist()
    places = [(file << open_files.FILE_BITS) | row for file in range(FILES) for row in range(5)]
    assert first["place"].to_pylist() == places


def test_documents_are_the_same_when_their_files_are_closed_in_between(
    paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether every segment stays open or none does."""
    ranking = rank_documents(paths)
    monkeypatch.setattr(documents, "PIECE", 11)
    monkeypatch.setattr(documents, "_READ_ROWS", 2)
    read = []
    for may in (True, False):
        monkeypatch.setattr(documents, "may_open", lambda _, may=may: may)
        read.append(list(documents_in_order(paths, ranking)))
    assert read[0] == read[1]
    assert sum(map(len, read[0])) == 5 * FILES
