"""Merged tables: an asset for each entry of `core.tables.registry`, made by the module it names.

Lives here: handing the module its inputs, and writing what it returns in the schemas of the
registry. Not here: any table.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module

import duckdb

from laion_assets.assets.steps import MakeMerged, merged_asset
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.names.registry import LISTS
from laion_assets.core.tables.declarations import TableAsset
from laion_assets.core.tables.registry import TABLE_ASSETS
from laion_assets.core.tables.rows import FileParts, MergeInputs, Tables
from laion_assets.core.tables.writing import write_tables
from laion_assets.making.made import Made


def _inputs(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> MergeInputs:
    keys, paths = workspace.sources.usable_keys(), workspace.paths
    return MergeInputs(
        connection=connection,
        parts=FileParts(
            images=[paths.table("images", key) for key in keys],
            mentions=[paths.table("mentions", key) for key in keys],
            mentioning=[paths.table("mentioning", key) for key in keys],
            variants=[paths.table("variant_counts", key) for key in keys],
            words=[paths.segment(key, "words") for key in keys],
            cleaning=[paths.cleaning_counts(key) for key in keys],
            tallies=[paths.table("tallies", key) for key in keys],
        ),
        tables=paths.tables,
        lists=workspace.lists,
        threads=workspace.settings.threads,
    )


def _maker(asset: TableAsset) -> Callable[[MergeInputs], Tables]:
    """Return the function that makes an asset's tables, with its docstring."""
    module = import_module(f"laion_assets.core.tables.{asset.module or asset.name}")
    if asset.name not in LISTS:
        make: Callable[[MergeInputs], Tables] = module.make
        return make
    of_list = partial(module.make, asset.name)
    of_list.__doc__ = LISTS[asset.name].description
    return of_list


def _make(asset: TableAsset) -> MakeMerged:
    maker = _maker(asset)

    def make(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Made:
        made = maker(_inputs(workspace, connection))
        return Made(outputs=write_tables(made, asset.tables, workspace.paths.tables))

    make.__name__, make.__doc__ = asset.name, maker.__doc__
    vars(make)["__wrapped__"] = maker.func if isinstance(maker, partial) else maker  # its code
    return make


TABLE_DEFINITIONS = [merged_asset(_make(asset)) for asset in TABLE_ASSETS.values()]
