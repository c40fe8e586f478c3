"""What every merged table is made from: the rows of every source file as relations.

Lives here: the inputs of a merge, the views `kept`, `published` and of mentions, the best rows
of groups. Everything counts the published rows, that is kept less withheld; `nsfw` alone counts all
kept rows. Not here: any one table (its module), what is stale (`core.build`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from laion_assets.core.base.open_files import FILE_BITS, read_files
from laion_assets.core.base.sql import Connection, ask, scalar

if TYPE_CHECKING:  # counting rows does not depend on how lists are read
    from laion_assets.core.names.list_files import ListFiles
    from laion_assets.core.names.lists import Platform

BEST_ROWS = 24  # rows listed per domain and name

#: What making an asset's tables returns: every table by its name in the registry.
Tables = Mapping[str, pa.Table]


@dataclass(frozen=True)
class FileParts:
    """The per-file tables that are merged, in the order of their keys."""

    images: Sequence[Path]
    mentions: Sequence[Path] = ()
    mentioning: Sequence[Path] = ()  # the published rows that mention any name
    variants: Sequence[Path] = ()
    words: Sequence[Path] = ()  # of the index segments
    cleaning: Sequence[Path] = ()  # what cleaning counted, JSON
    tallies: Sequence[Path] = ()


@dataclass(frozen=True)
class MergeInputs:
    """Everything the maker of a merged table is given; `tables` holds those made before it."""

    connection: Connection
    parts: FileParts
    tables: Path
    lists: ListFiles
    threads: int


def open_rows(connection: Connection, parts: FileParts) -> int:
    """Create the views `kept` and `published`, rows with their `place`; return how many published.

    `source_files` says which file is meant by what of a place is above `FILE_BITS`.
    """
    read_files(connection, parts.images, placed=True).create_view("kept", replace=True)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW published AS SELECT * FROM kept WHERE visibility <> 'withheld'"
    )
    stems = pa.array([path.stem for path in parts.images], pa.string())
    files = pa.array(range(len(parts.images)), pa.int64())
    connection.register("source_files", pa.table({"file": files, "source_file": stems}))
    return scalar(connection, "SELECT count(*) FROM published")


def open_mentions(connection: Connection, parts: FileParts, list_name: str) -> None:
    """Create the view `list_mentions` (place, name) of one list, and `mentioning`.

    The latter are the published rows that mention any name, with their `place`.
    """
    mentions = read_files(connection, parts.mentions, placed=True)
    mentions.create_view("all_mentions", replace=True)
    rows = read_files(connection, parts.mentioning, placed=True)
    rows.create_view("mentioning", replace=True)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW list_mentions AS "  # noqa: S608 - one of ALL_LISTS
        f"SELECT place, name FROM all_mentions WHERE list = '{list_name}'"
    )


def register_platforms(connection: Connection, platforms: Sequence[Platform]) -> None:
    """Make the platform list the relation `platform_list` (domain, platform, category)."""
    columns = ("domain", "platform", "category")
    connection.register(
        "platform_list",
        pa.table(
            {name: pa.array([getattr(p, name) for p in platforms], pa.string()) for name in columns}
        ),
    )


def best_rows(connection: Connection, group: str, whole: str) -> pa.Table:
    """Return the best rows of every group of the relation `grouped`; `group` names its column.

    `whole` is the relation of rows that they are read from.
    """
    connection.execute(f"CREATE OR REPLACE TEMP VIEW whole AS FROM {whole}")
    rows = ask(connection, "tables/list_best_rows", limit=BEST_ROWS, bits=FILE_BITS)
    if group in rows.column_names:  # grouped by one of the rows' own columns
        rows = rows.drop_columns(group)
    return rows.rename_columns({"group_name": group})
