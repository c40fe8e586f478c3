"""Partitions: one per source file, dynamic, named by the file's key (`core.sources.finding`).

Nothing else is partitioned; which keys exist is decided by the saved source set.
"""

from collections.abc import Collection, Iterator, Sequence

import dagster as dg

from laion_assets.keys import PARTITIONS

SOURCE_FILES = dg.DynamicPartitionsDefinition(name=PARTITIONS)

#: Tags by which one run takes a range of files, as a backfill from the UI does.
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"

#: Tag of a run that tries nothing: it fails for files that were set aside beside others.
ONLY_TELL = "laion-assets/only_tell"


def ranges(keys: Sequence[str], wanted: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the (first, last) of each unbroken stretch of `keys` that is wanted."""
    stretch: list[str] = []
    for key in keys:
        if key in wanted:
            stretch.append(key)
        elif stretch:
            yield stretch[0], stretch[-1]
            stretch = []
    if stretch:
        yield stretch[0], stretch[-1]
