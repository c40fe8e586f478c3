"""What search.html loads before the first query, and what only some visits load after it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.published_site import Published
from tests.browser.search_site import needs_chromium
from tests.index_reader import read_script

pytestmark = needs_chromium

#: Bytes of the shell, each file compressed by itself as hosts do, at gzip's level 9.
MOST_BYTES = 60_000
#: The directory of an index, of however many rows: mostly the codes of rows, which are of one size.
MOST_OF_DIRECTORY = 8_300


def shell_of(site: Path, page: str) -> dict[str, int]:
    """Return the files that a page names for its start, with their compressed bytes."""
    html = (site / page).read_text("utf-8")
    named = re.findall(r'<(?:script defer src|link rel="stylesheet" href)="([^"]+)"', html)
    return {name: len(gzip.compress((site / name).read_bytes(), 9)) for name in (page, *named)}


@pytest.mark.parametrize("page", ["search.html", "dossier.html", "compare.html"])
def test_the_shell_of_the_search_is_small(published: Published, page: str) -> None:
    """Page, style sheet, scripts, token table and directory: at most 60,000 bytes compressed."""
    shell = shell_of(published.folder, page)
    assert len(shell) > 5
    assert sum(shell.values()) <= MOST_BYTES, shell
    others = sum(size for name, size in shell.items() if not name.endswith("directory.js"))
    assert others + MOST_OF_DIRECTORY <= MOST_BYTES, shell


def test_the_directory_of_an_index_does_not_grow_with_its_files(published: Published) -> None:
    """Of each series it has two numbers; what parts its files comes with the first query."""
    (path,) = (published.folder / "search").glob("*/directory.js")
    _, directory = read_script(path.read_bytes())
    for about in directory["series"].values():
        assert set(about) <= {"head", "files"}
    growing = {key for key, value in directory.items() if isinstance(value, list | dict)}
    assert growing == {"columns", "rows", "visibilities", "fields", "hot", "slots", "series"}


@pytest.fixture
def asked(published: Published, browser_after_builds: Browser) -> Iterator[tuple[Page, list[str]]]:
    """The search page as it is without a query, and the scripts that are asked for from then on."""
    page = browser_after_builds.new_page()
    scripts: list[str] = []
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: scripts.append(unquote(urlsplit(request.url).path)))
    page.goto((published.folder / "search.html").as_uri())
    expect(page.locator("#results:not([aria-busy]) li").first).to_be_visible()
    started = {Path(script).name for script in scripts if "/static/" in script}
    shell = {Path(name).name for name in shell_of(published.folder, "search.html")}
    assert started <= shell | {"icon.svg"}  # a search that finds something needs nothing else
    scripts.clear()
    yield page, scripts
    page.close()
    assert complaints == []


FIRST_USES = {
    "a file of hits": "hits-in-hand.js",
    "another order": "hits-in-hand.js",
    "one image": "search-detail.js",
    "the grid": "search-detail.js",
    "typing": "search-hints.js",
}


@pytest.mark.parametrize("use", FIRST_USES)
def test_what_only_some_visits_need_is_loaded_at_its_first_use(
    asked: tuple[Page, list[str]], use: str
) -> None:
    """Once, from the disk too."""
    page, scripts = asked
    uses = {
        "a file of hits": page.get_by_role("button", name="as a list of URLs").click,
        "another order": page.locator("#in-hand summary").click,
        "one image": page.locator("#results .caption a").first.click,
        "the grid": page.get_by_role("button", name="Grid").click,
        "typing": lambda: page.locator("#q").press_sequentially("gard"),
    }
    script = FIRST_USES[use]
    with page.expect_request(lambda request: request.url.endswith(f"/static/{script}")):
        uses[use]()
    page.wait_for_load_state("networkidle")
    assert sum(name.endswith(f"/static/{script}") for name in scripts) == 1


def test_a_part_that_cannot_be_loaded_is_told_and_asked_for_again(
    published: Published, asked: tuple[Page, list[str]]
) -> None:
    """One line says so; the page goes on, and the next use succeeds."""
    page, _ = asked
    script = published.folder / "static" / "search-detail.js"
    away = script.rename(script.with_suffix(".away"))
    page.get_by_role("button", name="Grid").click()
    expect(page.locator("#search-message .error")).to_contain_text("could not be loaded")
    away.rename(script)
    page.get_by_role("button", name="Grid").click()
    expect(page.locator("#results .frame svg").first).to_be_visible()
