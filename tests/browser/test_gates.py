"""What every kind of page keeps to, in both themes, from a phone to a desk.

On the sites of the golden cases, a plain and a hostile one. Not here: what one kind of page
promises (its own tests); sites of millions of rows, whose pages are measured by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.search_site import chromium, needs_chromium
from tests.building import Builder
from tests.golden.cases import CASES
from tests.repository import ROOT

pytestmark = needs_chromium

CASES_OF = ("plain", "hostile")
#: A site, a width, a theme: each of them once at least; a page is laid out some 75 times.
VIEWS = [
    ("plain", 360, "dark"),
    ("hostile", 360, "light"),
    ("hostile", 768, "dark"),
    ("plain", 1440, "light"),
]
MOST_NODES, MOST_STOPS, MOST_SHIFT = 3_000, 250, 0.05

AXE = ROOT / "client" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.hadRecentInput ? 0 : entry.value;
}).observe({ type: 'layout-shift', buffered: true });
"""
_MEASURED = """() => ({
  nodes: document.querySelectorAll('*').length,
  stops: [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex]')]
    .filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility()).length,
  width: document.documentElement.scrollWidth,
  shifted: window.shifted,
})"""
_AXE = """(tags) => axe
  .run({ preload: false, resultTypes: ['violations'], runOnly: { type: 'tag', values: tags } })
  .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html.slice(0, 200)]))"""
_MARKED = """() => [...document.querySelectorAll('header.site nav [aria-current]')]
  .map((e) => getComputedStyle(e).borderBottomStyle)"""


#: Lists and names of the other two are of the templates of the first.
_LIKE_OTHERS = ("celebrities", "characters")


def kinds_of(site: Path) -> list[str]:
    """Return a page of each kind: those there is one of, a name, a domain, searches, and so on."""
    named = [path.name for path in sorted(site.glob("*.html"))]
    pages = [name for name in named if not name.startswith((*_LIKE_OTHERS, "search"))]
    folders = [site / "artists", site / "domains"]
    pages += [f"{each.name}/{min(path.name for path in each.glob('*.html'))}" for each in folders]
    asked = ("", "?q=the", "?q=zzzqqq", "?q=the&view=grid")
    return [*pages, *(f"search.html{query}" for query in asked), "compare.html?a=pink&b=the"]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of the sites by case."""
    found = {}
    for name in CASES_OF:
        folder, case = tmp_path_factory.mktemp(name), CASES[name]
        builder = Builder(folder / "build", case.copy_rows(folder / "rows"))
        result = builder.run(*case.command(builder.source))
        assert result.exit_code == 0, result.output
        found[name] = builder.root / "site"
    return found


@pytest.fixture(scope="module")
def gate(sites: dict[str, Path]) -> Iterator[Browser]:
    """Chromium, started after the builds: Playwright keeps an event loop, which Dagster minds."""
    assert sites
    with chromium() as running:
        yield running


@pytest.fixture
def page(gate: Browser) -> Iterator[Page]:
    """A page whose messages and errors fail the test."""
    opened = gate.new_page()
    opened.add_init_script(_SHIFTS)
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.close()
    assert complaints == []


def settle(page: Page, site: Path, path: str) -> None:
    """Open a page and wait until its scripts have done what they do unasked."""
    page.goto(f"{site.as_uri()}/{path}")
    expect(page.locator("[aria-busy]")).to_have_count(0)
    for status in page.locator("#search-status, #compare-status").all():
        expect(status).not_to_have_text(re.compile("…$"))
    if path.startswith("compare.html?"):
        expect(page.locator("#both")).to_contain_text("both")


@pytest.mark.parametrize(("name", "width", "theme"), VIEWS)
def test_every_kind_of_page_is_small_still_and_clear(
    page: Page, sites: dict[str, Path], name: str, width: int, theme: Any
) -> None:
    """Few elements and stops of the tab key; nothing moves, hangs over or runs; axe has no remark.

    Axe's rules are WCAG 2.2 AA and its best practices; it is installed with what checks the client.
    """
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    axe = AXE.read_text("utf-8") if AXE.exists() else ""
    for path in kinds_of(sites[name]):
        settle(page, sites[name], path)
        found: dict[str, Any] = page.evaluate(_MEASURED)
        assert found["nodes"] <= MOST_NODES, path
        assert found["stops"] <= MOST_STOPS, path
        assert found["shifted"] <= MOST_SHIFT, path
        assert found["width"] <= width, path
        assert page.evaluate("window.XSS") is None, path
        if axe:
            page.evaluate(axe)
            assert page.evaluate(_AXE, RULES) == [], path


def test_forced_colours_show_the_current_page(page: Page, sites: dict[str, Path]) -> None:
    """By a line below it, which such colours leave."""
    page.emulate_media(forced_colors="active")
    for path in kinds_of(sites["plain"]):
        page.goto(f"{sites['plain'].as_uri()}/{path}")
        marked = page.evaluate(_MARKED)
        assert marked == ["solid"] * len(marked), path
        assert marked or path in ("404.html", "index.html"), path
