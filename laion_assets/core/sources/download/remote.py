"""A file somewhere else: its URL, and what its host published about it.

Lives here: the record a listing returns, how a URL may be shown to people, and which names
from a listing may become names on this disk. Not here: asking a host anything.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from laion_assets.core.base.errors import UserError
from laion_assets.core.sources.folders import CONTROLS

#: What stands beside a file while it is fetched and after: its bytes so far, and two notes.
BESIDE = (".part", ".part.json", ".origin.json")
_NAME_BYTES = 200  # of one name: 255 on Linux and macOS, less what is appended while in transit
# Lone surrogates are no characters.
_UNPRINTABLE = re.compile(rf"[{CONTROLS}\ud800-\udfff]")


@dataclass(frozen=True)
class RemoteFile:
    """One file as its host listed it.

    `url` is http(s) or s3. `relative` is a safe path with forward slashes, the same on every
    machine: the partition key is made from it. `size` is in bytes, `sha256` in lower-case
    hexadecimal; `etag` is the host's opaque name for this version of the content, without quotes
    (a weak one keeps its `W/`). None where the host does not say. `near` is how near to us a
    listing may lead (`reach.Reach`), None for what the user named.
    """

    url: str
    relative: str
    size: int | None
    sha256: str | None
    etag: str | None
    near: int | None = field(default=None, compare=False)

    @property
    def shown(self) -> str:
        """The URL as messages, progress lines and files on disk may hold it."""
        return shown(self.url)


def shown(url: str) -> str:
    """Return a URL without userinfo, query and fragment, where signatures and keys travel."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def checked_relative(relative: str, source: str) -> str:
    """Return `relative` when it can be a path below a folder of ours; UserError when it cannot.

    Names come from strangers: nothing absolute, no `..`, no backslash, no control characters.
    """
    names = relative.split("/")
    if (
        _UNPRINTABLE.search(relative)
        or "\\" in relative
        or any(name in ("", ".", "..") or len(name.encode()) > _NAME_BYTES for name in names)
    ):
        raise UserError(f"{source}: refuses to be stored: {relative!r} is not a safe file name")
    return relative


def told_apart(files: Sequence[RemoteFile], source: str) -> list[RemoteFile]:
    """Return the files of a listing, each once, sorted by path.

    Raises UserError when two of them would be one file on this disk, or one a folder of another.
    """
    found: dict[str, RemoteFile] = {}
    for file in files:
        if found.setdefault(file.relative, file) != file:
            raise UserError(
                f"{source}: lists {file.relative!r} twice, as different files; tell its owner"
            )
    for relative in found:
        folder = relative
        while folder := folder.rpartition("/")[0]:
            if folder in found:
                raise UserError(f"{source}: lists {folder!r} as a file and as a folder")
        kept_for = next((end for end in BESIDE if relative.endswith(end)), None)
        if kept_for and relative.removesuffix(kept_for) in found:
            raise UserError(
                f"{source}: lists {relative!r}, a name that is needed here while the file of the"
                f" name before {kept_for!r} is fetched; leave one of them out"
            )
    return [found[relative] for relative in sorted(found)]
