"""What a line that could not be split names all the same: its first address, and whose that is.

Whoever has an address or a domain removed means such a line too: it is kept among the rejects as it
was found. Lives here: finding that address in a line of any format. Not here: splitting lines
(`core.reading`), which rows have to go (`removal`).
"""

import re

from laion_assets.core.cleaning.hosts import parse_authority, stray_domain
from laion_assets.core.cleaning.removal_list import url_digits

#: Where an address begins, and up to the authority. JSON may escape the slashes.
_SCHEME = re.compile(r"https?:(?://|\\/\\/)", re.IGNORECASE)
_AUTHORITY = re.compile(r"[^:]*://([^/?#\\]*)")
_QUOTES = ("'", '"')
_ENDS = re.compile(r"[\s,;|\"'<>]")


def named_in_line(line: bytes) -> tuple[str | None, str | None]:
    """Return the digits of the first http address in a line, and the first registrable domain.

    Either is None where there is none; a domain may stand there without a scheme.
    """
    text = line.decode("utf-8", "replace")
    address = _first_address(text)
    if address is None:
        return None, stray_domain(text)
    authority = _AUTHORITY.match(address)
    host = parse_authority(authority[1]) if authority is not None else None
    return url_digits(address), host.domain if host is not None else stray_domain(address)


def _first_address(text: str) -> str | None:
    """Return the address as far as it can be told from what follows in the line.

    Up to the quotation mark that stands before it too; else up to the tab of a line that has any;
    else up to a space or whatever else may part fields.
    """
    found = _SCHEME.search(text)
    if found is None:
        return None
    start = found.start()
    before = text[start - 1 : start]
    rest = text[start:]
    if before in _QUOTES:
        address = rest.partition(before)[0]
    elif "\t" in text:
        address = rest.partition("\t")[0]
    else:
        address = _ENDS.split(rest, maxsplit=1)[0]
    return address.replace("\\/", "/")
