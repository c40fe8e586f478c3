"""Other spellings of a name that a caption might use: looked for too, and counted apart.

Lives here: which spellings are tried for a phrase, and why each might occur. A variant is a guess:
it is never added to a name's count, and the looser kinds (initials) often mean somebody else. Not
here: finding them in captions (`mentions`, `lookup`).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from laion_assets.core.text.tokens import tokenise

#: What each kind of variant does to the words of a name, in the order they are tried.
KINDS = {
    "joined": "words written together (user names, hashtags)",
    "split": "one word written as two",
    "without apostrophe": "the apostrophe left out",
    "with apostrophe": "an apostrophe after the first letter",
    "initials": "first names as initials, or initials with and without spaces",
    "without middle initial": "a single letter in the middle left out",
    "surname first": "in the order of a catalogue",
    "plain letters": "letters such as ø, ł, ß or ö written with plain ones",
}

#: Letters in each half of a word that is split anywhere; shorter halves match by accident.
SHORTEST_HALF = 3

LONGEST_NAME = 200  # characters; of a longer phrase no other spelling is tried
_APOSTROPHES = "'’‘ʼʹ`´＇"
_APOSTROPHE = re.compile(rf"(?<=\w)[{_APOSTROPHES}](?=\w)")
_CAMEL = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")
_CAPITALS = re.compile(r"\b[A-Z]{2,3}\b")
#: Letters that are no letter with a mark to Unicode, so that folding keeps them.
_PLAIN = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss",
        "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n",
    }
)  # fmt: skip
#: How German and the Nordic languages are written without their marked letters.
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
#: Words that belong to the surname that follows them.
_PARTICLES = frozenset(
    (
        "van", "von", "der", "den", "de", "del", "della", "di", "da", "du", "des", "la", "le",
        "ter", "ten", "af", "el", "al", "bin", "ibn", "zu", "zur",
    )
)  # fmt: skip
#: "a young" is an article before it is Ace Young.
_ONE_LETTER_WORDS = ("a", "i")
_ELIDED = ("d", "o", "l")
_ELISION = re.compile(rf"\b([dolDOL])[{_APOSTROPHES}](?=\w)")


@dataclass(frozen=True)
class Variant:
    """One spelling to try, its tokens joined by spaces, and the kind it is (a key of KINDS)."""

    kind: str
    spelling: str


def spelling_variants(phrases: Sequence[str]) -> list[Variant]:
    """Return the spellings to try for a name and its aliases, each once, theirs left out.

    A spelling in which one of the phrases occurs anyway would find nothing new and is left out too.
    """
    return list(_variants(tuple(phrases)))


@lru_cache(maxsize=1 << 16)
def _variants(phrases: tuple[str, ...]) -> tuple[Variant, ...]:
    """Find the spellings of a name: matching and each list's tables need the same."""
    # No name is as long as a paragraph, whose spellings would fill a book.
    phrases = tuple(phrase for phrase in phrases if len(phrase) <= LONGEST_NAME)
    own = [tuple(tokenise(phrase)) for phrase in phrases]
    found: dict[str, Variant] = {}
    for kind, words in (pair for phrase in phrases for pair in _candidates(phrase)):
        spelling = " ".join(words)
        if spelling and spelling not in found and not any(_within(mine, words) for mine in own):
            found[spelling] = Variant(kind, spelling)
    order = list(KINDS)
    return tuple(sorted(found.values(), key=lambda variant: order.index(variant.kind)))


def _candidates(phrase: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    composed = unicodedata.normalize("NFC", phrase)
    words = tuple(tokenise(composed))
    if not words:
        return
    yield from (("joined", joined) for joined in _joined(words))
    yield from (("split", parts) for parts in _split(composed, words))
    yield "without apostrophe", _tokens(_APOSTROPHE.sub("", composed))
    yield from (("with apostrophe", parts) for parts in _elided(words))
    start = _surname(composed, words)
    if start:
        yield from (("initials", initials) for initials in _initials(words[:start], words[start:]))
        yield "initials", _tokens(_CAPITALS.sub(lambda found: " ".join(found[0]), composed))
        yield "without middle initial", _without_middle(words[:start], words[start:])
        yield "surname first", (*words[start:], *words[:start])
    lower = composed.lower()
    yield "plain letters", _tokens(lower.translate(_PLAIN))
    yield "plain letters", _tokens(lower.translate(_DIGRAPHS).translate(_PLAIN))


def _joined(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the words all in one, then with each two neighbours in one."""
    if len(words) < 2:  # noqa: PLR2004 - a pair
        return
    yield ("".join(words),)
    for place in range(len(words) - 1):
        left, right = words[place : place + 2]
        if len(left) > 1 and len(right) > 1:
            yield (*words[:place], left + right, *words[place + 2 :])


def _split(phrase: str, words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the phrase cut where capitals suggest it; a single word cut anywhere as well."""
    yield _tokens(_CAMEL.sub(" ", phrase))
    if len(words) == 1:
        word = words[0]
        for place in range(SHORTEST_HALF, len(word) - SHORTEST_HALF + 1):
            yield word[:place], word[place:]


def _elided(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield `d amelio` for `damelio`, as an apostrophe would make it."""
    for place, word in enumerate(words):
        if word[0] in _ELIDED and len(word) > 2 * SHORTEST_HALF:
            yield (*words[:place], word[0], word[1:], *words[place + 1 :])


def _initials(first: Sequence[str], last: Sequence[str]) -> Iterator[tuple[str, ...]]:
    if len(last[-1]) < SHORTEST_HALF:
        return
    letters = tuple(word[0] for word in first)
    if len(letters) > 1:
        yield (*letters, *last)
        yield ("".join(letters), *last)
    if letters[0] not in _ONE_LETTER_WORDS:
        yield (letters[0], *last)


def _without_middle(first: Sequence[str], last: Sequence[str]) -> tuple[str, ...]:
    kept = [word for word in first[1:] if len(word) > 1]
    return (first[0], *kept, *last) if len(kept) < len(first) - 1 else ()


def _surname(phrase: str, words: Sequence[str]) -> int:
    """Return where the surname begins: at the last word, or at the particles before it."""
    particles = {*_PARTICLES, *(letter.lower() for letter in _ELISION.findall(phrase))}
    start = len(words) - 1
    while start > 1 and words[start - 1] in particles:
        start -= 1
    return start


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(tokenise(text))


def _within(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Tell whether the words of `part` stand side by side in `whole`."""
    size = len(part)
    return any(tuple(whole[at : at + size]) == tuple(part) for at in range(len(whole) - size + 1))


def all_variants(entities: Iterable[Sequence[str]]) -> list[tuple[int, Variant]]:
    """Return the variants of every name, given as its phrases, with the name's number."""
    return [
        (number, variant)
        for number, phrases in enumerate(entities)
        for variant in spelling_variants(phrases)
    ]
