"""One file's published rows in rank order, in runs of bounded size, by a sort that spills.

DuckDB ranks the rows by their keys alone. Where each belongs is known then, so that the rows, texts
and all, are read once in the order of the file and dealt out to the runs, on disk where there are
several. DuckDB sorting texts holds 2,048 of them at a time, of whatever length, in several places.
Not here: what a run becomes (`segment`).
"""

from __future__ import annotations

import tempfile
from collections import defaultdict, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.base.row_groups import RowGroup
from laion_assets.core.base.sql import literal_path, query

_PIECE_BYTES = 8 << 20  # of rows that are described at once
_AT_ONCE = 2  # pieces described at the same time: DuckDB gives one to one thread only
_COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4")

_Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RunSize:
    """How much a run may hold: documents, and bytes by the weight of `rank_rows.sql`."""

    documents: int
    weight: int


@dataclass(frozen=True)
class _Ranking:
    """Where each published row belongs: the rank of `rows[i]` (ascending) is `ranks[i]`.

    Run `r` has the ranks from `starts[r]` to before `starts[r + 1]`.
    """

    rows: _Numbers
    ranks: _Numbers
    starts: _Numbers

    @property
    def runs(self) -> int:
        return len(self.starts) - 1


def ranked_runs(
    connection: duckdb.DuckDBPyConnection,
    images: Path,
    keys: Path,
    size: RunSize,
    spill: Path,
    piece_rows: int,
) -> Iterator[pa.Table]:
    """Yield the published rows of an images table in rank order, a run to a table.

    Columns are those of `describe_rows.sql`. `spill` is the folder for what does not fit in memory,
    `piece_rows` how many rows are described at once at most.
    """
    ranking = _rank(connection, images, size)
    if not ranking.runs:
        return
    with _Runs(spill, kept=ranking.runs == 1) as runs:
        for table in _described(connection, images, keys, piece_rows):
            _deal(table, ranking, runs)
        pa.default_memory_pool().release_unused()
        for run in range(ranking.runs):
            table = runs.take(run)
            order = np.argsort(np.asarray(table["rank"]))
            yield table.drop_columns("rank").take(pa.array(order))


def _rank(connection: duckdb.DuckDBPyConnection, images: Path, size: RunSize) -> _Ranking:
    ranked = connection.sql(
        query("index/rank_rows"), params={"images": literal_path(images)}
    ).to_arrow_table()
    rows, weights = (np.asarray(ranked[name], np.int64) for name in ("row", "weight"))
    ends = np.cumsum(weights)
    starts = [0]
    while (first := starts[-1]) < len(rows):
        before = int(ends[first - 1]) if first else 0
        fitting = int(np.searchsorted(ends, before + size.weight, side="right"))
        starts.append(min(max(fitting, first + 1), first + size.documents))
    ranks = np.argsort(rows)
    return _Ranking(rows[ranks], ranks, np.array(starts, np.int64))


def _described(
    connection: duckdb.DuckDBPyConnection, images: Path, keys: Path, piece_rows: int
) -> Iterator[pa.Table]:
    """Yield the published rows with their documents, in pieces, in no particular order."""

    def describe(piece: pa.Table) -> pa.Table:
        numbers = {"first": piece["row"][0].as_py(), "last": piece["row"][-1].as_py()}
        with connection.cursor() as cursor:
            cursor.register("images", piece)
            return cursor.sql(
                query("index/describe_rows"), params={"keys": literal_path(keys), **numbers}
            ).to_arrow_table()

    waiting: deque[Future[pa.Table]] = deque()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for piece in _pieces(images, piece_rows):
            if len(waiting) == _AT_ONCE:
                yield waiting.popleft().result()
            waiting.append(pool.submit(describe, piece))
        while waiting:
            yield waiting.popleft().result()


def _pieces(images: Path, piece_rows: int) -> Iterator[pa.Table]:
    for number in range(pq.read_metadata(images).num_row_groups):
        group = RowGroup(images, number).read(
            "row", "image_id", "url", "caption", "width", "height", "punsafe", "aesthetic", "host",
            "domain", "url_year", "visibility",
        )  # fmt: skip
        pieces = max(1, -(-group.nbytes // _PIECE_BYTES))
        rows = min(piece_rows, -(-group.num_rows // pieces))
        for start in range(0, group.num_rows, rows or 1):
            yield group.slice(start, rows)


def _deal(table: pa.Table, ranking: _Ranking, runs: _Runs) -> None:
    """Give each run its rows of a table."""
    ranks = ranking.ranks[np.searchsorted(ranking.rows, np.asarray(table["row"]))]
    if ranking.runs == 1:
        runs.add(0, table.append_column("rank", pa.array(ranks)))
        return
    order = np.argsort(ranks)
    ranks = ranks[order]
    table = table.take(pa.array(order)).append_column("rank", pa.array(ranks))
    cuts = np.searchsorted(ranks, ranking.starts)
    for run, (start, end) in enumerate(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)):
        if start < end:
            runs.add(run, table.slice(start, end - start))


@dataclass
class _Runs:
    """Pieces of tables by run: in memory when there is but one, else in one file without a name."""

    folder: Path
    kept: bool
    _tables: list[pa.Table] = field(default_factory=list)
    _places: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    _file: BinaryIO | None = None

    def __enter__(self) -> Self:
        if not self.kept:  # deleted already, so that no kill can leave it
            self._file = tempfile.TemporaryFile(dir=self.folder)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, run: int, table: pa.Table) -> None:
        """Put a piece away."""
        if self._file is None:
            self._tables.append(table)
            return
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema, options=_COMPRESSED) as writer:
            writer.write_table(table)
        piece = sink.getvalue()
        self._places[run].append((self._file.seek(0, 2), piece.size))
        self._file.write(piece)

    def take(self, run: int) -> pa.Table:
        """Return all pieces of a run, and forget them."""
        if self._file is None:
            tables, self._tables = self._tables, []
            return pa.concat_tables(tables).combine_chunks()
        tables = []
        for start, length in self._places.pop(run):
            self._file.seek(start)
            tables.append(pa.ipc.open_stream(self._file.read(length)).read_all())
        return pa.concat_tables(tables).combine_chunks()
