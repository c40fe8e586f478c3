"""What pages refuse to do: scripts, other hosts, pictures unasked, text taken for markup."""

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from laion_assets.core.site.safety import PICTURE_CSP, STRICT_CSP
from tests import site_fixture
from tests.site_html import Document

#: Files that the lead's assets add to the site; links to them are right all the same.
NOT_RENDERED_HERE = ("manifest.json", "search/ab12cd34/directory.js")

Site = dict[str, bytes]
Documents = dict[str, Document]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the fixture's tables."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def site(folder: Path) -> Site:
    """Every file of the fixture's site by path."""
    return site_fixture.render_all(folder)


@pytest.fixture(scope="module")
def documents(site: Site) -> Documents:
    """Every HTML page, parsed."""
    return {path: Document(html.decode()) for path, html in site.items() if path.endswith(".html")}


def test_pages_close_what_they_open(documents: Documents):
    """Hostile text never opens or closes an element."""
    assert {path: page.unclosed for path, page in documents.items() if page.unclosed} == {}


def test_ids_are_unique_on_a_page(documents: Documents):
    """Anchors and labels have one target."""
    for path, document in documents.items():
        ids = [e.get("id") for e in document.everything() if e.get("id")]
        assert len(ids) == len(set(ids)), path


def test_no_page_has_inline_script_style_or_handlers(documents: Documents):
    """The policy would block them; scripts have a source and nothing else, or are data."""
    for path, document in documents.items():
        for element in document.everything():
            assert "style" not in element.attributes, path
            assert element.tag != "style", path
            assert not [name for name in element.attributes if name.startswith("on")], path
            if element.tag == "script" and element.get("type") != "application/ld+json":
                assert element.get("src"), path
                assert element.get("type") is None, path
                assert element.text == "", path


def test_no_page_asks_another_host_for_anything(documents: Documents):
    """Pictures, scripts and styles with an absolute address do not occur."""
    for path, document in documents.items():
        for element in document.everything():
            if element.tag in ("img", "script", "link", "iframe", "source", "image", "use"):
                address = element.get("src") or element.get("href") or ""
                assert not re.match(r"[a-z]+:|//", address), path
        assert document.all("img") == [], path


def test_every_relative_link_leads_to_a_rendered_file(site: Site, documents: Documents):
    """Also fragments: what follows # is an id of the page it points at, or a view of a list."""
    for path, document in documents.items():
        for element in document.everything():
            for name in ("href", "src", "action"):
                address = element.get(name)
                if address is None or re.match(r"https?:", address):
                    continue
                assert not address.startswith("/"), (path, address)
                parts = urlsplit(address)
                target = posixpath.normpath(
                    posixpath.join(posixpath.dirname(path), unquote(parts.path))
                )
                target = path if not parts.path else target
                assert target in site or target in NOT_RENDERED_HERE, (path, address)
                if parts.fragment and "=" not in parts.fragment:
                    ids = {e.get("id") for e in documents[target].everything()}
                    assert parts.fragment in ids, (path, address)


def test_outbound_links_are_plain_and_give_nothing_away(documents: Documents):
    """Every one is http or https without user name, and carries the three rel words."""
    outbound = [
        link
        for document in documents.values()
        for link in document.all("a")
        if re.match(r"[a-z]+:|//", link.get("href"))
    ]
    assert outbound
    for link in outbound:
        assert re.match(r"https?://[^@\s\\/]+(/[^\s\\]*)?$", link.get("href"))
        assert link.get("rel") == "noopener noreferrer nofollow"


def test_pages_with_tiles_may_show_pictures_and_no_other_page(documents: Documents):
    """The wide policy is on search and on pages whose tiles have pictures to ask for."""
    for path, document in documents.items():
        pictures = path == "search.html" or any(
            element.get("data-picture") for element in document.all("div")
        )
        policy = PICTURE_CSP if pictures else STRICT_CSP
        assert document.meta("Content-Security-Policy") == policy, path
        assert document.meta("referrer") == "no-referrer", path
        body = document.all("body")[0]
        assert body.get("data-pictures") == ("ask" if pictures else "none"), path
        assert body.get("data-links") == "yes", path


def test_a_picture_is_offered_only_for_rows_that_may_be_seen(documents: Documents):
    """Rows with no_image or an unsafe address keep their drawing for ever."""
    for document in documents.values():
        for tile in document.all("li"):
            if "tile" not in tile.classes:
                continue
            frame = tile.all("div")[0]
            assert frame.all("svg")
            if frame.get("data-picture"):
                assert frame.get("data-visibility") in ("shown", "blurred")
                assert re.match(r"https?://[^@\s\\]+$", frame.get("data-picture"))
            if "never shown as a picture" in tile.text:
                assert frame.get("data-picture") is None


def test_a_dataset_without_pictures_never_offers_one(folder: Path):
    """With pictures "none" the strict policy is everywhere, in the headers too."""
    pages = site_fixture.render_all(folder, pictures="none")
    for path, content in pages.items():
        if path.endswith(".html"):
            assert b"img-src 'self' http:" not in content.replace(b"&#39;", b"'"), path
            assert b"data-picture=" not in content, path
            assert b"data-show-pictures" not in content, path
    assert b"http: https:" not in pages["_headers"]


def test_every_page_of_invented_rows_says_so(folder: Path, site: Site):
    """A page opened from a link must not read as a finding about a real person; others do not."""
    said = "every row is invented"
    invented = site_fixture.render_all(folder, invented=True)
    assert [p for p in invented if p.endswith(".html") and said not in invented[p].decode()] == []
    assert [p for p in site if p.endswith(".html") and said in site[p].decode()] == []


def test_a_dataset_without_links_has_no_outbound_link(folder: Path):
    """With links off not even the home page is linked; its address is text."""
    for path, content in site_fixture.render_all(folder, links=False).items():
        if path.endswith(".html"):
            assert not re.search(rb'href="https?:', content), path


def test_pages_of_the_living_and_of_the_unknown_are_not_indexed(documents: Documents):
    """People without a year of death carry noindex; the dead, characters and listings do not."""
    for path in ("artists/erin-hanson", "artists/a-nonymous", "celebrities/charlize-theron"):
        assert documents[f"{path}.html"].meta("robots") == "noindex"
    for path in ("artists/vincent-van-gogh", "artists/phidias", "celebrities/prince"):
        assert documents[f"{path}.html"].meta("robots") is None
    for path in ("characters/batman", "artists", "index"):
        assert documents[f"{path}.html"].meta("robots") is None


def test_hostile_captions_are_shown_as_text(documents: Documents):
    """Tags and template syntax from captions arrive as characters."""
    text = documents["domains/pinimg-com.html"].main_text()
    assert "<script>window.XSS=1</script>" in text
    assert "{{ 7*7 }} {% raw %} ${7*7}" in text
    assert '"><img src=x onerror="window.XSS=1">' in text


def test_tables_can_be_read_without_seeing_them(documents: Documents):
    """Every table has a caption and headings with a scope; wide ones scroll in a focusable box."""
    for path, document in documents.items():
        for box in document.all("div"):
            if "scroll" in box.classes:
                assert box.get("tabindex") == "0", path
                assert box.get("aria-label"), path
        for table in document.all("table"):
            assert table.all("caption")[0].text.strip(), path
            assert table.all("thead"), path
            assert all(heading.get("scope") for heading in table.all("th")), path
            columns = len(table.all("thead")[0].all("th"))
            for row in table.all("tbody")[0].all("tr"):
                cells = [cell for cell in row.children if cell.tag in ("td", "th")]
                assert sum(int(cell.get("colspan") or 1) for cell in cells) == columns, path


def test_charts_have_a_name_and_their_numbers_stand_in_a_table(documents: Documents):
    """Every bar and histogram is an image with a title; each number it shows is also text.

    One whose columns are links is a group of these.
    """
    charts = 0
    for path, document in documents.items():
        for drawing in document.all("svg"):
            if drawing.get("aria-hidden") == "true":
                continue
            assert drawing.get("role") == ("group" if drawing.all("a") else "img"), path
            assert all(link.get("aria-label") for link in drawing.all("a")), path
            assert drawing.all("title")[0].text.strip(), path
        if path == "index.html":
            continue  # its one chart is that of years.html, which it links
        cells = {cell.text.strip() for cell in document.all("td")}
        for figure in document.all("figure"):
            charts += 1
            shown = [title.text for column in figure.all("rect") for title in column.all("title")]
            assert shown, path
            assert {text.rpartition(": ")[2] for text in shown} <= cells, path
        for bar in document.all("svg"):
            if "bar" in bar.classes:
                assert bar.all("title")[0].text in cells, path
    assert charts > 5


def test_the_unsafe_page_has_no_text_or_address_of_any_row(documents: Documents, site: Site):
    """Numbers only: no caption, no domain of a row, no tile, no outbound link."""
    text = documents["nsfw.html"].main_text()
    for caption in (*site_fixture.CAPTIONS, *site_fixture.HOSTILE_CAPTIONS):
        assert caption[:30] not in text
    assert b"data-picture=" not in site["nsfw.html"]
    assert not re.search(rb'href="https?:', site["nsfw.html"])
    assert "≥ 0.9999" in text
