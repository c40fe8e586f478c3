"""The words that stand beside a name: counted exactly, over every caption that names it.

Lives here: counting (name, word) pairs in bounded pieces. Not here: how often a word stands
anywhere (the `words` table), which pairs are remarkable (`score_words.sql`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import numpy as np
import pyarrow as pa

from laion_assets.core.base.sql import query
from laion_assets.core.text.tokens import LONGEST_WORD, intern_tokens

#: Different captions a word must stand in beside a name: one caption repeated proves nothing.
LEAST_CAPTIONS = 3

_PIECE = 200_000  # captions counted at once

COOCCURRENCES = pa.schema(
    [
        ("name", pa.string()),
        ("word", pa.string()),
        ("images", pa.int64()),
        ("unique_captions", pa.int64()),
    ]
)


def count_cooccurrences(
    connection: duckdb.DuckDBPyConnection, own_words: Mapping[str, Sequence[str]]
) -> pa.Table:
    """Return how many rows and captions of each name hold each word (COOCCURRENCES).

    Reads the relations `mentioned` and `published`; a name's own words do not count beside it.
    """
    captions = connection.sql(query("names/count_captions")).to_arrow_reader(_PIECE)
    parts = [_count(piece, own_words) for piece in _whole_names(captions)]
    return pa.concat_tables([COOCCURRENCES.empty_table(), *parts])


def _whole_names(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Cut the stream, sorted by name, into pieces that hold all captions of their names."""
    pending: list[pa.Table] = []
    for batch in reader:
        table = pa.table(batch)
        if not table.num_rows:
            continue
        names = table["name"].combine_chunks().dictionary_encode()
        codes = np.asarray(names.indices)
        last = int(np.searchsorted(codes, codes[-1]))  # codes ascend: the stream is sorted
        if last:
            yield pa.concat_tables([*pending, table.slice(0, last)])
            pending = []
        elif pending and pending[0]["name"][0] != table["name"][0]:
            yield pa.concat_tables(pending)
            pending = []
        pending.append(table.slice(last))
    if pending:
        yield pa.concat_tables(pending)


def _count(table: pa.Table, own_words: Mapping[str, Sequence[str]]) -> pa.Table:
    interned = intern_tokens(table["caption"])
    words = len(interned.vocabulary)
    rows = np.repeat(np.arange(table.num_rows), np.diff(interned.offsets))
    # Each word once per caption.
    pairs = np.unique(rows * words + interned.terms)
    row, word = np.divmod(pairs, max(words, 1))
    names = table["name"].combine_chunks().dictionary_encode()
    key = np.asarray(names.indices)[row].astype(np.int64) * words + word
    keys, place, captions = np.unique(key, return_inverse=True, return_counts=True)
    images = np.zeros(len(keys), np.int64)
    np.add.at(images, place, np.asarray(table["images"])[row])
    enough = captions >= LEAST_CAPTIONS
    name, word = np.divmod(keys[enough], max(words, 1))
    counted = pa.table(
        {
            "name": names.dictionary.take(pa.array(name)),
            "word": interned.vocabulary.take(pa.array(word)),
            "images": images[enough],
            "unique_captions": captions[enough],
        }
    )
    return counted.filter(pa.array(_remarkable(counted, own_words), pa.bool_())).cast(COOCCURRENCES)


def _remarkable(table: pa.Table, own_words: Mapping[str, Sequence[str]]) -> list[bool]:
    """Tell of each row whether its word is one, and not the name's own."""
    own = {(name, word.encode()) for name, words in own_words.items() for word in words}
    pairs = zip(table["name"].to_pylist(), table["word"].to_pylist(), strict=True)
    return [pair not in own and len(pair[1]) <= LONGEST_WORD for pair in pairs]
