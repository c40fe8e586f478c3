"""What a tiny index holds, by rank: documents, their tokens, the terms made of these.

Tokens come from SQLite FTS5 itself. Not here: how any of it is written (`tiny_index`).
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.repository import ROOT

VISIBILITIES = ("shown", "blurred", "no_image")
COLUMNS = (
    "url", "caption", "width", "height", "aesthetic", "punsafe", "domain", "visibility",
)  # fmt: skip

TOKENIZER = "unicode61 remove_diacritics 2"
UNSPACED = ROOT / "laion_assets" / "core" / "text" / "unspaced.json"

Runs = dict[str, dict[int, list[int]]]  # term -> document's number -> places


@dataclass(frozen=True)
class Document:
    """A row of the index. `fields` are further field values, as (field, folded value)."""

    id: int
    caption: str
    url: str = "https://example.org/a.jpg"
    width: int | None = 640
    height: int | None = 480
    aesthetic: float | None = 6.5
    punsafe: float | None = 0.01
    domain: str = "example.org"
    visibility: str = "shown"
    fields: tuple[tuple[str, str], ...] = ()

    def as_row(self) -> list[Any]:
        """Return the document in the order of `COLUMNS`."""
        visibility = VISIBILITIES.index(self.visibility)
        return [
            self.url, self.caption, self.width, self.height, self.aesthetic, self.punsafe,
            self.domain, visibility,
        ]  # fmt: skip


def runs_of(captions: Sequence[Sequence[str]], length: int, words: set[str]) -> Runs:
    """Return the runs of so many tokens that are all among the words, with their places."""
    runs: Runs = {}
    for rank, tokens in enumerate(captions):
        for place in range(len(tokens) - length + 1):
            run = tokens[place : place + length]
            if words.issuperset(run):
                runs.setdefault(" ".join(run), {}).setdefault(rank, []).append(place)
    return runs


def characters_of(captions: Sequence[Sequence[str]]) -> Runs:
    """Return characters of scripts without spaces, and two side by side, with their places."""
    ranges = json.loads(UNSPACED.read_text(encoding="ascii"))
    pairs = list(zip(ranges[::2], ranges[1::2], strict=True))
    runs: Runs = {}
    for rank, tokens in enumerate(captions):
        text = " ".join(tokens)
        unspaced = [any(low <= ord(c) <= high for low, high in pairs) for c in text]
        for place in range(len(text)):
            for end in (place + 1, place + 2):
                if end <= len(text) and all(unspaced[place:end]):
                    runs.setdefault(text[place:end], {}).setdefault(rank, []).append(place)
    return runs


def beginnings_of(
    words: Mapping[str, Sequence[int]], block: int, most: int
) -> dict[str, list[int]]:
    """Return beginnings whose words take more than `most` blocks of `block` terms."""
    blocks: defaultdict[str, set[int]] = defaultdict(set)
    ranks: defaultdict[str, set[int]] = defaultdict(set)
    for i, word in enumerate(sorted(words)):
        for end in range(1, len(word) + 1):
            blocks[word[:end]].add(i // block)
            ranks[word[:end]].update(words[word])
    return {start: sorted(ranks[start]) for start, b in blocks.items() if len(b) > most}


def site_term(name: str, *, host: bool) -> str:
    """Return the term of a domain, or of a host."""
    return "@" + ".".join(reversed(name.split("."))) + ("." if host else "")


def in_rank_order(documents: Iterable[Document]) -> list[Document]:
    """Return the documents by descending aesthetic, unknown last, ties by id, then as given."""
    return sorted(documents, key=lambda d: (d.aesthetic is None, -(d.aesthetic or 0), d.id))


def full_text_table(captions: Sequence[str]) -> sqlite3.Connection:
    """Return a database with an FTS5 table `texts(body)`: the referee. Row ids are from 0."""
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE VIRTUAL TABLE texts USING fts5(body, tokenize='{TOKENIZER}')")
    database.executemany("INSERT INTO texts (rowid, body) VALUES (?, ?)", enumerate(captions))
    return database


def tokens_of(texts: Sequence[str]) -> list[list[str]]:
    """Return the tokens of every text, in order, as FTS5 has them."""
    database = full_text_table(texts)
    database.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab(texts, instance)")
    found: list[list[tuple[int, str]]] = [[] for _ in texts]
    for term, number, offset in database.execute("SELECT term, doc, offset FROM vocabulary"):
        found[number].append((offset, term))
    database.close()
    return [[term for _, term in sorted(tokens)] for tokens in found]
