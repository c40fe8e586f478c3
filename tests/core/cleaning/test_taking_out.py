"""Taking rows out of tables: the same bytes as cleaning the file with the list."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.cleaning.counts import CleaningCounts
from laion_assets.core.cleaning.removal import Removal, find_hits
from laion_assets.core.cleaning.removal_list import (
    Named,
    RemovalKey,
    name_domain,
    name_id,
    name_url,
)
from laion_assets.core.cleaning.rules import clean_file, image_id
from laion_assets.core.cleaning.taking_out import CleanedFile, take_out
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.reading.source_file import describe_source
from laion_assets.core.sources.datasets import load_dataset

KEY = RemovalKey(b"a key of a test, of 32 bytes ....")
SCHEMES, HOSTS = ("https", "http", "ftp"), ("a.example", "b.example.org")
ROWS = [
    {
        "URL": f"{SCHEMES[n % 3]}://{HOSTS[n % 2]}/{n % 50}",
        "TEXT": ('"quoted"', "two  spaces", "plain", "tom &amp; jerry", "")[n % 5] + f" {n % 11}",
        "WIDTH": (512, -1, 0, 100_001)[n % 4],
        "punsafe": (0.1, 0.6, 7.0, None, 0.995)[n % 5],
    }
    for n in range(400)
] + [{"URL": None, "TEXT": "no address", "WIDTH": 1, "punsafe": 0.1}]
NAMED: list[Named] = [
    name_url("https://a.example/6"),
    name_id(str(image_id(None, b"no address"))),
    name_domain("example.org"),
    name_url("https://b.example.org/1"),
    name_domain("nowhere.example"),
]


def _removal(named: list[Named]) -> Removal:
    return Removal(frozenset(KEY.entry(each) for each in named), KEY)


def _clean(
    connection: duckdb.DuckDBPyConnection, source: Path, folder: Path, named: list[Named]
) -> tuple[CleanedFile, CleaningCounts]:
    tables = CleanedFile(*(folder / f"{n}.parquet" for n in ("images", "rejects", "keys")))
    layout = describe_source(source, load_dataset("files")).layout
    counts = clean_file(
        connection, source, layout, Thresholds(),
        images=tables.images, rejects=tables.rejects, keys=tables.keys, removal=_removal(named),
    )  # fmt: skip
    return tables, counts


def _bytes(tables: CleanedFile) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in vars(tables).values()}


def _as_lines() -> bytes:
    """Return a csv file of which every seventh line has a field too many."""
    lines = [
        f"{SCHEMES[n % 3]}://{HOSTS[n % 2]}/{n % 50},caption{',more' * (n % 7 == 0)}"
        for n in range(400)
    ]
    return "\n".join(["url,caption", *lines]).encode() + b"\n,no address\n"


@pytest.fixture(params=["parquet", "csv"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A source file with rows of every fate."""
    path = tmp_path / f"source.{request.param}"
    if request.param == "parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    else:
        path.write_bytes(_as_lines())
    return path


@pytest.mark.parametrize("order", [NAMED, NAMED[::-1], NAMED[2:] + NAMED[:2], NAMED[:1]])
def test_taking_out_is_cleaning_with_the_list(
    connection: duckdb.DuckDBPyConnection, source: Path, tmp_path: Path, order: list[Named]
) -> None:
    """One by one and in any order: the tables and the counts are those of a list known before."""
    expected, counted = _clean(connection, source, tmp_path / "expected", order)
    tables, counts = _clean(connection, source, tmp_path / "taken", [])
    found = counts.as_dict()
    for number in range(1, len(order) + 1):
        removal = _removal(order[:number])
        gone = find_hits(tables.keys, removal).pending
        counts = take_out(tables, gone, KEY, found)
        found = counts.as_dict()
    assert _bytes(tables) == _bytes(expected)
    assert found == counted.as_dict()
    everything = find_hits(tables.keys, _removal(order))
    assert not everything.pending
    assert everything == find_hits(expected.keys, _removal(order))


def test_taking_out_again_after_a_crash_ends_the_same(
    connection: duckdb.DuckDBPyConnection, source: Path, tmp_path: Path
) -> None:
    """Killed before the keys were written, the tables beside them are as they will be."""
    expected, counted = _clean(connection, source, tmp_path / "expected", NAMED)
    tables, counts = _clean(connection, source, tmp_path / "taken", [])
    gone, keys = find_hits(tables.keys, _removal(NAMED)).pending, tables.keys.read_bytes()
    take_out(tables, gone, KEY, counts.as_dict())
    tables.keys.write_bytes(keys)
    assert find_hits(tables.keys, _removal(NAMED)).pending == gone
    again = take_out(tables, gone, KEY, counts.as_dict())
    assert _bytes(tables) == _bytes(expected)
    assert again.as_dict() == counted.as_dict()


def test_what_is_left_of_a_removed_row_needs_the_key(
    connection: duckdb.DuckDBPyConnection, source: Path, tmp_path: Path
) -> None:
    """Its number and id stay, and hashes that another key cannot match."""
    tables, _ = _clean(connection, source, tmp_path / "taken", NAMED)
    removed = pq.read_table(tables.keys, filters=[("removed", "=", True)]).to_pylist()
    assert removed
    for row in removed:
        assert row["url_key"] is None
        assert row["domain"] is None
    other = RemovalKey(b"another key of a test, of 32 bytes")
    assert not find_hits(
        tables.keys, Removal(frozenset(other.entry(each) for each in NAMED[:1]), other)
    ).applied
