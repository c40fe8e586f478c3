"""Properties of the index's small parts: lists, units, front coding, scripts, canonical URLs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from laion_assets.core.cleaning.urls import canonical_url
from laion_assets.core.index.common import Common, look_through
from laion_assets.core.index.directory import json_script, to_json
from laion_assets.core.index.invert import Stream
from laion_assets.core.index.lists import (
    NO_ITEMS,
    NOTHING_BESIDE,
    Postings,
    emit,
    encode_lists,
    finish,
    rice,
)
from laion_assets.core.index.term_files import front_code
from laion_assets.core.index.units import to_units
from tests.index_reader import Bits, decode_fronts, read_script
from tests.index_reader import to_bytes as units_to_bytes
from tests.row_tables import url_value

many = settings(max_examples=300)

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
words = st.text(st.sampled_from("ab:é漢\ue000\U0001f600\U0001f601\U00010000'\\\u2028"), max_size=6)
url_pieces = st.sampled_from(
    [
        "http://", "https://", "HTTPS://", "a.com", "A.Com", "BÜCHER.de", ":80", ":443", ":8080",
        ".", "/", "?", "#", "\\", "@", "&", "amp;", "&amp;", "&#38;", "&#x26;", "&#47;", "&reg=1",
        "x", "%2F", " ", "İ", "ΑΣ", "[::1]",
    ]
)  # fmt: skip
urls = st.lists(url_pieces, max_size=8).map("".join)


@many
@given(
    numbers=st.sets(st.integers(0, 2**30 - 1), min_size=1)
    | st.sets(st.integers(0, 99), min_size=1),
    chance=st.randoms(use_true_random=False),
    placed=st.booleans(),
    most=st.sampled_from([1, 4, 100]),
)
def test_numbers_and_places_come_back_from_a_list(
    numbers: set[int], chance: Random, most: int, *, placed: bool
) -> None:
    """Any ascending numbers of 30 bits, close together or far apart, with places or without."""
    ordered = sorted(numbers)
    items = [sorted(chance.sample(range(3_000), chance.randint(1, most))) for _ in ordered]
    flat = np.array([item for own in items for item in own], np.uint16)
    item_starts = np.cumsum([0, *map(len, items)]).astype(np.int64)
    postings = Postings(
        np.array([0, len(ordered)], np.int64),
        np.arange(len(ordered), dtype=np.uint32),
        *((item_starts, flat) if placed else NO_ITEMS),
        NOTHING_BESIDE,
    )
    encoded = encode_lists(
        postings, np.array(ordered, np.uint32), np.zeros(1, np.int64), np.zeros(1, bool)
    )
    bits, before = Bits(encoded.units.tolist()), -1
    for number, own in zip(ordered, items, strict=True):
        before += bits.code(int(encoded.k[0])) + 1
        assert before == number
        assert not placed or bits.items(1) == own
    assert bits.left() < 15


@many
@given(
    documents=st.lists(
        st.tuples(*(st.lists(st.integers(0, 7), max_size=12) for _ in range(2))), max_size=12
    ),
    many_hot=st.booleans(),
)
def test_common_terms_of_documents_are_counted_and_named(
    documents: list[tuple[list[int], list[int]]], *, many_hot: bool
) -> None:
    """Pairs of common terms, each once a document, and the hot terms beside any list of it."""
    # Words 0, 3 and 7 are not common; fields all are; hot ones are the first, or far apart.
    of_words = np.array([-1, 0, 2, -1, 9, 70, 95, -1], np.int32)
    of_fields = np.array([1, 4, 5, 14, 40, 60, 80, 99], np.int32)
    hot = 96 if many_hot else 4
    common = Common(of_words, of_fields, 100, [("w", 0)] * hot)
    streams = [
        Stream(
            np.array([term for own in side for term in own], np.int32),
            np.cumsum([len(own) for own in side], dtype=np.int64),
        )
        for side in ([own[0] for own in documents], [own[1] for own in documents])
    ]
    with ThreadPoolExecutor(2) as pool:
        found, beside = look_through(common, streams[0], streams[1], pool)()
    terms = [
        sorted({int(of_words[n]) for n in words} - {-1} | {int(of_fields[n]) for n in fields})
        for words, fields in documents
    ]
    shared = np.zeros(100 * 101 // 2, np.uint32)
    for own in terms:
        for a in own:
            shared[[a * (a + 1) // 2 + b for b in own if b <= a]] += 1
    assert found.tolist() == shared.tolist()
    every = np.arange(len(terms), dtype=np.uint32)
    postings = Postings(np.array([0, len(terms)], np.int64), every, *NO_ITEMS, beside)
    for bare in (False, True):
        encoded = encode_lists(postings, every, np.zeros(1, np.int64), np.array([bare]))
        bits = Bits(encoded.units.tolist())
        for own in terms:
            assert bits.code(int(encoded.k[0])) == 0
            assert bare or bits.items(0) == [term for term in own if term < hot]
        assert bits.left() < 15


@many
@given(
    numbers=st.lists(
        st.tuples(st.integers(0, 2**30 - 1), st.integers(0, 29)), min_size=1, max_size=40
    ),
    widths=st.lists(st.integers(1, 60), min_size=1, max_size=9),
)
def test_bits_of_any_width_follow_one_another(
    numbers: list[tuple[int, int]], widths: list[int]
) -> None:
    """Rice codes of any quotient, in full too, and up to sixty bits at once, wherever they fall."""
    units = np.zeros(10 * len(numbers) + 16, np.uint16)
    at, held, bits = 0, 0, 0
    codes = [(*rice(value, k), value, k) for value, k in numbers]
    for n, (code, width, _, _) in enumerate(codes):
        other = widths[n % len(widths)]
        at, held, bits = emit(units, at, held, bits, (1 << other) - 1, other)
        at, held, bits = emit(units, at, held, bits, code, width)
    read = Bits(units[: finish(units, at, held, bits)].tolist())
    for n, (_, _, value, k) in enumerate(codes):
        other = widths[n % len(widths)]
        assert read.take(other) == (1 << other) - 1
        assert read.code(k) == value
    assert read.left() < 15


@many
@given(data=st.binary(max_size=40))
def test_bytes_come_back_from_units(data: bytes) -> None:
    """Whole bytes, with fewer than fifteen bits more."""
    units = to_units(np.frombuffer(data, np.uint8))
    assert units_to_bytes(units.tolist())[: len(data)] == data
    assert 0 <= len(units) * 15 - len(data) * 8 < 15


@many
@given(terms=st.sets(words))
def test_terms_come_back_from_front_coding(terms: set[str]) -> None:
    """Sorted by code point and cut by UTF-16 unit: no character is split, none is lost."""
    ordered = sorted(terms)
    assert decode_fronts(*front_code(ordered)) == ordered
    assert ordered == sorted(ordered, key=str.encode)


@many
@given(value=st.recursive(any_text | st.none() | st.integers(), st.lists, max_leaves=8))
def test_scripts_parse_back(value: object) -> None:
    """Any JSON survives being a JavaScript string in a file."""
    assert read_script(json_script("t1", to_json(value))) == ("t1", value)


@many
@given(url=urls)
def test_canonical_form_has_no_scheme_and_no_fragment(url: str) -> None:
    """It starts with the authority, has a path or a query, and its hash is hexadecimal."""
    canonical = canonical_url(url)
    assert "#" not in canonical
    assert any(mark in canonical for mark in "/?\\")
    assert int(url_value(url), 16) < 2**64


@many
@given(path=urls)
def test_spellings_of_one_url_are_one(path: str) -> None:
    """Scheme, case of the host and default port never make two values of one picture."""
    spellings = ("http://a.com/", "HTTPS://A.com:443/", "a.COM:80/", "http://a.com./")
    assert len({url_value(start + path) for start in spellings}) == 1
    assert len({url_value(start + path) for start in ("a.com/", "b.com/", "a.com:81/")}) == 3
