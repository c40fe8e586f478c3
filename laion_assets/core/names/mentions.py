"""Which images mention which names: one file's mentions table from its captions.

Lives here: running the matcher over an images table, for the names of every list and for other
spellings of them; the rows that mention any, so that merging names reads no others. Not here: the
matcher (`text.matching`), the lists (`lists`), which spellings are tried (`variants`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.base.parquet import ROW_GROUP, TableWriter, write_table
from laion_assets.core.base.row_groups import RowGroup, map_row_groups
from laion_assets.core.cleaning.schemas import IMAGES, UNLIKE
from laion_assets.core.names.list_files import ListFiles
from laion_assets.core.names.lists import fold_name, load_entities, load_platforms
from laion_assets.core.names.registry import ALL_LISTS, ENTITY_LISTS
from laion_assets.core.names.variant_counts import VariantCounts, count_variants
from laion_assets.core.names.variants import Variant, all_variants
from laion_assets.core.text.matching import CompiledNames, compile_names, match_names

_Rows = npt.NDArray[np.int64]
_Names = npt.NDArray[np.int32]
MENTIONS = pa.schema([("row", pa.int64()), ("list", pa.string()), ("name", pa.string())])
#: Published rows of one file by other spelling of a name; `beyond` lack the name itself. Internal.
VARIANT_COUNTS = pa.schema(
    [
        ("list", pa.string()),
        ("name", pa.string()),
        ("kind", pa.string()),
        ("spelling", pa.string()),
        ("images", pa.int64()),
        ("beyond", pa.int64()),
    ]
)


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
    images: Path,
    names: NameTable,
    *,
    mentions: Path,
    mentioning: Path,
    variant_counts: Path,
    threads: int,
) -> dict[str, int]:
    """Write the mentions of one images table, sorted by row; return mentions counted by list.

    `mentioning` receives the published rows that mention any name, `variant_counts` how many
    published rows have each other spelling that occurs.
    """
    listed = len(names.names)
    found = np.zeros(listed, np.int64)
    spelt = VariantCounts(np.zeros(len(names.variants), np.int64))
    lists, all_names = pa.array(names.lists, pa.string()), pa.array(names.names, pa.string())

    def match(row_group: RowGroup) -> tuple[_Rows, _Names, VariantCounts, pa.Table]:
        """Return the rows of a row group and the number of a name each mentions.

        And its variants, and the published ones of these rows, whole.
        """
        group = row_group.read("row", "caption", "visibility")
        hits = match_names(names.compiled, group["caption"])
        named = hits.name < listed
        rows = np.asarray(group["row"])[hits.row[named]]
        shown = np.asarray(pc.not_equal(group["visibility"], "withheld"))[hits.row]
        variants = count_variants(hits.row[shown], hits.name[shown], listed, names.variant_of)
        whole = _rows(row_group, group, np.unique(hits.row[named & shown]))
        return rows, hits.name[named], variants, whole

    with (
        TableWriter(mentions, MENTIONS) as writer,
        TableWriter(mentioning, IMAGES, UNLIKE) as whole_rows,
    ):
        for rows, numbers, variants, whole in map_row_groups(images, match, threads):
            whole_rows.append(whole)
            # Spelt out piece by piece: a caption of 100,000 characters names some thousands.
            for start in range(0, len(rows), ROW_GROUP):
                name = pa.array(numbers[start : start + ROW_GROUP])
                row = pa.array(rows[start : start + ROW_GROUP])
                writer.append(
                    pa.table({"row": row, "list": lists.take(name), "name": all_names.take(name)})
                )
            spelt += variants
            found += np.bincount(numbers, minlength=listed)
    write_table(variant_counts, _variant_table(names, spelt), VARIANT_COUNTS)
    by_list = dict.fromkeys(ALL_LISTS, 0)
    for list_name, count in zip(names.lists, found.tolist(), strict=True):
        by_list[list_name] += count
    return by_list


def _rows(row_group: RowGroup, read: pa.Table, places: _Rows) -> pa.Table:
    """Return some rows of a row group, of which some columns were read already."""
    others = [name for name in IMAGES.names if name not in read.column_names]
    at = pa.array(places)
    found = read.take(at)
    for name, column in zip(others, row_group.read(*others).take(at).columns, strict=True):
        found = found.append_column(name, column)
    return found


def _variant_table(names: NameTable, counts: VariantCounts) -> pa.Table:
    """Return the variants that occur, in the order of the lists."""
    occurring = np.flatnonzero(counts.images).tolist()
    owners = [int(names.variant_of[n]) for n in occurring]
    return pa.table(
        {
            "list": [names.lists[owner] for owner in owners],
            "name": [names.names[owner] for owner in owners],
            "kind": [names.variants[n].kind for n in occurring],
            "spelling": [names.variants[n].spelling for n in occurring],
            "images": counts.images[occurring],
            "beyond": counts.beyond[occurring],
        }
    )
