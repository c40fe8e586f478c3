"""Writing so that a reader, or the next run after a crash, never meets half a file.

Lives here: atomic writes, digests of files, exchanging two directories, sweeping up temporary
names a killed run left, keeping aside what is somebody else's. Not here: what is written.
"""

import ctypes
import errno
import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: Folder beside a site, or in a build directory, for what was somebody's and stood in the way.
KEPT_ASIDE = "kept-aside"
TEMPORARY_PREFIX = ".tmp-"
_TEMPORARY = re.compile(
    re.escape(TEMPORARY_PREFIX) + r"[0-9a-f]{12}-"
)  # what begins a name of ours
_AT_FDCWD = -100  # linux/fcntl.h
_RENAME_EXCHANGE = 2  # linux/fs.h


def temporary_beside(path: Path) -> Path:
    """Return a unique name in the folder of `path`, recognisable to `sweep`."""
    return path.with_name(f"{TEMPORARY_PREFIX}{uuid.uuid4().hex[:12]}-{path.name}")


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary path; when the block ends well, fsync it and rename it to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(path)
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Flush a file's bytes, or a folder's entries, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` atomically."""
    with atomic(path) as temporary:
        temporary.write_bytes(content)


def has_content(path: Path, content: bytes) -> bool:
    """Tell whether a file is there that holds just these bytes."""
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def write_json(path: Path, value: Any) -> None:
    """Write `value` as sorted, indented JSON, atomically."""
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
    write_bytes(path, text.encode() + b"\n")


def sha256_bytes(content: bytes) -> str:
    """Hexadecimal sha256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def sha256_file(path: Path) -> str:
    """Hexadecimal sha256 of a file's content, read in bounded pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


_Known = tuple[int, ...]  # how a file is recognised that nobody touched
_known: dict[_Known, str] = {}


def sha256_unless_known(path: Path) -> str:
    """Return the sha256 of a file; at once if this process knows it and nobody touched the file."""
    identity = _recognise(path)
    if identity not in _known:
        _known[identity] = sha256_file(path)
    return _known[identity]


def take_sha256(path: Path, digest: str) -> None:
    """Take the word of whoever has just written a file for its sha256, until it is touched."""
    _known[_recognise(path)] = digest


def _recognise(path: Path) -> _Known:
    stat = path.stat()
    return (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def sha256_json(value: Any) -> str:
    """Hexadecimal sha256 of a JSON-able value, independent of key order."""
    return sha256_bytes(json.dumps(value, sort_keys=True).encode())


def exchange_directories(new: Path, current: Path, *, flushed: bool = False) -> None:
    """Put the folder `new` in the place of `current`; what was there ends up at `new`.

    Everything written so far is on the disk before that (unless the caller has it `flushed`), so
    that no power loss leaves the new folder with empty files: one flush of all, where one of each
    of thousands of files takes long.
    Where the kernel and file system can (Linux `renameat2` with RENAME_EXCHANGE), a reader sees
    either the old or the new folder whole at every moment. Elsewhere there are two renames with an
    instant between them, in which the old folder is `name_meanwhile(new)`. `current` need not
    exist.
    """
    if not flushed:
        os.sync()
    if not current.exists():
        new.rename(current)
    elif not _rename_exchange(new, current):
        aside = name_meanwhile(new)
        current.rename(aside)
        new.rename(current)
        aside.rename(new)
    sync(current.parent)


def name_meanwhile(new: Path) -> Path:
    """Return where the old folder is for an instant while `new` takes its place by renaming."""
    return new.with_name(f"{new.name}-old")


def _rename_exchange(first: Path, second: Path) -> bool:
    """Swap two paths in one step; False where that is not supported."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    done = rename(
        _AT_FDCWD,
        os.fsencode(first),
        _AT_FDCWD,
        os.fsencode(second),
        ctypes.c_uint(_RENAME_EXCHANGE),
    )
    if done == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(first))


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` the same file as `source` (hard link), or a copy where links are refused.

    Keeps the modification time either way.
    """
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def private_folder() -> Path | None:
    """Return this user's own folder among the temporary files, made if need be.

    None where there is none that nobody else may write: what lies there is trusted.
    """
    try:
        folder = Path(tempfile.gettempdir()) / f"laion-assets-{os.getuid()}"
        folder.mkdir(mode=stat.S_IRWXU, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    others = found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    private = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not others
    return folder if private else None


def keep_aside(path: Path, folder: Path, relative: str) -> Path:
    """Move somebody else's file, link or folder out of the way, and return where it is now.

    That is `relative` below `folder`, or below a folder of that name with a number where something
    lies there already. It is renamed, whatever its size.
    """
    number = 1
    while True:
        target = (folder if number == 1 else folder.with_name(f"{folder.name}-{number}")) / relative
        if not os.path.lexists(target) and _make_folders(target.parent):
            path.rename(target)
            sync(target.parent)
            return target
        number += 1


def _make_folders(folder: Path) -> bool:
    """Make a folder and those above it; tell whether nothing else is in their place."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        return False
    return True


def replace_folders(
    folder: Path, endings: tuple[str, ...], aside: Callable[[Path], object]
) -> None:
    """Take out of the way what stands directly in `folder` as a folder and is named as a file is.

    One with anything in it may be somebody's: it is given to `aside`.
    """
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.name.endswith(endings) and path.is_dir() and not path.is_symlink():
            try:
                path.rmdir()
            except OSError:
                aside(path)


def sweep(folder: Path, *, below: bool = True) -> int:
    """Delete the temporary files and folders that killed runs left in a folder; return how many.

    Only safe while holding the build lock: a running writer's temporary names look the same.
    """
    swept = 0
    for parent, folders, names in os.walk(folder):
        for name in filter(_TEMPORARY.match, [*folders, *names]):
            _delete(Path(parent, name))
            swept += 1
        folders[:] = [name for name in folders if below and not _TEMPORARY.match(name)]
    return swept


def sweep_beside(path: Path) -> None:
    """Delete what killed runs left of one file or folder in a folder that is not ours to sweep.

    Only safe while holding the build lock, as `sweep` is.
    """
    ours = re.compile(_TEMPORARY.pattern + re.escape(path.name))
    for found in list(path.parent.iterdir()) if path.parent.is_dir() else ():
        if ours.fullmatch(found.name):
            _delete(found)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
