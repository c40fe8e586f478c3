"""What our assets and partitions are called in a Dagster instance.

Lives here: their keys, and the prefix that keeps several build directories apart where they share
an instance. Not here: which assets there are (`core.build.graph`).
"""

import os
import re

import dagster as dg

from laion_assets.core.base.errors import BadUsage

#: The variable that names the prefix of a code location: of every key, and of its partitions.
PREFIX_VARIABLE = "LAION_ASSETS_PREFIX"


def _prefix() -> list[str]:
    given = os.environ.get(PREFIX_VARIABLE, "")
    if not re.fullmatch(r"[A-Za-z0-9_]*", given):
        raise BadUsage(f"{PREFIX_VARIABLE}={given}: letters, digits and _ only, as Dagster's names")
    return [given] if given else []


#: The first part of every key; none where a build directory has an instance of its own.
PREFIX = _prefix()


def asset_key(*name: str) -> dg.AssetKey:
    """Return the key of an asset in the instance."""
    return dg.AssetKey([*PREFIX, *name])


#: The files themselves in the graph, made by whoever publishes them.
SOURCE_FILE = asset_key("source_file")
#: What their partitions are called.
PARTITIONS = "__".join([*PREFIX, "source_file"])


def name_of(key: dg.AssetKey) -> str:
    """Return what we call an asset of ours."""
    return key.path[-1]


def name_of_step(step: str) -> str:
    """Return the asset that a step makes, or the step's name where it is none of ours."""
    return step.removeprefix("".join(f"{part}__" for part in PREFIX))
