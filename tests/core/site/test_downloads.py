"""The data files: what is in them is what the tables hold, whatever the format and the size."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.site.downloads import table_pages
from laion_assets.core.site.safety import csv_cell
from laion_assets.core.tables.registry import PUBLISHED_TABLES
from tests import site_fixture


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixture's merged tables."""
    folder = tmp_path_factory.mktemp("downloads") / "tables"
    site_fixture.write_tables(folder)
    return folder


def files_of(tables: Path, name: str, ending: str, max_bytes: int = 2**20) -> dict[str, bytes]:
    """One table's files of one format, in order."""
    pages = table_pages(tables, name, ending, max_bytes)
    return {page.path: page.content for page in pages}


def rows_of_csv(content: bytes) -> Iterator[dict[str, str]]:
    """The rows of a CSV file as the reader of any language would see them."""
    return csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))


@pytest.mark.parametrize("name", PUBLISHED_TABLES)
def test_json_has_every_row_with_the_tables_columns(tables: Path, name: str):
    """The array equals the table; only a 64-bit id becomes a string."""
    (content,) = files_of(tables, name, "json").values()
    expected = pq.read_table(tables / f"{name}.parquet").to_pylist()
    for row in expected:
        if "image_id" in row:
            row["image_id"] = str(row["image_id"])
    assert json.loads(content) == expected


@pytest.mark.parametrize("name", PUBLISHED_TABLES)
def test_csv_has_every_row_with_dangerous_starts_guarded(tables: Path, name: str):
    """The cells equal the table's values as text, guarded; missing ones are empty."""
    (content,) = files_of(tables, name, "csv").values()

    def text(value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        return "" if value is None else csv_cell(str(value))

    expected = pq.read_table(tables / f"{name}.parquet").to_pylist()
    found = list(rows_of_csv(content))
    assert found == [{key: text(value) for key, value in row.items()} for row in expected]
    assert not [cell for row in found for cell in row.values() if cell[:1] in tuple("=+-@\t\r\n")]


@pytest.mark.parametrize("name", PUBLISHED_TABLES)
def test_parquet_is_the_tables_own_file(tables: Path, name: str):
    """The bytes are copied."""
    expected = (tables / f"{name}.parquet").read_bytes()
    assert files_of(tables, name, "parquet") == {f"data/{name}.parquet": expected}


def test_a_large_table_comes_in_numbered_parts(tables: Path):
    """Each part stands alone and stays below the limit; together they are the table."""
    expected = pq.read_table(tables / "duplicate_clusters.parquet").to_pylist()
    limit = 2000
    parts = files_of(tables, "duplicate_clusters", "json", limit)
    assert list(parts) == [
        f"data/duplicate_clusters-{number}.json" for number in range(1, len(parts) + 1)
    ]
    assert len(parts) > 2
    assert all(len(content) <= limit for content in parts.values())
    rows = [row for content in parts.values() for row in json.loads(content)]
    assert [row["caption"] for row in rows] == [row["caption"] for row in expected]
    parts = files_of(tables, "duplicate_clusters", "csv", limit)
    assert all(len(content) <= limit for content in parts.values())
    cells = [row["url"] for content in parts.values() for row in rows_of_csv(content)]
    assert cells == [csv_cell(row["url"]) for row in expected]


def test_a_large_parquet_file_is_split_by_rows(tmp_path: Path):
    """Parts have the same columns and types, all rows in order, and keep the limit."""
    numbers = pa.array([(n * 2654435761) % 2**32 for n in range(20_000)], pa.int64())
    pq.write_table(pa.table({"n": numbers}), tmp_path / "years.parquet")
    limit = 30_000
    parts = files_of(tmp_path, "years", "parquet", limit)
    assert list(parts)[:2] == ["data/years-1.parquet", "data/years-2.parquet"]
    assert all(len(content) <= limit for content in parts.values())
    read = pa.concat_tables([pq.read_table(pa.BufferReader(part)) for part in parts.values()])
    assert read.column("n").to_pylist() == numbers.to_pylist()


def test_missing_numbers_are_null_and_empty_whatever_they_are_made_of(tmp_path: Path):
    """NaN is no number of JSON; it is written as null, and as an empty cell."""
    table = pa.table({"share": pa.array([None, float("nan"), 0.5], pa.float64())})
    pq.write_table(table, tmp_path / "years.parquet")
    (content,) = files_of(tmp_path, "years", "json").values()
    assert json.loads(content) == [{"share": None}, {"share": None}, {"share": 0.5}]
    (content,) = files_of(tmp_path, "years", "csv").values()
    assert content == b'share\n""\n""\n0.5\n'


def test_the_summary_holds_the_headline_numbers(tmp_path: Path):
    """Rows, reasons, unknowns, tables, names, dataset and thresholds, as the tables have them."""
    site = site_fixture.render_all(tmp_path)
    summary = json.loads(site["data/summary.json"])
    assert summary["rows"] == {
        "read": 1300,
        "kept": 1250,
        "rejected": 50,
        "withheld": 2,
        "published": 1248,
    }
    assert sum(summary["rejected"].values()) == summary["rows"]["rejected"]
    assert summary["unknown"]["url_year"] == 700
    assert summary["tables"]["artists"] == 10
    assert summary["names"]["artists"] == {"listed": 10, "found": 6, "zero": 4, "mentions": 199}
    assert summary["dataset"]["title"] == "Fixture & Friends"
    assert summary["thresholds"] == {"blurred": 0.5, "no_image": 0.9, "withheld": 0.9999}
    assert summary["repaired"]["quotes"] == 25


def test_the_downloads_page_lists_every_data_file(tmp_path: Path):
    """All files under data/ are linked, parts too."""
    site = site_fixture.render_all(tmp_path, max_bytes=3000)
    page = site["downloads.html"].decode()
    files = [path for path in site if path.startswith("data/")]
    assert "data/duplicate_clusters-2.csv" in files
    assert [path for path in files if f'href="{path}"' not in page] == []
