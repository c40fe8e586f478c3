"""What the rows of one source file come to: by domain, year, step of each score.

Merged tables add these up, so that a file more costs its own tally and no look at the others.
Lives here: the table of a file's tallies, its steps in one place. Not here: what has to be compared
across files (`repeats`), the merged tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from laion_assets.core.base.open_files import read_files
from laion_assets.core.base.parquet import write_table
from laion_assets.core.base.sql import Connection, ask, literal_path

#: `tally_rows.sql`: `label` is a domain, a visibility or a caption's digest, `step` a number (of a
#: domain 1 where the URL is http); both empty where a value is unknown.
TALLIES = pa.schema(
    [
        ("measure", pa.string()),
        ("label", pa.string()),
        ("step", pa.int32()),
        ("images", pa.int64()),
    ]
)
#: Steps to a unit of each score, as tallied.
STEPS: Mapping[str, int] = {"aesthetic": 4, "similarity": 50, "pwatermark": 20, "punsafe": 20}
#: From which `punsafe` on, for step n of `kept_threshold` and all after it: thresholds[n - 1].
THRESHOLDS = (0.5, 0.9, 0.99, 0.9999, 1.0)


def write_tallies(connection: Connection, images: Path, path: Path) -> int:
    """Tally one images table, sorted by measure; return how many tallies there are."""
    found = ask(connection, "tables/tally_rows", images=literal_path(images))
    write_table(path, found, TALLIES)
    return int(found.num_rows)


def open_tallies(connection: Connection, paths: Sequence[Path]) -> None:
    """Create the view `tallied`: the tallies of all files, added up."""
    read_files(connection, paths).create_view("tallies", replace=True)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW tallied AS "
        "SELECT measure, label, step, sum(images)::BIGINT AS images FROM tallies GROUP BY ALL"
    )
