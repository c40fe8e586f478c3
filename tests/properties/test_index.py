"""Properties of the index's small parts: packing, front coding, scripts, canonical URLs."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from laion_assets.core.cleaning.urls import canonical_url
from laion_assets.core.index import segment
from laion_assets.core.index.shards import front_code, pack_ids, script, to_json
from tests.index_reader import decode_fronts, read_script, unpack_ids
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
@given(numbers=st.sets(st.integers(0, 2**32 - 1)) | st.sets(st.integers(0, 300)))
def test_ids_come_back_from_packing(numbers: set[int]) -> None:
    """Any ascending numbers of 32 bits, close together or far apart."""
    ids = sorted(numbers)
    assert unpack_ids(pack_ids(np.array(ids, np.uint32))) == ids


@many
@given(terms=st.sets(words))
def test_terms_come_back_from_front_coding(terms: set[str]) -> None:
    """Sorted by code point and cut by UTF-16 unit: no character is split, none is lost."""
    ordered = sorted(terms)
    coded = json.loads(to_json(front_code(ordered)))
    assert decode_fronts(coded) == ordered
    assert ordered == sorted(ordered, key=str.encode)


@many
@given(value=st.recursive(any_text | st.none() | st.integers(), st.lists, max_leaves=8))
def test_scripts_parse_back(value: object) -> None:
    """Any JSON survives being a JavaScript string in a file."""
    assert read_script(script("t1", to_json(value))) == ("t1", value)


@many
@given(frequencies=st.lists(st.integers(1, 400_000), max_size=40), repeats=st.integers(1, 2_000))
def test_row_groups_of_postings_are_small(frequencies: list[int], repeats: int) -> None:
    """Every term once, in order; few terms and few postings, unless one term has more by itself."""
    sizes = np.array(frequencies + [1] * repeats * 40, np.int64)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    groups = list(segment._groups(offsets))
    covered = [place for start, end in groups for place in (start, end)]
    assert covered == [0, *np.repeat([end for _, end in groups], 2)[:-1]]
    assert groups[-1][1] == len(sizes)
    for start, end in groups:
        assert 0 < end - start <= segment._TERMS_PER_GROUP
        assert end - start == 1 or offsets[end] - offsets[start] <= segment._POSTINGS_PER_GROUP


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
