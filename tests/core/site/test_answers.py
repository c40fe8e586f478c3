"""The scripts that the box answers from: every listed name, platform and domain under its key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from laion_assets.core.names.lists import fold_name
from laion_assets.core.names.registry import LISTS
from laion_assets.core.site.answers import SHARDS, shard_of
from tests import site_fixture

Site = dict[str, bytes]
_SCRIPT = re.compile(r"LaionAnswers\(\"(\w+)\",JSON\.parse\('(.*)'\)\);\n", re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the fixture's tables."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def site(folder: Path) -> Site:
    """Every file of the fixture's site by path."""
    return site_fixture.render_all(folder)


def content(site: Site, name: str) -> Any:
    """Return what a script hands over, as a browser reads its string."""
    found = _SCRIPT.fullmatch(site[f"answers/{name}.js"].decode())
    assert found is not None
    assert found[1] == name
    text = found[2].replace("<\\/", "</").replace("\\'", "'").replace("\\n", "\n")
    return json.loads(text.replace("\\\\", "\\"))


def records(site: Site, key: str) -> list[list[Any]]:
    """Return what is known under a key."""
    found: list[list[Any]] = content(site, str(shard_of(key))).get(key, [])
    return found


def test_shards_are_told_by_the_hash_that_the_client_has():
    """FNV-1a of 32 bits, of the bytes of the key (vectors of its authors)."""
    assert shard_of("") == 0x811C9DC5 % SHARDS
    assert shard_of("a") == 0xE40C292C % SHARDS
    assert shard_of("foobar") == 0xBF9CF968 % SHARDS


def test_every_listed_name_and_alias_is_answered(folder: Path, site: Site):
    """With the numbers of its table, those in no caption too."""
    for about in LISTS.values():
        for row in pq.read_table(folder / "tables" / f"{about.name}.parquet").to_pylist():
            for phrase in (row["name"], *filter(None, row["aliases"].split("|"))):
                mine = [
                    record for record in records(site, fold_name(phrase))
                    if record[:2] == [about.singular, row["name"]]
                ]  # fmt: skip
                assert [record[2] for record in mine] == [row["images"]]
                assert (mine[0][4] is None) == (row["images"] == 0)
                assert fold_name(phrase) in content(site, "names")


def test_domains_are_answered_with_their_page(folder: Path, site: Site):
    """Where they have one; every page is there."""
    for row in pq.read_table(folder / "tables" / "domains.parquet").to_pylist():
        (record,) = [each for each in records(site, row["domain"]) if each[0] == "domain"]
        assert record[2:7] == [
            row["images"], None, row["rank"], row["unique_urls"], row["unique_captions"],
        ]  # fmt: skip
        assert record[7] is None or record[7] in site


def test_hostile_names_end_no_script(site: Site):
    """Nothing in a script closes the element that it might stand in, or its string."""
    for path, script in site.items():
        if path.startswith("answers/"):
            assert b"</" not in script
            assert script.count(b"\n") == 1
