"""Rows for the tests: small images, mentions and source tables with sensible defaults.

A row is a dictionary of the columns that matter to the test; the rest is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.tables import IMAGES, MENTIONS, write_table

URL = "http://img.example.com/x.jpg"
CAPTION = "A caption"

Row = Mapping[str, Any]


def batch_table(rows: Sequence[Row]) -> pa.Table:
    """Return rows as `read_batches` yields them; url and caption may be text, bytes or None."""
    columns: dict[str, pa.Array] = {"row": pa.array(range(len(rows)), pa.int64())}
    for name, default in (("url", URL), ("caption", CAPTION)):
        texts = [row.get(name, default) for row in rows]
        encoded = [text.encode() if isinstance(text, str) else text for text in texts]
        columns[name] = pa.array(encoded, pa.large_binary())
    for name in dict.fromkeys(name for row in rows for name in row):
        columns.setdefault(name, pa.array([row.get(name) for row in rows]))
    return pa.table(columns)


def images_table(rows: Sequence[Row]) -> pa.Table:
    """Return an images table; every row is its own picture unless it says otherwise."""
    filled = []
    for number, row in enumerate(rows):
        host = row.get("host", row.get("domain", "img.example.com"))
        filled.append(
            {
                "row": number,
                "image_id": number + 1,
                "url": f"http://{host}/{number}.jpg",
                "caption": f"caption {number}",
                "host": host,
                "domain": "example.com",
                "punsafe": 0.1,
                "visibility": "shown",
                **row,
            }
        )
    return pa.Table.from_pylist(filled, schema=IMAGES)


def write_images(folder: Path, files: Mapping[str, Sequence[Row]]) -> list[Path]:
    """Write one images table per key, in the order of the keys."""
    paths = []
    for key in sorted(files):
        paths.append(folder / "images" / f"{key}.parquet")
        write_table(paths[-1], images_table(files[key]))
    return paths


def write_mentions(folder: Path, files: Mapping[str, Sequence[tuple[int, str, str]]]) -> list[Path]:
    """Write one mentions table per key from (row, list, name) triples."""
    paths = []
    for key in sorted(files):
        paths.append(folder / "mentions" / f"{key}.parquet")
        rows = [dict(zip(MENTIONS.names, mention, strict=True)) for mention in files[key]]
        write_table(paths[-1], pa.Table.from_pylist(rows, schema=MENTIONS))
    return paths


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a parquet file."""
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows
