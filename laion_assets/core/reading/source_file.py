"""Reading one untrusted source file, whatever its format: its description, and rows in batches.

Lives here: choosing the reader. Not here: the readers (`parquet_rows`, `delimited_rows`,
`json_rows`), nor what a good row is (`core.cleaning`).
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.arrow_types import is_text
from laion_assets.core.reading.delimited_rows import describe_delimited, read_delimited
from laion_assets.core.reading.encodings import settle_encoding
from laion_assets.core.reading.json_rows import describe_json, read_json
from laion_assets.core.reading.layout import (
    BATCH_ROWS,
    FileLayout,
    SourceConventions,
    SourceDescription,
    most_expanded,
    most_rows,
)
from laion_assets.core.reading.opening import size_of
from laion_assets.core.reading.parquet_rows import describe_parquet, read_parquet
from laion_assets.core.reading.unwrapping import unwrapped
from laion_assets.core.sources.formats import FileFormat
from laion_assets.core.sources.recognising import recognise


def describe_source(
    path: Path, dataset: SourceConventions, spill: Path | None = None, *, count: bool = True
) -> SourceDescription:
    """Find a file's columns and map them, without trusting a word it says of itself.

    Compressed parquet is expanded into the folder `spill`. The rows of a text file are counted,
    which takes reading all of it, unless `count` is false. Raises BadSourceFile, with one clear
    line, for anything that cannot be read or lacks a URL or a caption column.
    """
    file_format = recognise(path, dataset.format)
    if file_format.kind == "parquet":
        with unwrapped(path, file_format, spill) as plain:
            return _as_wrapped(describe_parquet(plain, dataset), path, file_format)
    describe = describe_json if file_format.kind == "jsonl" else describe_delimited
    return describe(path, dataset, settle_encoding(path, file_format), count=count)


def _as_wrapped(found: SourceDescription, path: Path, file_format: FileFormat) -> SourceDescription:
    """Return what was found in a file that may be compressed: it has no more rows for that."""
    size = size_of(path)
    if found.rows is not None and found.rows > most_rows(size):
        raise BadSourceFile(
            f"says it has {found.rows:,} rows in {size:,} bytes; at most {most_rows(size):,} are "
            "read of such a file"
        )
    return replace(found, layout=FileLayout(found.layout.columns, file_format))


def read_batches(
    path: Path,
    layout: FileLayout,
    batch_rows: int = BATCH_ROWS,
    max_text: int | None = None,
    spill: Path | None = None,
) -> Iterator[pa.Table]:
    """Yield the mapped columns of a file in tables of at most `batch_rows` rows.

    `layout` is what describing the file returned. Columns: row (int64, the row's number in the
    file), url and caption (large_binary, as found; cut where they are longer than 1 MiB), every
    number that is mapped (as a number, or as large_string where it is written as text), nsfw
    (large_string) and hash (integer or large_string) when mapped, and for text files `damaged`
    (bool) with `line` (int64: which line of the file a damaged one is, from 1 on; else null).
    Compressed parquet is expanded into the folder `spill`. Raises BadSourceFile when the file is
    damaged and, where `max_text` is given, when its texts
    come to more bytes than that or than a file of its size may expand to.
    """
    if layout.format.kind == "parquet":
        batches = _read_parquet(path, layout, batch_rows, spill)
    else:
        read = read_json if layout.format.kind == "jsonl" else read_delimited
        batches = read(path, layout.columns, layout.format, batch_rows)
    return batches if max_text is None else _bounded(batches, path, max_text)


def _read_parquet(
    path: Path, layout: FileLayout, batch_rows: int, spill: Path | None
) -> Iterator[pa.Table]:
    with unwrapped(path, layout.format, spill) as plain:
        yield from read_parquet(plain, layout.columns, batch_rows)


def _bounded(batches: Iterator[pa.Table], path: Path, max_text: int) -> Iterator[pa.Table]:
    text = 0
    for batch in batches:
        text += sum(_bytes_of(column) for column in batch.columns)
        if text > max_text:
            raise BadSourceFile(
                f"holds more than {max_text:,} bytes of text; build with a larger --max-text, or "
                "split it"
            )
        size = path.stat().st_size
        if text > most_expanded(size):
            raise BadSourceFile(
                f"expands to more than {most_expanded(size):,} bytes of text from {size:,} and is "
                "not read"
            )
        yield batch


def _bytes_of(column: pa.ChunkedArray) -> int:
    """Return the bytes of a column's texts; none for numbers."""
    return pc.sum(pc.binary_length(column)).as_py() or 0 if is_text(column.type) else 0
