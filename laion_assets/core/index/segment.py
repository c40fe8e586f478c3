"""One source file's part of the index: its documents in rank order, its postings as sorted runs.

Lives here: everything about the index that depends on that file alone, names and platforms
excluded (they join at the merge). Not here: numbers across files (`documents`), files for the
browser (`shards`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.compiled import compiled
from laion_assets.core.base.files import atomic, write_json
from laion_assets.core.base.parquet import ROW_GROUP, TableWriter
from laion_assets.core.index.ranking import RunSize, ranked_runs
from laion_assets.core.index.terms import field_term
from laion_assets.core.text.tokens import intern_tokens

#: Documents per sorted run, and their weight (`rank_rows.sql`): bounds the memory of a file's step.
#: A thousand real documents weigh some 300 kB; a caption of a few kB may have 100,000 of the
#: longest.
RUN_DOCUMENTS = 1_000_000
RUN_WEIGHT = 128 << 20
TOP_DOCUMENTS = 24  # documents given in full with a term: one page of results

#: Documents in rank order: the keys of that order, and the document as the client gets it.
DOCUMENTS = pa.schema(
    [
        ("row", pa.int64()),
        ("aesthetic", pa.float64()),
        ("image_id", pa.int64()),
        ("document", pa.large_string()),
    ]
)
#: Postings: every row group belongs to one run; documents are local ranks, ascending.
POSTINGS = pa.schema(
    [("run", pa.int32()), ("term", pa.large_binary()), ("documents", pa.large_list(pa.uint32()))]
)
# A row group of every run waits in memory at the merge: neither many words nor common ones may fill
# it, but for a word's own postings, which stay together.
_TERMS_PER_GROUP = 32_768
_POSTINGS_PER_GROUP = 262_144

_Array = npt.NDArray[np.int64]
_Numbers = npt.NDArray[np.int32]


@dataclass
class SegmentCounts:
    """Size of a segment, from which the merge plans its files."""

    documents: int = 0
    document_bytes: int = 0
    terms: int = 0  # summed over runs
    postings: int = 0
    top: int = 0  # sum over terms of min(frequency, TOP_DOCUMENTS)


def write_segment(
    connection: duckdb.DuckDBPyConnection,
    images: Path,
    keys: Path,
    *,
    documents: Path,
    postings: Path,
    description: Path,
) -> SegmentCounts:
    """Write one file's segment from its images table and row keys; withheld rows are left out."""
    counts = SegmentCounts()
    documents.parent.mkdir(parents=True, exist_ok=True)
    size = RunSize(RUN_DOCUMENTS, RUN_WEIGHT)
    runs = ranked_runs(connection, images, keys, size, documents.parent, ROW_GROUP)
    with ExitStack() as stack:
        documents_writer = stack.enter_context(TableWriter(documents, DOCUMENTS))
        temporary = stack.enter_context(atomic(postings))
        writer = stack.enter_context(pq.ParquetWriter(temporary, POSTINGS, compression="zstd"))
        for run, table in enumerate(runs):
            documents_writer.append(table)
            _write_run(writer, run, table, counts)
        if not counts.documents:
            writer.write_table(POSTINGS.empty_table())
    write_json(description, asdict(counts))
    return counts


def _write_run(writer: pq.ParquetWriter, run: int, table: pa.Table, counts: SegmentCounts) -> None:
    terms, offsets, documents = invert(table, first=counts.documents)
    frequencies = np.diff(offsets)
    counts.documents += table.num_rows
    counts.document_bytes += pc.sum(pc.binary_length(table["document"])).as_py() or 0
    counts.terms += len(terms)
    counts.postings += len(documents)
    counts.top += int(np.minimum(frequencies, TOP_DOCUMENTS).sum())
    for start, end in _groups(offsets):
        part = offsets[start : end + 1]
        lists = pa.LargeListArray.from_arrays(
            pa.array(part - part[0]), pa.array(documents[part[0] : part[-1]])
        )
        runs = pa.repeat(pa.scalar(run, pa.int32()), end - start)
        writer.write_table(
            pa.table([runs, terms.slice(start, end - start), lists], schema=POSTINGS)
        )


def _groups(offsets: _Array) -> Iterator[tuple[int, int]]:
    """Cut the terms into (start, end) of row groups."""
    start, terms = 0, len(offsets) - 1
    while start < terms:
        full = np.searchsorted(offsets, offsets[start] + _POSTINGS_PER_GROUP, side="right") - 1
        end = min(start + _TERMS_PER_GROUP, max(start + 1, int(full)))
        yield start, min(end, terms)
        start = min(end, terms)


def invert(
    table: pa.Table, first: int = 0
) -> tuple[pa.LargeBinaryArray, _Array, npt.NDArray[np.uint32]]:
    """Return (terms sorted by bytes, offsets, documents): the postings of ranked rows.

    Documents are numbered from `first` in the order of `table`; within a term they ascend, each
    once.
    """
    interned = intern_tokens(table["caption"])
    lengths = np.diff(interned.offsets)
    vocabularies = [interned.vocabulary]
    pairs = [(interned.terms, np.repeat(np.arange(len(lengths), dtype=np.int32), lengths))]
    for values in _field_values(table):
        encoded = values.combine_chunks().dictionary_encode()
        known = np.asarray(encoded.indices.is_valid())
        numbers = np.asarray(encoded.indices.fill_null(0))[known].astype(np.int32)
        pairs.append((numbers, np.flatnonzero(known).astype(np.int32)))
        vocabularies.append(encoded.dictionary.cast(pa.large_binary()))
    # Terms are numbered on from one vocabulary to the next.
    firsts = np.cumsum([0, *map(len, vocabularies)])
    vocabulary = pa.chunked_array(vocabularies, pa.large_binary()).combine_chunks()
    order = np.asarray(pc.sort_indices(vocabulary))
    position = np.empty(len(vocabulary), np.int64)
    position[order] = np.arange(len(vocabulary))
    parts = [
        (position[start:end], *pair)
        for start, end, pair in zip(firsts[:-1], firsts[1:], pairs, strict=True)
    ]
    offsets, documents = _group(parts, len(vocabulary), first)
    return vocabulary.take(pa.array(order)), offsets, documents


def _field_values(table: pa.Table) -> Iterator[pa.ChunkedArray]:
    for field in ("domain", "host"):
        yield pc.binary_join_element_wise(field_term(field, ""), table[field], "")
    years = table["url_year"].cast(pa.string())
    yield pc.binary_join_element_wise(field_term("year", ""), years, "")
    yield pc.binary_join_element_wise(field_term("url", ""), table["url_key"], "")


def _group(
    parts: Sequence[tuple[_Array, _Numbers, _Numbers]], size: int, first: int
) -> tuple[_Array, npt.NDArray[np.uint32]]:
    """Sort (term, document) pairs by term, counting, with repeated pairs dropped.

    A part has its terms' places, and pairs of a term's number in it and a document; parts share no
    term, and pairs of one term arrive with ascending documents.
    """
    offsets = np.zeros(size + 1, np.int64)
    for part in parts:
        _count(*part, np.full(size, -1, np.int32), offsets)
    np.cumsum(offsets, out=offsets)
    grouped = np.empty(offsets[-1], np.uint32)
    places = offsets[:-1].copy()
    for part in parts:
        _place(*part, np.full(size, -1, np.int32), places, grouped, first)
    return offsets, grouped


@compiled
def _count(
    position: _Array, terms: _Numbers, documents: _Numbers, last: _Numbers, offsets: _Array
) -> None:
    """Add to `offsets`, one further on, how many documents each term has."""
    for i in range(len(terms)):
        term = position[terms[i]]
        if last[term] != documents[i]:
            last[term] = documents[i]
            offsets[term + 1] += 1


@compiled
def _place(
    position: _Array,
    terms: _Numbers,
    documents: _Numbers,
    last: _Numbers,
    places: _Array,
    grouped: npt.NDArray[np.uint32],
    first: int,
) -> None:
    """Put every term's documents, counted from `first`, where `places` says they go."""
    for i in range(len(terms)):
        term = position[terms[i]]
        if last[term] != documents[i]:
            last[term] = documents[i]
            grouped[places[term]] = documents[i] + first
            places[term] += 1
