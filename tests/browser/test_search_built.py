"""A real index reads as the plain writer says: the builder and the page of the format agree.

The plain writer is written from the page alone, the reading layer against the plain writer.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, Page

from laion_assets.core.index import beginnings, blocks, common, runs, term_files
from laion_assets.core.index.merge import SegmentFiles, merge_index
from tests.browser.reading_site import TERMS, build_reading_site, expected, rows_of
from tests.browser.search_site import needs_chromium, opened
from tests.browser.tiny_index import DIRECTORY, FOLDER, Sizes, TinyIndex
from tests.browser.tiny_terms import Document, runs_of
from tests.core.index.test_merge import random_rows, write_segments
from tests.row_tables import in_the_index, url_value, write_images, write_mentions
from tests.row_tables import rows_of as rows_of_table

pytestmark = needs_chromium

LIMITS = Sizes(rare=3, common=30, commons=4096, hot=50, hots=5)


def documents_of(paths: list[Path]) -> list[Document]:
    """Return the published rows of images tables as documents."""
    made = []
    for path in paths:
        for row in map(in_the_index, rows_of_table(path)):
            if row["visibility"] == "withheld":
                continue
            fields = [("host", row["host"]), ("url", url_value(row["url"]))]
            if row["url_year"] is not None:
                fields.append(("year", str(row["url_year"])))
            made.append(
                Document(
                    id=row["image_id"], fields=tuple(fields),
                    **{c: row[c] for c in ("url", "caption", "width", "height", "aesthetic",
                                           "punsafe", "domain", "visibility")},
                )
            )  # fmt: skip
    return made


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TinyIndex]:
    """A built index in a site of its own, and what the plain writer would have put into it."""
    folder = tmp_path_factory.mktemp("built")
    chance = random.Random(11)  # noqa: S311 - test data
    rows = {key: random_rows(chance, count) for key, count in (("a", 90), ("b", 160))}
    rows["b"][0]["caption"] = "灯台の夜景 灯台 ไทย"
    rows["b"][1]["caption"] = "very long " * 3000
    with pytest.MonkeyPatch.context() as patch, duckdb.connect() as connection:
        patch.setattr(term_files, "BLOCK_BYTES", 500)
        patch.setattr(runs, "RARE", LIMITS.rare)
        patch.setattr(runs, "OFTEN", 10)
        patch.setattr(blocks, "LOCAL", 0)
        patch.setattr(common, "LEAST_COMMON", LIMITS.common)
        patch.setattr(common, "LEAST_HOT", LIMITS.hot)
        patch.setattr(common, "MOST_HOT", LIMITS.hots)
        patch.setattr(beginnings, "_BLOCKS", 0)
        images = write_images(folder, rows)
        mentions = write_mentions(folder, {key: [] for key in rows})
        written = write_segments(folder, connection, images)
        segments = [
            SegmentFiles(documents, words, mention, counts)
            for (documents, words, counts), mention in zip(written, mentions, strict=True)
        ]
        merged = merge_index(segments, [], {}, folder / "index", folder / "spill", 12_000)
    index = TinyIndex(documents_of(images), LIMITS)
    site = folder / "site"
    build_reading_site(site, index)
    target = site / "search" / FOLDER
    for path in sorted(target.rglob("*.js")):
        path.unlink()
    source = (folder / "index" / merged.directory).parent
    for path in source.rglob("*.js"):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (folder / "index" / merged.directory).replace(site / "search" / DIRECTORY)
    return site, index


@pytest.fixture(scope="module")
def page(browser: Browser, built: tuple[Path, TinyIndex]) -> Any:
    """The reading layer on it; the index learns from it which number each rank has."""
    site, index = built
    with opened(browser, (site / "index.html").as_uri()) as opened_page:
        found = opened_page.evaluate("index.session().rowsFromRank(0, 1e6)")
        assert found["rows"] == rows_of(index, list(range(len(index.documents))))
        index.numbers[:] = found["numbers"]
        yield opened_page


@pytest.mark.parametrize("series", "wbfcui")
def test_every_term_is_the_plain_writers(
    page: Page, built: tuple[Path, TinyIndex], series: str
) -> None:
    """All terms of a built index read as the plain writer's contents say."""
    _, index = built
    assert page.evaluate("index.directory.hot") == index.hot
    terms = [term for term in sorted(index.series[series]) if term.count(" ") < 2]
    found = page.evaluate(TERMS, {"series": series, "terms": [*terms, "zzz"]})
    assert found[-1] is None
    for term, answer in zip(terms, found[:-1], strict=True):
        assert answer == expected(index, series, term), term


def test_runs_of_three_are_the_plain_writers(page: Page, built: tuple[Path, TinyIndex]) -> None:
    """Those that must be there are, and those that are there are right."""
    _, index = built
    often = page.evaluate("index.directory.often")
    runs_of_two = index.series["b"]
    words = {word for word, ranks in index.series["w"].items() if len(ranks) > LIMITS.rare}
    every = runs_of(index.tokens, 3, words)
    found = page.evaluate(TERMS, {"series": "b", "terms": sorted(every)})
    there = 0
    for run, answer in zip(sorted(every), found, strict=True):
        first, second, third = run.split(" ")
        pairs = (f"{first} {second}", f"{second} {third}")
        must = any(len(runs_of_two[pair]) > often for pair in pairs)
        assert answer is not None or not must
        if answer is not None:
            there += 1
            ranks = sorted(every[run])
            assert answer["numbers"] == [index.numbers[rank] for rank in ranks]
            assert answer["places"] == [every[run][rank] for rank in ranks]
    assert there


def test_beginnings_are_the_plain_writers(page: Page, built: tuple[Path, TinyIndex]) -> None:
    """Counts and first documents of the beginnings that a built index has."""
    _, index = built
    starts = {word[:n] for word in index.series["w"] for n in range(1, len(word) + 1)}
    found = page.evaluate(TERMS, {"series": "x", "terms": sorted(starts)})
    there = [each for each in found if each]
    assert there
    for answer in there:
        words = [w for w in index.series["w"] if w.startswith(answer["term"])]
        ranks = sorted(set().union(*(index.series["w"][word] for word in words)))
        assert answer["df"] == len(ranks)
        assert answer["numbers"] == [index.numbers[rank] for rank in ranks[:20]]


def test_pair_counts_are_the_plain_writers(page: Page, built: tuple[Path, TinyIndex]) -> None:
    """Any two common terms share as many documents as there are."""
    _, index = built
    found = page.evaluate(
        """async (terms) => {
          const session = index.session();
          const postings = await Promise.all(terms.map(([s, t]) => session.term(s, t)));
          const row = (a) => Promise.all(postings.map((b) => session.shared(a, b)));
          return Promise.all(postings.map(row));
        }""",
        index.common,
    )
    sets = [set(index.series[kind][term]) for kind, term in index.common]
    assert found == [[len(a & b) for b in sets] for a in sets]
