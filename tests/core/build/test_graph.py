"""The asset graph as data: what assets name is there, and lists reach only what they should."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from laion_assets.core.base.package import PACKAGE, TEMPLATES
from laion_assets.core.build.graph import EXPORTS, GRAPH, MERGED, PER_FILE
from laion_assets.core.names.list_files import list_path


@pytest.mark.parametrize("name", GRAPH)
def test_everything_named_exists(name: str) -> None:
    """Modules and lists of an asset are there, and its upstreams come before it."""
    node = GRAPH[name]
    assert node.name == name
    assert [m for m in node.modules if find_spec(f"laion_assets.core.{m}") is None] == []
    assert [name for name in node.lists if not list_path(name).is_file()] == []
    before = list(GRAPH)[: list(GRAPH).index(name)]
    assert set(node.upstream) <= set(before)


def test_every_list_and_the_templates_are_some_asset_s() -> None:
    """A changed list or template re-runs something."""
    listed = {name for node in GRAPH.values() for name in node.lists}
    assert listed == {path.stem for path in (PACKAGE / "lists").iterdir()}
    assert [node.name for node in GRAPH.values() if node.templates] == ["site"]
    assert TEMPLATES.is_dir()


def test_per_file_assets_depend_on_their_own_file_only() -> None:
    """Nothing left of the graph waits for the merge."""
    for name in PER_FILE:
        assert set(GRAPH[name].upstream) <= set(PER_FILE)
    assert set(PER_FILE) | set(MERGED) | set(EXPORTS) == set(GRAPH)
    assert set(PER_FILE) == {"raw_parquet", "images", "tallies", "mentions", "index_segment"}


def test_nothing_waits_for_an_export() -> None:
    """They are beside the road to the site: only exports are made of exports."""
    for name in (*PER_FILE, *MERGED):
        assert not set(GRAPH[name].upstream) & set(EXPORTS)


def test_a_setting_reaches_the_assets_that_use_it() -> None:
    """Thresholds judge rows and are printed; nothing else is made again for them."""
    users: dict[str, set[str]] = {}
    for node in GRAPH.values():
        for setting in node.settings:
            users.setdefault(setting, set()).add(node.name)
    assert users["thresholds"] == {"images", "site"}
    assert users["max_files"] == {"search_index", "site"}
    assert users["layout"] == {"raw_parquet"}
    assert users["removal"] == {"images"}
