"""What people come for, done from the home page on a disk, in so many steps and no more.

A step is a click, or typing and what sends it off. The site is a sample's, built by the command.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from laion_assets.core.site.formats import number
from tests.browser.published_site import Published
from tests.browser.search_site import needs_chromium

pytestmark = needs_chromium


class Reader:
    """Somebody at the home page who counts what they do."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.steps = 0

    def click(self, target: Locator) -> None:
        """Click something that is to be seen without more ado."""
        expect(target).to_be_visible()
        self.steps += 1
        target.click()

    def menu(self, label: str) -> None:
        """Click an entry of the menu, or of the pages beside this one."""
        self.click(self.page.locator("nav").get_by_role("link", name=label, exact=True).first)

    def ask(self, typed: str) -> None:
        """Type into the box of the home page, then Enter."""
        self.steps += 1
        self.page.get_by_role("searchbox").fill(typed)
        self.page.get_by_role("searchbox").press("Enter")
        expect(self.page.locator("#results:not([aria-busy])")).to_be_attached()


@pytest.fixture
def reader(browser_after_builds: Browser, published: Published) -> Iterator[Reader]:
    """A reader who has just opened `index.html` from a disk."""
    page = browser_after_builds.new_page(viewport={"width": 1280, "height": 800})
    page.goto((published.folder / "index.html").as_uri())
    yield Reader(page)
    page.close()


def table(published: Published, name: str) -> list[dict[str, object]]:
    """Return the rows of a merged table."""
    path = published.builder.root / "tables" / f"{name}.parquet"
    rows: list[dict[str, object]] = pq.read_table(path).to_pylist()
    return rows


def test_whether_an_artist_is_in_it_and_how_often(reader: Reader, published: Published) -> None:
    """One step; who is in no caption is told so."""
    for row in (table(published, "artists")[0], table(published, "artists")[-1]):
        reader.page.goto((published.folder / "index.html").as_uri())
        reader.steps = 0
        reader.ask(str(row["name"]))
        card = reader.page.locator("#answer")
        expect(card).to_contain_text(f"{row['name']}: an artist on the list")
        expect(card).to_contain_text(f"{number(row['images'])} image")  # type: ignore[arg-type]
        assert reader.steps == 1


def test_the_ten_largest_domains_of_a_category(reader: Reader, published: Published) -> None:
    """Two steps: the list, then a category in it."""
    rows = table(published, "domains")
    category = next(row["category"] for row in rows if row["category"])
    of_it = [row for row in rows if row["category"] == category]
    reader.menu("Domains")
    reader.click(reader.page.get_by_role("link", name=str(category), exact=True).first)
    expect(reader.page.locator("[data-own]")).to_be_hidden()
    names = reader.page.locator("tbody th").all_inner_texts()
    assert names[:10] == [row["domain"] for row in of_it[:10]]
    assert reader.steps == 2


def test_all_images_of_one_small_domain(reader: Reader, published: Published) -> None:
    """One step."""
    row = table(published, "domains")[-1]
    reader.ask(str(row["domain"]))
    images = reader.page.locator("#results li")
    expect(images).to_have_count(int(str(row["images"])))
    assert reader.steps == 1


def test_which_of_the_first_artists_live(reader: Reader, published: Published) -> None:
    """Two steps: the list of artists says it of each."""
    reader.menu("Names")
    reader.menu("Artists")
    first = [row for row in table(published, "artists") if row["images"]][:25]
    rows = reader.page.locator("table[data-listing] tbody tr")
    for row, shown in zip(first, rows.all(), strict=False):
        expect(shown).to_contain_text(str(row["name"]))
        if row["died"]:  # of who lives none stands there
            expect(shown).to_contain_text(str(row["died"]))
    assert reader.steps == 2


def test_the_table_of_celebrities(reader: Reader) -> None:
    """Two steps."""
    reader.menu("Data")
    with reader.page.expect_download() as download:
        reader.click(reader.page.locator("#celebrities").get_by_role("link", name="CSV"))
    assert download.value.suggested_filename.endswith("celebrities.csv")
    assert reader.steps == 2


def test_the_link_to_a_finding(reader: Reader) -> None:
    """One step: the address that names the sentence on how much the largest domains hold."""
    finding = reader.page.locator("#finding-concentration")
    reader.click(finding.get_by_role("link", name=re.compile("Link to this finding")))
    expect(reader.page).to_have_url(re.compile(r"index\.html#finding-concentration$"))
    assert re.search(r"The 100 largest of [\d,]+ domains host [\d.]+%", finding.inner_text())
    assert reader.steps == 1


def test_the_hits_of_a_query_as_a_file(reader: Reader, tmp_path: Path) -> None:
    """Two steps."""
    reader.ask("garden")
    with reader.page.expect_download() as download:
        reader.click(reader.page.get_by_role("button", name=re.compile("as CSV")))
    path = tmp_path / "hits.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.DictReader(stream))) > 0
    assert reader.steps == 2


def test_whether_a_name_and_a_site_are_in_it(reader: Reader, published: Published) -> None:
    """Two steps: the page, then both of them, a line each."""
    name, site = table(published, "artists")[0]["name"], table(published, "domains")[0]["domain"]
    reader.click(reader.page.get_by_role("link", name="is my work in it?"))
    reader.steps += 1  # typing, and the button that sends it off
    reader.page.locator("#lines").fill(f"{name}\n{site}")
    reader.page.get_by_role("button", name="Look them up").click()
    expect(reader.page.locator("#dossier-status")).to_have_text("2 of 2 found.")
    assert reader.steps == 2
