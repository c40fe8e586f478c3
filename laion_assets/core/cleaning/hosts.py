"""From the authority of a URL to its host and registrable domain.

Lives here: judging a host as the URL standard does (https://url.spec.whatwg.org/#host-parsing),
unifying its spellings, the registrable domain under the ICANN part of the Public Suffix List
(tldextract's bundled copy, never the network). Works on distinct authorities, of which there are
few. Not here: the rest of the URL (`urls`, `sql/cleaning/parse_rows.sql`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import unquote, unquote_to_bytes

import ada_url
import tldextract

_PORT = re.compile(r"(?P<host>.*?)(?::(?P<port>[0-9]*))?", re.DOTALL)
_IPV6 = re.compile(r"\[[0-9A-Fa-f:.]+\]")
#: What the URL standard forbids in a domain; and the star, of which Chromium makes another name.
_FORBIDDEN = re.compile(r"[\x00-\x20#%*/:<>?@\[\\\]^|\x7f]")
#: The end of what the URL standard reads as an IPv4 address, or refuses.
_NUMBER_LAST = re.compile(r"(?:^|\.)(?:[0-9]+|0[xX][0-9A-Fa-f]*)\.?$")
_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\]")
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

    It is one where a browser has it for one, and its registrable domain is made of letters, digits,
    hyphens and underscores, as no registry has others: `"example.com` is a mistake. IP addresses
    and local names are their own domain, and so is a bare public suffix.
    """
    # Judged before the cache, so that it cannot be filled with texts of any length.
    return _host_of_short(authority) if len(authority) <= _MAX_AUTHORITY else None


@lru_cache(maxsize=200_000)
def _host_of_short(authority: str) -> Host | None:
    found = _split_short(authority)
    return None if found is None else _with_domain(found[0])


def unify_authority(authority: str) -> str | None:
    """Return the unified host of an authority, with its port if that is neither 80 nor 443.

    None when a browser has it for no host, or there is userinfo.
    """
    found = _split(authority)
    if found is None:
        return None
    host, port = found
    return host if port in ("", "80", "443") else f"{host}:{port}"


def _split(authority: str) -> tuple[str, str] | None:
    return _split_short(authority) if len(authority) <= _MAX_AUTHORITY else None


@lru_cache(maxsize=200_000)
def _split_short(authority: str) -> tuple[str, str] | None:
    """Return the unified host and the port without leading zeros, '' where there is none."""
    matched = _PORT.fullmatch(authority)
    if matched is None or int(matched["port"] or 0) > _MAX_PORT:
        return None
    host = unify_host(matched["host"])
    return None if host is None else (host, str(int(matched["port"])) if matched["port"] else "")


def unify_host(host: str) -> str | None:
    """Return the one spelling of a host, without the root's dot; None when it is none.

    What browsers do to a host: percent-decoded, in lower case and punycode (UTS 46, not
    transitional and lenient: emoji and underscores pass); a number at its end makes it IPv4.
    """
    if host.startswith("["):
        return _parse(host) if _IPV6.fullmatch(host) else None
    if "%" in host:
        try:
            host = unquote_to_bytes(host).decode()
        except UnicodeError:
            return None
    if _FORBIDDEN.search(host):
        return None
    plain = host.isascii() and not _NUMBER_LAST.search(host)
    found = host.lower() if plain else _parse(host)
    found = found.removesuffix(".") if found is not None else ""
    return found if 0 < len(found) <= _MAX_HOST and not found.endswith(".") else None


def _parse(host: str) -> str | None:
    """Return what the URL standard's parser makes of a host without forbidden characters."""
    try:
        return str(ada_url.URL(f"http://{host}/").hostname)
    except (ValueError, UnicodeError):
        return None


def _with_domain(host: str) -> Host | None:
    domain = registrable_domain(host)
    return Host(host, domain) if _NAME.fullmatch(domain) else None


def stray_domain(url: str) -> str | None:
    """Return the registrable domain that an address means which is none a kept row may have.

    By another scheme, without one, with userinfo, in quotes, percent-encoded: whoever has a domain
    removed means these too. It is the first host under a known suffix, or else the first with a
    dot; None where there is none.
    """
    runs = _RUN.findall(unquote(url[:_MAX_STRAY], errors="replace"))
    hosts = [host for run in runs if (host := _stray_host(run.strip("."))) is not None]
    known = (host for host in hosts if _extractor()(host.host).suffix)
    host = next(known, hosts[0] if hosts else None)
    return host.domain if host is not None and "." in host.host else None


def _stray_host(run: str) -> Host | None:
    """A run of a text as a host; `0.3289` is a number there, whatever a browser makes of it."""
    host = unify_host(run)
    if host is None or (_NUMBER_LAST.search(host) and host != run):
        return None
    return _with_domain(host)


@cache
def _extractor() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(
        suffix_list_urls=(),
        cache_dir=None,
        fallback_to_snapshot=True,
        include_psl_private_domains=False,
    )


def suffix_rules() -> Sequence[str]:
    """Return the rules of the ICANN part of the list, such as `co.uk`, `*.ck` and `!www.ck`."""
    return sorted(_extractor().tlds)


def registrable_domain(host: str) -> str:
    """Return the registrable domain of a unified host, or the host itself where there is none.

    Under a top-level domain the list does not know, the list's default rule `*` prevails (its
    published algorithm), so the last two labels are the domain. An IP address has none.
    """
    found = _extractor()(host)
    if found.suffix or found.ipv4 or host.startswith("["):
        return found.top_domain_under_public_suffix or host
    return ".".join(host.split(".")[-2:])
