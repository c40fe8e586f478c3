"""Listing files by their URLs.

Lives here: which URLs are taken, what they are called here, asking their hosts for size and
version. Not here: listing a dataset of the hub by name (`hub`).
"""

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

import anyio
import httpx2

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.sources import ceilings
from laion_assets.core.sources.download.client import answer_to, open_client
from laion_assets.core.sources.download.headers import (
    content_length,
    content_range,
    entity_tag,
    linked,
)
from laion_assets.core.sources.download.problems import TryAgain
from laion_assets.core.sources.download.reach import Reach, reach_of_url
from laion_assets.core.sources.download.remote import (
    RemoteFile,
    checked_relative,
    shown,
    told_apart,
)
from laion_assets.core.sources.download.retrying import LISTING_ATTEMPTS, Backoff
from laion_assets.core.sources.download.running import run
from laion_assets.core.sources.download.s3 import web_url

SCHEMES = ("http", "https", "s3")
_CONCURRENCY = 8  # requests for a few headers each
_LAST_PORT = 65_535


def list_urls(urls: Sequence[str], *, own: bool = True) -> list[RemoteFile]:
    """Ask for the size and version of files at http(s):// and s3:// URLs, sorted by path.

    URLs of the user's `own` may be anywhere; those of a list that somebody else may have written
    only where the most public of them is, and at no link-local address.

    A file is called by its host (or bucket) and path. Raises BadUsage for a URL that cannot
    be one, that carries a name or password, or that differs from another in its query alone;
    UserError, the first in the order of `urls`, when a host refuses or cannot be reached.
    """
    if len(urls) > ceilings.LISTING_ENTRIES:
        raise BadUsage(f"{len(urls):,} URLs; at most {ceilings.LISTING_ENTRIES:,} are asked for")
    named: dict[str, str] = {}
    for url in urls:
        relative = _relative(url)
        if named.setdefault(relative, url) != url:
            raise BadUsage(
                f"{shown(url)}: given twice, with different queries or spellings; give it once"
            )
    return told_apart(run(_describe_all, named, own), "these URLs")


def _relative(url: str) -> str:
    """Return host and path, or bucket and key; raises BadUsage or UserError when there is none."""
    try:
        parsed, plain = httpx2.URL(url), shown(url)
        urlsplit(url).port  # noqa: B018 - raises when it is beyond the last one
    except (httpx2.InvalidURL, ValueError) as error:
        raise BadUsage(f"{url.rpartition('@')[2]!r} is not a URL") from error
    if parsed.scheme not in SCHEMES or not parsed.host:
        raise BadUsage(f"{plain!r} is not a URL: one of {', '.join(SCHEMES)} is")
    if parsed.port is not None and not 0 < parsed.port <= _LAST_PORT:
        raise BadUsage(f"{plain}: port {parsed.port} does not exist; ports are 1 to {_LAST_PORT:,}")
    if parsed.userinfo:
        raise BadUsage(f"{plain}: no name or password in a URL, they would be published")
    if parsed.path in ("", "/") or parsed.path.endswith("/"):
        raise BadUsage(f"{plain}: a folder, not a file; name its files")
    if parsed.scheme == "s3":  # a key is not percent-encoded, and no query follows it
        return checked_relative(url.removeprefix("s3://"), plain)
    path = plain.partition("://")[2]
    try:
        return checked_relative(unquote(path, errors="strict"), plain)
    except UnicodeDecodeError:  # of another time's encoding, or surrogates: as it stands in the URL
        return checked_relative(path, plain)


async def _describe_all(named: dict[str, str], own: bool) -> list[RemoteFile]:  # noqa: FBT001 - of `list_urls`
    """Ask all hosts; raises the first problem in the order given."""
    near = None if own else await _most_public(list(named.values()))
    found: dict[str, RemoteFile | UserError] = {}
    async with open_client(named.values()) as client:

        async def describe(relative: str, url: str) -> None:
            async with limit:
                try:
                    found[relative] = await _patiently_described(client, relative, url, near)
                except UserError as error:
                    found[relative] = error

        limit = anyio.CapacityLimiter(_CONCURRENCY)
        async with anyio.create_task_group() as group:
            for relative, url in named.items():
                group.start_soon(describe, relative, url)
    files = []
    for relative in named:
        answer = found[relative]
        if isinstance(answer, UserError):
            raise answer
        files.append(answer)
    return files


async def _most_public(urls: Sequence[str]) -> Reach:
    """Return how near a list of URLs may lead: private, when every one of them is."""
    for url in urls:
        try:
            if await reach_of_url(httpx2.URL(web_url(url, "GET"))) is Reach.PUBLIC:
                return Reach.PUBLIC
        except httpx2.ConnectError:  # nowhere; asking it will say so
            continue
    return Reach.PRIVATE


async def _patiently_described(
    client: httpx2.AsyncClient, relative: str, url: str, near: Reach | None
) -> RemoteFile:
    backoff = Backoff(LISTING_ATTEMPTS)
    while True:
        try:
            return await _described(client, relative, url, near)
        except TryAgain as failure:
            await anyio.sleep(backoff.wait_after(failure))


async def _described(
    client: httpx2.AsyncClient, relative: str, url: str, near: Reach | None
) -> RemoteFile:
    try:
        async with answer_to(client, "HEAD", url, {}, near) as response:
            size, sha256 = linked(response)
            size = content_length(response) if size is None else size
            if size:
                return RemoteFile(url, relative, size, sha256, sha256 or entity_tag(response), near)
    except UserError:
        pass  # many hosts refuse HEAD, or sign URLs for GET alone: their answer to GET counts
    async with answer_to(client, "GET", url, {"Range": "bytes=0-0"}, near) as response:
        if response.status_code == HTTPStatus.OK:
            size = content_length(response)
        else:
            size = content_range(response).total
        return RemoteFile(url, relative, size, None, entity_tag(response), near)
