"""Random queries of every kind, drawn from the rows they are asked of.

Lives here: the kinds. A query is always the same for the same rows. Not here: what they find
(`search_referee`), what they cost (`search_cost`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import pyarrow.parquet as pq

from bench.search_language import And, Field, Inside, Node, Not, Or, Text, typed
from bench.search_referee import Referee
from laion_assets.core.text.tokens import tokenise

EACH = 60
HOT, MID_FIRST, MID_LAST, RARE = 512, 1_000, 20_000, 64  # ranks of words; documents of a rare one
_TRIES = 2_000
_T = TypeVar("_T")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]{3,}")


@dataclass(frozen=True)
class Query:
    """A query, its kind, and how it is typed."""

    kind: str
    node: Node

    @property
    def text(self) -> str:
        """How it is typed."""
        return typed(self.node)


class Material:
    """What queries are drawn from: some rows and all words."""

    def __init__(self, referee: Referee, seed: int) -> None:
        self.referee = referee
        self.chance = random.Random(seed)  # noqa: S311 - queries, the same every time
        self.rows = pq.read_table(referee.folder / "sample.parquet").to_pylist()
        table = pq.read_table(referee.folder / "vocabulary.parquet", columns=["term", "documents"])
        self.words: list[str] = table["term"].to_pylist()  # the commonest first
        self.documents: list[int] = table["documents"].to_pylist()

    @cached_property
    def rank(self) -> dict[str, int]:
        """Rank of each word."""
        return {word: number for number, word in enumerate(self.words)}

    def row(self) -> dict[str, object]:
        """Draw a row."""
        return self.chance.choice(self.rows)

    def caption(self) -> list[str]:
        """Draw a caption's words, as the index has them; at least one."""
        return self.until(lambda: tokenise(str(self.row()["caption"])), bool)

    def occurring(self) -> str:
        """Draw a word as often as it occurs."""
        return self.chance.choice(self.caption())

    def hot(self) -> str:
        """Draw one of the commonest words, the commonest most often."""
        return self.until(self.occurring, lambda word: self.rank[word] < HOT)

    def mid(self) -> str:
        """Draw a word that is neither common nor rare."""
        last = min(MID_LAST, len(self.words) - 1)
        return self.words[self.chance.randint(min(MID_FIRST, last), last)]

    def rare(self) -> str:
        """Draw a rare word."""
        return self.until(
            lambda: self.chance.choice(self.words),
            lambda word: 1 < self.documents[self.rank[word]] <= RARE,
        )

    def together(self, *kinds: Callable[[], str]) -> tuple[Text, ...]:
        """Draw different words of such kinds, two in three times of one caption."""
        if self.chance.random() < 1 / 3:
            drawn: list[str] = self.until(lambda: [kind() for kind in kinds], _are_distinct)
            return tuple(Text(word) for word in drawn)
        wanted = [_range_of(kind.__name__) for kind in kinds]

        def of_one_caption() -> list[str]:
            words = sorted(set(self.caption()))
            self.chance.shuffle(words)
            drawn: list[str] = []
            for low, high, most in wanted:
                fitting = (w for w in words if low <= self.rank[w] < high and w not in drawn)
                drawn += [w for w in fitting if self.documents[self.rank[w]] <= most][:1]
            return drawn

        found = self.until(of_one_caption, lambda drawn: len(drawn) == len(wanted))
        return tuple(Text(word) for word in found or [kind() for kind in kinds])

    def run(self, length: int, most_rank: int = 1 << 40) -> Text:
        """Draw a run of words of a caption, all of at most a rank."""

        def draw_run() -> list[str]:
            words = self.caption()
            start = self.chance.randrange(max(1, len(words) - length + 1))
            return words[start : start + length]

        def fits(words: list[str]) -> bool:
            return len(words) == length and all(self.rank[word] < most_rank for word in words)

        words = self.until(draw_run, fits)
        return Text(" ".join(words))

    def name(self) -> Field:
        """Draw a name that occurs."""
        field, _, value = self.chance.choice(sorted(self.referee.names)).partition(":")
        return Field(field, value)

    def unspaced(self) -> Inside:
        """Draw two characters inside a longer word of a script without spaces."""

        def draw_run() -> str:
            runs = _UNSPACED.findall(str(self.row()["caption"]))
            run = self.chance.choice(runs) if runs else ""
            start = self.chance.randrange(max(1, len(run) - 1))
            return str(run[start : start + 2])

        return Inside(self.until(draw_run, lambda run: len(run) == 2 and tokenise(run) == [run]))

    def until(self, draw: Callable[[], _T], fits: Callable[[_T], object]) -> _T:
        """Draw until something fits; small rows may have nothing that does."""
        for _ in range(_TRIES):
            found = draw()
            if fits(found):
                return found
        return found


def _are_distinct(words: list[str]) -> bool:
    return len(set(words)) == len(words)


def _range_of(kind: str) -> tuple[int, int, int]:
    """Return the ranks, first and after last, and the most documents of a kind of word."""
    everything = 1 << 40
    return {
        "hot": (0, HOT, everything),
        "mid": (MID_FIRST, MID_LAST, everything),
        "rare": (0, everything, RARE),
        "occurring": (0, everything, everything),
    }[kind]


def _value(material: Material, column: str) -> str:
    """Draw a value of a column, as often as it occurs."""
    found = material.until(lambda: material.row()[column], lambda value: value is not None)
    return str(found)


def _prefix(material: Material) -> Text:
    word = material.until(material.occurring, lambda word: word.isascii() and len(word) > 3)
    return Text(word[: material.chance.randint(2, max(2, len(word) - 1))], prefix=True)


#: Kinds of query: how one is drawn.
KINDS: dict[str, Callable[[Material], Node]] = {
    "word, as it occurs": lambda m: Text(m.occurring()),
    "word, any": lambda m: Text(m.chance.choice(m.words)),
    "domain": lambda m: Field("domain", _value(m, "domain")),
    "host": lambda m: Field("host", _value(m, "host")),
    "name": lambda m: m.name(),
    "year": lambda m: Field("year", _value(m, "url_year")),
    "url": lambda m: Field("url", _value(m, "url")),
    "id": lambda m: Field("id", _value(m, "image_id")),
    "prefix": _prefix,
    "hot AND hot": lambda m: And(m.together(m.hot, m.hot)),
    "mid AND mid": lambda m: And(m.together(m.mid, m.mid)),
    "hot AND rare": lambda m: And(m.together(m.hot, m.rare)),
    "any AND any": lambda m: And(m.together(m.occurring, m.occurring)),
    "word AND domain": lambda m: And((Text(m.occurring()), Field("domain", _value(m, "domain")))),
    "word AND year": lambda m: And((Text(m.occurring()), Field("year", _value(m, "url_year")))),
    "phrase of two hot": lambda m: m.run(2, HOT),
    "phrase of two": lambda m: m.run(2),
    "phrase of three": lambda m: m.run(3),
    "phrase of five": lambda m: m.run(5),
    "NOT": lambda m: And((Text(m.occurring()), Not(Text(m.hot())))),
    "three words": lambda m: And(m.together(m.occurring, m.occurring, m.occurring)),
    "OR": lambda m: Or((Text(m.occurring()), Text(m.mid()))),
    "group": lambda m: And(
        (Or((Text(m.hot()), Text(m.mid()))), Text(m.occurring()), Not(m.run(2)))
    ),
    "inside words": lambda m: m.unspaced(),
}
#: Kinds that the first format of the index does not know.
NEW_KINDS = frozenset({"id", "OR", "group", "inside words"})


def draw(referee: Referee, kinds: list[str], each: int = EACH, seed: int = 11) -> list[Query]:
    """Draw so many queries of each kind; a kind's do not depend on which others are drawn."""
    found = []
    for kind in kinds:
        material = Material(referee, seed + sorted(KINDS).index(kind))
        found += [Query(kind, KINDS[kind](material)) for _ in range(each)]
    return found
