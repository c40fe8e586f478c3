"""Sorted lists of many files merge into what sorting all of them would give."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from laion_assets.core.index.merging import merge_ranked, merge_terms
from laion_assets.core.index.units import joined

_DOCUMENT = st.tuples(st.sampled_from([1.0, 2.5, float("inf")]), st.integers(-3, 3))
_TERM = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=12)


@given(lists=st.lists(st.lists(_DOCUMENT), max_size=7))
def test_documents_are_ranked_as_by_one_sort(lists: list[list[tuple[float, int]]]) -> None:
    """Rank is by score, id, then list and place in it."""
    lists = [sorted(each) for each in lists]
    every = [document for each in lists for document in each]
    begins = np.cumsum([0, *map(len, lists)])
    descending = np.array([score for score, _ in every], np.float64)
    ids = np.array([id_ for _, id_ in every], np.int64)
    ranks, ordered = merge_ranked(descending, ids, begins)
    expected = sorted(range(len(every)), key=every.__getitem__)
    assert np.argsort(ranks).tolist() == expected
    assert ordered.tolist() == [every[i][1] for i in expected]


@given(lists=st.lists(st.sets(_TERM), max_size=7))
def test_terms_are_united_as_by_one_sort(lists: list[set[str]]) -> None:
    """Each term is there once, sorted by its bytes, with the sum of its counts and its number."""
    sorted_lists = [sorted(term.encode() for term in each) for each in lists]
    every = [term for each in sorted_lists for term in each]
    begins = np.cumsum([0, *map(len, sorted_lists)])
    counts = np.arange(1, len(every) + 1, dtype=np.int64)
    (data, starts, sums), numbers = merge_terms(*joined(every), counts, begins)
    terms = [data[a:b].tobytes() for a, b in pairwise(starts)]
    assert terms == sorted(set(every))
    assert [terms[n] for n in numbers.tolist()] == every
    assert sums.tolist() == np.bincount(numbers, weights=counts, minlength=len(terms)).tolist()
