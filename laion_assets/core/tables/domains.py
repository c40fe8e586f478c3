"""The tables `domains` and `domain_rows`: who hosts the images, and the best rows of each.

Not here: who runs a domain (`platforms`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from laion_assets.core.base.budget import MOST_DOMAIN_PAGES
from laion_assets.core.base.sql import Connection, ask
from laion_assets.core.names.lists import Platform, load_platforms
from laion_assets.core.tables.repeats import open_repeats
from laion_assets.core.tables.rows import (
    FileParts,
    MergeInputs,
    Tables,
    best_rows,
    open_rows,
    register_platforms,
)
from laion_assets.core.tables.slugs import assign_slugs
from laion_assets.core.tables.tallies import open_tallies


def make(inputs: MergeInputs) -> Tables:
    """Rows by registrable domain (ICANN part of the Public Suffix List), and the best rows of each.

    The counts add up to the published rows: kept less withheld.
    """
    platforms = load_platforms(inputs.lists)
    return make_domains(inputs.connection, inputs.parts, platforms, inputs.tables)


def make_domains(
    connection: Connection, parts: FileParts, platforms: Sequence[Platform], tables: Path
) -> Tables:
    """Count every domain; those that may get a page have a slug, and rows of their own.

    Reads `repeats.parquet`.
    """
    denominator = open_rows(connection, parts)
    open_tallies(connection, parts.tallies)
    open_repeats(connection, tables)
    register_platforms(connection, platforms)
    domains = ask(connection, "tables/count_domains", denominator=denominator)
    paged = domains["domain"].slice(0, MOST_DOMAIN_PAGES).to_pylist()
    slugs = assign_slugs(paged)
    slug_column = pa.array([*slugs, *[None] * (domains.num_rows - len(slugs))], pa.string())
    connection.register("paged", pa.table({"domain": pa.array(paged, pa.string())}))
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW grouped AS "
        "SELECT domain AS group_name, place, aesthetic, image_id "
        "FROM published SEMI JOIN paged USING (domain)"
    )
    return {
        "domains": domains.append_column("slug", slug_column),
        "domain_rows": best_rows(connection, "domain", "published"),
    }
