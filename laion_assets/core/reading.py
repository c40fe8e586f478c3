"""Reading one untrusted parquet file: its description, and its rows in bounded batches.

Lives here: checking the footer, mapping columns, texts as bytes with their validity. Not here:
what a good row is (`cleaning`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.datasets import Dataset
from laion_assets.core.errors import BadSourceFile

BATCH_ROWS = 65_536
TEXTS = ("url", "caption")
NUMBERS = ("width", "height", "similarity", "punsafe", "pwatermark", "aesthetic")
#: What pyarrow raises over a damaged file; the last for a name in it that is not UTF-8.
_REFUSALS = (pa.ArrowException, OSError, UnicodeDecodeError)


@dataclass(frozen=True)
class SourceDescription:
    """What the footer of a source file says, and how its columns are understood."""

    rows: int
    row_groups: int
    columns: tuple[str, ...]  # as found, in order
    mapping: Mapping[str, str]  # our column -> theirs

    @property
    def unknown(self) -> list[str]:
        """Columns that are not carried."""
        return [name for name in self.columns if name not in self.mapping.values()]


def describe_source(path: Path, dataset: Dataset) -> SourceDescription:
    """Check a file's footer and map its columns.

    Raises BadSourceFile, with one clear line, for anything that is not a parquet file with a URL
    and a caption column, each mapped column there once and of a type that can be what it should.
    """
    try:
        with pq.ParquetFile(path) as source:
            metadata, schema = source.metadata, source.schema_arrow
            mapping = dataset.map_columns(schema.names)
            _check_columns(schema, mapping)
            return SourceDescription(
                rows=metadata.num_rows,
                row_groups=metadata.num_row_groups,
                columns=tuple(schema.names),
                mapping=mapping,
            )
    except _REFUSALS as error:
        raise BadSourceFile(_why_unreadable(path, error)) from error


def _check_columns(schema: pa.Schema, mapping: Mapping[str, str]) -> None:
    for ours, theirs in mapping.items():
        if schema.names.count(theirs) > 1:
            raise BadSourceFile(f"has more than one column named {theirs}")
        kind = schema.field(theirs).type
        if pa.types.is_nested(kind) and ours in (*TEXTS, *NUMBERS):
            wanted = "text" if ours in TEXTS else "a number"
            raise BadSourceFile(f"column {theirs} has type {str(kind)[:80]}, not {wanted}")


def _why_unreadable(path: Path, error: Exception) -> str:
    """Say in one line what is wrong with a file pyarrow refused."""
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
            stream.seek(0, 2)
            size = stream.tell()
    except OSError as missing:
        return f"cannot be read: {missing.strerror}"
    if size == 0:
        return "is empty (0 bytes); download it again"
    if head != b"PAR1":
        return "is not a parquet file (it does not start with PAR1)"
    if "magic bytes" in str(error) or "footer" in str(error).lower():
        return "is cut short or damaged (no parquet footer at its end); download it again"
    return f"is damaged: {' '.join(str(error).split())[:200]}"


def read_batches(
    path: Path, mapping: Mapping[str, str], batch_rows: int = BATCH_ROWS
) -> Iterator[pa.Table]:
    """Yield the mapped columns of a file in tables of at most `batch_rows` rows.

    Columns: row (int64, the row's number in the file), url and caption (binary, as found), every
    number that is mapped in whatever type it has (of those DuckDB knows), hash when mapped. Raises
    BadSourceFile when a page is damaged or there are not the rows that the footer promises.
    """
    start = 0
    try:
        with pq.ParquetFile(path, pre_buffer=False) as source:
            wanted = sorted(set(mapping.values()))
            for batch in source.iter_batches(batch_size=batch_rows, columns=wanted):
                columns = {"row": pa.array(range(start, start + batch.num_rows), pa.int64())}
                for ours, theirs in mapping.items():
                    column = batch.column(theirs)
                    columns[ours] = as_bytes(column) if ours in TEXTS else as_number(column)
                start += batch.num_rows
                yield pa.table(columns)
            promised = source.metadata.num_rows
        if start != promised:
            raise BadSourceFile(f"is damaged: it says it has {promised:,} rows and has {start:,}")
    except _REFUSALS as error:
        raise BadSourceFile(_why_unreadable(path, error)) from error


def plain(column: pa.Array) -> pa.Array:
    """Undo dictionary encoding; everything else stays as it is."""
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def as_number(column: pa.Array) -> pa.Array:
    """Return a plain column; decimals and half floats, of which DuckDB lacks some, as float64."""
    column = plain(column)
    if pa.types.is_decimal(column.type) or pa.types.is_float16(column.type):
        return column.cast(pa.float64(), safe=False)
    return column


def as_bytes(column: pa.Array) -> pa.Array:
    """Return a text column of any string-like type as large_binary; other types as their text."""
    column = plain(column)
    if pa.types.is_null(column.type):
        return column.cast(pa.large_binary())
    if not _is_text(column.type):
        column = column.cast(pa.large_string())
    return column.cast(pa.large_binary())


def _is_text(kind: pa.DataType) -> bool:
    checks = (
        pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view,
        pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view,
        pa.types.is_fixed_size_binary,
    )  # fmt: skip
    return any(check(kind) for check in checks)


def decode_texts(column: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return (large_string array, boolean validity of the bytes as UTF-8).

    Rows that are not UTF-8 become null in the first. The whole column is checked at once; only a
    column that fails is looked at row by row.
    """
    try:
        decoded = column.cast(pa.large_string())
        decoded.validate(full=True)
    except pa.ArrowInvalid:
        texts = [_decode(value) for value in column.to_pylist()]
        decoded = pa.array([text for text, _ in texts], pa.large_string())
        return decoded, pa.array([valid for _, valid in texts], pa.bool_())
    return decoded, pa.repeat(pa.scalar(True), len(column))


def _decode(value: bytes | None) -> tuple[str | None, bool]:
    if value is None:
        return None, True
    try:
        return value.decode("utf-8"), True
    except UnicodeDecodeError:
        return None, False
