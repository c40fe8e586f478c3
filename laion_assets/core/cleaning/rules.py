"""From source rows to the images and rejects tables of one file: kept + rejected = read.

Lives here: running the rules batch by batch and counting what they did. The rules themselves are
`sql/cleaning/parse_rows.sql` and `judge_rows.sql` (reasons, ranges, visibility), `repair`
(captions) and `hosts`. Not here: reading (`core.reading`) and table schemas (`schemas`).
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import duckdb
import mmh3
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.base.parquet import TableWriter
from laion_assets.core.base.sql import query
from laion_assets.core.cleaning.counts import CleaningCounts
from laion_assets.core.cleaning.damaged_lines import named_in_line
from laion_assets.core.cleaning.hosts import parse_authority, stray_domain
from laion_assets.core.cleaning.plain_rows import (
    as_uuids,
    in_row_order,
    judge_plain,
    scan_batch,
    text_digests,
    verdicts_of,
)
from laion_assets.core.cleaning.removal import Removal, forget_keys, removed_rows
from laion_assets.core.cleaning.removal_list import digits_of, url_digits
from laion_assets.core.cleaning.repair import RULES, SUSPECT, repair_caption
from laion_assets.core.cleaning.schemas import IMAGES, REJECTS, ROW_KEYS, UNLIKE
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.cleaning.urls import PLAIN, first_canonical_url
from laion_assets.core.reading.arrow_types import decode_texts
from laion_assets.core.reading.layout import MAX_FILE_TEXT, FileLayout
from laion_assets.core.reading.source_file import read_batches
from laion_assets.core.sources.columns import NUMBERS, TEXTS

_NOTHING_REMOVED = Removal()
_JUDGED = {"punsafe": "safe_punsafe"}  # our column: what judge_rows.sql calls it
_AT_ONCE = 2  # batches judged at the same time
_AHEAD = 1  # batches that wait to be judged or written
_INTEGER = re.compile(r"-?[0-9]{1,20}")  # 64 bits are at most 20 digits
_HALF = 2**63


def image_id(url: bytes | None, caption: bytes | None) -> int:
    """Return the family's own 64-bit id of a row as found: murmur3 of url + caption, signed.

    Formula of LAION's published metadata: `mmh3.hash64((URL + TEXT).encode())[0]`, None read as "".
    """
    return int(mmh3.hash64((url or b"") + (caption or b""))[0])


def clean_file(
    connection: duckdb.DuckDBPyConnection,
    source: Path,
    layout: FileLayout,
    thresholds: Thresholds,
    *,
    images: Path,
    rejects: Path,
    keys: Path,
    removal: Removal = _NOTHING_REMOVED,
    when_read: Callable[[], None] = lambda: None,
    max_text: int = MAX_FILE_TEXT,
    spill: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> CleaningCounts:
    """Clean one source file into its images, rejects and row keys, each written atomically.

    `spill` is a folder for large intermediate files, `progress` is told of the rows done. Memory is
    bounded by a few batches and one row group. Raises BadSourceFile when a page is damaged, the
    file has more text than `max_text` bytes or than one of its size may have, or whatever
    `when_read` raises at the end, before anything is renamed into place.
    """
    counts = CleaningCounts()
    with ExitStack() as stack:
        kept = stack.enter_context(TableWriter(images, IMAGES, UNLIKE))
        rejected = stack.enter_context(TableWriter(rejects, REJECTS, UNLIKE))
        identified = stack.enter_context(TableWriter(keys, ROW_KEYS, UNLIKE))
        judge = _Judge(connection, thresholds, removal)
        for judged, found in judge.each(
            read_batches(source, layout, max_text=max_text, spill=spill)
        ):
            counts.add(found)
            progress(counts.read)
            kept.append(judged.kept)
            rejected.append(judged.rejected)
            identified.append(judged.keys)
        when_read()
        if counts.kept + counts.rejected.total() != counts.read:
            raise AssertionError(f"kept + rejected is not read: {counts}")
    return counts


class _Judge:
    """Judges batches two at a time, in order: DuckDB gives one batch to one thread only."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, thresholds: Thresholds, removal: Removal
    ) -> None:
        self._cursors: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
        for _ in range(_AT_ONCE):
            self._cursors.put(connection.cursor())
        self._thresholds = thresholds
        self._removal = removal

    def each(self, batches: Iterable[pa.Table]) -> Iterator[tuple["Judged", CleaningCounts]]:
        """Yield every batch after the rules, with what they did to it, in the batches' order."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            waiting: deque[Future[tuple[Judged, CleaningCounts]]] = deque()
            for batch in _read_ahead(iter(batches)):
                if len(waiting) == _AT_ONCE + _AHEAD:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(self._one, batch))
            while waiting:
                yield waiting.popleft().result()

    def _one(self, batch: pa.Table) -> tuple["Judged", CleaningCounts]:
        counts = CleaningCounts()
        cursor = self._cursors.get()
        try:
            return judge_batch(cursor, batch, self._thresholds, counts, self._removal), counts
        finally:
            self._cursors.put(cursor)


def _read_ahead(batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Yield batches, the next of which is read while one is taken."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


@dataclass(frozen=True)
class Judged:
    """One batch after the rules."""

    kept: pa.Table
    rejected: pa.Table
    keys: pa.Table


def judge_batch(
    connection: duckdb.DuckDBPyConnection,
    batch: pa.Table,
    thresholds: Thresholds,
    counts: CleaningCounts,
    removal: Removal = _NOTHING_REMOVED,
) -> Judged:
    """Apply every rule to one batch (as `read_batches` yields it) and add to `counts`."""
    scanned = scan_batch(batch)
    plain = judge_plain(scanned, thresholds)
    plain = plain.without(removed_rows(connection, plain.keys, removal))
    is_odd = np.ones(len(batch), np.bool_)
    is_odd[plain.places] = False
    odd = Found(
        batch.filter(pa.array(is_odd)).combine_chunks(),
        scanned.ids[is_odd],
        scanned.url_digests[is_odd],
    )
    judged = judge_odd(connection, odd, thresholds, removal)
    counts.read += len(batch)
    counts.hash_differs += _differing(batch, scanned.ids)
    counts.count_kept(plain.kept)
    counts.count_kept(judged.kept)
    counts.count_rejected(judged.rejected)
    keys = in_row_order(plain.keys, judged.keys)
    counts.count_deeds(keys)
    return Judged(in_row_order(plain.kept, judged.kept), judged.rejected, keys)


@dataclass(frozen=True)
class Found:
    """Rows as `read_batches` yields them, with what the bytes of each tell."""

    batch: pa.Table
    ids: npt.NDArray[np.int64]
    url_digests: npt.NDArray[np.uint8]


def judge_odd(
    connection: duckdb.DuckDBPyConnection, found: Found, thresholds: Thresholds, removal: Removal
) -> Judged:
    """Apply every rule to rows that may be odd."""
    batch = found.batch
    connection.register("batch", _prepare(batch, found.ids))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE parsed AS {query('cleaning/parse_rows')}",
        {"suspect": SUSPECT, "plain": PLAIN},
    )
    connection.unregister("batch")
    hosts = _judge_hosts(connection)
    repairs, rules = _repair(connection)
    connection.register("hosts", hosts)
    connection.register("repairs", repairs)
    keys = _identify(connection, batch)
    gone = removed_rows(connection, keys, removal)
    connection.register("removed", pa.table({"row": pa.array(sorted(gone), pa.int64())}))
    judged = connection.sql(
        query("cleaning/judge_rows"),
        params={
            "blurred": thresholds.blurred,
            "no_image": thresholds.no_image,
            "withheld": thresholds.withheld,
        },
    ).to_arrow_table()
    connection.unregister("hosts")
    connection.unregister("repairs")
    connection.unregister("removed")
    keys = forget_keys(_with_deeds(keys, batch, judged, rules), gone, removal.key)
    return _split(found, judged, keys)


def _prepare(batch: pa.Table, ids: npt.NDArray[np.int64]) -> pa.Table:
    """Decode texts, and give every number a column (null where there is none)."""
    urls, captions = batch["url"].combine_chunks(), batch["caption"].combine_chunks()
    url_text, url_valid = decode_texts(urls)
    caption_text, caption_valid = decode_texts(captions)
    columns = {
        "row": batch["row"],
        "image_id": pa.array(ids),
        "valid_utf8": pc.and_(url_valid, caption_valid),
        "damaged": _damaged(batch),
        "url": url_text,
        "caption": caption_text,
    }
    for name in NUMBERS:
        present = name in batch.column_names
        columns[name] = batch[name] if present else pa.nulls(len(batch), pa.float64())
    verdicts = verdicts_of(batch)
    columns["nsfw"] = pa.nulls(len(batch), pa.large_string()) if verdicts is None else verdicts
    return pa.table(columns)


def _differing(batch: pa.Table, ids: npt.NDArray[np.int64]) -> int:
    """Return how many rows come with another hash than theirs."""
    if "hash" not in batch.column_names:
        return 0
    differs = pc.not_equal(_as_hashes(batch["hash"]), pa.array(ids))
    return int(pc.sum(differs).as_py() or 0)


def _damaged(batch: pa.Table) -> pa.ChunkedArray | pa.Array:
    """Return which rows are lines that could not be split; none of a file that has no lines."""
    if "damaged" in batch.column_names:
        return batch["damaged"]
    return pa.repeat(pa.scalar(False), len(batch))


def _as_hashes(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """Return a hash column as int64, of the same bits where it is unsigned; null for other things.

    Integers may be written as text (JavaScript cannot hold them); an md5 is no such text, and a
    float has lost the last digits.
    """
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64(), safe=False)
    if pa.types.is_large_string(column.type) or pa.types.is_string(column.type):
        return pa.array([_signed(text) for text in column.to_pylist()], pa.int64())
    return pa.nulls(len(column), pa.int64())


def _signed(text: str | None) -> int | None:
    if text is None or not _INTEGER.fullmatch(text):
        return None
    return (int(text) + _HALF) % (2 * _HALF) - _HALF


def _judge_hosts(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    found = connection.sql("SELECT DISTINCT authority FROM parsed WHERE authority <> ''").fetchall()
    good = [(a, h.host, h.domain) for (a,) in found if (h := parse_authority(a)) is not None]
    return pa.table(
        {
            name: pa.array([entry[column] for entry in good], pa.string())
            for column, name in enumerate(("authority", "host", "domain"))
        }
    )


def _identify(connection: duckdb.DuckDBPyConnection, batch: pa.Table) -> pa.Table:
    """Return what rows are found again by: id, digits of the canonical URL, registrable domain."""
    odd = connection.sql(
        "SELECT row, url, authority IN (SELECT authority FROM hosts) FROM parsed "
        "WHERE url IS NOT NULL AND "
        "(plain_url IS NOT TRUE OR authority NOT IN (SELECT authority FROM hosts))"
    ).fetchall()
    lines = batch.select(["row", "caption"]).filter(_damaged(batch)).to_pylist()
    named = [
        *(
            (row, url_digits(url), digits_of(first_canonical_url(url)), _stray(url, known))
            for row, url, known in odd
        ),
        *((line["row"], *_in_line(line["caption"])) for line in lines),
    ]
    connection.register(
        "odd_urls",
        pa.table(
            {
                "row": pa.array([row for row, _, _, _ in named], pa.int64()),
                "digits": _strings(digits for _, digits, _, _ in named),
                "first_digits": _strings(digits for _, _, digits, _ in named),
                "domain": _strings(domain for _, _, _, domain in named),
            }
        ),
    )
    keys = connection.sql(query("cleaning/identify_rows")).to_arrow_table()
    connection.unregister("odd_urls")
    return keys


def _stray(url: str, known: bool) -> str | None:  # noqa: FBT001 - a row of SQL's
    """Return the domain that an address means whose host is not `known` already."""
    return None if known else stray_domain(url)


def _in_line(line: bytes) -> tuple[str | None, None, str | None]:
    """Return the same of what stands in a damaged line, which no older version identified."""
    digits, domain = named_in_line(line)
    return digits, None, domain


def _strings(values: Iterable[str | None]) -> pa.Array:
    return pa.array(list(values), pa.string())


def _repair(connection: duckdb.DuckDBPyConnection) -> tuple[pa.Table, dict[int, list[str]]]:
    """Repair the suspect captions; return the changed ones, and by row the rules that applied."""
    suspects = connection.sql("SELECT row, caption FROM parsed WHERE suspect").fetchall()
    rules: dict[int, list[str]] = {}
    rows, captions = [], []
    for row, caption in suspects:
        repaired, applied = repair_caption(caption)
        if repaired != caption:
            rows.append(row)
            captions.append(repaired)
            rules[row] = applied
    table = pa.table(
        {"row": pa.array(rows, pa.int64()), "caption": pa.array(captions, pa.string())}
    )
    return table, rules


def _with_deeds(
    keys: pa.Table, batch: pa.Table, judged: pa.Table, rules: dict[int, list[str]]
) -> pa.Table:
    """Add to every row's keys what was done to it: repairs if it is kept, the line if damaged."""
    kept = pc.is_null(judged["reason"])
    lost = np.zeros(judged.num_rows, np.uint8)
    for bit, name in enumerate(NUMBERS):
        out = pc.and_(
            pc.and_(judged[f"has_{name}"], pc.is_null(judged[_JUDGED.get(name, name)])), kept
        )
        lost |= out.to_numpy().astype(np.uint8) << bit
    done = np.zeros(judged.num_rows, np.uint8)
    if rules:
        places = np.searchsorted(judged["row"].to_numpy(), list(rules))
        done[places] = [
            sum(1 << RULES.index(rule) for rule in applied) for applied in rules.values()
        ]
        done[~kept.to_numpy()] = 0
    return pa.table(
        {
            **{name: keys[name] for name in keys.column_names},
            "removed": pc.fill_null(pc.equal(judged["reason"], "removed"), fill_value=False),
            "repaired": pa.array(done),
            "out_of_range": pa.array(lost),
            "line": batch["line"] if "line" in batch.column_names else _no_lines(batch),
        }
    )


def _no_lines(batch: pa.Table) -> pa.Array:
    return pa.nulls(len(batch), pa.int64())


def _split(found: Found, judged: pa.Table, keys: pa.Table) -> Judged:
    batch = found.batch
    is_kept = pc.is_null(judged["reason"])
    kept = judged.filter(is_kept).rename_columns({name: ours for ours, name in _JUDGED.items()})
    kept = kept.append_column("url_digest", as_uuids(found.url_digests[is_kept.to_numpy()]))
    kept = kept.append_column("caption_digest", text_digests(kept["caption"]))
    is_rejected = pc.invert(is_kept)
    rejected = pa.table(
        {
            "row": judged["row"].filter(is_rejected),
            "image_id": judged["image_id"].filter(is_rejected),
            "reason": judged["reason"].filter(is_rejected),
            "url": batch["url"].filter(is_rejected),
            "caption": batch["caption"].filter(is_rejected),
        }
    )
    return Judged(
        kept.select(IMAGES.names).cast(IMAGES),
        _forget_removed(rejected),
        keys.select(ROW_KEYS.names).cast(ROW_KEYS),
    )


def _forget_removed(rejected: pa.Table) -> pa.Table:
    """Leave of a removed row its number, id and reason, nothing else."""
    is_removed = pc.equal(rejected["reason"], "removed")
    for name in TEXTS:
        nothing = pa.scalar(None, rejected[name].type)
        column = pc.if_else(is_removed, nothing, rejected[name])
        rejected = rejected.set_column(rejected.column_names.index(name), name, column)
    return rejected
