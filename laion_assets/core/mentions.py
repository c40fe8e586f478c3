"""Which images mention which names: one file's mentions table from its captions.

Lives here: running the matcher over an images table. Not here: the matcher (`text.matching`), the
lists (`lists`).
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.graph import ENTITY_LISTS
from laion_assets.core.lists import Entity, load_entities
from laion_assets.core.tables import MENTIONS, ROW_GROUP, TableWriter
from laion_assets.core.text.matching import CompiledNames, compile_names, match_names


class NameTable:
    """Every name of every entity list, compiled for matching; made once, used for many files."""

    def __init__(self) -> None:
        entries = [(name, entity) for name in ENTITY_LISTS for entity in load_entities(name)]
        self.lists = pa.array([list_name for list_name, _ in entries], pa.string())
        self.names = pa.array([entity.name for _, entity in entries], pa.string())
        self.compiled: CompiledNames = compile_names(
            [
                (number, phrase)
                for number, (_, entity) in enumerate(entries)
                for phrase in entity.phrases
            ]
        )


def write_mentions(images: Path, mentions: Path, names: NameTable, threads: int) -> dict[str, int]:
    """Write the mentions of one images table, sorted by row; return mentions counted by list."""
    counts: Counter[str] = Counter(dict.fromkeys(ENTITY_LISTS, 0))
    with pq.ParquetFile(images) as source, TableWriter(mentions, MENTIONS) as writer:
        for batch in source.iter_batches(batch_size=ROW_GROUP, columns=["row", "caption"]):
            hits = match_names(names.compiled, batch.column("caption"), threads=threads)
            found = pa.array(np.asarray(hits.name))
            table = pa.table(
                {
                    "row": batch.column("row").take(pa.array(np.asarray(hits.row))),
                    "list": names.lists.take(found),
                    "name": names.names.take(found),
                }
            )
            counts.update(table["list"].to_pylist())
            writer.append(table)
    return dict(counts)


def in_context_rows(captions: pa.Table, entities: Sequence[Entity], threads: int) -> pa.Table:
    """Return the rows of `captions` in which an ambiguous name stands beside a context word.

    `captions` has (source_file, row, name, caption), one row per mention of an ambiguous name; the
    result keeps (source_file, row, name). A context word counts anywhere in the caption.
    """
    numbers = {entity.name: number for number, entity in enumerate(entities)}
    phrases = [
        (numbers[entity.name], word)
        for entity in entities
        if entity.ambiguous
        for word in entity.context
    ]
    if not phrases or not captions.num_rows:
        return captions.slice(0, 0).drop_columns("caption")
    hits = match_names(compile_names(phrases), captions["caption"], threads=threads)
    wanted = np.array([numbers[name] for name in captions["name"].to_pylist()], np.int64)
    rows = np.asarray(hits.row)
    own = rows[np.asarray(hits.name) == wanted[rows]]
    return captions.take(pa.array(own)).drop_columns("caption")
