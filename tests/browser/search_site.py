"""A small site around a tiny index, and the referee's answers, for the tests of the search.

Lives here: made-up documents, the site's folder, a web server under a sub-path, Chromium, what
SQLite FTS5 finds. The tests themselves are in `test_search_client.py` and `test_search_page*.py`.
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from laion_assets.commands.web_server import SiteServer
from laion_assets.core.names.registry import LISTS
from laion_assets.core.site.render import build_environment
from laion_assets.core.site.safety import PICTURE_CSP, STRICT_CSP
from laion_assets.core.site.statics import DIRECTORY, published_scripts, static_files
from laion_assets.core.text.tables import browser_table
from tests.browser.tiny_index import DIRECTORY as TINY_DIRECTORY
from tests.browser.tiny_index import Sizes, TinyIndex
from tests.browser.tiny_terms import Document, full_text_table
from tests.browser.tiny_units import write_script
from tests.repository import ROOT
from tests.servers import running

CHROMIUM = Path("/usr/bin/chromium")
TEMPLATES = ROOT / "site_templates"
TEXT = ROOT / "laion_assets" / "core" / "text"

# Patience is free for a test that passes, and two cores may be busy elsewhere.
expect.set_options(timeout=30_000)

needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed")

_WORDS = (
    "the of a and portrait painting art woman landscape sunset Dalí dali O'Keeffe o’keeffe e-mail "
    "e mail kinkade Thomas thomas THOMAS print prints printing poster post posts Straße ﬁsh ﬁshing "
    "𐐀b 𐐨bc 𝒜rt 𠀀𠀁 漢字かな Ёлка ёлка 2015 20 x² ½ \ue000private naïve naive café CAFE\u0301 "
    "rock'n'roll AT&T C++ constructor __proto__ toString length NOT and OR AND 😀 – !!!"
)
#: Words to draw captions from, commoner ones first: accents, joiners, astral letters, operators.
WORDS = _WORDS.split()

DOMAINS = ("pinimg.com", "flickr.com", "xn--mnchen-3ya.de", "example.org", "wp.com")
ARTISTS = ("thomas kinkade", "georgia o keeffe", "salvador dali")


def corpus(count: int, seed: int) -> list[Document]:
    """Return made-up documents: skewed words, ties, duplicates, unknown values."""
    draw = random.Random(seed)  # noqa: S311 - test data
    weights = [1 / (rank + 1) ** 0.8 for rank in range(len(WORDS))]
    # Both words of "the print" occur, and the first before a longer one: still not the phrase.
    documents = [_document(draw, count, "the prints and a print the") for _ in range(3)]
    for number in range(count - len(documents)):
        caption = " ".join(draw.choices(WORDS, weights, k=draw.randint(1, 9)))
        if draw.random() < 0.1:
            caption = draw.choice(documents).caption
        if draw.random() < 0.02:
            caption += " long" * 200
        documents.append(_document(draw, number, caption))
    return documents


def _document(draw: random.Random, number: int, caption: str) -> Document:
    domain = draw.choices(DOMAINS, (40, 20, 10, 5, 5))[0]
    url = f"https://img.{domain}/{draw.randint(0, 400)}.jpg?x=1"
    year = draw.choice(("2013", "2014", "2015"))
    fields = [("host", f"img.{domain}"), ("url", url_value(url.split("://")[1])), ("year", year)]
    if draw.random() < 0.3:
        fields.append(("artist", draw.choice(ARTISTS)))
    if domain == "wp.com":
        fields.append(("platform", "wordpress"))
    return Document(
        id=draw.randint(-(2**63), 2**63 - 1) if draw.random() < 0.9 else number % 7,
        caption=caption,
        url=url,
        width=draw.choice((None, 120, 640, 4000)),
        height=draw.choice((None, 90, 480, 3000)),
        aesthetic=draw.choice((None, 5.5, 6.0, 6.25, 6.5, 7.0, round(draw.uniform(5, 8), 3))),
        punsafe=draw.choice((None, 0.0, 0.3, 0.97)),
        domain=domain,
        visibility=draw.choice(("shown", "shown", "blurred", "no_image")),
        fields=tuple(fields),
    )


def url_value(canonical: str) -> str:
    """Return what the index holds for a canonical URL."""
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def build_site(
    folder: Path,
    documents: list[Document],
    sizes: Sizes,
    *,
    pictures: str = "ask",
    links: bool = True,
) -> TinyIndex:
    """Write a small site around the search page: it, its scripts, the token table, the index."""
    for published in static_files(TEMPLATES):
        path = folder / published.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(published.content)
    write_script(folder / "static" / "tokens.js", "tokens", json.loads(browser_table()))
    html = search_html(len(documents), pictures, links=links)
    (folder / "search.html").write_text(html, encoding="utf-8")
    index = TinyIndex(documents, sizes)
    index.write(folder / "search")
    return index


def search_html(documents: int, pictures: str, *, links: bool) -> str:
    """Return the search page of a dataset of so many rows, by the site's own template."""
    order = published_scripts(TEMPLATES)
    kinds = ("every page", "pages with pictures", "search", "search page")
    scripts = [script for kind in kinds for script in order[kind]]
    scripts[scripts.index(DIRECTORY)] = f"search/{TINY_DIRECTORY}"
    template = build_environment(TEMPLATES).get_template("search.html")
    return template.render(
        dataset={"title": "Tiny", "links": links, "pictures": pictures, "invented": True},
        headline={"published": documents},
        build_id="0123456789ab",
        navigation=(),
        submenu=(),
        description="Search",
        canonical=None,
        lists=tuple(LISTS.values()),
        root="",
        path="search.html",
        title="Search",
        csp=PICTURE_CSP if pictures == "ask" else STRICT_CSP,
        pictures=pictures,
        noindex=False,
        search_directory=f"search/{TINY_DIRECTORY}",
        scripts=scripts,
    )


class _Handler(SimpleHTTPRequestHandler):
    """Serves files, quietly, and an empty icon."""

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer; browsers ask for an icon of their own accord."""
        if self.path == "/favicon.ico":
            self.send_response(HTTPStatus.NO_CONTENT)
            self.end_headers()
        else:
            super().do_GET()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on the local machine; yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    with running(server):
        yield f"http://127.0.0.1:{server.server_port}"


@contextmanager
def served_in_ranges(folder: Path) -> Iterator[str]:
    """Serve a folder as the product's own server does, which answers ranges; yield its address."""
    server = SiteServer(folder, 0, "/")
    with running(server):
        yield f"http://127.0.0.1:{server.server_port}"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the installed Chromium."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, address: str, *, expect_errors: bool = False) -> Iterator[Page]:
    """Open a page on which every error in the console fails the test, unless expected."""
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: errors.append(message.text) if message.type == "error" else None,
    )
    try:
        page.goto(address)
        yield page
    finally:
        page.close()
    assert expect_errors or not errors


@dataclass(frozen=True)
class Part:
    """A part of a query: a text (perhaps a prefix), or a field with its folded value."""

    text: str
    prefix: bool = False
    field: str | None = None
    value: str = ""
    negated: bool = False

    def typed(self) -> str:
        """Return the part as someone types it."""
        sign = "-" if self.negated else ""
        if self.field:
            return f'{sign}{self.field}:"{self.text}"'
        quote = '"' if " " in self.text or self.text == "OR" else ""
        return f"{sign}{quote}{self.text}{quote}{'*' if self.prefix else ''}"


@dataclass(frozen=True)
class Group:
    """Parts in parentheses: all of them have to hold, or with `either` one of them."""

    parts: tuple[Part | Group, ...]
    either: bool = False
    negated: bool = False

    def typed(self) -> str:
        """Return the group as someone types it."""
        inner = (" OR " if self.either else " ").join(part.typed() for part in self.parts)
        return f"{'-' if self.negated else ''}({inner})"


class Referee:
    """What the documents of an index have, according to FTS5."""

    def __init__(self, index: TinyIndex) -> None:
        self.index = index
        self.database: sqlite3.Connection = full_text_table([d.caption for d in index.documents])

    def numbers(self, parts: Sequence[Part | Group]) -> list[int]:
        """Return the ranks of the matching documents, in order; none when no part counts."""
        if not parts:
            return list(range(len(self.index.documents)))
        return sorted(self._group(Group(tuple(parts))) or ())

    def _group(self, group: Group) -> set[int] | None:
        """Return the ranks that a group matches, its sign apart; None when no part counts."""
        everything = set(range(len(self.index.documents)))
        signed = [
            everything - matched if part.negated else matched
            for part in group.parts
            if (matched := self._matched(part)) is not None
        ]
        if not signed:
            return None
        return set.union(*signed) if group.either else set.intersection(*signed)

    def _matched(self, part: Part | Group) -> set[int] | None:
        """Return the ranks that one part matches, its sign apart; None when it holds no token."""
        if isinstance(part, Group):
            return self._group(part)
        if part.field:
            return set(self.index.postings.get(f":{part.field}:{part.value}", []))
        if not any(character.isalnum() or character == "\ue000" for character in part.text):
            return None
        phrase = '"' + part.text.replace('"', '""') + '"' + ("*" if part.prefix else "")
        rows = self.database.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (phrase,))
        return {number for (number,) in rows}

    def close(self) -> None:
        """Close the database."""
        self.database.close()


#: Ask several queries one after the other.
SEARCH = """async ({queries, options}) => {
  const answers = [];
  for (const query of queries) {
    answers.push(await window.LaionSearch.search(query, options));
  }
  return answers;
}"""


def search_all(page: Page, queries: list[str], **options: Any) -> list[dict[str, Any]]:
    """Return the client's answers to queries."""
    answers: list[dict[str, Any]] = page.evaluate(SEARCH, {"queries": queries, "options": options})
    return answers


def search(page: Page, query: str, **options: Any) -> dict[str, Any]:
    """Return the client's answer to one query."""
    return search_all(page, [query], **options)[0]


@dataclass
class Site:
    """A built site: its folder, its documents, its referee."""

    folder: Path
    index: TinyIndex
    referee: Referee


def check(site: Site, page: Page, parts: Sequence[Part | Group], **options: Any) -> None:
    """Assert that totals and hits of a query are the referee's, cheaply and exactly."""
    expected = site.referee.numbers(parts)
    query = " ".join(part.typed() for part in parts)
    for exact in (False, True):
        compare(site, expected, search(page, query, exact=exact, **options), query, **options)


def compare(
    site: Site,
    expected: list[int],
    answer: dict[str, Any],
    query: str,
    offset: int = 0,
    limit: int = 20,
) -> None:
    """Assert that one answer is right."""
    documents = [site.index.documents[number] for number in expected[offset : offset + limit]]
    assert [hit["caption"] for hit in answer["hits"]] == [d.caption for d in documents], query
    assert [hit["id"] for hit in answer["hits"]] == [str(d.id) for d in documents], query
    numbers = [site.index.numbers[rank] for rank in expected[offset : offset + limit]]
    assert [hit["number"] for hit in answer["hits"]] == numbers, query
    if answer["totalIsExact"]:
        assert answer["total"] == answer["atLeast"] == len(expected), query
    else:
        assert answer["atLeast"] <= len(expected) <= answer["total"], query
