"""The table `nsfw`, the one whose denominator is all kept rows. Never any text."""

from __future__ import annotations

from laion_assets.core.base.sql import Connection, ask, scalar
from laion_assets.core.tables.rows import FileParts, MergeInputs, Tables
from laion_assets.core.tables.tallies import open_tallies


def make(inputs: MergeInputs) -> Tables:
    """What punsafe says of all kept rows, withheld ones included; never any text."""
    return make_nsfw(inputs.connection, inputs.parts)


def make_nsfw(connection: Connection, parts: FileParts) -> Tables:
    """Measure punsafe over the kept rows."""
    open_tallies(connection, parts.tallies)
    kept = scalar(
        connection,
        "SELECT coalesce(sum(images), 0) FROM tallied WHERE measure = 'kept_visibility'",
    )
    return {"nsfw": ask(connection, "tables/measure_nsfw", denominator=kept)}
