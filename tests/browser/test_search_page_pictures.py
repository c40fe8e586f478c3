"""The pictures of the hosts on the search page: none before the reader asks, few after."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.reader_rows import (
    PIXEL,
    Opener,
    count,
    documents,
    done,
    says,
)
from tests.browser.search_site import build_site, needs_chromium, opened
from tests.browser.tiny_index import Sizes

pytestmark = needs_chromium


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


def test_pictures_are_requested_only_when_asked_for(browser: Browser, read_folder: Path) -> None:
    """No host is contacted before the click; then not for hidden, unsafe or unshowable rows."""
    with opened(browser, read_folder.as_uri() + "/search.html", expect_errors=True) as page:
        hosts = Hosts(page)
        page.goto(read_folder.as_uri() + "/search.html?q=quay")
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


def test_a_blurred_picture_is_revealed_by_its_button(browser: Browser, read_folder: Path) -> None:
    """Blurred rows stay blurred until their own button is pressed."""
    with opened(browser, read_folder.as_uri() + "/search.html", expect_errors=True) as page:
        Hosts(page)
        page.goto(read_folder.as_uri() + "/search.html?q=quay")
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
    browser: Browser, read_folder: Path
) -> None:
    """Before the click a detail is a drawing; after it, details opened later have pictures too."""
    with opened(browser, read_folder.as_uri() + "/search.html", expect_errors=True) as page:
        hosts = Hosts(page)
        page.goto(read_folder.as_uri() + "/search.html?q=quay+one")
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
