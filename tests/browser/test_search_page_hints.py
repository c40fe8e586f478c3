"""What the search page says of a query: what would find something, how it was understood."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.reader_rows import (
    Opener,
    count,
    done,
    says,
)
from tests.browser.search_site import build_site, needs_chromium, opened
from tests.browser.tiny_index import Sizes
from tests.browser.tiny_terms import Document

pytestmark = needs_chromium


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


def test_what_is_inside_longer_words_is_one_click_away(browser: Browser, tmp_path: Path) -> None:
    """For scripts that write without spaces, clearly apart from the words themselves."""
    captions = ["灯台", "海の灯台の絵", "灯台下暗し", "lighthouse"]
    build_site(tmp_path / "site", [Document(n, c) for n, c in enumerate(captions)], Sizes())
    with opened(browser, f"{(tmp_path / 'site').as_uri()}/search.html?q=灯台") as page:
        says(page, "1 image")
        page.click("text=inside longer words: 2 more")
        expect(page.locator("#q")).to_have_value("inside:灯台")
        says(page, "3 images")
