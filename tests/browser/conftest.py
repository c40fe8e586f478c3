"""For the tests in a browser: Chromium, and a site whose search is asked.

One of each for a module, not for the whole run: while Chromium is there, a loop of asyncio runs in
the thread, and the tests of downloads start their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.published_site import Published, published_rows, published_sample
from tests.browser.reader_rows import Opener, documents
from tests.browser.search_site import (
    Referee,
    Site,
    build_site,
    chromium,
    corpus,
    opened,
    served,
    served_in_ranges,
)
from tests.browser.tiny_index import Sizes

SUB_PATH = "some/sub path"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests of this module."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of 700 documents in very small files: most words are in segments."""
    folder = tmp_path_factory.mktemp("site") / SUB_PATH
    index = build_site(folder, corpus(700, seed=1), Sizes())
    referee = Referee(index)
    yield Site(folder, index, referee)
    referee.close()


@pytest.fixture(scope="module", params=["file", "whole files", "ranges"])
def page(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Page]:
    """The site's search page: from the disk, and from servers without and with ranges."""
    if request.param == "file":
        with opened(browser, (site.folder / "search.html").as_uri()) as opened_page:
            yield opened_page
        return
    serve = served_in_ranges if request.param == "ranges" else served
    with (
        serve(site.folder.parents[1]) as address,
        opened(browser, f"{address}/{SUB_PATH}/search.html") as opened_page,
    ):
        yield opened_page


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """A small sample's site, built by the real command."""
    with published_sample(tmp_path_factory.mktemp("published")) as built:
        yield built


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Published | None:
    """The site of real rows; None where they are not at hand."""
    return published_rows(tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def browser_after_builds(published: Published, real: Published | None) -> Iterator[Browser]:
    """Chromium, started after the builds: Playwright keeps an event loop, which Dagster minds."""
    assert published is not None
    assert real is None or real.folder != published.folder
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def read_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site with the rows of `documents`."""
    site = tmp_path_factory.mktemp("page") / "sub path"
    build_site(site, documents(), Sizes())
    return site


@pytest.fixture(scope="module", params=["file", "http"])
def search_page(
    request: pytest.FixtureRequest, browser: Browser, read_folder: Path
) -> Iterator[Opener]:
    """Open the search page with a query string, from the disk and from a server's sub-path."""
    with ExitStack() as stack:
        base = read_folder.as_uri()
        if request.param == "http":
            base = f"{stack.enter_context(served(read_folder.parent))}/sub%20path"
        yield lambda state: opened(browser, f"{base}/search.html{state}")


@pytest.fixture(scope="module")
def local_page(browser: Browser, read_folder: Path) -> Opener:
    """Open the search page with a query string, from the disk only."""
    return lambda state: opened(browser, f"{read_folder.as_uri()}/search.html{state}")
