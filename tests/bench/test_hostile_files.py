"""The benchmark of hostile files, small: what it makes is refused in one line or wholly read."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bench.hostile_files import run_steps
from bench.hostile_makers import crafted, good_files, mutate, rows_files
from laion_assets.core.names.list_files import ListFiles
from laion_assets.core.names.mentions import NameTable

CHANCE = 2022
MUTATIONS = 25


@pytest.fixture(scope="module")
def names() -> NameTable:
    """Every name of our own lists."""
    return NameTable(ListFiles())


def check(path: Path, folder: Path, names: NameTable) -> str:
    """Take a file through every per-file step; return what it was refused with."""
    outcome = run_steps(path, folder, names)
    assert not outcome.broken, f"{path.name}: {outcome.said}"
    return outcome.said


def test_crafted_files_are_refused_in_one_line_or_read(tmp_path: Path, names: NameTable) -> None:
    """Each kind of file that is made to cost much, in small."""
    refused = set()
    for name, content in crafted(random.Random(CHANCE), 0.001):  # noqa: S311 - the same every time
        path = tmp_path / name
        path.write_bytes(content)
        if check(path, tmp_path, names):
            refused.add(name)
    assert {"shared.parquet", "claims.parquet", "runs.parquet", "page.parquet"} <= refused
    assert not refused & {"named.parquet", "letters.parquet", "quotes.csv", "rle.parquet"}


def test_hostile_rows_are_kept_or_rejected(tmp_path: Path, names: NameTable) -> None:
    """In every format, plain and gzipped."""
    for path in rows_files(tmp_path, random.Random(CHANCE), 500):  # noqa: S311
        assert check(path, tmp_path, names) == ""


def test_mutated_files_are_refused_in_one_line_or_read(tmp_path: Path, names: NameTable) -> None:
    """Bytes flipped, cut, put in; footers of other files; metadata without end."""
    chance = random.Random(CHANCE)  # noqa: S311
    goods = good_files(chance)
    refused = 0
    for _ in range(MUTATIONS):
        path = tmp_path / "mutated.parquet"
        path.write_bytes(mutate(chance, goods))
        refused += bool(check(path, tmp_path, names))
    assert 0 < refused < MUTATIONS
