"""What a search reads in Chromium, and when it only bounds its total."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.search_site import (
    build_site,
    corpus,
    needs_chromium,
    opened,
    search,
    served_in_ranges,
    url_value,
)
from tests.browser.tiny_index import Sizes, TinyIndex
from tests.browser.tiny_terms import Document

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site."""
    folder = tmp_path_factory.mktemp("cost") / "site"
    build_site(folder, corpus(700, seed=1), Sizes())
    return folder


@contextmanager
def listening(browser: Browser, address: str) -> Iterator[tuple[Page, list[str]]]:
    """Open a search page that has found nothing yet; yield it and the series it asks for later."""
    with opened(browser, f"{address}/search.html?q=!!!") as page:
        page.wait_for_function("document.querySelector('#search-status').textContent !== ''")
        page.evaluate("LaionSearch.ready")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.split("/")[-2]))
        yield page, asked


ONE_TERM = {
    "the": "w",
    "kinkade": "w",
    "domain:pinimg.com": "f",
    "artist:nobody": "f",
    "the OR of": "wh",
    "the -of": "wh",
    "the the": "w",
    "the -the": "w",
}


@pytest.mark.parametrize("query", ONE_TERM)
def test_the_first_page_comes_with_the_terms(browser: Browser, site: Path, query: str) -> None:
    """First page and total of one word or field, or of either of two, need no documents.

    The first search of all reads what parts the files, `a/0.js`, once.
    """
    with listening(browser, site.as_uri()) as (page, asked):
        answer = search(page, query, limit=20)
        assert answer["totalIsExact"]
        assert set(asked) <= set(ONE_TERM[query]) | {"a"} | ({"d"} if "-" in query else set())
        assert asked.count("a") == 1
        assert answer["bytes"] > 0
        assert search(page, query, limit=20)["requests"] == 0
    with (
        served_in_ranges(site) as address,
        listening(browser, address) as (page, asked),
    ):
        first = search(page, query, limit=20)
        assert first["total"] == answer["total"]
        if "h" not in ONE_TERM[query] and "OR" not in query:
            assert first["requests"] <= 3
            assert first["bytes"] < answer["bytes"]


def test_a_rare_word_beside_a_hot_one_leaves_its_list_alone(browser: Browser, site: Path) -> None:
    """The rare word's list says which of its documents have the hot one."""
    with served_in_ranges(site) as address, listening(browser, address) as (page, asked):
        answer = search(page, "kinkade the", limit=0)
        assert answer["totalIsExact"]
        assert answer["total"] > 0
        assert "d" not in asked


def test_what_is_on_its_way_is_not_asked_for_again(browser: Browser, site: Path) -> None:
    """Searches at the same time share what they both need."""
    with listening(browser, site.as_uri()) as (page, _):
        answers = page.evaluate(
            """async () => {
              const one = () => LaionSearch.search('woman sunset painting', {exact: true});
              return Promise.all([one(), one(), one()]);
            }"""
        )
        assert len({answer["total"] for answer in answers}) == 1
        assert answers[0]["requests"] > 0
        assert [answer["requests"] for answer in answers[1:]] == [0, 0]


def test_a_costly_total_is_only_bounded(browser: Browser, tmp_path: Path) -> None:
    """Rows that confirm a URL are read for a page, and for all only when the total is asked for."""
    url = "https://example.org/a.jpg"
    same = (("url", url_value("example.org/a.jpg")),)
    documents = [Document(n, f"barn {n}", url, fields=same) for n in range(400)]
    build_site(tmp_path / "site", documents, Sizes())
    with opened(browser, (tmp_path / "site" / "search.html").as_uri()) as page:
        cheap = search(page, f"url:{url}")
        assert not cheap["totalIsExact"]
        assert 20 <= cheap["atLeast"] < cheap["total"] == 400
        costly = search(page, f"url:{url}", exact=True)
        assert (costly["total"], costly["totalIsExact"]) == (400, True)
        assert costly["hits"] == cheap["hits"]


MANY = 12_000


@pytest.fixture(scope="module")
def long_lists(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TinyIndex]:
    """A site with words in so many documents that their lists are not read at once."""
    draw = random.Random(3)  # noqa: S311 - test data
    words = ("sun", "sunny", "sea", "sand")
    captions = [" ".join(w for w in words if draw.random() < 0.6) or "x" for _ in range(MANY)]
    folder = tmp_path_factory.mktemp("long") / "site"
    sizes = Sizes(slot=900, first=30, more=20, chunk=512, span=512 * 8, hot=5_000)
    index = build_site(folder, [Document(n, caption) for n, caption in enumerate(captions)], sizes)
    return folder, index


@pytest.mark.parametrize(
    "query", ["sun sea", "sun -sea", "sun OR sea", "sun sea sand", "sun* sand"]
)
def test_common_words_are_read_from_the_best_on(
    browser: Browser, long_lists: tuple[Path, TinyIndex], query: str
) -> None:
    """The first page needs the beginning of the lists; of two words the total needs no more."""
    folder, index = long_lists
    has = [set(document.caption.split()) for document in index.documents]
    tests = {
        "sun sea": lambda h: {"sun", "sea"} <= h,
        "sun -sea": lambda h: "sun" in h and "sea" not in h,
        "sun OR sea": lambda h: bool({"sun", "sea"} & h),
        "sun sea sand": lambda h: {"sun", "sea", "sand"} <= h,
        "sun* sand": lambda h: bool({"sun", "sunny"} & h) and "sand" in h,
    }
    expected = [rank for rank, words in enumerate(has) if tests[query](words)]
    with (
        served_in_ranges(folder) as address,
        listening(browser, address) as (page, _),
    ):
        cheap = search(page, query, offset=10)
        numbers = [index.numbers[rank] for rank in expected]
        assert [hit["number"] for hit in cheap["hits"]] == numbers[10:30]
        assert cheap["atLeast"] <= len(expected) <= cheap["total"]
        if len(query.replace("OR ", "").split()) == 2 and "*" not in query:
            assert (cheap["total"], cheap["totalIsExact"]) == (len(expected), True)
        exact = search(page, query, exact=True, offset=MANY // 10)
        assert (exact["total"], exact["totalIsExact"]) == (len(expected), True)
        assert [hit["number"] for hit in exact["hits"]] == numbers[MANY // 10 : MANY // 10 + 20]
        assert cheap["bytes"] < 60_000
