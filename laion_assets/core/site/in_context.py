"""A name where it stands: captions with the name in the middle, as concordances print them.

Lives here: finding the name in a caption, as counting does (its tokens side by side), and cutting
what stands around it. Not here: which rows a name has (`core.names.mentions`), the page (`names`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from laion_assets.core.text.tokens import fold_in_place, tokenise

#: Lines on a page, and characters on either side of a name.
MOST_LINES = 20
AROUND = 60
#: Characters of a caption in which a name is looked for.
_LONGEST = 2_000
_LONGEST_WORD = 20  # characters that a cut may lose to end between words

_BETWEEN = r"\0* [ \0]*"


@dataclass(frozen=True, slots=True)
class Line:
    """A caption in three parts: what is before the name, the name as written, what is after."""

    before: str
    name: str
    after: str


def in_context(captions: Iterable[str], phrases: Sequence[str]) -> list[Line]:
    """The first different captions that hold one of the phrases, cut around it."""
    different = dict.fromkeys(captions)
    pattern = _pattern(phrases) if different else None  # takes longer to make than to use
    return list(islice(_lines(different, pattern), MOST_LINES)) if pattern else []


def _pattern(phrases: Sequence[str]) -> re.Pattern[str] | None:
    spelled = {tuple(tokenise(phrase)) for phrase in phrases} - {()}
    if not spelled:
        return None
    longest_first = sorted(spelled, key=lambda tokens: (-len(tokens), tokens))
    each = (_BETWEEN.join(map(_token, tokens)) for tokens in longest_first)
    return re.compile(rf"(?:^| )\0*((?:{'|'.join(each)})\0*)(?: |$)")


def _token(token: str) -> str:
    return r"\0*".join(map(re.escape, token))


def _lines(captions: Iterable[str], pattern: re.Pattern[str]) -> Iterator[Line]:
    for caption in captions:
        text = caption[:_LONGEST]
        found = pattern.search(fold_in_place(text))
        if found is not None:
            start, end = found.span(1)
            yield Line(_ending(text[:start]), text[start:end], _beginning(caption[end:]))


def _ending(text: str) -> str:
    """The end of a text, from a word on where that loses little."""
    if len(text) <= AROUND:
        return text
    head, space, rest = text[-AROUND:].partition(" ")
    return f"…{rest if space and len(head) <= _LONGEST_WORD else text[-AROUND:]}"


def _beginning(text: str) -> str:
    """The beginning of a text, up to a word's end where that loses little."""
    if len(text) <= AROUND:
        return text
    rest, space, tail = text[:AROUND].rpartition(" ")
    return f"{rest if space and len(tail) <= _LONGEST_WORD else text[:AROUND]}…"
