"""Which source files there are, and the partition key each of them gets.

Lives here: the given sources one after the other, naming. Not here: walking a folder (`folders`),
what a file is (`recognising`), which files are one (`twins`), reading rows (`core.reading`) or
making the sample's files (`laion_assets.sample`).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.sources.datasets import Dataset
from laion_assets.core.sources.folders import FILE, FOLDER, kind_of, text_of, walk
from laion_assets.core.sources.left_out import LeftOut
from laion_assets.core.sources.own_work import OwnWork, published_around
from laion_assets.core.sources.recognising import why_no_source
from laion_assets.core.sources.twins import Candidate, Contents, without_twins

if TYPE_CHECKING:
    from laion_assets.core.sources.download import RemoteFile

_SLUG_LENGTH = 60
_KINDS_SHOWN = 3
_UNAVAILABLE = ("gone", "withdrawn")  # nobody is asked for these; whoever has a copy names it

#: Where a file is, what it is called below its source, its number if it is generated.
Found = tuple[Path, str, int | None]


@dataclass(frozen=True)
class SourceFile:
    """One source file: a partition of everything on the left of the graph."""

    key: str  # partition key: slug of the stem, then 8 hex digits of the relative path's sha256
    path: Path  # where it is read, absolute
    relative: str  # the path relative to its source root, with forward slashes; always text
    part: int | None = None  # number of the generated file, for the embedded sample
    remote: RemoteFile | None = None  # where it is fetched from; `path` is where it then lies

    @property
    def is_ours(self) -> bool:
        """Tell whether this program put the file where it lies, so that it can do so again."""
        return self.part is not None or self.remote is not None


def partition_key(relative: str) -> str:
    """Return the readable, path-independent key of a file at `relative` below its source root."""
    stem = unicodedata.normalize("NFKD", Path(relative).stem).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:_SLUG_LENGTH].strip("-") or "file"
    return f"{slug}-{hashlib.sha256(relative.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


@dataclass(frozen=True)
class Surroundings:
    """What finding has to know of the build directory besides what is named.

    `raw` is where a generated or remote dataset's files live, whether they exist yet or not; what a
    host listed is remembered there.
    """

    raw: Path
    own: OwnWork
    contents: Contents


def find_sources(
    dataset: Dataset,
    sources: Sequence[str],
    around: Surroundings,
    *,
    list_again: bool = False,
    follow_links: bool = False,
    left_out: LeftOut,
) -> list[SourceFile]:
    """List every source file, sorted by key; each content once.

    A host is asked for its listing once more when `list_again`. Links below a folder are followed
    only with `follow_links`; they, and whatever else is not read, are told to `left_out`. Of files
    of one content the first counts, by the order of the sources and then of the paths in them.
    Raises UserError when a source does not exist or holds no file of rows, BadUsage when nothing is
    named or what is named was made by this program.
    """
    if dataset.generated and not sources:
        names = [f"part-{number:05d}.parquet" for number in range(dataset.generated.files)]
        return _keyed((around.raw / name, name, number) for number, name in enumerate(names))
    if not sources and (
        dataset.location.kind == "local" or dataset.location.status in _UNAVAILABLE
    ):
        raise BadUsage(_needs_source(dataset))
    remote = {}
    if not sources or any(map(is_url, sources)):
        from laion_assets.core.sources.remote import list_remote  # needs an http client: 0.5 s

        urls = [source for source in sources if is_url(source)]
        listed = list_remote(dataset, urls, around.raw / "listing.json", again=list_again)
        remote = {around.raw / "files" / file.relative: file for file in listed}
    candidates = [
        candidate
        for source in sources
        if not is_url(source)
        for candidate in _local(
            source, dataset, around.own, follow_links=follow_links, left_out=left_out
        )
    ]
    candidates += map(_remote, remote.items())
    kept = without_twins(candidates, around.contents, left_out.add)
    found = _keyed((candidate.path, candidate.relative, None) for candidate in kept)
    return [replace(file, remote=remote.get(file.path)) for file in found]


def _remote(listed: tuple[Path, RemoteFile]) -> Candidate:
    from laion_assets.core.sources.download import is_current, was_fetched

    path, file = listed
    if is_current(file, path):
        return Candidate(path, file.relative, sha256=file.sha256, is_remote=True)
    # What lies there is another version, or nothing.
    return Candidate(
        path,
        file.relative,
        size=file.size,
        sha256=file.sha256,
        is_remote=True,
        is_here=False,
        was_here=not path.exists() and was_fetched(file, path),
    )


def is_url(source: str) -> bool:
    """Tell whether a source is a URL rather than a path."""
    return "://" in source


def checked_source(source: str) -> str:
    """Return a source as settings keep it: a URL as it is, a path absolute.

    Raises BadUsage for none at all, which as a path would be the working directory.
    """
    if not source.strip():
        raise BadUsage("--source is empty; name a file, a folder or a URL")
    if is_url(source):
        return source
    try:
        source.encode()
    except UnicodeEncodeError as error:  # build.toml is text
        raise BadUsage(f"{text_of(source)}: its name is not UTF-8; rename it") from error
    return str(Path(source).absolute())


def _needs_source(dataset: Dataset) -> str:
    """Say what to give, and first of all why the dataset cannot be had otherwise."""
    status, note = dataset.location.status, dataset.location.status_note
    if status in _UNAVAILABLE:
        return f"dataset {dataset.name!r} is {status} and needs --source. {note}"
    return f"dataset {dataset.name!r} needs --source: a file of rows or a folder of them"


def _local(
    source: str, dataset: Dataset, own: OwnWork, *, follow_links: bool, left_out: LeftOut
) -> list[Candidate]:
    """Return the files of a source the user named, which may itself be a link."""
    root = Path(checked_source(source))
    kind = kind_of(root)
    if kind not in (FILE, FOLDER):
        raise UserError(f"{root}: {kind}")
    ours = own.around(root)
    if ours is not None:
        raise BadUsage(
            f"{text_of(str(root))}: lies where laion-assets keeps what it made (build directory "
            f"{text_of(str(ours))}); name the files it was made from, or move yours elsewhere"
        )
    if kind == FILE and str(root) in published_around(root):
        raise BadUsage(
            f"{text_of(str(root))}: part of a site that laion-assets published; name the files it "
            "was made from"
        )
    if kind == FILE:
        return [Candidate(root, text_of(root.name))]
    found = LeftOut()
    files = walk(
        root,
        lambda path: why_no_source(path, dataset.format, dataset.columns),
        own=own,
        follow_links=follow_links,
        left_out=found,
    )
    left_out.include(found)
    if not files:
        raise UserError(
            f"{text_of(str(root))}: no parquet files in this folder, nor .tsv, .csv or .jsonl ones"
            + _more(found)
        )
    return [Candidate(file.path, text_of(file.relative.as_posix())) for file in files]


def _more(left_out: LeftOut) -> str:
    """Say what a folder without a source holds instead: how much, one of each of a few kinds."""
    if not left_out.named:
        return ""
    firsts = [members[0] for members in left_out.by_kind().values()][:_KINDS_SHOWN]
    return f"; {len(left_out.named):,} left out: " + "; ".join(f"{n} {why}" for n, why in firsts)


def _keyed(found: Iterable[Found]) -> list[SourceFile]:
    """Give keys; two roots that hold the same relative path are told apart by the root's name."""
    files: dict[str, SourceFile] = {}
    for path, relative, part in found:
        name = relative
        if partition_key(name) in files:
            root = path.parents[len(Path(relative).parts) - 1]
            name = f"{text_of(root.name)}/{relative}"
        key = partition_key(name)
        if key in files:
            raise BadUsage(
                f"{text_of(str(path))} and {text_of(str(files[key].path))} look the same; rename"
                " one of their folders"
            )
        files[key] = SourceFile(key=key, path=path, relative=name, part=part)
    return [files[key] for key in sorted(files)]
