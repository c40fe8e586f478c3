"""What deserves a second look in a list: names that ordinary captions hold by accident.

Lives here: the remarks. They are no errors: a row answers one by saying `yes` (with context words)
or `no` under `ambiguous`. Not here: mistakes that stop a build (`lists`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from laion_assets.core.names.lists import Entity, Platform, fold_name

#: Ordinary whatever the dictionary has under their capitals ("A" is a proper name to it).
_FUNCTION_WORDS = frozenset(("a", "an", "and", "for", "in", "no", "of", "old", "on", "red", "the"))


@cache
def _dictionary() -> frozenset[str]:
    """Return words of captions that Webster's dictionary (1934, public domain) has as ordinary.

    A word that is also a proper name ("bill", "king") is none. Derived by
    `bench.derive_ordinary_words`.
    """
    text = Path(__file__).with_name("ordinary_words.txt").read_text("ascii")
    return frozenset(text.split())


def is_ordinary(phrase: str) -> bool:
    """Tell whether a phrase is made of ordinary English words alone, as `Iron Man` is."""
    words = fold_name(phrase).split()
    return bool(words) and all(word in _FUNCTION_WORDS or word in _dictionary() for word in words)


def is_ambiguous(platform: Platform) -> bool:
    """Tell whether a platform's name is also something else: as its list says, or a dictionary."""
    return is_ordinary(platform.platform) if platform.ambiguous is None else platform.ambiguous


def list_remarks(entities: Sequence[Entity]) -> list[str]:
    """Return what to look at again, a line each with the place it stands at."""
    remarks = []
    for entity in entities:
        if entity.ambiguous and not entity.context:
            remarks.append(f"{entity.where}: {entity.name!r} is ambiguous but has no context words")
        if entity.decided:
            continue
        for phrase in entity.phrases:
            what = _doubt(phrase)
            if what:
                remarks.append(f"{entity.where}: {phrase!r} is {what}")
    return remarks


def _doubt(phrase: str) -> str:
    if " " not in fold_name(phrase):
        return "one word"
    return "made of ordinary words" if is_ordinary(phrase) else ""
