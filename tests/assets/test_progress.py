"""Builds say how far they are and what they take, and are refused where that cannot fit."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from laion_assets.commands import terminal
from laion_assets.core.build import room
from tests.building import Builder, write_source


@pytest.fixture
def builder(tmp_path: Path, small_lists: Path) -> Builder:
    """A build directory, and two files to build it from."""
    assert small_lists.is_dir()
    folder = tmp_path / "source"
    write_source(folder / "a.parquet", 0, 60)
    write_source(folder / "b.parquet", 60, 40)
    return Builder(tmp_path / "build", folder)


def have_free(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Let every disk have so many bytes free."""
    usage: Callable[[Path], SimpleNamespace] = lambda _: SimpleNamespace(free=size)  # noqa: E731
    monkeypatch.setattr(shutil, "disk_usage", usage)


def test_what_cannot_fit_is_refused_before_anything_is_made(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says what is free and what is needed; no table is there."""
    have_free(monkeypatch, 10 << 20)
    result = builder.run("build", "--source", str(builder.source))
    assert result.exit_code == 1
    assert "has 10 MiB free, and this build needs about 200 MiB" in result.output
    assert not list((builder.root / "tables").glob("*/*.parquet"))


def test_what_a_large_build_takes_is_told(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk that it takes, and what there is of it, in the first lines."""
    monkeypatch.setattr(room, "_PAGES", 3 << 30)
    have_free(monkeypatch, 50 << 30)
    result = builder.build("--source", str(builder.source))
    assert "About 3.0 GiB of disk are needed; 50.0 GiB are free." in result.output


def test_a_log_is_told_of_rows_while_a_step_goes_on(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a line for each asset there is one now and then with rows done, in all, and time."""
    monkeypatch.setattr(terminal, "_TOLD_EVERY", 0.0)
    result = builder.build("--source", str(builder.source))
    lines = [line for line in result.output.splitlines() if line.startswith("images: ")]
    assert any(line.startswith("images: 60 of 100") for line in lines)
    assert any(line.startswith("images: 100 of 100") for line in lines)
