"""Fetching one file: ask, continue where it stopped, try again, check, put in place.

Lives here: which request to make, which answers to believe. Not here: how several files share the
line (`downloading`), or the partial file itself (`partial`).
"""

import hashlib
from collections.abc import Callable
from http import HTTPStatus

import anyio
import anyio.lowlevel
import httpx2

from laion_assets.core.base.errors import UserError
from laion_assets.core.sources.download.client import answer_to
from laion_assets.core.sources.download.headers import (
    content_length,
    content_range,
    entity_tag,
    published_md5,
    validator,
)
from laion_assets.core.sources.download.pace import pieces_of
from laion_assets.core.sources.download.partial import Partial, check_space, readable
from laion_assets.core.sources.download.problems import TryAgain, hub_endpoint
from laion_assets.core.sources.download.retrying import DOWNLOAD_ATTEMPTS, Backoff

#: Bytes that count as progress, after which failures are counted anew: a host that breaks the
#: connection after every few bytes does not keep us forever.
PROGRESS = 1 << 20

#: Called with the bytes that have arrived and the bytes in all, None when unknown.
Report = Callable[[int, int | None], None]


async def fetch(client: httpx2.AsyncClient, partial: Partial, report: Report, ceiling: int) -> None:
    """Bring one file to its place; UserError, in one line, when that cannot be done.

    At most `ceiling` bytes are taken of a host that does not say how many there are.

    A file put together from several attempts that has the wrong digest is fetched once more from
    the start.
    """
    for last in (False, True):
        await _receive_all(client, partial, report, ceiling)
        problem = await _check(partial)
        if not problem:
            break
        mendable = partial.continued and not last
        partial.discard()
        if not mendable:
            raise UserError(
                f"{partial.remote.shown}: wrong content: {problem}; what arrived was deleted,"
                " run again, and if it stays so tell the host"
            )
    partial.publish()


async def _check(partial: Partial) -> str:
    """Return what is wrong with a whole file, empty when nothing is or nothing was published.

    Piece by piece, so that a large file holds up neither the others nor a cancellation.
    """
    if partial.published is None:
        return ""
    kind, expected = partial.published
    digest = hashlib.new(kind, usedforsecurity=False)
    for piece in partial.pieces():
        digest.update(piece)
        await anyio.lowlevel.checkpoint()
    found = digest.hexdigest()
    return "" if found == expected else f"{kind} {expected} was published, {found} arrived"


async def _receive_all(
    client: httpx2.AsyncClient, partial: Partial, report: Report, ceiling: int
) -> None:
    backoff = Backoff(DOWNLOAD_ATTEMPTS)
    most = partial.length
    while True:
        try:
            return await _receive(client, partial, report, ceiling)
        except TryAgain as failure:
            # Further than ever before: a host that starts again and again makes no progress.
            if partial.length - most >= PROGRESS:
                backoff.reset()
            most = max(most, partial.length)
            await anyio.sleep(backoff.wait_after(failure))


async def _receive(
    client: httpx2.AsyncClient, partial: Partial, report: Report, ceiling: int
) -> None:
    """Make one request for what is missing and write what comes; TryAgain when more is to come."""
    remote = partial.remote
    if remote.size is not None and partial.length > remote.size:
        partial.discard()
    arrived = partial.length
    if arrived and arrived == remote.size:
        partial.continued = True
        return  # killed after the last byte
    headers = {}
    if arrived:
        headers["Range"] = f"bytes={arrived}-"
        if partial.validator:
            headers["If-Range"] = partial.validator  # all of it, please, if it is another content
    async with answer_to(client, "GET", remote.url, headers, remote.near) as response:
        if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            _nothing_left(response, partial)  # its body is words about that
            return
        end, total = _accept(response, partial)
        if total is not None:
            check_space([partial], size=total)
        most = ceiling if end is None else end
        arrived = await _write(response, partial, most, lambda done: report(done, total))
    if arrived > most:
        partial.discard()
        if end is None:
            raise UserError(
                f"{remote.shown}: sends more than {readable(ceiling)} and does not say how much"
                " there is; nothing was kept, allow more with --max-download"
            )
        raise UserError(f"{remote.shown}: sends more than the {end} bytes it has; nothing was kept")
    if total is not None and arrived < total:
        raise TryAgain(
            UserError(
                f"{remote.shown}: only {arrived} of {total} bytes come; run again to continue"
            )
        )


async def _write(
    response: httpx2.Response, partial: Partial, most: int, report: Callable[[int], None]
) -> int:
    """Append what comes, up to `most` bytes in all; return how many there are, or would be."""
    arrived = partial.length
    report(arrived)
    with partial.appending() as stream:
        async for piece in pieces_of(response, partial.remote.url):
            arrived += len(piece)
            if arrived > most:
                break
            stream.write(piece)
            stream.flush()  # to the kernel: bytes outlive a killed process
            report(arrived)
    return arrived


def _accept(response: httpx2.Response, partial: Partial) -> tuple[int | None, int | None]:
    """Return where in the file the answer ends, and the size of the whole; None when unknown.

    The partial file is then ready for the answer's body.

    Raises UserError when the answer is not the file that was listed, or not the range that was
    asked for.
    """
    remote = partial.remote
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding != "identity" and not response.url.path.endswith(".gz"):
        raise UserError(
            f"{remote.shown}: is sent compressed ({encoding!r}) though that was declined"
        )
    if response.status_code == HTTPStatus.PARTIAL_CONTENT:
        return _accept_range(response, partial)
    if response.status_code != HTTPStatus.OK:
        raise UserError(f"{remote.shown}: answers {response.status_code} instead of a file")
    _check_listed(response, partial, content_length(response))
    partial.begin(validator(response), published_md5(response))
    length = content_length(response)
    total = remote.size if length is None else length
    return total, total


def _check_listed(response: httpx2.Response, partial: Partial, total: int | None) -> None:
    remote = partial.remote
    if None not in (remote.size, total) and remote.size != total:
        partial.discard()
        raise UserError(
            f"{remote.shown}: wrong size: {remote.size} bytes were listed, {total} are sent;"
            " it changed meanwhile, run again"
        )
    # The hub names its files by digest, the storage it redirects to by tags of its own.
    on_hub = remote.url.startswith(f"{hub_endpoint()}/")
    tag = entity_tag(response)
    if not on_hub and None not in (remote.etag, tag) and remote.etag != tag:
        partial.discard()
        raise UserError(f"{remote.shown}: it changed after it was listed (its ETag did); run again")


def _accept_range(response: httpx2.Response, partial: Partial) -> tuple[int, int]:
    """Check that the answer continues the partial file; returns its end and the size of all."""
    remote, held = partial.remote, partial.length
    found = content_range(response)
    length = content_length(response)
    total = remote.size if found.total is None else found.total
    if (
        not held
        or found.first != held
        or found.last is None
        or found.last < found.first
        or length not in (None, found.last - found.first + 1)
        or total is None
        or (found.total is not None and found.last >= found.total)
    ):
        partial.discard()
        raise UserError(
            f"{remote.shown}: sends other bytes than those asked for; nothing was kept,"
            " run again to fetch it from the start"
        )
    tag = response.headers.get("ETag")
    if tag and partial.validator and partial.validator.startswith('"') and partial.validator != tag:
        partial.discard()
        raise TryAgain(UserError(f"{remote.shown}: changes while it is fetched; run again later"))
    _check_listed(response, partial, total)
    partial.continued = True
    return found.last + 1, total


def _nothing_left(response: httpx2.Response, partial: Partial) -> None:
    """Handle an answer that says there is nothing after what is held; TryAgain when it is wrong."""
    held = partial.length
    if held and content_range(response).total == held:
        partial.continued = True
        return
    partial.discard()
    raise TryAgain(
        UserError(
            f"{partial.remote.shown}: the host cannot continue it (416); run again to fetch it"
            " from the start"
        )
    )
