"""The published site: merged tables in, the bytes of pages out.

Lives here: pages, charts, tiles, data files. Knows tables, never the build: nothing here writes a
file or asks what is stale. The same tables, templates and settings give the same bytes: no clock,
no chance, no network. Not here: putting the site in place (`core.publish`).
"""
