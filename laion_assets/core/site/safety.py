"""What makes hostile text safe to publish: slugs, outbound links, CSV cells, script strings, CSP.

Every function here is pure and total over any string. Escaping inside HTML is not here: that is
Jinja's autoescape, which :mod:`laion_assets.core.site.render` switches on for every template.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from urllib.parse import quote

MAX_SLUG = 80
"""Longest slug in characters; with folder and ending it stays far below any file-name limit."""

WINDOWS_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin", "conout", "clock"]
    + [f"{device}{digit}" for device in ("com", "lpt") for digit in range(10)]
)
"""Device names that Windows refuses as file names, with any ending and in any case."""

RESERVED_SLUGS = WINDOWS_RESERVED | {"index", "404"}
"""Names no page may take: devices, and the names that hosts serve for a folder or an error."""

MAX_LINK = 8192
"""Longest address that is linked, in characters (longer ones are rejected from the data too)."""

MAX_PORT = 65_535

PICTURE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' http: https:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; object-src 'none'"
)
"""Policy of pages on which a reader may ask for the hosts' pictures (DESIGN §6)."""

STRICT_CSP = PICTURE_CSP.replace("img-src 'self' http: https:", "img-src 'self'")
"""Policy of every other page: no picture from anywhere else."""

_DANGEROUS_CELL_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_HASH_DIGITS = (8, 16, 64)
# Letters that NFKD leaves whole although readers write them in ASCII.
_TRANSLITERATION = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    }
)
_AUTHORITY = re.compile(
    r"(?:\[[0-9a-f:.]+\]|[^\x00-\x20\x7f-\xa0/?#@\\:\[\]<>\"'`{}|^%]+)(?::[0-9]{0,5})?",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_ASCII_HIDDEN = re.compile(r"[\x00-\x20\x7f]")
# Controls, format characters (bidi and zero-width among them), surrogates and separators.
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})


def slug_base(name: str) -> str:
    """The readable part of a slug: ``[a-z0-9-]``, trimmed, possibly empty, at most MAX_SLUG."""
    text = name.casefold().translate(_TRANSLITERATION)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(mark for mark in text if not unicodedata.combining(mark))
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def assign_slugs(names: Sequence[str], reserved: Collection[str] = RESERVED_SLUGS) -> list[str]:
    """One file-safe slug for each name, in the order given.

    Slugs are lower-case ASCII ``[a-z0-9-]``, 1 to 80 characters, pairwise distinct (so also on
    file systems that ignore case), never in ``reserved``, and cannot leave a folder. A name whose
    readable slug is unique keeps it. Names that share one, or whose slug is empty, reserved or
    too long, all get a suffix from a hash of the name, so the result does not depend on the order
    of ``names``. Equal names are told apart by their occurrence, the one place order matters.
    """
    occurrences: Counter[str] = Counter()
    identities = []
    for name in names:
        # The separator cannot occur in a name's slug, and the first occurrence adds nothing.
        number = occurrences[name]
        identities.append(name if number == 0 else f"{name}\x00{number}")
        occurrences[name] += 1
    bases = [slug_base(name) for name in names]
    slugs = list(bases)
    shared = Counter(bases)
    suffixed = [
        shared[base] > 1 or not base or base in reserved or len(base) > MAX_SLUG for base in bases
    ]
    for digits in _HASH_DIGITS:
        for position, base in enumerate(bases):
            if suffixed[position]:
                slugs[position] = _with_hash(base, identities[position], digits)
        taken = Counter(slugs)
        clashes = [position for position, slug in enumerate(slugs) if taken[slug] > 1]
        if not clashes:
            return slugs
        # Someone's name ends like another's suffix: both sides step aside, then lengthen.
        for position in clashes:
            suffixed[position] = True
    raise ValueError("two names share a SHA-256 digest")


def _with_hash(base: str, identity: str, digits: int) -> str:
    # Names may hold lone surrogates (they come from CSV files): hash them rather than fail.
    raw = identity.encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(raw).hexdigest()[:digits]
    readable = base[: MAX_SLUG - digits - 1].strip("-")
    return f"{readable}-{digest}" if readable else f"x-{digest}"


def has_hidden_characters(text: str) -> bool:
    """Whether the text holds whitespace, controls, format characters or lone surrogates."""
    if text.isascii():  # nearly every address; looking each character up takes far longer
        return _ASCII_HIDDEN.search(text) is not None
    return any(
        character.isspace() or unicodedata.category(character) in _INVISIBLE_CATEGORIES
        for character in text
    )


def safe_link(url: str | None) -> str | None:
    """The address if a page may link to it, else None.

    Only absolute http and https addresses with a plain host (a name or an IP), an optional port
    up to 65535, no user information, no whitespace, control, bidi or zero-width characters
    anywhere, and no backslash (browsers read it as ``/``, which moves the host).
    """
    if not url or len(url) > MAX_LINK or "\\" in url or has_hidden_characters(url):
        return None
    match = _LINK.fullmatch(url)
    if match is None:
        return None
    authority = match.group(1)
    if not _AUTHORITY.fullmatch(authority) or not any(c.isalnum() for c in authority):
        return None
    port = authority.rpartition(":")[2] if not authority.endswith("]") and ":" in authority else ""
    if port and int(port) > MAX_PORT:
        return None
    return url


def csv_cell(text: str) -> str:
    """A cell that a spreadsheet will not run: a leading ``'`` before ``= + - @``, tab, CR, LF."""
    return f"'{text}" if text.startswith(_DANGEROUS_CELL_STARTS) else text


def search_value(value: str) -> str:
    """A field's value in the search language: bare when it is one plain run, else quoted.

    Quotation marks inside cannot be escaped there; they separate tokens, as a space does.
    """
    plain = " ".join(value.replace('"', " ").split())
    return plain if re.fullmatch(r"[A-Za-z0-9.]+(?:[-_.]+[A-Za-z0-9]+)*", plain) else f'"{plain}"'


def search_link(root: str, field: str, value: str, words: str = "") -> str:
    """A relative link to the search page for ``field:value`` and words that follow it.

    ``root`` is ``""`` or ``"../"``.
    """
    return f"{root}search.html?q=" + quote(
        f"{field}:{search_value(value)}{words}", safe="", errors="replace"
    )


def script_string(text: str) -> str:
    """The text as a single-quoted JavaScript string that no HTML or old engine can break."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    escaped = escaped.replace("\n", "\\n").replace("\r", "\\r")
    escaped = escaped.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    closed = escaped.replace("</", "<\\/")
    return f"'{closed}'"
