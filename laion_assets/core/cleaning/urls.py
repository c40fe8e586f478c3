"""One form of every URL: what searching, removing and the index compare.

Lives here: the canonical form, what is pasted around a URL, and the form of older versions, which
their removal lists hold. The client does the same to what is typed (`canonicalUrl` in
`site_templates/static/search-urls.js`); `tests/url_vectors.json` holds both to it. Not here: hosts
(`hosts`), what makes a URL bad (`rules`).
"""

import re

from laion_assets.core.cleaning.hosts import unify_authority, unify_host

#: What no kept row's URL ends with (as code points), and what else a pasted one may begin with.
_SPACES = (*range(0x21), *range(0x7F, 0xA1), 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029)
_SPACE = "".join(map(chr, (*_SPACES, 0x202F, 0x205F, 0x3000)))
_UNSEEN = (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF)
_INVISIBLE = _SPACE + "".join(map(chr, _UNSEEN))
#: Quotes and brackets that a pasted URL stands in; not those that an IPv6 address does.
_WRAPS = frozenset("\"'`<>()\xab\xbb\u2039\u203a") | set(
    map(chr, (*range(0x2018, 0x2020), *range(0x3008, 0x3010)))
)
_MOST_WRAPS = 8
#: A link or picture of Markdown; no URL begins so.
_MARKDOWN = re.compile(r"!?\[[^\]]*\]\(([^\n]*)\)[,;.]*")
_LINE_ENDS = re.compile(r"[\t\n\r]")
#: The entities of XML, and any character by number; always with their semicolon. All of HTML's
#: would turn `&region=` into `®ion=`.
_ENTITY = re.compile(
    r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9a-f]{1,6}));", re.IGNORECASE | re.ASCII
)
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_CONTROLS = (range(0x20), range(0x7F, 0xA0), range(0xD800, 0xE000))
_LAST_CODE = 0x10FFFF
#: How a URL of the web begins: as the URL standard has it, slashes of either kind and number.
_WEB = re.compile(r"https?:[/\\]*|[/\\]{2,}", re.IGNORECASE | re.ASCII)
_OTHER = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE | re.ASCII)
_PORT = re.compile(r":[0-9]*\Z")
_AUTHORITY = re.compile(r"([^/?#\\]*)([^#]*)")
#: A percent sign that begins no escape stays, and so does what would become one with it.
_ESCAPE = re.compile(
    r"%(?![0-9a-f]{2})[0-9a-f]?(?:%[0-9a-f]{2}){0,2}|%(?P<code>[0-9a-f]{2})",
    re.IGNORECASE | re.ASCII,
)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
#: What no URI may hold as it is (RFC 3986); a query no apostrophe either (the URL standard).
_FOREIGN_TO_PATHS = re.compile(r"[^!#-;=?-\[\]_a-z~]")
_FOREIGN_TO_QUERIES = re.compile(r"[^!#-&(-;=?-\[\]_a-z~]")


def canonical_url(url: str) -> str:
    """Return the URL in the form that searching and removing compare.

    What a paste brings along is dropped, entities are decoded once, then: no scheme, the host as
    `hosts` unifies it, no default port, no fragment; the rest as RFC 3986 section 6.2.2 says (dot
    segments, escapes of unreserved characters and the case of the others), and escaped what may not
    stand there as it is. An escape of a reserved character means something else than the character,
    and stays. A URL without host keeps its authority in lower case, another scheme is kept.
    """
    text = _ENTITY.sub(_decode_entity, _LINE_ENDS.sub("", unwrap(url)))
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    scheme = ""
    if matched := _WEB.match(text):
        text = text[matched.end() :]
    elif matched := _OTHER.match(text):
        scheme, text = matched[0].lower(), text[matched.end() :]
    matched = _AUTHORITY.match(text)
    assert matched is not None  # noqa: S101 - the pattern matches every string
    authority, rest = matched.groups()
    path, mark, query = rest.partition("?")
    host = unify_authority(authority) or _ascii_lower(authority)
    path = _without_dots(_escape(path.replace("\\", "/"), _FOREIGN_TO_PATHS))
    return scheme + host + path + mark + _escape(query, _FOREIGN_TO_QUERIES)


def typed_host(text: str) -> tuple[str | None, str]:
    """Return the host that somebody typed or pasted, also as a URL, and what stood after it.

    The host is None when it is none. The client does the same (`hostName`).
    """
    text = unwrap(text)
    scheme = _WEB.match(text) or _OTHER.match(text)
    address = text[scheme.end() :] if scheme else text
    matched = _AUTHORITY.match(address)
    assert matched is not None  # noqa: S101 - the pattern matches every string
    host = _PORT.sub("", matched[1].rpartition("@")[2]).removeprefix("*.")
    return unify_host(host), address[len(matched[1]) :]


def unwrap(text: str) -> str:
    """Return what was pasted without space, quotes and brackets around it; of Markdown, the URL.

    Brackets and quotes at its end may be its own, unless one stands in front.
    """
    text = text.rstrip(_SPACE)
    if link := _MARKDOWN.fullmatch(text.lstrip(_INVISIBLE)):
        text = link[1].rstrip(_SPACE)
    for _ in range(_MOST_WRAPS):
        text = text.lstrip(_INVISIBLE)
        if text[:1] not in _WRAPS:
            break
        text = text[1:]
        inner = text.rstrip(_SPACE + ",;.")
        if inner[-1:] in _WRAPS:
            text = inner[:-1].rstrip(_SPACE)
    return text


def _decode_entity(entity: re.Match[str]) -> str:
    name, decimal, hexadecimal = entity.groups()
    if name:
        return _NAMED[name.lower()]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    stays = code > _LAST_CODE or any(code in controls for controls in _CONTROLS)
    return entity[0] if stays else chr(code)


def _ascii_lower(text: str) -> str:
    """Lower case where every version of Unicode, and the client's, agree."""
    return re.sub(r"[A-Z]+", lambda letters: letters[0].lower(), text)


def _escape(text: str, foreign: re.Pattern[str]) -> str:
    text = _ESCAPE.sub(_unify_escape, text)
    return foreign.sub(lambda found: "".join(f"%{b:02X}" for b in found[0].encode()), text)


def _unify_escape(escape: re.Match[str]) -> str:
    if escape["code"] is None:
        return escape[0]
    character = chr(int(escape["code"], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986 section 5.2.4); an empty path is `/`."""
    if "/." not in path:
        return path or "/"
    kept: list[str] = []
    *folders, last = path.split("/")[1:]
    for segment in (*folders, last):
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join([*kept, ""] if last in (".", "..") else kept)


_CANONICAL_ESCAPE = "%(?:[0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[B-DF])"
#: A URL that is canonical but for its scheme, the case of its host, a default port and a fragment,
#: unless it has entities or a host that is too long. Of RE2: parse_rows.sql makes short work of
#: these, which are nearly all. A host that ends in a number or a dot is not among them, nor a path
#: with a segment that begins with a dot.
PLAIN = (
    "(?i:https?)://"
    "(?:[A-Za-z0-9_-]+[.])*[A-Za-z_-][A-Za-z0-9_-]*(?::(?:80|443|[1-9][0-9]{0,3}))?"
    r"(?:/(?:(?:[A-Za-z0-9_~!$&-\-:;=@\[\]]|ESCAPE)(?:[A-Za-z0-9_~!$&-.:;=@\[\]]|ESCAPE)*)?)+"
    r"(?:[?](?:[A-Za-z0-9_~!$&(-;=?@\[\]]|ESCAPE)*)?"
    "(?:#.*)?"
).replace("ESCAPE", _CANONICAL_ESCAPE)

#: What the first form decoded of the entities by number.
_FIRST_CODES = range(0x21, 0x7F)


def first_canonical_url(url: str) -> str:
    """Return the URL in the form of older versions, by whose digits removal lists may name it.

    Entities of XML and printable ASCII decoded once, no scheme, the authority in lower case without
    default port or trailing dot, no fragment, an empty path is `/`; the rest as it is.
    """
    text = _ENTITY.sub(_decode_first, url)
    scheme = re.match(r"https?://", text, re.IGNORECASE)
    matched = re.match(r"([^/?#\\]*)([^#]*)", text[scheme.end() if scheme else 0 :])
    assert matched is not None  # noqa: S101 - the pattern matches every string
    authority = matched[1].lower()
    authority = authority.removesuffix(":80").removesuffix(":443").removesuffix(".")
    return authority + (matched[2] or "/")


def _decode_first(entity: re.Match[str]) -> str:
    decoded = _decode_entity(entity)
    printable = len(decoded) == 1 and ord(decoded) in _FIRST_CODES
    return decoded if entity[1] or printable else entity[0]
