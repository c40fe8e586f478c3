"""The registry of tables: what is made is what is declared, and every column is explained."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.build.invariants import tables_as_declared
from laion_assets.core.build.settings import Settings
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.tables.registry import PUBLISHED_TABLES, TABLE_ASSETS, TABLES
from tests.row_tables import write_tables


def test_every_column_of_every_table_is_explained() -> None:
    """Names are distinct within a table; no meaning is left out; the order is of its columns."""
    for table in TABLES.values():
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names), table.name
        assert all(column.meaning for column in table.columns), table.name
        assert {key.lstrip("-") for key in table.sort} <= set(names), table.name
        assert set(table.preview) <= set(names), table.name
        assert not table.counted or {"images", "denominator"} <= set(names), table.name


def test_what_has_no_denominator_is_not_published_as_a_share_of_one() -> None:
    """A table with a share says of what: by a denominator, or in the meaning of the share."""
    for name in PUBLISHED_TABLES:
        columns = {column.name: column for column in TABLES[name].columns}
        if "share" in columns and "denominator" not in columns:
            assert "divided by all" in columns["share"].meaning


def test_assets_are_named_once_and_upstream_comes_first() -> None:
    """No table belongs to two assets."""
    made = [table.name for asset in TABLE_ASSETS.values() for table in asset.tables]
    assert len(set(made)) == len(made) == len(TABLES)
    assert set(PUBLISHED_TABLES) < set(made)


def test_a_table_with_other_columns_is_not_written(tmp_path: Path) -> None:
    """What is made and what is declared must be the same before a byte is written."""
    columns = [name for name in TABLES["years"].schema.names if name != "images"]
    odd = pa.table({name: [] for name in [*columns, "colour"]})
    with pytest.raises(ValueError, match="years: made or declared, but not both: colour, images"):
        write_tables({"years": odd}, tmp_path)
    assert list(tmp_path.iterdir()) == []


ROWS = [
    {"url_year": 2019, "images": 2, "share": 0.5, "denominator": 4, "unique_urls": 2,
     "unique_captions": 1},
    {"url_year": None, "images": 2, "share": 0.5, "denominator": 4, "unique_urls": 2,
     "unique_captions": 1},
]  # fmt: skip


def as_declared(folder: Path, table: pa.Table) -> list[str]:
    """Return what the check says of the years when this table lies on the disk."""
    workspace = Workspace(folder, Settings())
    path = workspace.paths.table("years")
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    return tables_as_declared(workspace, "years")


def test_a_table_on_the_disk_that_is_not_as_declared_fails_its_check(tmp_path: Path) -> None:
    """Another type, a column more, a column less, another order: each is named."""
    good = pa.Table.from_pylist(ROWS, schema=TABLES["years"].schema)
    assert as_declared(tmp_path, good) == []
    wide = good.set_column(0, "url_year", good["url_year"].cast(pa.int64()))
    assert as_declared(tmp_path, wide) == ["years: column url_year is int64, declared is int32"]
    more = good.append_column("colour", pa.array(["red", "blue"]))
    assert as_declared(tmp_path, more) == ["years: column colour is string, declared is nothing"]
    assert as_declared(tmp_path, good.drop_columns("images")) == [
        "years: column images is not there, declared is int64"
    ]
    assert as_declared(tmp_path, good.take([1, 0])) == ["years: not sorted by url_year"]
