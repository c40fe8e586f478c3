"""What a zero can say: the bound, for which populations, and what presets say they are part of."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.names.zero_bound import (
    CONFIDENCE,
    ZeroBound,
    per_million,
    zero_bounds,
    zero_share,
)
from laion_assets.core.sources.datasets import Dataset, Population, load_dataset, preset_names


def described(tmp_path: Path, text: str) -> Dataset:
    """Load a dataset described by TOML."""
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_dataset(str(path))


# -- the share -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "share"), [(1, 0.95), (2, 1 - 0.05**0.5), (10, 0.2588656)])
def test_share_of_few_rows_is_counted_by_hand(rows: int, share: float) -> None:
    """One row without the name leaves up to 95 in a hundred, two leave 78."""
    assert zero_share(rows) == pytest.approx(share, rel=1e-6)


@given(st.integers(1, 2_000_000_000))
def test_bound_is_where_seeing_none_becomes_unlikely(rows: int) -> None:
    """With that share, all of so many rows lack the name in just 5 of 100 samples."""
    share = zero_share(rows)
    assert share is not None
    assert 0 < share < 1
    assert rows * math.log1p(-share) == pytest.approx(math.log(1 - CONFIDENCE), rel=1e-9)


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_more_rows_say_more(rows: int, further: int) -> None:
    """The bound falls as rows come in, and is below the rule of three."""
    fewer, more = zero_share(rows), zero_share(rows + further)
    assert fewer is not None
    assert more is not None
    assert more < fewer <= 3 / rows


def test_no_rows_say_nothing() -> None:
    """There is no bound, neither as a share nor for any population."""
    assert zero_share(0) is None
    assert zero_bounds(0, (Population("Everything", 5_000_000_000),)) == []


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.95, "950,000"),
        (0.0023975, "2,398"),
        (5.01e-5, "51"),
        (1e-5, "10"),
        (9.91e-6, "10"),
        (9.9e-6, "9.9"),
        (2.471e-7, "0.25"),
        (1.5e-9, "0.0015"),
    ],
)
def test_share_in_a_million_is_rounded_up_to_two_digits(share: float, words: str) -> None:
    """As people read it: never less than the bound, no more digits than it has."""
    assert per_million(share) == words


@given(st.floats(1e-10, 1, exclude_min=True))
def test_share_in_a_million_never_says_less_than_the_bound(share: float) -> None:
    """And at most a tenth more."""
    said = float(per_million(share).replace(",", ""))
    assert share * 1e6 * (1 - 1e-9) <= said <= share * 1e6 * 1.101


# -- populations -----------------------------------------------------------------------------------


def test_bound_is_told_for_larger_sets_only() -> None:
    """Of what is here the count is exact: a set of the same size or smaller needs no bound."""
    populations = (
        Population("Half", 500),
        Population("Same", 1_000),
        Population("Larger", 1_001),
        Population("Whole", 1_000_000),
    )
    assert zero_bounds(1_000, populations) == [
        ZeroBound(populations[2], 3),  # 0.0029912… x 1,001 = 2.99…
        ZeroBound(populations[3], 2_992),
    ]


@given(st.integers(1, 10**6), st.integers(1, 10**12))
def test_bound_is_rounded_up(rows: int, more: int) -> None:
    """A whole number of rows, never fewer than the share allows and less than one more."""
    population = Population("Whole", rows + more)
    share = zero_share(rows)
    assert share is not None
    (bound,) = zero_bounds(rows, (population,))
    exact = Fraction(share) * population.rows
    assert exact - Fraction(population.rows, 10**12) <= bound.at_most
    assert bound.at_most < exact + 1 + Fraction(population.rows, 10**12)
    assert 1 <= bound.at_most <= population.rows


# -- what datasets are part of ---------------------------------------------------------------------


def test_dataset_says_what_it_is_part_of(tmp_path: Path) -> None:
    """The whole of it first, then the larger sets in their order."""
    dataset = described(
        tmp_path,
        'title = "Mine"\nrows = 12\n'
        'part_of = [{ title = "More", rows = 600 }, { rows = 2300, title = "All" }]\n',
    )
    assert dataset.part_of == (Population("More", 600), Population("All", 2300))
    assert dataset.populations == (Population("Mine", 12), *dataset.part_of)


def test_dataset_of_unknown_size_is_no_population(tmp_path: Path) -> None:
    """What is not known cannot be bounded."""
    part_of = 'part_of = [{ title = "All", rows = 2300 }]\n'
    assert described(tmp_path, part_of).populations == (Population("All", 2300),)
    assert described(tmp_path, 'title = "Mine"\n').populations == ()


@pytest.mark.parametrize(
    ("part_of", "said"),
    [
        ('["LAION-2B-en"]', r"part_of is \['LAION-2B-en'\], not a list of tables"),
        ('[{ title = "All" }]', r"\[part_of\] needs rows"),
        ("[{ rows = 5 }]", r"\[part_of\] needs title"),
        (
            '[{ title = "All", rows = 5, url = "x" }]',
            r"\[part_of\] unknown key 'url'; known: title",
        ),
        ('[{ title = "All", rows = "many" }]', r"\[part_of\] rows is 'many', not a whole number"),
        ('[{ title = "All", rows = 5.5 }]', r"\[part_of\] rows is 5.5, not a whole number"),
        ('[{ title = "All", rows = true }]', r"\[part_of\] rows is True, not a whole number"),
        ("[{ title = 5, rows = 5 }]", r"\[part_of\] title is 5, not a text"),
        ("5", "part_of is 5, not a list of tables"),
    ],
)
def test_part_of_in_another_form_is_bad_usage(tmp_path: Path, part_of: str, said: str) -> None:
    """What is wrong is told with the file."""
    with pytest.raises(BadUsage, match=rf"mine\.toml: {said}"):
        described(tmp_path, f"part_of = {part_of}\n")


@pytest.mark.parametrize("name", preset_names())
def test_presets_are_part_of_larger_sets(name: str) -> None:
    """Each larger than the one before: the dataset itself, then what it was selected from."""
    populations = load_dataset(name).populations
    sizes = [population.rows for population in populations]
    assert sizes == sorted(set(sizes))
    assert all(population.title for population in populations)


def test_the_studys_dataset_is_part_of_what_it_was_selected_from() -> None:
    """12 million of the 600 million with score 5, of the 2.3 billion English rows."""
    assert load_dataset("improved-aesthetics-6plus").populations == (
        Population("LAION-Aesthetics v2 6+", 12_096_828),
        Population("LAION-Aesthetics v2 5+", 600_000_000),
        Population("LAION-2B-en", 2_300_000_000),
    )


def test_the_sample_is_part_of_nothing() -> None:
    """Invented rows say nothing about any real ones."""
    assert load_dataset("sample").populations == ()
