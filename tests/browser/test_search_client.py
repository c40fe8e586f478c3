"""The search engine in Chromium answers as SQLite FTS5 does, from files and from a web server."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.search_site import (
    ARTISTS,
    DOMAINS,
    TEXT,
    WORDS,
    Group,
    Part,
    Referee,
    build_site,
    corpus,
    needs_chromium,
    opened,
    search,
    search_all,
    served,
    served_in_ranges,
    url_value,
)
from tests.browser.tiny_index import Sizes, TinyIndex
from tests.browser.tiny_terms import Document
from tests.url_vectors import HOST_SPELLINGS, URL_SPELLINGS

pytestmark = needs_chromium

SUB_PATH = "some/sub path"


@dataclass
class Site:
    """A built site: its folder, its documents, its referee."""

    folder: Path
    index: TinyIndex
    referee: Referee


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of 700 documents in very small files: most words are in segments."""
    folder = tmp_path_factory.mktemp("site") / SUB_PATH
    index = build_site(folder, corpus(700, seed=1), Sizes())
    referee = Referee(index)
    yield Site(folder, index, referee)
    referee.close()


@pytest.fixture(scope="module", params=["file", "whole files", "ranges"])
def page(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Page]:
    """The site's search page: from the disk, and from servers without and with ranges."""
    if request.param == "file":
        with opened(browser, (site.folder / "search.html").as_uri()) as opened_page:
            yield opened_page
        return
    serve = served_in_ranges if request.param == "ranges" else served
    with (
        serve(site.folder.parents[1]) as address,
        opened(browser, f"{address}/{SUB_PATH}/search.html") as opened_page,
    ):
        yield opened_page


def check(site: Site, page: Page, parts: Sequence[Part | Group], **options: Any) -> None:
    """Assert that totals and hits of a query are the referee's, cheaply and exactly."""
    expected = site.referee.numbers(parts)
    query = " ".join(part.typed() for part in parts)
    for exact in (False, True):
        compare(site, expected, search(page, query, exact=exact, **options), query, **options)


def compare(
    site: Site,
    expected: list[int],
    answer: dict[str, Any],
    query: str,
    offset: int = 0,
    limit: int = 20,
) -> None:
    """Assert that one answer is right."""
    documents = [site.index.documents[number] for number in expected[offset : offset + limit]]
    assert [hit["caption"] for hit in answer["hits"]] == [d.caption for d in documents], query
    assert [hit["id"] for hit in answer["hits"]] == [str(d.id) for d in documents], query
    numbers = [site.index.numbers[rank] for rank in expected[offset : offset + limit]]
    assert [hit["number"] for hit in answer["hits"]] == numbers, query
    if answer["totalIsExact"]:
        assert answer["total"] == answer["atLeast"] == len(expected), query
    else:
        assert answer["atLeast"] <= len(expected) <= answer["total"], query


def test_tokens_are_those_of_the_shared_vectors(page: Page) -> None:
    """Every shared test vector gives the same tokens in the browser as in FTS5."""
    vectors = json.loads((TEXT / "token_vectors.json").read_text(encoding="utf-8"))
    texts = [text for text, _ in vectors]
    tokens = page.evaluate("(texts) => texts.map(LaionSearch.tokenise)", texts)
    assert tokens == [expected for _, expected in vectors]


def test_an_overlong_token_is_cut_where_fts5_cuts(page: Page) -> None:
    """A token ends at 32,768 bytes; a character that does not fit whole is left out."""
    lengths = page.evaluate(
        "(texts) => texts.map((text) => LaionSearch.tokenise(text)[0].length)",
        ["x" * 40_000, "漢" * 20_000, "a" + "é" * 10 + "я" * 20_000, "x" * 32_768],
    )
    assert lengths == [32_768, 32_768 // 3, 1 + 10 + (32_768 - 11) // 2, 32_768]


def test_lone_surrogates_separate(page: Page) -> None:
    """Half a character in a query is not text and does no harm."""
    assert page.evaluate("LaionSearch.tokenise('a\\ud800b')") == ["a", "b"]
    assert page.evaluate("LaionSearch.search('zzz\\ud800').then((f) => f.total)") == 0


SINGLE_WORDS = (
    *("the", "THOMAS", "café", "O'Keeffe", "e-mail", "naive", "𐐀b", "𝒜rt", "𠀀𠀁", "ﬁsh", "Straße"),
    *("漢字かな", "½", "constructor", "__proto__", "toString", "nothing"),
)


@pytest.mark.parametrize("word", SINGLE_WORDS)
def test_a_word_finds_what_fts5_finds(site: Site, page: Page, word: str) -> None:
    """A word, whatever its script, case or accents, has FTS5's count and the true first page."""
    check(site, page, [Part(word)])


@pytest.mark.parametrize("prefix", ["p", "pri", "th", "𐐨", "𝒜", "ﬁ", "x", "о", "e-m", "zz"])
def test_a_prefix_is_the_union_of_its_words(site: Site, page: Page, prefix: str) -> None:
    """A starred beginning finds all words that begin so, across shards, each document once."""
    check(site, page, [Part(prefix, prefix=True)])


def test_a_prefix_reaches_across_files(site: Site, page: Page) -> None:
    """The words of one beginning lie in several files here, and all are read for later pages."""
    words = [term for term in site.index.series["w"] if term.startswith("p")]
    assert len(words) > site.index.sizes.block
    for offset in (0, 15, 60):
        check(site, page, [Part("p", prefix=True)], offset=offset)


PHRASES = [
    "the print",
    "thomas kinkade",
    "portrait of a",
    "the the",
    "o keeffe",
    "e mail",
    "of the art woman",
    "the of the of",
    "the the the",
    "the prints and a print the",
    "of a and portrait painting art woman landscape",
    "long long long long long long long long",
]


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_phrase_is_a_run_of_words(site: Site, page: Page, phrase: str) -> None:
    """A phrase's words occur next to one another, repeated ones too."""
    check(site, page, [Part(phrase)])
    check(site, page, [Part(phrase, prefix=True)])
    check(site, page, [Part("the"), Part(phrase, negated=True)])


def test_all_words_have_to_occur(site: Site, page: Page) -> None:
    """Several words are an intersection; a word asked for twice is asked for once."""
    check(site, page, [Part("portrait"), Part("art")])
    check(site, page, [Part("the"), Part("of"), Part("a"), Part("woman")])
    check(site, page, [Part("the"), Part("the")])
    check(site, page, [Part("the"), Part("nothing")])


def test_exclusions_are_subtracted(site: Site, page: Page) -> None:
    """Words, prefixes, phrases and fields can be excluded; one that never occurs is no matter."""
    for excluded in (
        Part("of", negated=True),
        Part("p", prefix=True, negated=True),
        Part("of the", negated=True),
        Part("pinimg.com", field="domain", value="pinimg.com", negated=True),
        Part("nothing", negated=True),
        Part("nothing at all", negated=True),
    ):
        check(site, page, [Part("the"), excluded])
        check(site, page, [excluded])
    check(site, page, [Part("the"), Part("the", negated=True)])


def test_no_words_at_all_give_every_document(site: Site, page: Page) -> None:
    """An empty query lists everything in rank order."""
    everything = list(range(len(site.index.documents)))
    for query in ("", "   "):
        compare(site, everything, search(page, query), query)


def test_what_has_no_token_finds_nothing(site: Site, page: Page) -> None:
    """As in FTS5; beside something that can be searched for it does not matter."""
    for query in ("!!!", "- *", '""', '"', "😀 –", "-!!!", "*"):
        compare(site, [], search(page, query), query)
        compare(site, site.referee.numbers([Part("the")]), search(page, f"the {query}"), query)


@pytest.mark.parametrize("dash", "-‐‑‒–—―−﹘﹣－")
def test_any_dash_before_a_word_excludes(site: Site, page: Page, dash: str) -> None:
    """Whatever a keyboard, an office or a phone makes of a hyphen; within a word it separates."""
    expected = site.referee.numbers([Part("the"), Part("of", negated=True)])
    compare(site, expected, search(page, f"the {dash}of"), dash)
    excluded = site.referee.numbers([Part("e mail", negated=True)])
    compare(site, excluded, search(page, f'{dash}"e mail"'), dash)
    compare(site, site.referee.numbers([Part("e mail")]), search(page, f"e{dash}mail"), dash)
    both = site.referee.numbers([Part("the"), Part("of")])
    compare(site, both, search(page, f"the {dash} of"), dash)


def test_fields_find_by_what_is_beside_the_caption(site: Site, page: Page) -> None:
    """Every field answers, quoted or not, in any case; an unknown value finds nothing."""
    url = site.index.documents[0].url
    expectations = {
        "domain:pinimg.com": ("domain", "pinimg.com"),
        "Domain:PINIMG.com.": ("domain", "pinimg.com"),
        "domain:https://pinimg.com/a/b?c": ("domain", "pinimg.com"),
        "domain:münchen.de": ("domain", "xn--mnchen-3ya.de"),
        "host:img.flickr.com:443": ("host", "img.flickr.com"),
        "host:http://user@IMG.flickr.com/": ("host", "img.flickr.com"),
        'artist:"Georgia O’Keeffe"': ("artist", "georgia o keeffe"),
        "artist:“Thomas Kinkade”": ("artist", "thomas kinkade"),
        "artist:kinkade": ("artist", "kinkade"),
        "platform:WordPress": ("platform", "wordpress"),
        "year:2015": ("year", "2015"),
        "year:MMXV": ("year", "mmxv"),
        f"url:{url}": ("url", url_value(url.split("://")[1])),
        f"url:http{url[5:]}#top": ("url", url_value(url.split("://")[1])),
        f"url:“{url}”": ("url", url_value(url.split("://")[1])),
        url: ("url", url_value(url.split("://")[1])),
        f" <{url.replace('.jpg', '.%6Apg')}> ": ("url", url_value(url.split("://")[1])),
        "domain:MU\u0308NCHEN.de": ("domain", "xn--mnchen-3ya.de"),
        "domain:*.pinimg.com": ("domain", "pinimg.com"),
        "domain:[broken": ("domain", "?"),
        'artist:"!!!"': ("artist", "?"),
    }
    for query, (field, value) in expectations.items():
        expected = site.referee.numbers([Part("", field=field, value=value)])
        compare(site, expected, search(page, query), query)


def test_what_is_not_a_field_is_text(site: Site, page: Page) -> None:
    """Unknown fields and operators of other languages are read as words."""
    same = {
        "foo:thomas": [Part("foo thomas")],
        "thomas:kinkade": [Part("thomas kinkade")],
        "the AND of": [Part("the"), Part("AND"), Part("of")],
        "the NOT of": [Part("the"), Part("NOT"), Part("of")],
        "(the)": [Part("the")],
        "the(of)a": [Part("the of a")],
        "the OR": [Part("the")],
        "OR": [Part("or")],
        "the or of": [Part("the"), Part("or"), Part("of")],
        "the ) of": [Part("the"), Part("of")],
        "((the of": [Part("the"), Part("of")],
        "the () of": [Part("the"), Part("of")],
        "the OR OR of": [Group((Part("the"), Part("of")), either=True)],
        "inside:the": [Part("zzz")],
        "domain: the": [Part("domain"), Part("the")],
        "“of the”": [Part("of the")],
        '"of the': [Part("of the")],
        'the"of the"a': [Part("the"), Part("of the"), Part("a")],
        "the - of": [Part("the"), Part("of")],
        '"of the"-a': [Part("of the"), Part("a")],
    }
    for query, parts in same.items():
        compare(site, site.referee.numbers(parts), search(page, query), query)


@pytest.mark.parametrize("offset", [0, 3, 20, 24, 130, 699, 5_000])
def test_later_pages_go_on_where_the_first_ends(site: Site, page: Page, offset: int) -> None:
    """Any offset gives the right stretch of the ranking, in short and long lists alike."""
    for parts in ([Part("the")], [], [Part("the"), Part("of")], [Part("p", prefix=True)]):
        check(site, page, parts, offset=offset, limit=7)


EITHER = [
    (Part("the"), Part("of")),
    (Part("kinkade"), Part("sunset"), Part("nothing")),
    (Part("of the"), Part("p", prefix=True)),
    (Part("the"), Part("of", negated=True)),
    (Part("pinimg.com", field="domain", value="pinimg.com"), Part("sunset")),
]


@pytest.mark.parametrize("parts", EITHER)
def test_either_of_two_is_enough(site: Site, page: Page, parts: tuple[Part, ...]) -> None:
    """OR is a union; groups stand wherever a word does, excluded too."""
    either = Group(parts, either=True)
    for query in (
        [either],
        [either, Part("a")],
        [either, Group((Part("a"), Part("woman")), either=True)],
        [Part("a"), Group(parts, either=True, negated=True)],
        [Group((Part("a"), Part("woman")), negated=True)],
        [Group((Part("a"), either, Part("portrait", negated=True)))],
    ):
        check(site, page, query)


@pytest.mark.parametrize(
    "query",
    [
        "the of OR kinkade",
        "kinkade OR the of",
        "the OR of OR kinkade",
        '"of the" OR portrait AND woman',
        "sunset p* OR kinkade",
    ],
)
def test_and_binds_before_or_as_in_fts5(site: Site, page: Page, query: str) -> None:
    """What stands side by side belongs together: FTS5 reads the same text the same way."""
    rows = site.referee.database.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (query,))
    expected = sorted(number for (number,) in rows)
    compare(site, expected, search(page, query.replace(" AND ", " "), exact=True), query)


def test_random_queries_agree_with_fts5(site: Site, page: Page) -> None:
    """Seeded mixtures of everything: same totals, same hits in the same order."""
    draw = random.Random(7)  # noqa: S311 - test data
    captions = [document.caption for document in site.index.documents]
    queries = [random_query(draw, captions) for _ in range(200)]
    typed = [" ".join(part.typed() for part in parts) for parts in queries]
    for exact in (False, True):
        answers = search_all(page, typed, exact=exact)
        for parts, query, answer in zip(queries, typed, answers, strict=True):
            compare(site, site.referee.numbers(parts), answer, query)
            assert answer["totalIsExact"] or not exact
    understood = [answer["understood"] for answer in answers]
    parsed = page.evaluate("(all) => all.map((q) => LaionSearch.parse(q).understood)", understood)
    assert parsed == understood


def random_query(
    draw: random.Random, captions: list[str], depth: int = 2
) -> tuple[Part | Group, ...]:
    """Return one to four random parts, some of them groups."""
    parts: list[Part | Group] = []
    for _ in range(draw.randint(1, 4 if depth == 2 else 3)):
        negated = draw.random() < 0.25
        if depth and draw.random() < 0.2:
            inner = random_query(draw, captions, depth - 1)
            parts.append(Group(inner, either=draw.random() < 0.7, negated=negated))
        else:
            parts.append(random_part(draw, captions, negated=negated))
    return tuple(parts)


def random_part(draw: random.Random, captions: list[str], *, negated: bool) -> Part:
    """Return a random word, prefix, phrase or field."""
    kind = draw.random()
    word = draw.choice(WORDS)
    if kind < 0.45:
        return Part(word, negated=negated)
    if kind < 0.6:
        return Part(word[: draw.randint(1, 4)], prefix=True, negated=negated)
    if kind < 0.85:
        run = [word, *draw.choices(WORDS[:16], k=draw.randint(1, 2))]
        if draw.random() < 0.6:
            words = draw.choice(captions).split(" ")
            start = draw.randrange(len(words))
            run = words[start : start + draw.randint(2, 8)]
        phrase = " ".join(run).replace('"', " ")
        return Part(phrase, prefix=draw.random() < 0.3, negated=negated)
    if kind < 0.93:
        domain = draw.choice(DOMAINS)
        return Part(domain, field="domain", value=domain, negated=negated)
    artist = draw.choice(ARTISTS)
    return Part(artist, field="artist", value=artist, negated=negated)


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


def test_parse_tells_what_was_understood(page: Page) -> None:
    """The clauses say what each part of a query is, for the page's messages."""
    query = 'red -"big barn" wat* !!! Artist:kinkade o’keeffe "the sea"*'
    parsed = page.evaluate("(query) => LaionSearch.parse(query)", query)
    clauses = parsed["clauses"]
    assert [(c["kind"], c["text"], c["negated"], c["prefix"]) for c in clauses] == [
        ("word", "red", False, False),
        ("phrase", '-"big barn"', True, False),
        ("prefix", "wat*", False, True),
        ("ignored", "!!!", False, False),
        ("field", "Artist:kinkade", False, False),
        ("phrase", "o’keeffe", False, False),
        ("phrase", '"the sea"*', False, True),
    ]
    assert clauses[4]["meant"] == {"value": "kinkade", "series": "f", "term": ":artist:kinkade"}
    assert clauses[5]["tokens"] == ["o", "keeffe"]
    assert parsed["understood"] == ('red -"big barn" wat* artist:kinkade "o keeffe" "the sea"*')


UNDERSTOOD = {
    "Red  OR blue barn": "red OR (blue barn)",
    "(red OR blue) barn": "(red OR blue) barn",
    "((red))": "red",
    "-(a OR b) -(c d) -(-e)": "-(a OR b) -(c d) e",
    "(a b) (c OR (d OR e))": "a b (c OR d OR e)",
    "a (b": "a b",
    "a) b": "a b",
    "OR a OR": "a",
    '"a b': '"a b"',
    "()": "",
    "(site:Example.COM OR id:+0012)": "domain:example.com OR id:12",
    "(https://Example.com/a_(b).jpg OR x)": 'url:"example.com/a_(b).jpg" OR x',
    "inside:灯台 OR artist:'o’keeffe'": 'inside:灯台 OR artist:"o keeffe"',
    "(" * 9_000: "",
}


@pytest.mark.parametrize("query", UNDERSTOOD)
def test_any_query_reads_as_something(page: Page, query: str) -> None:
    """Whatever is left open is closed, what is left over is left out; what remains is echoed."""
    parse = "(query) => LaionSearch.parse(query).understood"
    assert page.evaluate(parse, query) == UNDERSTOOD[query]
    assert page.evaluate(parse, UNDERSTOOD[query]) == UNDERSTOOD[query]


def test_what_is_parsed_is_a_tree(page: Page) -> None:
    """Its leaves are clauses."""
    tree = page.evaluate("LaionSearch.parse('a -(b OR c)').tree")
    assert [part["kind"] for part in tree["parts"]] == ["clause", "not"]
    assert tree["parts"][1]["part"]["kind"] == "or"


def test_urls_and_hosts_are_those_of_the_shared_vectors(page: Page) -> None:
    """Every spelling has in the browser, on a page from the disk, the form that Python gives it."""
    ask = "(texts) => texts.map(LaionSearchParts.urls.%s)"
    urls = page.evaluate(ask % "canonicalUrl", [url for url, _ in URL_SPELLINGS])
    assert urls == [canonical for _, canonical in URL_SPELLINGS]
    hosts = page.evaluate(ask % "hostName", [typed for typed, _ in HOST_SPELLINGS])
    assert hosts == [host for _, host in HOST_SPELLINGS]


URL = "https://example.org/my nice photo.jpg"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (URL, [("url", URL)]),
        (f"url:{URL}", [("url", URL)]),
        (f"<{URL}>", [("url", f"<{URL}>")]),
        (f"'{URL}'", [("url", f"'{URL}'")]),
        (f"-{URL}  -barn", [("url", URL), (None, None)]),
        (f"–url:{URL} artist:kinkade", [("url", URL), ("artist", "kinkade")]),
        (f"{URL} {URL}", [("url", URL), ("url", URL)]),
        (f'{URL} "red barn"', [("url", URL), (None, None)]),
        (f'url:"{URL}" barn', [("url", URL), (None, None)]),
        (f'"{URL}" barn', [("url", URL), (None, None)]),
        (f"„{URL}“, barn", [("url", URL), (None, None), (None, None)]),
        (f'{URL} "{URL}"', [("url", URL), ("url", URL)]),
        (f'-"{URL}"', [("url", URL)]),
        (f"[my photo]({URL})", [("url", f"[my photo]({URL})")]),
        (f"\u200b「{URL}」", [("url", f"\u200b「{URL}」")]),
        ("//example.org/a b", [("url", "//example.org/a b")]),
        ("http:\\\\example.org\\a", [("url", "http:\\\\example.org\\a")]),
        ("// red [barn](door) //", [(None, None)] * 4),
        ("ftp://example.org/a", [(None, None)]),
    ],
)
def test_a_pasted_url_is_one_with_its_spaces(
    page: Page, query: str, expected: list[tuple[str | None, str | None]]
) -> None:
    """It goes on to the next exclusion, phrase, field or URL; quotes and Markdown around it go."""
    clauses = page.evaluate("(query) => LaionSearch.parse(query).clauses", query)
    assert [(c["field"], c["value"]) for c in clauses] == expected


def test_the_hash_is_sha256(page: Page) -> None:
    """Our own SHA-256 agrees with the reference around every block length, and on Unicode."""
    texts = ["", "abc", "é漢𝒜", *("x" * n for n in (55, 56, 63, 64, 65, 119, 120, 1000))]
    found = page.evaluate("(texts) => texts.map(LaionSearchParts.text.sha256)", texts)
    assert [digest[:16] for digest in found] == [url_value(text) for text in texts]
    assert found[1] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


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
