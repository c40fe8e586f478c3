"""Results that are loaded, in another order or only some of them; and as a list or a grid."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.reader_rows import PIXEL
from tests.browser.search_site import build_site, needs_chromium, opened, served
from tests.browser.tiny_index import Sizes
from tests.browser.tiny_terms import Document

pytestmark = needs_chromium

Opener = Callable[[str], AbstractContextManager[Page]]

HOSTILE = '"><img src=x onerror="window.XSS=1">.example'


def documents() -> list[Document]:
    """Return 150 barns whose ranks, sizes, years and domains differ; every tenth tells neither."""
    return [
        Document(
            n,
            f"red barn number{n}",
            f"http://pictures.example/{2000 + n * 7 % 20}/05/{n}.png"
            if n % 10
            else f"http://pictures.example/{n}.png",
            aesthetic=9 - n / 50,
            width=100 + n * 53 % 150 * 10 if n % 10 else None,
            height=500 if n % 10 else None,
            domain=HOSTILE if n == 3 else f"site{n % 4}.example",
        )
        for n in range(150)
    ]


@pytest.fixture(scope="module", params=["file", "http"])
def search_page(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Opener]:
    """Open the search page with a query string, from the disk and from a server's sub-path."""
    folder: Path = tmp_path_factory.mktemp("hand") / "sub path"
    build_site(folder, documents(), Sizes())
    with ExitStack() as stack:
        base = folder.as_uri()
        if request.param == "http":
            base = f"{stack.enter_context(served(folder.parent))}/sub%20path"
        yield lambda state: opened(browser, f"{base}/search.html{state}")


def numbers(page: Page) -> list[int]:
    """Return the numbers in the captions that are to be seen, in their order."""
    expect(page.locator("#results:not([aria-busy])")).to_be_attached()
    captions = page.locator("#results > li:visible .caption").all_inner_texts()
    return [int(caption.rsplit("number", 1)[1]) for caption in captions]


def says(page: Page, text: str) -> None:
    """Wait until it is said of how many results how many are shown."""
    expect(page.locator("#in-hand-status")).to_have_text(text)


def expected(count: int, order: str) -> list[int]:
    """Return the first so many barns in one of the orders, unknown ones last, ties by rank."""
    key = {"large": lambda d: -d.width, "small": lambda d: d.width}
    key |= {"new": lambda d: -int(d.url[24:28]), "old": lambda d: int(d.url[24:28])}
    some = documents()[:count]
    known = sorted((d for d in some if d.width is not None), key=key[order])
    return [d.id for d in (*known, *(d for d in some if d.width is None))]


@pytest.mark.parametrize("order", ["large", "small", "new", "old"])
def test_results_in_hand_take_another_order(search_page: Opener, order: str) -> None:
    """By size or year; what has none comes last; the page says that it is only of these."""
    with search_page("?q=barn") as page:
        assert numbers(page) == list(range(20))
        page.get_by_text("Sort or filter these 20 results").click()
        page.get_by_label("Order").select_option(order)
        says(page, "20 of the 20 results loaded here are shown.")
        assert numbers(page) == expected(20, order)
        expect(page.locator("#in-hand-what")).to_have_text(
            "Only the 20 results loaded here are sorted and filtered, not all that were found: "
            "150 images."
        )
        page.get_by_role("button", name="Reset").click()
        expect(page.locator("#show-all")).to_be_hidden()
        assert numbers(page) == list(range(20))


def test_no_order_is_by_the_unsafe_score(search_page: Opener) -> None:
    """It is nothing to look for, whatever an address says."""
    with search_page("?q=barn&order=unsafe") as page:
        assert numbers(page) == list(range(20))
        assert "nsafe" not in page.locator("#in-hand").inner_text()
        expect(page.get_by_label("Order")).to_have_value("")


def test_filters_are_of_the_results_in_hand(search_page: Opener) -> None:
    """Width, year and domain, each with how many there are; together they have all to hold."""
    with search_page("?q=barn") as page:
        page.get_by_text("Sort or filter these 20 results").click()
        page.get_by_label("Domain", exact=True).select_option("site1.example")
        says(page, "5 of the 20 results loaded here are shown.")
        assert numbers(page) == [1, 5, 9, 13, 17]
        page.get_by_label("Width").select_option("512")
        wide = [n for n in (1, 5, 9, 13, 17) if (documents()[n].width or 0) >= 512]
        says(page, f"{len(wide)} of the 20 results loaded here are shown.")
        assert numbers(page) == wide
        page.get_by_label("Domain", exact=True).select_option("")
        page.get_by_label("Width").select_option("unknown")
        says(page, "2 of the 20 results loaded here are shown.")
        page.get_by_label("Year in the URL").select_option("2007")
        says(page, "None of the 20 results loaded here has all of this.")
        assert (
            page.get_by_label("Domain", exact=True)
            .locator("option")
            .all_inner_texts()[1]
            .endswith("(5)")
        )


def test_the_address_keeps_what_was_chosen(search_page: Opener) -> None:
    """A reload shows the same, the way back what was before; results opened meanwhile too."""
    with search_page("?q=barn") as page:
        page.get_by_text("Sort or filter these 20 results").click()
        page.get_by_label("Order").select_option("small")
        page.get_by_label("Domain", exact=True).select_option("site2.example")
        says(page, "5 of the 20 results loaded here are shown.")
        chosen = numbers(page)
        page.reload()
        assert numbers(page) == chosen
        expect(page.get_by_label("Domain", exact=True)).to_have_value("site2.example")
        page.locator("#results > li:visible .caption a").first.click()
        page.wait_for_selector("dialog[open]")
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
        assert numbers(page) == chosen
        page.go_back()
        says(page, "20 of the 20 results loaded here are shown.")
        assert numbers(page) == expected(20, "small")
        page.go_back()
        expect(page.get_by_label("Order")).to_have_value("")
        assert numbers(page) == list(range(20))


def test_more_results_are_loaded_to_choose_from(search_page: Opener) -> None:
    """A hundred, then all; the page, its number and the next one say so; the address keeps it."""
    with search_page("?q=barn") as page:
        page.get_by_text("Sort or filter these 20 results").click()
        page.get_by_label("Order").select_option("large")
        page.get_by_role("button", name="Load 80 more").click()
        says(page, "100 of the 100 results loaded here are shown.")
        assert numbers(page) == expected(100, "large")
        expect(page.locator("#search-status")).to_have_text("150 images, pages 1 to 5 of 8")
        expect(page.get_by_role("link", name="Next page")).to_have_attribute(
            "href", re.compile("page=6")
        )
        page.reload()
        assert numbers(page) == expected(100, "large")
        page.get_by_role("button", name="Load 50 more").click()
        says(page, "150 of the 150 results loaded here are shown.")
        expect(page.locator("#in-hand-what")).to_have_text(
            "These are all the images that were found."
        )
        expect(page.locator("#load-more")).to_be_hidden()
        expect(page.get_by_label("Order")).to_be_focused()
        page.go_back()
        says(page, "100 of the 100 results loaded here are shown.")


@pytest.mark.parametrize(
    "state", ["order=%00", "year=__proto__&order=constructor", "shown=1e9&wide=x&from=%3Cimg%3E"]
)
def test_an_address_that_nobody_made_is_harmless(search_page: Opener, state: str) -> None:
    """What does not exist is shown as chosen, with none; nothing runs or is loaded without end."""
    with search_page(f"?q=barn&{state}") as page:
        numbers(page)
        expect(page.locator("#results > li")).to_have_count(20)
        page.get_by_label("Domain", exact=True).select_option(
            HOSTILE if "from" not in state else ""
        )
        assert page.evaluate("window.XSS") is None
        expect(page.locator("#in-hand img")).to_have_count(0)


def test_results_are_a_list_until_there_are_pictures(search_page: Opener) -> None:
    """Rows without drawings; the grid by a switch that says what is on, kept in the address."""
    with search_page("?q=barn") as page:
        numbers(page)
        as_list, as_grid = (
            page.get_by_role("button", name=name, exact=True) for name in ("List", "Grid")
        )
        expect(as_list).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#results .frame").first).to_be_hidden()
        expect(page.locator("#results > li").nth(1)).to_contain_text("630 × 500 · URL of 2007")
        as_grid.press("Enter")
        expect(as_grid).to_have_attribute("aria-pressed", "true")
        expect(as_list).to_have_attribute("aria-pressed", "false")
        expect(page.locator("#results .frame svg")).to_have_count(20)
        expect(page.locator("#results .frame").first).to_be_visible()
        page.get_by_role("link", name="Next page").click()
        expect(page.locator("#search-status")).to_have_text("150 images, page 2 of 8")
        expect(as_grid).to_have_attribute("aria-pressed", "true")
        page.locator("#q").fill("red")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=red**")
        expect(as_grid).to_have_attribute("aria-pressed", "true")
        as_list.click()
        expect(page.locator("#results .frame").first).to_be_hidden()
        page.go_back()
        expect(page.locator("#results .frame").first).to_be_visible()


def test_pictures_are_seen_in_the_grid(search_page: Opener) -> None:
    """Whoever asks for them gets the grid, and the list again when they are hidden."""
    with search_page("?q=barn&view=list") as page:
        page.route(
            "http://pictures.example/**",
            lambda route: route.fulfill(body=PIXEL, content_type="image/png"),
        )
        numbers(page)
        page.get_by_role("button", name="Show the hosts’ pictures").click()
        expect(page.get_by_role("button", name="Grid")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#results .frame").first).to_be_visible()
        page.get_by_role("button", name="Hide the pictures again").click()
        expect(page.get_by_role("button", name="List", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_is_wider_than_the_screen(search_page: Opener, width: int) -> None:
    """As a list, with everything that can be chosen open, and with long names."""
    with search_page("?q=barn&order=large&from=" + "very-long-" * 30) as page:
        page.set_viewport_size({"width": width, "height": 740})
        numbers(page)
        says(page, "None of the 20 results loaded here has all of this.")
        page.get_by_role("button", name="Reset").click()
        assert page.evaluate("document.documentElement.scrollWidth") == width
