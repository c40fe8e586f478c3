"""Rows for the tests: small per-file tables and source tables with sensible defaults, and names.

A row is a dictionary of the columns that matter to the test; the rest is filled in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.parquet import write_table
from laion_assets.core.cleaning.plain_rows import text_digests
from laion_assets.core.cleaning.schemas import IMAGES
from laion_assets.core.cleaning.urls import canonical_url
from laion_assets.core.names.lists import Entity
from laion_assets.core.names.mentions import MENTIONS, VARIANT_COUNTS
from laion_assets.core.names.registry import LISTS
from laion_assets.core.tables import writing
from laion_assets.core.tables.duplicates import make_duplicates
from laion_assets.core.tables.registry import TABLE_ASSETS, TABLES
from laion_assets.core.tables.rows import FileParts
from laion_assets.core.tables.tallies import write_tallies

URL = "http://img.example.com/x.jpg"
CAPTION = "A caption"

Row = Mapping[str, Any]
#: What a file's mentions table says: row, list, name.
Mention = tuple[int, str, str]
#: What a file's table of other spellings says: list, name, kind, spelling, images, beyond.
VariantCount = tuple[str, str, str, str, int, int]


def batch_table(rows: Sequence[Row]) -> pa.Table:
    """Return rows as `read_batches` yields them; url and caption may be text, bytes or None."""
    columns: dict[str, pa.Array] = {"row": pa.array(range(len(rows)), pa.int64())}
    for name, default in (("url", URL), ("caption", CAPTION)):
        texts = [row.get(name, default) for row in rows]
        encoded = [text.encode() if isinstance(text, str) else text for text in texts]
        columns[name] = pa.array(encoded, pa.large_binary())
    for name in dict.fromkeys(name for row in rows for name in row):
        unsaid = False if name == "damaged" else None
        columns.setdefault(name, pa.array([row.get(name, unsaid) for row in rows]))
    return pa.table(columns)


def images_table(rows: Sequence[Row]) -> pa.Table:
    """Return an images table; every row is its own picture unless it says otherwise."""
    filled = []
    for number, row in enumerate(rows):
        host = row.get("host", row.get("domain", "img.example.com"))
        filled.append(
            {
                "row": number,
                "image_id": number + 1,
                "url": f"http://{host}/{number}.jpg",
                "caption": f"caption {number}",
                "host": host,
                "domain": "example.com",
                "punsafe": 0.1,
                "visibility": "shown",
                **row,
            }
        )
    return with_derived(pa.Table.from_pylist(filled, schema=IMAGES))


def with_derived(images: pa.Table) -> pa.Table:
    """Return an images table with the columns that follow from URL and caption."""
    urls, captions = images["url"], images["caption"]
    derived = {
        "plain_http": pc.match_like(urls, "http:%", ignore_case=True),
        "caption_words": pa.array(
            [len((c or "").split(" ")) for c in captions.to_pylist()], pa.int32()
        ),
        "url_digest": text_digests(urls),
        "caption_digest": text_digests(captions),
    }
    for name, column in derived.items():
        images = images.set_column(images.column_names.index(name), name, column)
    return images.cast(IMAGES)


def in_the_index(row: Row) -> dict[str, Any]:
    """Return a row with its scores as the index has them: seven digits, as the models gave them."""
    return {**row, **{name: _seven_digits(row[name]) for name in ("aesthetic", "punsafe")}}


def _seven_digits(score: float | None) -> float | None:
    """Return a score as 32 bits have it; what is too large for these as it is."""
    if score is None or abs(score) > float(np.finfo(np.float32).max):
        return score
    return float(str(np.float32(score)))


def write_images(folder: Path, files: Mapping[str, Sequence[Row]]) -> list[Path]:
    """Write one images table per key, in the order of the keys."""
    paths = []
    for key in sorted(files):
        paths.append(folder / "images" / f"{key}.parquet")
        write_table(paths[-1], images_table(files[key]))
    return paths


def write_mentions(folder: Path, files: Mapping[str, Sequence[Mention]]) -> list[Path]:
    """Write one mentions table per key."""
    return _write_tuples(folder / "mentions", files, MENTIONS)


def write_variants(folder: Path, files: Mapping[str, Sequence[VariantCount]]) -> list[Path]:
    """Write one table of other spellings per key."""
    return _write_tuples(folder / "variant_counts", files, VARIANT_COUNTS)


def _write_tuples(
    folder: Path, files: Mapping[str, Sequence[tuple[Any, ...]]], schema: pa.Schema
) -> list[Path]:
    paths = []
    for key in sorted(files):
        paths.append(folder / f"{key}.parquet")
        rows = [dict(zip(schema.names, values, strict=True)) for values in files[key]]
        write_table(paths[-1], pa.Table.from_pylist(rows, schema=schema))
    return paths


def parts_of(
    folder: Path,
    files: Mapping[str, Sequence[Row]],
    mentions: Mapping[str, Sequence[Mention]] | None = None,
    variants: Mapping[str, Sequence[VariantCount]] | None = None,
) -> FileParts:
    """Write per-file tables and return them as the merge takes them; what is left out is empty."""
    nothing: dict[str, tuple[()]] = dict.fromkeys(files, ())
    images = write_images(folder, files)
    mentioned = write_mentions(folder, {**nothing, **(mentions or {})})
    spelt = write_variants(folder, {**nothing, **(variants or {})})
    return completed(folder, images, mentioned, spelt)


def completed(
    folder: Path, images: Sequence[Path], mentions: Sequence[Path], variants: Sequence[Path]
) -> FileParts:
    """Return parts, with those that follow from images and mentions, which are written here."""
    mentioning, tallies = (
        [folder / name / path.name for path in images] for name in ("mentioning", "tallies")
    )
    with duckdb.connect() as connection:
        for path, tally in zip(images, tallies, strict=True):
            write_tallies(connection, path, tally)
    for path, mentioned, named in zip(images, mentions, mentioning, strict=True):
        rows = pq.read_table(path)
        wanted = pc.is_in(rows["row"], pq.read_table(mentioned)["row"])
        published = pc.not_equal(rows["visibility"], "withheld")
        write_table(named, rows.filter(pc.and_(wanted, published)), IMAGES)
    return FileParts(images, mentions, mentioning, variants, tallies=tallies)


def repeated(connection: duckdb.DuckDBPyConnection, parts: FileParts, folder: Path) -> FileParts:
    """Return parts, with the tables of what repeats in them, which others read, in a folder."""
    write_tables(make_duplicates(connection, parts, threads=2), folder)
    return parts


def write_words(folder: Path, images: Mapping[str, int], denominator: int = 1) -> None:
    """Write words.parquet: in how many of the published rows each word occurs."""
    table = {
        "word": pa.array(images, pa.string()),
        "images": pa.array(images.values(), pa.int64()),
        "share": pa.array([count / denominator for count in images.values()], pa.float64()),
    }
    write_table(folder / "words.parquet", pa.table(table))


def entity(
    list_name: str,
    name: str,
    *,
    aliases: tuple[str, ...] = (),
    context: tuple[str, ...] = (),
    **attributes: str,
) -> Entity:
    """Return a name of a list; ambiguous when it has context words, unsaid attributes empty."""
    blank = dict.fromkeys(LISTS[list_name].column_names, "")
    return Entity(name, aliases, bool(context), context, {**blank, **attributes})


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a parquet file."""
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def picked(rows: Sequence[Row], *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns of rows as tuples."""
    return [tuple(row[column] for column in columns) for row in rows]


def tables_of(asset: str) -> list[str]:
    """Return the names of the tables that an asset makes."""
    return [table.name for table in TABLE_ASSETS[asset].tables]


def url_value(url: str) -> str:
    """Return the value of the `url` field: 64 bits of the canonical URL's sha256, in hex."""
    return hashlib.sha256(canonical_url(url).encode()).hexdigest()[:16]


def write_tables(made: Mapping[str, pa.Table], folder: Path) -> None:
    """Write tables as their asset does, by what the registry declares of them."""
    writing.write_tables(made, [TABLES[name] for name in made], folder)
