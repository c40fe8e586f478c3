"""Looking any names up in what is built: on a list or not, with other spellings counted apart.

Lives here: counting over the images tables, in one pass however many names there are. The counts
are those of the tables and pages: published rows only. Not here: how they are told (`naming`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.context import in_context_rows
from laion_assets.core.errors import BadUsage
from laion_assets.core.lists import Entity, fold_name
from laion_assets.core.tables import ROW_GROUP, literal_path
from laion_assets.core.text.matching import compile_names, match_names
from laion_assets.core.variants import Variant, spelling_variants
from laion_assets.core.workspace import Progress, silent

TOP_DOMAINS = 5


@dataclass(frozen=True)
class VariantCount:
    """Published rows with another spelling, and how many of them lack the name itself."""

    variant: Variant
    images: int
    beyond: int


@dataclass
class Found:
    """What was found of one name; `entity` is the row of the list it stands on, if any."""

    asked: str
    phrases: tuple[str, ...]
    list_name: str = ""
    entity: Entity | None = None
    images: int = 0
    unique_urls: int = 0
    unique_captions: int = 0
    images_in_context: int | None = None
    domains: list[tuple[str, int]] = field(default_factory=list)
    variants: list[VariantCount] = field(default_factory=list)


def look_up(
    connection: duckdb.DuckDBPyConnection,
    images: Sequence[Path],
    asked: Sequence[str],
    lists: Mapping[str, Sequence[Entity]],
    threads: int,
    progress: Progress = silent,
) -> tuple[int, list[Found]]:
    """Return the number of published rows and what was found of each name, in the order asked.

    A name that is some row's name or alias stands for that row, all its aliases included, on every
    list that has it. Raises BadUsage for a name without a letter or digit.
    """
    found = [entry for name in asked for entry in _resolve(name, lists)]
    variants = [spelling_variants(entry.phrases) for entry in found]
    numbered = [(number, phrase) for number, entry in enumerate(found) for phrase in entry.phrases]
    owners = [(number, v) for number, tried in enumerate(variants) for v in tried]
    numbered += [(len(found) + n, v.spelling) for n, (_, v) in enumerate(owners)]
    scan = _Scan(len(found), np.array([number for number, _ in owners], np.int64))
    compiled = compile_names(numbered)
    for done, path in enumerate(images):
        progress("captions", done, len(images))
        with pq.ParquetFile(path) as source:
            columns = ["row", "caption", "visibility"]
            for batch in source.iter_batches(batch_size=ROW_GROUP, columns=columns):
                hits = match_names(compiled, batch.column("caption"), threads=threads)
                scan.add(path, batch, hits.row, hits.name)
    progress("captions", len(images), len(images))
    _describe(connection, images, scan.mentions(), found, threads)
    for n, (number, variant) in enumerate(owners):
        count = VariantCount(variant, int(scan.images[n]), int(scan.beyond[n]))
        found[number].variants.append(count)
    return scan.published, found


def _resolve(name: str, lists: Mapping[str, Sequence[Entity]]) -> list[Found]:
    """Return the rows of the lists that a name stands for, or the name by itself."""
    folded = fold_name(name)
    if not folded:
        raise BadUsage(f"{name!r} holds no letter or digit to look up")
    listed = [
        Found(name, entity.phrases, list_name, entity)
        for list_name, entities in lists.items()
        for entity in entities
        if any(fold_name(phrase) == folded for phrase in entity.phrases)
    ]
    return listed or [Found(name, (name,))]


class _Scan:
    """What one pass over the captions collects."""

    def __init__(self, names: int, variant_of: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        self.published = 0
        self.images = np.zeros(len(variant_of), np.int64)
        self.beyond = np.zeros(len(variant_of), np.int64)
        self._names = names
        self._variant_of = variant_of
        self._mentions: list[pa.Table] = []

    def add(
        self,
        path: Path,
        batch: pa.RecordBatch,
        rows: np.ndarray[tuple[int], np.dtype[np.int64]],
        names: np.ndarray[tuple[int], np.dtype[np.int32]],
    ) -> None:
        """Add the hits of some rows, those that are withheld left out."""
        published = np.asarray(pc.not_equal(batch.column("visibility"), "withheld"))
        self.published += int(published.sum())
        rows, names = rows[published[rows]], names[published[rows]]
        listed = names < self._names
        taken = pa.array(rows[listed])
        self._mentions.append(
            pa.table(
                {
                    "source_file": pa.repeat(path.stem, len(taken)),
                    "row": batch.column("row").take(taken),
                    "name": pa.array(names[listed], pa.int32()),
                    "caption": batch.column("caption").take(taken),
                }
            )
        )
        variant = names[~listed] - self._names
        key = rows[~listed] * self._names + self._variant_of[variant]
        beyond = ~np.isin(key, rows[listed] * self._names + names[listed])
        self.images += np.bincount(variant, minlength=len(self.images))
        self.beyond += np.bincount(variant[beyond], minlength=len(self.beyond))

    def mentions(self) -> pa.Table:
        """Return (source_file, row, name, caption), `name` being the number of one looked up."""
        return pa.concat_tables(self._mentions)


def _describe(
    connection: duckdb.DuckDBPyConnection,
    images: Sequence[Path],
    mentions: pa.Table,
    found: Sequence[Found],
    threads: int,
) -> None:
    """Fill in the counts of every name from its mentions."""
    connection.register("mentions", mentions)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE found AS SELECT name, url, domain, caption FROM mentions "
        "JOIN (SELECT parse_filename(filename, true) AS source_file, row, url, domain "
        "FROM read_parquet($paths, filename = true, hive_partitioning = false)) "
        "USING (source_file, row)",
        {"paths": [literal_path(path) for path in images]},
    )
    counts = connection.sql(
        "SELECT name, count(*), count(DISTINCT url), count(DISTINCT caption) "
        "FROM found GROUP BY name"
    )
    for number, rows, urls, captions in counts.fetchall():
        entry = found[number]
        entry.images, entry.unique_urls, entry.unique_captions = rows, urls, captions
    domains = connection.sql(
        "SELECT name, domain, count(*) AS images FROM found GROUP BY name, domain "
        "QUALIFY row_number() OVER (PARTITION BY name ORDER BY count(*) DESC, domain) <= $top "
        "ORDER BY name, images DESC, domain",
        params={"top": TOP_DOMAINS},
    )
    for number, domain, rows in domains.fetchall():
        found[number].domains.append((domain, rows))
    for number, entry in enumerate(found):
        if entry.entity is not None and entry.entity.ambiguous:
            own = mentions.filter(pc.equal(mentions["name"], number))
            named = own.set_column(2, "name", pa.repeat(entry.entity.name, own.num_rows))
            entry.images_in_context = in_context_rows(named, [entry.entity], threads).num_rows
