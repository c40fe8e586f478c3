"""The first page says what stands out, in sentences whose numbers stand in the tables."""

from __future__ import annotations

import csv
import io
import re
from urllib.parse import unquote

import pytest

from laion_assets.core.names.registry import LISTS
from laion_assets.core.site.findings import MOST_FINDINGS
from tests import site_fixture
from tests.site_html import Document

Site = dict[str, bytes]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Every file of the fixture's site by path."""
    return site_fixture.render_all(tmp_path_factory.mktemp("site"))


def table(site: Site, name: str) -> list[dict[str, str]]:
    """Return a published table as somebody reads it who downloaded it."""
    text = site[f"data/{name}.csv"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def sentences(site: Site) -> dict[str, str]:
    """Return the text of every finding on the first page, by its anchor."""
    page = Document(site["index.html"].decode())
    found = [each for each in page.everything() if (each.get("id") or "").startswith("finding-")]
    return {
        str(each.get("id")).removeprefix("finding-"): " ".join(each.text.split()) for each in found
    }


def test_findings_are_recomputed_from_the_downloads(site: Site):
    """Who is named most, in how many captions; which platform hosts most; who is absent."""
    said = sentences(site)
    assert 0 < len(said) <= MOST_FINDINGS
    platforms = table(site, "platforms")
    most = max(int(row["images"]) for row in platforms)
    assert f"{most:,} images" in said["platform"]
    for about in LISTS.values():
        rows = table(site, about.name)
        likely = [int(row["images_likely"]) for row in rows]
        first = [row["name"] for row in rows if int(row["images_likely"]) == max(likely)]
        if about.singular in said:
            assert f"in {max(likely):,} captions" in said[about.singular]
            assert said[about.singular].startswith(first[0])
            assert (f"and {len(first) - 1:,} more" in said[about.singular]) == (len(first) > 1)
        if f"{about.singular}-zero" in said:
            zero = sum(int(row["images"]) == 0 for row in rows)
            assert said[f"{about.singular}-zero"].startswith(f"{zero:,} of {len(rows):,} ")


def test_first_page_says_what_this_is_in_plain_words(site: Site):
    """It names the generators, the number of rows, and that the pictures are not here."""
    lead = re.search(r'<p class="lead">(.*?)</p>', site["index.html"].decode(), re.DOTALL)
    assert lead is not None
    assert len(lead[1].split()) <= 70
    assert "Stable Diffusion" in lead[1]
    assert "The pictures themselves are not here." in lead[1]


def test_suggested_searches_are_of_what_is_here(site: Site):
    """Names, a domain and a year that the tables have."""
    hint = re.search(r'<p class="hint">Try (.*?)</p>', site["index.html"].decode(), re.DOTALL)
    assert hint is not None
    asked = [unquote(link) for link in re.findall(r'q=([^"]+)"', hint[1])]
    assert len(asked) >= 3
    columns = {"domain": ("domains", "domain"), "year": ("years", "url_year")}
    columns |= {about.singular: (about.name, "name") for about in LISTS.values()}
    for query in asked:
        field, value = query.split(":", 1)
        name, column = columns[field]
        assert value.strip('"') in {row[column] for row in table(site, name)}
