"""The table `years`: rows by the year their URL shows."""

from __future__ import annotations

from laion_assets.core.base.sql import Connection, ask
from laion_assets.core.tables.rows import FileParts, MergeInputs, Tables, open_rows


def make(inputs: MergeInputs) -> Tables:
    """Rows by the year their URL's path shows; most show none."""
    return make_years(inputs.connection, inputs.parts)


def make_years(connection: Connection, parts: FileParts) -> Tables:
    """Count the published rows by year."""
    denominator = open_rows(connection, parts)
    return {"years": ask(connection, "tables/count_years", denominator=denominator)}
