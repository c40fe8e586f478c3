"""What every room stands on: errors, atomic files, progress, DuckDB, the parquet writer.

Not here: anything that knows what a caption, a source or a table is. Imports nothing of ours.
"""
