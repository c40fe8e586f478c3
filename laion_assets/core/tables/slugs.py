"""File names of pages, made from domains and names: readable, distinct, safe on every disk.

Lives here: the slug of a name. Not here: who has a page (`core.site.model`).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence

#: Longest slug in characters; with folder and ending it stays far below any file-name limit.
MAX_SLUG = 80

#: Device names that Windows refuses as file names, with any ending and in any case.
WINDOWS_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin", "conout", "clock"]
    + [f"{device}{digit}" for device in ("com", "lpt") for digit in range(10)]
)

#: Names no page may take: devices, and the names that hosts serve for a folder or an error.
RESERVED_SLUGS = WINDOWS_RESERVED | {"index", "404"}

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


def slug_base(name: str) -> str:
    """The readable part of a slug: `[a-z0-9-]`, trimmed, possibly empty, at most MAX_SLUG."""
    text = name.casefold().translate(_TRANSLITERATION)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(mark for mark in text if not unicodedata.combining(mark))
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def assign_slugs(names: Sequence[str], reserved: Collection[str] = RESERVED_SLUGS) -> list[str]:
    """One file-safe slug for each name, in the order given.

    Slugs are lower-case ASCII `[a-z0-9-]`, 1 to 80 characters, pairwise distinct (so also on
    file systems that ignore case), never in `reserved`, and cannot leave a folder. A name whose
    readable slug is unique keeps it. Names that share one, or whose slug is empty, reserved or
    too long, all get a suffix from a hash of the name, so the result does not depend on the order
    of `names`. Equal names are told apart by their occurrence, the one place order matters.
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
