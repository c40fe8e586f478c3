"""How the files a host allows are shared out: together never more than allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laion_assets.core.base.budget import (
    FEWEST_FILES,
    NAMES_PER_PAGE,
    NO_LIMIT,
    ROWS_PER_PAGE,
    check_room,
    most_files,
    ranking_pages,
    share_files,
)
from laion_assets.core.base.errors import BadUsage


@given(st.integers(FEWEST_FILES, 10**6))
def test_the_shares_never_come_to_more_than_is_allowed(max_files: int) -> None:
    """Pages, index and all others add up to the limit, and every kind has some."""
    budget = share_files(max_files)
    assert sum(vars(budget).values()) == max_files
    assert min(vars(budget).values()) > 0
    assert budget.others >= 200


def test_the_strictest_common_host_has_round_numbers() -> None:
    """20,000 files: what the contract says of pages, the rest for the index."""
    budget = share_files(20_000)
    assert (budget.domain_pages, budget.name_pages) == (2_000, 5_000)
    assert (budget.domain_listings, budget.index_files) == (400, 12_000)


def test_a_host_without_a_limit_has_room_for_all_that_pays() -> None:
    """0 stands for no limit: a million files, and no site is refused for having as many."""
    assert share_files(NO_LIMIT) == share_files(1_000_000)
    assert most_files(NO_LIMIT) == 1_000_000
    check_room(NO_LIMIT, [1_000_000])


def test_lists_too_long_for_the_limit_are_told() -> None:
    """What would fail after the build is refused before it, with both numbers."""
    check_room(FEWEST_FILES, [7_000, 7_000, 6_000])
    with pytest.raises(BadUsage, match=r"--max-files 1,000 leaves room for \d+ pages .* need 1,00"):
        check_room(FEWEST_FILES, [1_000_000])
    check_room(20_000, [100_000])


def test_every_name_of_lists_as_long_as_ours_has_room_in_its_ranking() -> None:
    """Even where few files are allowed and all the names are found."""
    listed = [7_200, 7_400, 5_900]
    pages = ranking_pages(2 * FEWEST_FILES, listed)
    assert all(most * ROWS_PER_PAGE >= count for most, count in zip(pages, listed, strict=True))


@given(st.integers(FEWEST_FILES, 10**6), st.lists(st.integers(0, 40_000), min_size=1, max_size=5))
def test_rankings_and_names_from_a_to_z_together_fit(max_files: int, listed: list[int]) -> None:
    """Each list has a page of its ranking at least, and all of them no more than is left."""
    pages = ranking_pages(max_files, listed)
    alphabet = sum(-(-count // NAMES_PER_PAGE) for count in listed)
    assert min(pages) >= 1
    assert sum(pages) + alphabet < share_files(max_files).others
