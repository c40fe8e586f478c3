"""The table `platforms`: rows by who runs the domain and what kind of place it is.

Not here: platforms that captions name (`study`).
"""

from __future__ import annotations

from collections.abc import Sequence

from laion_assets.core.base.sql import Connection, ask
from laion_assets.core.names.lists import Platform, load_platforms
from laion_assets.core.tables.rows import (
    FileParts,
    MergeInputs,
    Tables,
    open_rows,
    register_platforms,
)


def make(inputs: MergeInputs) -> Tables:
    """Rows by who runs the domain (pinimg.com is Pinterest) and what kind of place it is."""
    return make_platforms(inputs.connection, inputs.parts, load_platforms(inputs.lists))


def make_platforms(
    connection: Connection, parts: FileParts, platforms: Sequence[Platform]
) -> Tables:
    """Count every listed platform, those without a row too."""
    denominator = open_rows(connection, parts)
    register_platforms(connection, platforms)
    return {"platforms": ask(connection, "tables/count_platforms", denominator=denominator)}
