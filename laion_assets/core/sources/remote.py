"""Source files somewhere else: what was listed, remembered so that planning asks no host.

Lives here: listing a dataset's files or the URLs the user named, the saved listing, fetching
what is missing. Not here: how anything is fetched (`download`), keys (`finding`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import sha256_json, write_json
from laion_assets.core.base.progress import Progress
from laion_assets.core.base.records import read_json
from laion_assets.core.sources.datasets import Dataset
from laion_assets.core.sources.download import RemoteFile, download, list_hub, list_urls

CONCURRENCY = 4  # files fetched at once


@dataclass(frozen=True)
class _Listing:
    """What a host listed, and the digest of what it was asked."""

    question: str
    files: list[RemoteFile]


def list_remote(
    dataset: Dataset, urls: Sequence[str], saved: Path, *, again: bool
) -> list[RemoteFile]:
    """Return the remote files of a dataset, or of the URLs in `urls` when there are any.

    Listed once and saved at `saved`; asked for again when `again`, or when the question changed.
    Raises UserError, saying what to do, when the host does not answer with a listing.
    """
    location = dataset.location
    question = sha256_json([list(urls), asdict(location)])
    known = read_json(saved, _Listing)  # None: never listed, or not by this version
    if known is not None and known.question == question and not again:
        return known.files
    if urls or location.kind == "http":
        files = list_urls(list(urls) or list(location.urls), own=bool(urls))
    else:
        files = list_hub(location.repository, location.revision, location.patterns)
    write_json(saved, asdict(_Listing(question, files)))
    return files


def fetch_files(
    wanted: Sequence[tuple[str, RemoteFile, Path]], progress: Progress, ceiling: int
) -> dict[str, UserError]:
    """Bring (key, file, path) to their paths; return the problem of each key that failed.

    `ceiling` is the most bytes of a file whose host does not state its length.
    """
    errors = download(
        [(remote, path) for _, remote, path in wanted],
        concurrency=CONCURRENCY,
        progress=progress,
        ceiling=ceiling,
    )
    return {key: errors[remote] for key, remote, _ in wanted if remote in errors}
