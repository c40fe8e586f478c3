"""The search page in Chromium: results, pages, details and pictures, for readers and keyboards.

Whatever a page shows is waited for (`expect`), never read at once: a click starts a search or
another page, and what is read before it is done depends on the machine.
"""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.search_site import (
    build_site,
    needs_chromium,
    opened,
    served,
    url_value,
)
from tests.browser.tiny_index import Sizes
from tests.browser.tiny_terms import Document

pytestmark = needs_chromium

Opener = Callable[[str], AbstractContextManager[Page]]

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)

HOSTILE = (
    "<script>window.XSS=1</script>",
    '"><img src=x onerror="window.XSS=1">',
    "<svg/onload=window.XSS=1>",
    "{{7*7}} ${7*7} </p></li></ol><script>window.XSS=1</script>",
    "'); window.XSS=1; ('",
    "javascript:window.XSS=1",
)

UNSAFE_URLS = (
    "javascript:window.XSS=1",
    "http://user:secret@evil.example/a.jpg",
    "https://evil.example/a b.jpg",
    "https://evil.example/\u202egpj.a",
    "https://evil.example\\@good.example/",
    "//evil.example/a.jpg",
    "data:image/png;base64,AAAA",
    "https:///a.jpg",
    "http://evil.example:99999/",
    "https://evil.example/\n",
)

SAFE_URLS = (
    "https://example.org/a.jpg?x=1&y=é#z",
    "HTTP://EXAMPLE.org:8080/a_(1).jpg",
    "http://1.2.3.4/",
    "http://[2001:db8::1]:80/a",
    "https://my_host.example/%20",
)


def documents() -> list[Document]:
    """Return rows for the page: 60 barns, one of each visibility, unknown values, hostile text."""
    barns = [
        Document(n, f"red barn number{n}", f"http://pictures.example/{n}.png", aesthetic=5 - n / 50)
        for n in range(60)
    ]
    special = [
        Document(
            100,
            "quay one",
            "http://pictures.example/shown.png",
            punsafe=None,
            fields=(
                ("host", "pictures.example"),
                ("url", url_value("pictures.example/shown.png")),
            ),
        ),
        Document(
            101,
            "quay two",
            "http://pictures.example/blurred.png",
            visibility="blurred",
        ),
        Document(
            102,
            "quay three",
            "http://pictures.example/no.png",
            visibility="no_image",
            punsafe=0.00003,
        ),
        Document(103, "quay four", "http://user@pictures.example/unsafe.png"),
        Document(104, "quay five", "http://pictures.example/gone.png", aesthetic=None),
        Document(
            106,
            "jetty",
            "http://pictures.example/a -b url:c.png",
            fields=(("url", url_value("pictures.example/a%20-b%20url:c.png")),),
        ),
        Document(105, "quay six “quoted” words", width=None, height=None, aesthetic=None),
    ]
    hostile = [
        Document(200 + n, f"hostile {text}", UNSAFE_URLS[n], domain=f"{text}.example")
        for n, text in enumerate(HOSTILE)
    ]
    return barns + special + hostile


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site with the rows of `documents`."""
    site = tmp_path_factory.mktemp("page") / "sub path"
    build_site(site, documents(), Sizes())
    return site


@pytest.fixture(scope="module", params=["file", "http"])
def search_page(request: pytest.FixtureRequest, browser: Browser, folder: Path) -> Iterator[Opener]:
    """Open the search page with a query string, from the disk and from a server's sub-path."""
    with ExitStack() as stack:
        base = folder.as_uri()
        if request.param == "http":
            base = f"{stack.enter_context(served(folder.parent))}/sub%20path"
        yield lambda state: opened(browser, f"{base}/search.html{state}")


@pytest.fixture(scope="module")
def local_page(browser: Browser, folder: Path) -> Opener:
    """Open the search page with a query string, from the disk only."""
    return lambda state: opened(browser, f"{folder.as_uri()}/search.html{state}")


def says(page: Page, text: str | re.Pattern[str]) -> None:
    """Wait until the status line says this."""
    expect(page.locator("#search-status")).to_have_text(text)


def done(page: Page) -> None:
    """Wait until a search is done, whatever it found."""
    says(page, re.compile("image"))


def count(page: Page, selector: str, number: int) -> None:
    """Wait until so many elements match."""
    expect(page.locator(selector)).to_have_count(number)


def no_anchor(page: Page) -> None:
    """Wait until the address names no result."""
    expect(page).to_have_url(re.compile("^[^#]*$"))


def test_the_address_holds_the_search(search_page: Opener) -> None:
    """Query and page come from the address; the field shows the query, links turn pages."""
    with search_page("?q=red+barn&page=2") as page:
        says(page, "60 images, page 2 of 3")
        expect(page.locator("#q")).to_have_value("red barn")
        count(page, "#results > li", 20)
        expect(page.locator("#results")).to_have_attribute("start", "21")
        expect(page.locator(".tile .caption >> nth=0")).to_have_text("red barn number20")
        page.click("text=Next page")
        says(page, "60 images, page 3 of 3")
        count(page, "#results > li", 20)
        count(page, "text=Next page", 0)
        page.click("text=Previous page")
        says(page, "60 images, page 2 of 3")


def test_the_form_works_by_keyboard(search_page: Opener) -> None:
    """Typing and Enter search; Tab reaches the results; Enter opens one, Escape returns to it."""
    with search_page("") as page:
        says(page, "73 images, page 1 of 4")
        page.focus("#q")
        page.keyboard.type('"quay two"')
        page.keyboard.press("Enter")
        page.wait_for_url("**q=%22quay+two%22")
        says(page, "1 image")
        link = page.locator(".tile .caption a")
        for wanted in (page.locator(".tile summary"), link):  # its unsafe score is high
            for _ in range(12):
                page.keyboard.press("Tab")
                if wanted.evaluate("(wanted) => wanted === document.activeElement"):
                    break
            page.keyboard.press("Enter")
        page.wait_for_selector("dialog[open]")
        expect(page.locator("#detail-title")).to_be_focused()
        page.keyboard.press("Escape")
        no_anchor(page)
        expect(link).to_be_focused()


def test_a_detail_shows_every_field_and_back_returns(search_page: Opener) -> None:
    """A result opens at its own address; Back, the link and a reload all do what they say."""
    with search_page("?q=quay") as page:
        done(page)
        page.click("text=quay one")
        detail = page.locator("dialog[open]")
        for text in ("quay one", "http://pictures.example/shown.png", "example.org", "6.5",
                     "640 × 480 pixels", "unknown", "100", "same caption"):  # fmt: skip
            expect(detail).to_contain_text(text)
        expect(page).to_have_url(re.compile("#id-"))
        page.go_back()
        count(page, "dialog[open]", 0)
        count(page, "#results > li", 6)
        page.go_forward()
        page.wait_for_selector("dialog[open]")
        page.reload()
        page.wait_for_selector("dialog[open]")
        page.click("text=Back to the results")
        page.wait_for_url("**#results")
        count(page, "dialog[open]", 0)
        page.locator("li:has-text('quay three') summary").click()
        page.click("text=quay three")
        page.click("text=Back to the results")
        page.wait_for_url("**#results")


HOLD_CLOSE = """document.querySelector('dialog').addEventListener('close', (event) => {
  if (!event.late) event.stopImmediatePropagation();
}, { capture: true })"""
LATE_CLOSE = """const event = new Event('close'); event.late = true;
  document.querySelector('dialog').dispatchEvent(event)"""


def test_a_detail_stays_open_for_who_goes_back_and_forward_at_once(search_page: Opener) -> None:
    """That it was closed is told to the page late, when it may be open again."""
    with search_page("?q=quay") as page:
        done(page)
        page.evaluate(HOLD_CLOSE)
        page.click("text=quay one")
        page.wait_for_selector("dialog[open]")
        page.go_back()
        count(page, "dialog[open]", 0)
        page.go_forward()
        page.wait_for_selector("dialog[open]")
        page.evaluate(LATE_CLOSE)
        expect(page).to_have_url(re.compile("#id-"))
        count(page, "dialog[open]", 1)
        page.keyboard.press("Escape")
        count(page, "dialog[open]", 0)


def test_a_detail_can_be_opened_from_outside_its_results(local_page: Opener) -> None:
    """An address with an image's number shows it whatever the query; a wrong number is told."""
    with local_page("?q=barn#image-0") as page:
        page.wait_for_selector("dialog[open]")
        expect(page.locator("dialog")).to_contain_text(re.compile("hostile|quay"))
    with local_page("?q=barn#image-4000000000") as page:
        told = page.locator("#search-message .error")
        expect(told).to_contain_text("there is no image number 4000000000")
    with local_page("?q=barn#imagery") as page:
        says(page, "60 images, page 1 of 3")


def test_the_same_caption_and_domain_are_searched(local_page: Opener) -> None:
    """The links in a detail find the same caption as a phrase, and the domain's images."""
    with local_page("?q=quay+six") as page:
        done(page)
        page.click(".tile .caption a")
        page.click("dialog >> text=same caption")
        expect(page.locator("#q")).to_have_value('"quay six  quoted  words"'.replace("  ", " "))
        says(page, "1 image")
        page.click(".tile .meta a")
        expect(page.locator("#q")).to_have_value("domain:example.org")
        says(page, re.compile("^67 images"))


def test_hostile_rows_are_only_text(search_page: Opener) -> None:
    """Markup and scripts in captions, domains and addresses are shown, never run, never linked."""
    with search_page("?q=hostile") as page:
        says(page, "6 images")
        captions = page.locator(".tile .caption").all_inner_texts()
        assert sorted(captions) == sorted(f"hostile {text}" for text in HOSTILE)
        for link in page.locator(".tile .caption a").all():
            link.click()
            page.wait_for_selector("dialog[open]")
            count(page, "dialog a[href^='javascript'], dialog a[rel]", 0)
            page.keyboard.press("Escape")
            count(page, "dialog[open]", 0)
            no_anchor(page)  # the way back from the detail, which comes after its closing
        count(page, "#results img, #results script, dialog script", 0)
        assert page.evaluate("window.XSS") is None
    with search_page("?q=%3Cimg+src%3Dx+onerror%3D%22window.XSS%3D1%22%3E") as page:
        done(page)
        assert page.evaluate("window.XSS") is None


def test_only_plain_web_addresses_become_links(local_page: Opener) -> None:
    """Web addresses without user, whitespace, controls or tricks; nothing else."""
    ask = "(urls) => urls.map(LaionSearchParts.tile.isSafeLink)"
    with local_page("") as page:
        assert page.evaluate(ask, list(UNSAFE_URLS)) == [False] * len(UNSAFE_URLS)
        assert page.evaluate(ask, list(SAFE_URLS)) == [True] * len(SAFE_URLS)


def test_links_are_protected(local_page: Opener) -> None:
    """A link to a host tells it nothing and passes nothing on."""
    with local_page("?q=quay+one") as page:
        done(page)
        page.click(".tile .caption a")
        link = page.locator("dialog a[href^='http://pictures']")
        expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


def test_unknown_values_are_not_zero(local_page: Opener) -> None:
    """A missing score, size or punsafe reads as unknown; a tiny one not as zero either."""
    with local_page("?q=quay+one") as page:
        done(page)
        expect(page.locator(".tile .scores")).to_have_text("aesthetic 6.50 · unsafe unknown")
    with local_page("?q=quay+six") as page:
        done(page)
        expect(page.locator(".tile .scores")).to_have_text("aesthetic unknown · unsafe 0.01")
        expect(page.locator(".tile .meta")).to_contain_text("unknown")
    with local_page("?q=quay+three") as page:
        done(page)
        expect(page.locator(".tile .scores")).to_have_text("aesthetic 6.50 · unsafe <0.0001")
        expect(page.locator(".tile .actions")).to_have_text("URL never shown as a picture")


def test_nothing_found_suggests_what_would_be(local_page: Opener) -> None:
    """Without results the page offers queries that do find something, with their counts."""
    with local_page("?q=barn+quay+red") as page:
        says(page, "No images")
        expect(page.locator("#search-message li")).to_have_text(
            ["without quay: barn red (60 images)"]
        )
        expect(page.locator("#search-message p >> nth=1")).to_have_text(
            "Each alone: barn (60 images), quay (6 images), red (60 images)."
        )
    with local_page("?q=bar") as page:
        says(page, "No images")
        expect(page.locator("#search-message li")).to_have_text(
            [
                "no caption has bar: barn (60 images with barn)",
                "all words that begin so: bar* (60 images)",
            ]
        )
        page.click("#search-message a >> nth=1")
        expect(page.locator("#q")).to_have_value("bar*")
        says(page, re.compile("^60 images"))
    with local_page("?q=zzz") as page:
        done(page)
        expect(page.locator("#search-message")).to_have_text("No image has all of this.")
    with local_page("?q=barn&page=40") as page:
        says(page, "60 images")
        page.click("text=Go to the first page")
        says(page, "60 images, page 1 of 3")


@pytest.mark.parametrize("query", ["%F0%9F%98%80", "!!!", "%22", "%22%22", "-!!!", "*"])
def test_what_has_nothing_to_search_for_is_told(local_page: Opener, query: str) -> None:
    """Instead of listing every row as if each had it."""
    with local_page(f"?q={query}") as page:
        says(page, "Nothing to search for")
        expect(page.locator("#search-message")).to_contain_text("their letters and digits")
        count(page, "#results > li, #pager a, #search-tools button", 0)


@pytest.mark.parametrize(
    ("query", "shown", "star"),
    [
        ("*barn", 60, "*barn"),
        ("red *barn", 60, "*barn"),
        ("ba*rn", 0, "ba*rn"),
        ("-*quay", 67, "-*quay"),
    ],
)
def test_a_star_that_says_nothing_is_explained(
    local_page: Opener, query: str, shown: int, star: str
) -> None:
    """It is for the end of a word; results are shown all the same."""
    with local_page(f"?q={query}") as page:
        says(page, re.compile(f"^{shown or 'No'} images"))
        message = page.locator("#search-message p >> nth=0")
        expect(message).to_have_text(
            f"A star is for the end of a word, so the one in {star} says nothing."
        )
    with local_page("?q=bar*+%22red+ba%22*") as page:
        says(page, re.compile("^60 images"))
        expect(page.locator("#search-message")).to_have_text("")


LEADS = {
    "https://pictures.example/missing.jpg": [
        "everything on its host: host:pictures.example (1 image)",
    ],
    "https://pictures.example/shown.png).": [
        'without its end: url:"https://pictures.example/shown.png" (1 image)',
        "everything on its host: host:pictures.example (1 image)",
    ],
    "http://pictures.example/a -b url:c.png": [
        'all of it as one URL: url:"http://pictures.example/a -b url:c.png" (1 image)',
    ],
}


@pytest.mark.parametrize("query", LEADS)
def test_a_url_that_is_not_here_leads_to_what_is_near(local_page: Opener, query: str) -> None:
    """To its host, to a URL without a stop, or with all that it may hold."""
    with local_page(f"?q={quote(query)}") as page:
        says(page, "No images")
        expect(page.locator("#search-message li")).to_have_text(LEADS[query])


def test_a_url_without_a_scheme_is_found_as_one(local_page: Opener) -> None:
    """As people write it, or copy it from an address bar that hides the scheme."""
    with local_page("?q=pictures.example/shown.png") as page:
        says(page, "1 image")


class Hosts:
    """Stands in for the pictures' hosts and remembers who asked."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.referrers: list[str | None] = []
        page.route("http://pictures.example/**", self._answer)

    def _answer(self, route: Route) -> None:
        self.asked.append(route.request.url.rsplit("/", 1)[1])
        self.referrers.append(route.request.headers.get("referer"))
        if route.request.url.endswith("gone.png"):
            route.abort()
        else:
            route.fulfill(body=PIXEL, content_type="image/png")


def test_pictures_are_requested_only_when_asked_for(browser: Browser, folder: Path) -> None:
    """No host is contacted before the click; then not for hidden, unsafe or unshowable rows."""
    with opened(browser, folder.as_uri() + "/search.html", expect_errors=True) as page:
        hosts = Hosts(page)
        page.goto(folder.as_uri() + "/search.html?q=quay")
        says(page, "6 images")
        count(page, "#results li", 6)
        page.wait_for_load_state("networkidle")
        assert hosts.asked == []
        expect(page.locator(".ask")).to_contain_text("each host will see your IP address")
        with page.expect_request("**/gone.png"):
            page.click("text=Show the hosts’ pictures")
            expect(page.locator("#results")).not_to_have_class(re.compile("as-list"))
            page.locator("li:has-text('quay five')").scroll_into_view_if_needed()
        count(page, ".has-picture", 2)
        count(page, "#results img", 2)
        assert sorted(hosts.asked) == ["blurred.png", "gone.png", "shown.png"]
        assert set(hosts.referrers) == {None}
        count(page, "img:not([referrerpolicy=no-referrer][loading=lazy])", 0)
        gone = page.locator("li:has-text('quay five')")
        expect(gone.locator("svg")).to_have_count(1)
        expect(gone.locator("img")).to_have_count(0)


def test_a_blurred_picture_is_revealed_by_its_button(browser: Browser, folder: Path) -> None:
    """Blurred rows stay blurred until their own button is pressed."""
    with opened(browser, folder.as_uri() + "/search.html", expect_errors=True) as page:
        Hosts(page)
        page.goto(folder.as_uri() + "/search.html?q=quay")
        done(page)
        page.click("text=Show the hosts’ pictures")
        tile = page.locator("li:has-text('quay two')")
        expect(page.locator(".ask")).to_have_text(re.compile("come from their hosts"))
        expect(page.locator(".ask span")).to_be_focused()
        tile.locator(".is-blurred img").wait_for(state="attached")
        count(page, ".is-blurred", 1)
        tile.locator("button.reveal").press("Enter")
        count(page, ".is-blurred, button.reveal", 0)
        expect(tile.locator("img")).to_have_count(1)


def test_a_detail_shows_its_picture_once_pictures_were_asked_for(
    browser: Browser, folder: Path
) -> None:
    """Before the click a detail is a drawing; after it, details opened later have pictures too."""
    with opened(browser, folder.as_uri() + "/search.html", expect_errors=True) as page:
        hosts = Hosts(page)
        page.goto(folder.as_uri() + "/search.html?q=quay+one")
        done(page)
        page.click(".tile .caption a")
        count(page, "dialog[open] .frame svg", 1)
        assert hosts.asked == []
        page.click("text=Back to the results")
        page.click("text=Show the hosts’ pictures")
        page.click(".tile .caption a")
        count(page, "dialog[open] .frame.has-picture", 1)


def test_nothing_to_show_offers_no_pictures(local_page: Opener) -> None:
    """Where no result has a picture that may be shown there is no button for pictures."""
    with local_page("?q=quay+three") as page:
        says(page, "1 image")
        expect(page.locator(".ask")).to_be_hidden()
    with local_page("?q=quay+one") as page:
        says(page, "1 image")
        expect(page.locator(".ask")).to_be_visible()


def test_a_site_without_pictures_and_links_has_neither(browser: Browser, tmp_path: Path) -> None:
    """With pictures none and links no there is no button, and addresses are text."""
    site = tmp_path / "site"
    build_site(site, documents(), Sizes(), pictures="none", links=False)
    with opened(browser, site.as_uri() + "/search.html?q=quay+one") as page:
        done(page)
        count(page, ".ask", 0)
        page.click(".tile .caption a")
        expect(page.locator("dialog")).to_contain_text("http://pictures.example/shown.png")
        count(page, "a[href^='http']", 0)


def test_a_missing_file_is_told_to_the_reader(
    browser: Browser, folder: Path, tmp_path: Path
) -> None:
    """A file that does not load gives a message with its name, and no results."""
    site = tmp_path / "site"
    shutil.copytree(folder, site)
    for file in (site / "search" / "tiny" / "w").iterdir():
        file.unlink()
    with opened(browser, site.as_uri() + "/search.html?q=quay", expect_errors=True) as page:
        page.wait_for_selector("#search-message [role=alert]")
        expected = re.compile(r"the search index file w/\d+\.js could not be loaded")
        expect(page.locator("#search-message")).to_contain_text(expected)
        says(page, "")


def test_a_bounded_total_can_be_counted_exactly(browser: Browser, tmp_path: Path) -> None:
    """When a total costs too much the page says at least and at most, and offers to count."""
    url = "https://example.org/a.jpg"
    same = (("url", url_value("example.org/a.jpg")),)
    rows = [Document(n, f"barn {n}", url, fields=same) for n in range(300)]
    build_site(tmp_path / "site", rows, Sizes())
    with opened(browser, f"{(tmp_path / 'site').as_uri()}/search.html?q=url:{url}") as page:
        says(page, re.compile("^At least [0-9]+ images, at most 300, page 1$"))
        page.click("text=Count exactly")
        count(page, "#count-exactly", 0)
        says(page, "300 images, page 1 of 15")


def test_a_result_has_an_address_by_its_id(local_page: Opener) -> None:
    """Numbers change with the index, ids do not."""
    with local_page("#id-105") as page:
        page.wait_for_selector("dialog[open]")
        expect(page.locator("dialog")).to_contain_text("quay six")
        expect(page.locator("dialog")).to_contain_text("Rank")
    with local_page("?q=barn#id-999") as page:
        says(page, "60 images, page 1 of 3")
        count(page, "dialog[open]", 0)


def test_what_was_understood_is_told_where_it_is_not_plain(local_page: Opener) -> None:
    """Groups, and what is left out, are echoed; plain words are not."""
    with local_page("?q=jetty+OR+red+barn") as page:
        says(page, "61 images, page 1 of 4")
        expect(page.locator("#search-message")).to_have_text("Understood as: jetty OR (red barn)")
    with local_page("?q=(Barn+OR+jetty)+red") as page:
        says(page, "60 images, page 1 of 3")
        expect(page.locator("#search-message")).to_have_text("")
    with local_page("?q=quay+%22six") as page:
        says(page, "1 image")
        expect(page.locator("#search-message")).to_have_text("")


def test_words_are_suggested_while_typing(search_page: Opener) -> None:
    """The list of the field holds how the last word may go on."""
    with search_page("?q=jetty") as page:
        says(page, "1 image")
        page.fill("#q", "")
        page.locator("#q").press_sequentially("red qua")
        options = page.locator("#suggestions option")
        expect(options).to_have_count(1)
        expect(options).to_have_attribute("value", "red quay")
        expect(options).to_have_text("6 images")


def test_what_is_inside_longer_words_is_one_click_away(browser: Browser, tmp_path: Path) -> None:
    """For scripts that write without spaces, clearly apart from the words themselves."""
    captions = ["灯台", "海の灯台の絵", "灯台下暗し", "lighthouse"]
    build_site(tmp_path / "site", [Document(n, c) for n, c in enumerate(captions)], Sizes())
    with opened(browser, f"{(tmp_path / 'site').as_uri()}/search.html?q=灯台") as page:
        says(page, "1 image")
        page.click("text=inside longer words: 2 more")
        expect(page.locator("#q")).to_have_value("inside:灯台")
        says(page, "3 images")
