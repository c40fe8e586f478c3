"""One build at a time: the lock of a build directory.

Lives here: taking and releasing it. Not here: what is done while it is held.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import filelock

from laion_assets.core.base.errors import UserError


class BuildLock:
    """The lock at `path`; re-entrant, and released by the kernel on a crash."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _lock(self) -> filelock.FileLock:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(self._path.parent, error) from error
        return filelock.FileLock(self._path, is_singleton=True)

    @property
    def is_held(self) -> bool:
        """Tell whether a build holds the lock now, of this process or another; never waits."""
        if not self._path.exists():
            return False
        try:
            with self.held():
                return False
        except UserError:
            return True

    @contextmanager
    def held(self, wait: float = 0.0) -> Iterator[None]:
        """Hold the lock.

        Raises UserError when another build holds it for longer than `wait` seconds, or when the
        directory cannot be written.
        """
        folder = self._path.parent
        try:
            self._lock.acquire(timeout=wait)
        except filelock.Timeout as error:
            raise UserError(
                f"{folder}: another build is running there; wait for it or use --build-dir"
            ) from error
        except OSError as error:
            raise _unwritable(folder, error) from error
        try:
            yield
        finally:
            self._lock.release()


def _unwritable(folder: Path, error: OSError) -> UserError:
    return UserError(f"{folder}: cannot write there ({error.strerror}); choose another --build-dir")
