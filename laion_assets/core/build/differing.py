"""Comparing two builds: rows of every published table, images, ranks.

Reads tables and `data/summary.json` of the sites, needs no source file, writes nothing. Not here:
how that looks (`core.site.difference`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.progress import Progress, silent
from laion_assets.core.base.records import read_json
from laion_assets.core.base.sql import ask, literal_path, scalar
from laion_assets.core.build.paths import Paths
from laion_assets.core.names.registry import ENTITY_LISTS
from laion_assets.core.site.difference import Build, Difference, Moved, TableDifference
from laion_assets.core.tables.registry import PUBLISHED_TABLES

#: Columns that tell which row of a table is which; of a table not named here the whole row does.
_KEYS = {
    "domains": "domain", "platforms": "platform", "words": "word", "years": "url_year",
    **dict.fromkeys(ENTITY_LISTS, "name"),
}  # fmt: skip
_RANKED = ("domains", "platforms", *ENTITY_LISTS)
#: Columns that change with other rows: a row is not changed by them.
_OF_OTHERS = ("rank", "share", "denominator")
_FIRST, _MOST = 100, 5  # ranks that are looked at for names, and names told of a table
_NEW = "SELECT count(*) FROM (SELECT * FROM is_now EXCEPT ALL SELECT * FROM was)"
_GONE = "SELECT count(*) FROM (SELECT * FROM was EXCEPT ALL SELECT * FROM is_now)"
#: Of an image, what says which it is, and what is our own doing.
_IMAGE = ("image_id", "url", "visibility", "row")


@dataclass(frozen=True)
class _Described:
    title: str
    date: str = ""


@dataclass(frozen=True)
class _Summary:
    dataset: _Described
    build: str


def compare_builds(
    was: Path, now: Path, connection: duckdb.DuckDBPyConnection, progress: Progress = silent
) -> Difference:
    """Return how the build directory `now` differs from `was`.

    Raises UserError when nothing was built in either.
    """
    builds = _build(was), _build(now)
    tables = [_images(connection, Paths(was), Paths(now))]
    moved: list[Moved] = []
    for done, name in enumerate(PUBLISHED_TABLES, start=1):
        paths = Paths(was).table(name), Paths(now).table(name)
        if name in _KEYS:
            tables.append(_keyed(connection, name, paths))
            if name in _RANKED:
                found = ask(connection, "build/list_moved", first=_FIRST, most=_MOST)
                moved += [Moved(table=name, **row) for row in found.to_pylist()]
        else:
            tables.append(_whole(connection, name, paths))
        progress("tables", done, len(PUBLISHED_TABLES))
    return Difference(*builds, tuple(tables), tuple(moved))


def _build(root: Path) -> Build:
    summary = read_json(Paths(root).site / "data" / "summary.json", _Summary)
    missing = [name for name in PUBLISHED_TABLES if not Paths(root).table(name).is_file()]
    if summary is None or missing:
        raise UserError(f"{root}: no whole build is there; run `laion-assets build`")
    return Build(summary.dataset.title, summary.build, summary.dataset.date)


def _images(connection: duckdb.DuckDBPyConnection, was: Paths, now: Paths) -> TableDifference:
    for view, paths in (("was", was), ("is_now", now)):
        files = [literal_path(path) for path in sorted((paths.tables / "images").glob("*.parquet"))]
        columns = (
            pq.read_schema(paths.tables / "images" / Path(files[0]).name).names if files else []
        )
        told = ", ".join(name for name in columns if name not in _IMAGE)
        connection.execute(f"DROP VIEW IF EXISTS {view}")
        if files:
            connection.read_parquet(files).filter("visibility <> 'withheld'").project(
                f"image_id, url, hash({told}) AS told"
            ).create_view(view)
        else:
            connection.execute(
                f"CREATE VIEW {view} AS SELECT 0::BIGINT AS image_id, '' AS url, "
                "0::UBIGINT AS told WHERE false"
            )
    (row,) = ask(connection, "build/compare_images").to_pylist()
    return TableDifference("images", **row)


def _keyed(
    connection: duckdb.DuckDBPyConnection, name: str, paths: tuple[Path, Path]
) -> TableDifference:
    key, ranked = _KEYS[name], name in _RANKED
    shared = _shared(paths)
    told = ", ".join(column for column in shared if column.strip('"') not in (key, *_OF_OTHERS))
    for view, path in zip(("was", "is_now"), paths, strict=True):
        rank = "rank" if ranked else "NULL::BIGINT"
        connection.read_parquet(literal_path(path)).project(
            f"coalesce(CAST({key} AS VARCHAR), '') AS key, hash({told}) AS told, {rank} AS rank, "
            "images"
        ).create_view(view)
    (row,) = ask(connection, "build/compare_keyed").to_pylist()
    moved = row.pop("moved")
    return TableDifference(name, **row, moved=moved if ranked else None)


def _whole(
    connection: duckdb.DuckDBPyConnection, name: str, paths: tuple[Path, Path]
) -> TableDifference:
    columns = ", ".join(_shared(paths))
    one, other = (connection.read_parquet(literal_path(path)).project(columns) for path in paths)
    rows = [pq.read_metadata(path).num_rows for path in paths]
    for view, relation in (("was", one), ("is_now", other)):
        relation.create_view(view)
    added, removed = scalar(connection, _NEW), scalar(connection, _GONE)
    return TableDifference(name, rows[0], rows[1], added, removed, 0)


def _shared(paths: tuple[Path, Path]) -> list[str]:
    """Return the columns that both have: another version of the program may have more."""
    one, other = (pq.read_schema(path).names for path in paths)
    return [f'"{name}"' for name in one if name in other]
