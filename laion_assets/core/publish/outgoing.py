"""A site on its way to somewhere else: which files it is, and that they are what the build made.

Lives here: reading it from its folder, checking it against its manifest, what a host wants besides.
Not here: what is at the target (`changes`), how it gets there (`to_folder`, `to_zip`, `to_store`,
`to_hub`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import sha256_bytes, sha256_file
from laion_assets.core.base.progress import Progress, silent
from laion_assets.core.publish.manifest import MANIFEST, manifest_of, read_manifest
from laion_assets.core.site.tombstone import TOMBSTONE

_SHOWN = 3


@dataclass(frozen=True)
class Outgoing:
    """A site to be sent: every file by its path, the manifest among them.

    `made` are files that do not lie in the site's folder, with their bytes: the manifest of what is
    sent, and what a host wants besides.
    """

    site: Path
    digests: Mapping[str, str]
    sizes: Mapping[str, int]
    made: Mapping[str, bytes]

    @property
    def is_withdrawn(self) -> bool:
        """Tell whether it is the page that stands in a withdrawn site's place."""
        return set(self.digests) - set(self.made) == TOMBSTONE

    @property
    def total(self) -> int:
        """The sizes of all files together."""
        return sum(self.sizes.values())

    def content(self, path: str) -> bytes | Path:
        """Return a file's bytes, or where it lies."""
        return self.made[path] if path in self.made else self.site / path


def read_outgoing(site: Path, besides: Mapping[str, bytes] | None = None) -> Outgoing:
    """Return the site in a folder as it is to be sent, with some files besides.

    Nothing is read but the manifest: every listed file must be there, and none be newer than the
    manifest, which is written last, unless it still is what the manifest says. Raises UserError
    when there is no site, or when it is not what its manifest says.
    """
    listed = read_manifest(site)
    if not listed:
        raise UserError(
            f"{site}: no published site there (no {MANIFEST}); run `laion-assets build`"
        )
    besides = {path: content for path, content in (besides or {}).items() if path not in listed}
    published = (site / MANIFEST).stat().st_mtime_ns
    sizes: dict[str, int] = {}
    wrong: list[str] = []
    for path, digest in listed.items():
        try:
            found = (site / path).stat()
            if found.st_mtime_ns > published and sha256_file(site / path) != digest:
                wrong.append(path)
            sizes[path] = found.st_size
        except OSError:
            wrong.append(path)
    _refuse(site, wrong)
    made = {**besides, MANIFEST: _manifest(listed, besides)}
    digests = listed | {path: sha256_bytes(content) for path, content in made.items()}
    return Outgoing(site, digests, sizes | {path: len(made[path]) for path in made}, made)


def check_outgoing(outgoing: Outgoing, paths: Collection[str], progress: Progress = silent) -> None:
    """Raise UserError unless some files, which are about to be sent, are what the manifest says."""
    lying = [path for path in paths if path not in outgoing.made]
    wrong = []
    for done, path in enumerate(lying, start=1):
        try:
            if sha256_file(outgoing.site / path) != outgoing.digests[path]:
                wrong.append(path)
        except OSError:
            wrong.append(path)
        progress("check", done, len(lying))
    _refuse(outgoing.site, wrong)


def _refuse(site: Path, wrong: Collection[str]) -> None:
    if wrong:
        more = f" and {len(wrong) - _SHOWN:,} more" if len(wrong) > _SHOWN else ""
        raise UserError(
            f"{site}: not what its {MANIFEST} says: {', '.join(sorted(wrong)[:_SHOWN])}{more}; "
            "run `laion-assets build --rehash`, then publish"
        )


def _manifest(listed: Mapping[str, str], besides: Mapping[str, bytes]) -> bytes:
    files = {**listed, **{path: sha256_bytes(content) for path, content in besides.items()}}
    return manifest_of({path: (digest, 0) for path, digest in files.items()})
