"""Every name we ship, over thousands of captions: the rows that mention it are SQLite FTS5's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.cleaning.rules import clean_file
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.names.lists import fold_name, load_entities, load_platforms
from laion_assets.core.names.registry import ENTITY_LISTS
from laion_assets.core.reading.source_file import describe_source
from laion_assets.core.sources.datasets import load_dataset
from laion_assets.core.text.matching import compile_names, match_names
from laion_assets.sample import write_sample
from tests.referee import Fts5Referee, fts5_string
from tests.repository import SHARED

REAL_CAPTIONS = SHARED / "data" / "laion_urls_captions_5k.parquet"


@dataclass(frozen=True)
class Corpus:
    """Cleaned captions, FTS5 over them, and the least number of mentions they must come to."""

    captions: pa.ChunkedArray
    referee: Fts5Referee
    least: int

    def rows_of_any(self, phrases: Sequence[str]) -> list[int]:
        """Return the rows in which FTS5 finds one of the phrases, ascending."""
        match = " OR ".join(fts5_string(phrase) for phrase in phrases)
        query = "SELECT rowid FROM captions WHERE captions MATCH ? ORDER BY rowid"
        return [row for (row,) in self.referee.database.execute(query, [match])]


def cleaned(sources: Sequence[Path], folder: Path) -> pa.ChunkedArray:
    """Return the captions of the rows that cleaning keeps, as they are matched and shown."""
    chunks = []
    with duckdb.connect() as connection:
        for source in sources:
            clean_file(
                connection,
                source,
                describe_source(source, load_dataset("files")).layout,
                Thresholds(),
                images=folder / "images.parquet",
                rejects=folder / "rejects.parquet",
                keys=folder / "row_keys.parquet",
            )
            chunks += pq.read_table(folder / "images.parquet")["caption"].chunks
    return pa.chunked_array(chunks)


@pytest.fixture(scope="module", params=["real", "sample"])
def corpus(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Corpus]:
    """The 5,000 real rows beside the checkout, and the whole embedded sample."""
    folder = tmp_path_factory.mktemp("cleaned")
    if request.param == "sample":
        sources, rows, least = write_sample(folder / "sample"), 59_000, 10_000
    elif REAL_CAPTIONS.exists():
        sources, rows, least = [REAL_CAPTIONS], 4_990, 900
    else:
        pytest.skip("the shared captions are not beside this checkout")
    captions = cleaned(sources, folder)
    assert len(captions) > rows
    with Fts5Referee(captions.to_pylist()) as referee:
        yield Corpus(captions, referee, least)


@pytest.fixture(scope="module")
def names() -> dict[tuple[str, str], tuple[str, ...]]:
    """The phrases of every name of every list, and of every platform that has a letter."""
    listed = {
        (list_name, entity.name): entity.phrases
        for list_name in ENTITY_LISTS
        for entity in load_entities(list_name)
    }
    platforms = {p.platform for p in load_platforms() if fold_name(p.platform)}
    return listed | {("platforms", name): (name,) for name in sorted(platforms)}


def our_rows(groups: Sequence[Sequence[str]], captions: pa.ChunkedArray) -> list[list[int]]:
    """Return the rows that mention each group of phrases."""
    numbered = [(number, phrase) for number, group in enumerate(groups) for phrase in group]
    hits = match_names(compile_names(numbered), captions, threads=2)
    order = np.argsort(hits.name, kind="stable")
    ends = np.searchsorted(hits.name[order], np.arange(len(groups) + 1))
    rows = hits.row[order].tolist()
    return [rows[start:end] for start, end in pairwise(ends)]


def assert_rows_are_fts5s(groups: Sequence[Sequence[str]], corpus: Corpus) -> None:
    """Compare the rows of every group of phrases."""
    ours = our_rows(groups, corpus.captions)
    wrong = [
        (group, len(mine), len(theirs))
        for group, mine in zip(groups, ours, strict=True)
        if mine != (theirs := corpus.rows_of_any(group))
    ]
    assert wrong == []
    assert sum(map(len, ours)) > corpus.least


def test_every_name_is_mentioned_where_fts5_finds_it(
    corpus: Corpus, names: dict[tuple[str, str], tuple[str, ...]]
) -> None:
    """A name by any of its phrases: not one row more or less, for artists as for platforms."""
    assert_rows_are_fts5s(list(names.values()), corpus)


def test_every_phrase_is_mentioned_where_fts5_finds_it(
    corpus: Corpus, names: dict[tuple[str, str], tuple[str, ...]]
) -> None:
    """Each name and each alias by itself."""
    phrases = sorted({phrase for group in names.values() for phrase in group})
    assert len(phrases) > len(names)
    assert_rows_are_fts5s([(phrase,) for phrase in phrases], corpus)
