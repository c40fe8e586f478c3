"""Taking rows out of the tables of one source file, whatever became of the file.

Lives here: rewriting images, rejects and row keys without the rows a removal list names, and what
is then counted. Not here: which rows those are (`removal`), cleaning a file (`rules`): what is
written here equals, byte for byte, what cleaning the file with the same list writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.parquet import TableWriter
from laion_assets.core.cleaning.counts import CleaningCounts
from laion_assets.core.cleaning.removal import forget_keys
from laion_assets.core.cleaning.removal_list import RemovalKey
from laion_assets.core.cleaning.schemas import IMAGES, REJECTS, ROW_KEYS, UNLIKE

_ROWS = 16_384  # read at once, at most
_BYTES = 8 << 20  # and about how many bytes of them


@dataclass(frozen=True)
class CleanedFile:
    """Where the tables of one cleaned source file lie."""

    images: Path
    rejects: Path
    keys: Path


def take_out(
    tables: CleanedFile, gone: frozenset[int], key: RemovalKey | None, before: Mapping[str, Any]
) -> CleaningCounts:
    """Make rejects of the rows `gone` of one file; return its counts.

    `before` has what does not follow from the tables: rows read and `hash_differs`.
    Done again after a crash in the middle, it ends the same: everything else is counted from what
    is written. Memory is bounded by a few MB of rows and one row group.
    """
    out = pa.array(sorted(gone), pa.int64())
    counts = CleaningCounts(read=before["read"], hash_differs=before["hash_differs"])
    with TableWriter(tables.images, IMAGES, UNLIKE) as images:
        for batch in _batches(tables.images):
            kept = batch.filter(pc.invert(pc.is_in(batch["row"], out)))
            images.append(kept)
            counts.count_kept(kept)
    with TableWriter(tables.rejects, REJECTS, UNLIKE) as rejects:
        for part in _rejects(tables, out):
            rejects.append(part)
            counts.count_rejected(part)
    # Last of all: as long as the keys do not say that a row is out, it will be taken out again.
    with TableWriter(tables.keys, ROW_KEYS, UNLIKE) as keys:
        for batch in _batches(tables.keys):
            place = batch.column_names.index("removed")
            removed = pc.or_(batch["removed"], pc.is_in(batch["row"], out))
            forgotten = forget_keys(batch.set_column(place, "removed", removed), gone, key)
            keys.append(forgotten)
            counts.count_deeds(forgotten)
    if counts.kept + counts.rejected.total() != counts.read:
        raise AssertionError(f"kept + rejected is not read: {counts}")
    return counts


def _rejects(tables: CleanedFile, out: pa.Array) -> Iterator[pa.Table]:
    """Yield the rejects with the rows that are taken out among them, in the order of rows."""
    taken = _taken(tables.keys, out)
    for batch in _batches(tables.rejects):
        others = batch.filter(pc.invert(pc.is_in(batch["row"], out))).cast(REJECTS)
        if not others.num_rows:
            continue
        before = pc.sum(pc.less_equal(taken["row"], others["row"][-1])).as_py() or 0
        merged = pa.concat_tables([others, taken.slice(0, before)])
        yield merged.sort_by("row")
        taken = taken.slice(before)
    if taken.num_rows:
        yield taken


def _taken(keys: Path, out: pa.Array) -> pa.Table:
    """Return the rejects that the rows become: number, id and reason stay."""
    rows = pq.read_table(keys, columns=["row", "image_id"])
    rows = rows.filter(pc.is_in(rows["row"], out))
    nothing = pa.nulls(rows.num_rows, pa.binary())
    return pa.table(
        {
            "row": rows["row"],
            "image_id": rows["image_id"],
            "reason": pa.array(["removed"] * rows.num_rows, pa.string()),
            "url": nothing,
            "caption": nothing,
        },
        schema=REJECTS,
    )


def _batches(path: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 18) as table:
        for number in range(table.metadata.num_row_groups):
            group = table.metadata.row_group(number)
            each = max(group.total_byte_size // max(group.num_rows, 1), 1)
            rows = min(_ROWS, max(1, _BYTES // each))
            for batch in table.iter_batches(rows, row_groups=[number]):
                yield pa.Table.from_batches([batch])
