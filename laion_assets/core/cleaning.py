"""From source rows to the images and rejects tables of one file: kept + rejected = read.

Lives here: running the rules batch by batch and counting what they did. The rules themselves are
`sql/parse_rows.sql` and `sql/judge_rows.sql` (reasons, ranges, visibility), `repair` (captions) and
`hosts`. Not here: reading (`reading`) and table schemas (`tables`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import mmh3
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.hosts import parse_authority
from laion_assets.core.reading import NUMBERS, decode_texts, read_batches
from laion_assets.core.repair import RULES, SUSPECT, repair_caption
from laion_assets.core.settings import Thresholds
from laion_assets.core.tables import IMAGES, REJECTS, TableWriter

#: The closed set of reasons, in the order they are tried (DESIGN section 4).
REASONS = (
    "removed", "bad_encoding", "missing_url", "missing_caption", "shifted_columns", "bad_scheme",
    "bad_url", "oversize_url", "oversize_caption", "empty_caption",
)  # fmt: skip
VISIBILITIES = ("shown", "blurred", "no_image", "withheld")

_SQL = Path(__file__).parents[1] / "sql"


@dataclass
class CleaningCounts:
    """What cleaning did to one file, in rows."""

    read: int = 0
    kept: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    out_of_range: Counter[str] = field(default_factory=Counter)
    visibility: Counter[str] = field(default_factory=Counter)
    hash_differs: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON-able counts with every known reason and rule, zero included."""
        return {
            "read": self.read,
            "kept": self.kept,
            "rejected": {reason: self.rejected[reason] for reason in REASONS},
            "repaired": {rule: self.repaired[rule] for rule in RULES},
            "out_of_range": {column: self.out_of_range[column] for column in NUMBERS},
            "visibility": {name: self.visibility[name] for name in VISIBILITIES},
            "hash_differs": self.hash_differs,
        }


def image_id(url: bytes | None, caption: bytes | None) -> int:
    """Return the family's own 64-bit id of a row as found: murmur3 of url + caption, signed.

    Formula of LAION's published metadata: `mmh3.hash64((URL + TEXT).encode())[0]`, None read as "".
    """
    return int(mmh3.hash64((url or b"") + (caption or b""))[0])


def clean_file(
    connection: duckdb.DuckDBPyConnection,
    source: Path,
    mapping: Mapping[str, str],
    thresholds: Thresholds,
    *,
    images: Path,
    rejects: Path,
) -> CleaningCounts:
    """Clean one source file into its images and rejects tables, both written atomically.

    Memory is bounded by one batch and one row group. Raises BadSourceFile when a page is damaged,
    before anything is renamed into place.
    """
    counts = CleaningCounts()
    with ExitStack() as stack:
        kept = stack.enter_context(TableWriter(images, IMAGES))
        rejected = stack.enter_context(TableWriter(rejects, REJECTS))
        for batch in read_batches(source, mapping):
            judged = judge_batch(connection, batch, thresholds, counts)
            kept.append(judged.kept)
            rejected.append(judged.rejected)
        if counts.kept + counts.rejected.total() != counts.read:
            raise AssertionError(f"kept + rejected is not read: {counts}")
    return counts


@dataclass(frozen=True)
class Judged:
    """One batch after the rules."""

    kept: pa.Table
    rejected: pa.Table


def judge_batch(
    connection: duckdb.DuckDBPyConnection,
    batch: pa.Table,
    thresholds: Thresholds,
    counts: CleaningCounts,
) -> Judged:
    """Apply every rule to one batch (as `read_batches` yields it) and add to `counts`."""
    prepared = _prepare(batch, counts)
    connection.register("batch", prepared)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE parsed AS {_query('parse_rows')}", {"suspect": SUSPECT}
    )
    connection.unregister("batch")
    hosts = _judge_hosts(connection)
    repairs, rules = _repair(connection)
    connection.register("hosts", hosts)
    connection.register("repairs", repairs)
    judged = connection.sql(
        _query("judge_rows"),
        params={
            "blurred": thresholds.blurred,
            "no_image": thresholds.no_image,
            "withheld": thresholds.withheld,
        },
    ).to_arrow_table()
    connection.unregister("hosts")
    connection.unregister("repairs")
    return _split(batch, judged, rules, counts)


def _query(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def _prepare(batch: pa.Table, counts: CleaningCounts) -> pa.Table:
    """Decode texts, compute ids, and give every number a column (null where there is none)."""
    urls, captions = batch["url"].combine_chunks(), batch["caption"].combine_chunks()
    url_text, url_valid = decode_texts(urls)
    caption_text, caption_valid = decode_texts(captions)
    ids = [image_id(u, c) for u, c in zip(urls.to_pylist(), captions.to_pylist(), strict=True)]
    columns = {
        "row": batch["row"],
        "image_id": pa.array(ids, pa.int64()),
        "valid_utf8": pc.and_(url_valid, caption_valid),
        "url": url_text,
        "caption": caption_text,
    }
    for name in NUMBERS:
        present = name in batch.column_names
        columns[name] = batch[name] if present else pa.nulls(len(batch), pa.float64())
    if "hash" in batch.column_names and pa.types.is_integer(batch["hash"].type):
        differs = pc.not_equal(batch["hash"].cast(pa.int64(), safe=False), columns["image_id"])
        counts.hash_differs += pc.sum(differs).as_py() or 0
    return pa.table(columns)


def _judge_hosts(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    found = connection.sql("SELECT DISTINCT authority FROM parsed WHERE authority <> ''").fetchall()
    good = [(a, h.host, h.domain) for (a,) in found if (h := parse_authority(a)) is not None]
    return pa.table(
        {
            name: pa.array([entry[column] for entry in good], pa.string())
            for column, name in enumerate(("authority", "host", "domain"))
        }
    )


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


def _split(
    batch: pa.Table, judged: pa.Table, rules: dict[int, list[str]], counts: CleaningCounts
) -> Judged:
    is_kept = pc.is_null(judged["reason"])
    kept = judged.filter(is_kept).rename_columns({"safe_punsafe": "punsafe"})
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
    counts.read += batch.num_rows
    counts.kept += kept.num_rows
    counts.rejected.update(rejected["reason"].to_pylist())
    counts.visibility.update(dict(_tally(kept["visibility"])))
    gone = set(rejected["row"].to_pylist())
    for row, applied in rules.items():
        if row not in gone:
            counts.repaired.update(applied)
    for name in NUMBERS:
        lost = pc.and_(kept[f"has_{name}"], pc.is_null(kept[name]))
        counts.out_of_range[name] += pc.sum(lost).as_py() or 0
    return Judged(kept, rejected)


def _tally(column: pa.ChunkedArray) -> Iterator[tuple[str, int]]:
    for entry in pc.value_counts(column).to_pylist():
        yield entry["values"], entry["counts"]
