"""Where large intermediate files of one process go, and sweeping up after those that were killed.

Builds, checks and `lookup` spill at the same time, the last two without the lock of the build
directory; so each process has a folder of its own, locked as long as it lives.
"""

from __future__ import annotations

import atexit
import os
import shutil
import uuid
from functools import cache
from pathlib import Path

import filelock

_LOCK = ".lock"


def spill_folder(parent: Path) -> Path:
    """Return this process's folder below `parent`, made if need be; it goes with the process."""
    folder, _ = _own(parent, os.getpid())
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def _own(parent: Path, _process: int) -> tuple[Path, filelock.FileLock]:
    folder = parent / uuid.uuid4().hex[:12]
    parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(_lock_of(folder))
    lock.acquire()
    atexit.register(_leave, folder, lock)
    return folder, lock


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + _LOCK)


def _leave(folder: Path, lock: filelock.FileLock) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lock.release()
    _lock_of(folder).unlink(missing_ok=True)


def sweep_spills(parent: Path) -> None:
    """Delete the folders of processes that are gone: nobody holds their locks."""
    if not parent.is_dir():
        return
    for path in sorted(parent.iterdir()):
        if path.name.endswith(_LOCK):
            continue
        lock = filelock.FileLock(_lock_of(path))
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            continue
        shutil.rmtree(path, ignore_errors=True)
        lock.release()
        _lock_of(path).unlink(missing_ok=True)
