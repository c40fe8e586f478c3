"""What makes hostile text safe to publish: outbound links, CSV cells, script strings, CSP.

Every function here is pure and total over any string. Escaping inside HTML is not here: that is
Jinja's autoescape, which `render` switches on for every template.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from laion_assets.core.site.formats import is_missing

#: Longest URL that is linked, in characters (longer ones are rejected from the data too).
MAX_LINK = 8192

MAX_PORT = 65_535

#: Policy of pages on which a reader may ask for the hosts' pictures (ARCHITECTURE.md#hostile).
PICTURE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' http: https:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; object-src 'none'"
)

#: Policy of every other page: no picture from anywhere else.
STRICT_CSP = PICTURE_CSP.replace("img-src 'self' http: https:", "img-src 'self'")

#: What a spreadsheet may take for the beginning of a formula; the last is the minus sign U+2212.
_FORMULA_STARTS = frozenset("=+-@\N{MINUS SIGN}")
_CELL_BREAKS = ("\t", "\r", "\n")
_AUTHORITY = re.compile(
    r"(?:\[[0-9a-f:.]+\]|[^\x00-\x20\x7f-\xa0/?#@\\:\[\]<>\"'`{}|^%]+)(?::[0-9]{0,5})?",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_ASCII_HIDDEN = re.compile(r"[\x00-\x20\x7f]")
# Controls, format characters (bidi and zero-width among them), surrogates and separators.
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})


def has_hidden_characters(text: str) -> bool:
    """Whether the text holds whitespace, controls, format characters or lone surrogates."""
    if text.isascii():  # nearly every URL; looking each character up takes far longer
        return _ASCII_HIDDEN.search(text) is not None
    return any(
        character.isspace() or unicodedata.category(character) in _INVISIBLE_CATEGORIES
        for character in text
    )


def safe_link(url: str | None) -> str | None:
    """The URL if a page may link to it, else None.

    Only absolute http and https URLs with a plain host (a name or an IP), an optional port
    up to 65535, no user information, no whitespace, control, bidi or zero-width characters
    anywhere, and no backslash (browsers read it as `/`, which moves the host).
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


def is_kept_back(row: Mapping[str, Any]) -> bool:
    """Whether a row's caption is shown only to who asks for it: its unsafe score is high.

    That is a row without a picture, or one whose picture is blurred for its score; not one that is
    blurred because nobody scored it. `static/search-tile.js` has the same rule.
    """
    visibility = row["visibility"]
    return visibility == "no_image" or (visibility == "blurred" and not is_missing(row["punsafe"]))


def one_line(text: str) -> str:
    """What somebody typed as one line of what is seen: no controls, no direction marks.

    Runs of spaces of any kind become one space; lone surrogates go too.
    """
    seen = (
        " " if c.isspace() else "" if unicodedata.category(c) in _INVISIBLE_CATEGORIES else c
        for c in text
    )
    return " ".join("".join(seen).split())


def csv_cell(text: str) -> str:
    """A cell that a spreadsheet will not run: a leading `'` before `= + - @`, tab, CR, LF.

    Characters that Unicode calls compatible with these count as well (full-width ones, which
    Japanese and Chinese input methods write and spreadsheets read as plain; small, raised and
    lowered ones), as does the minus sign; and what is not seen in front of them is looked past,
    because some programs drop it.
    """
    if not text or text[0].isalnum():  # nearly every cell
        return text
    if text.startswith(_CELL_BREAKS):
        return f"'{text}"
    first = next((c for c in text if not has_hidden_characters(c)), "")
    return f"'{text}" if unicodedata.normalize("NFKC", first)[:1] in _FORMULA_STARTS else text


def search_value(value: str) -> str:
    """A field's value in the search language: bare when it is one plain run, else quoted.

    Quotation marks inside cannot be escaped there; they separate tokens, as a space does.
    """
    plain = " ".join(value.replace('"', " ").split())
    return plain if re.fullmatch(r"[A-Za-z0-9.]+(?:[-_.]+[A-Za-z0-9]+)*", plain) else f'"{plain}"'


def field_query(field: str, value: str, words: str = "") -> str:
    """The query for `field:value` and words that follow it, as an address has it."""
    return quote(f"{field}:{search_value(value)}{words}", safe="", errors="replace")


def search_link(root: str, field: str, value: str, words: str = "") -> str:
    """A relative link to the search page for `field:value` and words that follow it.

    `root` is `""` or `"../"`.
    """
    return f"{root}search.html?q={field_query(field, value, words)}"


def script_string(text: str) -> str:
    """The text as a single-quoted JavaScript string that no HTML or old engine can break."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    escaped = escaped.replace("\n", "\\n").replace("\r", "\\r")
    escaped = escaped.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    closed = escaped.replace("</", "<\\/")
    return f"'{closed}'"
