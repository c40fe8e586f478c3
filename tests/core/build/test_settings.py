"""Settings: saved and read back as they were, and a clear line about a bad edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.build.settings import Settings, load_settings, save_settings
from laion_assets.core.cleaning.thresholds import Thresholds

ODD = Settings(
    dataset="/data/mine.toml",
    sources=("/data/a b", '/data/"quoted"', "/data/ünï"),
    max_files=5_000,
    memory="512MB",
    threads=1,
    thresholds=Thresholds(0.1, 0.2, 1),
)


@pytest.mark.parametrize("settings", [Settings(), ODD])
def test_settings_come_back_as_they_were_saved(tmp_path: Path, settings: Settings) -> None:
    """build.toml holds every setting."""
    save_settings(tmp_path, settings)
    assert load_settings(tmp_path) == settings


def test_unsaved_build_directory_has_no_settings(tmp_path: Path) -> None:
    """Nothing saved is None, not the defaults."""
    assert load_settings(tmp_path) is None


def test_equal_settings_leave_the_file_alone(tmp_path: Path) -> None:
    """Saving the same again does not touch build.toml."""
    save_settings(tmp_path, ODD)
    before = (tmp_path / "build.toml").stat()
    save_settings(tmp_path, ODD)
    after = (tmp_path / "build.toml").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_changes_apply_only_where_given() -> None:
    """None means: as it was."""
    changed = ODD.with_changes(threads=4, memory=None, sources=None)
    assert (changed.threads, changed.memory, changed.sources) == (4, ODD.memory, ODD.sources)


@pytest.mark.parametrize(
    "values",
    [(0.5, 0.4, 0.9), (0.5, 0.9, 0.8), (-0.1, 0.5, 0.9), (0.5, 0.9, 1.1), (float("nan"), 0.9, 1)],
)
def test_thresholds_out_of_order_are_refused(values: tuple[float, float, float]) -> None:
    """Blurred comes before no image, no image before withheld, all between 0 and 1."""
    with pytest.raises(BadUsage, match="0 <= blurred <= no_image <= withheld <= 1"):
        Thresholds(*values)


@pytest.mark.parametrize(
    "text",
    [
        "dataset = ",
        "colour = 'red'",
        "dataset = 3",
        "sources = '/data'",
        "sources = [1]",
        "threads = '2'",
        "threads = true",
        "max_files = 2.5",
        "memory = 2",
        "thresholds = 3",
        "[thresholds]\nblurred = 'half'",
        "[thresholds]\nhidden = 0.5",
        "[thresholds]\nblurred = 0.95",
    ],
)
def test_bad_edit_of_build_toml_is_bad_usage(tmp_path: Path, text: str) -> None:
    """A value of the wrong kind is never taken for something else."""
    (tmp_path / "build.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadUsage):
        load_settings(tmp_path)


def test_build_toml_that_is_no_text_is_bad_usage(tmp_path: Path) -> None:
    """The line names the file and says what to do."""
    (tmp_path / "build.toml").write_bytes(b"\xff")
    with pytest.raises(BadUsage, match=r"build\.toml: .*mend it, or move it away"):
        load_settings(tmp_path)
