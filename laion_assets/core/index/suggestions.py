"""Series `s`: what to suggest while somebody types: the commonest words, domains and names.

Lives here: choosing them and cutting them into files, one of which is read for what was typed. Not
here: how a search finds anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from laion_assets.core.index.fields import Fields, field_and_value
from laion_assets.core.index.runs import Vocabulary
from laion_assets.core.index.term_files import front_code

#: Words, and values of fields, that are looked at, those of most documents first.
MOST_WORDS = 150_000
MOST_VALUES = 60_000
_EACH = 12  # suggestions that any beginning has at least, as long as there are as many
_LONGEST = 8  # characters of a beginning that is counted
_SHORTEST = 2  # characters of a word worth suggesting
_PER_FILE = 2_000
_SHOWN = 10  # of a beginning that several files have

Suggestion = tuple[str, str, int]  # text, kind ("" or a field), documents


def candidates(vocabulary: Vocabulary, fields: Fields) -> list[Suggestion]:
    """Return what may be suggested: words, and values of fields but years and hosts."""
    return [*_word_suggestions(vocabulary), *_field_suggestions(fields)]


def _word_suggestions(vocabulary: Vocabulary) -> Iterable[Suggestion]:
    order = np.argsort(-vocabulary.counts, kind="stable")[:MOST_WORDS]
    return [(vocabulary.text(n), "", int(vocabulary.counts[n])) for n in order.tolist()]


def _field_suggestions(fields: Fields) -> Iterable[Suggestion]:
    order = np.argsort(-fields.counts, kind="stable")
    found: list[Suggestion] = []
    for n in order.tolist():
        if fields.counts[n] == 0 or len(found) >= MOST_VALUES:
            break
        field, value = field_and_value(fields.text(n))
        if field not in ("year", "host"):
            found.append((value, field, int(fields.counts[n])))
    return found


def choose(found: Iterable[Suggestion]) -> list[Suggestion]:
    """Return those that are among the first of any of their beginnings, sorted by text."""
    taken: Counter[str] = Counter()
    chosen = []
    for text, kind, count in sorted(found, key=lambda s: (-s[2], s[0], s[1])):
        starts = [text[:n] for n in range(1, min(len(text), _LONGEST) + 1)]
        if len(text) >= _SHORTEST and any(taken[start] < _EACH for start in starts):
            taken.update(starts)
            chosen.append((text, kind, count))
    return sorted(chosen)


def files_of(chosen: Sequence[Suggestion]) -> tuple[list[Any], list[str]]:
    """Return the content of each file, and the first text of each but the first."""
    pieces = [chosen[i : i + _PER_FILE] for i in range(0, len(chosen), _PER_FILE)]
    contents: list[Any] = [
        [front_code([s[0] for s in piece]), [s[1] for s in piece], [s[2] for s in piece]]
        for piece in pieces
    ]
    firsts = [piece[0][0] for piece in pieces]
    return [_shared_beginnings(chosen, pieces), *contents], firsts


def _shared_beginnings(
    chosen: Sequence[Suggestion], pieces: Sequence[Sequence[Suggestion]]
) -> dict[str, Any]:
    """Return the first suggestions of each beginning that several files have."""
    several = set()
    for piece, following in pairwise(pieces):
        a, b = piece[-1][0], following[0][0]
        n = 1
        while n <= min(len(a), len(b)) and a[:n] == b[:n]:
            several.add(a[:n])
            n += 1
    best: dict[str, list[Suggestion]] = {start: [] for start in sorted(several)}
    for suggestion in sorted(chosen, key=lambda s: (-s[2], s[0], s[1])):
        text = suggestion[0]
        for n in range(1, len(text) + 1):
            found = best.get(text[:n])
            if found is None:
                break
            if len(found) < _SHOWN:
                found.append(suggestion)
    return {
        start: [[s[0] for s in found], [s[1] for s in found], [s[2] for s in found]]
        for start, found in best.items()
    }
