"""What the search makes of what was typed: fields, groups, pasted URLs, whatever is left open."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.search_site import (
    Group,
    Part,
    Site,
    compare,
    needs_chromium,
    search,
    url_value,
)
from tests.url_vectors import HOST_SPELLINGS, URL_SPELLINGS

pytestmark = needs_chromium


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
