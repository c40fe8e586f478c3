"""What the search answers beside totals: rows, all hits, counts, other words, clear errors."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.search_site import (
    Group,
    Part,
    Referee,
    Site,
    build_site,
    compare,
    needs_chromium,
    opened,
    search,
)
from tests.browser.tiny_index import Sizes
from tests.browser.tiny_terms import Document

pytestmark = needs_chromium


HITS = """async ({query, most}) => {
  const found = [];
  for await (const hit of LaionSearch.hits(query)) {
    found.push(hit.number);
    if (found.length === most) {
      break;
    }
  }
  return found;
}"""


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("the", [Part("the")]),
        ("the -of", [Part("the"), Part("of", negated=True)]),
        ("p*", [Part("p", prefix=True)]),
        ("-the", [Part("the", negated=True)]),
        ('"of the" OR kinkade', [Group((Part("of the"), Part("kinkade")), either=True)]),
        ("", []),
    ],
)
def test_all_hits_can_be_gone_through(
    site: Site, page: Page, query: str, parts: list[Part | Group]
) -> None:
    """`hits` gives every hit, once, in order; whoever stops early has the first ones."""
    expected = [site.index.numbers[rank] for rank in site.referee.numbers(parts)]
    assert page.evaluate(HITS, {"query": query, "most": 0}) == expected
    assert page.evaluate(HITS, {"query": query, "most": 7}) == expected[:7]


def test_an_id_finds_its_rows(site: Site, page: Page) -> None:
    """As a signed number, whatever others share its last digits; anything else finds nothing."""
    ids = {document.id for document in site.index.documents[:40]} | {3, -(2**63)}
    for each in ids:
        expected = site.referee.numbers([Part("", field="id", value=str(each))])
        compare(site, expected, search(page, f"id:{each}"), str(each))
        compare(site, [], search(page, f"id:{each + 2**32 if each < 0 else each - 2**32}"), "")
    for query in ("id:x", "id:99999999999999999999", "id:1.5", "id:--1"):
        compare(site, [], search(page, query), query)


def test_site_is_another_word_for_domain(site: Site, page: Page) -> None:
    """And reads as it."""
    expected = site.referee.numbers([Part("", field="domain", value="flickr.com")])
    answer = search(page, "site:Flickr.com")
    compare(site, expected, answer, "site:")
    assert answer["understood"] == "domain:flickr.com"


def test_an_empty_and_tells_what_each_part_finds(site: Site, page: Page) -> None:
    """Beside no images stands what each of the words finds alone."""
    answer = search(page, "kinkade nothing the artist:nobody")
    assert answer["total"] == 0
    assert answer["counts"] == [
        {"query": "kinkade", "total": len(site.referee.numbers([Part("kinkade")]))},
        {"query": "nothing", "total": 0},
        {"query": "the", "total": len(site.referee.numbers([Part("the")]))},
        {"query": "artist:nobody", "total": 0},
    ]


def test_a_hit_is_the_whole_row(site: Site, page: Page) -> None:
    """Hits carry every column by name, unknown values as null, ids as strings."""
    answer = search(page, "the", limit=24)
    number = site.referee.numbers([Part("the")])[0]
    document = site.index.documents[number]
    hit = answer["hits"][0]
    own = {"number", "rank"}
    assert {key: hit[key] for key in hit if key not in own} == {
        "id": str(document.id), "url": document.url, "caption": document.caption,
        "width": document.width, "height": document.height, "aesthetic": document.aesthetic,
        "punsafe": document.punsafe, "domain": document.domain, "visibility": document.visibility,
    }  # fmt: skip
    fetched = page.evaluate("(n) => LaionSearch.document(n)", site.index.numbers[number])
    assert fetched == {**hit, "rank": number}


def test_a_missing_document_is_refused(site: Site, page: Page) -> None:
    """A number that no document has is an error, not an empty row."""
    gaps = set(range(site.index.numbers[-1])) - set(site.index.numbers)
    for number in (10**6, site.index.numbers[-1] + 1, min(gaps)):
        ask = "(n) => LaionSearch.document(n).catch((error) => error.message)"
        assert page.evaluate(ask, number) == f"there is no image number {number}"


def test_wrong_options_are_refused(page: Page) -> None:
    """Limits and offsets are whole numbers."""
    message = page.evaluate("LaionSearch.search('a', {limit: -1}).catch((error) => error.message)")
    assert message == "limit must be a whole number, 0 or more"


def test_a_missing_file_is_named(browser: Browser, site: Site, tmp_path: Path) -> None:
    """A file that does not load makes the search fail with its name; it can be tried again."""
    folder = tmp_path / "site"
    shutil.copytree(site.folder, folder)
    files = {file: file.read_bytes() for file in (folder / "search" / "tiny" / "w").iterdir()}
    with opened(browser, (folder / "search.html").as_uri(), expect_errors=True) as page:
        page.wait_for_selector(".tile")
        for file in files:
            file.unlink()
        attempt = "LaionSearch.search('kinkade').catch((error) => error.message)"
        message = page.evaluate(attempt)
        assert re.match(r"the search index file w/\d+\.js could not be loaded", message)
        for file, content in files.items():
            file.write_bytes(content)
        total = len(site.referee.numbers([Part("kinkade")]))
        assert search(page, "kinkade")["total"] == total


def test_a_missing_directory_is_told(browser: Browser, site: Site, tmp_path: Path) -> None:
    """Without its directory the search says so rather than waiting for ever."""
    folder = tmp_path / "site"
    shutil.copytree(site.folder, folder)
    (folder / "search" / "tiny" / "directory.js").unlink()
    with opened(browser, (folder / "search.html").as_uri(), expect_errors=True) as page:
        message = page.evaluate("LaionSearch.search('a').catch((error) => error.message)")
        assert message == "the search index file of the directory could not be loaded"


def test_an_empty_index_has_no_images(browser: Browser, tmp_path: Path) -> None:
    """No documents at all: every query answers, with nothing."""
    build_site(tmp_path / "site", [], Sizes())
    with opened(browser, (tmp_path / "site" / "search.html").as_uri()) as page:
        for query in ("", "a", "a*", "-a", '"a b"', "domain:x.org"):
            answer = search(page, query)
            assert (answer["total"], answer["totalIsExact"], answer["hits"]) == (0, True, [])


@pytest.fixture(scope="module")
def eastern(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with captions in Chinese, Japanese and Thai, the words of which run together."""
    folder = tmp_path_factory.mktemp("eastern") / "site"
    index = build_site(folder, [Document(n, text) for n, text in enumerate(EASTERN)], Sizes())
    referee = Referee(index)
    yield Site(folder, index, referee)
    referee.close()


EASTERN = (
    *(
        "灯台",
        "海の灯台の絵",
        "灯台下暗し",
        "古い灯台 海",
        "灯 台",
        "台灯",
        "灯台灯台",
        "東京タワーの写真",
    ),
    *("タワー", "แมวและสุนัข", "แมว", "cat 灯台x", "plain words", "海"),
)


@pytest.mark.parametrize(
    "run", ["灯台", "灯", "海の灯", "灯台灯台", "タワー", "แมว", "絵", "無", "灯台の"]
)
def test_characters_are_found_inside_longer_words(
    browser: Browser, eastern: Site, run: str
) -> None:
    """`inside:` finds a run of characters wherever they stand; a word's answer says how many."""
    with opened(browser, (eastern.folder / "search.html").as_uri()) as page:
        tokens = page.evaluate("LaionSearch.tokenise", run)
        captions = [d.caption for d in eastern.index.documents]
        expected = [
            rank
            for rank, caption in enumerate(captions)
            if "\0".join(tokens) in "\0".join(page.evaluate("LaionSearch.tokenise", caption))
        ]
        compare(eastern, expected, search(page, f"inside:{run}"), run)
        words = eastern.referee.numbers([Part(run)])
        answer = search(page, run)
        compare(eastern, words, answer, run)
        assert answer["inside"] == {
            "query": page.evaluate("(run) => LaionSearch.parse(`inside:${run}`).understood", run),
            "total": len(expected),
            "atLeast": len(expected),
            "more": len(expected) - len(words),
        }
        assert search(page, "plain")["inside"] is None


def test_the_last_word_is_completed(browser: Browser, site: Site) -> None:
    """By words, names and domains, with what stands before it, the most frequent first."""
    with opened(browser, (site.folder / "search.html").as_uri()) as page:
        suggest = "(typed) => LaionSearch.suggest(typed)"
        found = page.evaluate(suggest, "the kink")
        count = len(site.referee.numbers([Part("kinkade")]))
        assert found == [{"query": "the kinkade", "text": "kinkade", "kind": "", "count": count}]
        named = page.evaluate(suggest, "-sunset thomas kin")
        assert ('-sunset artist:"thomas kinkade"', "artist") in [
            (each["query"], each["kind"]) for each in named
        ]
        sites = page.evaluate(suggest, "site:pin")
        assert [(each["query"], each["kind"]) for each in sites] == [
            ("domain:pinimg.com", "domain")
        ]
        many = page.evaluate(suggest, "p")
        assert len(many) == 10
        assert [each["count"] for each in many] == sorted(
            (each["count"] for each in many), reverse=True
        )
        for nothing in ("", "the ", '"', "zzzz"):
            assert page.evaluate(suggest, nothing) == []


def test_a_misspelled_word_leads_to_what_may_be_meant(browser: Browser, site: Site) -> None:
    """For each word in no caption: words with few other letters; none for words that are there."""
    with opened(browser, (site.folder / "search.html").as_uri()) as page:
        ask = "(query) => LaionSearch.corrections(query)"
        for wrong in ("kinkaed", "kinkad", "kimkade", "kkinkade"):
            [found] = page.evaluate(ask, f"the {wrong} -sunset")
            assert found["word"] == wrong
            assert found["better"][0]["text"] == "kinkade"
        assert page.evaluate(ask, "the kinkade kin* xqzxqzxqz") == []
        distance = "([a, b]) => LaionSearchParts.suggest.distance([...a], [...b], 2)"
        cases = {("abcd", "abdc"): 1, ("abcd", "bcd"): 1, ("a", "abc"): 2, ("", "ab"): 2}
        for pair, expected in cases.items():
            assert page.evaluate(distance, list(pair)) == expected


def test_a_search_can_be_given_up(page: Page) -> None:
    """An aborted signal ends it, before and while it reads."""
    message = page.evaluate(
        """async () => {
          const control = new AbortController();
          control.abort(new Error('given up'));
          return LaionSearch.search('woman painting', {signal: control.signal, exact: true})
            .catch((error) => error.message);
        }"""
    )
    assert message == "given up"
