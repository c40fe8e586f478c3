"""For the tests in a browser: Chromium.

One for each module, not for the whole run: while it is there, a loop of asyncio runs in the thread,
and the tests of downloads start their own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.search_site import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests of this module."""
    with chromium() as running:
        yield running
