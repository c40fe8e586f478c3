"""Reading one untrusted source file, whatever its format: its description, and rows in batches.

Lives here: choosing the reader. Not here: the readers (`parquet_rows`, `text_rows`), nor what a
good row is (`cleaning`).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from laion_assets.core.columns import NUMBERS, TEXTS
from laion_assets.core.datasets import PARQUET, Dataset
from laion_assets.core.layout import BATCH_ROWS, ColumnMap, SourceDescription
from laion_assets.core.parquet_rows import describe_parquet, read_parquet
from laion_assets.core.text_rows import describe_text, read_text
from laion_assets.core.values import decode_texts

__all__ = [
    "BATCH_ROWS", "NUMBERS", "TEXTS", "ColumnMap", "SourceDescription", "decode_texts",
    "describe_source", "read_batches",
]  # fmt: skip


def describe_source(path: Path, dataset: Dataset) -> SourceDescription:
    """Find a file's columns and map them, without trusting a word it says of itself.

    Raises BadSourceFile, with one clear line, for anything that cannot be read or lacks a URL or a
    caption column.
    """
    layout = dataset.format_of(path.name)
    if layout.kind == "parquet":
        return describe_parquet(path, dataset)
    return describe_text(path, dataset, layout)


def read_batches(
    path: Path, mapping: Mapping[str, str], batch_rows: int = BATCH_ROWS
) -> Iterator[pa.Table]:
    """Yield the mapped columns of a file in tables of at most `batch_rows` rows.

    `mapping` is what describing the file returned; a plain one means parquet. Columns: row (int64,
    the row's number in the file), url and caption (large_binary, as found; cut where they are
    longer than 1 MiB), every number that is mapped (as a number, or as large_string where it is
    written as text), nsfw (large_string) and hash (integer or large_string) when mapped, and for
    text files `damaged`. Raises BadSourceFile when the file is damaged.
    """
    layout = mapping.format if isinstance(mapping, ColumnMap) else PARQUET
    if layout.kind == "parquet":
        return read_parquet(path, mapping, batch_rows)
    return read_text(path, mapping, layout, batch_rows)
