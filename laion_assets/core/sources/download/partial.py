"""A download on this disk: in pieces beside its target, then whole, checked and in its place.

Lives here: the names and notes of partial files, what makes one worth continuing, checking a whole
one, and putting it in place. Not here: where the bytes come from (`transfer`).

While `name` is fetched, `name.part` holds what has arrived and `name.part.json` says of what;
neither is a temporary file that `files.sweep` deletes. Beside a finished `name`,
`name.origin.json` says what it is a copy of. Notes hold URLs as `RemoteFile.shown` does.
"""

import errno
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import sync, write_json
from laion_assets.core.sources.download.remote import BESIDE, RemoteFile

_PIECE = 1 << 20  # bytes read at a time


def beside(target: Path) -> tuple[Path, Path, Path]:
    """Return the partial file, its note, and the note of a finished file."""
    return tuple(  # type: ignore[return-value] # three suffixes, three paths
        target.with_name(target.name + suffix) for suffix in BESIDE
    )


def is_current(remote: RemoteFile, target: Path) -> bool:
    """Tell whether `target` was fetched from `remote` as it is listed now, and has its size."""
    try:
        size = target.stat().st_size
    except OSError:
        return False
    _, _, origin = beside(target)
    note = _read(origin)
    return _describes(note, remote) and note.get("bytes") == size


def was_fetched(remote: RemoteFile, target: Path) -> bool:
    """Tell whether `target` was once fetched from `remote` as it is listed now, there or not."""
    _, _, origin = beside(target)
    return _describes(_read(origin), remote)


def _record(remote: RemoteFile) -> dict[str, Any]:
    return {
        "url": remote.shown,
        "size": remote.size,
        "sha256": remote.sha256,
        "etag": remote.etag,
    }


def _describes(note: dict[str, Any], remote: RemoteFile) -> bool:
    """Tell whether a note is of this content.

    A published digest alone decides: the URL names a commit, and a commit that changes another
    file leaves this one as it was.
    """
    if remote.sha256:
        return note.get("sha256") == remote.sha256
    return {name: note.get(name, "") for name in _record(remote)} == _record(remote)


def _read(path: Path) -> dict[str, Any]:
    """Read a note; empty when there is none or it is not readable as one."""
    try:
        note = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


@dataclass
class Partial:
    """What has arrived of one file.

    `continued` tells whether bytes of an earlier attempt are in it: only then can it be a patchwork
    that another attempt would mend.
    """

    remote: RemoteFile
    target: Path
    continued: bool = False

    def __post_init__(self) -> None:
        self.path, self._note_path, self._origin = beside(self.target)
        note = _read(self._note_path)
        self._note = note if _describes(note, self.remote) else {}

    @property
    def validator(self) -> str | None:
        """What tells the host which content is being continued."""
        return self._note.get("validator")

    @property
    def length(self) -> int:
        """Bytes worth keeping: 0 for another content's, or when nothing could tell a mixture."""
        if not self._note or not (self.validator or self.remote.sha256):
            return 0
        return self.path.stat().st_size if self.path.exists() else 0

    def begin(self, validator: str | None, md5: str | None) -> None:
        """Start from nothing, noting what the host says of the content."""
        with writing(self.target):
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(b"")
            self._note = _record(self.remote) | {"validator": validator, "md5": md5}
            write_json(self._note_path, self._note)
        self.continued = False

    @contextmanager
    def appending(self) -> Iterator[BinaryIO]:
        """Open the partial file at its end."""
        with writing(self.target), self.path.open("ab") as stream:
            yield stream

    def discard(self) -> None:
        """Forget what has arrived."""
        self._note = {}
        self.path.unlink(missing_ok=True)
        self._note_path.unlink(missing_ok=True)

    @property
    def published(self) -> tuple[str, str] | None:
        """The digest its host publishes: an algorithm of hashlib and hexadecimal digits."""
        if self.remote.sha256:
            return "sha256", self.remote.sha256
        md5 = self._note.get("md5")
        return ("md5", md5) if md5 else None

    def pieces(self) -> Iterator[bytes]:
        """Read what has arrived back from the disk."""
        with self.path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                yield piece

    def publish(self) -> None:
        """Put the whole, checked file in its place; a crash leaves it there or still partial."""
        with writing(self.target):
            sync(self.path)
            size = self.path.stat().st_size
            self.path.replace(self.target)
            sync(self.target.parent)
            write_json(self._origin, _record(self.remote) | {"bytes": size})
            self._note_path.unlink(missing_ok=True)


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn what the disk refuses into a UserError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            problem = "the disk is full; free some space and run again to continue"
        else:
            problem = f"cannot be written ({error.strerror}); choose another --build-dir"
        raise UserError(f"{target}: {problem}") from error


def check_space(partials: list[Partial], *, size: int = 0) -> None:
    """Raise UserError when what is still to come, as far as known, does not fit on the disk.

    `size` is that of a file whose size was not listed.
    """
    needed: dict[int, int] = {}
    folder_of: dict[int, Path] = {}
    for partial in partials:
        folder = next(parent for parent in partial.target.absolute().parents if parent.exists())
        device = folder.stat().st_dev
        folder_of.setdefault(device, folder)
        missing = max(0, (partial.remote.size or size) - partial.length)
        needed[device] = needed.get(device, 0) + missing
    for device, total in needed.items():
        free = shutil.disk_usage(folder_of[device]).free
        if total > free:
            raise UserError(
                f"{folder_of[device]}: the disk is too small: {readable(total)} to download,"
                f" {readable(free)} free; free some space or choose another --build-dir"
            )


def readable(size: int) -> str:
    """Return a number of bytes for people."""
    return f"{size / 1e9:.1f} GB" if size >= 10**8 else f"{size / 1e6:.1f} MB"
