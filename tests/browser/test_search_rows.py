"""The search reads rows as they were written, and says clearly when they are no rows.

Where rows lie is in `test_search_reading.py`. The plain reader of the tests is held to the same.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.reading_site import build_reading_site
from tests.browser.search_site import needs_chromium, opened
from tests.browser.tiny_index import DIRECTORY, Sizes, TinyIndex
from tests.browser.tiny_rows import LONGEST, RowCodes, cell_of, texts_of
from tests.browser.tiny_terms import COLUMNS, Document
from tests.index_reader import IndexReader, decode_fronts
from tests.index_rows import RowCodes as PlainRowCodes
from tests.index_rows import code_of

pytestmark = needs_chromium

CAPTIONS = (
    "",
    "plain",
    "a\ttab, a line\nfeed, \x00, \x1f and \x7f",
    "quotes \" ' “ ” and backslashes \\ \\\\ \\n \\u0041",
    '{"json": [1, null]}',
    "emoji 😀 👩‍👩‍👧 🇫🇷, astral 𠀀𝒜",
    "漢字かな交じり 灯台の夜景 ไทยสวย",
    "\ufeffmark, separators \u2028\u2029, private \ue000, last \uffff\U0010ffff",
    "".join(map(chr, range(0x20, 0x800))),
    "long " * 20_000,
)
#: URLs with the domain of each that is told by its number of labels, or as text.
ADDRESSES = (
    ("https://example.org/a.jpg", "example.org", "2\t"),
    ("https://img.example.co.uk/a.jpg", "example.co.uk", "3\t"),
    ("https://localhost/", "localhost", "1\t"),
    ("//example.org", "example.org", "2\t"),
    ("https://example.org:80/a.jpg", "example.org", '"example.org"\t'),
    ("https://EXAMPLE.org/a.jpg", "example.org", '"example.org"\t'),
    ("https://example.org/a.jpg", "ample.org", '"ample.org"\t'),
    ("https://xn--mnchen-3ya.de/", "münchen.de", '"münchen.de"\t'),
    ("a.jpg", "a.jpg", '"a.jpg"\t'),
    ("https:/example.org", "example.org", '"example.org"\t'),
    ("https://", "example.org", '"example.org"\t'),
    ("", "example.org", '"example.org"\t'),
)


def documents() -> list[Document]:
    """Return rows with every odd text, and unknown and extreme numbers."""
    draw = random.Random(8)  # noqa: S311 - test data
    made = [Document(id=-i, caption=caption) for i, caption in enumerate(CAPTIONS)]
    for i, (url, domain, _) in enumerate(ADDRESSES, 1):
        made.append(Document(id=2**63 - i, caption="address", url=url, domain=domain))
    for i, number in enumerate((None, 0.0, 1e-9, 12.345678901234567, -1.5)):
        size = None if number is None else i * 10**9
        made.append(Document(i, "numbers", "", size, size, number, number, visibility="no_image"))
    draw.shuffle(made)
    return made


def rows_in(directory: dict[str, Any], data: bytes) -> list[list[Any]]:
    """Return what the plain reader finds."""
    codes = [code_of(decode_fronts(*fronts), bits) for *fronts, bits in directory["rows"]]
    rows, rest = PlainRowCodes(directory["columns"], codes).rows(data)
    assert not rest
    return [[*row, str(number)] for *row, number in rows]


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The reading layer."""
    folder: Path = tmp_path_factory.mktemp("rows") / "site"
    build_reading_site(folder, TinyIndex([]))
    with opened(browser, (folder / "index.html").as_uri()) as opened_page:
        yield opened_page


def read(page: Page, directory: dict[str, Any], data: bytes) -> Any:
    """Return the rows that the search finds, or what it says instead."""
    script = """([directory, bytes]) => {
      try {
        return new LaionSearchParts.rows.RowCodes(directory).rows(Uint8Array.from(bytes));
      } catch (error) {
        return error.message;
      }
    }"""
    return page.evaluate(script, [directory, list(data)])


@pytest.fixture(scope="module")
def codes() -> RowCodes:
    """The codes of the documents."""
    return RowCodes([document.as_row() for document in documents()])


def test_rows_are_read_as_they_were_written(page: Page, codes: RowCodes) -> None:
    """Odd texts, unknown numbers, domains in either form and ids of any size come back."""
    made = documents()
    data = cell_of([d.id for d in made], [codes.encode(d.as_row()) for d in made])
    directory = {"columns": COLUMNS, "rows": codes.described()}
    rows = [[*document.as_row(), str(document.id)] for document in made]
    assert rows_in(directory, data) == rows
    assert read(page, directory, data) == rows
    assert read(page, directory, data + bytes(9)) == rows


def test_an_index_has_its_rows_in_slots_and_blocks(tmp_path: Path) -> None:
    """The plain reader finds every document once by rank, and again with its terms."""
    index = TinyIndex(documents(), Sizes(slot=150))
    index.write(tmp_path)
    reader = IndexReader(tmp_path, DIRECTORY)
    rows = [[*document.as_row(), document.id] for document in index.documents]
    assert reader.documents == rows
    assert (reader.folder / "o" / "0.js").is_file()
    terms = reader.terms("w")
    assert [*terms] == sorted(index.series["w"])
    for name, term in terms.items():
        assert term.rows == [rows[rank] for rank in index.series["w"][name][: index.sizes.page]]


def test_no_rows_are_no_rows(page: Page, codes: RowCodes) -> None:
    """A block of aliases alone has none, a slot of a long row none of its own."""
    directory = {"columns": COLUMNS, "rows": codes.described()}
    assert read(page, directory, bytes(2)) == []
    assert read(page, directory, bytes(40)) == []


@pytest.mark.parametrize(("url", "domain", "text"), ADDRESSES)
def test_domains_are_numbers_where_they_can_be(url: str, domain: str, text: str) -> None:
    """The writer of these tests tries both forms of a domain."""
    row = Document(1, "", url, domain=domain).as_row()
    assert texts_of(row)[COLUMNS.index("domain")] == text


def test_the_codes_are_worth_a_test(codes: RowCodes) -> None:
    """Codes of few bits and of the most are there, symbols that do not occur, odd strings."""
    lengths = [length for column in codes.columns for length in column.lengths]
    assert {0, 2, 7, 8, 9, LONGEST} <= set(lengths)
    strings = [string for column in codes.columns for string in column.strings]
    assert any(string.endswith("\t") for string in strings)
    assert not all(string.endswith("\t") for string in strings)


#: A column of which the tab is `0`, the digit 7 `100`, the string `[7,7]` `101`; `11` is no code.
TINY = [[0], "[7,7]", "".join({9: "1", 0x37: "3", 256: "3"}.get(i, "0") for i in range(257))]


def tiny(bits: str, rows: int = 1) -> tuple[dict[str, Any], bytes]:
    """Return a directory of one column, and rows of it."""
    data = bytes(int(bits[i : i + 8].ljust(8, "0"), 2) for i in range(0, len(bits), 8))
    return {"columns": ["caption"], "rows": [TINY]}, cell_of(range(rows), [data])


def test_codes_are_as_the_format_says(page: Page) -> None:
    """Codes that were counted by hand are read; each row begins at a byte."""
    directory, data = tiny("1000" + "0000" + "1001001000" + "000000" + "1010" + "0000", 3)
    assert read(page, directory, data) == [[7, "0"], [777, "1"], [[7, 7], "2"]]


@pytest.mark.parametrize(
    ("bits", "rows", "said"),
    [
        ("11", 1, "a row that its codes do not know"),
        ("10011000", 1, "a row that its codes do not know"),
        ("10010010", 1, "a row that ends too early"),
        ("1000", 2, "a row that ends too early"),
        ("", 1, "a row that ends too early"),
    ],
)
def test_what_is_no_row_is_told(page: Page, bits: str, rows: int, said: str) -> None:
    """A code that does not exist, and bytes that end inside of a row."""
    expected = f"the search index has {said}: its files do not fit together"
    assert read(page, *tiny(bits, rows)) == expected


@pytest.mark.parametrize("cut", range(2, 10))
def test_ids_that_are_cut_are_told(page: Page, cut: int) -> None:
    """Bytes that end before the first row."""
    directory, data = tiny("1000")
    message = "the search index has rows that end too early: its files do not fit together"
    assert read(page, directory, data[:cut]) == message


@pytest.mark.parametrize("lengths", ["111" + "0" * 253, "8" * 257, "8" * 255])
def test_codes_that_cannot_be_are_told(page: Page, lengths: str) -> None:
    """More codes than there are bits for, or not as many symbols as there have to be."""
    directory, data = tiny("1000")
    directory["rows"] = [[[], "", lengths]]
    said = read(page, directory, data)
    assert re.fullmatch("the search index has codes .* cannot be: .* do not fit together", said)
