"""The sample on which counts are proved: published captions alone, spread evenly, bounded."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pyarrow.parquet as pq

from laion_assets.core.build import caption_sample
from laion_assets.core.build.caption_sample import sample_captions
from tests.row_tables import write_images


def rows(count: int, **more: object) -> list[dict[str, object]]:
    """Return so many rows that say which they are, every third withheld."""
    return [
        {"caption": f"caption {n}", "visibility": "withheld" if n % 3 == 0 else "shown", **more}
        for n in range(count)
    ]


def test_small_tables_are_sampled_whole(tmp_path: Path) -> None:
    """As long as there is room, every published caption is in it, with its file and row."""
    paths = write_images(tmp_path, {"a": rows(9), "b": rows(4)})
    expected = [
        (path, row["row"], row["caption"])
        for path in paths
        for row in pq.read_table(path).to_pylist()
        if row["visibility"] != "withheld"
    ]
    assert list(sample_captions(paths)) == expected


def test_large_tables_are_sampled_evenly(tmp_path: Path) -> None:
    """Of more captions as many are taken as may be, from the whole of each file."""
    paths = write_images(tmp_path, {"a": rows(600), "b": rows(600)})
    with patch.object(caption_sample, "CAPTIONS", 40):
        caption_sample._sample.cache_clear()
        found = sample_captions(paths)
    caption_sample._sample.cache_clear()
    for path in paths:
        own = [row for other, row, _ in found if other == path]
        assert len(own) == 20
        assert own[0] < 60
        assert own[-1] > 540


def test_text_is_bounded(tmp_path: Path) -> None:
    """However long captions are, no more text is held than may be."""
    long = [{"caption": "x" * 5_000} for _ in range(50)]
    (path,) = write_images(tmp_path, {"a": long})
    with patch.object(caption_sample, "BYTES", 20_000):
        caption_sample._sample.cache_clear()
        found = sample_captions([path])
    caption_sample._sample.cache_clear()
    assert 1 <= sum(len(caption) for _, _, caption in found) // 5_000 <= 4


def test_a_table_made_again_is_sampled_again(tmp_path: Path) -> None:
    """What was sampled of a table before it changed is forgotten."""
    (path,) = write_images(tmp_path, {"a": rows(4)})
    before = list(sample_captions([path]))
    write_images(tmp_path, {"a": rows(8)})
    assert len(sample_captions([path])) > len(before)
