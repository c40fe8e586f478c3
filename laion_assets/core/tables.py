"""Parquet tables: their schemas, and writing them so that equal rows are equal bytes.

Lives here: Arrow schemas of the tables of DESIGN section 4, one writer with fixed row groups, and
how DuckDB is told a path. Not here: how rows come about.
"""

import re
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.files import atomic

ROW_GROUP = 131_072  # rows; fixed, so that bytes do not depend on how the rows arrived
#: Bytes of text that end a row group early. Real ones come to some 30 MB; a hostile file of a few
#: kB can hold 100,000 texts of 1 MB, which would otherwise wait in memory.
GROUP_BYTES = 256 << 20
_TEXT_TYPES = (pa.types.is_string, pa.types.is_binary)

IMAGES = pa.schema(
    [
        ("row", pa.int64()),
        ("image_id", pa.int64()),
        ("url", pa.string()),
        ("caption", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("similarity", pa.float64()),
        ("punsafe", pa.float64()),
        ("pwatermark", pa.float64()),
        ("aesthetic", pa.float64()),
        ("host", pa.string()),
        ("domain", pa.string()),
        ("url_year", pa.int32()),
        ("visibility", pa.string()),
    ]
)
REJECTS = pa.schema(
    [
        ("row", pa.int64()),
        ("image_id", pa.int64()),
        ("reason", pa.string()),
        ("url", pa.binary()),  # as found, which need not be UTF-8
        ("caption", pa.binary()),
    ]
)
#: Every row's keys, rejects included: what removing and the `url` field look rows up by. Internal.
ROW_KEYS = pa.schema(
    [
        ("row", pa.int64()),
        ("image_id", pa.int64()),
        ("url_key", pa.string()),  # first 16 hex digits of the canonical URL's sha256
        ("domain", pa.string()),
    ]
)
MENTIONS = pa.schema([("row", pa.int64()), ("list", pa.string()), ("name", pa.string())])
#: Published rows of one file by other spelling of a name; `beyond` lack the name itself. Internal.
VARIANT_COUNTS = pa.schema(
    [
        ("list", pa.string()),
        ("name", pa.string()),
        ("kind", pa.string()),
        ("spelling", pa.string()),
        ("images", pa.int64()),
        ("beyond", pa.int64()),
    ]
)


#: What is written for each list of names besides the names themselves: `<list>_<part>.parquet`.
ENTITY_PARTS = ("rows", "profiles", "words", "facets", "variants")
#: The questions of the 2022 study, a table each, in the order they are asked.
STUDY_TABLES = (
    "study_artists",
    "study_artist_types",
    "study_celebrities",
    "study_celebrity_gender",
    "study_internet",
    "study_ambiguous",
    "study_franchises",
    "study_platforms",
)


class TableWriter(AbstractContextManager["TableWriter"]):
    """Writes tables of one schema to a file that appears whole when the block ends well.

    Row groups have `ROW_GROUP` rows, or fewer where their texts come to `GROUP_BYTES`, however the
    rows arrive; at most one row group and one incoming table are held in memory. `rows` is the
    number appended so far.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.rows = 0
        self._schema = schema
        self._stack = ExitStack()
        self._path = path
        self._pending = schema.empty_table()

    def __enter__(self) -> Self:
        temporary = self._stack.enter_context(atomic(self._path))
        self._writer = self._stack.enter_context(
            pq.ParquetWriter(temporary, self._schema, compression="zstd", compression_level=1)
        )
        return self

    def append(self, table: pa.Table) -> None:
        """Add rows; columns are taken by name and cast to the schema."""
        table = table.select(self._schema.names).cast(self._schema)
        self.rows += table.num_rows
        self._pending = pa.concat_tables([self._pending, table])
        while (size := _whole_group(self._pending)) is not None:
            self._write(self._pending.slice(0, size))
            self._pending = self._pending.slice(size)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        if kind is not None:
            return self._stack.__exit__(kind, error, traceback)
        with self._stack:  # so that a last write that fails leaves no temporary file either
            if self._pending.num_rows or not self.rows:
                self._write(self._pending)
        return None

    def _write(self, table: pa.Table) -> None:
        self._writer.write_table(table.combine_chunks(), row_group_size=ROW_GROUP)


def _whole_group(table: pa.Table) -> int | None:
    """Return how many of the first rows make a row group; None when there are too few yet.

    A matter of the rows alone, so that bytes do not depend on how they arrived.
    """
    most = ROW_GROUP if table.num_rows >= ROW_GROUP else None
    if table.nbytes < GROUP_BYTES:
        return most
    sizes = np.zeros(table.num_rows, np.int64)
    for column in table.columns:
        if any(check(column.type) for check in _TEXT_TYPES):
            lengths = pc.fill_null(pc.binary_length(column), 0)
            sizes += lengths.cast(pa.int64()).to_numpy()
    last = int(np.searchsorted(np.cumsum(sizes), GROUP_BYTES))
    if last >= table.num_rows:
        return most
    return min(last + 1, ROW_GROUP)


def write_table(path: Path, table: pa.Table, schema: pa.Schema | None = None) -> None:
    """Write a whole table atomically, in its own schema or the one given."""
    with TableWriter(path, schema or table.schema) as writer:
        writer.append(table)


def literal_path(path: Path) -> str:
    """Return a path in the form that DuckDB's readers take for that one file.

    They read `*`, `?` and `[` as patterns even where a file of that very name exists: below a
    folder `a[1]` they would find the files of its neighbour `a1`.
    """
    return re.sub(r"([*?[])", r"[\1]", str(path))
