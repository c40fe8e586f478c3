"""Pseudo-terms: how fields stand in the dictionary beside ordinary words.

`:FIELD:VALUE` can be no token (a colon separates), sorts before every token, and is therefore never
met by a prefix search. Here is the one spelling of every field's value, shared with the client.
"""

import hashlib
import html
import re

#: Fields of the query language, in the order they are explained (DESIGN section 8).
FIELDS = ("domain", "host", "url", "platform", "artist", "celebrity", "character", "year")

_SCHEME = re.compile(r"^https?://", re.IGNORECASE)
_AUTHORITY = re.compile(r"^([^/?#\\]*)(.*)$", re.DOTALL)
_URL_DIGITS = 16  # hex digits of sha256 kept: 64 bits


def field_term(field: str, value: str) -> str:
    """Return the pseudo-term of a field's value; names are given folded (`lists.fold_name`)."""
    return f":{field}:{value}"


def canonical_url(url: str) -> str:
    """Return the URL in the form that searching and removing compare.

    Entities decoded once, scheme dropped, host in lower case without default port or trailing dot,
    fragment dropped, an empty path is `/`; the rest as it is.
    """
    if "&" in url:
        url = html.unescape(url)
    matched = _AUTHORITY.match(_SCHEME.sub("", url, count=1))
    assert matched is not None  # noqa: S101 - the pattern matches every string
    authority, rest = matched[1].lower(), matched[2].partition("#")[0]
    authority = authority.removesuffix(":80").removesuffix(":443").removesuffix(".")
    return authority + (rest or "/")


def url_value(url: str) -> str:
    """Return the value of the `url` field: 64 bits of the canonical URL's sha256, in hex."""
    return hashlib.sha256(canonical_url(url).encode()).hexdigest()[:_URL_DIGITS]
