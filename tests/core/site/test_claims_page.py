"""The page of claims: each with its figure, the value here, a verdict, and where to look."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from laion_assets.core.claims.claim_files import Claim, load_claims
from tests import hostile
from tests.site_fixture import render_all
from tests.site_html import Document, Element


def page_of(folder: Path, *claims: Claim, **changes: object) -> Document:
    """Return the page of these claims on the fixture's tables."""
    return Document(render_all(folder, claims=claims, **changes)["claims.html"].decode())


def cells(page: Document, slug: str) -> list[Element]:
    """Return the cells of the row with an id."""
    (row,) = (element for element in page.all("tr") if element.get("id") == slug)
    return row.children


def texts(page: Document, slug: str) -> list[str]:
    """Return the texts of these cells."""
    return [" ".join(cell.text.split()) for cell in cells(page, slug)]


PINTEREST = Claim(
    "pinterest",
    "Pinterest has a quarter.",
    figure="a quarter",
    published=0.25,
    table="domains",
    where={"domain": "pinimg.com"},
    take="share",
)
WORDPRESS = Claim(
    "wordpress",
    "WordPress has 200.",
    published=200,
    table="domains",
    where={"domain": ["wp.com", "wordpress.com"]},
    note="It has two domains.",
)


def test_a_claim_stands_beside_the_figure_here(tmp_path: Path) -> None:
    """What was said, the figure, the value with n of N, the difference, the verdict, the check."""
    page = page_of(tmp_path, PINTEREST, WORDPRESS)
    assert texts(page, "pinterest") == [
        "Pinterest has a quarter.",
        "a quarter",
        "24.0% 300 of 1,248 published images",
        "−0.96 percentage points",
        "lower here",
        "domains images as a share; domain “pinimg.com”",
    ]
    assert texts(page, "wordpress") == [
        "WordPress has 200. It has two domains.",
        "200",
        "270 of 1,248 published images, 21.6%",
        "+70 (+35%)",
        "higher here",
        "domains images; domain “wp.com” or “wordpress.com”",
    ]
    assert "2 claims: 0 confirmed, 1 lower here, 1 higher here" in page.main_text()


@pytest.mark.parametrize(
    ("claim", "figure", "said"),
    [
        ({}, 300, "none"),
        ({}, 299, "+1 (+0.3344%)"),
        ({}, 900, "−600 (−66.67%)"),
        ({}, 30_000_000, "−29,999,700 (−99.99%)"),
        ({}, 0, "+300"),
        ({"where": {"domain": "index"}, "take": "value", "column": "rank"}, 7, "1 place lower"),
        ({"where": {"domain": "index"}, "take": "value", "column": "rank"}, 10, "2 places higher"),
        ({"where": {"domain": "nowhere"}}, 10, "–"),
    ],
)
def test_the_difference_is_told_in_the_units_of_the_figure(
    tmp_path: Path, claim: dict[str, object], figure: float, said: str
) -> None:
    """Nearly all less is not all less; a rank is told in places."""
    own = {"table": "domains", "where": {"domain": "pinimg.com"}, **claim}
    page = page_of(tmp_path, Claim("a", "A.", published=figure, **own))
    assert texts(page, "a")[3] == said


def test_the_claims_are_a_file_too(tmp_path: Path) -> None:
    """The same texts, a row for each claim, in cells that no spreadsheet runs."""
    bad = replace(WORDPRESS, id="bad", claim="=1+1")
    files = render_all(tmp_path, claims=(PINTEREST, bad), name="mine")
    page = Document(files["claims.html"].decode())
    links = {link.get("href"): link.get("download") for link in page.all("a")}
    assert links["data/claims.csv"] == "mine-claims.csv"
    text = files["data/claims.csv"].decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["id"], first["here"], first["verdict"]) == ("pinterest", "24.0%", "lower here")
    assert first["out_of"] == "300 of 1,248 published images"
    assert second["claim"] == "'=1+1"
    assert "data/claims.csv" not in render_all(tmp_path)


def test_each_claim_has_an_anchor_and_leads_to_what_checks_it(tmp_path: Path) -> None:
    """To itself, and to the domain, name or search, or to the page of the table."""
    page = page_of(tmp_path, PINTEREST, WORDPRESS)
    links = {
        slug: [link.get("href") for cell in cells(page, slug) for link in cell.all("a")]
        for slug in ("pinterest", "wordpress")
    }
    assert links == {
        "pinterest": ["#pinterest", "domains/pinimg-com.html"],
        "wordpress": ["#wordpress", "domains.html"],
    }
    assert "downloads.html#domains" in {link.get("href") for link in page.all("a")}


def test_every_claim_of_ours_has_its_row_and_its_link_resolves(tmp_path: Path) -> None:
    """In few enough elements and stops of the tab key, whatever dataset is built."""
    for name in ("fixture", "improved-aesthetics-6plus"):
        files = render_all(tmp_path, claims=load_claims(), name=name)
        page = Document(files["claims.html"].decode())
        ids = [element.get("id") for element in page.everything() if element.get("id")]
        assert len(ids) == len(set(ids))
        assert {claim.id for claim in load_claims()} <= set(ids)
        for link in page.all("main")[0].all("a"):
            path, _, anchor = str(link.get("href")).partition("#")
            target = Document(files[path.partition("?")[0] or "claims.html"].decode())
            known = {element.get("id") for element in target.everything()}
            assert not anchor or anchor in known, link.get("href")
        assert len(page.everything()) <= 3000
        stops = len(page.all("a")) + sum(e.get("tabindex") == "0" for e in page.everything())
        assert stops <= 250


def test_an_empty_list_of_claims_says_so(tmp_path: Path) -> None:
    """The page is there all the same."""
    assert "The list of claims is empty." in page_of(tmp_path).main_text()


@pytest.mark.parametrize("text", hostile.CAPTIONS)
def test_the_texts_of_a_claim_are_inert(tmp_path: Path, text: str) -> None:
    """Whatever a file says: no markup, no direction marks, no controls."""
    claim = Claim(
        "a", text, figure=text, topic=text, source=text, note=text, published=1,
        datasets=(text,), table="domains", where={"domain": text},
    )  # fmt: skip
    html = render_all(tmp_path, claims=(claim,))["claims.html"].decode()
    page = Document(html)
    assert page.unclosed == []
    assert not {"img", "b", "i", "iframe", "svg"} & {e.tag for e in page.everything()}
    assert all(script.get("src") for script in page.all("script"))
    assert not set("\u202e\u2066\u2069\x00\x1b\u200b") & set(page.all("main")[0].text)
