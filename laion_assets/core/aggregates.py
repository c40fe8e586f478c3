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

from laion_assets.core.lists import Platform
from laion_assets.core.queries import query
from laion_assets.core.site.safety import assign_slugs
from laion_assets.core.tables import literal_path, write_table

BEST_ROWS = 24  # rows listed per domain and name
DOMAIN_PAGES = 2_000  # DESIGN section 8: the budget of the strictest common host
LONGEST_WORD = 64  # bytes; what is longer is a key or a run of CJK
LEAST_ROWS = 3  # published rows a word needs for a place in words.parquet
DUPLICATE_CLUSTERS = 1_000  # largest clusters listed per kind

Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class FileParts:
    """The per-file tables that are merged, in the order of their keys."""

    images: Sequence[Path]
    mentions: Sequence[Path] = ()
    variants: Sequence[Path] = ()


def open_rows(connection: Connection, parts: FileParts) -> int:
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
    connection: Connection, parts: FileParts, platforms: Sequence[Platform], tables: Path
) -> None:
    """Write domains.parquet and domain_rows.parquet."""
    denominator = open_rows(connection, parts)
    register_platforms(connection, platforms)
    domains = ask(connection, "count_domains", denominator=denominator)
    paged = domains["domain"].slice(0, DOMAIN_PAGES).to_pylist()
    slugs = assign_slugs(paged)
    slug_column = pa.array([*slugs, *[None] * (domains.num_rows - len(slugs))], pa.string())
    write_table(tables / "domains.parquet", domains.append_column("slug", slug_column))
    connection.register("paged", pa.table({"domain": pa.array(paged, pa.string())}))
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW grouped AS "
        "SELECT domain AS group_name, published.* FROM published SEMI JOIN paged USING (domain)"
    )
    write_best_rows(connection, tables / "domain_rows.parquet", "domain")


def make_platforms(
    connection: Connection, parts: FileParts, platforms: Sequence[Platform], tables: Path
) -> None:
    """Write platforms.parquet: every listed platform, those without a row too."""
    denominator = open_rows(connection, parts)
    register_platforms(connection, platforms)
    table = ask(connection, "count_platforms", denominator=denominator)
    write_table(tables / "platforms.parquet", table)


def open_mentions(connection: Connection, parts: FileParts, list_name: str) -> None:
    """Create the view `list_mentions` (source_file, row, name) of one list."""
    paths = [literal_path(path) for path in parts.mentions]
    mentions = connection.read_parquet(paths, filename=True)
    mentions.project(
        "parse_filename(filename, true) AS source_file, * EXCLUDE (filename)"
    ).create_view("all_mentions", replace=True)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW list_mentions AS "  # noqa: S608 - one of ALL_LISTS
        f"SELECT source_file, row, name FROM all_mentions WHERE list = '{list_name}'"
    )


def make_nsfw(connection: Connection, parts: FileParts, tables: Path) -> None:
    """Write nsfw.parquet, the one table whose denominator is all kept rows."""
    open_rows(connection, parts)
    kept = scalar(connection, "SELECT count(*) FROM kept")
    write_table(tables / "nsfw.parquet", ask(connection, "measure_nsfw", denominator=kept))


def make_words(connection: Connection, postings: Sequence[Path], tables: Path) -> None:
    """Write words.parquet: every word of the captions that enough published rows have.

    `postings` are those of the index segments of the files that `open_rows` was given.
    """
    table = ask(
        connection,
        "count_words",
        paths=[literal_path(path) for path in postings],
        denominator=scalar(connection, "SELECT count(*) FROM published"),
        longest=LONGEST_WORD,
        least=LEAST_ROWS,
    )
    write_table(tables / "words.parquet", table)


def make_years(connection: Connection, parts: FileParts, tables: Path) -> None:
    """Write years.parquet."""
    denominator = open_rows(connection, parts)
    table = ask(connection, "count_years", denominator=denominator)
    write_table(tables / "years.parquet", table)


def make_duplicates(connection: Connection, parts: FileParts, tables: Path) -> None:
    """Write duplicates.parquet (sizes) and duplicate_clusters.parquet (the largest)."""
    open_rows(connection, parts)
    write_table(tables / "duplicates.parquet", ask(connection, "count_duplicates"))
    clusters = ask(connection, "list_duplicates", limit=DUPLICATE_CLUSTERS)
    write_table(tables / "duplicate_clusters.parquet", clusters)


def register_platforms(connection: Connection, platforms: Sequence[Platform]) -> None:
    """Make the platform list the relation `platform_list` (domain, platform, category)."""
    columns = ("domain", "platform", "category")
    connection.register(
        "platform_list",
        pa.table(
            {name: pa.array([getattr(p, name) for p in platforms], pa.string()) for name in columns}
        ),
    )


def write_best_rows(connection: Connection, path: Path, group: str) -> None:
    """Write the best rows of every group of the relation `grouped`; `group` names its column."""
    rows = ask(connection, "list_best_rows", limit=BEST_ROWS)
    if group in rows.column_names:  # grouped by one of the rows' own columns
        rows = rows.drop_columns(group)
    write_table(path, rows.rename_columns({"group_name": group}))


def ask(connection: Connection, name: str, **parameters: Any) -> pa.Table:
    """Return what a query of `sql/` answers, given its parameters."""
    sql = query(name)
    if parameters:
        return connection.sql(sql, params=parameters).to_arrow_table()
    return connection.sql(sql).to_arrow_table()


def scalar(connection: Connection, query: str) -> int:
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
