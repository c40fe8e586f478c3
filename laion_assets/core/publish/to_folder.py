"""Publishing a site to a folder of this machine: staged beside it and exchanged in one step.

Not here: staging and the exchange (`exchange`), what in the folder is not ours (`theirs`).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.publish.changes import Changes, There
from laion_assets.core.publish.exchange import publish_copy, settle_site
from laion_assets.core.publish.manifest import read_manifest
from laion_assets.core.publish.outgoing import Outgoing
from laion_assets.core.publish.to_store import Sent
from laion_assets.core.site.inputs import Page


class ToFolder:
    """A target that is a folder, made if need be."""

    def __init__(self, folder: Path, build_dir: Path) -> None:
        self._folder = Path(os.path.realpath(folder))
        self._named = folder
        build = Path(os.path.realpath(build_dir))
        if self._folder == build / "site":
            raise BadUsage(f"{folder} is what is published; name another target")
        if build in (self._folder, *self._folder.parents) or self._folder in build.parents:
            raise BadUsage(
                f"{folder} holds the build directory or lies in it; name a folder elsewhere"
            )
        if os.path.lexists(self._folder) and not self._folder.is_dir():
            raise UserError(f"{folder} is no folder; name one, or a file that ends in .zip")

    def look(self) -> There:
        """Return what earlier publishes put there; what a killed one left is settled."""
        if not self._folder.parent.is_dir():
            return There()
        with self._alone():
            settle_site(self._folder, dict)
            listed = read_manifest(self._folder)
            return There({p: digest for p, digest in listed.items() if self._holds(p)})

    def _holds(self, path: str) -> bool:
        try:
            return (self._folder / path).is_file()
        except ValueError:  # no path at all
            return False

    def occupied(self, _paths: Collection[str]) -> set[str]:
        """Return nothing: what stands in the way is moved aside."""
        return set()

    def send(self, outgoing: Outgoing, changes: Changes, sent: Sent) -> None:
        """Exchange the folder for one with the site and what of the old one is not ours."""
        if self._folder.is_mount():
            raise UserError(
                f"{self._named} is a mount point and cannot be exchanged; name a folder within it"
            )
        lying = sorted(outgoing.digests.keys() - outgoing.made.keys())
        wanted = set(changes.send)

        def files() -> Iterator[tuple[str, Path, str, int]]:
            for path in lying:
                yield path, outgoing.site / path, outgoing.digests[path], outgoing.sizes[path]
                if path in wanted:
                    sent(path)

        pages = [Page(path, content) for path, content in sorted(outgoing.made.items())]
        with self._alone():
            publish_copy(self._folder, files(), pages)
        for page in pages:
            if page.path in wanted:
                sent(page.path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others from publishing to the same place: a lock on the folder above."""
        above = self._folder.parent
        try:
            above.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(above, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise UserError(f"{self._named}: cannot be made ({error.strerror})") from error
        try:
            if not os.access(above, os.W_OK | os.X_OK):
                raise UserError(
                    f"{self._named}: the new site is staged beside it, and {above} cannot be"
                    " written; name a folder in one of your own"
                )
            with suppress(OSError):  # where folders cannot be locked, nobody is kept out
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise UserError(
                        f"{self._named}: somebody publishes there just now; wait for it"
                    ) from error
            yield
        finally:
            os.close(descriptor)
