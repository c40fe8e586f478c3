"""Which rows are plain, read off their bytes: nothing in them needs the rules for odd rows.

Lives here: the compiled loops over URLs and captions, as narrow as `urls.PLAIN` and
`repair.SUSPECT` or narrower; a property test holds them to both. Whatever they are in doubt about
is left to the rules. Not here: what becomes of a plain row (`plain_rows`), the rules (`rules`).
"""
# ruff: noqa: PLR2004 - characters, and UTF-8's masks and bounds
# ruff: noqa: C901, PLR1714 - calls cost in these loops, and sets are compiled slowly

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import called_by_compiled, compiled
from laion_assets.core.cleaning.digests import Bytes, Offsets

MOST_CAPTION_BYTES = 100_000  # no more characters than bytes
MOST_URL_BYTES = 8_192
MOST_HOST_BYTES = 253  # of an authority
UNKNOWN_YEAR = 0
#: How a plain URL is spelled: `http://` or `https://` and its canonical form, or otherwise.
OTHERWISE, HTTP, HTTPS = 0, 1, 2

# What a byte of a URL may be: a sum of these.
_HOST, _LAST_HEAD, _PATH, _QUERY, _FRAGMENT = 1, 2, 4, 8, 16


def _classes() -> npt.NDArray[np.uint8]:
    classes = np.zeros(256, np.uint8)
    for byte in range(0x21, 0x7F):
        one = chr(byte)
        letter, digit = one.isalpha(), one.isdigit()
        in_path = letter or digit or one in "_~!$&'()*+,-.:;=@[]"
        in_query = letter or digit or one in "_~!$&()*+,-./:;=?@[]"
        classes[byte] = (
            _HOST * (letter or digit or one in "_-")
            + _LAST_HEAD * (letter or one in "_-")
            + _PATH * in_path
            + _QUERY * in_query
            + _FRAGMENT
        )
    return classes


def _escapes() -> npt.NDArray[np.bool_]:
    """Return, by the byte that it stands for, whether an escape is canonical in upper case."""
    unreserved = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    return np.array([byte not in unreserved for byte in range(256)], np.bool_)


_CLASSES, _ESCAPES = _classes(), _escapes()


class PlainUrls(NamedTuple):
    """What the loop finds out: of every row, whether its URL is plain, and if so its parts.

    The host ends at `name_end`, with its port at `host_end`, what a hash is made of at `rest_end`;
    all begin at `authority`. `host_end` leaves out a default port, `authority_end` does not.
    """

    plain: npt.NDArray[np.bool_]
    authority: Offsets
    name_end: Offsets
    host_end: Offsets
    authority_end: Offsets
    rest_end: Offsets
    year: npt.NDArray[np.int32]
    spelling: npt.NDArray[np.uint8]


@compiled
def scan_urls(data: Bytes, ends: Offsets) -> PlainUrls:
    """Look at every URL: URL i lies from `ends[i]` to before `ends[i + 1]`."""
    count = len(ends) - 1
    plain = np.zeros(count, np.bool_)
    authority, name_end, host_end, authority_end, rest_end = (
        np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64),
        np.zeros(count, np.int64), np.zeros(count, np.int64),
    )  # fmt: skip
    year = np.zeros(count, np.int32)
    spelling = np.zeros(count, np.uint8)
    for i in range(count):
        at, end = ends[i], ends[i + 1]
        if end - at > MOST_URL_BYTES:
            continue
        at = _after_scheme(data, at, end)
        if at < 0:
            continue
        authority[i] = at
        at = _after_host(data, at, end)
        if at < 0:
            continue
        name_end[i] = host_end[i] = at
        if at < end and data[at] == 0x3A:
            at = _after_port(data, at, end)
            if not _is_default(data, host_end[i], at):
                host_end[i] = at
        authority_end[i] = at
        if at >= end or data[at] != 0x2F or at - authority[i] > MOST_HOST_BYTES:
            continue
        path = at
        at = _after_path(data, at, end)
        if at < 0:
            continue
        year[i] = _year(data, path, at)
        if at < end and data[at] == 0x3F:
            at = _after(data, at + 1, end, _QUERY)
            if at < 0:
                continue
        rest_end[i] = at
        if at < end and data[at] == 0x23:
            at = _after(data, at + 1, end, _FRAGMENT)
        plain[i] = at == end and not _has_entity(data, ends[i], end)
        if plain[i] and rest_end[i] == end and host_end[i] == authority_end[i]:
            spelling[i] = _spelling(data, ends[i], authority[i], host_end[i])
    return PlainUrls(plain, authority, name_end, host_end, authority_end, rest_end, year, spelling)


@called_by_compiled
def _spelling(data: Bytes, at: int, authority: int, end: int) -> int:
    for n in range(at, end):
        if 0x41 <= data[n] <= 0x5A:
            return OTHERWISE
    return HTTP if authority - at == 7 else HTTPS


@called_by_compiled
def _after_scheme(data: Bytes, at: int, end: int) -> int:
    if end - at < 8:
        return -1
    for n in range(4):
        if data[at + n] | 0x20 != (0x68, 0x74, 0x74, 0x70)[n]:
            return -1
    at += 4
    if data[at] | 0x20 == 0x73:
        at += 1
    if data[at] != 0x3A or data[at + 1] != 0x2F or data[at + 2] != 0x2F:
        return -1
    return at + 3


@called_by_compiled
def _after_host(data: Bytes, at: int, end: int) -> int:
    """Return the end of labels with dots between, the last of which begins with no digit.

    None of them may be of another alphabet (`xn--`): those are compared by what they stand for.
    """
    while True:
        label = at
        if end - at > 4 and data[at + 2] == 0x2D and data[at + 3] == 0x2D:
            return -1
        while at < end and _CLASSES[data[at]] & _HOST:
            at += 1
        if at == label:
            return -1
        if at == end or data[at] != 0x2E:
            return at if _CLASSES[data[label]] & _LAST_HEAD else -1
        at += 1


@called_by_compiled
def _after_port(data: Bytes, at: int, end: int) -> int:
    """Return the end of a port of one to four digits without leading zero, or its colon's place."""
    first = at + 1
    n = first
    while n < end and 0x30 <= data[n] <= 0x39:
        n += 1
    return n if 1 <= n - first <= 4 and data[first] != 0x30 else at


@called_by_compiled
def _is_default(data: Bytes, at: int, end: int) -> bool:
    if end - at == 3:
        return bool(data[at + 1] == 0x38 and data[at + 2] == 0x30)
    if end - at != 4:
        return False
    return bool(data[at + 1] == 0x34 and data[at + 2] == 0x34 and data[at + 3] == 0x33)


@called_by_compiled
def _after_path(data: Bytes, at: int, end: int) -> int:
    """Return the end of segments none of which begins with a dot."""
    while at < end and data[at] == 0x2F:
        at += 1
        if at < end and data[at] == 0x2E:
            return -1
        at = _after(data, at, end, _PATH)
        if at < 0:
            return -1
    return at


@called_by_compiled
def _after(data: Bytes, at: int, end: int, kind: int) -> int:
    """Return the end of characters of a kind and canonical escapes; -1 at another escape."""
    while at < end:
        if _CLASSES[data[at]] & kind:
            at += 1
        elif data[at] == 0x25:
            if at + 3 > end:
                return -1
            high, low = _digit(data[at + 1]), _digit(data[at + 2])
            if high < 0 or low < 0 or not _ESCAPES[16 * high + low]:
                return -1
            at += 3
        else:
            break
    return at


@called_by_compiled
def _digit(byte: int) -> int:
    """Return the value of a hexadecimal digit in upper case, -1 for any other character."""
    if 0x30 <= byte <= 0x39:
        return int(byte) - 0x30
    return int(byte) - 0x37 if 0x41 <= byte <= 0x46 else -1


@called_by_compiled
def _year(data: Bytes, at: int, end: int) -> int:
    """Return the first year in a path like /2021/03/, from 1990 to 2029."""
    for n in range(at, end - 8):
        if data[n] != 0x2F or data[n + 5] != 0x2F or data[n + 8] != 0x2F:
            continue
        y0, y1, y2, y3 = data[n + 1], data[n + 2], data[n + 3], data[n + 4]
        m0, m1 = data[n + 6], data[n + 7]
        nineties = y0 == 0x31 and y1 == 0x39 and y2 == 0x39
        since = y0 == 0x32 and y1 == 0x30 and 0x30 <= y2 <= 0x32
        early = m0 == 0x30 and 0x31 <= m1 <= 0x39
        late = m0 == 0x31 and 0x30 <= m1 <= 0x32
        if (nineties or since) and 0x30 <= y3 <= 0x39 and (early or late):
            return 1000 * _digit(y0) + 100 * _digit(y1) + 10 * _digit(y2) + _digit(y3)
    return UNKNOWN_YEAR


@called_by_compiled
def _has_entity(data: Bytes, at: int, end: int) -> bool:
    ampersand = semicolon = False
    for n in range(at, end):
        ampersand |= data[n] == 0x26
        semicolon |= data[n] == 0x3B
    return ampersand and semicolon


@compiled
def scan_captions(
    data: Bytes, ends: Offsets
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int32]]:
    """Return which captions are UTF-8, of a length that passes, and need no repair; their words."""
    count = len(ends) - 1
    plain, words = np.zeros(count, np.bool_), np.ones(count, np.int32)
    for i in range(count):
        at, end = ends[i], ends[i + 1]
        if not 0 < end - at <= MOST_CAPTION_BYTES:
            continue
        if data[at] == 0x20 or data[at] == 0x22 or data[end - 1] == 0x20:
            continue
        space = False
        while at < end:
            byte = data[at]
            if byte >= 0x80:
                size = _plain_size(data, at, end)
                if size == 0:
                    break
                at += size
                space = False
                continue
            if byte < 0x20 or byte == 0x26 or byte == 0x7F or (byte == 0x20 and space):
                break
            space = byte == 0x20
            words[i] += space
            at += 1
        plain[i] = at == end
    return plain, words


@called_by_compiled
def _plain_size(data: Bytes, at: int, end: int) -> int:
    """Return the bytes of a character beyond ASCII; 0 where it is none, or is to be repaired.

    Well-formed sequences are those of the Unicode Standard, table 3-7.
    """
    b0 = np.int64(data[at])
    size = 2 if b0 < 0xE0 else 3 if b0 < 0xF0 else 4
    if b0 < 0xC2 or b0 > 0xF4 or at + size > end:
        return 0
    b1 = np.int64(data[at + 1])
    low = 0xA0 if b0 == 0xE0 else 0x90 if b0 == 0xF0 else 0x80
    high = 0x9F if b0 == 0xED else 0x8F if b0 == 0xF4 else 0xBF
    if b1 < low or b1 > high:
        return 0
    code = ((b0 & (0xFF >> (size + 1))) << 6) | (b1 & 0x3F)
    for n in range(2, size):
        if data[at + n] & 0xC0 != 0x80:
            return 0
        code = (code << 6) | (np.int64(data[at + n]) & 0x3F)
    return 0 if _is_suspect(int(code)) else size


@called_by_compiled
def _is_suspect(code: int) -> bool:
    """Tell whether `repair.SUSPECT` lists a character beyond ASCII."""
    if code < 0x1680:
        return code <= 0xA0 or code == 0x61C
    if code < 0x2000:
        return code == 0x1680 or code == 0x180E
    if code <= 0x206F:
        return code <= 0x200F or 0x2028 <= code <= 0x202F or code >= 0x205F
    return code == 0x3000 or code == 0xFEFF


@compiled
def canonical_of(
    data: Bytes, rows: Offsets, begins: Offsets, host_ends: Offsets, hosts: Offsets, rests: Offsets
) -> tuple[Bytes, Offsets]:
    """Return the canonical form of some plain URLs: the host in lower case, then the rest.

    The host lies from `begins` to `host_ends`, the authority to `hosts`, the rest to `rests`.
    """
    size = 0
    for row in rows:
        size += rests[row] - begins[row]
    out = np.empty(size, np.uint8)
    ends = np.zeros(len(rows) + 1, np.int64)
    at = 0
    for i in range(len(rows)):
        row = rows[i]
        for n in range(begins[row], host_ends[row]):
            byte = data[n]
            out[at] = byte | 0x20 if 0x41 <= byte <= 0x5A else byte
            at += 1
        for n in range(hosts[row], rests[row]):
            out[at] = data[n]
            at += 1
        ends[i + 1] = at
    return out[:at], ends
