"""The questions of the 2022 study, answered for any dataset by one table each.

Lives here: the tables and what each answers. They are read off the entity tables; only platforms
that captions name are counted anew. Not here: what the study claimed (`lists/claims.toml`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from laion_assets.core.aggregates import (
    Connection,
    FileParts,
    ask,
    open_mentions,
    open_rows,
    register_platforms,
)
from laion_assets.core.bounds import zero_share
from laion_assets.core.list_remarks import is_ambiguous
from laion_assets.core.lists import Platform
from laion_assets.core.tables import STUDY_TABLES, literal_path, write_table

#: The query of each table and its parameters, in the order of STUDY_TABLES.
_QUERIES: Sequence[tuple[str, Mapping[str, int]]] = (
    ("rank_artists", {"names": 25}),
    ("rank_artist_types", {"names": 3}),
    ("rank_celebrities", {"names": 25}),
    ("split_celebrities", {}),
    ("list_internet", {}),
    ("list_ambiguous", {}),
    ("rank_franchises", {}),
    ("compare_platforms", {}),
)
_READ = ("artists", "celebrities", "celebrities_variants", "characters", "characters_facets")


def make_study(
    connection: Connection, parts: FileParts, platforms: Sequence[Platform], tables: Path
) -> None:
    """Write the study's tables; reads the entity tables that were merged before."""
    denominator = open_rows(connection, parts)
    open_mentions(connection, parts, "platforms")
    register_platforms(connection, platforms)
    ambiguous = sorted({p.platform for p in platforms if is_ambiguous(p)})
    connection.register("ambiguous_names", pa.table({"name": pa.array(ambiguous, pa.string())}))
    for name in _READ:
        path = literal_path(tables / f"{name}.parquet")
        connection.read_parquet(path).create_view(name, replace=True)
    for table, (query, parameters) in zip(STUDY_TABLES, _QUERIES, strict=True):
        bound = {"bound": zero_share(denominator)} if query == "list_internet" else {}
        answer = ask(connection, query, **parameters, **bound)
        write_table(tables / f"{table}.parquet", answer)
