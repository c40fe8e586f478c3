"""Addresses of the search benchmark's corpus: URLs with their hosts and registrable domains.

Lives here: compiled functions. Not here: captions, and what both draw by (`search_kernels`).
"""

from __future__ import annotations

import numpy as np

from bench.search_kernels import (
    MOST_ROW,
    Bytes,
    Numbers,
    State,
    below,
    copy,
    digits,
    draw,
    joined,
    mix,
    skewed,
    uniform,
    word,
)
from laion_assets.core.base.compiled import compiled

DOMAINS = 420_000
_FIRST = 6_400  # numbers below have words so short that domains would be alike
_LARGE = 40  # domains with many hosts
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8).copy()
_ENDS, _END_AT = joined(
    [".com"] * 12 + [".net", ".org", ".co.uk", ".de", ".ru", ".fr", ".it", ".jp"]
)
_HOSTS, _HOST_AT = joined(
    ["www."] * 7 + [""] * 3 + ["cdn.", "images.", "i.", "img.", "static.", "media."]
    + [f"img{n}." for n in range(1, 9)] + [f"cdn{n}." for n in range(1, 9)]
)  # fmt: skip
_PATHS, _PATH_AT = joined(
    ["/wp-content/uploads/", "/images/P/", "/products/", "/th?id=OIP.", "/media/catalog/product/",
     "/originals/", "/images/logo", ".jpg", ".png", "_grande.jpg?v=", "http://", "https://"]
)  # fmt: skip
_JPG, _PNG, _GRANDE, _HTTP = 7, 8, 9, 10


@compiled
def _path(out: Bytes, at: int, number: int) -> int:
    return copy(out, at, _PATHS, _PATH_AT[number], _PATH_AT[number + 1])


@compiled
def _hex(out: Bytes, at: int, bits: np.uint64, count: int) -> int:
    for i in range(count):
        out[at + i] = _HEX[np.int64((bits >> np.uint64(4 * i)) & np.uint64(15))]
    return at + count


@compiled
def _slug(
    state: State, out: Bytes, at: int, kept: Numbers, data: Bytes, offsets: Numbers, common: int
) -> int:
    """Write the caption's first words with hyphens, or digits where it has none."""
    for i in range(len(kept)):
        if kept[i] < 0:
            break
        if i:
            out[at] = 45
            at += 1
        at = word(out, at, kept[i], 3, data, offsets, common)
    if kept[0] < 0:
        at = digits(out, at, below(state, 10_000_000))
    return at


@compiled
def _domain(out: Bytes, at: int, number: int, data: Bytes, offsets: Numbers) -> int:
    if number < len(offsets) - 1:
        return copy(out, at, data, offsets[number], offsets[number + 1])
    at = word(out, at, _FIRST + number, 3, data, offsets, 0)
    end = np.int64(mix(np.uint64(number) + np.uint64(11)) % np.uint64(len(_END_AT) - 1))
    return copy(out, at, _ENDS, _END_AT[end], _END_AT[end + 1])


@compiled
def _host(state: State, number: int) -> int:
    """Draw which host of a domain: nine in ten have but one."""
    hosts = len(_HOST_AT) - 1
    bits = mix(np.uint64(number))
    if number < _LARGE:
        return below(state, hosts)
    fixed = int(np.int64(bits >> np.uint64(32)) % hosts)
    if bits % np.uint64(10) == np.uint64(0):
        return (fixed + 7 * below(state, 3)) % hosts
    return fixed % 13


@compiled
def _rest(
    state: State, out: Bytes, at: int, kept: Numbers, data: Bytes, offsets: Numbers, common: int
) -> tuple[int, int]:
    """Write what comes after the host; return where it ends and the year it names, or 0."""
    chance = uniform(draw(state))
    bits = draw(state)
    year = 0
    if chance < 0.34:
        year = 2008 + min(below(state, 14), below(state, 14) + 4)
        at = digits(out, _path(out, at, 0), year)
        out[at] = 47
        month = 1 + below(state, 12)
        out[at + 1] = 48 + month // 10
        out[at + 2] = 48 + month % 10
        out[at + 3] = 47
        at = _slug(state, out, at + 4, kept, data, offsets, common)
        if bits & np.uint64(1):
            out[at] = 45
            at = digits(out, at + 1, 300 + 4 * below(state, 256))
            out[at] = 120
            at = digits(out, at + 1, 300 + 4 * below(state, 256))
        at = _path(out, at, _PNG if below(state, 12) == 0 else _JPG)
    elif chance < 0.49:
        at = _path(out, _hex(out, _path(out, at, 1), bits, 12), _JPG)
    elif chance < 0.67:
        at = _slug(state, out, _path(out, at, 2), kept, data, offsets, common)
        at = digits(out, _path(out, at, _GRANDE), 1_500_000_000 + below(state, 100_000_000))
    elif chance < 0.76:
        at = _hex(out, _hex(out, _path(out, at, 3), bits, 16), draw(state), 8)
    elif chance < 0.88:
        at = _hex(out, _path(out, at, 4), bits, 1)
        out[at] = 47
        at = _slug(state, out, at + 1, kept, data, offsets, common)
        out[at] = 95
        at = _path(out, digits(out, at + 1, 1 + below(state, 9)), _JPG)
    elif chance < 0.997:
        at = _path(out, at, 5)
        for part in range(3):
            at = _hex(out, at, bits >> np.uint64(8 * part), 2)
            out[at] = 47
            at += 1
        at = _path(out, _hex(out, _hex(out, at, bits, 16), draw(state), 16), _JPG)
    else:  # some pictures are there twice
        at = _path(out, _path(out, at, 6), _PNG)
    return at, year


@compiled
def fill_addresses(
    seed: int,
    first: int,
    urls: Bytes,
    url_ends: Numbers,
    hosts: Bytes,
    host_ends: Numbers,
    domains: Bytes,
    domain_ends: Numbers,
    years: Numbers,
    kept: Numbers,
    data: Bytes,
    offsets: Numbers,
    common: int,
    domain_data: Bytes,
    domain_offsets: Numbers,
) -> bool:
    """Write the addresses of rows from `first` on; `kept` has the first words of their captions.

    Return whether the buffers were large enough.
    """
    state = np.empty(1, np.uint64)
    url, host, domain = 0, 0, 0
    for i in range(len(url_ends)):
        if max(url + MOST_ROW - len(urls), host + 400 - len(hosts)) > 0:
            return False
        state[0] = mix(mix(np.uint64(seed) + np.uint64(1)) + np.uint64(first + i))
        number = skewed(uniform(draw(state)), DOMAINS, 1.2)
        url = _path(urls, url, _HTTP + (1 if below(state, 8) > 2 else 0))
        begin, which = host, _host(state, number)
        host = copy(hosts, host, _HOSTS, _HOST_AT[which], _HOST_AT[which + 1])
        begin_domain = host
        host = _domain(hosts, host, number, domain_data, domain_offsets)
        domain = copy(domains, domain, hosts, begin_domain, host)
        url = copy(urls, url, hosts, begin, host)
        url, years[i] = _rest(state, urls, url, kept[i], data, offsets, common)
        url_ends[i], host_ends[i], domain_ends[i] = url, host, domain
    return True
