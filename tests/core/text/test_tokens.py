"""Tokens: the shared vectors, FTS5's oddities, and every shape an Arrow column comes in."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import chain, pairwise

import numpy as np
import pyarrow as pa
import pytest

from laion_assets.core.text import kernels
from laion_assets.core.text.tables import JOINS, SEPARATES, TOKEN, character_tables, table_text
from laion_assets.core.text.tokens import (
    InternedTokens,
    intern_tokens,
    intern_with_terms,
    tokenise,
)
from tests.referee import Fts5Referee

VECTORS = json.loads(
    files("laion_assets.core.text").joinpath("token_vectors.json").read_text(encoding="ascii")
)
CAPTIONS = ["Dalí’s clocks", None, "", "the the THE", "漢字 😀 \x00 e\u0301", "…", "last one"]


def spelled_out(interned: InternedTokens) -> list[list[str]]:
    """Return the tokens of every caption as text."""
    words = [term.decode("utf-8", "surrogateescape") for term in interned.vocabulary.to_pylist()]
    terms = [words[term] for term in interned.terms]
    offsets = interned.offsets.tolist()
    return [terms[a:b] for a, b in pairwise(offsets)]


def expected(captions: list[str | None]) -> list[list[str]]:
    """Return what the reference version makes of captions."""
    return [tokenise(caption or "") for caption in captions]


@pytest.mark.parametrize(("text", "tokens"), VECTORS)
def test_vector(text: str, tokens: list[str]) -> None:
    """Both versions find in a shared vector the tokens that SQLite found."""
    assert tokenise(text) == tokens
    assert spelled_out(intern_tokens(pa.array([text]))) == [tokens]


def test_every_code_point_does_what_sqlite_makes_it_do() -> None:
    """The generated table agrees with the SQLite at hand on every code point."""
    # Where a and b end up, and with what between them, tells class and fold; whether what joins
    # opens a token too shows alone.
    probes = [f"a{chr(code)}b" for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    probes += [chr(code) for code in np.flatnonzero(character_tables().classes == JOINS)]
    captions = [" ".join(probes[start : start + 50_000]) for start in range(0, len(probes), 50_000)]
    interned = intern_tokens(pa.array(captions))
    ours = interned.vocabulary.take(pa.array(interned.terms)).cast(pa.large_string()).to_pylist()
    with Fts5Referee(captions) as referee:
        rows = referee.caption_tokens()
    assert ours == list(chain.from_iterable(rows[row] for row in range(len(captions))))


def test_table_is_small_enough_to_send_and_names_its_sqlite() -> None:
    """The generated table is a few kilobytes and says which SQLite it comes from."""
    assert len(table_text()) < 25_000
    assert character_tables().sqlite_version.startswith("3.")


def test_table_knows_three_classes() -> None:
    """Letters make tokens, some marks only join, the rest separates, lone surrogates too."""
    classes, folds = character_tables().classes, character_tables().folds
    assert [classes[ord(c)] for c in "aÉ９\ue000"] == [TOKEN] * 4
    assert [classes[ord(c)] for c in "\u0301\u0327"] == [JOINS] * 2
    assert [classes[ord(c)] for c in "\x00 _’\u0345😀\ud800\udfff"] == [SEPARATES] * 8
    assert [chr(folds[ord(c)]) for c in "aÉſΣİ-"] == ["a", "e", "s", "σ", "i", "-"]


@pytest.mark.parametrize(
    "text",
    ["a" * 40_000 + " b", "é" * 40_000, "a漢" * 20_000, "b" + "漢" * 20_000, "x" * 32_768 + "y z"],
)
def test_overlong_token_is_cut_where_fts5_cuts_it(text: str) -> None:
    """A token ends after 32,768 bytes, inside a character if need be, and the next is whole."""
    with Fts5Referee() as referee:
        tokens = referee.tokens(text)
    assert tokenise(text) == tokens
    assert spelled_out(intern_tokens(pa.array([text]))) == [tokens]
    assert max(len(token.encode("utf-8", "surrogateescape")) for token in tokens) == 32_768


def test_overlong_tokens_alike_in_what_is_kept_are_one_term() -> None:
    """Tokens that differ only beyond the cut are the same term."""
    interned = intern_tokens(pa.array(["a" * 32_768 + "b", "a" * 50_000]))
    assert interned.terms.tolist() == [0, 0]


def test_lone_surrogates_separate() -> None:
    """Half a surrogate pair, which UTF-8 cannot hold, ends a token."""
    assert tokenise("a\ud83db \udc00") == ["a", "b"]


@pytest.mark.parametrize(
    "text",
    [
        b"a\xffb \xc3 \xc3( \xe2\x82 end",
        b"\xc1\xa1 overlong \xe0\x81\xa1 \xf0\x80\x81\xa1",
        b"\xed\xa0\x80 surrogate \xed\xbf\xbfx",
        b"\xb5 lone \x80a\xaab",
        b"\xf4\x90\x80\x80 beyond \xf7\xbf\xbf\xbf \xfe\xbf\xbf \xfb\xbf\xbf\xbf\xbf",
        b"\xc3\xa9\xa9\xa9\xa9\xa9\xa9\xa9\xa9 long \xe6\xbc",
    ],
)
def test_invalid_utf8_gives_fts5s_tokens(text: bytes) -> None:
    """Bytes that are not UTF-8 are read as SQLite reads them, and never beyond the caption."""
    offsets = pa.py_buffer(np.array([0, len(text)], np.int32))
    column = pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(text + b"\xa9z")])
    with Fts5Referee() as referee:
        assert spelled_out(intern_tokens(column)) == [referee.tokens(text)]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
@pytest.mark.parametrize("bounds", [(0, 7), (1, 7), (3, 5), (2, 2), (6, 7)])
def test_slices_of_both_string_types_are_read_from_their_offset(
    kind: pa.DataType, bounds: tuple[int, int]
) -> None:
    """A slice yields its own captions; nulls and empty texts have no tokens."""
    start, stop = bounds
    column = pa.array(CAPTIONS, kind)[start:stop]
    assert spelled_out(intern_tokens(column)) == expected(CAPTIONS[start:stop])


#: Tokens of one to twenty letters, ended by every ASCII character and by wide ones, from every
#: place within eight bytes: what the short way through ASCII has to get right.
SHORT_WAY = [
    " " * before + ("aZ09" * 5)[:length] + ending + "b"
    for before in range(9)
    for length in range(1, 21)
    for ending in (*map(chr, range(128)), "é", "\u0301", "ß", "漢", "\u2019", "")
]


def test_tokens_are_the_same_wherever_and_however_they_end() -> None:
    """Eight bytes at once or one by one: the reference version's tokens."""
    assert spelled_out(intern_tokens(pa.array(SHORT_WAY))) == expected(list(SHORT_WAY))


@pytest.mark.parametrize("shift", range(9))
def test_a_buffer_may_begin_anywhere(shift: int) -> None:
    """Arrow aligns its own buffers; one from elsewhere begins where it will."""
    text = "The quick, brown fox JUMPS over extraordinarily lazy dogs; été 2021".encode()
    data = pa.py_buffer(b"#" * shift + text)[shift:]
    offsets = pa.py_buffer(np.array([0, len(text)], np.int32))
    column = pa.Array.from_buffers(pa.string(), 1, [None, offsets, data])
    assert spelled_out(intern_tokens(column)) == [tokenise(text.decode())]


def test_chunks_make_no_difference() -> None:
    """However a column is chunked, offsets, terms and vocabulary are the same."""
    whole = intern_tokens(pa.array(CAPTIONS))
    chunked = pa.chunked_array(
        [CAPTIONS[:1], [], CAPTIONS[1:2], CAPTIONS[2:5], CAPTIONS[5:]], pa.string()
    )
    pieces = intern_tokens(chunked)
    assert pieces.offsets.tolist() == whole.offsets.tolist()
    assert pieces.terms.tolist() == whole.terms.tolist()
    assert pieces.vocabulary == whole.vocabulary


def test_column_without_rows_has_no_tokens() -> None:
    """Empty arrays and arrays of no chunks are fine."""
    for column in (pa.array([], pa.string()), pa.chunked_array([], pa.large_string())):
        interned = intern_tokens(column)
        assert interned.offsets.tolist() == [0]
        assert interned.terms.size == len(interned.vocabulary) == 0


def test_bytes_behind_a_null_are_not_read() -> None:
    """Arrow allows a null to hide text; it is no caption."""
    offsets = pa.py_buffer(np.array([0, 6, 9], np.int32))
    valid = pa.py_buffer(bytes([0b10]))
    column = pa.Array.from_buffers(
        pa.string(), 2, [valid, offsets, pa.py_buffer(b"hiddenyes")], null_count=1
    )
    assert spelled_out(intern_tokens(column)) == [[], ["yes"]]


def test_terms_are_numbered_by_first_occurrence() -> None:
    """The vocabulary lists distinct terms in the order they first occur."""
    interned = intern_tokens(pa.array(["b a B", "c á b"]))
    assert interned.vocabulary.to_pylist() == [b"b", b"a", b"c"]
    assert interned.terms.tolist() == [0, 1, 0, 2, 1, 0]
    assert interned.offsets.tolist() == [0, 3, 6]
    types = (interned.offsets.dtype, interned.terms.dtype, interned.vocabulary.type)
    assert types == (np.int64, np.int32, pa.large_binary())


def test_vocabulary_grows_without_losing_terms() -> None:
    """A hundred thousand distinct terms, some long, keep their numbers while the table grows."""
    words = [f"w{number:x}" + "x" * (number % 50) for number in range(100_000)]
    interned = intern_tokens(pa.array([" ".join(words), " ".join(reversed(words))]))
    assert interned.vocabulary.to_pylist() == [word.encode() for word in words]
    assert np.array_equal(interned.terms[:100_000], np.arange(100_000))
    assert np.array_equal(interned.terms[100_000:], np.arange(100_000)[::-1])


def test_equal_hashes_do_not_make_equal_terms() -> None:
    """Whatever its hash, a token is a known term only if the bytes are the same."""
    _, terms = intern_with_terms(pa.array(["abc"]))
    found = [
        kernels.find_term(terms, terms.hashes[0], np.frombuffer(token, np.uint8).copy(), 0, size)
        for token, size in ((b"abc", 3), (b"abd", 3), (b"abc", 2), (b"abcd", 4))
    ]
    assert [max(term, -1) for term in found] == [0, -1, -1, -1]


@pytest.mark.parametrize("column", [pa.array([1, 2]), pa.array([b"a"]), pa.nulls(3)])
def test_other_types_are_refused(column: pa.Array) -> None:
    """Only string and large_string are captions."""
    with pytest.raises(TypeError, match="captions must be string or large_string"):
        intern_tokens(column)


def test_interner_is_compiled_once_for_all_kinds_of_columns() -> None:
    """Whatever the column, one compiled version serves it: compiling takes seconds."""
    for kind in (pa.string(), pa.large_string()):
        for column in (pa.array(CAPTIONS, kind), pa.array(CAPTIONS, kind)[2:], pa.array([], kind)):
            intern_tokens(column)
            intern_tokens(pa.concat_arrays([column, column]))
    assert len(kernels.intern.signatures) == 1
