"""The Dagster shell: each asset reads, calls `laion_assets.core`, writes and reports metadata.

Groups and kinds are assigned here, in one table, not decorator by decorator. What the asset graph
is made from and its code versions are `core.graph`; what is stale is `core.plan`.
"""
