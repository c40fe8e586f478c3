"""Stamps: read back as written, equal exactly when the bytes are, and never half trusted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from laion_assets.core.build import stamps
from laion_assets.core.build.stamps import (
    Stamp,
    describe_outputs,
    outputs_present,
    read_stamp,
    write_stamp,
)

STAMP = Stamp(
    code="abc",
    inputs={"raw_parquet/x": "1", "thresholds": "2"},
    outputs={"tables/b.parquet": ("ff", 3), "tables/a.parquet": ("00", 0)},
    counts={"read": 7, "rejected": {"bad_url": 1}},
)


def test_stamp_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Everything that is compared survives the file."""
    write_stamp(tmp_path / "x.stamp.json", STAMP)
    found = read_stamp(tmp_path / "x.stamp.json")
    assert found == STAMP
    assert found is not None
    assert found.digest == STAMP.digest


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"[]",
        b"3",
        b"{}",
        b'{"code": "a", "inputs": {}, "counts": {}}',
        b'{"code": "a", "inputs": {}, "counts": {}, "outputs": []}',
        b'{"code": "a", "inputs": {}, "counts": {}, "outputs": {"x": []}}',
        b'{"code": "a", "inputs": {}, "counts": {}, "outputs": {"x": null}}',
    ],
)
def test_unreadable_stamp_is_no_stamp(tmp_path: Path, content: bytes) -> None:
    """What a crash or a person left in its place only means: make it again."""
    path = tmp_path / "x.stamp.json"
    assert read_stamp(path) is None
    path.write_bytes(content)
    assert read_stamp(path) is None


def test_digest_is_of_the_outputs_alone() -> None:
    """Equal bytes have equal digests, however they came about; other bytes have not."""
    same = Stamp("other", {}, dict(reversed(list(STAMP.outputs.items()))), {})
    assert same.digest == STAMP.digest
    changes: list[dict[str, tuple[str, int]]] = [
        {**STAMP.outputs, "tables/a.parquet": ("01", 0)},
        {**STAMP.outputs, "tables/c.parquet": ("00", 0)},
        {"tables/a.parquet": ("00", 0)},
    ]
    for outputs in changes:
        assert Stamp("abc", STAMP.inputs, outputs, STAMP.counts).digest != STAMP.digest


def test_outputs_are_described_by_digest_and_size(tmp_path: Path) -> None:
    """Paths are relative to the build directory, with forward slashes."""
    path = tmp_path / "tables" / "deep" / "a.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"abc")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert describe_outputs(tmp_path, [path]) == {"tables/deep/a.parquet": (digest, 3)}


def test_missing_or_shortened_output_is_noticed(tmp_path: Path) -> None:
    """A stamp holds only while every output is there with its size."""
    path = tmp_path / "a.parquet"
    path.write_bytes(b"abc")
    stamp, stamped = _stamp_of(path)
    assert outputs_present(tmp_path, stamp, stamped)
    path.write_bytes(b"ab")
    assert not outputs_present(tmp_path, stamp, stamped)
    path.unlink()
    assert not outputs_present(tmp_path, stamp, stamped)


def _stamp_of(path: Path) -> tuple[Stamp, Path]:
    stamp = Stamp("abc", {}, describe_outputs(path.parent, [path]))
    write_stamp(path.with_suffix(".stamp.json"), stamp)
    return stamp, path.with_suffix(".stamp.json")


def test_an_output_newer_than_its_stamp_is_compared(tmp_path: Path) -> None:
    """A build that was killed before its stamp left other bytes, perhaps as many."""
    path = tmp_path / "a.parquet"
    path.write_bytes(b"abc")
    stamp, stamped = _stamp_of(path)
    later = stamped.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(later, later))
    assert outputs_present(tmp_path, stamp, stamped)
    path.write_bytes(b"abd")
    os.utime(path, ns=(later + 1, later + 1))
    assert not outputs_present(tmp_path, stamp, stamped)


def test_outputs_are_compared_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copied build directory has new times; the stamp is given theirs, and no byte of it."""
    path = tmp_path / "a.parquet"
    path.write_bytes(b"abc")
    stamp, stamped = _stamp_of(path)
    content, later = stamped.read_bytes(), stamped.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(later, later))
    assert outputs_present(tmp_path, stamp, stamped)
    monkeypatch.setattr(stamps, "sha256_unless_known", lambda _: pytest.fail("compared again"))
    assert outputs_present(tmp_path, stamp, stamped)
    assert stamped.read_bytes() == content
