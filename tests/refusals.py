"""What a bad source file is refused with: one line, and not a long one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.source_file import describe_source, read_batches
from laion_assets.core.sources.datasets import load_dataset

FAMILY = load_dataset("files")


def refusal(reading: Callable[[], object]) -> str:
    """Return the line that a call is refused with."""
    with pytest.raises(BadSourceFile) as raised:
        reading()
    line = str(raised.value)
    assert "\n" not in line
    assert len(line) < 300
    return line


def complaint(path: Path) -> str:
    """Return the line that reading every row of a file is refused with."""

    def read_all() -> None:
        for _ in read_batches(path, describe_source(path, FAMILY).layout):
            pass

    return refusal(read_all)
