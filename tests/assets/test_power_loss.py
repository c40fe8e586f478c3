"""The power goes at any moment: the site is the old or the new one, whole, and no stamp lies.

What a disk may keep and may lose is `bench.power_loss`'s matter; here one build is recorded and
every state asked, and builds start from a few of them.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from bench.power_loss import VARIANTS, Record, write_state
from bench.power_recorder import Recorder
from tests.building import Builder, write_source


@pytest.fixture
def record(built: Builder, tmp_path: Path) -> Record:
    """Record a build that takes in a changed file and a new one."""
    write_source(built.source / "a.parquet", 300)
    write_source(built.source / "c.parquet", 120)
    store = tmp_path / "record"
    with Recorder(store, built.root).watching():
        built.build()
    return Record(store)


def test_no_power_loss_leaves_half_a_site(built: Builder, record: Record, tmp_path: Path) -> None:
    """In every state the site is whole and every stamp true; from some, the end is the same."""
    assert list(record.problems()) == []
    assert len(record.states) > 100
    tables = built.tables()
    site = {name: content for name, (content, _) in built.site_files().items()}
    rng = random.Random(1)
    for variant in rng.sample(VARIANTS, 2):
        state = rng.choice(record.states)
        again = Builder(tmp_path / variant, built.source)
        write_state(state, variant, again.root, built.root)
        again.build()
        assert again.tables() == tables, (state.number, variant)
        assert {n: c for n, (c, _) in again.site_files().items()} == site, (state.number, variant)
        shutil.rmtree(again.root)
