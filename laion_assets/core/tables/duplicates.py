"""The tables `duplicates` (how large clusters are), `duplicate_clusters` (the largest), `repeats`.

Not here: finding what repeats (`repeats`).
"""

from __future__ import annotations

from laion_assets.core.base.sql import Connection, ask
from laion_assets.core.tables.repeats import find_repeats
from laion_assets.core.tables.rows import FileParts, MergeInputs, Tables, open_rows

DUPLICATE_CLUSTERS = 1_000  # largest clusters listed per kind


def make(inputs: MergeInputs) -> Tables:
    """Clusters of equal URLs, captions and image ids across all files."""
    return make_duplicates(inputs.connection, inputs.parts, inputs.threads)


def make_duplicates(connection: Connection, parts: FileParts, threads: int) -> Tables:
    """Count clusters by size, and list the largest of each kind with their best row."""
    published = open_rows(connection, parts)
    find_repeats(connection, parts.images, threads)
    return {
        "duplicates": ask(connection, "tables/count_duplicates", published=published),
        "duplicate_clusters": ask(connection, "tables/list_duplicates", limit=DUPLICATE_CLUSTERS),
        "repeats": ask(connection, "tables/count_repeats"),
    }
