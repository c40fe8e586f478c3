"""A row's tile on the site's pages and among the results of the search: one and the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from laion_assets.core.site.model import build_site as read_site
from tests import site_fixture
from tests.browser.search_site import build_site, chromium, needs_chromium, opened
from tests.browser.tiny_index import Sizes
from tests.browser.tiny_terms import Document

pytestmark = needs_chromium

SCORES = (None, 0.0, 1.0, 6.4132, 6.125, 6.375, 5.5, 1.005, -0.125, 0.004, 0.00003, 0.9999, 0.99999)
CAPTIONS = (
    *site_fixture.HOSTILE_CAPTIONS,
    *site_fixture.CAPTIONS,
    "one two three four five six seven eight nine " * 5,
    "x" * 146 + " " + "y" * 100,
    "x" * 145 + " " + "y" * 100,
    "葛飾😀" * 500,
    "x" * 220,
)
SIZES = ((1024, 768), (90, 12_000), (None, 480), (None, None), (1, 1))
URLS = (
    *site_fixture.HOSTILE_URLS,
    "https://example.org/a.jpg?x=1&y=é#z",
    "HTTP://EXAMPLE.org:8080/a_(1).jpg",
    "http://[2001:db8::1]:80/a",
    "https://example.org/2015/07/a.jpg",
    "https://example.org/2014/13/2016/12/a.jpg?x=/2017/01/",
    "https://example.org/a.jpg?x=/2017/01/",
    "HTTP://example.org/uploads/1999/01/02/a.jpg#/2001/01/",
    "https://example.org/2030/01/1989/12/a.jpg",
)

#: The year as the rows' own query reads it (sql/cleaning/parse_rows.sql).
YEAR = """SELECT TRY_CAST(regexp_extract(?,
  '^(?i:https?)://[^/?#]*(?:/[^?#]*?)??/((?:199|20[0-2])[0-9])/(?:0[1-9]|1[0-2])/', 1)
  AS INTEGER)"""

#: Outlines of the pages' tiles and the search's: every element, attribute and text.
#:
#: What a result has of its own is left out: its id, the link from its caption to its detail, and
#: where its domain leads, for the search does not know which domains have a page.
OUTLINES = """async ({tiles, hits}) => {
  const lines = (node, depth) => {
    if (node.nodeType === Node.TEXT_NODE) {
      return [depth + JSON.stringify(node.data)];
    }
    if (node.matches('.caption > a')) {
      return Array.from(node.childNodes).flatMap((child) => lines(child, depth));
    }
    const differs = (name) => name === 'id' || (name === 'href' && node.matches('.meta > a'));
    const names = node.getAttributeNames().filter((name) => !differs(name)).sort();
    const attributes = names.map((name) => ` ${name}=${JSON.stringify(node.getAttribute(name))}`);
    const children = Array.from(node.childNodes).flatMap((child) => lines(child, depth + '  '));
    return [depth + node.localName + attributes.join(''), ...children];
  };
  const outline = (tile) => {
    tile.normalize();
    for (const child of Array.from(tile.childNodes)) {
      if (child.nodeType === Node.TEXT_NODE && child.data.trim() === '') {
        child.remove();
      }
    }
    return lines(tile, '').join('\\n');
  };
  const page = new DOMParser().parseFromString(tiles, 'text/html');
  const { draw } = await LaionSearchParts.later('drawing', 'search-detail.js');
  const make = (hit, i) => {
    const tile = LaionSearchParts.tile.tile(hit, `#image-${i}`);
    draw(tile.querySelector('.frame'), hit);
    return tile;
  };
  return [Array.from(page.querySelectorAll('.tile'), outline), hits.map(make).map(outline)];
}"""


def rows() -> list[dict[str, Any]]:
    """Return rows with every caption, URL, size, score and visibility."""
    count = 5 * len(CAPTIONS)
    years = [(duckdb.execute(YEAR, [url]).fetchone() or (None,))[0] for url in URLS]
    assert {2015, 2016, 1999, None} == set(years)
    return [
        {
            "image_id": (number * 0x9E3779B97F4A7C15 % 2**64) - 2**63,
            "caption": CAPTIONS[number % len(CAPTIONS)],
            "url": URLS[number % len(URLS)],
            "width": SIZES[number % len(SIZES)][0],
            "height": SIZES[number % len(SIZES)][1],
            "aesthetic": SCORES[number % len(SCORES)],
            "punsafe": SCORES[number * 5 % len(SCORES)],
            "domain": "<b>example</b>.org",
            "url_year": years[number % len(URLS)],
            "visibility": ("shown", "blurred", "no_image")[number % 3],
        }
        for number in range(count)
    ]


@pytest.mark.parametrize(
    "dataset",
    [
        {"pictures": "ask", "links": True},
        {"pictures": "none", "links": True},
        {"pictures": "ask", "links": False},
    ],
)
def test_a_row_has_the_same_tile_on_a_page_and_in_the_search(
    tmp_path: Path, dataset: dict[str, Any]
) -> None:
    """Words, elements, attributes and drawing are equal, whatever the row and the dataset."""
    site = read_site(site_fixture.site_inputs(tmp_path / "t", **dataset), ())
    macro = site.environment.get_template("partials/_tiles.html").module
    tiles = str(macro.tiles([site.tile(row, "") for row in rows()]))
    hits = [{**row, "id": str(row["image_id"]), "number": n} for n, row in enumerate(rows())]
    folder = tmp_path / "site"
    build_site(folder, [Document(1, "barn")], Sizes(), **dataset)
    with chromium() as browser, opened(browser, f"{folder.as_uri()}/search.html") as page:
        page.wait_for_selector(".tile")
        on_pages, in_search = page.evaluate(OUTLINES, {"tiles": tiles, "hits": hits})
    assert len(on_pages) == len(rows())
    assert in_search == on_pages
