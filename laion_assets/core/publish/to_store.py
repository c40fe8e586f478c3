"""Sending a site to where files are put one by one: an object store, a server by rsync.

Such a place cannot switch from one site to the next in a step; the order of what is sent sees to it
that a reader meets no page whose files are missing. Lives here: the order, continuing, deleting
last. Not here: any kind of place (`s3`, `rsync`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from laion_assets.core.publish.changes import (
    BEGUN,
    Changes,
    There,
    begun_list,
    in_stages,
    there_of,
)
from laion_assets.core.publish.manifest import MANIFEST
from laion_assets.core.publish.outgoing import Outgoing

#: Called with a path once it is sent.
Sent = Callable[[str], None]


class Store(Protocol):
    """Where files are put one by one, each whole or not at all."""

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes; None when there is none."""

    def holding(self, paths: Collection[str]) -> set[str]:
        """Return which of some paths have a file."""

    def same(self, outgoing: Outgoing, paths: Collection[str]) -> set[str]:
        """Return which files are there already as they are to be sent, as far as that is told."""

    def put(self, outgoing: Outgoing, paths: Sequence[str], sent: Sent) -> None:
        """Put some files there, in any order."""

    def put_bytes(self, path: str, content: bytes) -> None:
        """Put one file there."""

    def delete(self, paths: Sequence[str]) -> None:
        """Delete some files; one that is not there is no error."""


class ToStore:
    """A target that is a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def look(self) -> There:
        """Return what earlier publishes put there."""
        return there_of(self._store.read(MANIFEST), self._store.read(BEGUN))

    def occupied(self, paths: Collection[str]) -> set[str]:
        """Return which of some paths are taken."""
        return self._store.holding(paths)

    def send(self, outgoing: Outgoing, changes: Changes, sent: Sent) -> None:
        """Do what has to be done; whenever it is stopped, the next time continues."""
        self._store.put_bytes(BEGUN, begun_list(outgoing, changes))
        begun = [path for path in changes.send if path in changes.there.begun]
        there = self._store.same(outgoing, begun) if begun else set()
        for path in there:
            sent(path)
        for stage in in_stages(path for path in changes.send if path not in there):
            self._store.put(outgoing, stage, sent)
        self._store.delete([*changes.delete])
        self._store.delete([BEGUN])
