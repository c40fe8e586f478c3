"""Documents across files: their numbers by rank, the blocks a browser loads, the store for shards.

Lives here: the merge of the segments' documents, each already in rank order, so that one pass over
all of them in step gives the global order. Not here: terms (`merge`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.base.open_files import may_open

_Numbers = npt.NDArray[np.int64]
_READ_ROWS = 2_048  # documents of each segment that wait in memory, at most
_READ_BYTES = 4 << 20  # and about how many bytes of them
_BUFFER = 1 << 18  # bytes read of each segment at once


@dataclass(frozen=True)
class Numbering:
    """For every segment, the global number of each local rank (ascending), and its rows."""

    numbers: Sequence[npt.NDArray[np.uint32]]
    rows: Sequence[_Numbers]
    total: int

    def of_rows(self, segment: int) -> _Numbers:
        """Return an array from row number in the file to global number, -1 where not published."""
        rows = self.rows[segment]
        numbers = np.full(int(rows.max(initial=-1)) + 1, -1, np.int64)
        numbers[rows] = self.numbers[segment]
        return numbers


def number_documents(segments: Sequence[Path]) -> Numbering:
    """Number every document by rank: aesthetic descending, unknown last, id, file, row.

    `segments` are the documents files in the order of their keys.
    """
    tables = [pq.read_table(path, columns=["row", "aesthetic", "image_id"]) for path in segments]
    sizes = [table.num_rows for table in tables]
    rows = [np.asarray(table["row"]) for table in tables]
    if not sum(sizes):
        return Numbering([np.empty(0, np.uint32) for _ in tables], rows, 0)
    keys = pa.concat_tables(tables)
    score = np.asarray(keys["aesthetic"].fill_null(np.nan), np.float64)
    descending = np.where(np.isnan(score), np.inf, -score)
    # Files are concatenated in key order and lexsort is stable, so file and row break ties.
    order = np.lexsort((np.asarray(keys["image_id"]), descending))
    numbers = np.empty(len(order), np.uint32)
    numbers[order] = np.arange(len(order), dtype=np.uint32)
    return Numbering(np.split(numbers, np.cumsum(sizes)[:-1]), rows, len(order))


def documents_in_order(
    segments: Sequence[Path], numbering: Numbering, block: int
) -> Iterator[list[str]]:
    """Yield the documents of one block after the other, in the order of their numbers."""
    at_once = may_open(len(segments))
    streams = [_DocumentStream(path, stay_open=at_once) for path in segments]
    for start in range(0, numbering.total, block):
        end = min(start + block, numbering.total)
        documents = [""] * (end - start)
        for stream, numbers in zip(streams, numbering.numbers, strict=True):
            # Of the array's own type: for another one NumPy would convert all of it every time.
            upto = int(np.searchsorted(numbers, numbers.dtype.type(end)))
            mine = numbers[stream.position : upto]
            for number, document in zip(mine.tolist(), stream.take(len(mine)), strict=True):
                documents[number - start] = document
        yield documents


class _DocumentStream:
    """Reads a segment's documents in sequence, a bounded piece at a time."""

    def __init__(self, path: Path, *, stay_open: bool) -> None:
        self.position = 0
        self._batches = _read(path) if stay_open else _read_reopening(path)
        self._waiting: list[str] = []

    def take(self, count: int) -> list[str]:
        while len(self._waiting) < count:
            self._waiting += next(self._batches)
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        self.position += count
        return taken


def _read(path: Path) -> Iterator[list[str]]:
    # Read page by page: by default a whole row group of every file would wait in memory.
    with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER) as source:
        for group in range(source.metadata.num_row_groups):
            for batch in _batches(source, group):
                yield batch.column("document").to_pylist()


def _read_reopening(path: Path) -> Iterator[list[str]]:
    """Read the same, with the file closed in between; what was read of a row group is read again.

    Slow, and bounded in memory, for more segments than may be open at once.
    """
    for group in range(pq.read_metadata(path).num_row_groups):
        for done in count():
            with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER) as source:
                batch = next(islice(_batches(source, group), done, None), None)
            if batch is None:
                break
            yield batch.column("document").to_pylist()


def _batches(source: pq.ParquetFile, number: int) -> Iterator[pa.RecordBatch]:
    """Return the documents of a row group, as many at once as may wait in memory."""
    group = source.metadata.row_group(number)
    each = max(group.total_byte_size // max(group.num_rows, 1), 1)
    rows = min(_READ_ROWS, max(1, _READ_BYTES // each))
    batches: Iterator[pa.RecordBatch] = source.iter_batches(
        rows, row_groups=[number], columns=["document"]
    )
    return batches


class DocumentStore:
    """Documents by number on disk, for the shards that repeat their terms' first documents."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offsets = [np.zeros(1, np.int64)]
        self._end = 0
        self._file = -1
        self._starts: _Numbers = np.zeros(1, np.int64)

    def fill(self, blocks: Iterator[list[str]], on_block: Callable[[int, list[str]], None]) -> None:
        """Store every block's documents, calling `on_block(number, documents)` on the way."""
        with self._path.open("wb") as stream:
            for number, documents in enumerate(blocks):
                encoded = [document.encode() for document in documents]
                lengths = np.fromiter((len(e) for e in encoded), np.int64, len(encoded))
                self._offsets.append(self._end + np.cumsum(lengths))
                self._end += int(lengths.sum())
                stream.write(b"".join(encoded))
                on_block(number, documents)
        self._starts = np.concatenate(self._offsets)
        # Read, not mapped: pages of a mapping count as this process's memory.
        self._file = os.open(self._path, os.O_RDONLY)

    def get(self, number: int) -> bytes:
        """Return the JSON of a document, UTF-8."""
        start = int(self._starts[number])
        return os.pread(self._file, int(self._starts[number + 1]) - start, start)

    def close(self) -> None:
        """Forget the store and delete its file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._path.unlink(missing_ok=True)
