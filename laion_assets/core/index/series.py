"""All series of terms, one after the other: batches made and prepared by threads a few ahead.

Lives here: the order of the work, so that no thread waits where one series ends and the next
begins. Not here: files (`term_files`), which terms a series has.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from laion_assets.core.index.blocks import Form
from laion_assets.core.index.term_files import Batch, Prepared, Series, Shared, prepare

_AHEAD = 1  # batches that wait while others are prepared and written


@dataclass(frozen=True)
class Job:
    """A series and what makes its batches, in the order of their terms.

    `alone`: its batches need all that was written before it.
    """

    series: Series
    makers: Iterable[Callable[[], Batch]]
    alone: bool = False
    written: Callable[[Prepared], None] = lambda _: None


def write_series(
    jobs: Iterable[Job], shared: Shared, progress: Callable[[int], None]
) -> dict[str, Any]:
    """Write all series; return what the directory says of each. `progress` is told of terms."""
    waiting: deque[tuple[Job, Future[Prepared]]] = deque()
    begun: list[Series] = []

    def take(most: int) -> None:
        while len(waiting) > most:
            job, future = waiting.popleft()
            prepared = future.result()
            job.series.add(prepared)
            job.written(prepared)
            progress(sum(series.terms for series in begun))

    for job in jobs:
        if job.alone:
            take(0)
        begun.append(job.series)
        for maker in job.makers:
            made = shared.pool.submit(_prepare, maker, job.series.form, shared)
            waiting.append((job, made))
            take(_AHEAD)
    take(0)
    return {series.kind: series.finish() for series in begun}


def _prepare(maker: Callable[[], Batch], form: Form, shared: Shared) -> Prepared:
    return prepare(maker(), form, shared.rows, shared.numbers)
