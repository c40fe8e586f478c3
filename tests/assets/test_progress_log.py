"""The log of a run says how far a step is."""

from __future__ import annotations

import threading

import pytest

from laion_assets.assets import progress_log
from laion_assets.assets.progress_log import logged, told


@pytest.mark.parametrize(
    ("done", "total", "seconds", "line"),
    [
        (0, 0, 12.0, "images: 12 seconds so far"),
        (250, 1000, 10.0, "images: 250 of 1,000, 25 a second, 30 seconds left"),
        (1, 4, 100.0, "images: 1 of 4, 0.01 a second, 300 seconds left"),
        (3, 0, 5.0, "images: 5 seconds so far"),
    ],
)
def test_the_line_says_what_is_done_how_fast_and_what_is_left(
    done: int, total: int, seconds: float, line: str
) -> None:
    """Where nobody knows how much there is, the time so far."""
    assert told("images", done, total, seconds) == line


def test_a_long_step_speaks_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines come while the step works without saying anything, and end with it."""
    monkeypatch.setattr(progress_log, "EVERY", 0.01)
    said: list[str] = []
    spoken = threading.Event()

    def say(line: str) -> None:
        said.append(line)
        if len(said) > 2:
            spoken.set()

    with logged(say) as progress:
        progress("images", 1, 2)
        assert spoken.wait(30)
    count = len(said)
    assert "images: 1 of 2" in said[-1]
    assert not spoken.wait(0) or len(said) == count
