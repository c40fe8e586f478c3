"""What compiles in the background: all that an index needs, once, and no longer than the build."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from pathlib import Path

import pytest

from laion_assets.core.index import warming
from laion_assets.core.index.warming import compiling_meanwhile, make_tiny_index


def endless(marker: Path) -> None:
    """Say that this process has begun, and go on."""
    marker.with_suffix(".begun").write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(600)


def test_a_tiny_index_is_made_and_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes through every step of a real one; nothing of it is left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    make_tiny_index()
    assert not list(tmp_path.iterdir())


def test_the_process_ends_with_the_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However far it is; no process of this one is left."""
    monkeypatch.setattr(warming, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(warming, "_compile", endless)
    with compiling_meanwhile():
        for _ in range(300):
            if list(tmp_path.glob("*.begun")):
                break
            time.sleep(0.1)
        assert list(tmp_path.glob("*.begun"))
        assert multiprocessing.active_children()
    assert not multiprocessing.active_children()


def test_a_build_that_ended_well_leaves_nothing_to_compile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it the next one starts no process, after one that failed it does."""
    monkeypatch.setattr(warming, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(warming, "_compile", endless)
    with pytest.raises(ValueError, match="no index"), compiling_meanwhile():
        raise ValueError("no index")
    assert not (tmp_path / "index.json").exists()
    with compiling_meanwhile():
        pass
    assert (tmp_path / "index.json").exists()


def test_what_is_compiled_is_not_compiled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the marker is there, or where nothing can be kept, no process begins."""
    monkeypatch.setattr(warming, "get_context", lambda _: pytest.fail("a process was started"))
    (tmp_path / "index.json").touch()
    for folder in (tmp_path, None):
        monkeypatch.setattr(warming, "cache_folder", lambda folder=folder: folder)
        with compiling_meanwhile():
            pass
