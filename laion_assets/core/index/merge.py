"""The merge: every file's segment, the mentions and the platforms into one published index.

Lives here: the order of the work, and how the files that a host allows are shared out. What is made
lies in its own rooms: rows in `slots`, words in `words` and `invert`, fields in `fields`, runs of
words in `runs`. Each works on a range of ranks or of terms at a time, array by array and without
the interpreter's lock, so that two threads keep two cores busy. Not here: the form of the files
(`FORMAT.md`, `term_files`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from laion_assets.core.base.package import PACKAGE
from laion_assets.core.base.progress import Progress, silent
from laion_assets.core.cleaning.thresholds import VISIBILITIES
from laion_assets.core.index import blocks, runs, suggestions
from laion_assets.core.index.beginnings import beginnings
from laion_assets.core.index.blocks import INLINE, PAGE, ROW_BYTES, Form
from laion_assets.core.index.characters import character_batch
from laion_assets.core.index.common import (
    Common,
    choose_common,
    encode_pairs,
    look_through,
)
from laion_assets.core.index.directory import DIRECTORY, FORMAT_VERSION, json_script, to_json
from laion_assets.core.index.documents import Ranking, documents_in_order, rank_documents
from laion_assets.core.index.fields import FIELDS, Fields, gather_fields
from laion_assets.core.index.halfway import Documents, Halfway
from laion_assets.core.index.hashes import write_hashes
from laion_assets.core.index.invert import Stream
from laion_assets.core.index.inverted import Extras, Inverted
from laion_assets.core.index.lists import CHUNK, PAYLOAD
from laion_assets.core.index.packing import RowFile, RowStore
from laion_assets.core.index.row_tables import COLUMNS, RowTables, choose_tables
from laion_assets.core.index.rows import CodedRows
from laion_assets.core.index.runs import Vocabulary, often_from
from laion_assets.core.index.segment import SegmentCounts
from laion_assets.core.index.series import Job, write_series
from laion_assets.core.index.slots import PLACES, Slots, plan_slots
from laion_assets.core.index.tails import Tails
from laion_assets.core.index.term_files import (
    Batch,
    Prepared,
    Series,
    Shared,
    front_code,
)
from laion_assets.core.index.units import BITS, IndexFolder
from laion_assets.core.index.words import Words, gather_words
from laion_assets.core.names.lists import Platform

#: Bytes of a file: of an index that is small anyway, so that it is a few dozen files, and of a
#: large one, where a browser that cannot read slices has to load whole files.
_FILE_BYTES = 512 << 10
_LARGE_FILE_BYTES = 224 << 10
_ROW_FILE_BYTES = 96 << 10  # of rows, of which more files are read at once
_LARGE_INDEX = 64 << 20
_ROW_BYTES = 270  # of the index for each row, about
#: Shares of the files there may be. A page of results whose terms' rows do not tell is read from
#: up to twenty files of rows, from one or two of any other series.
_SHARES = {
    "d": 0.497, "w": 0.25, "b": 0.1, "f": 0.095, "x": 0.015, "h": 0.017, "u": 0.009, "i": 0.009,
    "c": 0.006, "s": 0.002,
}  # fmt: skip
_WITH_ROWS, _NAMED = Form(PAGE, True, True), Form(INLINE, False, True)
_BEGINNINGS = Form(PAGE, True, False)
_TERM_BYTES, _POSTING_BYTES = 10, 6  # of an index, about, hot terms included
_LISTED = 10_000  # documents of a list that lie in the file of its term, about
_TAILS_MARGIN = 1.3  # for what runs of words and hot terms add to long lists
_RUN_BYTES = 6  # of an occurrence of a run of words, about
_HASH_BYTES = 5  # of a document in a series of hashes, about
_NO_WEIGHTS = np.empty(0, np.int64)


@dataclass(frozen=True)
class SegmentFiles:
    """The files of one source file that take part in the merge."""

    documents: Path
    words: Path
    mentions: Path
    counts: SegmentCounts


@dataclass(frozen=True)
class MergedIndex:
    """What the merge wrote."""

    files: Mapping[str, tuple[str, int]]  # path below the folder: sha256, bytes
    directory: str  # path of the directory script below the folder
    documents: int
    terms: int


def merge_index(
    segments: Sequence[SegmentFiles],
    platforms: Sequence[Platform],
    other_names: Mapping[tuple[str, str], Sequence[str]],
    folder: Path,
    halfway: Path,
    most_files: int,
    threads: int = 2,
    progress: Progress = silent,
    made_from: str = "",
) -> MergedIndex:
    """Merge `segments` (in the order of their keys) into an index below `folder`.

    At most `most_files` files. `other_names` are other spellings of names by list and name,
    `halfway` is the folder of what a merge that is killed goes on from, as long as `made_from`, a
    digest of all that it is made from, is the same.
    """
    with ExitStack() as stack:
        kept = Halfway(halfway, made_from)
        stack.callback(kept.close)
        pool = stack.enter_context(ThreadPoolExecutor(threads))
        tables = pool.submit(choose_tables, [segment.documents for segment in segments])
        gathered = pool.submit(
            gather_words, [s.words for s in segments], [s.counts.runs for s in segments]
        )
        ranking = rank_documents([segment.documents for segment in segments])
        words = gathered.result()
        output = IndexFolder(kept.index, ranking.seal)
        merge = _Merge(output, pool, ranking, words, most_files, kept, progress)
        stack.callback(pool.shutdown, cancel_futures=True)
        fields = pool.submit(
            gather_fields, [s.documents for s in segments], [s.mentions for s in segments],
            platforms, other_names, ranking,
        )  # fmt: skip
        merge.write_documents(segments, ranking, tables.result())
        total = ranking.total
        del ranking  # what is no longer asked for makes room for lists
        pa.default_memory_pool().release_unused()
        content = merge.write_terms(fields.result())
    merge.folder.write(DIRECTORY, json_script("directory", to_json(content)))
    digest = merge.folder.digest()
    folder.mkdir(parents=True, exist_ok=True)
    kept.index.rename(folder / digest)
    kept.delete()
    return MergedIndex(
        files={f"{digest}/{path}": entry for path, entry in merge.folder.files.items()},
        directory=f"{digest}/{DIRECTORY}",
        documents=total,
        terms=merge.terms,
    )


class _Merge:
    """One merge: what it writes to, what it knows so far."""

    def __init__(
        self,
        folder: IndexFolder,
        pool: ThreadPoolExecutor,
        ranking: Ranking,
        words: Words,
        most_files: int,
        halfway: Halfway,
        progress: Progress,
    ) -> None:
        self.folder = folder
        self.terms = 0
        self._pool = pool
        self._total = ranking.total
        self._words = words
        self._most = {kind: max(1, int(most_files * share)) for kind, share in _SHARES.items()}
        self._progress = progress
        size = ranking.total * _ROW_BYTES
        large = size > _LARGE_INDEX
        self._row_target = _ROW_FILE_BYTES if large else _FILE_BYTES
        self._target = max(_LARGE_FILE_BYTES if large else _FILE_BYTES, size // most_files)
        self._halfway = halfway
        self._numbers = np.zeros(ranking.total, np.uint32)
        self._slots: Slots | None = None

    def write_documents(
        self, segments: Sequence[SegmentFiles], ranking: Ranking, tables: RowTables
    ) -> None:
        """Read all documents in rank order, once: into slots, and into what terms are made of.

        Not if a merge that was killed has done so.
        """
        done = self._halfway.load()
        if done is None:
            documents = self._read_documents(segments, ranking, tables)
            self._halfway.save(documents, self.folder.files)
            self.folder.move(self._halfway.index, self.folder.files)
        else:
            documents, files = done
            self.folder.move(self._halfway.index, files)
        self._documents = documents
        self._tables = tables
        rows = self._halfway.rows.finish()
        self._store = RowFile(rows, documents.row_starts, documents.ids)
        tokens = self._halfway.tokens.mapped().view(np.int32)
        self._stream = Stream(tokens, documents.token_ends)

    def _read_documents(
        self, segments: Sequence[SegmentFiles], ranking: Ranking, tables: RowTables
    ) -> Documents:
        hashes, ends = np.zeros(self._total, np.uint32), np.zeros(self._total, np.int64)
        coded = CodedRows(self._total, self._pool, tables.coder(), self._halfway.rows)
        first = 0
        paths = [segment.documents for segment in segments]
        for table in documents_in_order(paths, ranking):
            high = first + table.num_rows
            coded.add(table["document"], np.asarray(table["image_id"], np.int64), self._fill_slots)
            hashes[first:high] = np.asarray(table["url_hash"])
            tokens, own_ends = self._words.number(
                table["tokens"], np.asarray(table["segment"]), np.asarray(table["local"])
            )
            self._halfway.tokens.append(tokens.view(np.uint8))
            before = int(ends[first - 1]) if first else 0
            ends[first:high] = before + own_ends
            first = high
            self._progress("documents", first, self._total)
        store = coded.finish(self._fill_slots)
        slots = self._slots
        if slots is not None:
            slots.finish()
        plan, count = (slots.plan, slots.count) if slots is not None else (None, 0)
        return Documents(self._numbers, store.starts, store.ids, hashes, ends, plan, count)

    def _fill_slots(self, rows: RowStore, first: int) -> None:
        if self._slots is None:
            plan = plan_slots(rows, self._total, self._most["d"], self._row_target)
            self._slots = Slots(self.folder, plan, self._pool, self._numbers)
        self._slots.add(rows, first)

    def write_terms(self, fields: Fields) -> dict[str, Any]:
        """Write every series of terms; return the directory."""
        vocabulary = self._words.vocabulary
        common = choose_common(vocabulary.counts, fields.counts)
        looked_through = look_through(common, self._stream, fields.stream, self._pool)
        chosen = self._pool.submit(
            lambda: suggestions.choose(suggestions.candidates(vocabulary, fields))
        )
        hashed = list(self._write_hashes())
        tails = Tails(self.folder, self._span(vocabulary, fields, common))
        numbers = self._documents.numbers
        shared = Shared(self.folder, self._store, numbers, tails, self._pool)
        pairs, beside = looked_through()
        jobs = self._jobs(shared, fields, common, (beside, *_place_pairs(common, pairs, tails)))
        series = write_series(jobs, shared, self._count_terms)
        series["s"] = self._write_suggestions(chosen.result())
        tails.flush()
        for kind, files in hashed:
            heads = [file.result() for file in files]
            series[kind] = {"head": max(heads), "files": len(files)}
        self._write_firsts(series)
        return self._directory(series, common, fields, often_from(vocabulary), tails)

    def _jobs(
        self, shared: Shared, fields: Fields, common: Common, extras: Extras
    ) -> Iterator[Job]:
        """Yield every series of terms with what makes it, in the order of their tails."""
        vocabulary = self._words.vocabulary
        weights: list[npt.NDArray[np.int64]] = []

        def series(kind: str, form: Form, most: int = 0, expected: int = 0) -> Series:
            most = most or self._most[kind]
            return Series(kind, form, shared, self._target, most, expected)

        def weighed(prepared: Prepared) -> None:
            weights.append(prepared.weights)

        by_word = Inverted(vocabulary.data, vocabulary.starts, vocabulary.counts,
                           common.of_words, self._stream)  # fmt: skip
        by_field = Inverted(
            fields.data, fields.starts, fields.counts, common.of_fields, fields.stream, fields.alias
        )
        yield Job(
            series("w", _WITH_ROWS, expected=self._bytes_of(vocabulary.counts)),
            by_word.batches(*extras),
            written=weighed,
        )
        yield Job(
            series("f", _WITH_ROWS, expected=self._bytes_of(fields.counts)),
            by_field.batches(*extras),
        )
        yield Job(
            series("x", _BEGINNINGS),
            [lambda: beginnings(vocabulary, np.concatenate([_NO_WEIGHTS, *weights]), self._stream)],
            alone=True,
        )
        all_runs = runs.runs_of(self._stream, vocabulary, self._halfway.runs)
        pairs = series("b", _NAMED, expected=all_runs.occurrences * _RUN_BYTES)
        yield Job(pairs, all_runs.batches())
        yield Job(series("c", _NAMED), [lambda: self._characters(vocabulary)])

    def _write_hashes(self) -> Iterator[tuple[str, list[Future[int]]]]:
        ids = self._store.ids.astype(np.uint64).astype(np.uint32)
        documents = self._documents
        width = (documents.slots * PLACES).bit_length()
        for kind, hashes in (("u", documents.hashes), ("i", ids)):
            files = max(1, min(self._most[kind], self._total * _HASH_BYTES // self._target))
            yield (
                kind,
                write_hashes(
                    kind, hashes, documents.numbers, width, files, self.folder, self._pool
                ),
            )

    def _bytes_of(self, counts: npt.NDArray[np.int64]) -> int:
        """Return about how many bytes terms of so many documents take with their rows and lists."""
        each = len(self._store.ids) and int(self._store.starts[-1]) // len(self._store.ids)
        shown = int(np.minimum(counts, PAGE).sum())
        listed = int(np.minimum(counts[counts > PAGE], _LISTED).sum())
        other = listed * _POSTING_BYTES + len(counts) * _TERM_BYTES
        return shown * (each + ROW_BYTES) + other

    def _count_terms(self, terms: int) -> None:
        self.terms = terms
        self._progress("terms", terms, 0)

    def _directory(
        self, series: Mapping[str, Any], common: Common, fields: Fields, often: int, tails: Tails
    ) -> dict[str, Any]:
        vocabulary = self._words.vocabulary
        plan, slots = self._documents.plan, self._documents.slots
        return {
            "version": FORMAT_VERSION,
            "seal": self.folder.seal,
            "documents": self._total,
            "places": PLACES,
            "columns": COLUMNS,
            "rows": self._tables.described(),
            "visibilities": VISIBILITIES[:-1],
            "fields": FIELDS,
            "page": PAGE,
            "inline": INLINE,
            "local": blocks.LOCAL,
            "chunk": CHUNK,
            "rare": runs.RARE,
            "often": often,
            "hot": [
                fields.text(n) if kind == "f" else vocabulary.text(n) for kind, n in common.hot
            ],
            "slots": {
                "units": plan.units if plan else 0,
                "count": slots,
                "first": plan.first if plan else 1,
                "more": plan.more if plan else 0,
                "run": plan.run if plan else 1,
            },
            "spans": tails.span,
            "series": series,
        }

    def _span(self, vocabulary: Vocabulary, fields: Fields, common: Common) -> int:
        """Return the units of a file of series `h`, such that there are not too many."""
        counts = np.concatenate([vocabulary.counts, fields.counts])
        counts = counts[counts > 0]
        # A Rice code takes about two bits more than the logarithm of the mean gap.
        listed = counts * (np.log2(max(self._total, 1) / counts) + 2) / BITS
        tails = np.maximum(listed - blocks.LOCAL * PAYLOAD, 0).sum()
        units = int(_TAILS_MARGIN * tails) + common.size**2 // 2
        return -(-max(self._target // 2, units // self._most["h"]) // CHUNK) * CHUNK

    def _characters(self, vocabulary: Vocabulary) -> Batch:
        ranges_ = json.loads((PACKAGE / "core" / "text" / "unspaced.json").read_bytes())
        return character_batch(self._stream, vocabulary, np.array(ranges_, np.int64))

    def _write_firsts(self, series: Mapping[str, Any]) -> None:
        """Write what parts the files of each series: it grows with them, and no start needs it."""
        firsts = {kind: about.pop("first") for kind, about in series.items() if "first" in about}
        self.folder.write("a/0.js", json_script("a0000000", to_json(firsts)))

    def _write_suggestions(self, chosen: Sequence[suggestions.Suggestion]) -> dict[str, Any]:
        contents, firsts = suggestions.files_of(chosen)
        for number, content in enumerate(contents):
            key = f"s{number:07}"
            self.folder.write(f"s/{number}.js", json_script(key, to_json(content)))
        return {"files": len(contents), "first": front_code(firsts)}


def _place_pairs(
    common: Common, found: npt.NDArray[np.uint32], tails: Tails
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Put the counts of pairs into series `h`; return where each common term's are, and their k."""
    encoded = encode_pairs(common, found)
    places = np.zeros(max(common.size, 1), np.int64)
    begin = 0
    for number, end in enumerate(encoded.ends.tolist()):
        places[number] = tails.add(encoded.units[begin:end])
        begin = end
    return places, np.concatenate([encoded.k, np.zeros(1, np.int64)])
