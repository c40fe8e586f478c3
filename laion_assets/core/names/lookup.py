"""Looking any names up in what is built: on a list or not, with other spellings counted apart.

Lives here: counting over the images tables, in one pass however many names there are. The counts
are those of the tables and pages: published rows only. Not here: how they are told
(`commands.names_text`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.progress import Progress, silent
from laion_assets.core.base.row_groups import RowGroup, map_row_groups
from laion_assets.core.names.context import in_context_rows
from laion_assets.core.names.lists import Entity, fold_name
from laion_assets.core.names.variant_counts import Counts, VariantCounts, count_variants
from laion_assets.core.names.variants import Variant, spelling_variants
from laion_assets.core.text.matching import CompiledNames, compile_names, match_names

TOP_DOMAINS = 5
_MOST_NEAR = 3
_NEAR = 0.8  # of 1, by difflib: one letter in five wrong, or two that changed places

#: A mention of one of the names looked up, `name` being its number.
_MENTIONS = pa.schema(
    [
        ("name", pa.int32()),
        ("in_context", pa.bool_()),
        ("url", pa.string()),
        ("domain", pa.string()),
        ("caption", pa.string()),
    ]
)

# "the" is in a third of all captions: texts are told apart by 128 bits of them, and what the memory
# limit has no room for DuckDB moves to the disk.
_CREATE = (
    "CREATE OR REPLACE TEMP TABLE mentions"
    " (name INTEGER, in_context BOOLEAN, domain VARCHAR, url UHUGEINT, caption UHUGEINT)"
)
_INSERT = (
    "INSERT INTO mentions"
    " SELECT name, in_context, domain, md5_number(url), md5_number(caption) FROM part"
)


@dataclass(frozen=True)
class VariantCount:
    """Published rows with another spelling, and how many of them lack the name itself."""

    variant: Variant
    images: int
    beyond: int


@dataclass
class Found:
    """What was found of one name; `entity` is the row of the list it stands on, if any.

    `images_in_context` is None for a name that is not ambiguous, 0 where no word tells. `near` are
    listed names written nearly so, for a name on no list that no caption has.
    """

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
    near: list[str] = field(default_factory=list)


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
    matcher = _Matcher(compile_names(numbered), found, np.array([n for n, _ in owners], np.int64))
    published, counts = 0, VariantCounts(np.zeros(len(owners), np.int64))
    connection.execute(_CREATE)
    for done, path in enumerate(images):
        progress("captions", done, len(images))
        for part in map_row_groups(path, matcher.read, threads):
            published += part.published
            counts += part.variants
            connection.register("part", part.mentions)
            connection.execute(_INSERT)
    progress("captions", len(images), len(images))
    _describe(connection, found)
    for n, (number, variant) in enumerate(owners):
        count = VariantCount(variant, int(counts.images[n]), int(counts.beyond[n]))
        found[number].variants.append(count)
    _find_near([entry for entry in found if entry.entity is None and not entry.images], lists)
    return published, found


def _find_near(lacking: Sequence[Found], lists: Mapping[str, Sequence[Entity]]) -> None:
    """Tell of names that were not found which listed ones may be meant, the nearest first."""
    if not lacking:
        return
    spelled = {
        fold_name(phrase): entity.name
        for entities in lists.values()
        for entity in entities
        for phrase in entity.phrases
    }
    for entry in lacking:
        near = get_close_matches(fold_name(entry.asked), spelled, n=_MOST_NEAR, cutoff=_NEAR)
        entry.near = list(dict.fromkeys(spelled[folded] for folded in near))


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


class _Matcher:
    """What is looked for in every row group."""

    def __init__(self, compiled: CompiledNames, found: Sequence[Found], variant_of: Counts) -> None:
        self._compiled = compiled
        self._found = found
        self._variant_of = variant_of

    def read(self, row_group: RowGroup) -> _Part:
        """Match a row group's captions, those that are withheld left out."""
        group = row_group.read("caption", "visibility")
        hits = match_names(self._compiled, group["caption"])
        published = np.asarray(pc.not_equal(group["visibility"], "withheld"))
        rows, names = hits.row[published[hits.row]], hits.name[published[hits.row]]
        listed = names < len(self._found)
        mentions = _MENTIONS.empty_table()
        if listed.any():  # most row groups name nobody, and their URLs stay unread
            taken = pa.array(rows[listed])
            captions = group["caption"].take(taken)
            where = row_group.read("url", "domain").take(taken)
            columns = {
                "name": pa.array(names[listed], pa.int32()),
                "in_context": self._in_context(names[listed], captions),
                "caption": captions,
            }
            columns |= {name: where[name] for name in where.column_names}
            mentions = pa.table(columns).select(_MENTIONS.names).cast(_MENTIONS)
        counts = count_variants(rows, names, len(self._found), self._variant_of)
        return _Part(int(published.sum()), mentions, counts)

    def _in_context(self, names: npt.NDArray[np.int32], captions: pa.ChunkedArray) -> pa.Array:
        """Tell of every mention whether it stands beside a context word of an ambiguous name."""
        likely = np.zeros(len(names), np.bool_)
        for number, entry in enumerate(self._found):
            if entry.entity is not None and entry.entity.ambiguous:
                own = np.flatnonzero(names == number)
                table = pa.table(
                    {
                        "row": own,
                        "name": pa.repeat(entry.entity.name, len(own)),
                        "caption": captions.take(pa.array(own)),
                    }
                )
                likely[np.asarray(in_context_rows(table, [entry.entity], 1)["row"])] = True
        return pa.array(likely)


def _describe(connection: duckdb.DuckDBPyConnection, found: Sequence[Found]) -> None:
    """Fill in the counts of every name from its mentions."""
    counts = connection.sql(
        "SELECT name, count(*), count(DISTINCT url), count(DISTINCT caption), "
        "count(*) FILTER (in_context) FROM mentions GROUP BY name"
    )
    for entry in found:
        if entry.entity is not None and entry.entity.ambiguous:
            entry.images_in_context = 0
    for number, rows, urls, captions, likely in counts.fetchall():
        entry = found[number]
        entry.images, entry.unique_urls, entry.unique_captions = rows, urls, captions
        if entry.images_in_context is not None:
            entry.images_in_context = likely
    domains = connection.sql(
        "SELECT name, domain, count(*) AS images FROM mentions GROUP BY name, domain "
        "QUALIFY row_number() OVER (PARTITION BY name ORDER BY count(*) DESC, domain) <= $top "
        "ORDER BY name, images DESC, domain",
        params={"top": TOP_DOMAINS},
    )
    for number, domain, rows in domains.fetchall():
        found[number].domains.append((domain, rows))
