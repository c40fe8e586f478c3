"""A builder for each test of the assets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from laion_assets.core.build import code_version
from tests.building import Builder, use_small_lists, write_source


@pytest.fixture(autouse=True)
def small_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Lists of a few names in the place of the shipped ones; returns their folder."""
    use_small_lists(tmp_path / "lists", monkeypatch)
    yield tmp_path / "lists"
    code_version.forget()


@pytest.fixture
def builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Builder]:
    """Return a builder with two source files, nothing built yet."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    source = tmp_path / "source"
    write_source(source / "a.parquet", 0)
    write_source(source / "deep" / "b.parquet", 60)
    yield Builder(tmp_path / "build", source)
    os.environ.pop("DAGSTER_HOME", None)
