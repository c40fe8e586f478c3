"""Publishing a site to a repository of the hub: one commit, or a few in the safe order.

The client is huggingface_hub's: it knows tokens, large files and the hub's answers. Not here: how
its errors are told of datasets that are read (`core.sources.download`).
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpx2
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    close_session,
    get_session,
    hf_hub_url,
    set_client_factory,
)
from huggingface_hub.errors import HfHubHTTPError, HFValidationError
from huggingface_hub.utils._headers import build_hf_headers
from huggingface_hub.utils.tqdm import disable_progress_bars

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.publish.changes import (
    BEGUN,
    MOST_LISTED,
    Changes,
    There,
    begun_list,
    there_of,
)
from laion_assets.core.publish.manifest import MANIFEST
from laion_assets.core.publish.outgoing import Outgoing
from laion_assets.core.publish.to_store import Sent
from laion_assets.core.sources.download.client import TIMEOUT, keep_logs_clean
from laion_assets.core.sources.download.problems import hub_endpoint

#: Files of one commit. The hub recommends some hundred for its web API, its own client sends up to
#: a thousand (huggingface_hub `_upload_large_folder.COMMIT_SIZE_SCALE`).
MOST_AT_ONCE = 1_000
_KINDS = {"datasets": "dataset", "spaces": "space"}
_MESSAGE = "Publish with laion-assets"
_LONGEST = 300  # characters shown of the hub's own words

_Operation = CommitOperationAdd | CommitOperationDelete


class ToHub:
    """A target that is a repository: hf://datasets/owner/name or hf://spaces/owner/name."""

    def __init__(self, target: str) -> None:
        kind, _, repository = target.removeprefix("hf://").strip("/").partition("/")
        if kind not in _KINDS or repository.count("/") != 1:
            raise BadUsage(
                f"{target}: no repository; hf://datasets/owner/name or hf://spaces/owner/name is"
            )
        self._target, self._kind, self._repository = target, _KINDS[kind], repository
        self._api = HfApi(endpoint=hub_endpoint(), library_name="laion-assets")
        self._commit = ""

    def look(self) -> There:
        """Return what earlier publishes put there."""
        with self._told():
            found = self._api.repo_info(self._repository, repo_type=self._kind)
            if self._kind == "space" and getattr(found, "sdk", None) not in (None, "static"):
                raise UserError(
                    f"{self._target}: a Space that runs a program; publish to one whose SDK is"
                    " static (`sdk: static` in its README.md)"
                )
            self._commit = found.sha or ""
            return there_of(self._read(MANIFEST), self._read(BEGUN))

    def occupied(self, paths: Collection[str]) -> set[str]:
        """Return which of some paths are taken."""
        return self._files() & set(paths)

    def send(self, outgoing: Outgoing, changes: Changes, sent: Sent) -> None:
        """Commit what has to be done.

        In one commit a reader sees all of it or nothing; where that would be too large, the commits
        come in an order in which no page lacks its files.
        """
        there = self._files()
        operations: list[_Operation] = [_adding(outgoing, path) for path in changes.send]
        operations += [
            CommitOperationDelete(path_in_repo=path) for path in changes.delete if path in there
        ]
        if len(operations) > MOST_AT_ONCE:
            begun = begun_list(outgoing, changes)
            operations.insert(0, CommitOperationAdd(path_in_repo=BEGUN, path_or_fileobj=begun))
        if len(operations) > MOST_AT_ONCE or BEGUN in there:
            operations.append(CommitOperationDelete(path_in_repo=BEGUN))
        for start in range(0, len(operations), MOST_AT_ONCE):
            some = operations[start : start + MOST_AT_ONCE]
            with self._told(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # parquet in a Space is meant
                made = self._api.create_commit(
                    self._repository, some, commit_message=_MESSAGE, repo_type=self._kind,
                    parent_commit=self._commit or None,
                )  # fmt: skip
            self._commit = made.oid
            for operation in some:
                if isinstance(operation, CommitOperationAdd) and operation.path_in_repo != BEGUN:
                    sent(operation.path_in_repo)

    def _files(self) -> set[str]:
        with self._told():
            return set(
                self._api.list_repo_files(
                    self._repository, repo_type=self._kind, revision=self._commit or None
                )
            )

    def _read(self, path: str) -> bytes | None:
        url = hf_hub_url(
            self._repository, path, repo_type=self._kind, revision=self._commit or None,
            endpoint=hub_endpoint(),
        )  # fmt: skip
        headers = build_hf_headers(library_name="laion-assets")
        with get_session().stream("GET", url, headers=headers, follow_redirects=True) as response:
            if response.status_code == HTTPStatus.NOT_FOUND:
                return None
            response.raise_for_status()
            content = bytearray()
            for piece in response.iter_bytes():
                content += piece
                if len(content) > MOST_LISTED:
                    return None  # no list of ours
            return bytes(content)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Call the hub by a client of our own; what it refuses is one line."""
        keep_logs_clean()
        disable_progress_bars()
        set_client_factory(lambda: httpx2.Client(timeout=TIMEOUT, follow_redirects=True))
        try:
            yield
        except HFValidationError as error:
            raise BadUsage(f"{self._target}: cannot be a repository's name") from error
        except (HfHubHTTPError, httpx2.HTTPStatusError) as error:
            raise UserError(f"{self._target}: {_refusal(error)}") from error
        except (httpx2.HTTPError, OSError) as error:
            raise UserError(
                f"{self._target}: {hub_endpoint()} cannot be reached"
                f" ({type(error).__name__}); check the connection and run it again to continue"
            ) from error
        finally:
            close_session()


def _adding(outgoing: Outgoing, path: str) -> CommitOperationAdd:
    content = outgoing.content(path)
    return CommitOperationAdd(
        path_in_repo=path,
        path_or_fileobj=content if isinstance(content, bytes) else str(content),
    )


def _refusal(error: HfHubHTTPError | httpx2.HTTPStatusError) -> str:
    status = error.response.status_code
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return "the hub wants a token that may write there; set HF_TOKEN, or run `hf auth login`"
    if status == HTTPStatus.NOT_FOUND:
        return "no such repository, or a private one; make it first, and set HF_TOKEN"
    if status in (HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED):
        return "somebody else changed it meanwhile; run it again"
    said = " ".join(str(error).split())[:_LONGEST]
    return f"the hub answers {status}: {said}; run it again to continue"
