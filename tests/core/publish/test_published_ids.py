"""Ids in published files: found wherever they stand, and never where they do not."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laion_assets.core.publish.published_ids import SHORTEST_ID, count_ids

LOWEST, HIGHEST = -(2**63), 2**63 - 1


def found(folder: Path, text: str, ids: list[int]) -> int:
    """Count ids in a page that holds a text."""
    page = folder / "page.js"
    page.write_text(text, encoding="utf-8")
    return count_ids([page], np.array(sorted(set(ids)), np.int64), 1)[0]


@pytest.mark.parametrize(
    "text",
    ["{}", '{{"id":"{}"}}', "a{}b", "[1,{},2]", "image-{}", "x{}", "é{}é", "--{}", "{}\n{}"],
)
@pytest.mark.parametrize("number", [123456789012, -123456789012, LOWEST, HIGHEST])
def test_an_id_is_found_wherever_it_stands(tmp_path: Path, text: str, number: int) -> None:
    """Beside letters, quotes and hyphens, at either end, and counted once."""
    assert found(tmp_path, text.replace("{}", str(number)).replace("{{", "{"), [number, 7]) == 1


@pytest.mark.parametrize(
    "text", ["", "1123456789012", "1234567890123", "12345678901", "123456789 012", "9" * 40]
)
def test_another_number_is_not_the_id(tmp_path: Path, text: str) -> None:
    """A longer, a shorter and a broken run of digits are other numbers."""
    assert found(tmp_path, text, [123456789012, -123456789012]) == 0


def test_a_positive_number_is_not_the_negative_id(tmp_path: Path) -> None:
    """The sign belongs to the id."""
    assert found(tmp_path, "123456789012", [-123456789012]) == 0


def test_an_id_inside_an_archive_is_found(tmp_path: Path) -> None:
    """In a text and in a table alike, compressed or not; an id in both counts once."""
    ids = [LOWEST, 5, 123456789012, 123456789013]
    pq.write_table(pa.table({"image_id": pa.array(ids[:2])}), tmp_path / "t.parquet")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("t.csv", f"{LOWEST},{ids[2]}\n" * 50, zipfile.ZIP_DEFLATED)
        archive.write(tmp_path / "t.parquet", "t.parquet")
        archive.writestr("empty.txt", "")
    assert count_ids([tmp_path / "a.zip"], np.array(ids, np.int64), 1) == [3]


def test_tables_and_many_files_are_counted_each(tmp_path: Path) -> None:
    """A parquet file is asked by its column, where it has one; files keep their order."""
    ids = [LOWEST, 5, 123456789012]
    pq.write_table(pa.table({"image_id": pa.array([*ids, *ids])}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"n": pa.array(ids)}), tmp_path / "b.parquet")
    (tmp_path / "c.csv").write_text(f"{LOWEST},{LOWEST}")
    (tmp_path / "d.html").write_bytes(b"")
    files = sorted(tmp_path.iterdir())
    for threads in (1, 3):
        assert count_ids(files, np.array(ids, np.int64), threads) == [3, 0, 1, 0]


@given(
    st.lists(st.integers(LOWEST, HIGHEST), max_size=20),
    st.lists(st.integers(LOWEST, HIGHEST), min_size=1, max_size=20),
    st.text(alphabet='0123456789-, "x', max_size=200),
)
def test_the_same_is_found_as_by_a_regular_expression(
    tmp_path_factory: pytest.TempPathFactory, stated: list[int], others: list[int], noise: str
) -> None:
    """Whatever stands around them."""
    text = noise + ",".join(map(str, stated)) + noise
    runs = [run for run in re.findall(r"-?\d+", text) if SHORTEST_ID <= len(run.lstrip("-")) <= 19]
    numbers = {int(run) for run in runs} | {abs(int(run)) for run in runs}
    wanted = set(stated) | set(others)
    folder = tmp_path_factory.mktemp("ids")
    assert found(folder, text, list(wanted)) == len(wanted & numbers)
