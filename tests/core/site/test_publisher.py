"""Who publishes a copy: on About, in the words about removal, on the page of a withdrawn site."""

from __future__ import annotations

from pathlib import Path

import pytest

from laion_assets.core.base.package import TEMPLATES
from laion_assets.core.site.publisher import LONGEST, NOBODY, Publisher, remark_on
from laion_assets.core.site.tombstone import render_tombstone
from tests import hostile
from tests.site_fixture import render_all
from tests.site_html import Document

SOMEBODY = Publisher("The Archive", "removals@archive.example")
HOSTILE = (
    *hostile.CAPTIONS,
    "javascript:alert(1)",
    "JaVaScRiPt://x.example/%0aalert(1)",
    "https://user:pass@x.example/",
    "https://x.example\\@evil.example/",
    "https://x.example/\u202egpj",
    "data:text/html,<script>window.XSS=1</script>",
    "mailto:a@x.example?bcc=b@x.example",
    "a@x.example?bcc=b@x.example",
    "a@x.example,b@x.example",
    "a@x.example\nBcc: b@x.example",
    "' onmouseover='window.XSS=1",
    "=1+1",
    "x" * 60_000,
    "a@" + "x" * 60_000 + ".example",
    "https://x.example/" + "x" * 60_000,
)


def about(folder: Path, publisher: Publisher) -> Document:
    """Return the About page."""
    return Document(render_all(folder, publisher=publisher)["about.html"].decode())


def tombstone(publisher: Publisher) -> Document:
    """Return the page of a withdrawn site."""
    pages = render_tombstone(TEMPLATES, "Title", "Under review.", publisher)
    return Document(next(iter(pages)).content.decode())


def links(page: Document) -> list[str]:
    """Return where a page's links lead that leave the site."""
    found = (str(link.get("href")) for link in page.all("a"))
    return [link for link in found if ":" in link]


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("removals@archive.example", "mailto:removals@archive.example"),
        ("first.last+tag@mail.archive.example", "mailto:first.last%2Btag@mail.archive.example"),
        ("  removals@archive.example\n", "mailto:removals@archive.example"),
        ("https://archive.example/contact?a=1#form", "https://archive.example/contact?a=1#form"),
        ("HTTPS://archive.example/", "HTTPS://archive.example/"),
        ("http://archive.example/", None),
        ("archive.example", None),
        ("removals@archive", None),
        (".a@archive.example", None),
        ("@archive on the network", None),
        ("+49 30 123456", None),
        ("", None),
    ],
)
def test_an_address_and_an_https_url_become_links(contact: str, link: str | None) -> None:
    """Nothing else does."""
    assert Publisher("", contact).link == link


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_inert(tmp_path: Path, text: str) -> None:
    """Whatever was typed: a line of bounded length that leads nowhere and runs nothing."""
    publisher = Publisher(text, text)
    assert publisher.link is None
    assert len(publisher.name) <= LONGEST
    for page in (about(tmp_path, publisher), tombstone(publisher)):
        assert page.unclosed == []
        assert not {"img", "b", "i", "iframe"} & {e.tag for e in page.everything()}
        assert all(script.get("src") for script in page.all("script"))
        assert {link.partition(":")[0] for link in links(page)} <= {"https"}
        assert not set("\u202e\u2066\u2069\x00\x1b\u200b") & set(page.all("main")[0].text)
        shown = [e.text for e in page.all("bdi")]
        assert all(text and len(text) <= LONGEST for text in shown)


def test_about_says_who_publishes_and_how_to_be_removed(tmp_path: Path) -> None:
    """The name, the address as a link, and what happens when."""
    page = about(tmp_path, SOMEBODY)
    text = page.main_text()
    assert "PublisherThe Archive Contactremovals@archive.example Build0123456789ab" in text
    assert "Write to The Archive: removals@archive.example." in text
    for word in ("What happens.", "When.", "For how long."):
        assert word in text
    assert links(page).count("mailto:removals@archive.example") == 2


@pytest.mark.parametrize(
    ("publisher", "said"),
    [
        (NOBODY, "they have not said here who they are"),
        (Publisher("The Archive", ""), "Ask The Archive, who publishes this copy; no contact"),
        (Publisher("", "a@x.example"), "Write to whoever publishes this copy: a@x.example."),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, publisher: Publisher, said: str) -> None:
    """Nobody is invented."""
    assert said in about(tmp_path, publisher).main_text()


def test_a_withdrawn_site_still_says_whom_to_ask() -> None:
    """Where that is known; else there is nothing about it."""
    assert tombstone(SOMEBODY).main_text() == (
        "Title This site has been withdrawn. Under review. "
        "Published byThe Archive Contactremovals@archive.example"
    )
    assert tombstone(NOBODY).main_text() == "Title This site has been withdrawn. Under review."


@pytest.mark.parametrize(
    ("publisher", "said"),
    [
        (NOBODY, "--publisher and --contact"),
        (Publisher("A", ""), "with --contact"),
        (Publisher("", "a@x.example"), "with --publisher"),
        (Publisher("\u202e", "a@x.example"), "with --publisher"),
        (Publisher("A", "somewhere"), "no e-mail address and no https URL"),
        (SOMEBODY, ""),
    ],
)
def test_the_publisher_is_told_what_readers_miss(publisher: Publisher, said: str) -> None:
    """In one line; nothing when they miss nothing."""
    told = remark_on(publisher)
    assert said in told
    assert bool(told) == bool(said)
    assert "\n" not in told
