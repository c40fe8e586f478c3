"""Long lists in a real browser: filtered and sorted as a whole, laid out from a phone upwards."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from laion_assets.core.site import domains
from laion_assets.core.site.formats import percent
from laion_assets.core.site.rendering import render_site
from laion_assets.core.site.safety import csv_cell
from tests import hostile, site_fixture, site_names
from tests.browser.search_site import chromium, needs_chromium

pytestmark = needs_chromium

#: Names in the long list, and how many of them are in a caption.
LISTED, FOUND = 1_200, 450
#: Height that the header may have on a phone; what it has more is not this page's doing.
HEADER = 72
#: What nobody would put into a list, and what a page must not run.
ODD = (
    "=HYPERLINK(1)",
    "<img src=x onerror=window.XSS=1>",
    "Zoë O’Hara, “the” 1st",
    "\u202e+SUM(1)",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests of this module."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a long list of characters, odd ones first, and 250 domains."""
    root = tmp_path_factory.mktemp("lists")
    tables = root / "tables"
    site_fixture.write_tables(tables)
    rows = site_names.many_characters(LISTED, FOUND, site_fixture.PUBLISHED)
    for row, name in zip(rows, ODD, strict=False):
        row["name"] = name
    site_fixture.write_table(tables, "characters", rows)
    first = pq.read_table(tables / "domains.parquet").to_pylist()
    more = [
        {**first[-1], "domain": f"stock{number}photo.example", "images": 1, "slug": None}
        for number in range(241)
    ]
    site_fixture.write_table(tables, "domains", [*first, *more])
    site = root / "a site"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(domains, "FILTERED", 200)
        for page in render_site(site_fixture.site_inputs(root)):
            target = site / page.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(page.content)
    return site


@contextmanager
def opened(
    browser: Browser, path: Path, width: int = 1280, height: int = 900, place: str = ""
) -> Iterator[tuple[Page, list[str]]]:
    """A page, and the list of the scripts it loads; any complaint or other request fails."""
    complaints: list[str] = []
    scripts: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text))
    page.on("request", lambda request: scripts.append(request.url))
    page.goto(path.as_uri() + place)
    try:
        yield page, scripts
    finally:
        context.close()
    assert complaints == []
    assert [url for url in scripts if not url.startswith(("file:", "blob:"))] == []
    scripts[:] = [url for url in scripts if url.endswith(".js")]


def said(page: Page) -> Locator:
    """The line that says how many rows are left."""
    return page.get_by_role("status")


def names(page: Page) -> Locator:
    """The names in the ranking."""
    return page.locator("table[data-listing] tbody th")


def choice(page: Page, name: str) -> Locator:
    """What one may choose a value of."""
    return page.get_by_role("combobox", name=name, exact=True)


def column(page: Page, label: str) -> list[str]:
    """The cells under a heading."""
    cells = page.locator(f"table[data-listing] tbody td[data-label='{label}']")
    return cells.all_inner_texts()


def test_the_list_is_loaded_when_it_is_first_used(browser: Browser, folder: Path):
    """A page that is only read loads two small scripts; typing brings the list and the tokens."""
    with opened(browser, folder / "characters.html") as (page, requested):
        page.wait_for_load_state()
        before = [url.rpartition("a%20site/")[2] for url in requested if url.endswith(".js")]
        assert before == ["static/tables.js", "static/list.js"]
        page.get_by_role("searchbox").fill("00999")
        expect(said(page)).to_have_text(f"1 of {LISTED:,} names.")
        after = [url.rpartition("a%20site/")[2] for url in requested if url.endswith(".js")]
        more = ["static/list-view.js", "static/tokens.js", "characters/list.js"]
        assert after == [*before, *more]


def test_a_filter_covers_the_whole_list_from_any_page_of_it(browser: Browser, folder: Path):
    """Names in no caption and other names too; accents and apostrophes count for nothing."""
    with opened(browser, folder / "characters-3.html") as (page, _):
        box = page.get_by_role("searchbox")
        for typed, found in (
            ("zoe o'hara", ODD[2]),
            ("OHARA", ODD[2]),
            ("name 1100", "None."),
            ("alias 777", "xname 00777"),
            ("01199", "dname 01199"),
        ):
            box.fill(typed)
            text = page.locator("table[data-listing] tbody tr").first
            expect(text).to_contain_text(found)
        box.fill("nobody of that name")
        expect(said(page)).to_have_text(
            f"Nothing found for “nobody of that name” among {LISTED:,} names."
        )


def test_what_was_asked_is_in_the_address_and_comes_back_with_it(browser: Browser, folder: Path):
    """Words, facets, order and page; without any of them the page is as it was."""
    with opened(browser, folder / "characters.html") as (page, _):
        own = names(page).all_inner_texts()
        page.locator("summary").click()
        choice(page, "Franchise").select_option("Disney")
        expect(said(page)).to_have_text(
            f"400 of {LISTED:,} names, 1 to 100 of them here; franchise: Disney."
        )
        page.get_by_role("searchbox").fill("alias")
        page.get_by_role("button", name="Name", exact=True).click()
        page.get_by_role("button", name="Next").click()
        expect(said(page)).to_contain_text("101 to 200 of them here")
        address = unquote(page.url.partition("#")[2])
        assert address == "q=alias&franchise=Disney&sort=name&page=2"
        shown = names(page).all_inner_texts()
        assert shown == sorted(shown)
        page.reload()
        expect(said(page)).to_contain_text("101 to 200 of them here")
        assert names(page).all_inner_texts() == shown
        assert page.get_by_role("searchbox").input_value() == "alias"
        page.get_by_role("searchbox").fill("")
        page.locator("summary").click()
        choice(page, "Franchise").select_option("")
        choice(page, "Sort by").select_option("")
        expect(said(page)).to_have_text("")
        assert names(page).all_inner_texts() == own
        assert "#" not in page.url


def test_an_address_that_asks_for_what_there_is_not_is_the_page(browser: Browser, folder: Path):
    """Unknown columns, facets and pages are passed over; unknown values find nothing."""
    place = "#sort=-__proto__&constructor=1&page=-7&q="
    with opened(browser, folder / "characters.html", place=place) as (page, _):
        page.wait_for_function("!location.hash")
        expect(names(page).first).to_have_text(ODD[0])
        expect(said(page)).to_have_text("")
    with opened(browser, folder / "characters.html", place="#franchise=%3Cimg%3E") as (page, _):
        expect(said(page)).to_have_text(f"0 of {LISTED:,} names; franchise: <img>.")


def test_facets_say_how_many_names_a_value_leaves(browser: Browser, folder: Path):
    """Counts are within what else was chosen; a value alone is never a dead end."""
    with opened(browser, folder / "characters.html", place="#found=in+no+caption") as (page, _):
        expect(said(page)).to_contain_text(f"{LISTED - FOUND} of {LISTED:,} names")
        page.locator("summary").click()
        options = choice(page, "Franchise").locator("option").all_inner_texts()
        third = (LISTED - FOUND) // 3
        assert options == ["all", f"DC ({third})", f"Disney ({third})", f"unknown ({third})"]
        assert choice(page, "Found").locator("option").all_inner_texts() == [
            "all",
            f"in no caption ({LISTED - FOUND})",
            f"found ({FOUND})",
        ]
        assert column(page, "Rank")[:3] == ["–"] * 3, "nobody ranks who is not found"


def test_the_lists_own_facets_are_offered(browser: Browser, folder: Path):
    """Those the registry declares, in its order, and whether a name is ambiguous."""
    for page_name, labels in (
        ("artists", ["Living or dead", "Kind", "Role", "Nationality", "Gender", "Ambiguous"]),
        ("celebrities", ["Living or dead", "Gender", "Occupation", "Nationality", "Ambiguous"]),
        ("domains", ["Category", "Platform"]),
        ("platforms", ["Found", "Category"]),
    ):
        with opened(browser, folder / f"{page_name}.html") as (page, _):
            page.locator("summary").click()
            expect(choice(page, labels[-1])).to_be_visible()
            offered = page.locator(".list-facets label").all_inner_texts()
            assert offered[-len(labels) :] == labels


def test_a_heading_sorts_the_whole_list(browser: Browser, folder: Path):
    """Largest first, then smallest; the order is announced, and nobody needs to scroll for it."""
    with opened(browser, folder / "characters-2.html") as (page, _):
        heading = page.get_by_role("columnheader", name="Likely images")
        heading.get_by_role("button").click()
        expect(names(page).first).to_have_text(ODD[0])
        assert heading.get_attribute("aria-sort") == "descending"
        heading.get_by_role("button").click()
        expect(names(page).first).not_to_have_text(ODD[0])
        assert column(page, "Likely images")[0] == "0"
        assert heading.get_attribute("aria-sort") == "ascending"


def test_a_year_sorts_by_what_it_is_and_the_unknown_comes_last(browser: Browser, folder: Path):
    """480 BC is before 1760; unknown and not applicable end the list either way round."""
    with opened(browser, folder / "artists.html") as (page, _):
        for label, first, last in (("Born", "480 BC", "1981"), ("Died", "430 BC", "2018")):
            heading = page.get_by_role("columnheader", name=label)
            heading.get_by_role("button").click()
            expect(heading).to_have_attribute("aria-sort", "descending")
            descending = column(page, label)
            heading.get_by_role("button").click()
            expect(heading).to_have_attribute("aria-sort", "ascending")
            ascending = column(page, label)
            assert len(ascending) == len(site_fixture.ARTISTS)
            known = [text for text in ascending if text not in ("unknown", "–")]
            assert (known[0], known[-1]) == (first, last)
            assert ascending[: len(known)] == known
            assert descending[: len(known)] == known[::-1]


def test_rows_of_a_view_look_like_those_of_the_page(browser: Browser, folder: Path):
    """Every cell, link, mark and bar is the one that the page itself has."""
    read = """() => Array.from(
        document.querySelectorAll('table[data-listing] tbody tr'),
        (row) => row.outerHTML.replaceAll('\\n', ''))"""
    for name in ("artists", "celebrities", "domains", "platforms"):
        with opened(browser, folder / f"{name}.html") as (page, _):
            own = page.evaluate(read)
            page.get_by_role("button", name="Rank").click()
            heading = page.get_by_role("columnheader", name="Rank")
            expect(heading).to_have_attribute("aria-sort", "ascending")
            for drawn, written in zip(page.evaluate(read), own, strict=False):
                assert drawn == written, name


def test_a_view_is_saved_as_csv_that_runs_nothing(browser: Browser, folder: Path):
    """Named after dataset and list, every column, cells that look like formulas made harmless."""
    with opened(browser, folder / "characters.html", place="#found=found") as (page, _):
        expect(said(page)).to_contain_text(f"{FOUND} of")
        page.locator("summary").click()
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Download this view as CSV").click()
        assert waiting.value.suggested_filename == "fixture-characters-view.csv"
        text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert len(rows) == FOUND
        assert [row["name"] for row in rows[: len(ODD)]] == [csv_cell(name) for name in ODD]
        assert rows[0]["images_likely"] == str(FOUND)
        assert rows[0]["aliases"] == "Alias 0"
        shares = [row["share"].replace(".", "").lstrip("0") for row in rows]
        assert all(len(digits) <= 4 for digits in shares)
        assert max(map(len, shares)) == 4
        assert page.evaluate("window.XSS") is None


def test_domains_beyond_the_filter_are_a_search_away(browser: Browser, folder: Path):
    """What is typed may stand inside a domain; that there are more is said, with their search."""
    with opened(browser, folder / "domains.html") as (page, _):
        page.get_by_role("searchbox").fill("photo.example")
        expect(said(page)).to_contain_text("191 of the 200 largest domains")
        expect(said(page)).to_contain_text("The filter does not have the other 50.")
        link = said(page).get_by_role("link")
        assert unquote(link.get_attribute("href") or "") == 'search.html?q=domain:"photo.example"'


def test_the_browser_words_and_guards_values_as_the_pages_do(browser: Browser, folder: Path):
    """`static/list-words.js` agrees with the filters of the pages and the guard of downloads."""
    draw = random.Random(5)  # noqa: S311 - any will do, the same ones every time
    shares = [0.0, 1.0, 0.5, 0.9995, 0.99949, 0.1, 0.001, 1e-9, 0.45, 0.0045]
    shares += [odd / 2**n for n in range(1, 14) for odd in (1, 3, 5, 7, 9) if odd < 2**n]  # ties
    shares += [draw.random() ** draw.randint(1, 9) for _ in range(500)]
    cells = [*hostile.CAPTIONS, *ODD, "", "-1", " =1", "\t1", "\u200b@a", "－1", "﹢1", "⁻1", "a=1"]
    with opened(browser, folder / "characters.html", place="#q=x") as (page, _):
        expect(said(page)).not_to_have_text("")
        worded = page.evaluate(
            "(shares) => shares.map((share) => LaionSearchParts.listWords.percent(share))", shares
        )
        guarded = page.evaluate(
            "(cells) => cells.map((cell) => LaionSearchParts.csvFiles.cell(cell))", cells
        )
    assert worded == [percent(share) for share in shares]
    lines: list[Any] = [next(csv.reader(io.StringIO(cell, newline="")), [""]) for cell in guarded]
    assert [line[0] for line in lines] == [csv_cell(cell) for cell in cells]


@pytest.mark.parametrize("name", ["artists", "characters", "characters-3", "domains", "platforms"])
def test_a_list_fits_every_screen(browser: Browser, folder: Path, name: str):
    """First row on the first screen; nothing clipped where there is room; headings in sight."""
    for width, height in ((360, 740), (768, 1024), (1280, 900), (1440, 900)):
        with opened(browser, folder / f"{name}.html", width, height) as (page, _):
            measured = page.evaluate(
                """() => {
                    const box = document.querySelector('.list');
                    const row = document.querySelector('.list tbody tr');
                    const header = document.querySelector('header').offsetHeight;
                    return {
                      top: row.getBoundingClientRect().top + scrollY,
                      bottom: row.getBoundingClientRect().bottom + scrollY,
                      header,
                      clipped: box.scrollWidth - box.clientWidth,
                      width: document.documentElement.scrollWidth,
                    };
                }"""
            )
            above = max(0, measured["header"] - HEADER)
            assert measured["width"] == width
            if width == 360:
                assert measured["top"] - above <= 600
                for cell in ("th", "td.main", "td[data-label='Share']"):
                    box = page.locator(f".list tbody tr >> nth=0 >> {cell}").bounding_box()
                    assert box
                    assert box["x"] >= 0
                    assert box["x"] + box["width"] <= 360
                assert measured["clipped"] <= 0
            else:
                assert measured["bottom"] - above <= height
            if width >= 1280:
                assert measured["clipped"] <= 0


def test_headings_and_names_stay_in_sight(browser: Browser, folder: Path):
    """Down a long page the headings, sideways on a narrow screen the names."""
    with opened(browser, folder / "characters.html", 1280, 900) as (page, _):
        page.locator(".list tbody tr").nth(60).scroll_into_view_if_needed()
        heading = page.get_by_role("columnheader", name="Franchise").bounding_box()
        assert heading
        assert 0 <= heading["y"] < 60
    with opened(browser, folder / "domains.html", 768, 900) as (page, _):
        box = page.locator(".list")
        box.evaluate("(box) => box.scrollTo(400, 900)")
        edge = box.bounding_box()
        name = names(page).nth(30).bounding_box()
        heading = page.get_by_role("columnheader", name="Images", exact=True).bounding_box()
        assert edge
        assert name
        assert heading
        assert abs(name["x"] - edge["x"]) < 2
        assert abs(heading["y"] - edge["y"]) < 2


def test_a_view_is_never_too_long_a_page(browser: Browser, folder: Path):
    """With all its choices loaded a page has 3,000 elements and 250 stops at most."""
    for name in ("artists", "characters", "domains", "platforms"):
        with opened(browser, folder / f"{name}.html", place="#sort=-images") as (page, _):
            expect(said(page)).not_to_have_text("")
            count, stops = page.evaluate(
                """() => [document.querySelectorAll('*').length, document.querySelectorAll(
                    'a[href], button, input, select, summary, [tabindex="0"]').length]"""
            )
            assert count <= 3_000, name
            assert stops <= 250, name


def test_a_page_that_opens_with_a_view_does_not_jump(browser: Browser, folder: Path):
    """What stands around the rows keeps its place while the list is loaded."""
    for width in (360, 768, 1440):
        for place in ("", "#franchise=DC&sort=name"):
            with opened(browser, folder / "characters-2.html", width, place=place) as (page, _):
                if place:
                    expect(said(page)).not_to_have_text("")
                shift = page.evaluate(
                    """() => new Promise((done) => {
                        let sum = 0;
                        new PerformanceObserver((list) => {
                            for (const entry of list.getEntries()) sum += entry.value;
                        }).observe({ type: 'layout-shift', buffered: true });
                        setTimeout(() => done(sum), 200);
                    })"""
                )
                assert shift <= 0.05, (width, place)
