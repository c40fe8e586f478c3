"""Which images mention which names: one file's mentions table from its captions.

Lives here: running the matcher over an images table, for the names of every list and for other
spellings of them. Not here: the matcher (`text.matching`), the lists (`lists`), which spellings
are tried (`variants`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.graph import ALL_LISTS, ENTITY_LISTS
from laion_assets.core.list_files import ListFiles
from laion_assets.core.lists import fold_name, load_entities, load_platforms
from laion_assets.core.scanning import RowGroup, map_row_groups
from laion_assets.core.tables import MENTIONS, VARIANT_COUNTS, TableWriter, write_table
from laion_assets.core.text.matching import CompiledNames, NameHits, compile_names, match_names
from laion_assets.core.variants import Variant, all_variants

_Counts = npt.NDArray[np.int64]


class NameTable:
    """Every name of every list and its variants, compiled for matching; used for many files.

    Names are numbered first, then variants: `variants[i]` is number `len(names) + i`, and a
    spelling of the name `variant_of[i]`.
    """

    def __init__(self, files: ListFiles) -> None:
        entries = [(name, e.name, e.phrases) for name in ENTITY_LISTS
                   for e in load_entities(name, files)]  # fmt: skip
        entities = len(entries)
        # Not every platform's name has a letter: what cannot be named is not looked for.
        platforms = sorted({p.platform for p in load_platforms(files) if fold_name(p.platform)})
        entries += [("platforms", name, (name,)) for name in platforms]
        variants = all_variants([phrases for _, _, phrases in entries[:entities]])
        self.lists = [list_name for list_name, _, _ in entries]
        self.names = [name for _, name, _ in entries]
        self.variants: list[Variant] = [variant for _, variant in variants]
        self.variant_of = np.array([number for number, _ in variants], np.int64)
        phrases = [
            (number, phrase) for number, entry in enumerate(entries) for phrase in entry[2]
        ] + [(len(entries) + n, variant.spelling) for n, variant in enumerate(self.variants)]
        self.compiled: CompiledNames = compile_names(phrases)


def write_mentions(
    images: Path, mentions: Path, variant_counts: Path, names: NameTable, threads: int
) -> dict[str, int]:
    """Write the mentions of one images table, sorted by row; return mentions counted by list.

    `variant_counts` receives how many published rows have each other spelling that occurs.
    """
    found = np.zeros(len(names.names), np.int64)
    counts = _VariantCounts(names)
    lists, all_names = pa.array(names.lists, pa.string()), pa.array(names.names, pa.string())

    def match(row_group: RowGroup) -> tuple[pa.Table, _VariantCounts, _Counts]:
        """Return the mentions of a row group, its variants, and its mentions by name."""
        group = row_group.read("row", "caption", "visibility")
        hits = match_names(names.compiled, group["caption"])
        listed = hits.name < len(names.names)
        name = pa.array(hits.name[listed])
        mentioned = {
            "row": group["row"].take(pa.array(hits.row[listed])),
            "list": lists.take(name),
            "name": all_names.take(name),
        }
        variants = _VariantCounts(names)
        variants.add(hits, np.asarray(pc.not_equal(group["visibility"], "withheld")))
        by_name = np.bincount(hits.name[listed], minlength=len(names.names))
        return pa.table(mentioned), variants, by_name

    with TableWriter(mentions, MENTIONS) as writer:
        for mentioned, variants, by_name in map_row_groups(images, match, threads):
            writer.append(mentioned)
            counts.merge(variants)
            found += by_name
    write_table(variant_counts, counts.table(), VARIANT_COUNTS)
    by_list = dict.fromkeys(ALL_LISTS, 0)
    for list_name, count in zip(names.lists, found.tolist(), strict=True):
        by_list[list_name] += count
    return by_list


class _VariantCounts:
    """Published rows by variant, and how many of them lack the name as it is listed."""

    def __init__(self, names: NameTable) -> None:
        self._names = names
        self._images: _Counts = np.zeros(len(names.variants), np.int64)
        self._beyond: _Counts = np.zeros(len(names.variants), np.int64)

    def add(self, hits: NameHits, published: npt.NDArray[np.bool_]) -> None:
        """Count the hits of some rows."""
        listed = len(self._names.names)
        named = hits.row * listed + hits.name  # ascending where the name is a listed one
        named = named[hits.name < listed]
        variant = (hits.name >= listed) & published[hits.row]
        number, row = hits.name[variant] - listed, hits.row[variant]
        key = row * listed + self._names.variant_of[number]
        beyond = ~np.isin(key, named, assume_unique=False)
        self._images += np.bincount(number, minlength=len(self._images))
        self._beyond += np.bincount(number[beyond], minlength=len(self._beyond))

    def merge(self, other: _VariantCounts) -> None:
        """Add what was counted in other rows."""
        self._images += other._images
        self._beyond += other._beyond

    def table(self) -> pa.Table:
        """Return the variants that occur, in the order of the lists."""
        names = self._names
        occurring = np.flatnonzero(self._images).tolist()
        owners = [int(names.variant_of[n]) for n in occurring]
        return pa.table(
            {
                "list": [names.lists[owner] for owner in owners],
                "name": [names.names[owner] for owner in owners],
                "kind": [names.variants[n].kind for n in occurring],
                "spelling": [names.variants[n].spelling for n in occurring],
                "images": self._images[occurring],
                "beyond": self._beyond[occurring],
            }
        )
