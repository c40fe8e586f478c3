"""The search engine in Chromium finds what SQLite FTS5 finds, from disk and from hosts."""

from __future__ import annotations

import json
import random

import pytest
from playwright.sync_api import Page

from tests.browser.search_site import (
    ARTISTS,
    DOMAINS,
    TEXT,
    WORDS,
    Group,
    Part,
    Site,
    check,
    compare,
    needs_chromium,
    search,
    search_all,
)

pytestmark = needs_chromium


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
    """A starred beginning finds all words that begin so, across files, each document once."""
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
