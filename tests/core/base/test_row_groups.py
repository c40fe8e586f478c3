"""Row groups: each is worked on once, results come in order, whatever the number of threads."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.base.row_groups import RowGroup, map_row_groups


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A file of seven row groups, the last one short."""
    path = tmp_path / "t.parquet"
    rows = pa.table({"n": list(range(65)), "text": [f"row {n}" for n in range(65)]})
    pq.write_table(rows, path, row_group_size=10)
    return path


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_rows(table: Path, threads: int) -> None:
    """Threads change nothing but the time."""

    def first_and_last(group: RowGroup) -> tuple[int, int]:
        numbers = group.read("n")["n"].to_pylist()
        return numbers[0], numbers[-1]

    found = list(map_row_groups(table, first_and_last, threads))
    assert found == [(n, min(n + 9, 64)) for n in range(0, 65, 10)]


def test_only_what_is_asked_for_is_read_in_one_chunk(table: Path) -> None:
    """Columns come in the order asked, each whole."""
    read = list(map_row_groups(table, lambda group: group.read("text", "n"), 2))
    assert [part.column_names for part in read] == [["text", "n"]] * 7
    assert {column.num_chunks for part in read for column in part.columns} == {1}
    assert pa.concat_tables(read)["n"].to_pylist() == list(range(65))


def test_a_failure_is_the_caller_s(table: Path) -> None:
    """What goes wrong in a thread is raised where the results are taken."""

    def fail(group: RowGroup) -> int:
        if group.number == 3:
            raise ValueError("row group three")
        return group.number

    found = map_row_groups(table, fail, 2)
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="row group three"):
        next(found)


def test_a_file_without_rows_has_no_result(tmp_path: Path) -> None:
    """Nothing to do is no error."""
    path = tmp_path / "empty.parquet"
    pq.write_table(pa.table({"n": pa.array([], pa.int64())}), path)
    assert list(map_row_groups(path, lambda group: group.read("n").num_rows, 2)) in ([], [0])


def test_results_that_nobody_takes_stop_the_work(table: Path) -> None:
    """A slow taker does not pile up a whole file: little is read beyond what is taken."""
    begun: list[int] = []

    def note(group: RowGroup) -> int:
        begun.append(group.number)
        return group.number

    found = map_row_groups(table, note, 1)
    assert next(found) == 0
    assert len(begun) <= 3
    assert list(found) == [1, 2, 3, 4, 5, 6]
