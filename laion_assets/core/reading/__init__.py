"""Untrusted files to batches of rows: parquet, CSV, TSV, JSON.

Lives here: what a file is, its columns as ours, bounded reading. Not here: what a good row is
(`core.cleaning`).
"""
