"""Plain rows: those that every rule leaves as they are, judged column by column.

Nearly all rows have a canonical URL with a known host, a caption that needs no repair, and come
from no damaged line. Their columns are found here by loops over bytes (`plain_scan`) and by Arrow;
`rules` gives all others to SQL, which would make the same of these (a test holds us to that). Not
here: odd rows, which rows have to go.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.cleaning.digests import DIGEST, Bytes, hexadecimal, murmur3_of, sha256_of
from laion_assets.core.cleaning.plain_scan import (
    HTTPS,
    OTHERWISE,
    UNKNOWN_YEAR,
    PlainUrls,
    canonical_of,
    scan_captions,
    scan_urls,
)
from laion_assets.core.cleaning.removal_list import DIGITS
from laion_assets.core.cleaning.schemas import IMAGES, ROW_KEYS
from laion_assets.core.cleaning.suffixes import registrable_starts, suffix_table
from laion_assets.core.cleaning.thresholds import VISIBILITIES, Thresholds
from laion_assets.core.sources.columns import NUMBERS

#: Words of LAION-400M's verdict; a row with any other is odd.
_VERDICTS = pa.array(["UNLIKELY", "UNSURE", "NSFW"], pa.large_string())
_HTTP = len("http://")
_MOST_PIXELS = 100_000  # of a side; as judge_rows.sql has it
_RANGES = {"similarity": (-1.0, 1.0), "punsafe": (0.0, 1.0), "pwatermark": (0.0, 1.0)}

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scanned:
    """A batch and what its bytes tell of all rows, and which of them are plain.

    `canonical` are digests of the canonical forms of plain URLs, `url_digests` of every URL.
    """

    batch: pa.Table
    ids: npt.NDArray[np.int64]
    plain: Flags
    urls: PlainUrls
    url_bytes: Bytes
    url_ends: npt.NDArray[np.int64]
    canonical: npt.NDArray[np.uint8]  # rows, DIGEST
    url_digests: npt.NDArray[np.uint8]  # rows, DIGEST
    words: npt.NDArray[np.int32]  # of captions


def image_ids(urls: pa.Array, captions: pa.Array) -> npt.NDArray[np.int64]:
    """Return the family's 64-bit ids of rows as found: `rules.image_id` of each."""
    return murmur3_of(*_bytes_of(urls), *_bytes_of(captions))


def scan_batch(batch: pa.Table) -> Scanned:
    """Look at the texts of a batch (as `read_batches` yields it)."""
    urls, captions = batch["url"].combine_chunks(), batch["caption"].combine_chunks()
    data, ends = _bytes_of(urls)
    found = scan_urls(data, ends)
    plain, words = scan_captions(*_bytes_of(captions))
    plain &= found.plain
    # A null is empty here, and an empty URL or caption is not plain.
    if "damaged" in batch.column_names:
        plain &= ~batch["damaged"].to_numpy()
    plain &= _numbers_are_numbers(batch)
    if (verdicts := verdicts_of(batch)) is not None:
        usual = pc.or_(pc.is_null(verdicts), pc.is_in(verdicts, value_set=_VERDICTS))
        plain &= usual.to_numpy()
    canonical = np.zeros((len(batch), DIGEST), np.uint8)
    rows = np.flatnonzero(found.plain)
    canonical[rows] = _canonical_digests(data, found, rows)
    digests = _url_digests(data, ends, found, canonical)
    ids = image_ids(urls, captions)
    return Scanned(batch, ids, plain, found, data, ends, canonical, digests, words)


def _canonical_digests(
    data: Bytes, urls: PlainUrls, rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint8]:
    forms = canonical_of(
        data, rows, urls.authority, urls.host_end, urls.authority_end, urls.rest_end
    )
    return sha256_of(*forms).reshape(-1, DIGEST)


def _url_digests(
    data: Bytes, ends: npt.NDArray[np.int64], urls: PlainUrls, canonical: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Return digests that are the same exactly where URLs are, byte by byte.

    A URL that is a scheme and its canonical form has that form's, with a bit for the scheme; any
    other has its own: no canonical form begins with a scheme.
    """
    digests = canonical.copy()
    digests[urls.spelling == HTTPS, -1] ^= 1
    others = np.flatnonzero(urls.spelling == OTHERWISE)
    whole = canonical_of(data, others, ends[:-1], ends[:-1], ends[:-1], ends[1:])
    digests[others] = sha256_of(*whole).reshape(-1, DIGEST)
    return digests


def as_uuids(digests: npt.NDArray[np.uint8]) -> pa.ExtensionArray:
    """Return digests as a column."""
    buffers = [None, pa.py_buffer(np.ascontiguousarray(digests))]
    stored = pa.Array.from_buffers(pa.binary(DIGEST), digests.size // DIGEST, buffers)
    return pa.ExtensionArray.from_storage(pa.uuid(), stored)


def text_digests(column: pa.ChunkedArray) -> pa.ExtensionArray:
    """Return digests of texts or bytes, the same exactly where these are."""
    texts = column.cast(pa.large_string()).cast(pa.large_binary()).combine_chunks()
    return as_uuids(sha256_of(*_bytes_of(texts)))


def _bytes_of(column: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the bytes of a large_binary column and where each begins and ends; null is empty."""
    if column.null_count:
        column = pc.fill_null(column, b"")
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    return np.frombuffer(data if data is not None else b"", np.uint8), ends


def verdicts_of(batch: pa.Table) -> pa.ChunkedArray | None:
    """Return LAION-400M's verdict in words of every row; None where a batch has none."""
    kind = batch["nsfw"].type if "nsfw" in batch.column_names else pa.null()
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return batch["nsfw"].cast(pa.large_string()) if is_text else None


def _numbers_are_numbers(batch: pa.Table) -> bool:
    """Tell whether no number of a batch has to be read from text."""
    kinds = [batch[name].type for name in NUMBERS if name in batch.column_names]
    return all(
        pa.types.is_integer(k) or pa.types.is_floating(k) or pa.types.is_null(k) for k in kinds
    )


@dataclass(frozen=True)
class PlainRows:
    """The plain rows of a batch, as columns of images and of keys."""

    places: npt.NDArray[np.int64]  # in the batch, ascending
    kept: pa.Table
    keys: pa.Table

    def without(self, rows: frozenset[int]) -> PlainRows:
        """Leave out some rows, by their numbers."""
        if not rows:
            return self
        stays = ~np.isin(self.kept["row"].to_numpy(), list(rows))
        mask = pa.array(stays)
        return PlainRows(self.places[stays], self.kept.filter(mask), self.keys.filter(mask))


def in_row_order(plain: pa.Table, odd: pa.Table) -> pa.Table:
    """Return rows of both, each in the order of the rows, in that order."""
    if not odd.num_rows or not plain.num_rows:
        return odd if odd.num_rows else plain
    both = pa.concat_tables([plain, odd]).combine_chunks()
    return both.take(pa.array(np.argsort(both["row"].to_numpy(), kind="stable")))


def judge_plain(scanned: Scanned, thresholds: Thresholds) -> PlainRows:
    """Return the plain rows of a batch as every rule leaves them."""
    urls = scanned.urls
    rows = np.flatnonzero(scanned.plain)
    hosts, domains = _hosts_of(scanned, rows)
    places = pa.array(rows)
    batch = scanned.batch.take(places).combine_chunks()
    numbers, unknown = _numbers(batch)
    years = urls.year[rows]
    ids = pa.array(scanned.ids[rows])
    captions = _as_text(batch["caption"])
    return PlainRows(
        rows,
        pa.table(
            {
                "row": batch["row"],
                "image_id": ids,
                "url": _as_text(batch["url"]),
                "caption": captions,
                **numbers,
                "host": hosts,
                "domain": domains,
                "url_year": pa.array(years, mask=years == UNKNOWN_YEAR),
                "visibility": _visibility(batch, numbers["punsafe"], thresholds),
                "plain_http": pa.array(urls.authority[rows] - scanned.url_ends[rows] == _HTTP),
                "caption_words": pa.array(scanned.words[rows]),
                "url_digest": as_uuids(scanned.url_digests[rows]),
                "caption_digest": text_digests(captions),
            }
        )
        .select(IMAGES.names)
        .cast(IMAGES),
        _keys(
            batch["row"],
            ids,
            _texts(hexadecimal(scanned.canonical[rows], DIGITS)),
            domains,
            unknown,
        ),
    )


def _hosts_of(scanned: Scanned, rows: npt.NDArray[np.int64]) -> tuple[pa.Array, pa.Array]:
    """Return hosts and registrable domains of plain rows."""
    urls = scanned.urls
    data, ends = canonical_of(
        scanned.url_bytes, rows, urls.authority, urls.name_end, urls.name_end, urls.name_end
    )
    starts = registrable_starts(data, ends, suffix_table())
    every = np.arange(len(rows))
    return _text_array(data, ends), _text_array(
        *canonical_of(data, every, starts, ends[1:], ends[1:], ends[1:])
    )


def _text_array(data: Bytes, ends: npt.NDArray[np.int64]) -> pa.Array:
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_string(), len(ends) - 1, buffers)


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return bytes that were found to be UTF-8 as text."""
    arrays = [
        pa.Array.from_buffers(pa.large_string(), len(a), a.buffers(), offset=a.offset)
        for a in column.chunks
    ]
    return pa.chunked_array(arrays, pa.large_string())


def _texts(digits: npt.NDArray[np.uint8]) -> pa.Array:
    """Return digits that lie side by side as texts of `DIGITS` each."""
    count = len(digits) // DIGITS
    ends = np.arange(0, (count + 1) * DIGITS, DIGITS, dtype=np.int32)
    return pa.Array.from_buffers(
        pa.string(), count, [None, pa.py_buffer(ends), pa.py_buffer(digits)]
    )


def _numbers(batch: pa.Table) -> tuple[dict[str, pa.Array], npt.NDArray[np.uint8]]:
    """Return every number in range, else null; and bit n of a row where column n was out of it."""
    columns: dict[str, pa.Array] = {}
    unknown = np.zeros(len(batch), np.uint8)
    for bit, name in enumerate(NUMBERS):
        if name in batch.column_names:
            found = batch[name].combine_chunks()
            given = found.is_valid().to_numpy(zero_copy_only=False)
            values = found.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy()
        else:
            given, values = np.zeros(len(batch), np.bool_), np.full(len(batch), np.nan)
        if name in ("width", "height"):
            good = (values >= 1) & (values <= _MOST_PIXELS)
            whole = np.floor(np.where(good, values, 0))
            whole += np.where(good, values, 0) - whole >= 0.5  # noqa: PLR2004 - halves are rounded up
            columns[name] = pa.array(whole.astype(np.int32), mask=~good)
        else:
            low, high = _RANGES.get(name, (-np.inf, np.inf))
            good = (values >= low) & (values <= high) & np.isfinite(values)
            columns[name] = pa.array(values, mask=~good)
        unknown |= (given & ~good).astype(np.uint8) << bit
    return columns, unknown


def _visibility(batch: pa.Table, punsafe: pa.Array, thresholds: Thresholds) -> pa.Array:
    """Return how far rows are shown: the stricter of score and verdict, as judge_rows.sql says."""
    score = punsafe.fill_null(np.nan).to_numpy()
    level = np.zeros(len(batch), np.int8)  # of VISIBILITIES
    level[np.isnan(score) | (score >= thresholds.blurred)] = 1
    level[score >= thresholds.no_image] = 2
    level[score >= thresholds.withheld] = 3
    if (verdicts := verdicts_of(batch)) is not None:
        for word, least in (("UNSURE", 2), ("NSFW", 3)):
            said = pc.fill_null(pc.equal(verdicts, word), fill_value=False).to_numpy()
            level[said] = np.maximum(level[said], least)
    return pa.array(VISIBILITIES, pa.string()).take(pa.array(level))


def _keys(
    rows: pa.ChunkedArray,
    ids: pa.Array,
    url_keys: pa.Array,
    domains: pa.Array,
    unknown: npt.NDArray[np.uint8],
) -> pa.Table:
    """Return keys of rows of which nothing was taken out or repaired."""
    count = len(rows)
    given = {
        "row": rows,
        "image_id": ids,
        "url_key": url_keys,
        "domain": domains,
        "removed": pa.repeat(pa.scalar(False), count),
        "repaired": pa.array(np.zeros(count, np.uint8)),
        "out_of_range": pa.array(unknown),
    }
    return pa.table({f.name: given.get(f.name, pa.nulls(count, f.type)) for f in ROW_KEYS}).cast(
        ROW_KEYS
    )
