"""Rows as parquet: every published row once, none that is withheld, in parts of a bounded size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.base.marks import is_ours
from laion_assets.core.exports import parquet_files
from laion_assets.core.exports.columns import IMAGES, MENTIONS
from laion_assets.core.exports.parquet_files import Exported, SourceTables, write_rows
from tests.exports_fixture import HIDDEN, NUL_AND_BIDI, QUOTED, export_parts, export_rows
from tests.traces import holding


def _write(folder: Path) -> Exported:
    parts = export_parts(folder / "tables")
    sources = [
        SourceTables(images.stem, images, mentions)
        for images, mentions in zip(parts.images, parts.mentions, strict=True)
    ]
    return write_rows(sources, folder / "out", lambda _: None)


def _read(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pa.concat_tables(
        pq.read_table(path, partitioning=None) for path in sorted(folder.glob("*.parquet"))
    ).to_pylist()
    return rows


def test_every_published_row_is_there_with_its_source_file(tmp_path: Path) -> None:
    """In the order of files and rows, texts as they are, ids as numbers."""
    written = _write(tmp_path)
    found = _read(tmp_path / "out" / "images")
    wanted = [
        (key, number, row["image_id"], row["caption"])
        for key, rows in export_rows().items()
        for number, row in enumerate(rows)
        if row.get("visibility") != "withheld"
    ]
    assert [(r["source_file"], r["row"], r["image_id"], r["caption"]) for r in found] == wanted
    assert NUL_AND_BIDI in {row["caption"] for row in found}
    assert written.images == len(wanted)


def test_nothing_withheld_is_there(tmp_path: Path) -> None:
    """Neither the row nor who it names."""
    written = _write(tmp_path)
    mentions = _read(tmp_path / "out" / "mentions")
    assert len(mentions) == written.mentions == 4
    assert {row["name"] for row in mentions} == {QUOTED, "Pinterest"}
    assert not holding(tmp_path / "out", HIDDEN)


def test_schemas_are_the_declared_ones(tmp_path: Path) -> None:
    """Every part has them, and the mark by which none of it is ever a source."""
    _write(tmp_path)
    for table in (IMAGES, MENTIONS):
        for path in (tmp_path / "out" / table.name).iterdir():
            assert pq.read_schema(path).remove_metadata().equals(table.schema)
            with path.open("rb") as stream:
                assert is_ours(stream)


def test_parts_end_where_they_are_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By rows and by bytes; together they are the same rows."""
    _write(tmp_path / "whole")
    whole = _read(tmp_path / "whole" / "out" / "images")
    for name, limit in (("PART_ROWS", 10), ("PART_BYTES", 500)):
        with monkeypatch.context() as patch:
            patch.setattr(parquet_files, name, limit)
            _write(tmp_path / name)
        assert len(list((tmp_path / name / "out" / "images").iterdir())) == 2, name
        assert _read(tmp_path / name / "out" / "images") == whole, name


def test_same_tables_same_bytes(tmp_path: Path) -> None:
    """A second time."""
    contents = []
    for name in ("one", "two"):
        _write(tmp_path / name)
        out = tmp_path / name / "out"
        contents.append({p.relative_to(out): p.read_bytes() for p in out.rglob("*.parquet")})
    assert contents[0] == contents[1]


def test_no_row_at_all_is_a_table_all_the_same(tmp_path: Path) -> None:
    """So that views and readers find its columns."""
    assert write_rows([], tmp_path / "out", lambda _: None) == Exported(0, 0)
    assert _read(tmp_path / "out" / "images") == []
