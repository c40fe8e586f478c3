"""One form of every URL: what searching, removing and the index compare.

Lives here: the canonical form. The client does the same to what is
typed (`canonicalUrl` in `site_templates/static/search-text.js`). Not here: hosts (`hosts`), what
makes a URL bad (`rules`).
"""

import re

#: The entities of XML, by name or (printable ASCII) by number, and always with their semicolon: the
#: client decodes the same set. All of HTML's would turn `&region=` into `®ion=`.
_ENTITY = re.compile(
    r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9a-f]{1,6}));", re.IGNORECASE | re.ASCII
)
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_PRINTABLE = range(0x21, 0x7F)
_SCHEME = re.compile(r"^https?://", re.IGNORECASE)
_AUTHORITY = re.compile(r"^([^/?#\\]*)(.*)$", re.DOTALL)


def canonical_url(url: str) -> str:
    """Return the URL in the form that searching and removing compare.

    Entities decoded once, scheme dropped, host in lower case without default port or trailing dot,
    fragment dropped, an empty path is `/`; the rest as it is. The client does the same to what is
    typed (`canonicalUrl` in `site_templates/static/search-text.js`).
    """
    matched = _AUTHORITY.match(_SCHEME.sub("", _ENTITY.sub(_decode_entity, url), count=1))
    assert matched is not None  # noqa: S101 - the pattern matches every string
    authority, rest = matched[1].lower(), matched[2].partition("#")[0]
    authority = authority.removesuffix(":80").removesuffix(":443").removesuffix(".")
    return authority + (rest or "/")


def _decode_entity(entity: re.Match[str]) -> str:
    name, decimal, hexadecimal = entity.groups()
    if name:
        return _NAMED[name.lower()]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if code in _PRINTABLE else entity[0]
