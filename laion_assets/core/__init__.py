"""Plain functions on files, Arrow tables and DuckDB relations. Nothing here imports Dagster."""
