"""Rows that share their URL, their caption or their id with another: found without sorting any.

Of billions of values most are alone. Each value takes one of many bits by its hash; one whose bit
was taken before may be a repeat, and only these are grouped, by the whole value. Lives here:
finding the rows, the relation of them. Not here: what is told of them (`duplicates`, and every
table that counts different URLs and captions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.compiled import compiled
from laion_assets.core.base.open_files import FILE_BITS
from laion_assets.core.base.row_groups import RowGroup, map_row_groups
from laion_assets.core.base.sql import Connection, literal_path, query

#: Of each kind of value the column that tells values apart.
KINDS: Mapping[str, str] = {
    "url": "url_digest", "caption": "caption_digest", "image_id": "image_id",
}  # fmt: skip
_PLACES = 16  # to a row, at least: one value in sixteen or fewer is looked at in vain
#: So that three kinds take 768 MB at most; beyond 134 million rows more are looked at in vain.
_MOST_BITS = 30
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # an odd number near the golden ratio: multiplying spreads

_Numbers = npt.NDArray[np.uint64]
_Flags = npt.NDArray[np.bool_]


_SUSPECTS = {
    "place": "BIGINT",
    "domain": "VARCHAR",
    "url_year": "INTEGER",
    "aesthetic": "DOUBLE",
    "url_digest": "UUID",
    "caption_digest": "UUID",
    "image_id": "BIGINT",
    **{f"may_{kind}": "BOOLEAN" for kind in KINDS},
}


def find_repeats(connection: Connection, images: Sequence[Path], threads: int) -> None:
    """Create the tables `suspects` and `repeated` of the published rows of all files.

    `suspects` (`_SUSPECTS`) has every row that repeats anything, and some more; of each kind it
    says whether the value may be a repeat. `repeated` (kind, cluster, value, images) are the values
    that two rows or more have, numbered by kind in their order.
    """
    rows = sum(pq.read_metadata(path).num_rows for path in images)
    bits = min(_MOST_BITS, max(6, (_PLACES * rows).bit_length()))
    twice = _taken_twice(images, bits, threads)
    columns = ", ".join(f"{name} {kind}" for name, kind in _SUSPECTS.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE suspects ({columns})")
    for number, path in enumerate(images):
        for part in map_row_groups(path, _suspecting(number, twice, bits), threads):
            connection.register("part", part)
            connection.execute("INSERT INTO suspects BY NAME FROM part")
            connection.unregister("part")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE repeated AS {query('tables/find_repeated')}")


def open_repeats(connection: Connection, tables: Path) -> None:
    """Create the view `repeats`, of the table that `duplicates` made."""
    path = literal_path(tables / "repeats.parquet")
    connection.read_parquet(path, hive_partitioning=False).create_view("repeats", replace=True)


def _taken_twice(images: Sequence[Path], bits: int, threads: int) -> dict[str, _Numbers]:
    """Return, of each kind, the bits that the values of two rows or more took."""
    places = {kind: (_nothing(bits), _nothing(bits)) for kind in KINDS}
    for path in images:
        for values in map_row_groups(path, _read_values, threads):
            for kind, numbers in values.items():
                _take(numbers, *places[kind], bits)
    return {kind: twice for kind, (_, twice) in places.items()}


def _nothing(bits: int) -> _Numbers:
    return np.zeros(1 << (bits - 6), np.uint64)


def _read_values(group: RowGroup) -> dict[str, _Numbers]:
    """Return 64 bits of each value of the published rows."""
    table = group.read("visibility", *KINDS.values())
    published = np.asarray(pc.not_equal(table["visibility"], "withheld"))
    return {kind: _numbers(table[column])[published] for kind, column in KINDS.items()}


def _numbers(column: pa.ChunkedArray) -> _Numbers:
    """Return a column's values as numbers: of digests the first eight bytes."""
    parts = [np.empty(0, np.uint64)]
    for chunk in column.chunks:
        if isinstance(chunk, pa.ExtensionArray):
            halves = np.frombuffer(chunk.storage.buffers()[1], np.uint64)
            first = chunk.storage.offset
            parts.append(halves[2 * first : 2 * (first + len(chunk)) : 2])
        else:
            parts.append(np.asarray(chunk, np.int64).view(np.uint64))
    return np.concatenate(parts)


def _suspecting(
    number: int, twice: Mapping[str, _Numbers], bits: int
) -> Callable[[RowGroup], pa.Table]:
    """Return what reads the rows of a file's row group that may repeat something."""

    def read(group: RowGroup) -> pa.Table:
        table = group.read("row", "visibility", "domain", "url_year", "aesthetic", *KINDS.values())
        published = np.asarray(pc.not_equal(table["visibility"], "withheld"))
        found = {
            kind: _were_taken(_numbers(table[column]), twice[kind], bits) & published
            for kind, column in KINDS.items()
        }
        place = (number << FILE_BITS) | np.asarray(table["row"], np.int64)
        table = table.drop_columns(["row", "visibility"]).append_column("place", pa.array(place))
        for kind, flags in found.items():
            table = table.append_column(f"may_{kind}", pa.array(flags))
        return table.filter(pa.array(np.logical_or.reduce(list(found.values()))))

    return read


@compiled
def _take(numbers: _Numbers, once: _Numbers, twice: _Numbers, bits: int) -> None:
    """Have each value take its bit of `once`, or of `twice` where that is taken."""
    for i in range(len(numbers)):
        place = (numbers[i] * _SPREAD) >> np.uint64(64 - bits)
        bit = np.uint64(1) << (place & np.uint64(63))
        word = place >> np.uint64(6)
        if once[word] & bit:
            twice[word] |= bit
        else:
            once[word] |= bit


@compiled
def _were_taken(numbers: _Numbers, taken: _Numbers, bits: int) -> _Flags:
    """Return of each value whether its bit was taken."""
    found = np.empty(len(numbers), np.bool_)
    for i in range(len(numbers)):
        place = (numbers[i] * _SPREAD) >> np.uint64(64 - bits)
        found[i] = taken[place >> np.uint64(6)] >> (place & np.uint64(63)) & np.uint64(1) != 0
    return found
