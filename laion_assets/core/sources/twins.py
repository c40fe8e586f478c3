"""One content, one file: the second name of a file, and the second copy of its bytes, is no source.

Lives here: telling that two files are one, at little cost. Not here: which is first (`finding`: the
order of the sources, then of the paths).

Files of one size are compared by a sample of their bytes, and read whole only when these are the
same: whole files are read again only when they changed, because what was found is remembered.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from laion_assets.core.base.files import sha256_unless_known, write_json
from laion_assets.core.base.records import read_json
from laion_assets.core.sources.folders import text_of

_SAMPLE = 4096  # bytes, at the beginning, in the middle and at the end


@dataclass(frozen=True)
class _Content:
    """The content of a file of that size when it had that modification time."""

    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True)
class _Record:
    contents: dict[str, _Content]  # by path, as text


@dataclass
class Contents:
    """What is in files, as far as it had to be looked at; remembered in a file at `path`.

    With `again` nothing is taken for granted that was remembered.
    """

    path: Path
    again: bool = False
    _known: dict[str, _Content] = field(default_factory=dict)
    _met: dict[str, _Content] = field(default_factory=dict)

    def __post_init__(self) -> None:
        record = read_json(self.path, _Record)
        self._known = dict(record.contents) if record else {}

    def sha256(self, path: Path, size: int, mtime_ns: int) -> str:
        """Return the digest of a file that is there."""
        name = text_of(str(path))
        known = self._known.get(name)
        if self.again or known is None or (known.size, known.mtime_ns) != (size, mtime_ns):
            known = _Content(size, mtime_ns, sha256_unless_known(path))
        self._met[name] = self._known[name] = known
        return known.sha256

    def remembered(self, path: Path) -> tuple[int, str] | None:
        """Return size and digest of a file that is there no more, where they were looked at."""
        name = text_of(str(path))
        known = self._known.get(name)
        if known is None:
            return None
        self._met[name] = known
        return known.size, known.sha256

    def save(self) -> None:
        """Remember what was looked at, and nothing older; only under the lock."""
        record = _Record(dict(sorted(self._met.items())))
        worth = record.contents or self.path.exists()
        if worth and read_json(self.path, _Record) != record:
            write_json(self.path, asdict(record))


@dataclass(frozen=True)
class Candidate:
    """A file that may be a source: where it is, what it is called below its source.

    `size` and `sha256` are what its host says of it; None when it does not.
    """

    path: Path
    relative: str
    size: int | None = None
    sha256: str | None = None
    is_remote: bool = False
    is_here: bool = True
    was_here: bool = False  # a download that was deleted again, as it held removed rows


@dataclass
class _Seen:
    """What is known of a candidate's content."""

    candidate: Candidate
    size: int
    mtime_ns: int = 0
    sha256: str | None = None
    is_here: bool = True


def without_twins(
    candidates: Iterable[Candidate], contents: Contents, left_out: Callable[[str, str], None]
) -> list[Candidate]:
    """Return the candidates without those whose content an earlier one has; in their order.

    The others are told to `left_out`. What a host has and never sent is compared when its digest is
    published.
    """
    kept: list[Candidate] = []
    seen: list[_Seen] = []
    files: dict[tuple[int, int], Candidate] = {}
    for candidate in candidates:
        kept.append(candidate)
        found = _stat(candidate)
        if found is None:
            unseen = _elsewhere(candidate, contents)
            seen += [unseen] if unseen else []
            continue
        first = files.setdefault((found.st_dev, found.st_ino), candidate)
        if first is not candidate:
            kept.pop()
            if first.path != candidate.path:
                left_out(_name(candidate), f"is the same file as {_name(first)}")
        elif found.st_size:
            digest = candidate.sha256
            seen.append(_Seen(candidate, found.st_size, found.st_mtime_ns, digest))
    twins: set[int] = set()
    for group in _groups(seen, lambda one: one.size):
        for second, first in _copies(group, contents):
            twins.add(id(second))
            left_out(_name(second), f"is the same as {_name(first)}; it is read once")
    return [candidate for candidate in kept if id(candidate) not in twins]


def _stat(candidate: Candidate) -> os.stat_result | None:
    """Return the size, time and identity of a candidate that is here, None for any other."""
    try:
        found = candidate.path.stat() if candidate.is_here else None
    except OSError:
        return None
    return found if found is not None and stat.S_ISREG(found.st_mode) else None


def _elsewhere(candidate: Candidate, contents: Contents) -> _Seen | None:
    """Return what is known of a file that is not here."""
    if candidate.size and candidate.sha256:
        return _Seen(candidate, candidate.size, sha256=candidate.sha256, is_here=False)
    known = contents.remembered(candidate.path) if candidate.was_here else None
    return _Seen(candidate, known[0], sha256=known[1], is_here=False) if known else None


def _copies(group: Sequence[_Seen], contents: Contents) -> Iterable[tuple[Candidate, Candidate]]:
    """Yield (second, first) of the files of one size that have one content."""
    # A file that is not here has no bytes to sample.
    sampled = [group] if any(not one.is_here for one in group) else _groups(group, _sample)
    for alike in sampled:
        first_of: dict[str, Candidate] = {}
        for one in alike:
            digest = _digest(one, contents)
            if digest is not None and first_of.setdefault(digest, one.candidate) != one.candidate:
                yield one.candidate, first_of[digest]


def _groups(seen: Sequence[_Seen], key: Callable[[_Seen], object]) -> list[list[_Seen]]:
    """Return those that share a key with another, group by group; all in their order."""
    groups: dict[object, list[_Seen]] = {}
    for one in seen:
        groups.setdefault(key(one), []).append(one)
    return [group for value, group in groups.items() if len(group) > 1 and value is not None]


def _sample(one: _Seen) -> bytes | None:
    """Return a digest of some bytes of a file; None when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with one.candidate.path.open("rb", buffering=0) as stream:
            for place in sorted({0, one.size // 2, max(0, one.size - _SAMPLE)}):
                stream.seek(place, os.SEEK_SET)
                digest.update(stream.read(_SAMPLE) or b"")
    except OSError:
        return None
    return digest.digest()


def _digest(one: _Seen, contents: Contents) -> str | None:
    if one.sha256 is not None:
        return one.sha256
    try:
        return contents.sha256(one.candidate.path, one.size, one.mtime_ns)
    except OSError:
        return None


def _name(candidate: Candidate) -> str:
    return candidate.relative if candidate.is_remote else text_of(str(candidate.path))
