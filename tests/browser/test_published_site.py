"""A site built by the real command, in Chromium: right, safe, asking no one else for anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from laion_assets.commands.web_server import open_server
from laion_assets.core.cleaning.urls import canonical_url
from tests.browser.published_site import PAGE, Published
from tests.browser.search_site import needs_chromium
from tests.servers import running

pytestmark = needs_chromium

QUERIES = {
    "one word": ("garden", "garden", "1"),
    "two words": ("garden in", "garden AND in", "1"),
    "a phrase": ('"in the"', '"in the"', "1"),
    "a prefix": ("gar*", "gar*", "1"),
    "an exclusion": ("garden -in", "garden NOT in", "1"),
    "an excluded phrase": ('garden -"in the"', 'garden NOT "in the"', "1"),
    "a common word": ("the", "the", "1"),
    "a name": ("kinkade", "kinkade", "1"),
    "accents and case": ("CAFÉ", "cafe", "1"),
    "a word of two tokens": ("o'keeffe", '"o keeffe"', "1"),
    "no result": ("zzzqqq", "zzzqqq", "1"),
    "a domain": ("domain:pinimg.com", None, "domain = 'pinimg.com'"),
    "a domain and a word": ("domain:pinimg.com garden", "garden", "domain = 'pinimg.com'"),
    "not a domain": ("garden -domain:pinimg.com", "garden", "domain <> 'pinimg.com'"),
    "a host": ("host:i.pinimg.com", None, "host = 'i.pinimg.com'"),
    "a platform": ("platform:Pinterest", None, "domain = 'pinimg.com'"),
    "an artist": ('artist:"Thomas Kinkade"', '"thomas kinkade"', "1"),
    "an artist by an alias": ('artist:"Vincent van Gogh"', '"vincent van gogh" OR "van gogh"', "1"),
    "a year": ("year:2015", None, "url_year = 2015"),
    "everything": ("", None, "1"),
}


@pytest.fixture(scope="module", params=["file", "http under a sub-path"])
def base(request: pytest.FixtureRequest, published: Published) -> Iterator[str]:
    """Where the site is opened: from the disk, and from `laion-assets serve --base-path`."""
    if request.param == "file":
        yield f"{published.folder.as_uri()}/"
        return
    server = open_server(published.folder, 0, "/some/sub path/".replace(" ", "-"))
    with running(server):
        yield server.url


@pytest.fixture
def page(browser_after_builds: Browser, base: str) -> Iterator[Page]:
    """A page whose console errors and requests to anyone else fail the test."""
    opened = browser_after_builds.new_page()
    complaints: list[str] = []
    opened.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "request",
        lambda request: None if request.url.startswith(base) else complaints.append(request.url),
    )
    yield opened
    opened.close()
    assert complaints == []


def searched(page: Page) -> None:
    """Wait until a search page shows what it found."""
    expect(page.locator("#search-status")).to_have_text(re.compile("image"))


@pytest.mark.parametrize("name", QUERIES)
def test_a_search_finds_what_fts5_finds_in_its_order(
    published: Published, page: Page, base: str, name: str
) -> None:
    """Total and first page equal FTS5's with ORDER BY, duplicates and ties included."""
    query, match, where = QUERIES[name]
    total, first = published.expected(match, where)
    assert total > 0 or name == "no result"
    page.goto(f"{base}search.html")
    found = page.evaluate(
        "async query => { await LaionSearch.ready;"
        f" return LaionSearch.search(query, {{limit: {PAGE}, exact: true}}); }}",
        query,
    )
    assert found["total"] == total
    assert found["totalIsExact"] is True
    assert [(hit["id"], hit["url"], hit["caption"]) for hit in found["hits"]] == first


def test_a_whole_url_finds_its_row(published: Published, page: Page, base: str) -> None:
    """`url:` finds every row with the same canonical address."""
    _, ((_, url, _), *_) = published.expected(None, "url NOT LIKE '% %' AND url NOT LIKE '%&%'")
    rows = published.referee.execute("SELECT url FROM r").fetchall()
    same = sum(canonical_url(other) == canonical_url(url) for (other,) in rows)
    page.goto(f"{base}search.html")
    found = page.evaluate("q => LaionSearch.ready.then(() => LaionSearch.search(q))", f"url:{url}")
    assert found["total"] == same
    assert url in [hit["url"] for hit in found["hits"]]


def test_a_result_opens_and_back_returns_to_the_search(
    published: Published, page: Page, base: str
) -> None:
    """The state of a search lives in the page's address."""
    total, first = published.expected("garden", "1")
    page.goto(f"{base}index.html")
    page.get_by_role("searchbox").or_(page.locator("input[name=q]")).first.fill("garden")
    page.keyboard.press("Enter")
    page.wait_for_selector("#results li")
    expect(page).to_have_url(re.compile(re.escape("search.html?q=garden")))
    expect(page.locator("main")).to_contain_text(f"{total:,}")
    expect(page.locator("#results li")).to_have_count(min(PAGE, total))
    page.locator("#results li a").first.click()
    page.wait_for_function("location.hash !== ''")
    expect(page.locator("dialog[open]")).to_contain_text(first[0][2])
    page.go_back()
    expect(page.locator("input[name=q]").first).to_have_value("garden")
    expect(page.locator("#results li")).to_have_count(min(PAGE, total))


def test_every_kind_of_page_opens_without_complaint(
    published: Published, page: Page, base: str
) -> None:
    """No console error, no request to anyone else, no script of a caption ever runs."""
    names = sorted(path.name for path in published.folder.glob("*.html"))
    for folder in ("domains", "artists", "celebrities", "characters"):
        names.append(f"{folder}/{min((published.folder / folder).iterdir()).name}")
    for name in names:
        page.goto(base + name)
        assert page.title()
        assert page.evaluate("window.XSS") is None
    page.goto(f"{base}search.html?q=script")
    searched(page)
    assert page.evaluate("window.XSS") is None


def test_no_page_is_wider_than_a_phone(
    published: Published, browser_after_builds: Browser, base: str
) -> None:
    """At 360 pixels nothing but a table's own container scrolls sideways."""
    page = browser_after_builds.new_page(viewport={"width": 360, "height": 740})
    for name in sorted(path.name for path in published.folder.glob("*.html")):
        page.goto(base + name)
        if name == "search.html":
            searched(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 360, name
    page.close()


def test_real_rows_become_a_site_that_counts_as_sql_and_fts5_do(
    real: Published | None, browser_after_builds: Browser
) -> None:
    """Ten domain and ten word counts agree; missing scores read "unknown", never 0."""
    if real is None:
        pytest.skip("the shared real rows are not here")
    site = real
    page = browser_after_builds.new_page()
    page.goto(f"{site.folder.as_uri()}/search.html")
    domains = site.referee.execute(
        "SELECT domain, count(*) FROM r GROUP BY domain ORDER BY 2 DESC, 1 LIMIT 10"
    ).fetchall()
    words = ("the", "black", "women", "art", "print", "photo", "vintage", "house", "red", "2015")
    expected = {f"domain:{domain}": count for domain, count in domains}
    expected |= {word: site.expected(word, "1")[0] for word in words}
    for query, count in expected.items():
        found = page.evaluate(
            "q => LaionSearch.ready.then(() => LaionSearch.search(q, {exact: true}))", query
        )
        assert found["total"] == count, query
        assert found["hits"][0]["aesthetic"] is None
    page.goto(f"{site.folder.as_uri()}/search.html?q=house")
    page.wait_for_selector("#results li")
    expect(page.locator("#results li").first).to_contain_text("unknown")
    page.close()
