"""The tables `duplicates` (how large clusters are) and `duplicate_clusters` (the largest)."""

from __future__ import annotations

from laion_assets.core.base.sql import Connection, ask, query
from laion_assets.core.tables.rows import FileParts, MergeInputs, Tables, open_rows

DUPLICATE_CLUSTERS = 1_000  # largest clusters listed per kind


def make(inputs: MergeInputs) -> Tables:
    """Clusters of equal URLs, captions and image ids across all files."""
    return make_duplicates(inputs.connection, inputs.parts)


def make_duplicates(connection: Connection, parts: FileParts) -> Tables:
    """Count clusters by size, and list the largest of each kind with their best row."""
    published = open_rows(connection, parts)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE repeated AS {query('tables/find_repeated')}")
    return {
        "duplicates": ask(connection, "tables/count_duplicates", published=published),
        "duplicate_clusters": ask(connection, "tables/list_duplicates", limit=DUPLICATE_CLUSTERS),
    }
