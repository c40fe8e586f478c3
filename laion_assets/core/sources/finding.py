"""Which source files there are, and the partition key each of them gets.

Lives here: the given sources one after the other, naming. Not here: walking a folder (`folders`),
reading rows (`core.reading`) or making the sample's files (`laion_assets.sample`).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.sources.datasets import Dataset
from laion_assets.core.sources.folders import FILE, FOLDER, kind_of, text_of, walk
from laion_assets.core.sources.formats import FORMAT_OF_SUFFIX

if TYPE_CHECKING:
    from laion_assets.core.sources.download import RemoteFile

#: What is looked for in a folder; a file that is named outright may be called anything.
SUFFIXES = (".parquet", *(s + gz for s in FORMAT_OF_SUFFIX for gz in ("", ".gz")))
_SLUG_LENGTH = 60
_UNAVAILABLE = ("gone", "withdrawn")  # nobody is asked for these; whoever has a copy names it

#: Told the name of each file of a folder that is not read though it looks like one, and why.
LeftOut = Callable[[str, str], None]
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


def find_sources(
    dataset: Dataset,
    sources: Sequence[str],
    raw_folder: Path,
    *,
    list_again: bool = False,
    follow_links: bool = False,
    left_out: LeftOut = lambda *_: None,
) -> list[SourceFile]:
    """List every source file, sorted by key.

    A generated or remote dataset's files live below `raw_folder`, whether they exist yet or not;
    what a host listed is remembered there, and asked for once more when `list_again`. Links below a
    folder are followed only with `follow_links`; they, and whatever else of a folder is not read
    though it is called like a source, are told to `left_out`. Raises UserError when a source does
    not exist or holds no file of the endings in `SUFFIXES`, BadUsage when nothing is named.
    """
    if dataset.generated and not sources:
        names = [f"part-{number:05d}.parquet" for number in range(dataset.generated.files)]
        return _keyed((raw_folder / name, name, number) for number, name in enumerate(names))
    urls = [source for source in sources if is_url(source)]
    if not sources and (
        dataset.location.kind == "local" or dataset.location.status in _UNAVAILABLE
    ):
        raise BadUsage(_needs_source(dataset))
    found: list[Found] = []
    for source in sources:
        if source not in urls:
            found.extend(_local(source, follow_links=follow_links, left_out=left_out))
    remote = {}
    if urls or not sources:
        from laion_assets.core.sources.remote import list_remote  # needs an http client: 0.5 s

        saved = raw_folder / "listing.json"
        for file in list_remote(dataset, urls, saved, again=list_again):
            remote[raw_folder / "files" / file.relative] = file
            found.append((raw_folder / "files" / file.relative, file.relative, None))
    return [replace(file, remote=remote.get(file.path)) for file in _keyed(found)]


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


def _local(source: str, *, follow_links: bool, left_out: LeftOut) -> list[Found]:
    """Return the files of a source the user named, which may itself be a link."""
    root = Path(checked_source(source))
    kind = kind_of(root)
    if kind == FILE:
        return [(root, text_of(root.name), None)]
    if kind != FOLDER:
        raise UserError(f"{root}: {kind}")
    names: list[str] = []

    def leave_out(name: str, why: str) -> None:
        names.append(f"{name} {why}")
        left_out(name, why)

    paths = walk(root, SUFFIXES, follow_links=follow_links, left_out=leave_out)
    if not paths:
        more = f"; {len(names)} left out: {names[0]}" if names else ""
        raise UserError(
            f"{root}: no parquet files in this folder, nor .tsv, .csv or .jsonl ones{more}"
        )
    return [(path, text_of(path.relative_to(root).as_posix()), None) for path in paths]


def _keyed(found: Iterable[Found]) -> list[SourceFile]:
    """Give keys; two roots that hold the same relative path are told apart by the root's name."""
    files: dict[str, SourceFile] = {}
    seen: set[Path] = set()
    for path, relative, part in found:
        if path in seen:
            continue
        seen.add(path)
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
