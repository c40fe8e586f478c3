"""The merged tables: exact counts over the rows of every source file.

Lives here: one function per asset, each a query from `sql/` plus what SQL says badly (labels of
histograms, slugs). Everything counts the published rows, that is kept less withheld; `nsfw` alone
counts all kept rows. Not here: what is stale, where files lie (`workspace`), how pages look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from laion_assets.core.lists import LIST_COLUMNS, YEAR_COLUMNS, Entity, Platform
from laion_assets.core.queries import query
from laion_assets.core.site.safety import assign_slugs
from laion_assets.core.tables import literal_path, write_table

BEST_ROWS = 24  # rows listed per domain and name
DOMAIN_PAGES = 2_000  # DESIGN section 8: the budget of the strictest common host
DUPLICATE_CLUSTERS = 1_000  # largest clusters listed per kind

_Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class FileParts:
    """The per-file tables that are merged, in the order of their keys."""

    images: Sequence[Path]
    mentions: Sequence[Path] = ()


def open_rows(connection: _Connection, parts: FileParts) -> int:
    """Create the views `kept` and `published` (with source_file); return the published rows."""
    kept = connection.read_parquet([literal_path(path) for path in parts.images], filename=True)
    kept.project("parse_filename(filename, true) AS source_file, * EXCLUDE (filename)").create_view(
        "kept", replace=True
    )
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW published AS SELECT * FROM kept WHERE visibility <> 'withheld'"
    )
    return scalar(connection, "SELECT count(*) FROM published")


def make_domains(
    connection: _Connection, parts: FileParts, platforms: Sequence[Platform], tables: Path
) -> None:
    """Write domains.parquet and domain_rows.parquet."""
    denominator = open_rows(connection, parts)
    _register_platforms(connection, platforms)
    domains = _query(connection, "count_domains", denominator=denominator)
    paged = domains["domain"].slice(0, DOMAIN_PAGES).to_pylist()
    slugs = assign_slugs(paged)
    slug_column = pa.array([*slugs, *[None] * (domains.num_rows - len(slugs))], pa.string())
    write_table(tables / "domains.parquet", domains.append_column("slug", slug_column))
    connection.register("paged", pa.table({"domain": pa.array(paged, pa.string())}))
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW grouped AS "
        "SELECT domain AS group_name, published.* FROM published SEMI JOIN paged USING (domain)"
    )
    _write_best_rows(connection, tables / "domain_rows.parquet", "domain")


def make_platforms(
    connection: _Connection, parts: FileParts, platforms: Sequence[Platform], tables: Path
) -> None:
    """Write platforms.parquet: every listed platform, those without a row too."""
    denominator = open_rows(connection, parts)
    _register_platforms(connection, platforms)
    table = _query(connection, "count_platforms", denominator=denominator)
    write_table(tables / "platforms.parquet", table)


def make_entities(
    connection: _Connection,
    parts: FileParts,
    list_name: str,
    entities: Sequence[Entity],
    in_context: pa.Table,
    tables: Path,
) -> None:
    """Write `<list>.parquet` and `<list>_rows.parquet`.

    `in_context` holds (source_file, row, name) of the mentions of ambiguous names whose caption
    also has one of their context words.
    """
    denominator = open_rows(connection, parts)
    connection.register("entity_list", _entity_table(list_name, entities))
    connection.register("context_hits", in_context)
    open_mentions(connection, parts, list_name)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE mentioned AS "
        "SELECT m.name, p.*, c.row IS NOT NULL AS in_context FROM list_mentions AS m "
        "JOIN published AS p USING (source_file, row) "
        "LEFT JOIN context_hits AS c USING (source_file, row, name)"
    )
    table = _query(connection, "count_entities", denominator=denominator)
    write_table(tables / f"{list_name}.parquet", table)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW grouped AS "
        "SELECT name AS group_name, * EXCLUDE (name, in_context) FROM mentioned"
    )
    _write_best_rows(connection, tables / f"{list_name}_rows.parquet", "name")


def open_mentions(connection: _Connection, parts: FileParts, list_name: str) -> None:
    """Create the view `list_mentions` (source_file, row, name) of one list."""
    paths = [literal_path(path) for path in parts.mentions]
    mentions = connection.read_parquet(paths, filename=True)
    mentions.project(
        "parse_filename(filename, true) AS source_file, * EXCLUDE (filename)"
    ).create_view("all_mentions", replace=True)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW list_mentions AS "  # noqa: S608 - one of ENTITY_LISTS
        f"SELECT source_file, row, name FROM all_mentions WHERE list = '{list_name}'"
    )


def ambiguous_captions(
    connection: _Connection, parts: FileParts, list_name: str, entities: Sequence[Entity]
) -> pa.Table:
    """Return (source_file, row, name, caption) of every mention of an ambiguous name."""
    open_rows(connection, parts)
    open_mentions(connection, parts, list_name)
    names = [entity.name for entity in entities if entity.ambiguous]
    connection.register("ambiguous_names", pa.table({"name": pa.array(names, pa.string())}))
    return connection.sql(
        "SELECT source_file, row, m.name, p.caption FROM list_mentions AS m "
        "JOIN published AS p USING (source_file, row) SEMI JOIN ambiguous_names USING (name) "
        "ORDER BY source_file, row, m.name"
    ).to_arrow_table()


def make_nsfw(connection: _Connection, parts: FileParts, tables: Path) -> None:
    """Write nsfw.parquet, the one table whose denominator is all kept rows."""
    open_rows(connection, parts)
    kept = scalar(connection, "SELECT count(*) FROM kept")
    write_table(tables / "nsfw.parquet", _query(connection, "measure_nsfw", denominator=kept))


def make_years(connection: _Connection, parts: FileParts, tables: Path) -> None:
    """Write years.parquet."""
    denominator = open_rows(connection, parts)
    table = _query(connection, "count_years", denominator=denominator)
    write_table(tables / "years.parquet", table)


def make_duplicates(connection: _Connection, parts: FileParts, tables: Path) -> None:
    """Write duplicates.parquet (sizes) and duplicate_clusters.parquet (the largest)."""
    open_rows(connection, parts)
    write_table(tables / "duplicates.parquet", _query(connection, "count_duplicates"))
    clusters = _query(connection, "list_duplicates", limit=DUPLICATE_CLUSTERS)
    write_table(tables / "duplicate_clusters.parquet", clusters)


def _register_platforms(connection: _Connection, platforms: Sequence[Platform]) -> None:
    columns = ("domain", "platform", "category")
    connection.register(
        "platform_list",
        pa.table(
            {name: pa.array([getattr(p, name) for p in platforms], pa.string()) for name in columns}
        ),
    )


def _entity_table(list_name: str, entities: Sequence[Entity]) -> pa.Table:
    slugs = assign_slugs([entity.name for entity in entities])
    columns: dict[str, pa.Array] = {
        "name": pa.array([entity.name for entity in entities], pa.string()),
        "slug": pa.array(slugs, pa.string()),
        "ambiguous": pa.array([entity.ambiguous for entity in entities], pa.bool_()),
        "aliases": pa.array(["|".join(entity.aliases) for entity in entities], pa.string()),
        "context": pa.array(["|".join(entity.context) for entity in entities], pa.string()),
    }
    for name in LIST_COLUMNS[list_name]:
        values: list[Any] = [entity.attributes[name] for entity in entities]
        if name in YEAR_COLUMNS:
            columns[name] = pa.array([int(v) if v else None for v in values], pa.int32())
        else:
            columns[name] = pa.array(values, pa.string())
    return pa.table(columns)


def _write_best_rows(connection: _Connection, path: Path, group: str) -> None:
    rows = _query(connection, "list_best_rows", limit=BEST_ROWS)
    if group in rows.column_names:  # grouped by one of the rows' own columns
        rows = rows.drop_columns(group)
    write_table(path, rows.rename_columns({"group_name": group}))


def _query(connection: _Connection, name: str, **parameters: Any) -> pa.Table:
    sql = query(name)
    if parameters:
        return connection.sql(sql, params=parameters).to_arrow_table()
    return connection.sql(sql).to_arrow_table()


def scalar(connection: _Connection, query: str) -> int:
    """Return the one number a query answers with."""
    return int(connection.sql(query).fetchall()[0][0])


def sum_counts(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up the counts of several files, nested ones too."""
    total: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            if isinstance(value, Mapping):
                total[name] = sum_counts([total.get(name, {}), value])
            else:
                total[name] = total.get(name, 0) + value
    return total
