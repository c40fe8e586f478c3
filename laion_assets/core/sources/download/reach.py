"""How far a request may reach: the internet, a private network, or this machine's own surroundings.

Whoever writes a dataset file, a listing or a redirect could otherwise aim our requests at what only
this machine can see. A request that started in public stays in public; one that started at a
private address, because the user named it, may be sent on to another. Link-local addresses, where
clouds keep their metadata services, are reached only by naming one. Names are resolved and all
their addresses looked at before a request; once the connection stands, and before a byte is sent,
so is the address it led to, for a name may answer differently the second time. Behind a proxy only
the first look is ours.

Not here: following redirects (`client`).
"""

import ipaddress
import socket
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from enum import IntEnum
from urllib.request import getproxies

import anyio
import httpcore2
import httpx2


class Reach(IntEnum):
    """Who can be at an address; a request may go where its start was, or further out."""

    PUBLIC = 0
    PRIVATE = 1  # a private network, this machine, addresses that stand for nobody's
    LINK_LOCAL = 2  # whoever shares the wire: 169.254.169.254 among them


#: How far the request that is being sent may reach.
ALLOWED: ContextVar[Reach] = ContextVar("ALLOWED", default=Reach.PUBLIC)

_LAST_PORT = 65_535
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last four bytes
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # RFC 4291, 2.5.5.1: the same, deprecated


class BeyondReachError(Exception):
    """A host is nearer than the request may go."""


def reach_of(address: str) -> Reach:
    """Return who can be at an IP address, IPv4 ones within IPv6 included."""
    return max(_reach(each) for each in _meanings(ipaddress.ip_address(address)))


def _meanings(address: _Address) -> Iterator[_Address]:
    """Yield an address and every IPv4 one that it is another form of."""
    yield address
    if isinstance(address, ipaddress.IPv4Address):
        return
    teredo = address.teredo[1] if address.teredo else None
    for within in (address.ipv4_mapped, address.sixtofour, teredo):
        if within is not None:
            yield within
    if address in _NAT64 or address in _COMPATIBLE:
        yield ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)


def _reach(address: _Address) -> Reach:
    if address.is_link_local:
        return Reach.LINK_LOCAL
    mapped = isinstance(address, ipaddress.IPv6Address) and (
        address.ipv4_mapped is not None or address in _NAT64
    )
    if mapped:  # what it stands for is looked at as well, and decides
        return Reach.PUBLIC
    return Reach.PRIVATE if not address.is_global or address.is_multicast else Reach.PUBLIC


async def reach_of_url(url: httpx2.URL) -> Reach:
    """Return how near the host of a URL is, by the nearest of its addresses.

    Raises ConnectError when it has none; behind a proxy, which may know more names than we do, such
    a host counts as public.
    """
    if (url.port or 0) > _LAST_PORT:
        raise httpx2.UnsupportedProtocol(f"no such port: {url.port}")
    try:
        found = await anyio.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        if getproxies():
            return Reach.PUBLIC
        raise httpx2.ConnectError(str(error)) from error
    return max(reach_of(str(address[0])) for *_, address in found)


class Guarded(httpcore2.AsyncNetworkBackend):
    """Connects as `inner` does, to no address beyond what is allowed."""

    def __init__(self, inner: httpcore2.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect; raises BeyondReachError before a byte is sent."""
        stream = await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        address = str(stream.get_extra_info("server_addr")[0])
        if reach_of(address) > ALLOWED.get():
            await stream.aclose()
            raise BeyondReachError(address)
        return stream

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


def guard(client: httpx2.AsyncClient) -> None:
    """Let a client's own connections be guarded; those to a proxy are the user's choice."""
    # The library takes a network backend, but offers no parameter that would leave proxies alone.
    pool = client._transport._pool  # type: ignore[attr-defined] # noqa: SLF001
    pool._network_backend = Guarded(pool._network_backend)  # noqa: SLF001
