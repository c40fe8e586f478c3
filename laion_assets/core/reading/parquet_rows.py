"""Reading one untrusted parquet file: its footer, and its rows in bounded batches.

Lives here: ceilings on what a file may claim, texts as bytes. Not here: columns by their names
(`parquet_schema`), how far pages expand (`parquet_pages`), what a good row is (`core.cleaning`).
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.arrow_types import (
    as_bytes,
    as_number,
    as_word,
)
from laion_assets.core.reading.kept_texts import cut
from laion_assets.core.reading.layout import (
    BATCH_BYTES,
    MAX_TEXT,
    FileLayout,
    SourceConventions,
    SourceDescription,
    end_whole,
    most_rows,
)
from laion_assets.core.reading.parquet_footer import TAIL, Chunk, RowGroup, row_groups
from laion_assets.core.reading.parquet_pages import MAX_DECODED, how_to_decode
from laion_assets.core.reading.parquet_schema import Column, Columns
from laion_assets.core.sources.columns import NUMBERS, TEXTS, shown_name

#: Bytes of a footer: 12 million rows of 20 columns in row groups of 1,000 take some 40 MB.
MAX_FOOTER = 128 << 20
#: Rows of a file; the largest of the family has 2,097,693,557 in all its 128 files together.
MAX_ROWS = (1 << 31) - 1
#: Bytes of a mapped column in one row group, decompressed: several times the largest known
#: (laion-aesthetics-12m-umap, a file of 2.44 GB).
MAX_CHUNK = 16 << 30

#: Rows stream through buffers of 1 MiB a column instead of whole column chunks; checksums are
#: checked where there are any; logical types stay what they are stored as.
_OPTIONS: Mapping[str, Any] = {
    "pre_buffer": False,
    "buffer_size": 1 << 20,
    "thrift_string_size_limit": 64 << 20,
    "thrift_container_size_limit": 1_000_000,
    "schema_depth_limit": 32,
    "page_checksum_verification": True,
    "arrow_extensions_enabled": False,
}
#: CompressionCodec -> its name, of those that nobody's reader can undo any more; and all known.
_UNREAD_CODECS: Mapping[int, str] = {3: "LZO"}
_CODECS = range(8)
#: What pyarrow raises over a damaged file; the last for a name in it that is not UTF-8.
_REFUSALS = (pa.ArrowException, OSError, UnicodeDecodeError)


def describe_parquet(path: Path, dataset: SourceConventions) -> SourceDescription:
    """Check a file's footer and map its columns.

    Raises BadSourceFile, with one clear line, for anything that is not a parquet file with a URL
    and a caption column, each mapped column there once, of a type that can be what it should and of
    a size that can be true.
    """
    try:
        with path.open("rb") as stream, _opened(stream, path) as source:
            metadata, columns = source.metadata, Columns(source.schema_arrow)
            mapping = dataset.map_columns(columns.names, columns.fits)
            columns.check(mapping)
            _check_sizes(stream, metadata.num_rows, _leaves(source, columns, mapping))
            return SourceDescription(
                rows=metadata.num_rows,
                row_groups=metadata.num_row_groups,
                columns=columns.shown(mapping),
                layout=FileLayout(mapping),
            )
    except _REFUSALS as error:
        raise BadSourceFile(_why_unreadable(path, error)) from error


def _opened(stream: BinaryIO, path: Path, kept: Collection[str] = ()) -> pq.ParquetFile:
    """Open a file whose footer is not too long to read; whatever else is wrong, pyarrow finds.

    Values of the columns `kept` stay in their dictionaries. Nothing is ever asked of the metadata's
    column chunks: see `parquet_footer`.
    """
    size = stream.seek(0, 2)
    stream.seek(max(0, size - TAIL))
    tail = stream.read(TAIL)
    if tail.endswith(b"PARE"):
        raise BadSourceFile("is encrypted; decrypt it first")
    length = int.from_bytes(tail[:4], "little")
    if tail.endswith(b"PAR1") and MAX_FOOTER < length <= size:
        raise BadSourceFile(
            f"has a footer of {length >> 20:,} MiB; at most {MAX_FOOTER >> 20} MiB are read"
        )
    # By its name where that is text, which pyarrow needs: so it reads without the interpreter.
    source = path if _is_text(str(path)) else stream
    return pq.ParquetFile(source, read_dictionary=list(kept), **_OPTIONS)


def _is_text(name: str) -> bool:
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


def _leaves(
    source: pq.ParquetFile, columns: Columns, mapping: Mapping[str, str]
) -> dict[int, tuple[str, Column]]:
    """Return the stored columns that are read, by number: their full names and what they are of.

    As pyarrow does: what begins with the name of a column is read with it.
    """
    paths = [source.schema.column(number).path for number in range(len(source.schema))]
    wanted = [columns[theirs] for theirs in set(mapping.values())]
    return {
        number: (path, column)
        for number, path in enumerate(paths)
        for column in wanted
        if path == column.name or path.startswith(f"{column.name}.")
    }


def _check_sizes(stream: BinaryIO, promised: int, wanted: Mapping[int, tuple[str, Column]]) -> None:
    """Refuse a footer whose claims are absurd, before anything is allocated by them."""
    file_size = stream.seek(0, 2)
    if not 0 <= promised <= MAX_ROWS:
        raise BadSourceFile(f"says it has {promised:,} rows; at most {MAX_ROWS:,} a file")
    if promised > most_rows(file_size):
        raise BadSourceFile(
            f"says it has {promised:,} rows in {file_size:,} bytes; at most "
            f"{most_rows(file_size):,} are read of such a file"
        )
    rows = 0
    for group in row_groups(stream):
        if group.rows < 0:
            raise BadSourceFile("is damaged: a row group has less than no rows")
        rows += group.rows
        for number, (_, column) in wanted.items():
            if number >= len(group.chunks):
                raise BadSourceFile("is damaged: a row group lacks a column")
            _check_chunk(group.chunks[number], column, group, file_size)
    if rows != promised:
        raise BadSourceFile(f"is damaged: it says it has {promised:,} rows and has {rows:,}")


def _check_chunk(chunk: Chunk, column: Column, group: RowGroup, file_size: int) -> None:
    """Refuse a column of a row group that cannot be what its footer says, or cannot be read."""
    name = shown_name(column.name)
    if chunk.encrypted:
        raise BadSourceFile(f"cannot be read because column {name} is encrypted; decrypt it first")
    if chunk.codec not in _CODECS or chunk.codec in _UNREAD_CODECS:
        codec = _UNREAD_CODECS.get(chunk.codec, f"a codec that is not known ({chunk.codec})")
        raise BadSourceFile(
            f"cannot be read because column {name} is compressed with {codec}; "
            "write it with another compression, such as zstd"
        )
    if chunk.elsewhere:
        raise BadSourceFile(f"keeps column {name} in another file, which is not read")
    if chunk.uncompressed > MAX_CHUNK:
        raise BadSourceFile(
            f"has {chunk.uncompressed >> 30:,} GiB of column {name} in one row group; "
            f"at most {MAX_CHUNK >> 30} GiB are read"
        )
    if chunk.uncompressed < 0 or not 0 <= chunk.compressed <= file_size:
        raise BadSourceFile(f"is damaged: column {name} is larger than the file")
    # a list has any number of values, and one that is empty stands for one
    if chunk.values < group.rows if column.is_list else chunk.values != group.rows:
        raise BadSourceFile(
            f"is damaged: column {name} has {chunk.values:,} values in {group.rows:,} rows"
        )


def _why_unreadable(path: Path, error: Exception) -> str:
    """Say in one line what is wrong with a file pyarrow refused."""
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
            size = stream.seek(0, 2)
    except OSError as missing:
        return f"cannot be read: {missing.strerror}"
    if size == 0:
        return "is empty (0 bytes); download it again"
    if head != b"PAR1":
        return "is not a parquet file (it does not start with PAR1)"
    if "magic bytes" in str(error) or "footer" in str(error).lower():
        return "is cut short or damaged (no parquet footer at its end); download it again"
    what = " ".join(str(error).split())[:200]
    if isinstance(error, pa.ArrowNotImplementedError):
        return f"cannot be read because of something in it that is not supported: {what}"
    return f"is damaged: {what}"


def read_parquet(path: Path, mapping: Mapping[str, str], batch_rows: int) -> Iterator[pa.Table]:
    """Yield the mapped columns of a file in tables of at most `batch_rows` rows.

    Raises BadSourceFile when a page is damaged or there are not the rows that the footer promises.
    """
    start = 0
    try:
        with ExitStack() as closing:
            stream = closing.enter_context(path.open("rb"))
            source = closing.enter_context(_opened(stream, path))
            columns = Columns(source.schema_arrow)
            leaves = _leaves(source, columns, mapping)
            lists = {number: name for number, (name, column) in leaves.items() if column.is_list}
            texts = {number: name for number, (name, column) in leaves.items() if column.is_text}
            decoding = how_to_decode(stream, leaves, lists, texts, batch_rows)
            at_once = min(batch_rows, decoding.rows)
            kept = [texts[number] for number in sorted(decoding.kept)]
            if lists or kept:
                source = closing.enter_context(_opened(stream, path, [*lists.values(), *kept]))
            batches = _batches(
                source,
                grouped=bool(lists or kept),
                batch_size=at_once,
                columns=sorted(set(mapping.values())),
                use_threads=at_once == batch_rows,  # for small batches threads cost more than time
            )
            wanted = {theirs: columns[theirs] for theirs in mapping.values()}
            decoded = (
                _decoded(part, wanted)
                for batch in batches
                for part in (cut(batch, kept, MAX_DECODED) if kept else (batch,))
            )
            for gathered in _gather(decoded, batch_rows):
                table = _ours(gathered, mapping)
                numbers = pa.array(range(start, start + table.num_rows), pa.int64())
                start += table.num_rows
                yield from _slices(table.add_column(0, "row", numbers))
            promised = source.metadata.num_rows
        if start != promised:
            raise BadSourceFile(f"is damaged: it says it has {promised:,} rows and has {start:,}")
    except _REFUSALS as error:
        raise BadSourceFile(_why_unreadable(path, error)) from error


def _batches(source: pq.ParquetFile, *, grouped: bool, **options: Any) -> Iterator[pa.RecordBatch]:
    """Yield what pyarrow reads; `grouped`, no batch has rows of two row groups.

    Texts that stay in dictionaries need that, for each row group has its own.
    """
    if not grouped:
        yield from source.iter_batches(**options)
        return
    for number in range(source.num_row_groups):
        yield from source.iter_batches(row_groups=[number], **options)


def _decoded(batch: pa.RecordBatch, wanted: Mapping[str, Column]) -> pa.Table:
    """Take columns out and undo dictionaries, so that the bytes of a batch are what it comes to."""
    table = pa.Table.from_batches([batch])
    return pa.table({name: column.of(table) for name, column in wanted.items()})


def _gather(batches: Iterator[pa.Table], batch_rows: int) -> Iterator[pa.Table]:
    """Put small batches together, up to `batch_rows` rows and `BATCH_BYTES` bytes."""
    held: list[pa.Table] = []
    rows = size = 0
    for batch in batches:
        if held and (rows + batch.num_rows > batch_rows or size + batch.nbytes > BATCH_BYTES):
            yield pa.concat_tables(held)
            held, rows, size = [], 0, 0
        held.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
    if held:
        yield pa.concat_tables(held)


def _ours(found: pa.Table, mapping: Mapping[str, str]) -> pa.Table:
    """Return the columns under our names and in the types that cleaning takes."""
    columns = {}
    for ours, theirs in mapping.items():
        column = found.column(theirs)
        if ours in TEXTS:
            columns[ours] = _shortened(as_bytes(column))
        else:
            columns[ours] = as_number(column) if ours in NUMBERS else as_word(column)
    return pa.table(columns)


def _slices(table: pa.Table) -> Iterator[pa.Table]:
    """Cut a table in halves until each has at most `BATCH_BYTES`, or one row."""
    if table.num_rows > 1 and table.nbytes > BATCH_BYTES:
        half = table.num_rows // 2
        yield from _slices(table.slice(0, half))
        yield from _slices(table.slice(half))
    else:
        yield table.combine_chunks()


def _shortened(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cut texts beyond `MAX_TEXT` bytes, whole characters as far as possible."""
    longest = pc.max(pc.binary_length(column)).as_py()
    if longest is None or longest <= MAX_TEXT:
        return column
    head = pc.binary_slice(column, 0, MAX_TEXT)
    cut = [None if text is None else end_whole(text) for text in head.to_pylist()]
    return pc.if_else(
        pc.greater(pc.binary_length(column), MAX_TEXT), pa.array(cut, pa.large_binary()), column
    )
