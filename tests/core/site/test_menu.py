"""The menu: six entries on every page, the current one marked, every page two clicks away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from laion_assets.core.site.menu import Entry, menu_of, submenu_of
from tests import site_fixture
from tests.browser.search_site import chromium, needs_chromium
from tests.site_html import Document, Element

SIX = ["Search", "Domains", "Names", "Findings", "Data", "About"]
#: Where each kind of page stands in the menu: the entry, and the page beside which it is shown.
PLACES = {
    "index.html": ("", ""),
    "404.html": ("", ""),
    "search.html": ("Search", "Search"),
    "dossier.html": ("Search", "Is my work in it?"),
    "domains.html": ("Domains", "Domains"),
    "domains/pinimg-com.html": ("Domains", "Domains"),
    "platforms.html": ("Domains", "Platforms"),
    "names.html": ("Names", "All lists"),
    "artists.html": ("Names", "Artists"),
    "artists-a-z.html": ("Names", "Artists"),
    "artists/vincent-van-gogh.html": ("Names", "Artists"),
    "characters.html": ("Names", "Characters"),
    "compare.html": ("Names", "Compare"),
    "findings.html": ("Findings", "All findings"),
    "questions.html": ("Findings", "Questions"),
    "claims.html": ("Findings", "Claims"),
    "quality.html": ("Findings", "Quality"),
    "downloads.html": ("Data", ""),
    "about.html": ("About", ""),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """Every page of the fixture's site, by path."""
    files = site_fixture.render_all(tmp_path_factory.mktemp("menu"))
    return {
        path: Document(content.decode())
        for path, content in files.items()
        if path.endswith(".html")
    }


def navigations(page: Document) -> list[Element]:
    """Return the menu, and the pages beside this one where there are any."""
    labels = ("Pages", "Pages beside this one")
    return [nav for nav in page.all("nav") if nav.get("aria-label") in labels]


def marked(nav: Element) -> str:
    """Return the one entry that is marked as the current one."""
    found = [link.text for link in nav.all("a") if link.get("aria-current")]
    assert len(found) <= 1
    return "".join(found)


def test_every_page_has_the_same_six_entries(pages: dict[str, Document]) -> None:
    """In the same order, after the site's name, which leads home."""
    for path, page in pages.items():
        header = page.all("header")[0]
        assert [link.text for link in navigations(page)[0].all("a")] == SIX, path
        assert str(header.all("a")[0].get("href")).endswith("index.html"), path


@pytest.mark.parametrize("path", PLACES)
def test_the_current_entry_is_marked(pages: dict[str, Document], path: str) -> None:
    """The page itself as the page, the part of the site it is in as where one is."""
    menu, *beside = navigations(pages[path])
    entry, own = PLACES[path]
    assert marked(menu) == entry
    assert [marked(nav) for nav in beside] == ([own] if own else [])
    for link in (link for nav in (menu, *beside) for link in nav.all("a")):
        is_here = str(link.get("href")).lstrip("./") == path
        if link.get("aria-current"):
            assert link.get("aria-current") == ("page" if is_here else "true")


def test_every_page_of_the_site_is_two_clicks_away(pages: dict[str, Document]) -> None:
    """From any page by the menu alone; what a list goes on in, and single names, are in it."""
    goes_on = re.compile(r"-(\d+|a-z(-\d+)?)\.html$")
    wanted = {path for path in pages if "/" not in path and not goes_on.search(path)} - {"404.html"}
    for path, page in pages.items():
        first = _targets(page, path)
        second = set().union(*(_targets(pages[target], target) for target in first))
        assert wanted <= first | second, path


def _targets(page: Document, path: str) -> set[str]:
    up = "../" * path.count("/")
    links = page.all("header")[0].all("a") + [a for n in navigations(page) for a in n.all("a")]
    return {str(link.get("href")).removeprefix(up) for link in links}


def test_later_pages_of_a_listing_are_in_its_place() -> None:
    """`domains-2.html` is in the list of domains; `domains-of.html` is something else."""
    entries = (Entry("a.html", "A", (("a.html", "A"), ("b.html", "B"))), Entry("c.html", "C", ()))
    for path in ("a-2.html", "a-17.html", "a-a-z.html", "a-a-z-2.html", "a/x.html"):
        assert [item.current for item in menu_of(entries, path)] == ["true", ""]
        assert [item.current for item in submenu_of(entries, path)] == ["true", ""]
    for path in ("a-of.html", "ab.html", "c.html", "x/a.html"):
        assert submenu_of(entries, path) == []


# -- in a browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests of this module."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module", params=[False, True], ids=["real", "invented"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixture's site on disk, with a long title; once with rows that are invented."""
    root = tmp_path_factory.mktemp("menu")
    title = "A very long title that nobody would ever give to a data set of pictures and captions"
    files = site_fixture.render_all(root, title=title, invented=request.param)
    for path, content in files.items():
        target = root / "site" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return root / "site"


@needs_chromium
@pytest.mark.parametrize("path", ["index.html", "artists.html", "domains/pinimg-com.html"])
def test_the_header_is_low_on_a_phone(browser: Browser, folder: Path, path: str) -> None:
    """72 pixels at most at 360, without a script, whatever the title; links can be hit."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / path).as_uri())
    box = page.locator("header.site").bounding_box()
    assert box is not None
    assert box["height"] <= 72
    assert box["y"] == 0
    for link in page.locator("header.site a").all():
        size = link.bounding_box()
        assert size is not None
        assert size["height"] >= 24
    last = page.locator("header.site nav a").last.bounding_box()
    assert last is not None
    assert last["x"] + last["width"] <= 360
    context.close()


@needs_chromium
def test_the_current_page_is_marked_where_colours_are_the_reader_s(
    browser: Browser, folder: Path
) -> None:
    """By a line that other entries do not have."""
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto((folder / "artists.html").as_uri())
    for nav in page.locator("header.site nav, nav.submenu").all():
        lines = nav.locator("a").evaluate_all(
            "(links) => links.map((link) => [link.hasAttribute('aria-current'),"
            " getComputedStyle(link).borderBottomStyle])"
        )
        assert all((style == "solid") == current for current, style in lines)
        assert sum(current for current, _ in lines) == 1
    context.close()


@needs_chromium
def test_the_tab_key_goes_through_the_menu_in_order(browser: Browser, folder: Path) -> None:
    """Past the link to the content and home, then the six, then the pages beside this one."""
    page = browser.new_page()
    page.goto((folder / "artists.html").as_uri())
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent"))
    assert reached[0] == "Skip to the content"
    assert reached[2:8] == SIX
    assert reached[8:12] == ["All lists", "Artists", "Celebrities", "Characters"]
    page.close()
