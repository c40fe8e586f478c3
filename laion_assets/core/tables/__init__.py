"""The merged tables: small exact counts over the rows of every source file.

Lives here: the registry of tables, and a module for each asset that makes some. Not here: how they
look on a page (`core.site`), what is stale (`core.build`).
"""
