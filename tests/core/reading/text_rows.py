"""Text files that tests write and read: their rows, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from laion_assets.core.reading.source_file import describe_source, read_batches
from laion_assets.core.sources.datasets import Dataset, load_dataset
from tests.refusals import refusal

FILES = load_dataset("files")
Found = list[tuple[bytes | None, bytes | None]]


def read(path: Path, dataset: Dataset = FILES, batch_rows: int = 65_536) -> pa.Table:
    """Return the rows of a file; as many as its description says, numbered from 0."""
    found = describe_source(path, dataset)
    batches = list(read_batches(path, found.layout, batch_rows))
    table = pa.concat_tables(batches) if batches else pa.table({"row": pa.array([], pa.int64())})
    assert table.num_rows == found.rows
    assert table["row"].to_pylist() == list(range(found.rows))
    return table


def texts(table: pa.Table) -> Found:
    """Return (url, caption) of every row."""
    return list(zip(table["url"].to_pylist(), table["caption"].to_pylist(), strict=True))


def written(tmp_path: Path, name: str, content: bytes | str) -> Path:
    """Write a file."""
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def complaint(path: Path, dataset: Dataset = FILES) -> str:
    """Return the line that reading a bad file ends with."""
    return refusal(lambda: read(path, dataset))
