"""Documents across files: their order by rank, and the pass that reads all of them in it.

Lives here: the merge of the segments' documents, each already in rank order, a bounded piece at a
time. Not here: what is made of them (`slots`, `stream`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.base.open_files import may_open
from laion_assets.core.index.merging import merge_ranked

_Numbers = npt.NDArray[np.int64]
_READ_ROWS = 16_384  # documents of each segment that wait in memory, at most
_READ_BYTES = 8 << 20  # and about how many bytes of them
_BUFFER = 1 << 18  # bytes read of each segment at once
#: Documents of a piece: what is merged at once.
PIECE = 65_536
_COLUMNS = ["document", "image_id", "host", "domain", "url_year", "url_hash", "tokens"]


@dataclass(frozen=True)
class Ranking:
    """For every segment, the global rank of each local one (ascending), and its rows."""

    ranks: Sequence[npt.NDArray[np.uint32]]
    rows: Sequence[_Numbers]
    total: int
    seal: int = 0  # 30 bits of a digest of the ids in their order

    def of_rows(self, segment: int) -> _Numbers:
        """Return an array from row number in the file to global rank, -1 where not published."""
        rows = self.rows[segment]
        ranks = np.full(int(rows.max(initial=-1)) + 1, -1, np.int64)
        ranks[rows] = self.ranks[segment]
        return ranks


def rank_documents(segments: Sequence[Path]) -> Ranking:
    """Rank every document: aesthetic descending, unknown last, id, file, row.

    `segments` are the documents files in the order of their keys.
    """
    tables = [pq.read_table(path, columns=["row", "aesthetic", "image_id"]) for path in segments]
    rows = [np.asarray(table["row"]) for table in tables]
    begins = np.cumsum([0, *(table.num_rows for table in tables)])
    if not begins[-1]:
        return Ranking([np.empty(0, np.uint32) for _ in tables], rows, 0)
    keys = pa.concat_tables(tables)
    score = np.asarray(keys["aesthetic"].fill_null(np.nan), np.float64)
    descending = np.where(np.isnan(score), np.inf, -score)
    ranks, ids = merge_ranked(descending, np.asarray(keys["image_id"], np.int64), begins)
    seal = int.from_bytes(hashlib.sha256(ids.astype("<i8").data).digest()[:4], "big") >> 2
    return Ranking(np.split(ranks, begins[1:-1]), rows, len(ids), seal)


def documents_in_order(segments: Sequence[Path], ranking: Ranking) -> Iterator[pa.Table]:
    """Yield all documents in rank order, `PIECE` at a time.

    Columns are those that the index is made of, and `segment` and `local`: whose they are, and
    their place in it.
    """
    at_once = may_open(len(segments))
    streams = [_DocumentStream(path, stay_open=at_once) for path in segments]
    for start in range(0, ranking.total, PIECE):
        end = min(start + PIECE, ranking.total)
        parts, places = [], []
        for number, (stream, ranks) in enumerate(zip(streams, ranking.ranks, strict=True)):
            # Of the array's own type: for another one NumPy would convert all of it every time.
            upto = int(np.searchsorted(ranks, ranks.dtype.type(end)))
            first = stream.position
            if upto == first:
                continue
            places.append(ranks[first:upto])
            own = {"segment": np.full(upto - first, number, np.int32),
                   "local": np.arange(first, upto, dtype=np.int64)}  # fmt: skip
            part = stream.take(upto - first)
            for name, values in own.items():
                part = part.append_column(name, pa.array(values))
            parts.append(part)
        yield pa.concat_tables(parts).take(pa.array(np.argsort(np.concatenate(places))))


class _DocumentStream:
    """Reads a segment's documents in sequence, a bounded piece at a time."""

    def __init__(self, path: Path, *, stay_open: bool) -> None:
        self.position = 0
        self._batches = _read(path) if stay_open else _read_reopening(path)
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def take(self, count: int) -> pa.Table:
        while self._rows < count:
            batch = pa.table(next(self._batches))
            self._waiting.append(batch)
            self._rows += batch.num_rows
        whole = pa.concat_tables(self._waiting)
        self._waiting = [whole.slice(count)]
        self._rows -= count
        self.position += count
        return whole.slice(0, count)


def _read(path: Path) -> Iterator[pa.RecordBatch]:
    # Read page by page: by default a whole row group of every file would wait in memory.
    with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER) as source:
        for group in range(source.metadata.num_row_groups):
            yield from _batches(source, group)


def _read_reopening(path: Path) -> Iterator[pa.RecordBatch]:
    """Read the same, with the file closed in between; what was read of a row group is read again.

    Slow, and bounded in memory, for more segments than may be open at once.
    """
    for group in range(pq.read_metadata(path).num_row_groups):
        for done in count():
            with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER) as source:
                batch = next(islice(_batches(source, group), done, None), None)
            if batch is None:
                break
            yield batch


def _batches(source: pq.ParquetFile, number: int) -> Iterator[pa.RecordBatch]:
    """Return the documents of a row group, as many at once as may wait in memory."""
    group = source.metadata.row_group(number)
    each = max(group.total_byte_size // max(group.num_rows, 1), 1)
    rows = min(_READ_ROWS, max(1, _READ_BYTES // each))
    batches: Iterator[pa.RecordBatch] = source.iter_batches(
        rows, row_groups=[number], columns=_COLUMNS
    )
    return batches
