"""Repairing one caption for matching, indexing and display.

Lives here: the repair rules, in order, and a pattern that finds every caption
they could touch. The caption as found stays in the source file. Not here: rejecting rows.
"""

import html
import re

#: Captions this RE2 pattern does not match are left as they are by every rule below (a property
#: test holds us to that); it is what lets Python see a few per cent of the captions only.
SUSPECT = (
    r'^"|&|[\x00-\x1F\x7F-\x9F\x{A0}\x{61C}\x{1680}\x{180E}\x{2000}-\x{200F}\x{2028}-\x{202F}'
    r"\x{205F}-\x{206F}\x{3000}\x{FEFF}]|  |^ | $"
)

#: Zero-width space, joiners, Mongolian vowel separator, word joiner and invisible operators, BOM.
ZERO_WIDTH = re.compile("[\u180e\u200b-\u200d\u2060-\u2064\ufeff]")
#: Bidirectional controls: Unicode Standard Annex 9, and the deprecated U+206A to U+206F.
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2065-\u206f]")
#: Unicode White_Space (PropList.txt), which includes NBSP, NEL and the line separators.
WHITESPACE = re.compile("[\t-\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000 ]+")
_SPACES = re.compile(" {2,}")
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
#: Eight digits without leading zeros are beyond Unicode (U+10FFFF is 1114111) however they go on.
_LONG_REFERENCE = re.compile("&#([0-9]{8,})")
_DIGITS_KEPT = 8

RULES = ("quotes", "entities", "whitespace", "zero_width", "bidi", "control", "trimmed")


def repair_caption(text: str) -> tuple[str, list[str]]:
    """Return the repaired caption and the names of the rules (from RULES) that changed it."""
    applied: list[str] = []

    def keep(rule: str, after: str, before: str) -> str:
        if after != before:
            applied.append(rule)
        return after

    text = keep("quotes", _drop_leaked_quotes(text), text)
    if "&" in text:
        text = keep("entities", _decode_entities(text), text)
    if not text.isprintable():  # nor is any character of these four but the space: ten times faster
        text = keep("whitespace", WHITESPACE.sub(" ", text), text)
        text = keep("zero_width", ZERO_WIDTH.sub(" ", text), text)
        text = keep("bidi", BIDI.sub("", text), text)
        text = keep("control", CONTROL.sub("", text), text)
        # A zero-width or control character between spaces leaves two of them: fold once more.
        text = _SPACES.sub(" ", text)
    elif "  " in text:
        text = keep("whitespace", _SPACES.sub(" ", text), text)
    text = keep("trimmed", text.strip(" "), text)
    return text, applied


def _drop_leaked_quotes(text: str) -> str:
    r"""Undo CSV quoting that leaked into the caption.

    `"x"` becomes `x` and `\"\"\"x\"\"\"` becomes `"x"`; quotation marks that do not enclose the
    whole caption (`"One" and "Two"`) are the caption's own.
    """
    if len(text) < 2 or not (text.startswith('"') and text.endswith('"')):  # noqa: PLR2004 - a pair
        return text
    inner = text[1:-1]
    if '"' in inner.replace('""', ""):
        return text
    return inner.replace('""', '"')


def _decode_entities(text: str) -> str:
    """Decode HTML entities once, as `html.unescape` does.

    That hands every digit of a numeric reference to `int`, which raises beyond 4,300 of them, so
    references are shortened first; what they stand for stays the same.
    """
    return html.unescape(_LONG_REFERENCE.sub(_shorten_reference, text))


def _shorten_reference(reference: re.Match[str]) -> str:
    return f"&#{reference[1].lstrip('0')[:_DIGITS_KEPT] or '0'}"
