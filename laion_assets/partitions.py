"""Partitions: one per source file, dynamic, named by the file's key (`core.sources.finding`).

Nothing else is partitioned; which keys exist is decided by the saved source set.
"""

import dagster as dg

SOURCE_FILES = dg.DynamicPartitionsDefinition(name="source_file")
