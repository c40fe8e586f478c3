"""The faults' own instruments: they see what is wrong, for what sees nothing proves nothing."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from bench.fault_corpus import copy_tree, differences, look_at_site, place_at
from bench.fault_round import Done, Expected, Round
from bench.power_loss import Record, State, write_state
from bench.power_recorder import Recorder
from laion_assets.core.base.files import sha256_bytes


def publish(site: Path, content: bytes) -> None:
    """Write a site of one page."""
    site.mkdir()
    (site / "page").write_bytes(content)
    listed = {"files": {"page": sha256_bytes(content)}}
    (site / "manifest.json").write_text(json.dumps(listed))


def test_a_look_at_a_site_sees_damage_and_absence(tmp_path: Path) -> None:
    """Whole, a changed page, a lost one, no manifest, no site."""
    site = tmp_path / "site"
    publish(site, b"page")
    whole = look_at_site(site)
    assert whole is not None
    assert whole[1] == []
    for spoil in (
        lambda: (site / "page").write_bytes(b"cage"),
        (site / "page").unlink,
        (site / "manifest.json").unlink,
        lambda: site.rename(tmp_path / "gone"),
    ):
        spoil()
        looked = look_at_site(site)
        assert looked is not None
        assert looked[1]


def test_a_copy_keeps_hard_links_and_differences_are_named(tmp_path: Path) -> None:
    """A file of two names is one file in the copy; what differs is said."""
    (tmp_path / "a" / "site").mkdir(parents=True)
    (tmp_path / "a" / "site" / "x").write_bytes(b"1")
    os.link(tmp_path / "a" / "site" / "x", tmp_path / "a" / "site" / "y")
    copy_tree(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b" / "site" / "x").samefile(tmp_path / "b" / "site" / "y")
    expected = {"site/x": sha256_bytes(b"2"), "site/z": "", "site/y": sha256_bytes(b"1")}
    assert differences(tmp_path / "b", expected) == ["other bytes: site/x", "lacks: site/z"]


@pytest.mark.parametrize(
    ("code", "errors", "holds"),
    [
        (0, "", True),
        (1, "laion-assets: no\n", True),
        (1, "", False),
        (2, "laion-assets: no\n", False),
        (1, "laion-assets: no\nlaion-assets: and no\n", False),
        (1, "Traceback (most recent call last):\n", False),
    ],
)
def test_commands_are_held_to_code_and_line(
    tmp_path: Path, code: int, errors: str, *, holds: bool
) -> None:
    """An exit code that is not expected, a traceback, too many words and silence are problems."""
    place, nothing = place_at(tmp_path), Expected({}, "")
    turn = Round(place, place, "nothing", nothing, nothing, random.Random(1), may_mount=False)
    turn.judge(Done("build", code, "", errors), {0, 1})
    assert (turn.problems == []) == holds


def test_a_record_knows_what_a_power_loss_leaves(tmp_path: Path) -> None:
    """Bytes and names that were flushed stay; the others may be lost."""
    root = tmp_path / "build"
    root.mkdir()
    (root / "old").write_bytes(b"old")
    with Recorder(tmp_path / "record", root).watching():
        (root / "kept").write_bytes(b"kept")
        _flush(root / "kept")
        _flush(root)
        (root / "lost").write_bytes(b"lost")
        (root / "lost").rename(root / "new")
        os.sync()
    states = Record(tmp_path / "record").states
    renamed = next(state for state in states if state.call == "rename")
    left = {
        variant: {p.name: p.read_bytes() for p in _written(renamed, variant, tmp_path).iterdir()}
        for variant in ("bytes lost", "zeros", "names lost")
    }
    whole = {"old": b"old", "kept": b"kept"}
    assert left["bytes lost"] == {**whole, "new": b""}
    assert left["zeros"] == {**whole, "new": b"\0\0\0\0"}
    assert left["names lost"] == whole
    assert _written(states[-1], "names lost", tmp_path).joinpath("new").read_bytes() == b"lost"


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _written(state: State, variant: str, folder: Path) -> Path:
    target = folder / f"{state.number} {variant}"
    write_state(state, variant, target, folder / "build")
    return target
