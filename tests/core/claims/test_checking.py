"""A claim against its table: the value here, out of what, and the verdict."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from laion_assets.core.claims.checking import Checked, check_claim
from laion_assets.core.claims.claim_files import Claim
from laion_assets.core.tables.registry import TABLES

DOMAINS = (("a.example", 60), ("b.example", 30), ("c.example", 10))


def table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Return rows of a merged table; what they do not say is null."""
    return pa.Table.from_pylist(rows, schema=TABLES[name].schema)


def domains() -> pa.Table:
    """Return three domains with 100 of 200 images."""
    return table(
        "domains",
        [
            {"rank": n, "domain": domain, "images": images, "denominator": 200}
            for n, (domain, images) in enumerate(DOMAINS, 1)
        ],
    )


def check(rows: pa.Table, **claim: Any) -> Checked:
    """Check a claim about the dataset that is built."""
    return check_claim(Claim("a", "A.", **{"table": "domains", **claim}), rows, "mine", 200)


@pytest.mark.parametrize(
    ("claim", "value", "count", "whole"),
    [
        ({"where": {"domain": "a.example"}}, 60, 60, 200),
        ({"where": {"domain": ["a.example", "c.example"]}}, 70, 70, 200),
        ({"where": {"domain": "a.example"}, "take": "share"}, 0.3, 60, 200),
        ({"first": 2, "take": "share"}, 0.45, 90, 200),
        ({"take": "share", "of": 1000}, 0.1, 100, 1000),
        ({"where": {"domain": "b.example"}, "take": "value", "column": "rank"}, 2, None, 3),
        ({"where": {"images": [10, 30]}, "take": "rows"}, 2, 2, 3),
        ({"where": {"images": 30}, "first": 1, "take": "rows"}, 0, 0, 1),
    ],
)
def test_the_value_is_read_off_the_picked_rows(
    claim: dict[str, Any], value: float, count: int | None, whole: int
) -> None:
    """A sum, a share, a number of rows or one value, with what it is out of."""
    found = check(domains(), published=1, **claim)
    assert found.value == pytest.approx(value)
    assert (found.count, found.whole) == (count, whole)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ({"published": 60}, "confirmed"),
        ({"published": 61}, "confirmed"),  # within 2 %
        ({"published": 61, "within": 0}, "lower here"),
        ({"published": 50}, "higher here"),
        ({"published": 100}, "lower here"),
        ({"published": 60, "holds": "at least"}, "confirmed"),
        ({"published": 61, "holds": "at least"}, "lower here"),
        ({"published": 60, "holds": "at most"}, "confirmed"),
        ({"published": 59, "holds": "at most"}, "higher here"),
        ({"published": 0.3, "take": "share", "within": 0}, "confirmed"),
    ],
)
def test_the_verdict_compares_with_the_figure(claim: dict[str, Any], verdict: str) -> None:
    """About, at least or at most; bounds belong to it."""
    assert check(domains(), where={"domain": "a.example"}, **claim).verdict == verdict


@pytest.mark.parametrize(
    ("figure", "verdict"), [(1, "lower here"), (2, "confirmed"), (3, "higher here")]
)
def test_a_place_with_a_larger_number_is_lower(figure: int, verdict: str) -> None:
    """Second where first was said."""
    claim = {"where": {"domain": "b.example"}, "take": "value", "column": "rank", "within": 0}
    assert check(domains(), published=figure, **claim).verdict == verdict


@pytest.mark.parametrize("take", ["sum", "share", "value"])
@pytest.mark.parametrize("figure", [0, 5])
def test_what_is_not_in_the_table_is_not_found(take: str, figure: int) -> None:
    """Not even a claim of zero is confirmed by a row that is not there."""
    found = check(domains(), where={"domain": "z.example"}, published=figure, take=take)
    assert (found.verdict, found.value) == ("not found here", None)


def test_a_listed_name_without_an_image_confirms_a_zero_and_has_no_rank() -> None:
    """It was looked for; its place among other zeros says nothing."""
    rows = table("artists", [{"rank": 1, "name": "Nobody", "images": 0, "denominator": 200}])
    nobody = {"table": "artists", "where": {"name": "Nobody"}}
    assert check(rows, published=0, **nobody).verdict == "confirmed"
    assert check(rows, published=3, **nobody).verdict == "not found here"
    rank = check(rows, published=1, take="value", column="rank", **nobody)
    assert rank.verdict == "not found here"


def test_one_of_several_values_is_enough() -> None:
    """A cell that separates its values by | has each of them."""
    rows = table("artists", [{"name": "A", "type": "comics|painter", "images": 4}])
    found = check(rows, table="artists", where={"type": "painter"}, published=4)
    assert found.verdict == "confirmed"
    assert (found.whole, found.of) == (200, "published images")


def test_a_claim_about_another_dataset_does_not_apply() -> None:
    """The value here is told all the same; a claim that names none is about any."""
    claim = {"where": {"domain": "a.example"}, "published": 60}
    other = check(domains(), datasets=("theirs", "hers"), **claim)
    assert (other.verdict, other.value) == ("does not apply", 60)
    assert other.why == "said of another dataset, theirs or hers"
    assert check(domains(), datasets=("theirs", "mine"), **claim).verdict == "confirmed"


def test_without_a_table_nothing_checks_it() -> None:
    """And that is what it says."""
    found = check_claim(Claim("a", "A.", published=3), None, "mine", 200)
    assert (found.verdict, found.why) == ("does not apply", "no table here can check it")


@pytest.mark.parametrize("take", ["sum", "share"])
def test_where_nothing_was_scored_a_score_s_claim_does_not_apply(take: str) -> None:
    """Zero of rows that nobody scored is no answer; else they are out of those with a score."""
    claim = {
        "table": "nsfw", "where": {"measure": "threshold", "label": "= 1"}, "take": take,
        "published": 0,
    }  # fmt: skip
    assert check(_scores(200, 0), **claim).verdict == "does not apply"
    assert check(_scores(200, 0), **claim).why == "no row here has that score"
    some = check(_scores(150, 5), **claim)
    assert (some.count, some.whole, some.of) == (5, 50, "rows with that score")
    every = check(_scores(0, 5), **claim)
    assert (every.count, every.whole, every.of) == (5, 200, "rows kept")


def _scores(unknown: int, highest: int) -> pa.Table:
    counts = (("punsafe", "unknown", unknown), ("threshold", "= 1", highest))
    return table(
        "nsfw",
        [
            {"measure": measure, "label": label, "images": images, "denominator": 200}
            for measure, label, images in counts
        ],
    )


def test_an_empty_dataset_answers_no_claim() -> None:
    """No rows, no division."""
    empty = domains().slice(0, 0)
    for take in ("sum", "share", "value"):
        found = check_claim(Claim("a", "A.", published=1, table="domains", take=take), empty, "", 0)
        assert found.verdict == "not found here"
