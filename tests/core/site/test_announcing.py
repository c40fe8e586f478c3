"""Where the site's address is known, programs are told: sitemap, OpenSearch, feed, robots.txt."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from laion_assets.core.site import announcing
from laion_assets.core.site.publisher import Publisher
from tests.site_fixture import BUILD_ID, render_all
from tests.site_html import Document

BASE = "https://example.org/laion"
ATOM = "{http://www.w3.org/2005/Atom}"
MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
OPEN = "{http://a9.com/-/spec/opensearch/1.1/}"
MADE = {"sitemap.xml", "opensearch.xml", "feed.atom"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the fixture's tables."""
    return tmp_path_factory.mktemp("announcing")


@pytest.fixture(scope="module")
def files(folder: Path) -> dict[str, bytes]:
    """The site where its address and the dataset's date are known."""
    return render_all(folder, base_url=f"{BASE}/", date="2024-08-30")


def document(content: bytes) -> ET.Element:
    """Return a document of ours."""
    return ET.fromstring(content)  # noqa: S314 - we wrote it


def urls(content: bytes) -> list[str]:
    """Return every address in a sitemap or an index of them."""
    return [entry.text or "" for entry in document(content).iter(f"{MAPS}loc")]


def test_the_sitemap_has_every_page_that_may_be_listed(files: dict[str, bytes]) -> None:
    """By its canonical address, with the dataset's day; none that says noindex, nor the 404."""
    canonical = set()
    for path, content in files.items():
        if path.endswith(".html"):
            page = Document(content.decode())
            hidden = any(meta.get("name") == "robots" for meta in page.all("meta"))
            (*address,) = (link for link in page.all("link") if link.get("rel") == "canonical")
            if address and not hidden:
                canonical.add(address[0].get("href"))
    found = urls(files["sitemap.xml"])
    assert len(found) == len(set(found))
    assert set(found) == canonical
    assert f"{BASE}/" in found
    days = {entry.text for entry in document(files["sitemap.xml"]).iter(f"{MAPS}lastmod")}
    assert days == {"2024-08-30"}


@pytest.mark.parametrize("limit", ["urls", "bytes"])
def test_a_long_sitemap_is_several(
    folder: Path, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """Each within the limits, and an index of them."""
    if limit == "urls":
        monkeypatch.setattr(announcing, "MOST_URLS", 7)
    changes = {} if limit == "urls" else {"max_bytes": 2_000}
    made = render_all(folder, base_url=BASE, date="2024-08-30", **changes)
    parts = [address.removeprefix(f"{BASE}/") for address in urls(made["sitemap.xml"])]
    assert parts == [f"sitemap-{n}.xml" for n in range(1, len(parts) + 1)]
    assert len(parts) > 1
    together = [address for part in parts for address in urls(made[part])]
    assert together == urls(files["sitemap.xml"])
    if limit == "urls":
        assert all(len(urls(made[part])) <= 7 for part in parts)
    else:
        assert all(len(made[part]) <= 2_000 for part in parts)


def test_robots_txt_names_the_sitemap(files: dict[str, bytes], folder: Path) -> None:
    """Where there is one."""
    line = f"Sitemap: {BASE}/sitemap.xml"
    assert line in files["robots.txt"].decode().splitlines()
    assert b"Sitemap" not in render_all(folder)["robots.txt"]


def test_browsers_are_told_how_to_search(files: dict[str, bytes], folder: Path) -> None:
    """Every page links to it; without an index there is none."""
    about = document(files["opensearch.xml"])
    (url,) = about.iter(f"{OPEN}Url")
    assert url.get("template") == f"{BASE}/search.html?q={{searchTerms}}"
    assert len(about.findtext(f"{OPEN}ShortName") or "") <= 16
    for path in ("index.html", "domains/pinimg-com.html"):
        page = Document(files[path].decode())
        (link,) = (link for link in page.all("link") if link.get("rel") == "search")
        assert link.get("href") == f"{'../' * path.count('/')}opensearch.xml"
        assert link.get("type") == "application/opensearchdescription+xml"
    bare = render_all(folder, base_url=BASE, search_directory=None)
    assert "opensearch.xml" not in bare
    assert b'rel="search"' not in bare["index.html"]


def test_the_feed_has_the_build_with_the_day_of_the_dataset(
    files: dict[str, bytes], folder: Path
) -> None:
    """Another build is another entry; the clock has no part in it."""
    feed = document(files["feed.atom"])
    assert feed.findtext(f"{ATOM}id") == f"{BASE}/"
    assert {entry.text for entry in feed.iter(f"{ATOM}updated")} == {"2024-08-30T00:00:00Z"}
    (entry,) = feed.iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == f"{BASE}/#build-{BUILD_ID}"
    assert "1,248 published images" in (entry.findtext(f"{ATOM}title") or "")
    page = Document(files["about.html"].decode())
    (link,) = (link for link in page.all("link") if link.get("rel") == "alternate")
    assert link.get("href") == "feed.atom"
    again = render_all(folder, base_url=f"{BASE}/", date="2024-08-30")
    assert {path: again[path] for path in MADE} == {path: files[path] for path in MADE}


def test_without_a_date_there_is_none(folder: Path) -> None:
    """No feed, and a sitemap that does not say when."""
    made = render_all(folder, base_url=BASE)
    assert "feed.atom" not in made
    assert b"lastmod" not in made["sitemap.xml"]
    assert b"feed.atom" not in made["index.html"]


def test_without_an_address_nothing_is_announced(folder: Path) -> None:
    """Relative addresses would be of no use to these programs."""
    made = render_all(folder, date="2024-08-30")
    assert MADE.isdisjoint(made)
    assert b"feed.atom" not in made["index.html"]
    assert b"opensearch.xml" not in made["index.html"]


def test_whatever_a_dataset_is_called_it_is_well_formed(folder: Path) -> None:
    """Marks of XML and characters that it does not have."""
    name = "<b>\u0000&\ufffe]]>\u202e\"'\uffff"
    made = render_all(
        folder, base_url=BASE, date="2024-08-30", title=name, description=name,
        publisher=Publisher(name, name),
    )  # fmt: skip
    for path in MADE:
        document(made[path])
    assert document(made["feed.atom"]).findtext(f"{ATOM}title") == "<b>&]]>\"'"
