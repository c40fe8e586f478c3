"""The table `platforms`: rows by who runs the domain and what kind of place it is.

Not here: platforms that captions name (`study`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from laion_assets.core.base.sql import Connection, ask
from laion_assets.core.names.lists import Platform, load_platforms
from laion_assets.core.tables.repeats import open_repeats
from laion_assets.core.tables.rows import (
    FileParts,
    MergeInputs,
    Tables,
    open_rows,
    register_platforms,
)
from laion_assets.core.tables.tallies import open_tallies


def make(inputs: MergeInputs) -> Tables:
    """Rows by who runs the domain (pinimg.com is Pinterest) and what kind of place it is."""
    platforms = load_platforms(inputs.lists)
    return make_platforms(inputs.connection, inputs.parts, platforms, inputs.tables)


def make_platforms(
    connection: Connection, parts: FileParts, platforms: Sequence[Platform], tables: Path
) -> Tables:
    """Count every listed platform, those without a row too; reads `repeats.parquet`."""
    denominator = open_rows(connection, parts)
    open_tallies(connection, parts.tallies)
    open_repeats(connection, tables)
    register_platforms(connection, platforms)
    return {"platforms": ask(connection, "tables/count_platforms", denominator=denominator)}
