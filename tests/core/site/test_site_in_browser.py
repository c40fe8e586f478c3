"""The pages in a real browser, from the disk: nothing runs, nothing leaves, everything fits.

The search page's own behaviour is tested in `tests/browser/`.
"""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from laion_assets.core.claims.claim_files import load_claims
from laion_assets.core.site.tiles import draw_tile
from tests import site_fixture
from tests.browser.search_site import chromium, needs_chromium

pytestmark = needs_chromium

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
#: The index is not part of what is rendered here, so its one file cannot load.
MISSING = "search/ab12cd34/directory.js"
NAME = "artists/vincent-van-gogh.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests of this module."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixture's site, written to a folder with a space in its name."""
    root = tmp_path_factory.mktemp("browser")
    site = root / "a site"
    for path, content in site_fixture.render_all(root).items():
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return site


@pytest.fixture(scope="module")
def claimed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixture's site with the claims that come with the program."""
    root = tmp_path_factory.mktemp("claimed")
    for path, content in site_fixture.render_all(root, claims=load_claims(None)).items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return root


@contextmanager
def opened(browser: Browser, path: Path, width: int = 1280) -> Iterator[tuple[Page, list[str]]]:
    """A page, and the list of everything it asks other hosts for; complaints fail the test."""
    complaints: list[str] = []
    requested: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()

    def answer(route: Route) -> None:
        requested.append(route.request.url)
        if "pinimg" in route.request.url:
            route.abort()
        else:
            route.fulfill(body=PIXEL, content_type="image/png")

    def failed(request: Request) -> None:
        # Leaving a page breaks off what it still loads, its icon for one.
        broken_off = request.failure == "net::ERR_ABORTED"
        if not broken_off and MISSING not in request.url and "pinimg" not in request.url:
            complaints.append(f"failed: {request.url}")

    page.route("http*://**/*", answer)
    page.on("requestfailed", failed)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: (
            None if "Failed to load resource" in line.text else complaints.append(line.text)
        ),
    )
    page.goto(path.as_uri())
    try:
        yield page, requested
    finally:
        context.close()
    assert complaints == []


def test_no_page_runs_or_requests_anything_and_none_is_wider_than_a_phone(
    browser: Browser, folder: Path
):
    """Hostile rows stay text, no host is contacted, and at 360 px nothing but tables scrolls."""
    with opened(browser, folder / "index.html", width=360) as (page, requested):
        for path in sorted(folder.rglob("*.html")):
            if path.name == "search.html":
                continue  # without its index its script reports what is missing
            page.goto(path.as_uri())
            assert page.evaluate("window.XSS") is None, path
            assert page.evaluate("document.documentElement.scrollWidth") == 360, path
            assert requested == [], path


def test_pictures_are_requested_when_asked_for_and_fall_back_to_the_drawing(
    browser: Browser, folder: Path
):
    """Only rows that may be seen, blurred ones blurred until clicked, failures keep the drawing."""
    with opened(browser, folder / "artists" / "vincent-van-gogh.html") as (page, requested):
        assert requested == []
        page.get_by_role("button", name="Show the hosts’ pictures").click()
        frames = page.locator(".frame[data-picture]")
        for position in range(frames.count()):
            frames.nth(position).scroll_into_view_if_needed()
        # A picture either came or, from the one host that refuses, has gone again.
        waiting = page.locator(".frame[data-picture]:not(.has-picture):has(img)")
        expect(waiting).to_have_count(0)
        wanted = {frame.get_attribute("data-picture") for frame in frames.all()}
        assert {unquote(address) for address in requested} == wanted
        assert page.locator(".frame:not([data-picture]) img").count() == 0
        assert page.locator(".frame[data-picture*=pinimg] img").count() == 0
        assert page.locator(".frame[data-picture*=pinimg] svg").first.is_visible()
        blurred = page.locator(".frame.is-blurred.has-picture").first
        assert "blur" in blurred.locator("img").evaluate("(img) => getComputedStyle(img).filter")
        picture = blurred.locator("img").element_handle()
        assert picture is not None
        blurred.get_by_role("button", name="Show this picture").click()
        assert picture.evaluate("(img) => getComputedStyle(img).filter") == "none"


def test_a_table_sorts_by_its_headings(browser: Browser, folder: Path):
    """A click sorts by values, a second one turns the order round, and it is announced."""
    with opened(browser, folder / "artists" / "vincent-van-gogh.html") as (page, _):
        table = page.locator("table[data-sortable]").filter(has_text="Largest domains")
        names = table.locator("tbody th")
        for label in ("Images", "Share of the name’s"):
            heading = table.get_by_role("columnheader", name=label)
            heading.get_by_role("button").click()
            assert names.first.inner_text() == "pinimg.com"
            assert heading.get_attribute("aria-sort") == "descending"
            heading.get_by_role("button").click()
            assert names.first.inner_text() == "evil-=1+1.example"
            assert heading.get_attribute("aria-sort") == "ascending"


def test_the_overviews_form_leads_to_the_search(browser: Browser, folder: Path):
    """From the disk, too, the words go into the address of the search page."""
    with opened(browser, folder / "index.html") as (page, _):
        page.get_by_role("searchbox").fill('"red barn" -blue')
        page.get_by_role("searchbox").press("Enter")
        page.wait_for_url("**/search.html?q=%22red+barn%22+-blue")


CHART_TEXTS = """() => Array.from(document.querySelectorAll('.chart text'), (text) => ({
    size: parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a,
    box: text.getBoundingClientRect().toJSON(),
}))"""


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("name", ["years", "nsfw", "quality", "index"])
def test_a_charts_text_is_legible_and_on_the_screen(
    browser: Browser, folder: Path, name: str, width: int
):
    """11 px or more as drawn, whatever the chart's width; nothing hangs out at the sides."""
    with opened(browser, folder / f"{name}.html", width=width) as (page, _):
        texts = page.evaluate(CHART_TEXTS)
        assert len(texts) > 4
        for text in texts:
            assert text["size"] >= 11
            assert text["box"]["height"] >= 11
            assert text["box"]["left"] >= 0
            assert text["box"]["right"] <= width


def test_a_column_of_a_chart_leads_to_its_search(browser: Browser, folder: Path):
    """By pointer anywhere above its year, by keyboard, and with a name that says what it is."""
    with opened(browser, folder / "years.html") as (page, _):
        link = page.locator(".chart a").first
        assert re.fullmatch(r"\d{4}: [\d,]+ images", link.get_attribute("aria-label") or "")
        year = (link.get_attribute("aria-label") or "")[:4]
        hit = link.locator("rect.hit").bounding_box()
        assert hit is not None
        page.mouse.click(hit["x"] + hit["width"] / 2, hit["y"] + 2)
        page.wait_for_url(f"**/search.html?q=year%3A{year}")
        page.go_back()
        page.locator(".chart a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/search.html?q=year%3A{year}")


FIRST_ROW = "document.querySelector('tbody tr').getBoundingClientRect().top"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same site of rows that say they are invented."""
    root = tmp_path_factory.mktemp("sample")
    for path, content in site_fixture.render_all(root, invented=True).items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return root


@pytest.mark.parametrize("name", ["domains", "platforms", "artists", "celebrities", "characters"])
def test_the_first_row_of_a_list_is_on_the_first_screen_of_a_phone(
    browser: Browser, sample: Path, name: str
):
    """Even below the bar that says that all rows are invented, which is two lines at most."""
    with opened(browser, sample / f"{name}.html", width=360) as (page, _):
        assert page.evaluate(FIRST_ROW) <= 600
        assert page.locator(".invented").evaluate("(bar) => bar.offsetHeight") <= 50


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_the_header_is_low(browser: Browser, folder: Path, width: int):
    """72 px at most, on every screen."""
    with opened(browser, folder / "index.html", width=width) as (page, _):
        assert page.locator("header").evaluate("(header) => header.offsetHeight") <= 72


@pytest.mark.parametrize("name", ["claims", "names"])
def test_rows_of_claims_and_lists_are_labelled_cards_on_a_phone(
    browser: Browser, claimed: Path, name: str
):
    """Nothing scrolls sideways; each cell says what it is, as its heading does elsewhere."""
    with opened(browser, claimed / f"{name}.html", width=360) as (page, _):
        boxes = page.locator(".scroll")
        assert boxes.count() > 0
        assert (
            boxes.evaluate_all("(all) => all.map((e) => e.scrollWidth - e.clientWidth)")
            == [0] * boxes.count()
        )
        unlabelled = page.locator("tbody td:not([data-label])")
        assert unlabelled.count() == 0
        shown = page.locator("tbody td").first.evaluate(
            "(c) => getComputedStyle(c, '::before').content"
        )
        label = page.locator("tbody td").first.get_attribute("data-label")
        assert label
        assert label in shown


@pytest.mark.parametrize("name", ["about", "platforms", "search", "claims"])
def test_tables_of_a_page_do_not_scroll_sideways_on_a_phone(
    browser: Browser, claimed: Path, name: str
):
    """Their rows are cards; of a long list of claims the first ones are on the first screen."""
    with opened(browser, claimed / f"{name}.html", width=360) as (page, _):
        page.locator("details").evaluate_all("(all) => all.forEach((e) => (e.open = true))")
        boxes = page.locator(".scroll")
        assert boxes.count() > 0
        assert not any(boxes.evaluate_all("(all) => all.map((e) => e.scrollWidth - e.clientWidth)"))
        if name == "claims":
            assert page.evaluate(FIRST_ROW) <= 600


def test_a_link_to_a_claim_opens_its_topic(browser: Browser, claimed: Path):
    """All topics but the first are folded, with how many claims of which verdict they have."""
    last = load_claims(None)[-1].id
    with opened(browser, claimed / "claims.html") as (page, _):
        assert page.locator(".topics > details[open]").count() == 1
        expect(page.locator(f"#{last}")).not_to_be_visible()
        page.evaluate(f"location.hash = '#{last}'")
        expect(page.locator(f"#{last}")).to_be_visible()


def test_a_slash_leads_to_the_search(browser: Browser, folder: Path):
    """To the box of the page, else to that of the search; where one types it is a character."""
    with opened(browser, folder / "index.html") as (page, _):
        page.keyboard.press("/")
        box = page.get_by_role("searchbox")
        expect(box).to_be_focused()
        expect(box).to_have_value("")
        page.keyboard.press("/")
        expect(box).to_have_value("/")
        page.goto((folder / "artists.html").as_uri())
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.goto((folder / NAME).as_uri())
        page.keyboard.press("Control+/")
        page.keyboard.press("/")
        page.wait_for_url("**/search.html#q")
        expect(page.locator("#q")).to_be_focused()


def test_a_link_to_a_folded_table_opens_it(browser: Browser, folder: Path):
    """From another page and on the same one."""
    with opened(browser, folder / "downloads.html") as (page, _):
        years = page.locator("#years")
        assert not years.evaluate("(details) => details.open")
        page.evaluate("location.hash = '#years'")
        expect(years).to_have_attribute("open", "")
        page.goto((folder / "years.html").as_uri())
        page.get_by_role("link", name="table years").click()
        expect(page.locator("#years .files").first).to_be_visible()


def test_pages_read_without_javascript(browser: Browser, folder: Path):
    """Tables, tiles and charts are there; what needs a script is not offered."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "domains" / "pinimg-com.html").as_uri())
    assert page.locator(".tile svg").count() == 12
    assert not page.get_by_role("button", name="Show the hosts’ pictures").is_visible()
    page.goto((folder / "artists.html").as_uri())
    found = [row for row in site_fixture.ARTISTS if row[1]]
    assert page.locator("tbody").first.locator("tr").count() == len(found)
    assert not page.get_by_role("searchbox").is_visible()
    context.close()


def test_the_browser_draws_the_same_tiles(browser: Browser, folder: Path):
    """`static/tile-drawing.js` and `tiles.py` agree path by path on a thousand rows."""
    draw = random.Random(12)  # noqa: S311 - any rows will do, the same ones every time
    rows: list[tuple[str, int, int | None, int | None]] = [
        (
            "".join(draw.choices("abc dé葛飾😀", k=draw.choice((0, 7, 40, 700)))),
            draw.randint(-(2**63), 2**63 - 1),
            draw.choice((None, draw.randint(1, 5000), 240)),
            draw.choice((None, draw.randint(1, 5000), 240)),
        )
        for _ in range(1000)
    ]
    script = "static/tile-drawing.js"  # published in one with the scripts after it
    (folder / script).write_bytes((site_fixture.TEMPLATES / script).read_bytes())
    with opened(browser, folder / "404.html") as (page, _):
        page.add_script_tag(url=script)
        found = page.evaluate(
            "(rows) => JSON.parse(rows).map((row) => LaionSearchParts.drawTile(...row))",
            json.dumps([(caption, str(number), *size) for caption, number, *size in rows]),
        )
    for row, drawn in zip(rows, found, strict=True):
        tile = draw_tile(*row)
        paths = [list(path) for path in tile.paths]
        assert drawn == {"width": tile.width, "height": tile.height, "paths": paths}


RULES = r"""([a, b]) => [a, b].map((text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return Array.from(sheet.cssRules, (rule) => rule.cssText.replace(/,\s+/g, ','));
})"""


def test_the_published_style_sheet_says_what_its_source_says(browser: Browser, folder: Path):
    """Shorter, without comments, and every rule is the same to a browser."""
    source = (site_fixture.TEMPLATES / "static/style.css").read_text("utf-8")
    published = (folder / "static/style.css").read_text("utf-8")
    assert "/*" not in published
    with opened(browser, folder / "404.html") as (page, _):
        expected, found = page.evaluate(RULES, [source, published])
    assert found == expected
