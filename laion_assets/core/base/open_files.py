"""Tables that lie in many files, read without opening more of them than the system allows.

Lives here: how many files may be open, and one relation over many parquet files. Not here: which
files they are.
"""

from __future__ import annotations

import resource
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyarrow.fs import LocalFileSystem

from laion_assets.core.base.sql import Connection, literal_path

_OTHERS = 64  # files that are open anyway: Dagster's databases, sockets, libraries
_SCANS = 4  # how often a query may read the same files at once
#: Bits of a place below its file's: a file has fewer rows (`parquet_rows.MAX_ROWS`).
FILE_BITS = 32


def may_open(files: int) -> bool:
    """Tell whether so many files may be open at once, beside the others; ask for more if not."""
    needed = files + _OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or needed <= soft:
        return True
    if hard != resource.RLIM_INFINITY and needed > hard:
        return False
    with suppress(ValueError, OSError):  # macOS has a limit of its own below the hard one
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    return needed <= resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def read_files(
    connection: Connection, paths: Sequence[Path], *, placed: bool = False
) -> duckdb.DuckDBPyRelation:
    """Return the rows of parquet files of one schema, in order.

    `placed`, a first column `place` is one number for the file's place among `paths` and the row's
    number in it (`FILE_BITS`), so that places ascend as files and rows do. DuckDB keeps every file
    of a query open until its end; where those are too many, Arrow reads them for it, a few at a
    time.
    """
    columns = f"(file_index::BIGINT << {FILE_BITS}) | row AS place, *" if placed else "*"
    if may_open(_SCANS * len(paths)):
        quoted = ", ".join("'" + literal_path(path).replace("'", "''") + "'" for path in paths)
        found = f"read_parquet([{quoted}], hive_partitioning = false)"
        return connection.sql(f"SELECT {columns} FROM {found}")  # noqa: S608 - our own paths
    kept = f"{columns} EXCLUDE (file_index)"
    return connection.from_arrow(_dataset(paths)).project(kept)


def _dataset(paths: Sequence[Path]) -> ds.Dataset:
    schema, files, disk = pq.read_schema(paths[0]), ds.ParquetFileFormat(), LocalFileSystem()
    schema = pa.schema([*schema, pa.field("file_index", pa.int64())])
    pieces = [
        files.make_fragment(str(path), disk, ds.field("file_index") == number)
        for number, path in enumerate(paths)
    ]
    return ds.FileSystemDataset(pieces, schema, files, disk)
