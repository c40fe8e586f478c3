"""Fetching many files at once, up to a limit, with one progress line each and a total.

Lives here: room on the disk, who goes when, adding up progress. Not here: one file (`transfer`).
"""

from collections.abc import Sequence
from pathlib import Path

import anyio

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.progress import Progress
from laion_assets.core.sources.ceilings import LARGEST_DOWNLOAD
from laion_assets.core.sources.download.client import open_client
from laion_assets.core.sources.download.partial import Partial, check_space, is_current
from laion_assets.core.sources.download.remote import RemoteFile
from laion_assets.core.sources.download.running import run
from laion_assets.core.sources.download.transfer import fetch

TOTAL = "download"
_STEP = 1 << 20  # bytes between two reports of one file


def download(
    files: Sequence[tuple[RemoteFile, Path]],
    *,
    concurrency: int = 4,
    progress: Progress,
    ceiling: int = LARGEST_DOWNLOAD,
) -> dict[RemoteFile, UserError]:
    """Bring every file to its path, `concurrency` at a time; return the problem of each failure.

    A target appears whole and checked (size, published digest) or not at all; when its host states
    neither length nor digest, the end of the answer is the end of the file, of at most `ceiling`
    bytes. A target that `is_current` is left alone. After an interruption (an exception in the
    calling thread, Ctrl-C, kill -9) the next call continues what has a partial file. Nothing else
    writes to these paths meanwhile: hold the build lock. `progress` is called from another thread,
    with each file's `relative` and with "download" for the total. Raises UserError before any
    request when the disk is too small for the sizes that are known.
    """
    targets = [target for _, target in files]
    if len(set(targets)) != len(targets):
        raise ValueError("two files have the same target")
    meter = _Meter(progress, files)
    missing = []
    for remote, target in files:
        if is_current(remote, target):
            meter.finish(remote, target, target.stat().st_size)
        else:
            missing.append(Partial(remote, target))
    check_space(missing)
    return run(_download_all, missing, concurrency, meter, ceiling) if missing else {}


async def _download_all(
    partials: list[Partial], concurrency: int, meter: "_Meter", ceiling: int
) -> dict[RemoteFile, UserError]:
    errors: dict[RemoteFile, UserError] = {}
    async with open_client(partial.remote.url for partial in partials) as client:

        async def one(partial: Partial) -> None:
            remote, target = partial.remote, partial.target

            def report(done: int, total: int | None) -> None:
                meter.reach(remote, target, done, total)

            async with limit:
                try:
                    await fetch(client, partial, report, ceiling)
                except UserError as error:
                    errors[remote] = error
                else:
                    meter.finish(remote, target, target.stat().st_size)

        limit = anyio.CapacityLimiter(concurrency)
        async with anyio.create_task_group() as group:
            for partial in partials:
                group.start_soon(one, partial)
    return errors


class _Meter:
    """Adds up the bytes of all files and tells `progress`, not at every piece."""

    def __init__(self, progress: Progress, files: Sequence[tuple[RemoteFile, Path]]) -> None:
        self._progress = progress
        self._totals = {target: remote.size for remote, target in files}
        self._done = dict.fromkeys(self._totals, 0)
        self._told = dict.fromkeys(self._totals, -_STEP)

    def reach(self, remote: RemoteFile, target: Path, done: int, total: int | None) -> None:
        """Note how far a file is; tell when that is news."""
        self._done[target] = done
        if self._totals[target] is None:
            self._totals[target] = total
        if abs(done - self._told[target]) >= _STEP:
            self._tell(remote, target)

    def finish(self, remote: RemoteFile, target: Path, size: int) -> None:
        """Tell that a file is whole."""
        self._done[target] = self._totals[target] = size
        self._tell(remote, target)

    def _tell(self, remote: RemoteFile, target: Path) -> None:
        self._told[target] = self._done[target]
        self._progress(remote.relative, self._done[target], self._totals[target] or 0)
        totals = self._totals.values()
        known = sum(total or 0 for total in totals) if None not in totals else 0
        self._progress(TOTAL, sum(self._done.values()), known)
