"""Rows of the search page are only text: nothing hostile runs, or becomes a link."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.reader_rows import (
    HOSTILE,
    UNSAFE_URLS,
    Opener,
    count,
    done,
    no_anchor,
    says,
)
from tests.browser.search_site import needs_chromium

pytestmark = needs_chromium

SAFE_URLS = (
    "https://example.org/a.jpg?x=1&y=é#z",
    "HTTP://EXAMPLE.org:8080/a_(1).jpg",
    "http://1.2.3.4/",
    "http://[2001:db8::1]:80/a",
    "https://my_host.example/%20",
)


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
