"""The client that the hub library lists with: its own has no timeout and takes what it is sent.

Lives here: bounds on a listing's answers. What they lead to (redirects, the next page) may be
anywhere, so each is looked at as a redirect of a download is. Not here: what is asked (`hub`).
"""

import httpx2
from huggingface_hub import get_token

from laion_assets.core.base.errors import UserError
from laion_assets.core.sources import ceilings
from laion_assets.core.sources.download.client import (
    HubToken,
    answer_head,
    keep_logs_clean,
)
from laion_assets.core.sources.download.pace import pieces_of
from laion_assets.core.sources.download.problems import hub_endpoint, too_near
from laion_assets.core.sources.download.reach import (
    ALLOWED,
    BeyondReachError,
    guard,
    reach_of_url,
)
from laion_assets.core.sources.download.running import run


def hub_client() -> httpx2.Client:
    """Open a client for one listing."""
    keep_logs_clean()
    return httpx2.Client(
        transport=_Bounded(),
        event_hooks={"request": [HubToken(get_token())]},
        follow_redirects=True,
        max_redirects=ceilings.MAX_REDIRECTS,
    )


class _Bounded(httpx2.BaseTransport):
    """Sends requests through the guarded client, and reads so many bytes of all answers at most."""

    def __init__(self) -> None:
        self._bytes = ceilings.LISTING_BYTES
        self._requests = ceilings.LISTING_REQUESTS

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request with a body that is read already."""
        return run(self._answered, request)

    async def _answered(self, request: httpx2.Request) -> httpx2.Response:
        url = str(request.url)
        self._requests -= 1
        if self._requests < 0:
            raise UserError(
                f"{hub_endpoint()}: its listing has no end; {ceilings.LISTING_REQUESTS:,} answers"
                " were read"
            )
        ALLOWED.set(await reach_of_url(httpx2.URL(hub_endpoint())))
        if await reach_of_url(request.url) > ALLOWED.get():
            raise too_near(url)
        request.headers["Accept-Encoding"] = "identity"  # what is counted is what it comes to
        async with httpx2.AsyncClient() as client:
            guard(client)
            try:
                response = await answer_head(client, request, url)
                try:
                    body = await self._body(response, url)
                finally:
                    await response.aclose()
            except BeyondReachError as error:
                raise too_near(url) from error
        return httpx2.Response(response.status_code, headers=response.headers, content=body)

    async def _body(self, response: httpx2.Response, url: str) -> bytes:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise UserError(f"{hub_endpoint()}: sends its listing compressed; that was declined")
        body = bytearray()
        async for piece in pieces_of(response, url):
            body += piece
            self._bytes -= len(piece)
            if self._bytes < 0:
                raise UserError(
                    f"{hub_endpoint()}: its listing is larger than"
                    f" {ceilings.LISTING_BYTES // 10**6} MB; not read"
                )
        return bytes(body)
