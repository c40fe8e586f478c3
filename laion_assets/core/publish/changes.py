"""What publishing has to do: files to send in their order, files of ours to delete.

A site is compared with the manifest at the target, never with the files there. Files that are at
the target and that no publish put there are not ours, and stay. While files are sent one by one, a
list of what is on its way (`BEGUN`) lies at the target: whatever a killed publish left is known by
it. Lives here: comparing, the order. Not here: looking at a target, sending.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from laion_assets.core.publish.manifest import MANIFEST, manifest_of, parse_manifest
from laion_assets.core.publish.outgoing import Outgoing
from laion_assets.core.site.serving import is_digest_named

#: Name of the list of what is on its way, in a manifest's form.
BEGUN = "laion-assets.begun.json"
#: Most bytes of a manifest at a target that are read: some two million files.
MOST_LISTED = 256 * 2**20

_LAST_PAGES = ("404.html", "index.html")


@dataclass(frozen=True)
class There:
    """What earlier publishes put at a target: sha256 by path, as its manifest lists it.

    `begun` are further paths that a publish which was stopped may have put there.
    """

    listed: Mapping[str, str] = field(default_factory=dict)
    begun: Mapping[str, str] = field(default_factory=dict)

    @property
    def ours(self) -> frozenset[str]:
        """Every path that is ours at the target, the manifest included where there is one."""
        manifest = (MANIFEST,) if self.listed or self.begun else ()
        return frozenset((*self.listed, *self.begun, *manifest))


@dataclass(frozen=True)
class Changes:
    """Paths to send, in their order, and to delete; of the others, `unchanged` stay as they are."""

    send: tuple[str, ...]
    delete: tuple[str, ...]
    unchanged: int
    bytes: int  # of what is sent
    new: frozenset[str]  # of what is sent, what no publish put there before
    there: There

    def __bool__(self) -> bool:
        """Tell whether there is anything to do."""
        return bool(self.send or self.delete or self.there.begun)


def there_of(manifest: bytes | None, begun: bytes | None = None) -> There:
    """Return what is at a target by the two lists there, either None where there is none.

    They are somebody else's by now: paths that would leave the target are none.
    """
    return There(_plain(parse_manifest(manifest or b"")), _plain(parse_manifest(begun or b"")))


def _plain(listed: Mapping[str, str]) -> dict[str, str]:
    return {path: digest for path, digest in listed.items() if _is_plain(path)}


def _is_plain(path: str) -> bool:
    names = path.split("/")
    return path.isprintable() and "\\" not in path and not {"", ".", ".."} & set(names)


def compare(outgoing: Outgoing, there: There) -> Changes:
    """Return what has to be done for a site to be at a target.

    What a stopped publish may have sent is sent again, unless whoever sends it sees that it is
    there. A reader never meets a page whose shards are missing: what has a digest in its path goes
    first, then data and scripts, then pages, the home page last of them, the manifest last of all.
    """
    digests = outgoing.digests
    send = [
        path
        for path, digest in digests.items()
        if path != MANIFEST and (there.listed.get(path) != digest or path in there.begun)
    ]
    delete = sorted(there.ours - digests.keys() - {MANIFEST})
    if send or delete or there.begun:
        send.append(MANIFEST)
    send.sort(key=_place)
    return Changes(
        send=tuple(send),
        delete=tuple(delete),
        unchanged=len(digests) - len(send),
        bytes=sum(outgoing.sizes[path] for path in send),
        new=frozenset(send) - there.ours,
        there=there,
    )


def _place(path: str) -> tuple[int, str]:
    return stage_of(path), path


def stage_of(path: str) -> int:
    """Return when a file is sent: files of one stage may go at once, stages one after another."""
    if path == MANIFEST:
        return 4
    if path in _LAST_PAGES:
        return 3
    if path.endswith(".html"):
        return 2
    return 0 if is_digest_named(path) else 1


def begun_list(outgoing: Outgoing, changes: Changes) -> bytes:
    """Return the list to leave at the target meanwhile: of what may be there soon, or still is."""
    files = {**changes.there.listed, **changes.there.begun, **outgoing.digests}
    paths = (*changes.send, *changes.delete)
    return manifest_of({path: (files[path], 0) for path in paths if path != MANIFEST})


def in_stages(paths: Iterable[str]) -> Iterator[list[str]]:
    """Yield paths stage by stage."""
    stages: dict[int, list[str]] = {}
    for path in paths:
        stages.setdefault(stage_of(path), []).append(path)
    for stage in sorted(stages):
        yield stages[stage]
