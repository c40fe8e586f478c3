"""Ranking a file's rows in bounded runs: the order is the same however little fits into one."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from laion_assets.core.base import parquet
from laion_assets.core.index import ranking
from laion_assets.core.index.ranking import RunSize, ranked_runs
from tests.core.index.test_merge import write_images, write_row_keys

ROWS = [
    {
        "url": f"http://a.com/{n}.jpg",
        "caption": f"caption {n} " + "é" * (n * 37 % 90),
        "aesthetic": None if n % 7 == 0 else (n * 31 % 50) / 5,
        "image_id": n * 17 % 13,
        "visibility": "withheld" if n % 11 == 0 else "shown",
    }
    for n in range(200)
]


def expected() -> list[int]:
    """Return the numbers of the published rows in rank order."""
    shown = [(n, row) for n, row in enumerate(ROWS) if row["visibility"] == "shown"]

    def rank(entry: tuple[int, dict[str, object]]) -> tuple[object, ...]:
        score = entry[1]["aesthetic"]
        return (score is None, -float(str(score or 0)), entry[1]["image_id"], entry[0])

    return [n for n, _ in sorted(shown, key=rank)]


@pytest.mark.parametrize(
    ("size", "runs"),
    [
        (RunSize(1_000, 1 << 30), 1),
        (RunSize(40, 1 << 30), 5),
        (RunSize(1_000, 5_000), 15),
        (RunSize(1_000, 1), 181),
    ],
    ids=["one run", "few documents", "little text", "a row each"],
)
def test_runs_are_the_rows_in_rank_order(
    tmp_path: Path,
    connection: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    size: RunSize,
    runs: int,
) -> None:
    """Cut by documents or by text, spilled or not, from few row groups or many."""
    monkeypatch.setattr(parquet, "GROUP_BYTES", 3_000)
    monkeypatch.setattr(ranking, "_PIECE_BYTES", 900)
    (images,) = write_images(tmp_path, {"a": ROWS})
    keys = write_row_keys(tmp_path / "keys.parquet", images)
    spill = tmp_path / "spill"
    spill.mkdir()
    found = list(ranked_runs(connection, images, keys, size, spill, 30))
    table = pa.concat_tables(found)
    assert table["row"].to_pylist() == expected()
    documents = zip(table["row"].to_pylist(), table["document"].to_pylist(), strict=True)
    assert all(f'"caption {number} ' in document for number, document in documents)
    assert abs(len(found) - runs) <= 3
    assert max(run.num_rows for run in found) <= size.documents
    assert list(spill.iterdir()) == []


def test_file_whose_rows_are_all_withheld_has_no_run(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Nothing published, nothing ranked."""
    (images,) = write_images(tmp_path, {"a": [{**ROWS[0], "visibility": "withheld"}]})
    keys = write_row_keys(tmp_path / "keys.parquet", images)
    size = RunSize(10, 10)
    assert list(ranked_runs(connection, images, keys, size, tmp_path, 30)) == []
