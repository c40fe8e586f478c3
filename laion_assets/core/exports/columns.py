"""The tables of rows as exports have them, declared like the merged ones.

Lives here: their columns, and which merged tables are exported. Not here: writing any, the columns
that several tables share (`core.tables.columns`).
"""

from __future__ import annotations

import pyarrow as pa

from laion_assets.core.tables.columns import shared
from laion_assets.core.tables.declarations import FLAG, SMALL, TEXT, Column, Table
from laion_assets.core.tables.registry import PUBLISHED_TABLES, TABLES

_ROW_KEY = shared("source_file", "row")
IMAGES = Table(
    "images",
    "One row for each published image: a URL and its caption, with what models said of it.",
    (
        *_ROW_KEY,
        *shared(
            "image_id", "url", "caption", "width", "height", "similarity", "punsafe", "pwatermark",
            "aesthetic", "host", "domain", "url_year", "visibility",
            url_year="year found in the URL, empty where there is none",
        ),
        Column("plain_http", FLAG, "whether the URL is http, not https"),
        Column("caption_words", SMALL, "pieces between spaces in the caption", "words"),
    ),
    sort=("source_file", "row"),
)  # fmt: skip
MENTIONS = Table(
    "mentions",
    "Which published image names whom in its caption: one row for each image and name.",
    (
        *_ROW_KEY,
        Column("list", TEXT, "the list of names: artists, celebrities, characters or platforms"),
        *shared("name"),
    ),
    sort=("source_file", "row"),
)
#: Tables of rows, a folder of parquet files each.
ROW_TABLES = (IMAGES, MENTIONS)
#: Merged tables that are exported: those that the site offers for download.
MERGED_TABLES = tuple(TABLES[name] for name in PUBLISHED_TABLES)


def of_source_file(table: pa.Table, key: str, schema: pa.Schema) -> pa.Table:
    """Return rows of one source file in the schema of an exported table."""
    named = pa.array([key], pa.string()).take(pa.array([0] * table.num_rows, pa.int32()))
    return table.append_column("source_file", named).select(schema.names)
