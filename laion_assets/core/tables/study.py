"""The questions of the 2022 study, answered for any dataset by one table each.

Lives here: which query answers which. They are read off the entity tables; only platforms that
captions name are counted anew. Not here: what the study claimed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from laion_assets.core.base.sql import Connection, ask, literal_path
from laion_assets.core.names.list_remarks import is_ambiguous
from laion_assets.core.names.lists import Platform, load_platforms
from laion_assets.core.names.registry import PLATFORMS
from laion_assets.core.names.zero_bound import zero_share
from laion_assets.core.tables.rows import (
    FileParts,
    MergeInputs,
    Tables,
    open_mentions,
    open_rows,
    register_platforms,
)
from laion_assets.core.tables.tallies import open_tallies

#: The query of each table and its parameters, in the order in which the questions are asked.
_QUERIES: Mapping[str, tuple[str, Mapping[str, int]]] = {
    "study_artists": ("tables/rank_artists", {"names": 25}),
    "study_artist_types": ("tables/rank_artist_types", {"names": 3}),
    "study_celebrities": ("tables/rank_celebrities", {"names": 25}),
    "study_celebrity_gender": ("tables/split_celebrities", {}),
    "study_internet": ("tables/list_internet", {}),
    "study_ambiguous": ("tables/list_ambiguous", {}),
    "study_franchises": ("tables/rank_franchises", {}),
    "study_platforms": ("tables/compare_platforms", {}),
}
#: Tables the questions are read off.
READ = ("artists", "celebrities", "celebrities_variants", "characters", "characters_facets")


def make(inputs: MergeInputs) -> Tables:
    """The questions of the 2022 study, answered by one table each.

    The most named artists and who of them lives, the first of every type, celebrities by gender,
    internet personalities with their zeros, ambiguous names, franchises, platforms named and
    hosting.
    """
    platforms = load_platforms(inputs.lists)
    return make_study(inputs.connection, inputs.parts, platforms, inputs.tables)


def make_study(
    connection: Connection, parts: FileParts, platforms: Sequence[Platform], tables: Path
) -> Tables:
    """Answer every question; reads the entity tables that were merged before."""
    denominator = open_rows(connection, parts)
    open_tallies(connection, parts.tallies)
    open_mentions(connection, parts, PLATFORMS)
    register_platforms(connection, platforms)
    ambiguous = sorted({p.platform for p in platforms if is_ambiguous(p)})
    connection.register("ambiguous_names", pa.table({"name": pa.array(ambiguous, pa.string())}))
    for name in READ:
        path = literal_path(tables / f"{name}.parquet")
        connection.read_parquet(path, hive_partitioning=False).create_view(name, replace=True)
    answers = {}
    for table, (query, parameters) in _QUERIES.items():
        bound = {"bound": zero_share(denominator)} if table == "study_internet" else {}
        answers[table] = ask(connection, query, **parameters, **bound)
    return answers
