"""The Dagster shell: each asset reads, calls `laion_assets.core`, writes and reports metadata.

What an asset is made from, its group and kinds are said once, in `core.build.graph`; what is stale
is `core.build.plan`. Not here: any work.
"""
