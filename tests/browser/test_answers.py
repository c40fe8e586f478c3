"""One box, one answer: whatever is typed or pasted is recognised, and what is there is found.

The inputs are drawn from the rows and the lists of the site at hand.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.published_site import Published
from tests.browser.search_site import needs_chromium

pytestmark = needs_chromium


class Asked(NamedTuple):
    """What is typed, what the card has to say, and how many images there are; None for any."""

    typed: str
    card: str
    images: int | None


@pytest.fixture
def page(browser_after_builds: Browser) -> Iterator[Page]:
    """A page on which an error in the console fails the test."""
    opened = browser_after_builds.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    yield opened
    opened.close()
    assert complaints == []


def ask(page: Page, site: Path, typed: str) -> str:
    """Type something into the box of the search page; return the text of the card."""
    page.goto(f"{(site / 'search.html').as_uri()}?q={quote(typed, safe='')}")
    expect(page.locator("#results:not([aria-busy])")).to_be_attached()
    return page.locator("#answer").inner_text()


def drawn(rows: Sequence[tuple[str, int]], count: int) -> list[tuple[str, int]]:
    """Draw so many, the same whenever the test runs."""
    return random.Random(13).sample(sorted(rows), min(count, len(rows)))  # noqa: S311 - test data


def addresses(published: Published) -> list[Asked]:
    """Return domains, hosts and URLs of rows, plain and as people write them."""
    asked: list[Asked] = []
    query = published.referee.execute
    domains = query("SELECT domain, count(*) FROM r GROUP BY domain").fetchall()
    for domain, images in drawn(domains, 8):
        asked.append(Asked(domain, f"{domain}: a ", images))
        asked.append(Asked(f"site:{domain}", f"{domain}: a ", images))
    for domain, images in drawn(domains, 4):
        asked.append(Asked(f"https://WWW.{domain}/", domain, None))
        asked.append(Asked(f"never-was.{domain}", f"the whole domain {domain}", images))
    hosts = query(
        "SELECT host, count(*) FROM r WHERE host LIKE '%.%.%' GROUP BY host, domain"
    ).fetchall()
    for host, images in drawn(hosts, 8):
        asked.append(Asked(host, host, images))
    urls = query("SELECT url, count(*) FROM r WHERE url NOT LIKE '% %' GROUP BY url").fetchall()
    for number, (url, _) in enumerate(drawn(urls, 14)):
        spelled = [url, url.split("://", 1)[1], escape(url), f"<{url}>"][number % 4]
        asked.append(Asked(spelled, ": a URL", None))
    return asked


NAMES = [
    Asked("thomas kinkade", "Thomas Kinkade: an artist on the list", None),
    Asked("THOMAS  KINKADE!", "Thomas Kinkade: an artist on the list", None),
    Asked("Van Gogh", "Vincent van Gogh: an artist on the list", None),
    Asked("artist:van-gogh", "Vincent van Gogh: an artist on the list", None),
    Asked("Thomas Kinkadee", "Thomas Kinkade", None),
    Asked("tomas kinkade", "Thomas Kinkade", None),
    Asked("artist:kinkade", "Thomas Kinkade", None),
    Asked("celebrity:pinc", "Pink", None),
    Asked("pink", "Pink: a famous person on the list", None),
    Asked("Absent Artist", "Zero means", 0),
    Asked("batman", "Batman: a character on the list", None),
    Asked("pinterest", "Pinterest: a platform on the list", None),
    Asked("platform:Pinterest", "Pinterest: a platform on the list", None),
]
OTHERS = [
    Asked("garden", "Words in captions: garden", None),
    Asked("zzzqqq xyzzy", "Not here: zzzqqq xyzzy", 0),
    Asked("no-such-domain.example", "Not here: no-such-domain.example", 0),
    Asked("https://no-such-domain.example/a.jpg", "Not here: https://no-such-domain", 0),
    Asked("domain:", "domain: needs a domain", None),
    Asked("artist:", "artist: needs a name", None),
    Asked("year:abc", "year: needs a year", None),
    Asked("id:first", "id: needs an image id", None),
]


def test_sixty_inputs_are_answered_rightly(published: Published, page: Page) -> None:
    """Domains, hosts, URLs, names, aliases, misspellings, words, nonsense: each its own card."""
    asked = [*addresses(published), *NAMES, *OTHERS]
    assert len(asked) >= 60
    wrong = []
    for typed, card, images in asked:
        said = ask(page, published.folder, typed)
        status = page.locator("#search-status").inner_text()
        counted = f"{images:,} image{'' if images == 1 else 's'}" if images else ""
        if card not in said or (counted and counted not in f"{said} {status}"):
            wrong.append((typed, card, images, said, status))
    assert wrong == []


def test_nothing_that_is_there_is_ever_said_to_be_missing(
    published: Published, real: Published | None, page: Page
) -> None:
    """Of a domain, a host, a URL that a row has, images are shown; so on real rows."""
    for site in filter(None, (published, real)):
        query = site.referee.execute
        for column in ("domain", "host", "url"):
            found = query(f"SELECT {column}, count(*) FROM r GROUP BY 1").fetchall()
            for value, _ in drawn(found, 12):
                ask(page, site.folder, value)
                assert page.locator("#results li.tile").count() > 0, value


def test_alias_that_no_caption_has_finds_the_name(published: Published, page: Page) -> None:
    """The captions shown are those of the name, however it is written in them."""
    said = ask(page, published.folder, "Van Gogh")
    assert "Vincent van Gogh" in said
    assert page.locator("#results li.tile").count() > 0


def test_words_searched_for_are_marked(published: Published, page: Page) -> None:
    """Whatever their case; nothing else is."""
    ask(page, published.folder, "GARDEN gar*")
    marked = page.locator("#results mark").all_inner_texts()
    assert marked
    assert all(text.lower().startswith("gar") for text in marked)


def test_address_of_a_result_is_its_id(published: Published, page: Page) -> None:
    """It opens the same row whatever stands before it; the address can be kept."""
    ask(page, published.folder, "garden")
    first = page.locator("#results li.tile a").first
    assert re.fullmatch(r"#id--?\d+", first.get_attribute("href") or "")
    caption = first.inner_text()
    page.goto(f"{(published.folder / 'search.html').as_uri()}{first.get_attribute('href')}")
    expect(page.locator("#detail dd").first).to_contain_text(caption[:40])


def test_all_hits_are_downloaded_as_csv(published: Published, page: Page, tmp_path: Path) -> None:
    """Every row once, with what was asked; as many as the page says."""
    ask(page, published.folder, "garden")
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("as CSV")).click()
    expect(page.get_by_role("button", name=re.compile("as CSV"))).to_be_focused()
    path = tmp_path / "hits.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    (total,) = published.referee.execute("SELECT count(*) FROM c WHERE c MATCH 'garden'").fetchone()
    assert len(rows) == total
    assert {row["query"] for row in rows} == {"garden"}
    assert all("garden" in row["caption"].lower() for row in rows)


def test_dossier_says_yes_or_no_to_each_line(
    published: Published, page: Page, tmp_path: Path
) -> None:
    """A name, a site and a picture of one's own; what is here, what is not, and a file of it."""
    (url,) = published.referee.execute("SELECT min(url) FROM r").fetchone()
    (domain,) = published.referee.execute("SELECT min(domain) FROM r").fetchone()
    lines = ["Thomas Kinkade", domain, url, "Absent Artist", "nowhere.example", domain]
    page.goto((published.folder / "dossier.html").as_uri())
    page.get_by_label("What to look for").fill("\n".join(lines))
    page.get_by_role("button", name="Look them up").click()
    expect(page.locator("#dossier-status")).to_have_text("3 of 5 found.")
    answers = page.locator(".dossier-entry > h2").all_inner_texts()
    assert [": Yes" in answer for answer in answers] == [True, True, True, False, False]
    with page.expect_download() as download:
        page.get_by_role("button", name="Download this as CSV").click()
    path = tmp_path / "dossier.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert {row["line"] for row in csv.DictReader(stream)} == set(lines)


SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  const add = (list) => list.getEntries().forEach((entry) => { sum += entry.value; });
  new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(sum), 200);
})"""


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("typed", ["garden", "pinimg.com", "zzzqqq"])
def test_nothing_moves_when_the_answer_comes(
    published: Published, page: Page, width: int, typed: str
) -> None:
    """The card and the captions take a place that was kept for them."""
    page.set_viewport_size({"width": width, "height": 800})
    ask(page, published.folder, typed)
    assert page.evaluate(SHIFTS) <= 0.05
