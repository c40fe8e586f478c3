"""Who works on the files of a step: several at once where that pays."""

from __future__ import annotations

from pathlib import Path

import pytest

from laion_assets.core.build.settings import Settings
from laion_assets.core.build.workspace import Workspace
from laion_assets.making.hiring import hire
from laion_assets.making.lanes import Lanes
from laion_assets.making.source_files import MAKERS


@pytest.mark.parametrize(
    ("asset", "rows", "one_by_one"),
    [("images", 99_999, True), ("images", 100_000, False), ("raw_parquet", 12_000_000, True)],
)
def test_many_small_files_are_worked_on_at_once_too(
    tmp_path: Path, asset: str, rows: int, *, one_by_one: bool
) -> None:
    """What counts are the rows of all files together; only finding files goes one by one."""
    workers = hire(asset, MAKERS[asset], Workspace(tmp_path, Settings()), {}, rows)
    assert isinstance(workers, Lanes)
    assert workers.alone == one_by_one


def test_a_takedown_asks_no_cluster(tmp_path: Path) -> None:
    """It needs nothing but the build directory."""
    workspace = Workspace(tmp_path, Settings(engine="ray://nowhere:1"), takedown=True)
    assert isinstance(hire("images", MAKERS["images"], workspace, {}, 10**9), Lanes)
