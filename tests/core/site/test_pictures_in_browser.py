"""The hosts' pictures in a real browser: asked for, for a session, until it is taken back."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests import site_fixture
from tests.browser.search_site import chromium, needs_chromium

pytestmark = needs_chromium

NAME = "artists/vincent-van-gogh.html"
OTHER = "domains/pinimg-com.html"
SHOW, HIDE = "Show the hosts’ pictures", "Hide the pictures again"
NO_STORAGE = """Object.defineProperty(window, 'sessionStorage', {
    get() { throw new DOMException('no storage here', 'SecurityError'); } });"""


def png(width: int, height: int) -> bytes:
    """A grey picture of one bit a pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\0" * ((width + 7) // 8)) * height, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def sends_picture(route: Route) -> None:
    """Send a small picture."""
    route.fulfill(body=png(40, 30), content_type="image/png")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests of this module."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixture's site, on the disk."""
    root = tmp_path_factory.mktemp("pictures")
    for path, content in site_fixture.render_all(root).items():
        target = root / "site" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return root / "site"


@contextmanager
def visit(
    browser: Browser, answer: Callable[[Route], None] = sends_picture, script: str = ""
) -> Iterator[tuple[BrowserContext, Page, list[str]]]:
    """A session with one tab, and everything it asks other hosts for; errors fail the test."""
    requested: list[str] = []
    problems: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    if script:
        context.add_init_script(script)

    def answered(route: Route) -> None:
        requested.append(route.request.url)
        answer(route)

    context.route(re.compile("^https?:"), answered)
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    try:
        yield context, page, requested
    finally:
        context.close()
    assert problems == []


def ask(page: Page) -> None:
    """Ask for the pictures, and look at all of them."""
    page.get_by_role("button", name=SHOW).click()
    look(page)


def look(page: Page) -> None:
    """Scroll past all tiles."""
    for frame in page.locator(".frame[data-picture]").all():
        frame.scroll_into_view_if_needed()
        page.wait_for_timeout(20)


def test_a_yes_lasts_for_the_session_and_can_be_taken_back(browser: Browser, folder: Path):
    """On the next pages of this site nobody is asked again; after a no nothing is requested."""
    with visit(browser) as (_, page, requested):
        page.goto((folder / NAME).as_uri())
        assert requested == []
        ask(page)
        expect(page.locator(".has-picture").first).to_be_visible()
        page.goto((folder / OTHER).as_uri())
        look(page)
        expect(page.locator(".has-picture").first).to_be_visible()
        expect(page.get_by_role("button", name=SHOW)).to_have_count(0)
        page.get_by_role("button", name=HIDE).click()
        expect(page.get_by_role("button", name=SHOW)).to_be_focused()
        expect(page.locator(".frame :is(img, button)")).to_have_count(0)
        assert page.locator(".has-picture, .is-blurred").count() == 0
        before = len(requested)
        for path in (NAME, OTHER):
            page.goto((folder / path).as_uri())
            look(page)
        assert len(requested) == before


def test_another_session_and_another_site_are_asked_anew(
    browser: Browser, folder: Path, tmp_path: Path
):
    """A yes is for one tab and for the pages of one site."""
    other = tmp_path / "other"
    other.symlink_to(folder)
    with visit(browser) as (context, page, requested):
        page.goto((folder / NAME).as_uri())
        ask(page)
        before = len(requested)
        assert before > 0
        page.goto((other / NAME).as_uri())
        look(page)
        expect(page.get_by_role("button", name=SHOW)).to_be_visible()
        tab = context.new_page()
        tab.goto((folder / NAME).as_uri())
        look(tab)
        assert len(requested) == before


def test_without_storage_a_yes_is_for_the_page(browser: Browser, folder: Path):
    """Nothing breaks where a browser keeps nothing for a page on a disk."""
    with visit(browser, script=NO_STORAGE) as (_, page, requested):
        page.goto((folder / NAME).as_uri())
        assert requested == []
        ask(page)
        expect(page.locator(".has-picture").first).to_be_visible()
        page.get_by_role("button", name=HIDE).click()
        expect(page.locator(".frame img")).to_have_count(0)
        before = len(requested)
        page.goto((folder / OTHER).as_uri())
        look(page)
        assert len(requested) == before
        expect(page.get_by_role("button", name=SHOW)).to_be_visible()


def redirects_forever(route: Route) -> None:
    """Send the reader on and on."""
    route.fulfill(status=302, headers={"location": route.request.url})


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda route: route.fulfill(status=404, body="gone"), id="gone"),
        pytest.param(
            lambda route: route.fulfill(body="<p>gone</p>", content_type="text/html"), id="a page"
        ),
        pytest.param(lambda route: route.fulfill(body=b"", content_type="image/png"), id="empty"),
        pytest.param(
            lambda route: route.fulfill(body=png(40, 30)[8:], content_type="image/png"), id="noise"
        ),
        pytest.param(lambda route: route.abort("connectionrefused"), id="refused, as http may be"),
        pytest.param(redirects_forever, id="redirects"),
        pytest.param(
            lambda route: route.fulfill(body=png(9_000, 9_000), content_type="image/png"), id="huge"
        ),
    ],
)
def test_a_picture_that_does_not_come_leaves_the_drawing(
    browser: Browser, folder: Path, answer: Callable[[Route], None]
):
    """Whatever the host does instead; no button is left for what is not there."""
    with visit(browser, answer) as (_, page, requested):
        page.goto((folder / NAME).as_uri())
        ask(page)
        expect(page.locator(".frame :is(img, button)")).to_have_count(0)
        assert page.locator(".has-picture, .is-blurred").count() == 0
        assert requested
        assert page.locator(".frame[data-picture] svg").first.is_visible()


def test_a_host_that_never_answers_is_given_up(browser: Browser, folder: Path):
    """After a while its request ends and the drawing stays, by itself."""
    with visit(browser, lambda _: None) as (_, page, requested):
        page.clock.install()
        page.goto((folder / NAME).as_uri())
        with page.expect_request(lambda request: request.resource_type == "image"):
            page.get_by_role("button", name=SHOW).click()
        page.clock.run_for(20_000)
        expect(page.locator(".frame img")).to_have_count(0)
        assert requested


def test_a_picture_is_never_shown_larger_than_it_is(browser: Browser, folder: Path):
    """A small one stays small in its place."""
    with visit(browser) as (_, page, _):
        page.goto((folder / NAME).as_uri())
        ask(page)
        image = page.locator(".has-picture img").first
        expect(image).to_be_visible()
        assert image.evaluate("(img) => getComputedStyle(img).objectFit") == "scale-down"


def test_a_blurred_picture_says_why_and_can_be_blurred_again(browser: Browser, folder: Path):
    """Its score, or that nobody scored it."""
    with visit(browser) as (_, page, _):
        page.goto((folder / NAME).as_uri())
        ask(page)
        frames = page.locator(".frame.is-blurred.has-picture")
        expect(frames.first).to_be_visible()
        for frame in frames.all():
            unsafe = frame.get_attribute("data-unsafe")
            why = "nobody scored it" if unsafe == "unknown" else f"unsafe score {unsafe}"
            expect(frame.get_by_role("button")).to_have_text(f"Show this picture (blurred: {why})")
        frame = page.locator(".frame[data-unsafe].has-picture").first
        button = frame.get_by_role("button")
        button.click()
        expect(frame).not_to_have_class(re.compile("is-blurred"))
        expect(button).to_have_text("Blur it again")
        button.click()
        expect(frame).to_have_class(re.compile("is-blurred"))


def test_captions_of_rows_that_score_high_stand_behind_a_click(browser: Browser, folder: Path):
    """The score says why; a row that nobody scored keeps its caption in sight."""
    with visit(browser) as (_, page, _):
        page.goto((folder / NAME).as_uri())
        kept = page.locator(".tile .kept-back")
        assert kept.count() > 0
        for each in kept.all():
            assert not each.locator(".caption").is_visible()
            each.locator("summary").click()
            assert each.locator(".caption").is_visible()
        unscored = page.locator(".tile:has(.frame[data-unsafe=unknown])")
        assert unscored.locator(".kept-back").count() == 0
