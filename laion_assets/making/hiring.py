"""Who works on the files of a step: lanes of this machine, or a cluster, as the settings say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from laion_assets.core.base.errors import UserError
from laion_assets.core.build.graph import READING
from laion_assets.core.build.settings import LOCAL
from laion_assets.core.build.workspace import Workspace
from laion_assets.making.lanes import Lanes
from laion_assets.making.made import MakeFile, Workers

#: Made by this process alone, one after the other: it fetches and waits for the disk, and whether a
#: file is another's twin shows by those before it.
_HERE = READING[0]
#: Rows, of all files together, that take longer than a second engine takes to start.
_LITTLE = 100_000


def hire(
    asset: str, make: MakeFile, workspace: Workspace, config: Mapping[str, Any], rows: int
) -> AbstractContextManager[Workers]:
    """Return who makes one asset of several files, which have so many rows together.

    On this machine DuckDB is set up as `config` says.
    """
    engine = workspace.settings.engine
    if engine == LOCAL or asset == _HERE or workspace.takedown:
        one_by_one = asset == _HERE or rows < _LITTLE
        return Lanes(make, workspace.settings, config, alone=one_by_one)
    _before_ray(engine)
    try:
        from laion_assets.making.on_ray import Cluster
    except ImportError as missing:
        raise UserError(
            "the engine ray needs Ray, which is not installed; install it by "
            'pip install "laion-assets[ray]", or build with --engine local'
        ) from missing

    return Cluster(asset, workspace)


def _before_ray(engine: str) -> None:
    """Say what Ray reads when it is imported: it tells nobody, and one of our own is ours alone.

    Its servers listen wherever the machine can be reached, if this were a cluster of several.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if "://" not in engine and not os.environ.get("RAY_ADDRESS"):
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # on Linux too: loopback
