"""Runs of words are found wherever they stand, by ranges of their first words."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest

from laion_assets.core.index import runs
from laion_assets.core.index.invert import Stream
from laion_assets.core.index.runs import Vocabulary, runs_of
from laion_assets.core.index.spilled import Spilled
from laion_assets.core.index.units import joined, text_at

_WORDS = [b"a", b"bb", b"c", b"dd", b"e"]  # the third is rare
_COUNTS = np.array([100, 90, 3, 80, 70], np.int64)

Found = dict[str, list[tuple[int, list[int]]]]


def found_in(documents: list[list[int]], folder: Path) -> tuple[Found, int]:
    """Return the documents of each run and its places in them, and how many batches they are."""
    ends = np.cumsum([len(own) for own in documents], dtype=np.int64)
    stream = Stream(np.array([n for own in documents for n in own], np.int32), ends)
    file = Spilled(folder / "runs")
    found: Found = {}
    batches = [
        make() for make in runs_of(stream, Vocabulary(*joined(_WORDS), _COUNTS), file).batches()
    ]
    file.close()
    for batch in batches:
        starts, ranks, place_starts, places, _ = batch.postings
        for n in range(len(starts) - 1):
            found[text_at(batch.terms.data, batch.terms.starts, n)] = [
                (int(ranks[j]), places[place_starts[j] : place_starts[j + 1]].tolist())
                for j in range(starts[n], starts[n + 1])
            ]
    return found, len(batches)


def test_runs_are_those_of_the_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two words, neither rare, and three where two of them are often; in pieces and ranges."""
    monkeypatch.setattr(runs, "OFTEN", 60)
    monkeypatch.setattr(runs, "_ITEMS", 300)
    monkeypatch.setattr(runs, "_PIECE", 50)
    chance = Random(7)  # noqa: S311 - test data
    documents = [
        chance.choices(range(5), [9, 5, 1, 1, 1], k=chance.randint(0, 9)) for _ in range(200)
    ]
    often: dict[tuple[int, int], int] = defaultdict(int)
    for own in documents:
        for pair in pairwise(own):
            often[pair] += 1
    expected: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for rank, own in enumerate(documents):
        for place in range(len(own) - 1):
            for size in (2, 3):
                part = own[place : place + size]
                pairs = list(pairwise(part))
                if len(part) < size or 2 in part:
                    continue
                if size == 2 or any(often[pair] > 60 for pair in pairs):
                    text = b" ".join(_WORDS[n] for n in part).decode()
                    expected[text][rank].append(place)
    found, batches = found_in(documents, tmp_path)
    assert found == {text: list(own.items()) for text, own in sorted(expected.items())}
    assert list(found) == sorted(found, key=str.encode)
    assert any(text.count(" ") == 2 for text in found)
    assert batches > 1


def test_no_run_begins_where_places_end(tmp_path: Path) -> None:
    """Places are numbers of 16 bits; what a longer caption holds beyond them is in no run."""
    found, _ = found_in([[0, 1], [0, 1] * 40_000], tmp_path)
    assert found["a bb"] == [(0, [0]), (1, list(range(0, 65_536, 2)))]
    assert found["bb a"] == [(1, list(range(1, 65_536, 2)))]
