"""Files of the sample: part-00000.parquet and so on, each a pure function of the arguments.

Lives here: splitting rows into files and batches, seeding, parquet settings. Not here: what is in
a row (`rows`).
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from laion_assets.core.base.files import atomic
from laion_assets.sample.rows import SCHEMA, row_source

#: Column names of every file, in order.
COLUMNS: tuple[str, ...] = tuple(SCHEMA.names)

ROWS, FILES, SEED = 60_000, 6, 2022  # defaults: the sample that ships

_BATCH_ROWS = 65_536  # rows in a batch and in a row group; bounds the memory

#: Called with the rows written so far and the rows there will be.
Progress = Callable[[int, int], None]


def write_sample(
    folder: Path,
    *,
    rows: int = ROWS,
    files: int = FILES,
    seed: int = SEED,
    progress: Progress | None = None,
) -> list[Path]:
    """Write `rows` rows in `files` files into `folder`, and return their paths in order.

    The same arguments give the same bytes. Files are replaced atomically one by one; other files
    in the folder are left alone. Memory is bounded by one batch. Raises ValueError for a negative
    seed or number of rows, or less than one file.
    """
    _check(rows, files, seed)
    paths = [folder / f"part-{number:05d}.parquet" for number in range(files)]
    done = 0

    def report(file_rows: int, _of: int) -> None:
        if progress is not None:
            progress(done + file_rows, rows)

    for number, path in enumerate(paths):
        write_sample_file(path, number=number, rows=rows, files=files, seed=seed, progress=report)
        done = _first_row(number + 1, rows, files)
    return paths


def write_sample_file(
    path: Path,
    *,
    number: int,
    rows: int = ROWS,
    files: int = FILES,
    seed: int = SEED,
    progress: Progress | None = None,
) -> None:
    """Write one file, `number` from 0 on, of the sample that `rows`, `files` and `seed` describe.

    It does not depend on the other files. Raises ValueError as `write_sample` does, or when there
    is no such file.
    """
    _check(rows, files, seed)
    if not 0 <= number < files:
        raise ValueError(f"there is no file {number} among {files}, counted from 0")
    first, end = _first_row(number, rows, files), _first_row(number + 1, rows, files)
    source = row_source(rows, seed)
    with (
        atomic(path) as temporary,
        pq.ParquetWriter(temporary, SCHEMA, compression="zstd", use_dictionary=False) as writer,
    ):
        for start in range(first, end, _BATCH_ROWS):
            size = min(_BATCH_ROWS, end - start)
            random = np.random.Generator(np.random.PCG64([seed, number, rows, files, start]))
            writer.write_table(source.batch(random, start, size), row_group_size=_BATCH_ROWS)
            if progress is not None:
                progress(start + size - first, end - first)


def _check(rows: int, files: int, seed: int) -> None:
    if rows < 0 or files < 1 or seed < 0:
        raise ValueError(f"no sample has {rows} rows in {files} files with seed {seed}")


def _first_row(number: int, rows: int, files: int) -> int:
    """Return which row of the whole sample comes first in file `number`."""
    return number * rows // files
