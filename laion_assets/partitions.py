"""Partitions: one per source file, dynamic, named by the file's key (`core.sources.finding`).

Nothing else is partitioned; which keys exist is decided by the saved source set.
"""

import dagster as dg

SOURCE_FILES = dg.DynamicPartitionsDefinition(name="source_file")

#: Tags by which one run takes a range of files, as a backfill from the UI does.
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
