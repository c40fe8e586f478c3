"""laion-assets: LAION-style image-caption parquet in, searchable static site out.

`core` does the work and knows no Dagster; `assets` is the Dagster shell; `refresh` and `cli` bring
whatever is missing or stale up to date from the command line.
"""
