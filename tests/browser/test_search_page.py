"""The search page in Chromium: address, form, pages and details, by pointer and keyboard."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.reader_rows import (
    Opener,
    count,
    done,
    no_anchor,
    says,
)
from tests.browser.search_site import build_site, needs_chromium, opened, url_value
from tests.browser.tiny_index import Sizes
from tests.browser.tiny_terms import Document

pytestmark = needs_chromium


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


def test_a_result_has_an_address_by_its_id(local_page: Opener) -> None:
    """Numbers change with the index, ids do not."""
    with local_page("#id-105") as page:
        page.wait_for_selector("dialog[open]")
        expect(page.locator("dialog")).to_contain_text("quay six")
        expect(page.locator("dialog")).to_contain_text("Rank")
    with local_page("?q=barn#id-999") as page:
        says(page, "60 images, page 1 of 3")
        count(page, "dialog[open]", 0)


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


def test_a_missing_file_is_told_to_the_reader(
    browser: Browser, read_folder: Path, tmp_path: Path
) -> None:
    """A file that does not load gives a message with its name, and no results."""
    site = tmp_path / "site"
    shutil.copytree(read_folder, site)
    for file in (site / "search" / "tiny" / "w").iterdir():
        file.unlink()
    with opened(browser, site.as_uri() + "/search.html?q=quay", expect_errors=True) as page:
        page.wait_for_selector("#search-message [role=alert]")
        expected = re.compile(r"the search index file w/\d+\.js could not be loaded")
        expect(page.locator("#search-message")).to_contain_text(expected)
        says(page, "")


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
