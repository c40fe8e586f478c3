"""Columns of every type the family comes in, as the few types that cleaning takes.

Lives here: texts as bytes, numbers, words; the first of a list; which bytes are UTF-8. Not here:
reading files (`parquet_rows`, `row_batches`) or judging values (`core.cleaning`).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_NO_NUMBER = pa.scalar("", pa.large_string())
_NOT_EVEN_TEXT = pa.scalar(b"", pa.large_binary())
#: Bytes of the longest text that may be a number or a word; longer ones are neither.
_LONGEST_NUMBER = 1_024


def stored_type(kind: pa.DataType) -> pa.DataType:
    """Return the type that values are stored in, whatever they are dressed up as."""
    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pa.types.is_dictionary(kind):
            kind = kind.value_type
        else:
            return kind


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Undo extension types and dictionary encoding; everything else stays as it is."""
    if isinstance(column.type, pa.BaseExtensionType):
        chunks = [chunk.storage for chunk in column.chunks]
        return plain(pa.chunked_array(chunks, column.type.storage_type))
    if pa.types.is_dictionary(column.type):
        return plain(column.cast(column.type.value_type))
    return column


def as_bytes(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a text column of any string-like type as large_binary; other types as their text."""
    if not is_text(column.type) and not pa.types.is_null(column.type):
        column = column.cast(pa.large_string())
    return column.cast(pa.large_binary())


def as_number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return integers and floats as they are, decimals as float64, texts as large_string.

    Values of any other type, and texts that are not UTF-8, are no numbers: an empty text stands for
    each, so that they are unknown and counted.
    """
    kind = column.type
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind):  # DuckDB lacks some of these
        return column.cast(pa.float64(), safe=False)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind):
        return column
    if is_text(kind):
        return as_text(column.cast(pa.large_binary()))
    return pc.if_else(pc.is_valid(column), _NO_NUMBER, pa.scalar(None, pa.large_string()))


def as_word(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts as large_string and integers as they are; any other type as all null."""
    if is_text(column.type):
        return as_text(column.cast(pa.large_binary()))
    if pa.types.is_integer(column.type):
        return column
    return pa.chunked_array([pa.nulls(len(column), pa.large_string())])


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return large_binary as large_string, empty where the bytes are not UTF-8 or too many."""
    short = pc.less_equal(pc.binary_length(column), _LONGEST_NUMBER)
    column = pc.if_else(pc.fill_null(short, True), column, _NOT_EVEN_TEXT)
    decoded, valid = decode_texts(column)
    return pc.if_else(valid, decoded, _NO_NUMBER)


def is_text(kind: pa.DataType) -> bool:
    """Tell whether values of a type are texts, or bytes that may be."""
    checks = (
        pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view,
        pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view,
        pa.types.is_fixed_size_binary,
    )  # fmt: skip
    return any(check(kind) for check in checks)


def is_shown_as_text(kind: pa.DataType) -> bool:
    """Tell whether a type is text, or one whose values have an obvious text."""
    checks = (
        is_text, pa.types.is_null, pa.types.is_integer, pa.types.is_floating,
        pa.types.is_boolean, pa.types.is_decimal, pa.types.is_date,
    )  # fmt: skip
    return any(check(kind) for check in checks)


def first_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the first value that is not null of each list; null where there is none."""
    return pa.chunked_array(map(_first, column.chunks), column.type.value_type)


def _first(lists: pa.Array) -> pa.Array:
    """Take the first values out of one array of lists; those of a dictionary stay in it."""
    values = pc.list_flatten(lists)
    there = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
    rows = pc.list_parent_indices(lists).to_numpy()[there]
    first = np.ones(len(rows), np.bool_)
    first[1:] = rows[1:] != rows[:-1]
    taken = np.full(len(lists), -1, np.int64)
    taken[rows[first]] = there[first]
    return values.take(pa.array(taken, mask=taken < 0))


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
