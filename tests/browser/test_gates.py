"""What every kind of page keeps to, in both themes, from a phone to a desk.

On the sites of the golden cases, a plain and a hostile one. Not here: what one kind of page
promises (its own tests); sites of millions of rows, whose pages are measured by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.gates import SHIFTS, faults, kinds_of, settle
from tests.browser.search_site import chromium, needs_chromium
from tests.building import Builder
from tests.golden.cases import CASES

pytestmark = needs_chromium

CASES_OF = ("plain", "hostile")
#: A site, a width, a theme: each of them once at least; a page is laid out some 75 times.
VIEWS = [
    ("plain", 360, "dark"),
    ("hostile", 360, "light"),
    ("hostile", 768, "dark"),
    ("plain", 1440, "light"),
]
_MARKED = """() => [...document.querySelectorAll('header.site nav [aria-current]')]
  .map((e) => getComputedStyle(e).borderBottomStyle)"""


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
    opened.add_init_script(SHIFTS)
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.close()
    assert complaints == []


@pytest.mark.parametrize(("name", "width", "theme"), VIEWS)
def test_every_kind_of_page_is_small_still_and_clear(
    page: Page, sites: dict[str, Path], name: str, width: int, theme: Any
) -> None:
    """Few elements and stops of the tab key; nothing moves, hangs over or runs; axe has no remark.

    Axe's rules are WCAG 2.2 AA and its best practices; it is installed with what checks the client.
    """
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    for path in kinds_of(sites[name]):
        settle(page, sites[name], path)
        assert faults(page, width) == [], path


def test_forced_colours_show_the_current_page(page: Page, sites: dict[str, Path]) -> None:
    """By a line below it, which such colours leave."""
    page.emulate_media(forced_colors="active")
    for path in kinds_of(sites["plain"]):
        page.goto(f"{sites['plain'].as_uri()}/{path}")
        marked = page.evaluate(_MARKED)
        assert marked == ["solid"] * len(marked), path
        assert marked or path in ("404.html", "index.html"), path
