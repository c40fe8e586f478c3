"""The asset graph as data: what each asset is made from, and by which module.

Lives here: names, upstreams, modules, the settings and lists an asset reads. Merged tables come
from `core.tables.registry`. Not here: the code version that follows (`code_version`), what is stale
(`plan`), Dagster (`laion_assets.assets`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from laion_assets.core.names.registry import ALL_LISTS, CLAIMS, ENTITY_LISTS, PLATFORMS
from laion_assets.core.tables.declarations import Table, TableAsset
from laion_assets.core.tables.registry import TABLE_ASSETS

EXPORT_GROUP = "exports"


@dataclass(frozen=True)
class AssetNode:
    """One asset: per source file (left of the graph) or merged (right).

    `modules` of `laion_assets.core` make it: their import closure is its code. `settings` are those
    its output depends on, `lists` the lists it reads itself, `tables` the merged tables it makes.
    One that `agrees` shows several assets side by side: it is made only of what goes together.
    """

    name: str
    per_file: bool
    upstream: tuple[str, ...]
    modules: tuple[str, ...]
    group: str
    kinds: tuple[str, ...] = ("parquet", "duckdb")
    lists: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    templates: bool = False
    agrees: bool = False
    export: bool = False  # made when somebody asks for it, and by no build


def _of_tables(asset: TableAsset) -> AssetNode:
    return AssetNode(
        asset.name,
        per_file=False,
        upstream=asset.upstream,
        modules=(f"tables.{asset.module or asset.name}", "tables.writing"),
        group=asset.group,
        lists=asset.lists,
        tables=asset.tables,
    )


_NODES = (
    AssetNode(
        "raw_parquet",
        per_file=True,
        upstream=(),
        modules=("reading.source_file", "reading.description"),
        group="source_files",
        kinds=("parquet",),
        settings=("layout",),
    ),
    AssetNode(
        "images",
        per_file=True,
        upstream=("raw_parquet",),
        modules=("cleaning.rules", "cleaning.taking_out"),
        group="source_files",
        settings=("thresholds", "removal", "max_text"),
    ),
    AssetNode(
        "tallies",
        per_file=True,
        upstream=("images",),
        modules=("tables.tallies",),
        group="source_files",
    ),
    AssetNode(
        "mentions",
        per_file=True,
        upstream=("images",),
        modules=("names.mentions",),
        group="source_files",
        kinds=("parquet", "numba"),
        lists=ALL_LISTS,
    ),
    AssetNode(
        "index_segment",
        per_file=True,
        upstream=("images",),
        modules=("index.segment",),
        group="source_files",
        kinds=("parquet", "numba"),
    ),
    *(_of_tables(asset) for asset in TABLE_ASSETS.values()),
    AssetNode(
        "search_index",
        per_file=False,
        upstream=("index_segment", "mentions"),
        modules=("index.merge",),
        group="published",
        kinds=("javascript", "json"),
        lists=(PLATFORMS,),
        settings=("max_files",),
    ),
    AssetNode(
        "site",
        per_file=False,
        upstream=(*TABLE_ASSETS, "search_index"),
        modules=("site.rendering", "site.tombstone", "publish.exchange"),
        group="published",
        kinds=("html", "jinja"),
        lists=(CLAIMS,),
        settings=(
            "thresholds",
            "max_files",
            "withdrawn",
            "dataset",
            "sources",
            "publisher",
            "base_url",
        ),
        templates=True,
        agrees=True,
    ),
    AssetNode(
        "datasette_db",
        per_file=False,
        upstream=("images", "mentions", "domains", *ENTITY_LISTS),
        modules=("exports.database", "exports.browser"),
        group=EXPORT_GROUP,
        kinds=("sqlite",),
        settings=("dataset",),
        agrees=True,
        export=True,
    ),
    AssetNode(
        "duckdb_file",
        per_file=False,
        upstream=("images", "mentions", *TABLE_ASSETS),
        modules=("exports.parquet_files", "exports.duckdb_file"),
        group=EXPORT_GROUP,
        agrees=True,
        export=True,
    ),
    AssetNode(
        "dataset_card",
        per_file=False,
        upstream=("duckdb_file",),
        modules=("exports.hub_card", "exports.croissant", "exports.data_package"),
        group=EXPORT_GROUP,
        kinds=("json", "yaml"),
        settings=("dataset",),
        agrees=True,
        export=True,
    ),
)

#: Every asset by name, upstream before downstream.
GRAPH: Mapping[str, AssetNode] = {node.name: node for node in _NODES}
#: Those that read the source file; what comes later needs the tables alone.
READING = ("raw_parquet", "images")
PER_FILE = tuple(node.name for node in _NODES if node.per_file)
MERGED = tuple(node.name for node in _NODES if not node.per_file and not node.export)
#: Beside the road to the site: `laion-assets export` makes them.
EXPORTS = tuple(node.name for node in _NODES if node.export)
