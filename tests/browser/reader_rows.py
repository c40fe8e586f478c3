"""A search page of rows for its readers: what they are, opening it, waiting for what it says.

Whatever a page shows is waited for (`expect`), never read at once: a click starts a search or
another page, and what is read before it is done depends on the machine. Not here: the fixtures
(`conftest`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

from playwright.sync_api import Page, expect

from tests.browser.search_site import url_value
from tests.browser.tiny_terms import Document

Opener = Callable[[str], AbstractContextManager[Page]]

#: A picture.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)

HOSTILE = (
    "<script>window.XSS=1</script>",
    '"><img src=x onerror="window.XSS=1">',
    "<svg/onload=window.XSS=1>",
    "{{7*7}} ${7*7} </p></li></ol><script>window.XSS=1</script>",
    "'); window.XSS=1; ('",
    "javascript:window.XSS=1",
)

UNSAFE_URLS = (
    "javascript:window.XSS=1",
    "http://user:secret@evil.example/a.jpg",
    "https://evil.example/a b.jpg",
    "https://evil.example/\u202egpj.a",
    "https://evil.example\\@good.example/",
    "//evil.example/a.jpg",
    "data:image/png;base64,AAAA",
    "https:///a.jpg",
    "http://evil.example:99999/",
    "https://evil.example/\n",
)


def documents() -> list[Document]:
    """Return rows for the page: 60 barns, one of each visibility, unknown values, hostile text."""
    barns = [
        Document(n, f"red barn number{n}", f"http://pictures.example/{n}.png", aesthetic=5 - n / 50)
        for n in range(60)
    ]
    special = [
        Document(
            100,
            "quay one",
            "http://pictures.example/shown.png",
            punsafe=None,
            fields=(
                ("host", "pictures.example"),
                ("url", url_value("pictures.example/shown.png")),
            ),
        ),
        Document(
            101,
            "quay two",
            "http://pictures.example/blurred.png",
            visibility="blurred",
        ),
        Document(
            102,
            "quay three",
            "http://pictures.example/no.png",
            visibility="no_image",
            punsafe=0.00003,
        ),
        Document(103, "quay four", "http://user@pictures.example/unsafe.png"),
        Document(104, "quay five", "http://pictures.example/gone.png", aesthetic=None),
        Document(
            106,
            "jetty",
            "http://pictures.example/a -b url:c.png",
            fields=(("url", url_value("pictures.example/a%20-b%20url:c.png")),),
        ),
        Document(105, "quay six “quoted” words", width=None, height=None, aesthetic=None),
    ]
    hostile = [
        Document(200 + n, f"hostile {text}", UNSAFE_URLS[n], domain=f"{text}.example")
        for n, text in enumerate(HOSTILE)
    ]
    return barns + special + hostile


def says(page: Page, text: str | re.Pattern[str]) -> None:
    """Wait until the status line says this."""
    expect(page.locator("#search-status")).to_have_text(text)


def done(page: Page) -> None:
    """Wait until a search is done, whatever it found."""
    says(page, re.compile("image"))


def count(page: Page, selector: str, number: int) -> None:
    """Wait until so many elements match."""
    expect(page.locator(selector)).to_have_count(number)


def no_anchor(page: Page) -> None:
    """Wait until the address names no result."""
    expect(page).to_have_url(re.compile("^[^#]*$"))
