"""One source file's part of the index: its rows in rank order, with their tokens and fields.

Lives here: everything about the index that depends on that file alone, names and platforms
excluded (they join at the merge). Nothing is inverted here: the merge does that once, for all
files. Not here: numbers across files (`documents`), files for the browser (`term_files`).
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.base.compiled import compiled
from laion_assets.core.base.files import write_json
from laion_assets.core.base.parquet import ROW_GROUP, TableWriter
from laion_assets.core.index.merging import merge_terms
from laion_assets.core.index.ranking import RunSize, ranked_runs
from laion_assets.core.text.kernels import MAX_TOKEN_BYTES
from laion_assets.core.text.tokens import intern_tokens

#: Documents per sorted run, and their weight (`rank_rows.sql`): bounds the memory of a file's step.
#: A thousand real documents weigh some 300 kB; a caption of a few kB may have 100,000 of the
#: longest.
RUN_DOCUMENTS = 1_000_000
RUN_WEIGHT = 96 << 20

#: Documents in rank order: the keys of that order, the row as the client gets it (`packing`), its
#: fields, and its tokens as numbers of its run's words.
DOCUMENTS = pa.schema(
    [
        ("row", pa.int64()),
        ("aesthetic", pa.float64()),
        ("image_id", pa.int64()),
        ("document", pa.large_string()),
        ("host", pa.string()),
        ("domain", pa.string()),
        ("url_year", pa.int32()),
        ("url_hash", pa.uint32()),
        ("tokens", pa.large_list(pa.int32())),
    ]
)
_UNLIKE = ("row", "image_id", "document", "url_hash")
#: The words of each run, sorted by their bytes, and how many of its documents have each.
WORDS = pa.schema([("run", pa.int32()), ("term", pa.large_binary()), ("documents", pa.int64())])

#: Threads that number the tokens of a run, each those of a part of its documents.
_THREADS = 2

_Array = npt.NDArray[np.int64]
_Numbers = npt.NDArray[np.int32]


@dataclass
class SegmentCounts:
    """Size of a segment; `runs` are the documents of each of its runs."""

    documents: int = 0
    runs: list[int] = field(default_factory=list)


def write_segment(
    connection: duckdb.DuckDBPyConnection,
    images: Path,
    keys: Path,
    *,
    documents: Path,
    words: Path,
    description: Path,
) -> SegmentCounts:
    """Write one file's segment from its images table and row keys; withheld rows are left out."""
    counts = SegmentCounts()
    documents.parent.mkdir(parents=True, exist_ok=True)
    size = RunSize(RUN_DOCUMENTS, RUN_WEIGHT)
    with ExitStack() as stack:
        # Tokens of a run are counted while the run before is written.
        pool = stack.enter_context(ThreadPoolExecutor(_THREADS))
        rows = stack.enter_context(TableWriter(documents, DOCUMENTS, unlike=_UNLIKE))
        terms = stack.enter_context(TableWriter(words, WORDS))
        waiting: deque[tuple[pa.Table, list[Future[_Tokens]]]] = deque()
        for table in ranked_runs(connection, images, keys, size, documents.parent, ROW_GROUP):
            captions = table["caption"]
            each = -(-len(captions) // _THREADS)
            tokens = [
                pool.submit(number_tokens, captions.slice(start, each))
                for start in range(0, len(captions), each)
            ]
            waiting.append((table.drop_columns("caption"), tokens))
            if len(waiting) > 1:
                _write_run(waiting.popleft(), rows, terms, counts)
        while waiting:
            _write_run(waiting.popleft(), rows, terms, counts)
    write_json(description, asdict(counts))
    return counts


def _write_run(
    run: tuple[pa.Table, list[Future[_Tokens]]],
    rows: TableWriter,
    words: TableWriter,
    counts: SegmentCounts,
) -> None:
    table, (tokens, vocabulary, frequencies) = run[0], _unite([part.result() for part in run[1]])
    rows.append(table.append_column("tokens", tokens))
    number = pa.repeat(pa.scalar(len(counts.runs), pa.int32()), len(vocabulary))
    words.append(pa.table([number, vocabulary, pa.array(frequencies)], schema=WORDS))
    counts.runs.append(table.num_rows)
    counts.documents += table.num_rows


@dataclass(frozen=True)
class _Tokens:
    """The tokens of some captions as numbers of their sorted words, and each one's documents."""

    offsets: _Array
    numbers: _Numbers
    vocabulary: pa.LargeBinaryArray
    documents: _Array


def number_tokens(captions: pa.ChunkedArray) -> _Tokens:
    """Tokenise captions and number the tokens by their words."""
    interned = intern_tokens(captions)
    whole = _whole_characters(interned.vocabulary)
    vocabulary = whole.unique()
    vocabulary = vocabulary.take(pc.sort_indices(vocabulary))
    position = pc.index_in(whole, vocabulary)
    numbers = np.asarray(position, np.int32)[interned.terms]
    documents = _count(numbers, interned.offsets, len(vocabulary))
    return _Tokens(interned.offsets, numbers, vocabulary, documents)


def _unite(parts: list[_Tokens]) -> tuple[pa.LargeListArray, pa.LargeBinaryArray, _Array]:
    """Return the tokens of all parts as numbers of the words of all, these, their documents."""
    begins = np.cumsum([0, *(len(part.vocabulary) for part in parts)])
    every = pa.concat_arrays([part.vocabulary for part in parts])
    _, starts, data = every.buffers()
    (text, text_starts, documents), numbers = merge_terms(
        np.frombuffer(data if data is not None else b"", np.uint8),
        np.frombuffer(starts, np.int64, len(every) + 1),
        np.concatenate([part.documents for part in parts]),
        begins,
    )
    tokens = [numbers[begin:][part.numbers] for begin, part in zip(begins[:-1], parts, strict=True)]
    ends = np.cumsum([0, *(len(part.numbers) for part in parts)])
    offsets = [part.offsets[:-1] + end for end, part in zip(ends[:-1], parts, strict=True)]
    lists = pa.LargeListArray.from_arrays(
        pa.array(np.concatenate([*offsets, ends[-1:]])), pa.array(np.concatenate(tokens))
    )
    buffers = [None, pa.py_buffer(text_starts), pa.py_buffer(text)]
    vocabulary = pa.Array.from_buffers(pa.large_binary(), len(documents), buffers)
    return lists, vocabulary, documents


def _whole_characters(terms: pa.LargeBinaryArray) -> pa.LargeBinaryArray:
    """Return terms with those that FTS5 cut inside a character cut before it, as browsers do."""
    if (pc.max(pc.binary_length(terms)).as_py() or 0) < MAX_TOKEN_BYTES:
        return terms
    whole = [term.decode("utf-8", "ignore").encode() for term in terms.to_pylist()]
    return pa.array(whole, pa.large_binary())


@compiled
def _count(tokens: _Numbers, offsets: _Array, words: int) -> _Array:
    """Return in how many documents each word occurs."""
    last = np.full(words, -1, np.int64)
    found = np.zeros(words, np.int64)
    for document in range(len(offsets) - 1):
        for i in range(offsets[document], offsets[document + 1]):
            word = tokens[i]
            if last[word] != document:
                last[word] = document
                found[word] += 1
    return found
