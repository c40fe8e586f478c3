"""Matching: what counts as a mention, and that counts are FTS5's on real captions."""

from __future__ import annotations

import copy
import csv
import pickle
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.base.package import LISTS
from laion_assets.core.text import matching, trie_kernels
from laion_assets.core.text.matching import compile_names, match_names
from laion_assets.core.text.tokens import reading, tokenise
from tests.referee import Fts5Referee
from tests.repository import SHARED

REAL_CAPTIONS = SHARED / "data" / "laion_urls_captions_5k.parquet"
REFERENCE_NAMES = SHARED / "names"


def mentions(
    phrases: list[tuple[int, str]], captions: list[str | None], threads: int = 1
) -> list[tuple[int, int]]:
    """Return the (row, name) pairs that matching finds."""
    hits = match_names(compile_names(phrases), pa.array(captions, pa.string()), threads=threads)
    return list(zip(hits.row.tolist(), hits.name.tolist(), strict=True))


def test_name_matches_as_a_contiguous_run_of_whole_tokens() -> None:
    """Neither a part of a word nor words apart or in another order are a mention."""
    captions = ["art by Salvador Dali!", "Salvador and Dali", "Dali Salvador", "Salvador Dalis"]
    assert mentions([(1, "Salvador Dali")], captions) == [(0, 1)]


def test_case_diacritics_and_punctuation_make_no_difference() -> None:
    """A name matches however it is typed, as far as FTS5's tokens are the same."""
    captions = ["GEORGIA O'KEEFFE", "georgia_o-keeffe.jpg", "Georgia O’Kéeffe’s", "Georgia OKeeffe"]
    assert mentions([(1, "Georgia O’Keeffe")], captions) == [(0, 1), (1, 1), (2, 1)]


def test_name_counts_once_per_caption() -> None:
    """Repetitions, and several aliases of one name, are one mention."""
    phrases = [(4, "Monet"), (4, "Claude Monet"), (4, "Oscar-Claude Monet")]
    captions = ["Monet, Claude Monet, monet, Oscar Claude Monet", "Claude", "Monet"]
    assert mentions(phrases, captions) == [(0, 4), (2, 4)]


def test_overlapping_names_all_count() -> None:
    """A name inside, around or across another counts too."""
    phrases = [(1, "van Gogh"), (2, "Vincent van Gogh"), (3, "Gogh Museum"), (4, "van")]
    captions = ["the Vincent van Gogh Museum", "van Gogh"]
    assert mentions(phrases, captions) == [(0, 1), (0, 2), (0, 3), (0, 4), (1, 1), (1, 4)]


def test_one_phrase_may_belong_to_several_names() -> None:
    """Two names with the same tokens both count."""
    assert mentions([(7, "Pink"), (3, "P!nk"), (5, "PINK")], ["pink"]) == [(0, 5), (0, 7)]


def test_run_of_repeated_words_matches_from_every_start() -> None:
    """A false start does not hide the match that begins inside it."""
    captions = ["duran duran duran", "duran", "a a b", "a a a b"]
    phrases = [(1, "Duran Duran"), (2, "a a b")]
    assert mentions(phrases, captions) == [(0, 1), (2, 2), (3, 2)]


def test_unknown_word_interrupts_a_run() -> None:
    """A word in no name still separates the words around it."""
    assert mentions([(1, "a b"), (2, "b c")], ["a x b c", "a, b; x c"]) == [(0, 2), (1, 1)]


def test_nulls_and_empty_captions_mention_nothing_but_keep_their_rows() -> None:
    """Rows are counted over the whole column."""
    assert mentions([(1, "x")], [None, "", "x", None, "x"]) == [(2, 1), (4, 1)]


def test_hits_are_sorted_by_row_then_number() -> None:
    """The caller's numbers come back, in ascending order within a row, as int32."""
    phrases = [(2_147_483_647, "a"), (-5, "b"), (12, "c")]
    hits = match_names(compile_names(phrases), pa.array(["c a b", "b a"]))
    assert hits.row.tolist() == [0, 0, 0, 1, 1]
    assert hits.name.tolist() == [-5, 12, 2_147_483_647, -5, 2_147_483_647]
    assert (hits.row.dtype, hits.name.dtype) == (np.int64, np.int32)


@pytest.mark.parametrize("phrase", ["", "!?", "😀", "\u0301", "\ud800"])
def test_phrase_without_tokens_is_an_error(phrase: str) -> None:
    """A name that could never match is refused by name."""
    with pytest.raises(ValueError, match="no letters or digits"):
        compile_names([(1, "fine"), (2, phrase)])


def test_number_beyond_int32_is_an_error() -> None:
    """Numbers that the result could not hold are refused."""
    with pytest.raises(OverflowError):
        compile_names([(2**31, "a")])


def test_no_names_match_nothing() -> None:
    """An empty list of names compiles and finds nothing."""
    assert mentions([], ["a", "b"]) == []


def test_other_column_types_are_refused() -> None:
    """Only string and large_string are captions."""
    with pytest.raises(TypeError, match="captions must be string or large_string"):
        match_names(compile_names([(1, "a")]), pa.array([1]))


def test_overlong_token_matches_by_what_fts5_keeps() -> None:
    """Tokens are equal if they are so up to the cut, as in FTS5."""
    captions = ["a" * 32_768 + "b", "a" * 32_767 + "b", "a" * 40_000]
    name = "a" * 33_000
    with Fts5Referee(captions) as referee:
        rows = referee.rows_phrase(name)
    assert mentions([(0, name)], captions) == [(row, 0) for row in rows]
    assert rows == [0, 2]


def test_caption_that_mentions_thousands_of_names_loses_none() -> None:
    """More mentions in a caption than the first buffer holds are all found, in order."""
    names = [(number, f"name {number}") for number in range(5_000)]
    caption = " ".join(text for _, text in reversed(names))
    assert mentions(names, ["nothing", caption]) == [(1, number) for number in range(5_000)]


def test_pieces_and_threads_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """However the column is cut for however many threads, the hits are the same."""
    captions = [f"{row % 7} of {row % 11}" if row % 5 else None for row in range(1_000)]
    compiled = compile_names([(n, f"{n} of") for n in range(7)] + [(n, f"{n}") for n in range(11)])
    whole = match_names(compiled, pa.array(captions), threads=1)
    monkeypatch.setattr(matching, "PIECE_ROWS", 17)
    column = pa.chunked_array([captions[:301], [], captions[301:]], pa.large_string())
    for threads in (1, 4):
        hits = match_names(compiled, column, threads=threads)
        assert hits.row.tolist() == whole.row.tolist()
        assert hits.name.tolist() == whole.name.tolist()
    assert whole.row.size > 1_000


def test_matcher_is_compiled_once_for_all_kinds_of_columns() -> None:
    """Whatever the column, one compiled version serves it: compiling takes seconds."""
    compiled = compile_names([(1, "a b"), (2, "b")])
    for kind in (pa.string(), pa.large_string()):
        for column in (pa.array(["a b", None], kind), pa.array(["a", "b"], kind)[1:]):
            match_names(compiled, column, threads=2)
    match_names(compile_names([]), pa.array(["a"]))
    assert len(trie_kernels.match.signatures) == 1
    assert len(trie_kernels.build_trie.signatures) == 1


@pytest.fixture(scope="module")
def real_captions() -> pa.ChunkedArray:
    """Return the real captions, which are beside the checkout or not at hand."""
    if not REAL_CAPTIONS.exists():
        pytest.skip("the shared captions are not beside this checkout")
    return pq.read_table(REAL_CAPTIONS, columns=["TEXT"])["TEXT"]


@pytest.fixture(scope="module")
def real_referee(real_captions: pa.ChunkedArray) -> Iterator[Fts5Referee]:
    """Return FTS5 over the real captions."""
    with Fts5Referee(real_captions.to_pylist()) as referee:
        yield referee


def assert_counts_are_fts5s(
    phrases: list[str], captions: pa.ChunkedArray, referee: Fts5Referee
) -> int:
    """Compare the count of every phrase that has tokens; return how many mentions there were."""
    phrases = sorted({phrase for phrase in phrases if tokenise(phrase)})
    hits = match_names(compile_names(list(enumerate(phrases))), captions, threads=2)
    counts = Counter(hits.name.tolist())
    wrong = [
        (phrase, counts[number], theirs)
        for number, phrase in enumerate(phrases)
        if counts[number] != (theirs := referee.count_phrase(phrase))
    ]
    assert wrong == []
    return hits.row.size


@pytest.mark.parametrize("path", sorted(LISTS.glob("*.csv")), ids=lambda path: path.name)
def test_every_shipped_name_counts_as_in_fts5(
    path: Path, real_captions: pa.ChunkedArray, real_referee: Fts5Referee
) -> None:
    """Over real captions, each name and alias of a list counts exactly what FTS5 counts."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    phrases = [
        phrase
        for row in rows
        for column in ("name", "aliases", "context")
        for phrase in (row.get(column) or "").split("|")
    ]
    assert_counts_are_fts5s(phrases, real_captions, real_referee)


@pytest.mark.parametrize("path", sorted(REFERENCE_NAMES.glob("*.csv")), ids=lambda path: path.name)
def test_every_cell_of_the_reference_lists_counts_as_in_fts5(
    path: Path, real_captions: pa.ChunkedArray, real_referee: Fts5Referee
) -> None:
    """Dirty lists, taken cell by cell as phrases, count exactly what FTS5 counts."""
    with path.open(encoding="utf-8", newline="") as file:
        phrases = [cell for row in csv.reader(file) for cell in row]
    assert assert_counts_are_fts5s(phrases, real_captions, real_referee) > 300


def test_every_run_of_words_in_real_captions_counts_as_in_fts5(
    real_captions: pa.ChunkedArray, real_referee: Fts5Referee
) -> None:
    """Runs of one to four words taken from the captions themselves count as FTS5 counts them."""
    phrases = []
    for caption in real_captions.to_pylist()[::5]:
        words = (caption or "").split()
        phrases += [" ".join(words[start : start + 1 + start % 4]) for start in range(len(words))]
    assert assert_counts_are_fts5s(phrases, real_captions, real_referee) > 10_000


def test_compiled_names_refuse_to_leave_their_process() -> None:
    """Elsewhere the seed of the hashes is another: they would match nothing, without a word."""
    names = compile_names([(1, "Salvador Dali")])
    for part in (names, names.terms, names.trie, reading()):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="make it anew in the other"):
                pickle.dumps(part, protocol)
        with pytest.raises(TypeError, match="make it anew in the other"):
            copy.deepcopy(part)
