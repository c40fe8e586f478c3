"""The table `years`: rows by the year their URL shows."""

from __future__ import annotations

from pathlib import Path

from laion_assets.core.base.sql import Connection, ask
from laion_assets.core.tables.repeats import open_repeats
from laion_assets.core.tables.rows import FileParts, MergeInputs, Tables, open_rows
from laion_assets.core.tables.tallies import open_tallies


def make(inputs: MergeInputs) -> Tables:
    """Rows by the year their URL's path shows; most show none."""
    return make_years(inputs.connection, inputs.parts, inputs.tables)


def make_years(connection: Connection, parts: FileParts, tables: Path) -> Tables:
    """Count the published rows by year; reads `repeats.parquet`."""
    denominator = open_rows(connection, parts)
    open_tallies(connection, parts.tallies)
    open_repeats(connection, tables)
    return {"years": ask(connection, "tables/count_years", denominator=denominator)}
