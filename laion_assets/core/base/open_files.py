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
    connection: Connection, paths: Sequence[Path], *, named: str = ""
) -> duckdb.DuckDBPyRelation:
    """Return the rows of parquet files of one schema, in order.

    With `named`, a first column of that name holds the file's name without its ending. DuckDB keeps
    every file of a query open until its end; where those are too many, Arrow reads them for it, a
    few at a time.
    """
    if may_open(_SCANS * len(paths)):
        found = connection.read_parquet(
            [literal_path(path) for path in paths], filename=bool(named), hive_partitioning=False
        )
        columns = f"parse_filename(filename, true) AS {named}, * EXCLUDE (filename)"
        return found.project(columns) if named else found
    return connection.from_arrow(_dataset(paths, named))


def _dataset(paths: Sequence[Path], named: str) -> ds.Dataset:
    schema, files, disk = pq.read_schema(paths[0]), ds.ParquetFileFormat(), LocalFileSystem()
    if named:
        schema = pa.schema([pa.field(named, pa.string()), *schema])
    pieces = [
        files.make_fragment(str(path), disk, (ds.field(named) == path.stem) if named else None)
        for path in paths
    ]
    return ds.FileSystemDataset(pieces, schema, files, disk)
