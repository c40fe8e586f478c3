"""The one http client: timeouts, redirects, how far they reach, a token that stays at its host.

Lives here: opening clients, sending one request and following it. Not here: what is asked of them.
"""

import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version

import anyio
import httpx2
from huggingface_hub import get_token

from laion_assets.core.base.errors import UserError
from laion_assets.core.sources import ceilings
from laion_assets.core.sources.ceilings import MAX_REDIRECTS
from laion_assets.core.sources.download.problems import (
    TryAgain,
    check_same_dataset,
    hub_endpoint,
    refused,
    too_near,
    unreachable,
)
from laion_assets.core.sources.download.reach import (
    ALLOWED,
    BeyondReachError,
    Reach,
    guard,
    reach_of_url,
)
from laion_assets.core.sources.download.remote import shown
from laion_assets.core.sources.download.s3 import web_url

#: Seconds to connect, and to wait for the next bytes of an answer.
TIMEOUT = httpx2.Timeout(30, connect=15, pool=None)
_ERROR_TEXT = 65_536  # bytes of an error's body that are looked at
_ERROR_SECONDS = 10.0  # to wait for them
_TIMEOUTS = TIMEOUT.as_dict()


class HubToken:
    """Puts the token on requests to the hub's own scheme, host and port, and on no others.

    It looks at every request, those after a redirect included: httpx2 alone would let an
    Authorization header pass from http to https.
    """

    def __init__(self, token: str | None) -> None:
        self._origin = httpx2.URL(hub_endpoint()).origin
        self._token = token

    def __call__(self, request: httpx2.Request) -> None:
        """Set or drop the header, and make sure that the request cannot hang."""
        request.headers.pop("Authorization", None)
        if self._token and request.url.origin == self._origin:
            request.headers["Authorization"] = f"Bearer {self._token}"
        request.extensions["timeout"] = _TIMEOUTS

    async def hook(self, request: httpx2.Request) -> None:
        """Do the same for an asynchronous client."""
        self(request)


def keep_logs_clean() -> None:
    """Silence the http libraries below warnings: they log URLs with their signatures."""
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)


@asynccontextmanager
async def open_client(urls: Iterable[str]) -> AsyncIterator[httpx2.AsyncClient]:
    """Open a client for these URLs; the token is looked up only if one is on the hub."""
    keep_logs_clean()
    on_hub = any(url.startswith(f"{hub_endpoint()}/") for url in urls)
    token = HubToken(get_token() if on_hub else None)
    async with httpx2.AsyncClient(
        event_hooks={"request": [token.hook]},
        headers={
            "User-Agent": f"laion-assets/{version('laion-assets')}",
            "Accept-Encoding": "identity",  # sizes, ranges and digests are those of the file
        },
    ) as client:
        guard(client)
        yield client


@asynccontextmanager
async def answer_to(
    client: httpx2.AsyncClient,
    method: str,
    url: str,
    headers: Mapping[str, str],
    near: int | None = None,
) -> AsyncIterator[httpx2.Response]:
    """Yield an answer to read from: a success, or 416 when a range was asked for.

    `near` is how near to us the URL and what it redirects to may be; None for a URL the user named,
    which may be anywhere and redirect to no nearer place.
    Raises UserError or TryAgain for any other answer, or none, also while the body is read.
    """
    try:
        request = client.build_request(method, web_url(url, method), headers=headers)
        response = await _follow(client, request, url, near)
        try:
            check_same_dataset(response)
            unsatisfiable = response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
            if not response.is_success and not (unsatisfiable and "Range" in headers):
                raise refused(response, url, await _beginning(response))
            yield response
        finally:
            await response.aclose()
    except httpx2.RequestError as error:
        raise unreachable(error, url) from error
    except BeyondReachError as error:
        raise too_near(url) from error


async def _follow(
    client: httpx2.AsyncClient, request: httpx2.Request, url: str, near: int | None
) -> httpx2.Response:
    """Send a request and follow redirects; httpx2 would read their bodies, however long."""
    start = await reach_of_url(request.url)
    ALLOWED.set(start if near is None else Reach(near))
    if start > ALLOWED.get():
        raise too_near(url)
    history: list[httpx2.Response] = []
    while len(history) <= MAX_REDIRECTS:
        response = await answer_head(client, request, url)
        following = response.next_request
        if following is None:
            response.history = history
            return response
        await response.aclose()
        if (request.url.scheme, following.url.scheme) == ("https", "http"):
            raise UserError(f"{shown(url)}: redirects from https to plain http; not followed")
        if await reach_of_url(following.url) > ALLOWED.get():
            raise too_near(url)
        history.append(response)
        request = following
    raise httpx2.TooManyRedirects("too many redirects", request=request)


async def answer_head(
    client: httpx2.AsyncClient, request: httpx2.Request, url: str
) -> httpx2.Response:
    """Send one request; TryAgain when its answer's head does not come in time, byte by byte."""
    try:
        with anyio.fail_after(ceilings.HEAD_SECONDS):
            return await client.send(request, stream=True, follow_redirects=False)
    except TimeoutError as error:
        raise TryAgain(
            UserError(f"{shown(url)}: no answer in time; run again to continue")
        ) from error


async def _beginning(response: httpx2.Response) -> str:
    said = b""
    with anyio.move_on_after(_ERROR_SECONDS):
        async for piece in response.aiter_raw():
            said += piece
            if len(said) > _ERROR_TEXT:
                break
    return said[:_ERROR_TEXT].decode("utf-8", "replace")
