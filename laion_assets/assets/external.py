"""What others make and assets are made from: source files and lists, shown in the graph.

Lives here: their specs. Nothing here is ever materialised: files are noticed by the discovery
sensor (`automation`), lists by their digests (`core.build.plan`). Not here: any asset that is made.
"""

import dagster as dg

from laion_assets.core.build.graph import GRAPH
from laion_assets.core.names.registry import ALL_LISTS, CLAIMS
from laion_assets.keys import SOURCE_FILE, asset_key
from laion_assets.partitions import SOURCE_FILES

_GROUP = "given"


def list_key(name: str) -> dg.AssetKey:
    """Return the key of a list in the graph."""
    return asset_key("lists", name)


def given_to(asset: str) -> list[dg.AssetKey]:
    """Return the keys of what others make and this asset reads itself."""
    files = [] if GRAPH[asset].upstream else [SOURCE_FILE]
    return [*files, *(list_key(name) for name in GRAPH[asset].lists)]


EXTERNAL = [
    dg.AssetSpec(
        SOURCE_FILE,
        description="A file of rows, as its publisher made it: one partition for each.",
        group_name=_GROUP,
        kinds={"parquet"},
        partitions_def=SOURCE_FILES,
    ),
    *(
        dg.AssetSpec(
            list_key(name),
            description=(
                f"The list of {name}: ours (`laion_assets/lists`), or that of the setting `lists`."
            ),
            group_name=_GROUP,
            kinds={"csv"} if name != CLAIMS else {"toml"},
        )
        for name in (*ALL_LISTS, CLAIMS)
    ),
]
