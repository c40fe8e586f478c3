"""The dataset in schema.org's words: data that search engines read and no browser runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from laion_assets.core.site.publisher import Publisher
from tests import hostile
from tests.browser.search_site import chromium, needs_chromium
from tests.site_fixture import render_all

BASE = "https://example.org/laion"
_BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests of this module."""
    with chromium() as running:
        yield running


def _said(content: bytes) -> Any:
    (found,) = _BLOCK.findall(content.decode())
    return json.loads(found)


def test_the_home_page_describes_the_dataset(tmp_path: Path) -> None:
    """Name, licence, where it is from; who publishes it and where, when that is known."""
    said = _said(render_all(tmp_path)["index.html"])
    assert (said["@context"], said["@type"]) == ("https://schema.org/", "Dataset")
    assert said["name"] == "Fixture & Friends"
    assert said["license"] == "CC-BY-4.0"
    assert said["isBasedOn"] == "https://example.org/fixture"
    assert "publisher" not in said
    assert "url" not in said
    known = render_all(tmp_path, base_url=BASE, publisher=Publisher("The Archive"))
    said = _said(known["index.html"])
    assert said["url"] == f"{BASE}/"
    assert said["publisher"]["name"] == "The Archive"


def test_the_data_page_lists_every_file(tmp_path: Path) -> None:
    """With its size and kind; by its whole address where that is known."""
    files = render_all(tmp_path)
    offered = _said(files["downloads.html"])["distribution"]
    data = {path for path in files if path.startswith("data/") and path != "data/summary.json"}
    assert {file["contentUrl"] for file in offered} == data
    for file in offered:
        assert file["contentSize"] == f"{len(files[file['contentUrl']])} B"
    known = _said(render_all(tmp_path, base_url=BASE)["downloads.html"])["distribution"]
    assert {file["contentUrl"] for file in known} == {f"{BASE}/{path}" for path in data}


@pytest.mark.parametrize("text", [*hostile.CAPTIONS, "</script><script>window.XSS=1</script>"])
def test_whatever_a_description_says_stays_in_the_block(tmp_path: Path, text: str) -> None:
    """No text ends the element, and it comes back as it was."""
    files = render_all(tmp_path, title=text, description=text, licence=text, homepage=text)
    for path in ("index.html", "downloads.html"):
        said = _said(files[path])
        assert [said["name"], said["description"], said["license"]] == [text] * 3
        assert "isBasedOn" not in said  # no link is made of what is none
        assert b"<script>window.XSS" not in files[path]


@needs_chromium
def test_the_policy_lets_the_block_pass(browser: Browser, tmp_path: Path) -> None:
    """A block of data is not executed, so nothing is blocked and nothing is said about it."""
    complaints: list[str] = []
    for path, content in render_all(tmp_path).items():
        target = tmp_path / "site" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    page = browser.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text))
    for name in ("index.html", "downloads.html"):
        page.goto((tmp_path / "site" / name).as_uri())
        block = page.locator('script[type="application/ld+json"]')
        assert json.loads(block.text_content() or "")["name"] == "Fixture & Friends"
    page.close()
    assert [said for said in complaints if "search/" not in said] == []
