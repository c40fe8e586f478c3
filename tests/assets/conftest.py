"""Builders for the tests of the assets: one with nothing built yet, one with a finished build."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.building import Builder, forget_lists, use_small_lists, write_source


@pytest.fixture(autouse=True)
def small_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Lists of a few names in the place of the shipped ones; returns their folder."""
    use_small_lists(tmp_path / "lists", monkeypatch)
    yield tmp_path / "lists"
    forget_lists()


def _write_two_files(folder: Path) -> Builder:
    write_source(folder / "source" / "a.parquet", 0)
    write_source(folder / "source" / "deep" / "b.parquet", 60)
    return Builder(folder / "build", folder / "source")


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    """Return a builder with two source files of 60 rows each, nothing built yet."""
    return _write_two_files(tmp_path)


@pytest.fixture(scope="session")
def _first_build(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """Build the two files once for all tests."""
    builder = _write_two_files(tmp_path_factory.mktemp("first"))
    with pytest.MonkeyPatch.context() as patch:
        use_small_lists(builder.root.with_name("lists"), patch)
        builder.build("--source", str(builder.source))
    forget_lists()
    return builder


@pytest.fixture
def built(_first_build: Builder, tmp_path: Path) -> Builder:
    """Return what `builder` is after `build --source`: a copy of one build, sources included."""
    return _first_build.copied_to(tmp_path)
