"""The words that stand beside a name: counted exactly, over every caption that names it.

Lives here: counting (name, word) pairs in bounded pieces. Not here: how often a word stands
anywhere (the `words` table), which pairs are remarkable (`score_words.sql`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.base.compiled import compiled
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

    Reads the relation `mentioned_rows`; a name's own words do not count beside it.
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
    names = table["name"].combine_chunks().dictionary_encode()
    name, word, images, captions = _tally(
        interned.terms,
        interned.offsets,
        np.asarray(names.indices).astype(np.int64),
        np.asarray(table["images"]),
        len(interned.vocabulary),
    )
    kept = _remarkable(name, word, names.dictionary, interned.vocabulary, own_words)
    return pa.table(
        {
            "name": names.dictionary.take(pa.array(name[kept])),
            "word": interned.vocabulary.take(pa.array(word[kept])),
            "images": images[kept],
            "unique_captions": captions[kept],
        }
    ).cast(COOCCURRENCES)


_Numbers = npt.NDArray[np.int64]


@compiled
def _tally(
    terms: npt.NDArray[np.int32], offsets: _Numbers, names: _Numbers, images: _Numbers, words: int
) -> tuple[_Numbers, _Numbers, _Numbers, _Numbers]:
    """Return (name, word, images, captions) of words that enough captions of a name have.

    Captions of a name stand side by side; each word counts once in each.
    """
    last = np.full(words, -1, np.int64)
    seen, shown = np.zeros(words, np.int64), np.zeros(words, np.int64)
    met = np.empty(words, np.int64)  # the words of the name at hand
    most = len(terms) // LEAST_CAPTIONS
    name, kept = np.empty(most, np.int64), np.empty(most, np.int64)
    rows, captions = np.empty(most, np.int64), np.empty(most, np.int64)
    size = first = 0
    while first < len(names):
        end, count = first, 0
        while end < len(names) and names[end] == names[first]:
            for at in range(offsets[end], offsets[end + 1]):
                word = terms[at]
                if last[word] == end:
                    continue
                last[word] = end
                if seen[word] == 0:
                    met[count] = word
                    count += 1
                seen[word] += 1
                shown[word] += images[end]
            end += 1
        for n in range(count):
            word = met[n]
            if seen[word] >= LEAST_CAPTIONS:
                name[size], kept[size] = names[first], word
                rows[size], captions[size] = shown[word], seen[word]
                size += 1
            seen[word] = shown[word] = 0
        first = end
    return name[:size], kept[:size], rows[:size], captions[:size]


def _remarkable(
    name: _Numbers,
    word: _Numbers,
    names: pa.Array,
    vocabulary: pa.Array,
    own_words: Mapping[str, Sequence[str]],
) -> npt.NDArray[np.bool_]:
    """Tell of each pair, numbers of names and of words, whether the word is one and not its own."""
    is_word = np.asarray(pc.less_equal(pc.binary_length(vocabulary), LONGEST_WORD))
    own = [(n, w) for n, text in enumerate(names.to_pylist()) for w in own_words.get(text, ())]
    words = pa.array([w.encode() for _, w in own], vocabulary.type)
    places = pc.fill_null(pc.index_in(words, value_set=vocabulary), -1)
    theirs = np.array([n for n, _ in own], np.int64) * len(vocabulary) + np.asarray(places)
    theirs = theirs[np.asarray(places) >= 0]
    return is_word[word] & ~np.isin(name * len(vocabulary) + word, theirs)
