"""Taking rows out of the tables of one source file, whatever became of the file.

Lives here: rewriting images, rejects and row keys without the rows a removal list names, and what
is then counted. Not here: which rows those are (`removal`), cleaning a file (`rules`): what is
written here equals, byte for byte, what cleaning the file with the same list writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.parquet import TableWriter
from laion_assets.core.base.sql import literal_path, query
from laion_assets.core.cleaning.counts import CleaningCounts
from laion_assets.core.cleaning.removal import forget_keys
from laion_assets.core.cleaning.removal_list import RemovalKey
from laion_assets.core.cleaning.schemas import IMAGES, REJECTS, ROW_KEYS

_BATCH = 16_384  # rows read at once


@dataclass(frozen=True)
class CleanedFile:
    """Where the tables of one cleaned source file lie."""

    images: Path
    rejects: Path
    keys: Path


def take_out(
    connection: duckdb.DuckDBPyConnection,
    tables: CleanedFile,
    gone: frozenset[int],
    key: RemovalKey | None,
    before: Mapping[str, Any],
) -> tuple[CleaningCounts, frozenset[str]]:
    """Make rejects of the rows `gone` of one file; return its counts and the domains of those rows.

    `before` are the file's counts so far. Done again after a crash in the middle, it ends the same:
    everything is counted from what is written.
    """
    out = pa.array(sorted(gone), pa.int64())
    counts = CleaningCounts(
        read=before["read"],
        hash_differs=before["hash_differs"],
        damaged_lines=before["damaged_lines"],
    )
    domains: set[str] = set()
    with ExitStack() as stack:
        images = stack.enter_context(TableWriter(tables.images, IMAGES))
        for batch in _batches(tables.images):
            is_out = pc.is_in(batch["row"], out)
            kept = batch.filter(pc.invert(is_out))
            images.append(kept)
            counts.count_kept(kept)
        rejects = stack.enter_context(TableWriter(tables.rejects, REJECTS))
        connection.register("gone", pa.table({"row": out}))
        paths = {"rejects": literal_path(tables.rejects), "keys": literal_path(tables.keys)}
        rejected = connection.sql(query("cleaning/list_rejects"), params=paths)
        for part in rejected.to_arrow_reader(_BATCH):
            table = pa.Table.from_batches([part])
            rejects.append(table)
            counts.count_rejected(table)
        connection.unregister("gone")
    # Last of all: as long as the keys do not say that a row is out, it will be taken out again.
    with TableWriter(tables.keys, ROW_KEYS) as keys:
        for batch in _batches(tables.keys):
            is_out = pc.is_in(batch["row"], out)
            domains.update(filter(None, batch["domain"].filter(is_out).to_pylist()))
            forgotten = forget_keys(_removed(batch, is_out), gone, key)
            keys.append(forgotten)
            counts.count_deeds(forgotten)
    if counts.kept + counts.rejected.total() != counts.read:
        raise AssertionError(f"kept + rejected is not read: {counts}")
    return counts, frozenset(domains)


def _removed(keys: pa.Table, is_out: pa.ChunkedArray) -> pa.Table:
    place = keys.column_names.index("removed")
    return keys.set_column(place, "removed", pc.or_(keys["removed"], is_out))


def _batches(path: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(_BATCH):
            yield pa.Table.from_batches([batch])
