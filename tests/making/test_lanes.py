"""Several files of a step at once: told of in order, alone where memory is short, ended at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from laion_assets.core.base.parquet import TableWriter
from laion_assets.core.build.settings import Settings
from laion_assets.core.build.workspace import Workspace
from laion_assets.making.lanes import Lanes, count_lanes
from laion_assets.making.made import Made, Outcome

_TWO = Settings(threads=2, memory="2GB")
_SCHEMA = pa.schema([("n", pa.int64())])
_Work = Callable[[duckdb.DuckDBPyConnection], str]


def _lanes(folder: Path, works: dict[str, _Work]) -> Lanes:
    """Return lanes in which the work of each key says what was made of it."""

    def make(_: Workspace, connection: duckdb.DuckDBPyConnection, key: str) -> Made:
        return Made([], {"said": works[key](connection)})

    config = {"threads": 1, "memory_limit": "2GB", "temp_directory": str(folder)}
    return Lanes(make, _TWO, config)


def _all(folder: Path, works: dict[str, _Work]) -> list[tuple[str, Outcome]]:
    workspace = Workspace(folder, _TWO)
    with _lanes(folder, works) as lanes:
        told = [done for key in works for done in lanes.begin(key, workspace)]
        return [*told, *lanes.rest()]


def _said(outcome: Outcome) -> str:
    assert outcome.made is not None
    said: str = outcome.made.counts["said"]
    return said


@pytest.mark.parametrize(
    ("threads", "memory", "lanes"),
    [(1, "8GB", 1), (2, "2GB", 2), (2, "1500MB", 1), (8, "4GB", 4), (4, "512MB", 1)],
)
def test_each_file_has_a_thread_and_a_gigabyte(threads: int, memory: str, lanes: int) -> None:
    """What runs at once keeps to the budget that the settings state."""
    assert count_lanes(Settings(threads=threads, memory=memory)) == lanes


def test_files_are_worked_on_at_once_and_told_of_in_order(tmp_path: Path) -> None:
    """The second is done while the first still works, and waits for its turn."""
    second_done = threading.Event()

    def first(_: duckdb.DuckDBPyConnection) -> str:
        assert second_done.wait(60)
        return "one"

    def second(_: duckdb.DuckDBPyConnection) -> str:
        second_done.set()
        return "two"

    told = _all(tmp_path, {"a": first, "b": second, "c": lambda _: "three"})
    assert [(key, _said(outcome)) for key, outcome in told] == [
        ("a", "one"), ("b", "two"), ("c", "three"),
    ]  # fmt: skip


def test_a_file_that_finds_too_little_memory_beside_another_is_tried_alone(tmp_path: Path) -> None:
    """With all of DuckDB's memory, and nothing else under way: neighbours set no file aside."""
    at_work = threading.Semaphore(2)
    limits: list[str] = []

    def hungry(connection: duckdb.DuckDBPyConnection) -> str:
        with at_work:
            limits.append(connection.sql("SELECT current_setting('memory_limit')").fetchall()[0][0])
            if len(limits) == 1:
                raise duckdb.OutOfMemoryException("could not allocate block (1 GiB/1 GiB used)")
            alone = at_work.acquire(blocking=False)
            return "alone" if alone else "beside another"

    told = dict(_all(tmp_path, {"a": hungry, "b": lambda _: "two"}))
    assert _said(told["a"]) == "alone"
    assert _said(told["b"]) == "two"
    assert limits[0] != limits[1] == "1.8 GiB"


def test_what_only_goes_wrong_beside_another_is_no_error(tmp_path: Path) -> None:
    """A file that something of the machine stopped is worked on again, once, alone."""
    tried: list[str] = []

    def shaky(_: duckdb.DuckDBPyConnection) -> str:
        tried.append("shaky")
        if len(tried) == 1:
            raise SystemError("AST constructor recursion depth mismatch (before=51, after=43)")
        return "one"

    told = dict(_all(tmp_path, {"a": shaky, "b": lambda _: "two"}))
    assert _said(told["a"]) == "one"
    assert tried == ["shaky"] * 2


def test_an_error_of_one_file_is_told_at_its_turn(tmp_path: Path) -> None:
    """The others are made as if nothing had been."""

    def bad(_: duckdb.DuckDBPyConnection) -> str:
        raise ValueError("damaged")

    told = dict(_all(tmp_path, {"a": bad, "b": lambda _: "two"}))
    assert str(told["a"].error) == "damaged"
    assert _said(told["b"]) == "two"


def test_an_interrupt_ends_what_is_under_way(tmp_path: Path) -> None:
    """Between two writes, or in the middle of a query; what was being written leaves no trace."""
    begun = threading.Barrier(3)

    def writes(_: duckdb.DuckDBPyConnection) -> str:
        with TableWriter(tmp_path / "endless.parquet", _SCHEMA) as writer:
            begun.wait()
            while True:
                writer.append(pa.table({"n": [1]}, _SCHEMA))

    def asks(connection: duckdb.DuckDBPyConnection) -> str:
        begun.wait()
        connection.sql("SELECT count(*) FROM range(10000000000000) WHERE random() < 0").fetchall()
        return "never"

    def interrupted() -> None:
        works: dict[str, _Work] = {"a": writes, "b": asks}
        with _lanes(tmp_path / "spill", works) as lanes:
            for key in works:
                assert not list(lanes.begin(key, Workspace(tmp_path, _TWO)))
            begun.wait()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.glob("*.parquet"))
    assert not list(tmp_path.glob(".*"))
