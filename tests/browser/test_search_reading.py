"""The reading layer of the search gives what was written, from any host and from the disk.

What hosts may do wrong is in `test_search_hosts.py`.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.reading_site import (
    TERMS,
    build_reading_site,
    expected,
    ranged,
    rows_of,
)
from tests.browser.search_site import corpus, needs_chromium, opened, served
from tests.browser.tiny_index import Sizes, TinyIndex
from tests.browser.tiny_terms import Document
from tests.browser.tiny_units import best_k, counted, encode_list, units_of_bits

pytestmark = needs_chromium

ALIASES = {":artist:kinkade": ":artist:thomas kinkade"}


def documents() -> list[Document]:
    """Documents of every kind: long and odd rows, astral letters, unspaced scripts, extreme ids."""
    draw = random.Random(4)  # noqa: S311 - test data
    made = corpus(500, seed=5)
    runs = [
        "灯台の夜景",
        "灯台",
        "夜の灯台",
        "東京タワー",
        "ไทยสวย",
        "ລາວ",
        "ភាសា",
        "မြန်မာ",
        "かなカナ",
    ]
    for number in range(40):
        caption = " ".join(draw.choices(runs, k=3)) + " the print"
        made.append(Document(id=number - 20, caption=caption, aesthetic=draw.random()))
    made.append(Document(id=2**63 - 1, caption="greatest id", aesthetic=9))
    made.append(Document(id=-(2**63), caption="“least” id\u2028\\ '\"", aesthetic=9))
    odd = ["a\ttab", "emoji 👩‍👩‍👧 🇫🇷", '{"a": [1]}', "\\u0041 \\", "\ufeffmark", "nul\0"]
    for number, caption in enumerate(odd, 100):
        made.append(Document(id=number, caption=caption, width=None, punsafe=None))
    for number, url in enumerate(
        ["a.jpg", "", "https:", "https://", "//example.org", "x/y/z"], 200
    ):
        made.append(Document(id=number, caption="odd url", url=url, aesthetic=None))
    made.append(Document(id=300, caption="odd domain", domain="ample.org"))
    words = " ".join(f"w{draw.randrange(10**9)}" for _ in range(400))
    made.append(Document(id=7, caption=words, aesthetic=8.5, url="https://example.org/" + "é" * 99))
    return made


@pytest.fixture(scope="module")
def index() -> TinyIndex:
    """An index with everything in it that an index can have."""
    index = TinyIndex(documents(), Sizes(head=20), ALIASES)
    assert index.hot
    return index


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, index: TinyIndex) -> Path:
    """A site with it."""
    folder = tmp_path_factory.mktemp("reading") / "a b"
    build_reading_site(folder, index)
    return folder


@pytest.fixture(scope="module", params=["ranges", "whole", "file"])
def page(request: pytest.FixtureRequest, browser: Browser, folder: Path) -> Iterator[Page]:
    """The reading layer before a host with ranges, one without, and on the disk."""
    if request.param == "file":
        with opened(browser, (folder / "index.html").as_uri()) as opened_page:
            yield opened_page
        return
    serve = ranged(folder) if request.param == "ranges" else served(folder)
    with serve as address:
        path = address if request.param == "ranges" else f"{address}/index.html"
        with opened(browser, path) as opened_page:
            yield opened_page
            works = opened_page.evaluate("index.files.ranges.work")
            assert works == (request.param == "ranges")


@pytest.mark.parametrize("series", "wbfxcui")
def test_every_term_is_read_as_it_was_written(page: Page, index: TinyIndex, series: str) -> None:
    """Counts, documents, rows, places and hot terms of all terms come back, and no others."""
    terms = sorted(index.series[series])
    absent = [
        "",
        "~",
        "zzzz",
        "aaaa zzzz",
        "00000000",
        "ffffffff",
        "@zz",
        "\U00010400",
        "constructor",
    ]
    terms += [term for term in absent if term not in index.series[series]]
    found = page.evaluate(TERMS, {"series": series, "terms": terms})
    for term, answer in zip(terms, found, strict=True):
        assert answer == expected(index, series, term), term


def test_the_rare_kinds_are_there(index: TinyIndex) -> None:
    """The index of these tests has what the tests are about: tails, aliases, long rows, files."""
    files = {kind: len(index.series[kind]) for kind in "wbfxcui"}
    assert all(files.values())
    assert index.lists.files
    assert len(index.alias_of) > 1
    assert len(index.common) > len(index.hot) > 1
    assert any(term.count(" ") == 2 for term in index.series["b"])


def test_rows_come_in_the_order_asked_for(page: Page, index: TinyIndex) -> None:
    """Rows of numbers from anywhere are those documents', long ones too."""
    ranks = list(range(len(index.documents)))
    random.Random(1).shuffle(ranks)  # noqa: S311 - test data
    numbers = [index.numbers[rank] for rank in ranks]
    rows = page.evaluate("(numbers) => index.session().rows(numbers)", numbers)
    assert rows == rows_of(index, ranks)


@pytest.mark.parametrize(("start", "count"), [(0, 20), (1, 1), (200, 20), (530, 40), (10**6, 5)])
def test_ranks_find_their_rows(page: Page, index: TinyIndex, start: int, count: int) -> None:
    """From any rank on the documents in order of rank are found, and their ranks are known."""
    found = page.evaluate(
        """async ([from, count]) => {
          const session = index.session();
          const { numbers, rows } = await session.rowsFromRank(from, count);
          return { numbers, rows, ranks: numbers.map((n) => session.rankOf(n)) };
        }""",
        [start, count],
    )
    ranks = list(range(len(index.documents)))[start : start + count]
    assert found["ranks"] == ranks
    assert found["numbers"] == [index.numbers[rank] for rank in ranks]
    assert found["rows"] == rows_of(index, ranks)


def test_a_number_without_a_row_is_an_error(page: Page, index: TinyIndex) -> None:
    """A gap among the numbers is no document."""
    gap = next(n for n in range(index.numbers[-1]) if n not in index.numbers)
    message = page.evaluate("(n) => index.session().rows([n]).catch(String)", gap)
    assert "do not fit together" in message


def test_pair_counts_are_exact(page: Page, index: TinyIndex) -> None:
    """Two common terms say how many documents they share, in either order; others do not."""
    found = page.evaluate(
        """async (terms) => {
          const session = index.session();
          const postings = await Promise.all(terms.map(([s, t]) => session.term(s, t)));
          const row = (a) => Promise.all(postings.map((b) => session.shared(a, b)));
          return Promise.all(postings.map(row));
        }""",
        [*index.common, ("w", "greatest")],
    )
    sets = [set(index.series[kind][term]) for kind, term in index.common]
    assert found == [
        *([*(len(a & b) for b in sets), None] for a in sets),
        [None] * (len(sets) + 1),
    ]


def test_a_pair_count_alone_is_read_alone(page: Page, index: TinyIndex) -> None:
    """The last common term with the first: only the beginning of its counts is needed."""
    pair = [index.common[-1], index.common[0]]
    count = page.evaluate(
        """async ([[s, a], [t, b]]) => {
          const session = index.session();
          return session.shared(await session.term(s, a), await session.term(t, b));
        }""",
        pair,
    )
    sets = [set(index.series[kind][term]) for kind, term in pair]
    assert count == len(sets[0] & sets[1])


@pytest.mark.parametrize("prefix", ["p", "th", "w", "w1", "zz", "灯", "", "𐐨"])
@pytest.mark.parametrize("series", "wbc")
def test_beginnings_find_their_terms(
    page: Page, index: TinyIndex, series: str, prefix: str
) -> None:
    """All terms that begin so come in order; none when they take more blocks, which is said."""
    script = """async ([series, prefix, most]) => {
      const session = index.session();
      const { postings, complete } = await session.termsFrom(series, prefix, most);
      const files = session.filesOfPrefix(series, prefix);
      return { terms: postings.map((p) => [p.term, p.df]), complete, files };
    }"""
    found = page.evaluate(script, [series, prefix, 10_000])
    terms = [t for t in sorted(index.series[series]) if t.startswith(prefix)]
    assert found["complete"]
    assert found["terms"] == [[t, len(index.series[series][t])] for t in terms]
    some = page.evaluate(script, [series, prefix, 2])
    assert some["terms"] == (found["terms"] if some["complete"] else [])
    if len(terms) > 2 * index.sizes.block:
        assert not some["complete"]


def test_lists_are_read_as_far_as_they_are_needed(page: Page, index: TinyIndex) -> None:
    """A beginning of a list is known with its horizon; reading goes on from there."""
    kind, term = max(index.common, key=lambda each: len(index.series[each[0]][each[1]]))
    steps = page.evaluate(
        """async ([kind, term]) => {
          const posting = await index.session().term(kind, term);
          const steps = [];
          for (const count of [0, 21, 60, 61, Infinity]) {
            await Promise.all([posting.reach(count), posting.reach(count)]);
            const { numbers, horizon, unread } = posting;
            steps.push([Array.from(numbers), horizon === Infinity ? null : horizon, unread]);
          }
          return steps;
        }""",
        [kind, term],
    )
    numbers = [index.numbers[rank] for rank in index.series[kind][term]]
    unread = [step[2] for step in steps]
    assert unread == sorted(unread, reverse=True)
    assert unread[0] > unread[1] > unread[-1] == 0
    for (known, horizon, _), least in zip(steps, (20, 21, 60, 61, len(numbers)), strict=True):
        assert known == numbers[: len(known)]
        assert len(known) >= least
        assert horizon == (None if len(known) == len(numbers) else known[-1] + 1)


@pytest.mark.parametrize("typed", ["t", "th", "the", "pr", "pinimg", "thomas k", "漢", "~", "0"])
def test_suggestions_are_near_what_was_typed(page: Page, index: TinyIndex, typed: str) -> None:
    """Those that begin so are among them: the best ten, or all when one file has them."""
    found = page.evaluate("(typed) => index.session().suggestions(typed)", typed)
    wanted = [each for each in index.suggested if each[0].startswith(typed)]
    best = sorted(wanted, key=lambda each: (-each[2], each[0], each[1]))[:10]
    assert {(s["text"], s["kind"], s["count"]) for s in found} >= set(best)


def test_what_is_kept_is_not_asked_for_again(page: Page) -> None:
    """The second search of the same page costs nothing."""
    script = """async () => {
      const session = index.session();
      const posting = await session.term('w', 'the');
      await posting.reach(Infinity);
      await session.rows(Array.from(posting.numbers).slice(0, 60));
      return [session.requests, session.bytes];
    }"""
    page.evaluate(script)
    assert page.evaluate(script) == [0, 0]


def test_a_cancelled_search_ends_with_its_reason(page: Page, index: TinyIndex) -> None:
    """Whoever cancels hears so at once; another who waits for the same is not disturbed."""
    page.reload()
    outcome = page.evaluate(
        """async () => {
          const control = new AbortController();
          const own = index.session({ signal: control.signal });
          const other = index.session();
          const both = [own.term('w', 'the'), other.term('w', 'the'), own.term('f', ':year:2015')];
          setTimeout(() => control.abort(new Error('typed on')));
          const [a, b, c] = await Promise.allSettled(both);
          const late = await own.term('w', 'portrait').catch(String);
          return [String(a.reason ?? ''), b.value.df, String(c.reason ?? ''), late];
        }"""
    )
    assert outcome[1] == len(index.postings["the"])
    assert {outcome[0], outcome[2]} <= {"", "Error: typed on"}
    assert outcome[3] == "Error: typed on"


def test_codes_are_decoded_as_they_are_encoded(page: Page) -> None:
    """Lists of any density, with and without items, arrive whole in pieces of any length."""
    draw = random.Random(9)  # noqa: S311 - test data
    cases = []
    for spread in (1, 2, 10, 1_000, 10**6, 2**29):
        for least in (-1, 0, 1):
            count = draw.randint(1, 60)
            gaps = [draw.choice((0, 1, spread, draw.randrange(spread + 1))) for _ in range(count)]
            numbers = [sum(gaps[: i + 1]) + i for i in range(count)]
            numbers = [number for number in numbers if number < 2**30]
            items = [
                sorted(draw.sample(range(90), draw.randint(max(0, least), 70))) for _ in numbers
            ]
            k = draw.choice((0, best_k(numbers), 20))
            extras = [counted(each, len(each) - least) for each in items] if least >= 0 else []
            units = encode_list(numbers, k, extras)
            cuts = sorted(draw.choices(range(len(units) + 1), k=3))
            bounds = [0, *cuts, len(units)]
            pieces = [units[a:b] for a, b in itertools.pairwise(bounds)]
            cases.append(((k, least, pieces), numbers, items if least >= 0 else None))
    assert units_of_bits("1") == [0x4000]
    found = page.evaluate(
        """(cases) => cases.map(([k, least, pieces, total]) => {
          const decoder = new LaionSearchParts.codes.Decoder(total, k, least);
          for (const piece of pieces) {
            decoder.push(Uint16Array.from(piece));
          }
          const numbers = Array.from(decoder.numbers.subarray(0, decoder.count));
          const items = numbers.map((_, i) => Array.from(decoder.itemsOf(i)));
          return [numbers, least >= 0 ? items : null];
        })""",
        [[*case, len(numbers)] for case, numbers, _ in cases],
    )
    assert found == [[numbers, items] for _, numbers, items in cases]


def test_an_index_without_documents_has_nothing(browser: Browser, tmp_path: Path) -> None:
    """Nothing is found in nothing, without an error."""
    build_reading_site(tmp_path / "none", TinyIndex([]))
    with opened(browser, (tmp_path / "none" / "index.html").as_uri()) as page:
        found = page.evaluate(
            """async () => {
              const session = index.session();
              const terms = Array.from('wbfxcui', (s) => session.term(s, '00000000'));
              const beginning = await session.termsFrom('w', 'a', 3);
              const rows = await session.rowsFromRank(0, 20);
              const suggested = await session.suggestions('a');
              return [await Promise.all(terms), beginning, rows, suggested];
            }"""
        )
    nothing = {"postings": [], "complete": True}
    assert found == [[None] * 7, nothing, {"numbers": [], "rows": []}, []]


def test_another_format_is_refused(page: Page) -> None:
    """A directory of another version is an error that names both."""
    message = page.evaluate(
        """() => {
          try {
            new LaionSearchParts.index.Index({ version: 4 }, 'search/');
          } catch (error) {
            return error.message;
          }
        }"""
    )
    assert message == "the search index has format 4, this page reads format 3"
