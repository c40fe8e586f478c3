"""From the authority of a URL to its host and registrable domain.

Lives here: judging a host, unifying its spellings, the registrable domain under the ICANN part of
the Public Suffix List (tldextract's bundled copy, never the network). Works on distinct
authorities, of which there are few. Not here: the rest of the URL (`sql/cleaning/parse_rows.sql`).
"""

import ipaddress
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import unquote

import idna
import tldextract

_PORT = re.compile(r"(?P<host>.*?)(?::0*(?P<port>[0-9]{0,5}))?", re.DOTALL)
_BRACKETED = re.compile(r"\[(?P<host>[0-9A-Fa-f:.]+)\](?::0*(?P<port>[0-9]{0,5}))?")
_ASCII_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_-])?")
_OF_HOST = r"[^\s\x00-\x20/?#\\:@\"'<>(),;=&|]"
#: What may be a host in a text that is no good address; looked for once in each run of letters,
#: not again from every letter on.
_RUN = re.compile(rf"(?<!{_OF_HOST}){_OF_HOST}*\.{_OF_HOST}+")
_MAX_STRAY = 8_192  # characters looked through, as many as a URL may have
_MAX_PORT = 65_535
_MAX_HOST = 253  # characters; RFC 1035 section 2.3.4
_MAX_AUTHORITY = 512  # characters; room for a port and for characters that IDNA drops


@dataclass(frozen=True)
class Host:
    """A host in its one spelling (ASCII, lower case) and its registrable domain."""

    host: str
    domain: str


def parse_authority(authority: str) -> Host | None:
    """Return the host of an authority such as `WWW.Example.COM:443`; None when it is not one.

    Userinfo, an unparsable port, empty labels and characters no host name has make it None.
    Underscores occur in real host names and pass. IP addresses and local names are their own
    domain, and so is a bare public suffix.
    """
    # Judged before the cache, so that it cannot be filled with texts of any length.
    if len(authority) > _MAX_AUTHORITY or "@" in authority:
        return None
    return _parse(authority)


@lru_cache(maxsize=200_000)
def _parse(authority: str) -> Host | None:
    if authority.startswith("["):
        return _bracketed(authority)
    matched = _PORT.fullmatch(authority)
    if matched is None or int(matched["port"] or 0) > _MAX_PORT:
        return None
    host = unify_host(matched["host"])
    return None if host is None else Host(host, registrable_domain(host))


def unify_host(host: str) -> str | None:
    """Lower case, punycode for Unicode, no trailing dot; None when it is no host name."""
    host = host.lower().removesuffix(".")
    if not host.isascii():
        try:
            # A trailing dot may be one of IDNA's other three.
            host = idna.encode(host, uts46=True).decode("ascii").removesuffix(".")
        except (idna.IDNAError, UnicodeError):
            return None
    if len(host) > _MAX_HOST or ".." in host or not _ASCII_HOST.fullmatch(host):
        return None
    return host


def _bracketed(authority: str) -> Host | None:
    """An IPv6 address in brackets, with or without a port."""
    matched = _BRACKETED.fullmatch(authority)
    if matched is None or int(matched["port"] or 0) > _MAX_PORT:
        return None
    try:
        address = ipaddress.IPv6Address(matched["host"]).compressed
    except ipaddress.AddressValueError:
        return None
    return Host(f"[{address}]", f"[{address}]")


def stray_domain(url: str) -> str | None:
    """Return the registrable domain that an address means which is none a kept row may have.

    By another scheme, without one, with userinfo, in quotes, percent-encoded: whoever has a domain
    removed means these too. It is the first host under a known suffix, or else the first with a
    dot; None where there is none.
    """
    runs = _RUN.findall(unquote(url[:_MAX_STRAY], errors="replace"))
    hosts = [host for run in runs if (host := unify_host(run.strip("."))) is not None]
    known = (host for host in hosts if _extractor()(host).suffix)
    host = next(known, hosts[0] if hosts else None)
    return registrable_domain(host) if host is not None and "." in host else None


@cache
def _extractor() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(
        suffix_list_urls=(),
        cache_dir=None,
        fallback_to_snapshot=True,
        include_psl_private_domains=False,
    )


def registrable_domain(host: str) -> str:
    """Return the registrable domain of a unified host, or the host itself where there is none.

    Under a top-level domain the list does not know, the list's default rule `*` prevails (its
    published algorithm), so the last two labels are the domain. An IPv4 address has none.
    """
    found = _extractor()(host)
    if found.suffix or found.ipv4:
        return found.top_domain_under_public_suffix or host
    return ".".join(host.split(".")[-2:])
