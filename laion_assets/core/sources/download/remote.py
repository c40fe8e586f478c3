"""A file somewhere else: its URL, and what its host published about it.

Lives here: the record a listing returns, how a URL may be shown to people, and which names
from a listing may become names on this disk. Not here: asking a host anything.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from laion_assets.core.base.errors import UserError

_NAME_BYTES = 200  # of one name: 255 on Linux and macOS, less what is appended while in transit
# C0, DEL, C1, bidirectional and line-breaking controls: they would break a line on a terminal
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class RemoteFile:
    """One file as its host listed it.

    `url` is http(s) or s3. `relative` is a safe path with forward slashes, the same on every
    machine: the partition key is made from it. `size` is in bytes, `sha256` in lower-case
    hexadecimal; `etag` is the host's opaque name for this version of the content, without quotes
    (a weak one keeps its `W/`). None where the host does not say.
    """

    url: str
    relative: str
    size: int | None
    sha256: str | None
    etag: str | None

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
        any(name in ("", ".", "..") or len(name.encode()) > _NAME_BYTES for name in names)
        or "\\" in relative
        or _UNPRINTABLE.search(relative)
    ):
        raise UserError(f"{source}: refuses to be stored: {relative!r} is not a safe file name")
    return relative
