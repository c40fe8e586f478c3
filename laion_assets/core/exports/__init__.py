"""What is built, in the forms that other programs open: SQLite, DuckDB, parquet, descriptions.

A room of the core; ARCHITECTURE.md says what belongs here. Nothing withheld or removed is in any.
"""
