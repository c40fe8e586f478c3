"""What others see of a page and how they cite it: description, address, a sentence with n of N."""

from __future__ import annotations

from pathlib import Path

import pytest

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.build.settings import Settings
from laion_assets.core.site.publisher import Publisher
from tests.site_fixture import render_all
from tests.site_html import Document

BASE = "https://example.org/laion"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the fixture's tables."""
    return tmp_path_factory.mktemp("citing")


def documents(folder: Path, **changes: object) -> dict[str, Document]:
    """Return every page, by path."""
    files = render_all(folder, **changes)
    return {p: Document(text.decode()) for p, text in files.items() if p.endswith(".html")}


def citation(page: Document) -> str:
    """Return the sentence to be cited."""
    (found,) = (p.text for p in page.all("p") if "citation" in p.classes)
    return found


def test_every_page_has_a_description_of_its_own(folder: Path) -> None:
    """One line that is shown whole, whatever the rows say; no two pages have the same."""
    said = {path: page.meta("description") for path, page in documents(folder).items()}
    assert all(said.values())
    assert max(len(text or "") for text in said.values()) <= 160
    assert len(set(said.values())) == len(said)


def test_a_number_is_cited_with_what_it_is_of_the_dataset_and_the_build(folder: Path) -> None:
    """On the page of every name and domain; who publishes it and where, when that is known."""
    pages = documents(folder)
    sentence = (
        "300 of 1,248 published images (24.0%) are hosted on pinimg.com. "
        "Fixture & Friends, build 0123456789ab"
    )
    assert citation(pages["domains/pinimg-com.html"]) == f"{sentence}."
    ambiguous = citation(pages["characters/link.html"])
    assert "have the name “Link” in their caption; " in ambiguous
    assert "also have a word that makes it probable" in ambiguous
    known = documents(folder, base_url=BASE, publisher=Publisher("The Archive"))
    assert citation(known["domains/pinimg-com.html"]) == (
        f"{sentence}, published by The Archive, {BASE}/domains/pinimg-com.html."
    )


@pytest.mark.parametrize("base", [BASE, f"{BASE}/"])
def test_pages_say_their_address_where_it_is_known(folder: Path, base: str) -> None:
    """The home page without its file's name; the page for what is not there has none."""
    pages = documents(folder, base_url=base)
    found = {
        path: [str(link.get("href")) for link in page.all("link") if link.get("rel") == "canonical"]
        for path, page in pages.items()
    }
    assert found.pop("404.html") == []
    assert found.pop("index.html") == [f"{BASE}/"]
    assert all(links == [f"{BASE}/{path}"] for path, links in found.items())
    (shown,) = (m for m in pages["about.html"].all("meta") if m.get("property") == "og:url")
    assert shown.get("content") == f"{BASE}/about.html"


def test_without_an_address_nothing_is_said_of_one(folder: Path) -> None:
    """No canonical link, no preview, and a hint to add the address."""
    for page in documents(folder).values():
        assert not [link for link in page.all("link") if link.get("rel") == "canonical"]
        assert not [meta for meta in page.all("meta") if meta.get("property")]
    assert (
        "Add the address of this page." in documents(folder)["domains/pinimg-com.html"].main_text()
    )


@pytest.mark.parametrize(
    "url",
    [
        "example.org", "ftp://example.org/", "javascript:alert(1)", "https://", "https://a b/",
        "https://user@example.org/", 'https://example.org/"><script>', "https://example.org/?a=1",
        "https://example.org/#a", "https://example.org/../x y", "https://example.org\n/",
        "https://example.org/\u202e", "https://example.org//x",
    ],
)  # fmt: skip
def test_a_base_url_is_a_plain_one(url: str) -> None:
    """Anything else is refused in a line."""
    with pytest.raises(BadUsage, match="base_url is") as raised:
        Settings().with_changes(base_url=url)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("url", ["", BASE, "http://localhost:8000", "https://a.example/~me/x-1/"])
def test_a_base_url_may_have_a_port_and_folders(url: str) -> None:
    """Or be left out again."""
    assert Settings().with_changes(base_url=url).base_url == url
