"""compare.html: two names, two domains, or one of each, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Page, expect

from laion_assets.core.site.formats import number
from tests.browser.published_site import Published
from tests.browser.search_site import needs_chromium

pytestmark = needs_chromium


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


def compare(page: Page, published: Published, **sides: str) -> None:
    """Open the comparison of what `a` and `b` say."""
    page.goto(f"{(published.folder / 'compare.html').as_uri()}?{urlencode(sides)}")
    expect(page.locator("#comparison table").first).to_be_visible()
    expect(page.locator("#both")).not_to_contain_text("Counting")


def counts(page: Page) -> dict[str, list[str]]:
    """Return the table of counts: what a row is called, and its cells."""
    rows = page.locator("#comparison table").first.locator("tr").all()
    return {row.locator("th").first.inner_text(): row.locator("td").all_inner_texts()
            for row in rows}  # fmt: skip


def first_of(published: Published, table: str, most: int = 2) -> list[dict[str, object]]:
    """Return the first rows of a merged table."""
    path = published.builder.root / "tables" / f"{table}.parquet"
    rows: list[dict[str, object]] = pq.read_table(path).slice(0, most).to_pylist()
    return rows


def test_two_names_stand_side_by_side(page: Page, published: Published) -> None:
    """With the numbers of their table, what stands beside them, and the images that name both."""
    a, b = first_of(published, "artists")
    compare(page, published, a=f'artist:"{a["name"]}"', b=f'artist:"{b["name"]}"')
    said = counts(page)
    assert said["Images"] == [number(row["images"]) for row in (a, b)]  # type: ignore[arg-type]
    assert [rank.split()[0] for rank in said["Rank"]] == ["1", "2"]
    profiles = pq.read_table(published.builder.root / "tables" / "artists_profiles.parquet")
    years = {
        row["label"]: row["images"]
        for row in profiles.to_pylist()
        if row["name"] == a["name"] and row["measure"] == "year" and row["images"]
    }
    table = page.get_by_role("region", name="The year in the URL")
    for year, images in years.items():
        row = table.locator("tbody tr").filter(has_text=year).first
        expect(row.locator("td").first).to_contain_text(f"({number(images)})")
    phrase = f'"{a["name"]}" "{b["name"]}"'
    total, _ = published.expected(phrase, "1")
    both = page.locator("#both")
    expect(both).to_contain_text(number(total) if total else "No image")


def test_a_name_and_a_domain_have_images_together(page: Page, published: Published) -> None:
    """Counted by the index; the link finds as many."""
    (name,) = first_of(published, "artists", 1)
    domain, together = published.referee.execute(
        "SELECT domain, count(*) FROM r WHERE n IN (SELECT rowid FROM c WHERE c MATCH ?) "
        "GROUP BY domain ORDER BY count(*) DESC, domain LIMIT 1",
        [f'"{name["name"]}"'],
    ).fetchone()
    compare(page, published, a=str(name["name"]), b=domain)
    expect(page.locator("#both")).to_contain_text(f"{number(together)} image")
    page.locator("#both a").click()
    expect(page.locator("#search-status")).to_contain_text(f"{number(together)} image")


def test_two_domains_have_no_image_together(page: Page, published: Published) -> None:
    """That needs no counting; years and words, which the site has of names alone, stay away."""
    a, b = first_of(published, "domains")
    compare(page, published, a=str(a["domain"]), b=str(b["domain"]))
    assert counts(page)["Images"] == [number(r["images"]) for r in (a, b)]  # type: ignore[arg-type]
    expect(page.locator("#both")).to_have_text("An image is on one domain: none is on both.")
    assert page.locator("#comparison table").count() == 1


def test_what_is_compared_stands_in_the_address_and_can_be_cited(
    page: Page, published: Published
) -> None:
    """From the page of a name by its link, then by typing the other; the sentence has both."""
    a, b = first_of(published, "artists")
    page.goto((published.folder / "artists" / f"{a['slug']}.html").as_uri())
    page.get_by_role("link", name="Compare with …").click()
    expect(page.locator("#compare-status")).to_have_text("Write what to compare it with.")
    expect(page.locator("#b")).to_be_focused()
    page.locator("#b").fill(str(b["name"]))
    page.locator("#b").press("Enter")
    expect(page.locator("#both")).to_contain_text("both")
    said = parse_qs(urlsplit(page.url).query)
    assert said == {"a": [f'artist:"{a["name"]}"'], "b": [b["name"]]}
    page.locator("#compare-cite summary").click()
    citation = page.locator(".citation").inner_text()
    for row in (a, b):
        assert f"{number(row['images'])} (" in citation  # type: ignore[arg-type]
        assert f"with the name “{row['name']}”" in citation
    assert "build" in citation


def test_hostile_words_stay_words(page: Page, published: Published) -> None:
    """Markup, controls and length come out as text; nothing hangs over the side of a phone."""
    page.set_viewport_size({"width": 360, "height": 740})
    compare(page, published, a="<img src=x onerror=alert(1)>\u202e", b="w" * 900)
    expect(page.locator("#comparison img")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert counts(page)["Images"] == ["0", "0"]


def test_a_field_without_a_value_is_told(page: Page, published: Published) -> None:
    """It is compared as nothing, under what was typed."""
    compare(page, published, a="year:", b="domain:")
    assert counts(page)["What it is"] == ["nothing that can be"] * 2
