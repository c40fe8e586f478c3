"""Bodies that must come at some pace: neither a host that stalls nor one that drips holds us up.

Lives here: reading an answer's body with the least pace of `ceilings`. Not here: how much of it
(`transfer`, `hub_requests`).
"""

from collections.abc import AsyncIterator

import anyio
import httpx2

from laion_assets.core.base.errors import UserError
from laion_assets.core.sources import ceilings
from laion_assets.core.sources.download.problems import TryAgain
from laion_assets.core.sources.download.remote import shown


async def pieces_of(response: httpx2.Response, url: str) -> AsyncIterator[bytes]:
    """Yield the body as it is sent; TryAgain when it comes too slowly.

    Only waiting counts, not what is done with a piece. A window begins anew whenever its bytes are
    there, so that a pause after a fast stretch is not made up for by it.
    """
    pieces = response.aiter_raw()
    waited, came = 0.0, 0
    while True:
        started = anyio.current_time()
        with anyio.move_on_after(ceilings.WINDOW - waited) as patience:
            piece = await anext(pieces, None)
        if patience.cancelled_caught:
            least = ceilings.LEAST_BYTES / ceilings.WINDOW
            raise TryAgain(
                UserError(
                    f"{shown(url)}: comes at less than {least:,.0f} bytes a second; run again"
                    " later to continue"
                )
            )
        if piece is None:
            return
        waited += anyio.current_time() - started
        came += len(piece)
        if came >= ceilings.LEAST_BYTES:
            waited, came = 0.0, 0
        yield piece
