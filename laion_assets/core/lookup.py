"""Looking any names up in what is built: on a list or not, with other spellings counted apart.

Lives here: counting over the images tables, in one pass however many names there are. The counts
are those of the tables and pages: published rows only. Not here: how they are told (`naming`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.context import in_context_rows
from laion_assets.core.errors import BadUsage
from laion_assets.core.lists import Entity, fold_name
from laion_assets.core.scanning import RowGroup, map_row_groups
from laion_assets.core.text.matching import CompiledNames, compile_names, match_names
from laion_assets.core.variant_counts import Counts, VariantCounts, count_variants
from laion_assets.core.variants import Variant, spelling_variants
from laion_assets.core.workspace import Progress, silent

TOP_DOMAINS = 5

#: A mention of one of the names looked up, `name` being its number.
_MENTIONS = pa.schema(
    [
        ("name", pa.int32()),
        ("row", pa.int64()),
        ("url", pa.string()),
        ("domain", pa.string()),
        ("caption", pa.string()),
        ("source_file", pa.string()),
    ]
)


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
    found = _resolve(asked, lists)
    variants = [spelling_variants(entry.phrases) for entry in found]
    numbered = [(number, phrase) for number, entry in enumerate(found) for phrase in entry.phrases]
    owners = [(number, v) for number, tried in enumerate(variants) for v in tried]
    numbered += [(len(found) + n, v.spelling) for n, (_, v) in enumerate(owners)]
    scan = _Scan(compile_names(numbered), len(found), np.array([n for n, _ in owners], np.int64))
    for done, path in enumerate(images):
        progress("captions", done, len(images))
        for part in map_row_groups(path, scan.read, threads):
            scan.add(part)
    progress("captions", len(images), len(images))
    _describe(connection, scan.mentions(), found, threads)
    for n, (number, variant) in enumerate(owners):
        count = VariantCount(variant, int(scan.variants.images[n]), int(scan.variants.beyond[n]))
        found[number].variants.append(count)
    return scan.published, found


def _resolve(asked: Sequence[str], lists: Mapping[str, Sequence[Entity]]) -> list[Found]:
    """Return the rows of the lists that each name stands for, or the name by itself."""
    listed: dict[str, list[tuple[str, Entity]]] = {}
    for list_name, entities in lists.items():
        for entity in entities:
            for folded in {fold_name(phrase) for phrase in entity.phrases}:
                listed.setdefault(folded, []).append((list_name, entity))
    found = []
    for name in asked:
        folded = fold_name(name)
        if not folded:
            raise BadUsage(f"{name!r} holds no letter or digit to look up")
        found += [
            Found(name, entity.phrases, list_name, entity)
            for list_name, entity in listed.get(folded, ())
        ] or [Found(name, (name,))]
    return found


class _Part(NamedTuple):
    """What one row group gave: published rows, mentions (_MENTIONS), counts by variant."""

    published: int
    mentions: pa.Table
    variants: VariantCounts


class _Scan:
    """What one pass over the captions collects."""

    def __init__(self, compiled: CompiledNames, names: int, variant_of: Counts) -> None:
        self.published = 0
        self.variants = VariantCounts(np.zeros(len(variant_of), np.int64))
        self._compiled = compiled
        self._names = names
        self._variant_of = variant_of
        self._mentions: list[pa.Table] = []

    def read(self, row_group: RowGroup) -> _Part:
        """Match a row group's captions, those that are withheld left out."""
        group = row_group.read("caption", "visibility")
        hits = match_names(self._compiled, group["caption"])
        published = np.asarray(pc.not_equal(group["visibility"], "withheld"))
        rows, names = hits.row[published[hits.row]], hits.name[published[hits.row]]
        listed = names < self._names
        mentions = _MENTIONS.empty_table()
        if listed.any():  # most row groups name nobody, and their addresses stay unread
            taken = pa.array(rows[listed])
            where = row_group.read("row", "url", "domain").take(taken)
            columns = {
                "name": pa.array(names[listed], pa.int32()),
                "caption": group["caption"].take(taken),
                "source_file": pa.repeat(row_group.path.stem, len(taken)),
            }
            columns |= {name: where[name] for name in where.column_names}
            mentions = pa.table(columns, schema=_MENTIONS)
        counts = count_variants(rows, names, self._names, self._variant_of)
        return _Part(int(published.sum()), mentions, counts)

    def add(self, part: _Part) -> None:
        """Add what a row group gave."""
        self.published += part.published
        self.variants += part.variants
        self._mentions.append(part.mentions)

    def mentions(self) -> pa.Table:
        """Return the mentions (_MENTIONS)."""
        return pa.concat_tables([_MENTIONS.empty_table(), *self._mentions])


def _describe(
    connection: duckdb.DuckDBPyConnection,
    mentions: pa.Table,
    found: Sequence[Found],
    threads: int,
) -> None:
    """Fill in the counts of every name from its mentions."""
    connection.register("mentions", mentions)
    counts = connection.sql(
        "SELECT name, count(*), count(DISTINCT url), count(DISTINCT caption) "
        "FROM mentions GROUP BY name"
    )
    for number, rows, urls, captions in counts.fetchall():
        entry = found[number]
        entry.images, entry.unique_urls, entry.unique_captions = rows, urls, captions
    domains = connection.sql(
        "SELECT name, domain, count(*) AS images FROM mentions GROUP BY name, domain "
        "QUALIFY row_number() OVER (PARTITION BY name ORDER BY count(*) DESC, domain) <= $top "
        "ORDER BY name, images DESC, domain",
        params={"top": TOP_DOMAINS},
    )
    for number, domain, rows in domains.fetchall():
        found[number].domains.append((domain, rows))
    for number, entry in enumerate(found):
        if entry.entity is not None and entry.entity.ambiguous:
            own = mentions.filter(pc.equal(mentions["name"], number))
            named = own.drop_columns("name").append_column(
                "name", pa.repeat(entry.entity.name, own.num_rows)
            )
            entry.images_in_context = in_context_rows(named, [entry.entity], threads).num_rows
