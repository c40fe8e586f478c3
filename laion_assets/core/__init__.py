"""The work: plain functions on Arrow tables and DuckDB relations. Imports no Dagster.

Rooms, each of which may import only those before it: base, text, sources, reading, cleaning, names,
tables, index, site, publish, build. `lint-imports` holds that order.
"""
