"""Whatever a host does to the files of the index, the search reads right or says clearly why not.

What is in the files is in `test_search_reading.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.reading_site import (
    TERMS,
    Answer,
    BadHandler,
    bad_host,
    build_reading_site,
    ranged,
)
from tests.browser.search_site import corpus, needs_chromium, opened
from tests.browser.tiny_index import FOLDER, Sizes, TinyIndex

pytestmark = needs_chromium

#: What is read: words with lists and tails, and rows from everywhere.
READ = """async () => {
  const session = index.session();
  const read = async (term) => {
    const posting = await session.term('w', term);
    await posting.reach(Infinity);
    return Array.from(posting.numbers);
  };
  const numbers = await Promise.all(['the', 'of', 'portrait', 'kinkade'].map(read));
  const rows = await session.rows(numbers.flat().filter((_, i) => i % 7 === 0));
  return { numbers, rows: rows.map((row) => row[1]), works: index.files.ranges.work };
}"""
WORDS = ("the", "of", "portrait", "kinkade")


@pytest.fixture(scope="module")
def index() -> TinyIndex:
    """A small index."""
    return TinyIndex(corpus(300, seed=3), Sizes(head=20))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, index: TinyIndex) -> Path:
    """A site with it."""
    folder = tmp_path_factory.mktemp("hosts") / "site"
    build_reading_site(folder, index)
    return folder


def check(page: Page, index: TinyIndex, *, works: bool) -> None:
    """Assert that what is read is what was written, and whether ranges were used to the end."""
    found = page.evaluate(READ)
    ranks = [index.postings[word] for word in WORDS]
    assert found["numbers"] == [[index.numbers[r] for r in each] for each in ranks]
    some = [rank for each in ranks for rank in each][::7]
    assert found["rows"] == [index.documents[rank].caption for rank in some]
    assert found["works"] == works


def whole_only(handler: BadHandler, content: bytes) -> None:
    """Answer everything by the whole file, as many hosts do."""
    handler.send(HTTPStatus.OK, content)


#: Gives something in place of a range, from the first byte asked for to before the last.
Spoil = Callable[[BadHandler, bytes, int, int], None]


def on_range(spoil: Spoil) -> Answer:
    """Make an answer that spoils ranges and gives whole files as they are."""

    @wraps(spoil)
    def answer(handler: BadHandler, content: bytes) -> None:
        piece = handler.piece(content)
        if piece is None:
            whole_only(handler, content)
        else:
            spoil(handler, content, *piece)

    return answer


@on_range
def short(handler: BadHandler, content: bytes, first: int, end: int) -> None:
    """Break a range off in the middle."""
    handler.close_connection = True
    handler.send_piece(content, first, end, content[first : (first + end) // 2])


@on_range
def shorter(handler: BadHandler, content: bytes, first: int, end: int) -> None:
    """Give half of a range for the whole of it."""
    span = f"bytes {first}-{end - 1}/{len(content)}"
    half = content[first : (first + end) // 2]
    handler.send(HTTPStatus.PARTIAL_CONTENT, half, Content_Range=span)


@on_range
def shifted(handler: BadHandler, content: bytes, first: int, end: int) -> None:
    """Give other bytes of the same file."""
    size = end - first
    handler.send_piece(content, first, end, (content[first + 2 : end + 2] + bytes(2))[:size])


@on_range
def from_start(handler: BadHandler, content: bytes, first: int, end: int) -> None:
    """Give the file's beginning, and say so, whatever was asked for."""
    handler.send_piece(content, 0, end - first)


@on_range
def unlabelled(handler: BadHandler, content: bytes, first: int, end: int) -> None:
    """Give a range without a word on which one."""
    handler.send(HTTPStatus.PARTIAL_CONTENT, content[first:end])


def recoded(handler: BadHandler, content: bytes) -> None:
    """Give files in UTF-8, ranges of that too."""
    honest = on_range(BadHandler.send_piece)
    honest(handler, content.decode("utf-16").encode("utf-8-sig"))


def unsatisfied(handler: BadHandler, content: bytes) -> None:
    """Refuse every range."""
    refused = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    if handler.headers.get("Range"):
        handler.send(refused, b"", Content_Range=f"bytes */{len(content)}")
    else:
        whole_only(handler, content)


def hanging_up(handler: BadHandler, content: bytes) -> None:
    """Close the line on every range."""
    if handler.headers.get("Range"):
        handler.close_connection = True
    else:
        whole_only(handler, content)


@on_range
def squeezed(handler: BadHandler, content: bytes, first: int, end: int) -> None:
    """Claim that a range is packed."""
    span = f"bytes {first}-{end - 1}/{len(content)}"
    handler.send(
        HTTPStatus.PARTIAL_CONTENT, content[first:end], Content_Range=span, Content_Encoding="gzip"
    )


@on_range
def swapped(handler: BadHandler, content: bytes, first: int, end: int) -> None:
    """Give ranges of another file of the same series."""
    path = Path(handler.translate_path(handler.path))
    others = [p for p in sorted(path.parent.iterdir()) if p != path]
    if others:
        other = others[0].read_bytes()[first:end].ljust(end - first, b"\0")
        handler.send_piece(content, first, end, other)
    else:
        whole_only(handler, content)


@pytest.mark.parametrize(
    "answer",
    [
        whole_only, short, shorter, shifted, from_start, unlabelled, recoded, unsatisfied,
        hanging_up, squeezed, swapped,
    ],
)  # fmt: skip
def test_a_host_whose_ranges_are_wrong_is_read_in_whole_files(
    browser: Browser, folder: Path, index: TinyIndex, answer: Answer
) -> None:
    """The answer is right, and no range is asked for once one was wrong."""
    asked: list[str] = []
    with (
        bad_host(folder, answer, asked) as address,
        opened(browser, address, expect_errors=True) as page,
    ):
        check(page, index, works=False)
        known = len(asked)
        page.evaluate(TERMS, {"series": "b", "terms": ["the of", "of the", "the the"]})
        assert not [each for each in asked[known:] if not each.startswith("whole")]


def test_ranges_that_go_wrong_late_are_given_up_late(
    browser: Browser, folder: Path, index: TinyIndex
) -> None:
    """A host that answers well at first and then otherwise is noticed at once."""
    asked: list[str] = []

    def answer(handler: BadHandler, content: bytes) -> None:
        piece = handler.piece(content)
        if piece is None or len(asked) > 4:
            whole_only(handler, content)
        else:
            handler.send_piece(content, *piece)

    with bad_host(folder, answer, asked) as address, opened(browser, address) as page:
        check(page, index, works=False)


def test_a_good_host_is_read_in_ranges_after_whole_files_were_kept(
    browser: Browser, folder: Path, index: TinyIndex
) -> None:
    """What the browser keeps of a whole file does not get in the way of its ranges."""
    with ranged(folder) as address, opened(browser, address) as page:
        for path in sorted((folder / "search" / FOLDER / "w").iterdir()):
            page.evaluate(
                "(path) => fetch(path).then((r) => r.text())", f"search/tiny/w/{path.name}"
            )
        check(page, index, works=True)


def test_a_host_without_ranges_is_remembered(
    browser: Browser, folder: Path, index: TinyIndex
) -> None:
    """The next page of the same window asks for whole files at once."""
    asked: list[str] = []
    with bad_host(folder, whole_only, asked) as address, opened(browser, address) as page:
        check(page, index, works=False)
        asked.clear()
        page.reload()
        check(page, index, works=False)
        assert not [each for each in asked if not each.startswith("whole")]


def test_a_whole_file_in_place_of_a_slice_is_not_asked_for_again(
    browser: Browser, folder: Path, index: TinyIndex
) -> None:
    """Where a host knows no ranges, what it answered the first of them is what was wanted."""
    with bad_host(folder, whole_only, []) as address, opened(browser, "about:blank") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.partition("?")[0]))
        page.goto(address)
        check(page, index, works=False)
    files = [name for name in asked if f"/{FOLDER}/" in name]
    assert sorted(files) == sorted(set(files))


def test_many_slices_of_a_file_are_one_request(
    browser: Browser, folder: Path, index: TinyIndex
) -> None:
    """Neighbours are asked for together: twenty rows one after the other are in few requests."""
    with ranged(folder) as address, opened(browser, address) as page:
        numbers = index.numbers[:20]
        requests = page.evaluate(
            """async (numbers) => {
              const session = index.session();
              await session.rows(numbers);
              return session.requests;
            }""",
            numbers,
        )
        slots = {number // index.sizes.places for number in numbers}
        assert requests < len(slots)


MESSAGE = """async () => {
  try {
    await index.session().term('w', 'the');
    return 'found';
  } catch (error) {
    return error.message;
  }
}"""


def broken(source: Path, target: Path, how: Any) -> None:
    """Copy a site with its files of words changed."""
    for path in source.rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            content = path.read_bytes()
            if path.parent.name == "w":
                how(copy, content)
            else:
                copy.write_bytes(content)


def remove(_path: Path, _content: bytes) -> None:
    """Leave a file out."""


def cut(path: Path, content: bytes) -> None:
    """End a file early."""
    path.write_bytes(content[:200])


def change(path: Path, content: bytes) -> None:
    """Change one unit in each slice's place."""
    text = bytearray(content)
    for at in range(60, len(text) - 10, 40):
        text[at] ^= 1
    path.write_bytes(bytes(text))


def page_instead(path: Path, _content: bytes) -> None:
    """Put a page of a single-page host in a file's place."""
    path.write_text("<!doctype html><title>Home</title>", encoding="utf-8")


def renumber(path: Path, content: bytes) -> None:
    """Put a file of another number in a file's place."""
    text = content.decode("utf-16-le")
    other = text[:14] + "0009999" + text[21:]
    assert len(other) == len(text)
    path.write_bytes(other.encode("utf-16-le"))


def empty_text(path: Path, content: bytes) -> None:
    """Take the text out of a file."""
    text = content.decode("utf-16-le")
    path.write_bytes((text[:24] + "');\n").encode("utf-16-le"))


GONE = "could not be loaded; try again"
DAMAGED = "is damaged or of another index; reload the page"


@pytest.mark.parametrize("way", ["ranges", "whole", "file"])
@pytest.mark.parametrize(
    ("how", "message"),
    [(remove, GONE), (cut, DAMAGED), (change, DAMAGED), (page_instead, DAMAGED),
     (empty_text, DAMAGED), (renumber, DAMAGED)],
)  # fmt: skip
def test_a_lost_or_damaged_file_is_named(
    browser: Browser, folder: Path, tmp_path: Path, how: Any, message: str, way: str
) -> None:
    """Nothing is found that is not there: a clear message names the file and says what to do."""
    site = tmp_path / "site"
    broken(folder, site, how)
    if way == "file":
        with opened(browser, (site / "index.html").as_uri(), expect_errors=True) as page:
            found = page.evaluate(MESSAGE)
    else:
        asked: list[str] = []
        host = ranged(site) if way == "ranges" else bad_host(site, whole_only, asked)
        with host as address, opened(browser, address, expect_errors=True) as page:
            found = page.evaluate(MESSAGE)
    if how is renumber and way == "ranges":
        assert found == "found"  # the text is right, and a range does not see the name
        return
    assert found.startswith("the search index file w/")
    assert found.endswith(message)


def test_a_file_of_another_index_is_not_read(
    browser: Browser, folder: Path, index: TinyIndex, tmp_path: Path
) -> None:
    """Files that are whole in themselves, but those of an older index, are an error."""
    other = tmp_path / "other"
    build_reading_site(other, TinyIndex(corpus(300, seed=8), index.sizes))
    site = tmp_path / "site"

    def exchange(path: Path, _content: bytes) -> None:
        source = other / path.relative_to(site)
        path.write_bytes(source.read_bytes())

    broken(folder, site, exchange)
    with opened(browser, (site / "index.html").as_uri(), expect_errors=True) as page:
        found = page.evaluate(
            """async () => {
              const session = index.session();
              const posting = await session.term('w', 'the').catch((e) => e.message);
              return typeof posting === 'string' ? posting : 'read';
            }"""
        )
    assert found.endswith(DAMAGED)


def test_a_lost_file_is_tried_once_more(browser: Browser, folder: Path, index: TinyIndex) -> None:
    """A host that fails once for every file is read all the same."""
    asked: list[str] = []
    seen: set[str] = set()

    def answer(handler: BadHandler, content: bytes) -> None:
        if handler.path in seen and not handler.headers.get("Range"):
            handler.send(HTTPStatus.OK, content)
        else:
            seen.add(handler.path)
            handler.send(HTTPStatus.SERVICE_UNAVAILABLE, b"")

    with (
        bad_host(folder, answer, asked) as address,
        opened(browser, address, expect_errors=True) as page,
    ):
        check(page, index, works=False)


def test_a_search_can_be_tried_again(browser: Browser, folder: Path, index: TinyIndex) -> None:
    """A file that failed twice is asked for again by the next search."""
    asked: list[str] = []
    healthy: list[bool] = []

    def answer(handler: BadHandler, content: bytes) -> None:
        if healthy:
            handler.send(HTTPStatus.OK, content)
        else:
            handler.send(HTTPStatus.NOT_FOUND, b"")

    with (
        bad_host(folder, answer, asked) as address,
        opened(browser, address, expect_errors=True) as page,
    ):
        assert page.evaluate(MESSAGE).endswith(GONE)
        healthy.append(True)
        check(page, index, works=False)
