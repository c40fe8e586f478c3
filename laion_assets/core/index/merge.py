"""The merge: every file's segment, the mentions and the platforms into one published index.

Lives here: the k-way merge of sorted runs and the terms that only exist across files. Streams: one
row group per run, one block of documents and one shard are in memory, besides eight bytes or so per
document. Not here: the form of the files (`shards`).
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.progress import Progress, silent
from laion_assets.core.cleaning.thresholds import VISIBILITIES
from laion_assets.core.index import shards
from laion_assets.core.index.documents import (
    DocumentStore,
    Numbering,
    documents_in_order,
    number_documents,
)
from laion_assets.core.index.fields import FIELDS
from laion_assets.core.index.segment import SegmentCounts
from laion_assets.core.index.shards import IndexFolder, TermShards, directory
from laion_assets.core.index.terms import field_term
from laion_assets.core.names.lists import Platform, fold_name
from laion_assets.core.names.registry import LISTS

MIN_BLOCK = 256  # documents
MIN_SHARD = 64 * 1024  # bytes
_SHARE = 0.4  # of the files for blocks, the same for shards; the rest for segments of ids

_Ids = npt.NDArray[np.uint32]
_Posting = tuple[bytes, _Ids]


@dataclass(frozen=True)
class SegmentFiles:
    """The files of one source file that take part in the merge."""

    documents: Path
    postings: Path
    mentions: Path
    counts: SegmentCounts


@dataclass(frozen=True)
class MergedIndex:
    """What the merge wrote."""

    files: Mapping[str, tuple[str, int]]  # path below the folder: sha256, bytes
    directory: str  # path of the directory script below the folder
    documents: int
    terms: int
    postings: int


def merge_index(
    segments: Sequence[SegmentFiles],
    platforms: Sequence[Platform],
    folder: Path,
    temporary: Path,
    most_files: int,
    progress: Progress = silent,
) -> MergedIndex:
    """Merge `segments` (in the order of their keys) into index files below `folder`.

    At most `most_files` of them: the directory, and shares of what is left for blocks of documents,
    shards of terms and segments of common terms. `temporary` is a file name for the documents while
    shards are written.
    """
    numbering = number_documents([segment.documents for segment in segments])
    files_each = max(1, int((most_files - 1) * _SHARE))
    block = max(MIN_BLOCK, -(-numbering.total // files_each))
    output = IndexFolder(folder)
    blocks: list[str] = []

    def on_block(number: int, documents: list[str]) -> None:
        blocks.append(output.write("d", f"d{number}", str(number), f"[{','.join(documents)}]"))
        progress("documents", min((number + 1) * block, numbering.total), numbering.total)

    store = DocumentStore(temporary)
    try:
        store.fill(documents_in_order([s.documents for s in segments], numbering, block), on_block)
        most_segments = max(0, most_files - 1 - 2 * files_each)
        terms = TermShards(
            output,
            store.get,
            _shard_bytes(segments, files_each),
            most_shards=files_each,
            most_segments=most_segments,
            scale=_segment_scale(segments, most_segments),
        )
        postings = _write_terms(terms, _all_postings(segments, platforms, numbering), progress)
    finally:
        store.close()
    content = directory(terms, numbering.total, block, blocks, VISIBILITIES[:-1], FIELDS)
    digest = output.write("", "directory", "directory", content)
    return MergedIndex(
        files=output.files,
        directory=f"directory-{digest}.js",
        documents=numbering.total,
        terms=terms.terms,
        postings=postings,
    )


def _shard_bytes(segments: Sequence[SegmentFiles], files: int) -> int:
    """Return the shard size that keeps the number of shards within `files`.

    An estimate from above: terms in several segments are counted once for each.
    """
    documents = sum(s.counts.documents for s in segments)
    average = sum(s.counts.document_bytes for s in segments) / max(documents, 1)
    total = sum(
        s.counts.top * average + s.counts.postings * 3 + s.counts.terms * 40 for s in segments
    )
    return max(MIN_SHARD, int(total / files))


def _segment_scale(segments: Sequence[SegmentFiles], most: int) -> int:
    """Return the power of two by which segments of ids have to be larger to be at most `most`.

    The files of a small index come to less whatever its terms are; those of a large one are counted
    from above, from the terms that any one run makes common.
    """
    inline, size = shards.INLINE_IDS, shards.SEGMENT_IDS
    postings = sum(segment.counts.postings for segment in segments)
    if postings / inline + postings / size <= most:
        return 1
    groups = [(segment.postings, group) for segment in segments for group in _groups(segment)]
    least = inline // max(1, len(groups))  # what a common term has in one of them, if not more
    found: Counter[bytes] = Counter()
    for path, group in groups:
        with pq.ParquetFile(path) as source:
            table = source.read_row_group(group, columns=["term", "documents"])
        lengths = pc.list_value_length(table["documents"])
        common = pc.greater_equal(lengths, least)
        terms, numbers = table["term"].filter(common), lengths.filter(common)
        for term, number in zip(terms.to_pylist(), numbers.to_pylist(), strict=True):
            found[term] += number
    ids = np.array(list(found.values()), np.int64) + inline
    scale = 1
    while most and int(np.ceil(ids[ids > inline * scale] / (size * scale)).sum()) > most:
        scale *= 2
    return scale


def _groups(segment: SegmentFiles) -> range:
    with pq.ParquetFile(segment.postings) as source:
        return range(source.metadata.num_row_groups)


def _write_terms(shards: TermShards, postings: Iterator[_Posting], progress: Progress) -> int:
    total = 0
    for term, ids in postings:
        shards.add(term.decode("utf-8", "ignore"), ids)
        total += len(ids)
        if shards.terms % 10_000 == 0:
            progress("terms", shards.terms, 0)
    shards.flush()
    return total


def _all_postings(
    segments: Sequence[SegmentFiles], platforms: Sequence[Platform], numbering: Numbering
) -> Iterator[_Posting]:
    """Yield every term with its global document numbers, sorted by the term's bytes.

    A platform's documents are those of its domains, gathered as the domains pass by (`:domain:`
    sorts before `:platform:`).
    """
    runs = [
        run
        for segment, numbers in zip(segments, numbering.numbers, strict=True)
        for run in _runs(segment.postings, numbers)
    ]
    entities = sorted(_entity_postings(segments, numbering).items())
    merged = heapq.merge(*runs, entities, key=itemgetter(0))
    owner = {
        field_term("domain", p.domain).encode(): field_term(
            "platform", fold_name(p.platform)
        ).encode()
        for p in platforms
    }
    hosted: dict[bytes, list[_Ids]] = {}
    waiting = True
    for term, group in groupby(merged, key=itemgetter(0)):
        if waiting and term > b":platform:":
            waiting = False
            for platform in sorted(hosted):
                yield platform, _union(hosted[platform])
        ids = _union([ids for _, ids in group])
        if term in owner:
            hosted.setdefault(owner[term], []).append(ids)
        yield term, ids


def _union(parts: list[_Ids]) -> _Ids:
    """Return disjoint lists of numbers as one, ascending."""
    if len(parts) == 1:
        return parts[0]
    return np.sort(np.concatenate(parts))


def _runs(postings: Path, numbers: _Ids) -> list[Iterator[_Posting]]:
    """Return one sorted stream per run of a segment, local ranks turned into global numbers."""
    groups: dict[int, list[int]] = {}
    with pq.ParquetFile(postings) as source:
        for group in range(source.metadata.num_row_groups):
            statistics = source.metadata.row_group(group).column(0).statistics
            if source.metadata.row_group(group).num_rows:
                groups.setdefault(statistics.min, []).append(group)
    return [_stream(postings, members, numbers) for _, members in sorted(groups.items())]


def _stream(postings: Path, groups: list[int], numbers: _Ids) -> Iterator[_Posting]:
    for group in groups:
        # Opened anew for each row group: hundreds of segments must not be hundreds of open files.
        with pq.ParquetFile(postings) as source:
            table = source.read_row_group(group, columns=["term", "documents"])
        lists = table["documents"].combine_chunks()
        offsets = np.asarray(lists.offsets)
        documents = numbers[np.asarray(lists.values)]
        for position, term in enumerate(table["term"].to_pylist()):
            yield term, documents[offsets[position] : offsets[position + 1]]


def _entity_postings(segments: Sequence[SegmentFiles], numbering: Numbering) -> dict[bytes, _Ids]:
    """Return the documents of every name that is mentioned, by its pseudo-term."""
    found: dict[bytes, list[_Ids]] = {}
    terms: dict[tuple[str, str], bytes] = {}
    for number, segment in enumerate(segments):
        of_rows = numbering.of_rows(number)
        wanted = [("list", "in", list(LISTS))]  # a platform is searched by its domains
        table = pq.read_table(segment.mentions, filters=wanted).sort_by(
            [("list", "ascending"), ("name", "ascending")]
        )
        rows = np.asarray(table["row"])
        pairs = zip(table["list"].to_pylist(), table["name"].to_pylist(), strict=True)
        start = 0
        for (list_name, name), group in groupby(pairs):
            end = start + sum(1 for _ in group)
            if (list_name, name) not in terms:
                field = LISTS[list_name].singular
                terms[list_name, name] = field_term(field, fold_name(name)).encode()
            mine = rows[start:end]
            ids = of_rows[mine[mine < len(of_rows)]]
            ids = ids[ids >= 0]
            if len(ids):
                found.setdefault(terms[list_name, name], []).append(ids.astype(np.uint32))
            start = end
    return {term: _union([np.sort(part) for part in parts]) for term, parts in found.items()}
