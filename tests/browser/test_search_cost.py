"""How many index files a search loads in Chromium, and when it only bounds its total."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.search_site import (
    build_site,
    corpus,
    needs_chromium,
    opened,
    search,
)
from tests.browser.tiny_index import Document, Sizes

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site whose terms all come with their first rows in full."""
    folder = tmp_path_factory.mktemp("cost") / "site"
    build_site(folder, corpus(700, seed=1), Sizes(top_bytes=10_000))
    return folder


@pytest.mark.parametrize("query", ["the", "kinkade", "domain:pinimg.com", "artist:nobody"])
def test_one_term_takes_one_file(browser: Browser, site: Path, query: str) -> None:
    """The first page and the total of one word or field come with its shard."""
    with opened(browser, site.as_uri() + "/search.html") as page:
        page.wait_for_selector(".tile")
        answer = search(page, query, limit=24)
        assert answer["requests"] == 1
        assert answer["bytes"] > 0
        assert search(page, query, limit=24)["requests"] == 0


def test_files_on_their_way_are_not_asked_for_again(browser: Browser, site: Path) -> None:
    """Searches at the same time share the files they both need."""
    with opened(browser, site.as_uri() + "/search.html?q=zzz") as page:
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
    """A phrase over very many blocks stops at a full page unless the total is asked for."""
    captions = ["red barn" if n % 3 else "barn red" for n in range(3_000)]
    documents = [Document(n, caption, aesthetic=None) for n, caption in enumerate(captions)]
    build_site(tmp_path / "site", documents, Sizes(segment=4_096, inline=4_096))
    with opened(browser, (tmp_path / "site" / "search.html").as_uri()) as page:
        cheap = search(page, '"red barn"')
        assert not cheap["totalIsExact"]
        assert cheap["atLeast"] <= 2_000 <= cheap["total"] <= 3_000
        assert cheap["requests"] < 20
        costly = search(page, '"red barn"', exact=True)
        assert (costly["total"], costly["totalIsExact"]) == (2_000, True)
        assert costly["hits"] == cheap["hits"]


def test_common_words_are_read_from_the_best_on(browser: Browser, tmp_path: Path) -> None:
    """Two words in very many segments fill the page from the first ones."""
    draw = random.Random(3)  # noqa: S311 - test data
    words = ("sun", "sunny", "sea")
    captions = [" ".join(word for word in words if draw.random() < 0.6) for _ in range(3000)]
    documents = [Document(n, caption or "x") for n, caption in enumerate(captions)]
    index = build_site(tmp_path / "site", documents, Sizes(block=64))
    has = [set(document.caption.split()) for document in index.documents]
    expectations = {
        "sun sea": [n for n, h in enumerate(has) if {"sun", "sea"} <= h],
        "sun -sea": [n for n, h in enumerate(has) if "sun" in h and "sea" not in h],
        "sun* sea": [n for n, h in enumerate(has) if {"sun", "sunny"} & h and "sea" in h],
        "-sun*": [n for n, h in enumerate(has) if not {"sun", "sunny"} & h],
        '"sun sea"': [n for n, h in enumerate(has) if h == {"sun", "sea"}],
        'sea -"sunny sea"': [n for n, h in enumerate(has) if "sea" in h and "sunny" not in h],
    }
    with opened(browser, (tmp_path / "site" / "search.html").as_uri()) as page:
        for query, numbers in expectations.items():
            cheap = search(page, query, offset=10)
            assert [hit["number"] for hit in cheap["hits"]] == numbers[10:30], query
            assert not cheap["totalIsExact"], query
            assert cheap["atLeast"] <= len(numbers) <= cheap["total"], query
            assert cheap["requests"] < 32, query
        for query, numbers in expectations.items():
            assert search(page, query, exact=True)["total"] == len(numbers), query


def test_few_documents_are_read_rather_than_long_lists(browser: Browser, tmp_path: Path) -> None:
    """A rare word beside a very common one looks at the rare one's captions."""
    captions = ["the sea" if n % 50 else "the kinkade sea" for n in range(2_000)]
    documents = [Document(n, caption) for n, caption in enumerate(captions)]
    build_site(tmp_path / "site", documents, Sizes(inline=64, block=64))
    with opened(browser, (tmp_path / "site" / "search.html").as_uri()) as page:
        answer = search(page, "kinkade the sea")
        assert (answer["total"], answer["totalIsExact"]) == (40, True)
        assert answer["requests"] < 40
        totals = {"kinkade -the": 0, "kinkade -red": 40, 'kinkade -"the sea"': 40}
        for query, total in totals.items():
            answer = search(page, query)
            assert (answer["total"], answer["totalIsExact"]) == (total, True), query


def test_a_prefix_over_very_large_shards_looks_at_captions(
    browser: Browser, tmp_path: Path
) -> None:
    """A prefix whose shards are too much to read fills its page from the best captions."""
    captions = [f"sea word{n}" if n % 2 else f"word{n} sea" for n in range(800)]
    index = build_site(tmp_path / "site", [Document(n, c) for n, c in enumerate(captions)], Sizes())
    for shard in (tmp_path / "site" / "search" / "t").iterdir():
        text = shard.read_text(encoding="utf-8")
        shard.write_text(re.sub(r",\d+\);$", ",2000000);", text), encoding="utf-8")
    assert len(index.shards) > 64
    expectations = {
        "wor*": range(800),
        "sea wor*": range(800),
        '"sea wor"*': range(1, 800, 2),
        'sea -"sea wor"*': range(0, 800, 2),
        "sea -wor*": [],
        "-wor*": [],
    }
    with opened(browser, (tmp_path / "site" / "search.html").as_uri()) as page:
        for query, numbers in expectations.items():
            cheap = search(page, query)
            assert [hit["number"] for hit in cheap["hits"]] == list(numbers[:20]), query
            assert cheap["atLeast"] <= len(numbers) <= cheap["total"]
            exact = search(page, query, exact=True)
            assert (exact["total"], exact["totalIsExact"]) == (len(numbers), True), query
            assert exact["hits"] == cheap["hits"]
        assert not search(page, "wor*")["totalIsExact"]
