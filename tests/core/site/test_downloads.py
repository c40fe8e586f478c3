"""The data files: what is in them is what the tables hold, whatever the format and the size."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.site.archives import table_archives
from laion_assets.core.site.downloads import table_pages
from laion_assets.core.site.formats import share_digits
from laion_assets.core.site.model import build_site
from laion_assets.core.site.safety import csv_cell
from laion_assets.core.tables.registry import PUBLISHED_TABLES, TABLES
from tests import site_fixture
from tests.site_html import Document


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
    return csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))


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
    shares = {column.name for column in TABLES[name].columns if column.unit.startswith("share")}

    def text(column: str, value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if value is None:
            return ""
        return share_digits(value) if column in shares else csv_cell(str(value))

    expected = pq.read_table(tables / f"{name}.parquet").to_pylist()
    found = list(rows_of_csv(content))
    assert found == [{key: text(key, value) for key, value in row.items()} for row in expected]
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
    assert content == b'\xef\xbb\xbfshare\n""\n""\n0.5\n'


def test_every_csv_file_begins_with_the_mark_that_excel_asks_for(tables: Path):
    """Parts too, and once each; without it a spreadsheet takes UTF-8 for something else."""
    parts = files_of(tables, "duplicate_clusters", "csv", 2000)
    assert len(parts) > 2
    assert all(content.startswith(b"\xef\xbb\xbfkind,") for content in parts.values())
    assert all(content.count(b"\xef\xbb\xbf") == 1 for content in parts.values())


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (0.5, "0.5"),
        (0.12345678, "0.1235"),
        (0.987654, "0.9877"),
        (0.000012345678, "0.00001235"),
        (1 / 12_000_000, "0.00000008333"),
        (0.99996, "0.99996"),
        (0.999999876, "0.999999876"),
        (0.99994, "0.9999"),
    ],
)
def test_a_share_in_csv_has_four_significant_digits(share: float, text: str):
    """Plain digits, never an exponent; only all of it is 1."""
    assert share_digits(share) == text


def test_shares_stay_whole_in_json_and_parquet(tables: Path):
    """Digits are left out where people read, not where programs count."""
    (content,) = files_of(tables, "domains", "json").values()
    shares = pq.read_table(tables / "domains.parquet")["share"].to_pylist()
    assert [row["share"] for row in json.loads(content)] == shares
    assert any(len(str(share)) > 6 for share in shares)


def archive_of(content: bytes) -> dict[str, bytes]:
    """What is in an archive, by name, in its order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


@pytest.mark.parametrize("name", PUBLISHED_TABLES)
def test_the_zip_of_a_table_holds_its_files_and_says_what_they_are(tmp_path: Path, name: str):
    """The same bytes as the files beside it; title, size, build, caveats and every column."""
    inputs = site_fixture.site_inputs(tmp_path, name="LAION Art 2", caveats=["Beware\nof it."])
    site = build_site(inputs, ())
    (page,) = table_archives(site, name)
    assert page.path == f"data/{name}.zip"
    files = archive_of(page.content)
    stem = f"laion-art-2-{name}"
    assert list(files) == ["README.txt", f"{stem}.csv", f"{stem}.parquet"]
    for ending in ("csv", "parquet"):
        assert [files[f"{stem}.{ending}"]] == list(files_of(inputs.tables, name, ending).values())
    readme = files["README.txt"].decode()
    about, rows = TABLES[name], site.headline.tables[name]
    assert readme.startswith(f"{name}: {rows:,} row{'s' * (rows != 1)}\n\n{about.meaning}")
    for said in (
        "Fixture & Friends",
        "Beware of it.",
        "Images: 1,248 of 1,300 rows read",
    ):
        assert said in readme
    for column in about.columns:
        assert f"- {column.name} ({column.type}): {column.explained}\n" in readme
    assert [again.content for again in table_archives(site, name)] == [page.content]


def test_an_archive_too_large_for_a_host_comes_in_parts(tmp_path: Path):
    """Each is whole with its README and keeps the limit; together they are the table."""
    inputs = site_fixture.site_inputs(tmp_path)
    limit = 5_000
    site = build_site(replace(inputs, max_bytes=limit), ())
    pages = list(table_archives(site, "duplicate_clusters"))
    assert len(pages) > 1
    assert [page.path for page in pages] == [
        f"data/duplicate_clusters-{number}.zip" for number in range(1, len(pages) + 1)
    ]
    assert all(len(page.content) <= limit for page in pages)
    parts = [archive_of(page.content) for page in pages]
    rows = [row for part in parts for row in rows_of_csv(list(part.values())[1])]
    expected = pq.read_table(inputs.tables / "duplicate_clusters.parquet").to_pylist()
    assert [row["image_id"] for row in rows] == [csv_cell(str(row["image_id"])) for row in expected]
    assert f"part 2 of {len(parts)}" in parts[1]["README.txt"].decode()


@pytest.mark.parametrize(
    ("dataset", "saved"),
    [
        ("laion-art", "laion-art-domains.csv"),
        ("../My Data!", "my-data-domains.csv"),
        ("", "dataset-domains.csv"),
        ("猫", "dataset-domains.csv"),
    ],
)
def test_a_saved_file_is_called_after_its_dataset(tmp_path: Path, dataset: str, saved: str):
    """Links say it; where a file is published its name stays."""
    site = site_fixture.render_all(tmp_path, name=dataset)
    page = Document(site["downloads.html"].decode())
    names = {link.get("href"): link.get("download") for link in page.all("a")}
    assert names["data/domains.csv"] == saved
    files = [path for path in site if path.startswith("data/") and "summary" not in path]
    assert all(names[path] for path in files)
    assert len({names[path] for path in files}) == len(files)


def test_four_tables_stand_first_and_the_others_are_folded(tmp_path: Path):
    """Every table has one anchor; what leads to a folded one finds it."""
    text = site_fixture.render_all(tmp_path)["downloads.html"].decode()
    page = Document(text)
    first = [section.get("id") for section in page.all("section")]
    assert first == ["domains", "artists", "celebrities", "characters"]
    folded = [details.get("id") for details in page.all("details") if details.get("id")]
    assert sorted([*first, *folded]) == sorted(PUBLISHED_TABLES)
    assert [element.get("open") for element in page.all("details")] == [None] * (
        len(folded) + len(first)
    )


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
