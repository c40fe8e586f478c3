"""A bucket, or a prefix within it, as a place for a site: with types and cache headers.

Not here: credentials and addresses (`core.sources.download.s3`), the order (`to_store`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from laion_assets.core.base.errors import UserError
from laion_assets.core.publish.changes import MOST_LISTED
from laion_assets.core.publish.outgoing import Outgoing
from laion_assets.core.publish.to_store import Sent
from laion_assets.core.site.serving import cache_control, content_type
from laion_assets.core.sources.download.s3 import open_store

_AT_ONCE = 8  # requests
_DELETED_AT_ONCE = 1_000  # keys in one request (S3's DeleteObjects)
_WHOLE = 64 * 2**20  # bytes up to which a file is one request, and its ETag its MD5
_LONGEST = 300  # characters shown of a store's own words


class Bucket:
    """The objects below an s3 URL."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._store, self._prefix = open_store(url)

    def read(self, path: str) -> bytes | None:
        """Return an object's bytes; None when there is none."""
        with self._told():
            try:
                found = obstore.get(self._store, self._key(path))
            except FileNotFoundError:
                return None
            if found.meta["size"] > MOST_LISTED:
                return None  # no list of ours
            return bytes(found.bytes())

    def holding(self, paths: Collection[str]) -> set[str]:
        """Return which of some paths have an object."""
        return {path for path, _ in self._listed() if path in paths}

    def same(self, outgoing: Outgoing, paths: Collection[str]) -> set[str]:
        """Return which objects have the size and the MD5 of the files to be sent."""
        wanted = set(paths)
        return {
            path
            for path, entry in self._listed()
            if path in wanted
            and entry["size"] == outgoing.sizes[path]
            and (entry.get("e_tag") or "").strip('"') == _md5(outgoing, path)
        }

    def put(self, outgoing: Outgoing, paths: Sequence[str], sent: Sent) -> None:
        """Put some files there, several at once."""

        def put(path: str) -> None:
            content = outgoing.content(path)
            self._put(path, content, outgoing.sizes[path])

        self._at_once(put, paths, sent)

    def put_bytes(self, path: str, content: bytes) -> None:
        """Put one object there."""
        with self._told():
            self._put(path, content, len(content))

    def delete(self, paths: Sequence[str]) -> None:
        """Delete some objects; one that is not there is no error."""
        keys = [self._key(path) for path in paths]
        with self._told():
            for start in range(0, len(keys), _DELETED_AT_ONCE):
                obstore.delete(self._store, keys[start : start + _DELETED_AT_ONCE])

    def _put(self, path: str, content: Any, size: int) -> None:
        obstore.put(
            self._store,
            self._key(path),
            content,
            attributes={"Content-Type": content_type(path), "Cache-Control": cache_control(path)},
            use_multipart=size > _WHOLE,
        )

    def _key(self, path: str) -> str:
        return f"{self._prefix}/{path}" if self._prefix else path

    def _listed(self) -> Iterator[tuple[str, Any]]:
        start = len(self._key(""))
        with self._told():
            for page in obstore.list(self._store, self._prefix or None):
                for entry in page:
                    yield entry["path"][start:], entry

    def _at_once(self, work: Callable[[str], None], paths: Sequence[str], sent: Sent) -> None:
        """Do something to several paths at once; after a failure or an interrupt no more begin."""
        pool = ThreadPoolExecutor(_AT_ONCE)
        waiting: dict[Future[None], str] = {}
        try:
            with self._told():
                for path in paths:
                    waiting[pool.submit(work, path)] = path
                    if len(waiting) >= 2 * _AT_ONCE:
                        self._collect(waiting, sent, all_of_them=False)
                self._collect(waiting, sent, all_of_them=True)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    @staticmethod
    def _collect(waiting: dict[Future[None], str], sent: Sent, *, all_of_them: bool) -> None:
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                future.result()
                sent(waiting.pop(future))
            if not all_of_them:
                return

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the store refuses into one line."""
        try:
            yield
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise UserError(
                f"{self._url}: the store denies access; set AWS_ACCESS_KEY_ID and"
                " AWS_SECRET_ACCESS_KEY of an account that may read, write, list and delete there"
            ) from error
        except (BaseError, OSError) as error:
            raise UserError(f"{self._url}: {_refusal(str(error))}") from error


def _refusal(said: str) -> str:
    """Return what a store's words mean, or their first line."""
    if "NoSuchBucket" in said:
        return "no such bucket; make it first"
    if "PermanentRedirect" in said:
        return "the bucket is elsewhere; set AWS_REGION to its region"
    return f"{' '.join(said.partition(chr(10))[0].split())[:_LONGEST]}; run it again to continue"


def _md5(outgoing: Outgoing, path: str) -> str:
    content = outgoing.content(path)
    if isinstance(content, bytes):
        return hashlib.md5(content, usedforsecurity=False).hexdigest()
    with content.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
