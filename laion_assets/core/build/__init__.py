"""The build directory: where everything made lies, what it was made from, what is stale.

Lives here: paths, settings, source set, stamps, lock, the graph of assets and its plan, the
invariants of what was made. Not here: making anything (the rooms before), Dagster
(`laion_assets.assets`).
"""
