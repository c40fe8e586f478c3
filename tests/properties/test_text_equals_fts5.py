"""Properties: whatever the text, tokens and counts are SQLite FTS5's.

Hypothesis draws the same examples every time (`derandomize`), so that a run can be repeated.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laion_assets.core.text import matching
from laion_assets.core.text.matching import compile_names, match_names
from laion_assets.core.text.tokens import InternedTokens, intern_tokens, tokenise
from tests.referee import Fts5Referee

many = settings(max_examples=100)

HOSTILE = (
    "aAbéÉzZ09 .,-_'’ʼ\"*^:(){}+\x00\t\n\x7f\u00a0ßſıİΣςσµªºÅﬀＡａ２²½Ⅷⅷ①"
    "\u0300\u0301\u0305\u0308\u0323\u0327\u0328\u0331\u0338\u0345\u034f\u0483\u05b0\u064b\u093c"
    "\u00ad\u200b\u200c\u200d\u200e\u202e\u2060\ufe0f\ufeff\ufffd\ufffe\uffff"
    "漢字かガｶﾞ한ᄀกำעअ्ﷺٱ٣৩\ue000\uf8ff\U000f0000\U0010ffff😀👍🏽🧠𝒜𐐀𠀀\u0378\u1e9e\u1ffcȺꭰᏸ"
)
BROKEN_PIECES = (
    *(b"\xc3", b"\xe6\xbc", b"\xc1\xa1", b"\xe0\x81\xa1", b"\xed\xa0\x80", b"\xef\xbf\xbe"),
    *(b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x81\xa0", b"\xfd\xbf\xbf\xbf\xbf\xbf", b"\xfe"),
    *(b"\xb5", b"\xaa\xaa", b"a", b" "),
)
characters = st.one_of(
    st.sampled_from(HOSTILE), st.sampled_from("ab c"), st.characters(exclude_categories=["Cs"])
)
texts = st.text(characters, max_size=30)
columns = st.lists(st.none() | texts, max_size=12)
broken = st.lists(
    st.binary(max_size=6) | texts.map(str.encode) | st.sampled_from(BROKEN_PIECES),
    max_size=8,
).map(b"".join)
words = st.sampled_from(
    [
        "a",
        "A",
        "á",
        "a\u0301",
        "b",
        "B’",
        "ﬀ",
        "ß",
        "ς",
        "Σ",
        "İ",
        "漢",
        "漢字",
        "😀",
        "\u0301",
        "2",
        "²",
    ]
)
separators = st.sampled_from(
    [" ", " ", "-", "’", "\u00a0", "\u00ad", "\x00", '"', "\u0301", "", "😀"]
)
runs = st.lists(st.tuples(words, separators), max_size=9).map(
    lambda pairs: "".join(word + separator for word, separator in pairs)
)
phrases = st.lists(
    st.tuples(st.integers(-3, 9), runs | texts).filter(lambda pair: tokenise(pair[1])), max_size=20
)


def spelled_out(interned: InternedTokens) -> list[list[str]]:
    """Return the tokens of every caption as text."""
    terms = interned.vocabulary.take(pa.array(interned.terms)).to_pylist()
    spelled = [term.decode("utf-8", "surrogateescape") for term in terms]
    offsets = interned.offsets.tolist()
    return [spelled[a:b] for a, b in pairwise(offsets)]


@many
@given(columns)
def test_tokens_are_fts5s(captions: list[str | None]) -> None:
    """The reference version finds FTS5's tokens, in FTS5's order."""
    with Fts5Referee(captions) as referee:
        theirs = referee.caption_tokens()
    for row, caption in enumerate(captions):
        assert tokenise(caption or "") == theirs.get(row, [])


@many
@given(st.lists(broken, max_size=12))
def test_interned_tokens_are_fts5s_even_for_invalid_utf8(captions: list[bytes]) -> None:
    """The interner reads any bytes as SQLite does."""
    column = pa.array(captions, pa.binary())
    column = pa.Array.from_buffers(pa.string(), len(captions), column.buffers())
    with Fts5Referee(captions) as referee:
        theirs = referee.caption_tokens()
    assert spelled_out(intern_tokens(column)) == [
        theirs.get(row, []) for row in range(len(captions))
    ]


@many
@given(
    columns,
    st.integers(0, 12),
    st.integers(0, 12),
    st.sampled_from([pa.string(), pa.large_string()]),
)
def test_interner_equals_reference_however_the_column_is_cut(
    captions: list[str | None], first: int, second: int, kind: pa.DataType
) -> None:
    """Slices and chunks of a column yield what the reference version finds."""
    whole = pa.array(captions, kind)
    chunked = pa.chunked_array([whole[:first], whole[first:][:second], whole[first:][second:]])
    assert spelled_out(intern_tokens(chunked)) == [tokenise(caption or "") for caption in captions]
    assert intern_tokens(chunked).vocabulary == intern_tokens(whole).vocabulary
    assert spelled_out(intern_tokens(whole[first:])) == [
        tokenise(caption or "") for caption in captions[first:]
    ]


@many
@given(phrases, st.lists(st.none() | runs | texts, max_size=25))
def test_name_matches_the_rows_that_fts5_matches(
    named: list[tuple[int, str]], captions: list[str | None]
) -> None:
    """The rows of a name are those of its phrases in FTS5, each once, sorted by row and number."""
    hits = match_names(compile_names(named), pa.array(captions, pa.string()))
    with Fts5Referee(captions) as referee:
        theirs = {(row, number) for number, phrase in named for row in referee.rows_phrase(phrase)}
    assert list(zip(hits.row.tolist(), hits.name.tolist(), strict=True)) == sorted(theirs)


@many
@given(phrases, st.lists(st.none() | runs, max_size=40), st.integers(1, 9))
def test_threads_make_no_difference(
    named: list[tuple[int, str]], captions: list[str | None], rows: int
) -> None:
    """One thread over the whole column and four over small pieces find the same."""
    compiled = compile_names(named)
    column = pa.array(captions, pa.string())
    one = match_names(compiled, column, threads=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "PIECE_ROWS", rows)
        four = match_names(compiled, column, threads=4)
    assert np.array_equal(one.row, four.row)
    assert np.array_equal(one.name, four.name)
