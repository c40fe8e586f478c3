"""A merge that is killed goes on from its finished half, and only from that of the same inputs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from laion_assets.core.index import merge
from laion_assets.core.index.merge import MergedIndex, SegmentFiles, merge_index
from tests.core.index.test_merge import write_segments
from tests.row_tables import Row, write_images, write_mentions

FILES: dict[str, Sequence[Row]] = {
    key: [
        {
            "caption": f"a {key} picture of {n} things, word{n % 7} word{n % 3}",
            "aesthetic": float(n % 11),
        }
        for n in range(400)
    ]
    for key in ("a", "b")
}


class _Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def segments(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> list[SegmentFiles]:
    """Two files' segments."""
    mentions = write_mentions(tmp_path, {key: [] for key in FILES})
    return [
        SegmentFiles(documents, words, mention, counts)
        for (documents, words, counts), mention in zip(
            write_segments(tmp_path, connection, write_images(tmp_path, FILES)),
            mentions,
            strict=True,
        )
    ]


def _merge(segments: Sequence[SegmentFiles], folder: Path, made_from: str) -> MergedIndex:
    return merge_index(
        segments, (), {}, folder / "search", folder / "halfway", 1_000, made_from=made_from
    )


def _kill(*_: Any, **__: Any) -> Any:
    raise _Killed


def _killed_in(
    monkeypatch: pytest.MonkeyPatch, step: str, segments: Sequence[SegmentFiles], folder: Path
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(merge, step, _kill)
        with pytest.raises(_Killed):
            _merge(segments, folder, "one")


def _files(folder: Path) -> dict[str, bytes]:
    search = folder / "search"
    return {
        path.relative_to(search).as_posix(): path.read_bytes()
        for path in search.rglob("*")
        if path.is_file()
    }


def test_a_merge_killed_in_its_second_half_reads_no_document_again(
    tmp_path: Path, segments: list[SegmentFiles], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes to the same bytes as one that was never killed, and leaves nothing beside them."""
    whole = _merge(segments, tmp_path / "whole", "one")
    again = tmp_path / "again"
    _killed_in(monkeypatch, "write_series", segments, again)
    with monkeypatch.context() as patched:
        patched.setattr(merge, "documents_in_order", _kill)
        resumed = _merge(segments, again, "one")
    assert resumed == whole
    assert _files(again) == _files(tmp_path / "whole")
    assert [path.name for path in again.iterdir()] == ["search"]


def test_a_half_of_other_inputs_is_no_beginning(
    tmp_path: Path, segments: list[SegmentFiles], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows may have been taken out since: whatever was made of others is deleted."""
    _killed_in(monkeypatch, "write_series", segments, tmp_path / "again")
    fewer = _merge(segments[:1], tmp_path / "again", "another")
    assert fewer.documents == len(FILES["a"])
    assert fewer == _merge(segments[:1], tmp_path / "whole", "another")
    assert [path.name for path in (tmp_path / "again").iterdir()] == ["search"]


def test_a_first_half_that_fails_leaves_nothing(
    tmp_path: Path, segments: list[SegmentFiles], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was being written goes; after a kill it has a name by which it is swept."""
    _killed_in(monkeypatch, "documents_in_order", segments, tmp_path / "again")
    assert not list((tmp_path / "again").iterdir())
