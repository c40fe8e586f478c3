"""Tables on pages: one macro, shares of the number in the caption, cells that sort by value."""

import re
from pathlib import Path
from typing import Any

import pytest

from laion_assets.core.names.registry import LISTS
from laion_assets.core.site.columns import Column, declared
from laion_assets.core.site.formats import UNKNOWN, percent
from laion_assets.core.site.headline import Whole, build_headline
from laion_assets.core.tables.registry import TABLES
from tests import site_fixture
from tests.site_html import Document, Element

Documents = dict[str, Document]

#: Headings of the counts that shares are made of.
COUNTS = ("Likely images", "Images", "Rows", "Images with both")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the fixture's tables."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def documents(folder: Path) -> Documents:
    """Every HTML page of the fixture's site, parsed."""
    site = site_fixture.render_all(folder)
    return {path: Document(html.decode()) for path, html in site.items() if path.endswith(".html")}


def headings(table: Element) -> list[str]:
    """What stands above the columns."""
    return [heading.text for heading in table.all("thead")[0].all("th")]


def body(table: Element) -> list[list[str]]:
    """The rows as text, without the line that says there is none."""
    rows = [
        [cell.text.strip() for cell in row.children if cell.tag in ("td", "th")]
        for row in table.all("tbody")[0].all("tr")
    ]
    return [row for row in rows if len(row) > 1]


def whole_number(text: str) -> int:
    """A count as printed, as a number."""
    return int(text.replace(",", ""))


@pytest.mark.parametrize("page", ["quality.html", "about.html", "nsfw.html"])
def test_what_shares_are_of_is_named_even_where_all_rows_were_kept(page: str):
    """Repairs, impossible values and visibility are of rows kept, rejects of rows read."""
    template = (site_fixture.TEMPLATES / page).read_text(encoding="utf-8")
    said = dict(
        re.findall(r'measure_table\("[^"]+", "\w+", "[^"]+", (\w+), "Rows"(.*?)\)', template)
    )
    assert said
    for lines, likely in said.items():
        of_read = lines in ("rejected", "hashes")
        assert likely.startswith(', "read"' if of_read else ', "kept"'), lines


def test_the_templates_have_one_table():
    """Whatever all tables have, a box, a caption, a heading's scope, stands in one place."""
    templates = site_fixture.TEMPLATES
    found = {
        path.relative_to(templates).as_posix(): path.read_text(encoding="utf-8").count("<table")
        for path in templates.rglob("*.html")
    }
    assert {path: count for path, count in found.items() if count} == {"partials/_table.html": 1}


def test_every_share_is_of_the_number_in_its_caption(documents: Documents):
    """On every page, every row: its count divided by the caption's number is its share."""
    checked = 0
    for path, document in documents.items():
        for table in document.all("table"):
            labels = headings(table)
            shares = [label for label in labels if label in ("Share", "Share of the name’s")]
            said = re.search(r"share of ([\d,]+) ", table.all("caption")[0].text)
            assert bool(shares) == bool(said) or path == "questions.html", path
            if not said or not shares:
                continue
            count = next(label for label in COUNTS if label in labels)
            for row in body(table):
                part = whole_number(row[labels.index(count)])
                share = row[labels.index(shares[0])]
                assert share == percent(part / whole_number(said[1])), (path, labels, row)
                checked += 1
    assert checked > 200


def test_a_share_of_the_whole_dataset_beside_a_names_is_of_all_images(documents: Documents):
    """Where two shares stand side by side the caption says what either is of."""
    document = documents["artists/vincent-van-gogh.html"]
    tables = [
        table for table in document.all("table") if {"Share of all", "Of all"} & {*headings(table)}
    ]
    assert len(tables) > 3
    for table in tables:
        caption = " ".join(table.all("caption")[0].text.split())
        assert "share of 120 images with the name, and of 1,248 in all" in caption


def test_shares_on_the_questions_page_are_of_what_their_caption_says(documents: Documents):
    """Names of a group of people, mentions of it, images with an ambiguous name."""
    tables = {tuple(headings(table)): table for table in documents["questions.html"].all("table")}
    table = next(t for labels, t in tables.items() if "Share of names" in labels)
    assert "shares are within each group of people" in table.all("caption")[0].text
    rows = body(table)
    for scope in {row[0] for row in rows}:
        group = [row for row in rows if row[0] == scope]
        for count, share in ((2, 3), (4, 5)):
            whole = sum(whole_number(row[count]) for row in group)
            for row in group:
                assert row[share] == (
                    percent(whole_number(row[count]) / whole) if whole else UNKNOWN
                )
    table = next(t for labels, t in tables.items() if "Context words" in labels)
    assert "share of the images with the name" in table.all("caption")[0].text
    labels = headings(table)
    for row in body(table):
        images, likely = (whole_number(row[labels.index(key)]) for key in ("Images", "In context"))
        assert row[labels.index("Share")] == (percent(likely / images) if images else "–")


def test_values_out_of_range_are_of_the_rows_kept(documents: Documents):
    """What a share is of is what its rows say, not what the page thinks."""
    captions = [table.all("caption")[0].text for table in documents["quality.html"].all("table")]
    (caption,) = (text for text in captions if text.startswith("Values set aside"))
    assert "share of 1,250 rows kept" in caption


def test_rows_of_several_wholes_are_no_table_of_shares(folder: Path):
    """A caption with one number would be wrong for some of them."""
    site_fixture.site_inputs(folder)
    headline = build_headline(folder / "tables")
    assert headline.whole_of([{"denominator": 1300}] * 2) == Whole(1300, "rows read")
    assert headline.whole_of([{"denominator": 7}], "images with the name").count == 7
    with pytest.raises(ValueError, match="several numbers"):
        headline.whole_of([{"denominator": 1300}, {"denominator": 1250}])


def test_sets_of_one_size_are_called_by_the_likely_name(folder: Path):
    """With nothing rejected or withheld any of the three names is right."""
    site_fixture.site_inputs(folder)
    headline = build_headline(folder / "tables")
    headline.rows.update(read=10, kept=10, published=10)
    assert headline.whole_of([{"denominator": 10}]).of == "published images"
    assert headline.whole_of([{"denominator": 10}], likely="read").of == "rows read"
    assert headline.whole_of([{"denominator": 3}]).of == "rows"


def test_every_number_of_a_sortable_table_has_a_value_to_sort_by(documents: Documents):
    """As plain digits, or said beside the text; empty where there is none."""
    values: dict[str, str] = {}
    for document in documents.values():
        for table in document.all("table"):
            if "data-sortable" not in table.attributes:
                continue
            for cell in table.all("tbody")[0].everything():
                if "number" in cell.classes:
                    value = cell.get("data-value")
                    values[cell.text] = cell.text if value is None else value
    assert all(value == "" or float(value) is not None for value in values.values())
    assert len(values) > 5
    assert float(values["24.0%"]) == pytest.approx(300 / 1248, rel=1e-5)


def sort_value(column: Column, row: dict[str, Any]) -> str | None:
    """Return what the only cell of a row sorts by."""
    return column.sort_value(row, column.text(row))


def test_a_value_nobody_knows_sorts_as_none_and_a_name_as_itself():
    """Someone listed as "unknown" is a name; a gender of that word is not a gender."""
    assert sort_value(Column("gender", "Gender"), {"gender": UNKNOWN}) == ""
    assert sort_value(Column("name", "Name", head=True), {"name": UNKNOWN}) is None
    assert sort_value(Column("platform", "Platform"), {"platform": None}) == ""
    assert sort_value(Column("n", "N", "number"), {"n": 1234567}) == "1234567"
    assert sort_value(Column("n", "N", "number"), {"n": 12}) is None
    assert sort_value(Column("share", "Share", "percent"), {"share": 0.0}) == "0"
    assert sort_value(Column("born", "Born", "year"), {"born": -480}) == "-480"
    assert sort_value(Column("born", "Born", "year"), {"born": None}) == ""


def test_a_missing_value_reads_unknown_or_as_a_dash():
    """A score or a year has a value that nobody knows; a count may not apply, unless one says."""
    row = {"key": None}
    dashes: list[str] = [Column("key", "", kind).text(row) for kind in ("text", "number", "flag")]
    assert dashes == ["–"] * 3
    assert [Column("key", "", kind).text(row) for kind in ("score", "year")] == [UNKNOWN] * 2
    assert Column("key", "", missing=UNKNOWN).text(row) == UNKNOWN


def test_a_heading_explains_itself_by_the_tables_declaration():
    """Kind, meaning and unit are the registry's; what is only true of the files is left out."""
    columns = declared(
        [Column(key, key) for key in ("images_in_context", "share", "ambiguous", "born", "odd")],
        "artists",
    )
    assert [column.kind for column in columns] == ["number", "percent", "flag", "year", "text"]
    context, share, *_, odd = columns
    assert context.title == "images whose caption also has such a word; unit: rows"
    assert share.title == "images divided by denominator"
    assert odd.title == ""
    assert declared([Column("share", "Share")], "")[0].kind == "text"


def test_every_column_of_a_list_has_its_meaning_as_tooltip(documents: Documents):
    """The ranking of a list says over each of its own columns what the list declares."""
    for name, about in LISTS.items():
        meanings = {column.name: column.meaning for column in TABLES[name].columns}
        ranking = documents[f"{name}.html"].all("table")[0]
        titles = {h.text: h.get("title") for h in ranking.all("thead")[0].all("th")}
        for key in about.shown:
            title = titles[about.column(key).label]
            assert title
            assert meanings[key].startswith(title)
