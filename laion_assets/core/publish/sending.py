"""Publishing a site somewhere else: a folder, a zip, a bucket, another machine, the hub.

Lives here: which kind of target a text names, and the steps that all kinds share. Not here: any of
them (`to_folder`, `to_zip`, `to_store` with `s3` and `rsync`, `to_hub`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.base.progress import Progress, silent
from laion_assets.core.publish.changes import Changes, There, compare
from laion_assets.core.publish.outgoing import Outgoing, check_outgoing
from laion_assets.core.publish.to_folder import ToFolder
from laion_assets.core.publish.to_store import Sent, ToStore
from laion_assets.core.publish.to_zip import ToZip

_SHOWN = 3
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_REMOTE = re.compile(r"[^/\s:]+:")  # what rsync takes for another machine: a colon before a slash
_HOSTS = {"s3": "s3", "hf": "huggingface"}


class Target(Protocol):
    """Where a site is published."""

    def look(self) -> There:
        """Return what earlier publishes put there."""

    def occupied(self, paths: Collection[str]) -> set[str]:
        """Return which of some paths, none of them ours, are taken and would be overwritten."""

    def send(self, outgoing: Outgoing, changes: Changes, sent: Sent) -> None:
        """Do what has to be done."""


def scheme_of(target: str) -> str:
    """Return the scheme of a target that is a URL, else nothing."""
    found = _SCHEME.match(target)
    return found[1].lower() if found else ""


def host_of(target: str) -> str | None:
    """Return the name of the host that a target says itself; None where it does not."""
    return _HOSTS.get(scheme_of(target))


def open_target(target: str, build_dir: Path) -> Target:
    """Return the target that a text names.

    Raises BadUsage when it names none, UserError when nothing can be published there.
    """
    scheme = scheme_of(target)
    if scheme == "s3":
        if not re.match(r"s3://[^/]+", target):
            raise BadUsage(f"{target}: no bucket; s3://bucket/prefix is")
        from laion_assets.core.publish.s3 import Bucket

        return ToStore(Bucket(target))
    if scheme == "hf":
        from laion_assets.core.publish.to_hub import ToHub

        return ToHub(target)
    if scheme == "rsync" or (not scheme and _REMOTE.match(target)):
        from laion_assets.core.publish.rsync import Rsync

        return ToStore(Rsync(target))
    if scheme or not target.strip():
        raise BadUsage(
            f"{target!r} is no target; a folder, a file that ends in .zip, s3://bucket/prefix,"
            " user@host:path, hf://datasets/owner/name or hf://spaces/owner/name is"
        )
    if target.lower().endswith(".zip") and not Path(target).is_dir():
        return ToZip(Path(target), build_dir)
    return ToFolder(Path(target), build_dir)


def publish_to(
    target: Target,
    outgoing: Outgoing,
    *,
    named: str,
    replace: bool = False,
    dry_run: bool = False,
    progress: Progress = silent,
) -> Changes:
    """Bring a target up to date with a site; return what was done, or would be.

    `named` is what the user calls the target. Raises UserError when the site's files are not what
    its manifest says, or when a file that is not ours is in the way and `replace` is not said.
    """
    changes = compare(outgoing, target.look())
    if not changes:
        return changes
    check_outgoing(outgoing, changes.send, progress)
    taken = sorted(target.occupied(changes.new)) if changes.new and not replace else []
    if taken:
        more = f" and {len(taken) - _SHOWN:,} more" if len(taken) > _SHOWN else ""
        raise UserError(
            f"{named}: {', '.join(taken[:_SHOWN])}{more} is there and was not published by"
            " laion-assets; move it away, or overwrite it with --replace"
        )
    if not dry_run:
        target.send(outgoing, changes, _Counting(outgoing, changes, progress))
    return changes


class _Counting:
    """Tells progress in files and in bytes."""

    def __init__(self, outgoing: Outgoing, changes: Changes, progress: Progress) -> None:
        self._outgoing, self._changes, self._progress = outgoing, changes, progress
        self._files = self._bytes = 0

    def __call__(self, path: str) -> None:
        """Count a file that was sent."""
        self._files += 1
        self._bytes += self._outgoing.sizes[path]
        self._progress("files sent", self._files, len(self._changes.send))
        self._progress("bytes sent", self._bytes, self._changes.bytes)
