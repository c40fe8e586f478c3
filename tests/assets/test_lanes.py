"""Several files of a step at once: told of in order, alone where memory is short, ended at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from dagster_duckdb import DuckDBResource

from laion_assets.assets.lanes import Lanes, Outcome, count_lanes
from laion_assets.core.base.parquet import TableWriter
from laion_assets.core.build.settings import Settings

_TWO = Settings(threads=2, memory="2GB")
_SCHEMA = pa.schema([("n", pa.int64())])
_Work = Callable[[duckdb.DuckDBPyConnection], str]


def _resource(folder: Path) -> DuckDBResource:
    config = {"threads": 1, "memory_limit": "2GB", "temp_directory": str(folder)}
    return DuckDBResource(database=":memory:", connection_config=config)


def _all(lanes: Lanes[str], works: dict[str, _Work]) -> list[tuple[str, Outcome[str]]]:
    told = [done for key, work in works.items() for done in lanes.begin(key, work)]
    return [*told, *lanes.rest()]


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

    with Lanes[str](_resource(tmp_path), _TWO) as lanes:
        told = _all(lanes, {"a": first, "b": second, "c": lambda _: "three"})
    assert [(key, outcome.made) for key, outcome in told] == [
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

    with Lanes[str](_resource(tmp_path), _TWO) as lanes:
        told = dict(_all(lanes, {"a": hungry, "b": lambda _: "two"}))
    assert told["a"].made == "alone"
    assert told["b"].made == "two"
    assert limits[0] != limits[1] == "1.8 GiB"


def test_what_only_goes_wrong_beside_another_is_no_error(tmp_path: Path) -> None:
    """A file that something of the machine stopped is worked on again, once, alone."""
    tried: list[str] = []

    def shaky(_: duckdb.DuckDBPyConnection) -> str:
        tried.append("shaky")
        if len(tried) == 1:
            raise SystemError("AST constructor recursion depth mismatch (before=51, after=43)")
        return "one"

    with Lanes[str](_resource(tmp_path), _TWO) as lanes:
        told = dict(_all(lanes, {"a": shaky, "b": lambda _: "two"}))
    assert told["a"].made == "one"
    assert tried == ["shaky"] * 2


def test_an_error_of_one_file_is_told_at_its_turn(tmp_path: Path) -> None:
    """The others are made as if nothing had been."""

    def bad(_: duckdb.DuckDBPyConnection) -> str:
        raise ValueError("damaged")

    with Lanes[str](_resource(tmp_path), _TWO) as lanes:
        told = dict(_all(lanes, {"a": bad, "b": lambda _: "two"}))
    assert str(told["a"].error) == "damaged"
    assert told["b"].made == "two"


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
        with Lanes[str](_resource(tmp_path / "spill"), _TWO) as lanes:
            for key, work in {"a": writes, "b": asks}.items():
                assert not list(lanes.begin(key, work))
            begun.wait()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.glob("*.parquet"))
    assert not list(tmp_path.glob(".*"))
