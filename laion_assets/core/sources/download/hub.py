"""Listing a dataset of the hub at a pinned commit.

Lives here: asking the hub, through huggingface_hub, which files a dataset holds, and noticing when
it is gated, withdrawn, renamed or missing. Not here: fetching the files (`transfer`).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import islice
from typing import TypeVar

import httpx2
from huggingface_hub import (
    HfApi,
    close_session,
    hf_hub_url,
    is_offline_mode,
    set_client_factory,
)
from huggingface_hub.errors import HfHubHTTPError, HFValidationError
from huggingface_hub.hf_api import RepoFile

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.sources import ceilings
from laion_assets.core.sources.download.hub_requests import hub_client
from laion_assets.core.sources.download.problems import (
    TryAgain,
    check_renamed,
    check_revision,
    hub_endpoint,
    hub_refusal,
    is_passing,
    unreachable,
)
from laion_assets.core.sources.download.reach import reach_of_url
from laion_assets.core.sources.download.remote import RemoteFile, checked_relative, told_apart
from laion_assets.core.sources.download.retrying import patiently
from laion_assets.core.sources.download.running import run

_Result = TypeVar("_Result")


def list_hub(repository: str, revision: str, patterns: Sequence[str]) -> list[RemoteFile]:
    """List the files of a hub dataset whose path matches one of `patterns`, sorted by path.

    Patterns are those of a shell, where `*` also matches a slash; without any, every file is
    listed. Hidden files and checksums (`.crc`) never are. The host comes from HF_ENDPOINT, the
    token from HF_TOKEN or what `hf auth login` stored. Whatever `revision` is, the URLs name
    the commit it stands for, so that a file cannot change between listing and fetching.

    Raises UserError when the dataset is gated, withdrawn, renamed or missing, when its revision
    is missing or not the one that answered, when no file matches, or when the hub is out of reach;
    BadUsage when the repository cannot be a name.
    """
    if is_offline_mode():
        raise UserError(f"{repository}: HF_HUB_OFFLINE forbids to ask the hub; unset it")
    set_client_factory(hub_client)
    try:
        api = HfApi(endpoint=hub_endpoint(), library_name="laion-assets")
        commit, files = _listed(api, repository, revision)
    finally:
        close_session()
    hub = httpx2.URL(hub_endpoint())
    near = patiently(lambda: _asked(lambda: run(reach_of_url, hub), repository))
    wanted = [file for file in files if _matches(file.path, patterns)]
    if not wanted:
        there = ", ".join(sorted(file.path for file in files)[:3]) or "no files"
        asked = ", ".join(patterns) or "any name"
        raise UserError(f"{repository}: no file matches {asked}; it holds {there!r}")
    return told_apart(
        [replace(_remote(repository, commit, file), near=near) for file in wanted], repository
    )


def _listed(api: HfApi, repository: str, revision: str) -> tuple[str, list[RepoFile]]:
    """Return the commit that `revision` stands for, and its files."""

    def ask(call: Callable[[], _Result]) -> _Result:
        return patiently(lambda: _asked(call, repository))

    found = ask(lambda: api.dataset_info(repository, revision=revision))
    check_renamed(repository, found.id)
    commit = found.sha or revision
    check_revision(repository, revision, commit)
    if found.gated:  # the list is public all the same, the files are not
        ask(lambda: api.auth_check(repository, repo_type="dataset"))
    most = ceilings.LISTING_ENTRIES
    entries = ask(
        lambda: list(
            islice(
                api.list_repo_tree(
                    repository, repo_type="dataset", revision=commit, recursive=True
                ),
                most + 1,
            )
        )
    )
    if len(entries) > most:
        raise UserError(
            f"{repository}: lists more than {most:,} files; download it and name a"
            " folder of them with --source"
        )
    return commit, [entry for entry in entries if isinstance(entry, RepoFile)]


def _matches(path: str, patterns: Sequence[str]) -> bool:
    hidden = path.endswith(".crc") or any(name.startswith(".") for name in path.split("/"))
    return not hidden and (not patterns or any(fnmatchcase(path, pattern) for pattern in patterns))


def _remote(repository: str, commit: str, file: RepoFile) -> RemoteFile:
    relative = checked_relative(file.path, repository)
    return RemoteFile(
        url=hf_hub_url(
            repository,
            file.path,
            repo_type="dataset",
            revision=commit,
            endpoint=hub_endpoint(),
        ),
        relative=relative,
        size=file.size,
        sha256=file.lfs.sha256 if file.lfs else None,
        etag=file.lfs.sha256 if file.lfs else file.blob_id,
    )


def _asked(call: Callable[[], _Result], repository: str) -> _Result:
    """Call the hub library; its many errors become one line each."""
    try:
        return call()
    except HFValidationError as error:
        raise BadUsage(f"{repository!r} cannot be a dataset's name: owner/name is") from error
    except HfHubHTTPError as error:
        problem = hub_refusal(error.response, hub_endpoint(), str(error), repository)
        if is_passing(error.response.status_code):
            raise TryAgain(problem, error.response.headers.get("Retry-After")) from error
        raise problem from error
    except httpx2.RequestError as error:
        raise unreachable(error, hub_endpoint()) from error
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{repository}: {hub_endpoint()} does not answer like the hub; check HF_ENDPOINT"
        ) from error
