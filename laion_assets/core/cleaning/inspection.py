"""What a file would be taken for, and what would become of its first rows: nothing is written.

By the very functions that a build uses. Lives here: looking at one file. Not here: which files
there are (`core.sources.finding`), the words (`laion_assets.commands.inspect_text`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import duckdb
import pyarrow as pa

from laion_assets.core.cleaning.causes import few_kept, tell_loss
from laion_assets.core.cleaning.counts import CleaningCounts
from laion_assets.core.cleaning.rules import judge_batch
from laion_assets.core.cleaning.schemas import DIGESTS
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.reading.layout import SourceConventions, SourceDescription
from laion_assets.core.reading.source_file import describe_source, read_batches

#: Bytes of a file whose rows are counted, where that takes reading all of it: about a second.
_COUNTED = 16 << 20


@dataclass(frozen=True)
class SeenRow:
    """One row after the rules: `values` are those of `schemas.IMAGES` when it is kept.

    Of a rejected row they are its url and caption as found (bytes or None).
    """

    row: int  # its number in the file, from 0 on
    line: int | None  # of a damaged line: which one of the file it is, from 1 on
    reason: str | None  # None: it is kept
    values: dict[str, Any]


@dataclass(frozen=True)
class Inspection:
    """What a file was taken for, and its first rows."""

    bytes: int
    description: SourceDescription
    rows: list[SeenRow]
    counts: dict[str, Any]  # of these rows, as `CleaningCounts` has them

    def loss(self, look: str) -> str:
        """Return what a build would say if all rows were like these; nothing where most are kept.

        `look` is the command that shows more of them.
        """
        if not few_kept(self.counts):
            return ""
        columns = sorted(
            self.description.columns,
            key=lambda name: name in self.description.layout.columns.values(),
        )
        return tell_loss(self.counts, self.description.layout, columns, look)


def inspect_file(
    connection: duckdb.DuckDBPyConnection, path: Path, dataset: SourceConventions, most: int
) -> Inspection:
    """Describe a file, and judge its first `most` rows.

    Takes as long as these rows do: the rows of a large text file are not counted. Raises
    BadSourceFile, with one clear line, when the file cannot be read.
    """
    size = path.stat().st_size
    description = describe_source(path, dataset, count=size <= _COUNTED)
    counts = CleaningCounts()
    rows = [
        row
        for batch in _first_rows(path, description, most)
        for row in _judged(connection, batch, counts)
    ]
    return Inspection(size, description, rows, counts.as_dict())


def _first_rows(path: Path, description: SourceDescription, most: int) -> Iterator[pa.Table]:
    if not most:
        return
    batches = cast("Any", read_batches(path, description.layout, batch_rows=most))
    with closing(batches):  # a generator, whose file is open until it ends
        for batch in batches:
            yield batch.slice(0, most)
            most -= batch.num_rows
            if most <= 0:
                return


def _judged(
    connection: duckdb.DuckDBPyConnection, batch: pa.Table, counts: CleaningCounts
) -> list[SeenRow]:
    judged = judge_batch(connection, batch, Thresholds(), counts)
    lines = dict(zip(judged.keys["row"].to_pylist(), judged.keys["line"].to_pylist(), strict=True))
    kept = judged.kept.drop_columns(list(DIGESTS)).to_pylist()
    seen = [SeenRow(values.pop("row"), None, None, values) for values in kept]
    for values in judged.rejected.to_pylist():
        row = values.pop("row")
        seen.append(SeenRow(row, lines[row], values.pop("reason"), values))
    return sorted(seen, key=lambda each: each.row)
