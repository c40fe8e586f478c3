"""What pages say: the contract's files, counts with denominators, unknowns, and odd tables."""

import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from laion_assets.core.base import budget
from laion_assets.core.base.budget import FEWEST_FILES, share_files
from laion_assets.core.names.registry import ENTITY_LISTS
from laion_assets.core.site import rendering
from laion_assets.core.site.formats import percent
from laion_assets.core.site.inputs import Page, SourceInfo
from laion_assets.core.site.rendering import render_site
from laion_assets.core.site.safety import PICTURE_CSP, STRICT_CSP
from laion_assets.core.site.statics import DIRECTORY, headers_file, published_scripts, script_order
from laion_assets.core.tables.entities import PRESUMED_DEAD_BEFORE
from laion_assets.core.text.tables import browser_table
from tests import site_fixture, site_names
from tests.row_tables import tables_of
from tests.site_html import Document, Element

Site = dict[str, bytes]
Documents = dict[str, Document]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the fixture's tables."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def site(folder: Path) -> Site:
    """Every file of the fixture's site by path."""
    return site_fixture.render_all(folder)


@pytest.fixture(scope="module")
def documents(site: Site) -> Documents:
    """Every HTML page, parsed."""
    return {path: Document(html.decode()) for path, html in site.items() if path.endswith(".html")}


def table_called(title: str, document: Document) -> Element:
    """The one table of a page whose caption begins so."""
    (found,) = (t for t in document.all("table") if t.all("caption")[0].text.startswith(title))
    return found


def test_every_page_of_the_contract_is_there(site: Site):
    """Those that links and bookmarks name, without index files and manifest."""
    tables = "domains platforms artists celebrities characters nsfw years duplicates quality"
    names = f"index search about downloads questions 404 {tables}"
    pages = {f"{name}.html" for name in names.split()}
    data = {
        f"data/{name}.{ending}"
        for name in [*tables.split(), "duplicate_clusters", "words", *tables_of("study")]
        for ending in ("csv", "json", "parquet")
    }
    others = {"robots.txt", "_headers", "data/summary.json", "static/style.css", "static/tokens.js"}
    assert pages | data | others <= set(site)
    assert {"domains/pinimg-com.html", "artists/vincent-van-gogh.html"} <= set(site)
    assert {"celebrities/prince.html", "characters/batman.html"} <= set(site)


def test_rendering_twice_gives_the_same_files_in_the_same_order(folder: Path):
    """No clock, no chance: paths and bytes are the same, and no path comes twice."""
    first = list(render_site(site_fixture.site_inputs(folder)))
    assert first == list(render_site(site_fixture.site_inputs(folder)))
    assert len({page.path.lower() for page in first}) == len(first)


def test_missing_values_read_unknown(documents: Documents):
    """No score, size or fact is blank, None, nan or 0 when it is missing."""
    for path, document in documents.items():
        for element in document.everything():
            if element.tag in ("td", "dd"):
                assert element.text.strip() or "bar-cell" in element.classes, path
        words = set(re.findall(r"\w+", document.main_text()))
        assert not words & {"None", "nan", "NaN"}, path
    text = documents["domains/pinimg-com.html"].main_text()
    assert "aesthetic unknown" in text
    assert "unsafe unknown" in text
    assert "size unknown" in text


def test_listings_name_everyone_with_zero_too(documents: Documents):
    """Those found are in the ranking, in order; all others from A to Z, which says what zero is."""
    listed = [row[0] for row in site_fixture.ARTISTS]
    found = [row[0] for row in site_fixture.ARTISTS if row[1]]
    rows = documents["artists.html"].all("table")[0].all("tbody")[0].all("tr")
    assert [row.all("a")[0].text for row in rows] == found
    text = " ".join(documents["artists.html"].main_text().split())
    assert "Names 1 to 6 of 6 found; 4 in no caption, A to Z" in text
    rest = documents["artists-a-z.html"]
    lists = [each for each in rest.all("ul") if "names" in each.classes]
    names = [item.text.strip() for each in lists for item in each.children]
    assert sorted(names) == sorted(set(listed) - set(found))
    assert "4 of 10 listed names are in no caption" in rest.main_text()
    assert "at most 2,398 in a million of its captions would have the name" in rest.main_text()


def test_platforms_without_an_image_stand_from_a_to_z(documents: Documents):
    """With the ranking before them, and no word on captions: they are not looked for there."""
    text = " ".join(documents["platforms.html"].main_text().split())
    assert "Platforms 1 to 3 of 3 with images; 2 without any, A to Z" in text
    rest = documents["platforms-a-z.html"].main_text()
    assert "2 of 5 listed platforms host none of these images" in rest
    assert "Museum of Nothing" in rest
    assert "caption" not in rest


def test_names_that_tie_share_a_rank_and_the_ranking_is_by_what_is_shown_first(tmp_path: Path):
    """1, 2, 2, 4, on the page of a name too; the figure sorted by stands before all others."""
    tables = tmp_path / "tables"
    site_fixture.write_tables(tables)
    path = tables / "artists.parquet"
    rows = pq.read_table(path).to_pylist()
    for row, likely in zip(rows, (120, 22, 22, 9, 7, 0), strict=False):
        row |= {"images": max(1, likely), "images_likely": likely, "kind": "painter"}
    site_fixture.write_table(tables, "artists", rows)
    site = site_fixture.render_all(tmp_path)
    table = Document(site["artists.html"].decode()).all("table")[0]
    headings = [heading.text for heading in table.all("thead")[0].all("th")]
    assert headings[:4] == ["Rank", "Name", "Likely images", "Share"]
    lines = [[cell.text for cell in row.children] for row in table.all("tbody")[0].all("tr")]
    assert [line[0] for line in lines] == ["1", "2", "2", "4", "5", "6"]
    assert [line[2] for line in lines] == ["120", "22", "22", "9", "7", "0"]
    text = Document(site["artists/georgia-o-keeffe.html"].decode()).main_text()
    assert "number 2 of 10 listed, 2 of 2 whose main kind is painter" in text


def test_domains_say_what_the_largest_have_together(documents: Documents):
    """A cumulative share in each row, and ties share a rank."""
    table = documents["domains.html"].all("table")[0]
    headings = [heading.text for heading in table.all("thead")[0].all("th")]
    place = headings.index("Cumulative")
    rows = [[cell.text for cell in row.children] for row in table.all("tbody")[0].all("tr")]
    images = [domain[3] for domain in site_fixture.DOMAINS]
    assert [row[place] for row in rows] == [
        percent(sum(images[: number + 1]) / site_fixture.PUBLISHED) for number in range(len(rows))
    ]


def test_living_dead_and_unknown_are_counted_apart(documents: Documents):
    """Without a year of death one is living only when born recently enough."""
    rows = table_called("Living or dead", documents["artists.html"]).all("tbody")[0].all("tr")
    counts = {row.all("th")[0].text: row.all("td")[0].text for row in rows}
    assert counts == {
        "died (year of death on the list)": "5",
        "living, as far as the list knows": "1",
        "unknown": "4",
    }


def test_the_rule_of_living_is_told_as_it_is(documents: Documents):
    """The year that the tables go by is the year the page names."""
    text = documents["artists.html"].main_text()
    assert f"counts as living if born in {PRESUMED_DEAD_BEFORE} or later" in text


def test_an_ambiguous_name_shows_both_counts_and_the_rule(documents: Documents):
    """The raw count, the count in context, and the words that make the context."""
    text = documents["celebrities/prince.html"].main_text()
    assert "In 31 images the caption has the name; in 12 of these (38.7%)" in text
    assert "Such words: singer, concert, tour." in text


def test_a_name_with_zero_images_says_what_that_means(documents: Documents):
    """Zero is stated with its denominator and is not more than it is."""
    text = documents["celebrities/david-dobrik.html"].main_text()
    assert "No caption among 1,248 published images has this name" in text
    assert "Zero says nothing about pictures whose captions do not give the name" in text


def test_zero_is_explained_with_the_spellings_tried_and_a_bound(documents: Documents):
    """Which spellings were tried, how common the name can be, and that the rows are selected."""
    text = documents["celebrities/david-dobrik.html"].main_text()
    assert "Not one of the 2 other spellings below occurs either" in text
    assert "with 95% confidence at most 2,398 in a million" in text
    assert "at most 239,755 of the 100,000,000 of Everything" in text
    assert "Tried and never found: daviddobrik, dobrik david" in text
    assert "not a random sample but a selection" in text


def test_a_name_comes_with_words_places_and_scores_against_the_dataset(documents: Documents):
    """Words beyond chance link to the search for both; shares stand beside the dataset's."""
    document = documents["artists/vincent-van-gogh.html"]
    text = document.main_text()
    assert "number 1 of 10 listed, 1 of 2 whose main kind is painter" in text
    words = table_called("Words, the most telling first", document)
    cells = [cell.text for cell in words.all("tbody")[0].all("tr")[0].all("td")]
    assert cells == ["60", "50.0%", "2.40%", "20.8"]
    assert words.all("tbody")[0].all("a")[0].get("href") == (
        "../search.html?q=artist%3A%22Vincent%20van%20Gogh%22%20sunflowers"
    )
    scores = table_called("By punsafe", document).all("tbody")[0].all("tr")
    assert [cell.text for cell in scores[0].all("td")][:3] == ["120", "100%", "88.1%"]
    assert len(scores) == 1, "a step that holds next to nothing of either is left out"
    spellings = table_called("Spellings that occur; they are in no count above", document).all(
        "tbody"
    )[0]
    assert [cell.text for cell in spellings.all("td")] == ["joined", "15", "15"]


def test_names_that_people_asked_about_have_a_page_first(folder: Path):
    """An internet personality in no caption comes before a name with images."""
    inputs = site_fixture.site_inputs(folder, max_files=464)
    assert share_files(inputs.max_files).name_pages == 10
    paths = {page.path for page in render_site(inputs)}
    assert "celebrities/david-dobrik.html" in paths
    assert "characters/mickey-mouse.html" not in paths


def test_pages_there_is_one_of_each_fit_beside_all_shares(folder: Path):
    """What `share_files` leaves for others holds them, whatever the limit: see `check_room`."""
    smallest = share_files(FEWEST_FILES)
    paths = [page.path for page in render_site(site_fixture.site_inputs(folder, max_files=424))]
    assert share_files(424).name_pages == share_files(424).domain_pages == 0
    assert len(paths) - len(ENTITY_LISTS) <= budget._SINGLE < smallest.others


@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("domains.html", "domain"),
        ("platforms.html", "platform"),
        ("artists.html", "artist"),
        ("celebrities.html", "celebrity"),
        ("characters.html", "character"),
        ("years.html", "year"),
    ],
)
def test_a_bar_leads_to_its_search(documents: Documents, page: str, field: str):
    """Where the search has a field for what it is of; with a name that says what it does."""
    links = [link for link in documents[page].all("a") if "bar-link" in link.classes]
    assert links
    for link in links:
        assert (link.get("href") or "").startswith(f"search.html?q={field}%3A")
        assert (link.get("aria-label") or "").endswith(", show these images")
        assert [child.tag for child in link.children] == ["svg"]


@pytest.mark.parametrize("page", ["nsfw.html", "quality.html", "years.html", "index.html"])
def test_a_chart_says_what_it_shows_and_where_from(documents: Documents, page: str):
    """Unit, axis, the table with its numbers; a logarithmic one says so and has its lines."""
    charts = [figure for figure in documents[page].all("figure") if "chart" in figure.classes]
    assert charts
    for chart in charts:
        texts = [text.text for text in chart.all("text")]
        assert texts[0] in ("images", "rows")
        (caption,) = chart.all("figcaption")
        assert "Source: Fixture & Friends, table " in caption.text
        assert "downloads.html#" in (caption.all("a")[0].get("href") or "")
        assert ("logarithmic" in caption.text) == ({"1", "10", "100"} <= set(texts))


def test_listings_say_what_a_zero_says(documents: Documents):
    """With the bound, and where the other spellings of every name are."""
    text = documents["characters.html"].main_text()
    assert "at most 2,398 in a million of its captions would have the name" in text
    assert "downloads.html#characters_variants" in {
        link.get("href") for link in documents["characters.html"].all("a")
    }


def test_few_images_make_no_distribution(documents: Documents):
    """One image is not compared with the dataset."""
    text = documents["artists/phidias.html"].main_text()
    assert "With fewer than 5 images there is no distribution" in text
    assert "Against the whole dataset" not in text


def test_the_questions_are_answered_by_their_tables(documents: Documents):
    """Each has a sentence, a table and its download; writers and zeros are marked."""
    document = documents["questions.html"]
    text = document.main_text()
    assert "living, as far as the list knows, 1; died 4; unknown 1. Mainly writers: 1." in text
    assert "1 of 1 listed internet personalities are in no caption" in text
    assert "ArtStation hosts 0 images; 4 that are hosted elsewhere name it" in text
    assert "Among the 3 most named: 2 female, 1 male" in text
    links = {link.get("href") for link in document.all("a")}
    assert {f"downloads.html#{name}" for name in tables_of("study")} <= links
    assert "<i>" not in {element.tag for element in document.everything()}


def test_the_overview_gives_every_number_its_denominator(documents: Documents):
    """Key numbers come with what they are of."""
    text = documents["index.html"].main_text()
    assert "96.0% of 1,300 rows read" in text
    assert "0.16% of 1,250 rows kept" in text
    assert "the 100 largest host 55.6% of 1,248 images" in text
    assert "of 10 listed; 4 in no caption" in text


def test_the_about_page_says_how_many_have_a_page_and_what_the_thresholds_are(folder: Path):
    """The budget of this build, not a number somebody wrote down; likewise the settings."""
    for files in (20_000, 1_000):
        pages = {p.path: p for p in render_site(site_fixture.site_inputs(folder, max_files=files))}
        text = Document(pages["about.html"].content.decode()).main_text()
        shares = share_files(files)
        said = f"At most {shares.domain_pages:,} domains and {shares.name_pages:,} names have"
        assert said in text
        for limit in ("below 0.50", "from 0.50, or unknown", "from 0.90", "from 0.9999"):
            assert limit in text


def test_about_names_each_source_by_its_digest(folder: Path):
    """So that whoever has a copy of a file can tell whether these numbers are of it."""
    digest = "0123456789abcdef" * 4
    sources = [SourceInfo("one.parquet", 9, 8, 1, sha256=digest), SourceInfo("two.csv", 5, 5, 0)]
    pages = site_fixture.render_all(folder, sources=sources)
    table = table_called("2 source files", Document(pages["about.html"].decode()))
    rows = [[cell.text for cell in row.children] for row in table.all("tr")[1:]]
    assert [row[-1] for row in rows] == [digest, "–"]
    told = json.loads(pages["data/summary.json"])["sources"]
    assert [source["sha256"] for source in told] == [digest, ""]


def test_the_quality_page_says_which_lines_could_not_be_split(folder: Path):
    """Each file that has any, most first, with the numbers of the first; nothing without any."""
    sources = [
        SourceInfo("few.csv", 10, 8, 2, damaged=2, first_damaged=(3, 1_007)),
        SourceInfo("<b>many.tsv", 99, 70, 29, damaged=20, first_damaged=(2, 3, 5, 8, 13)),
        SourceInfo("odd.json", 9, 8, 1, damaged=1),  # no lines, as in an array over several
        SourceInfo("good.csv", 5, 5, 0),
    ]
    page = site_fixture.render_all(folder, sources=sources)["quality.html"].decode()
    table = table_called("Lines that could not be split", Document(page))
    rows = [[cell.text for cell in row.children] for row in table.all("tr")[1:]]
    assert rows == [
        ["<b>many.tsv", "20", "2, 3, 5, 8, 13 …"],
        ["few.csv", "2", "3 and 1,007"],
        ["odd.json", "1", "unknown"],
    ]
    without = site_fixture.render_all(folder, sources=sources[3:])["quality.html"].decode()
    assert "could not be split" not in without


def test_every_share_on_a_page_is_of_a_stated_number(documents: Documents):
    """A page that prints a percentage prints the count of rows it is of."""
    for path, document in documents.items():
        text = document.main_text()
        if re.search(r"\d%", text):
            assert re.search(r"1,248|1,250|1,300", text), path


def test_the_search_page_has_what_its_script_needs(documents: Documents):
    """Ids as static/search-page.js says, scripts in the order in which they need one another."""
    document = documents["search.html"]
    ids = {element.get("id") for element in document.everything()}
    needed = "search-form q search-status search-message search-tools results pager detail"
    assert set(needed.split()) <= ids
    scripts = [script.get("src") for script in document.all("script")]
    order = published_scripts(site_fixture.TEMPLATES)
    kinds = ("every page", "pages with pictures", "search", "search page")
    expected = [script for kind in kinds for script in order[kind]]
    expected[expected.index(DIRECTORY)] = "search/ab12cd34/directory.js"
    assert scripts == expected


def test_every_published_script_is_in_the_order_of_scripts_once(site: Site):
    """A script left out would never run, one named twice would run twice."""
    named = [
        script for kind in published_scripts(site_fixture.TEMPLATES).values() for script in kind
    ]
    named.remove(DIRECTORY)
    for scripts in script_order(site_fixture.TEMPLATES).values():
        assert len(set(scripts)) == len(scripts)
    ours = [path for path in site if path.endswith(".js") and path.startswith("static/")]
    assert sorted(named) == sorted(ours)


def test_the_search_is_few_scripts_without_comments(site: Site):
    """Each part of a script is in it, in order, and nothing that only its authors read."""
    order = script_order(site_fixture.TEMPLATES)["search"]
    whole = b"".join(site[name] for name in published_scripts(site_fixture.TEMPLATES)["search"][:1])
    assert b"/*" not in whole
    parts = ("text", "units", "rows", "terms", "query", "finding")
    places = [re.search(rf"arts\.{part}=".encode(), whole) for part in parts]
    starts = [place.start() for place in places if place]
    assert len(starts) == len(parts)
    assert sorted(starts) == starts
    assert len(published_scripts(site_fixture.TEMPLATES)["search"]) < 5 < len(order)


def test_a_site_without_an_index_offers_no_search(folder: Path):
    """No search box, no search scripts, and the search page says so."""
    inputs = site_fixture.site_inputs(folder, search_directory=None)
    pages = {p.path: p.content.decode() for p in render_site(inputs) if p.path.endswith(".html")}
    assert "without a search index" in pages["search.html"]
    assert "search-page.js" not in pages["search.html"]
    for path, html in pages.items():
        assert 'name="q"' not in html, path
        assert "search.html?q=" not in html, path


def test_empty_tables_still_make_a_site(tmp_path: Path):
    """A build in which nothing is left has pages, with unknown shares instead of divisions."""
    site_fixture.write_tables(tmp_path / "full")
    tables = tmp_path / "tables"
    tables.mkdir()
    for path in (tmp_path / "full").iterdir():
        table = pq.read_table(path)
        pq.write_table(table.slice(0, 0), tables / path.name)
    rows = [
        ("rows", label, None, None, 0, None, 0)
        for label in ("read", "kept", "rejected", "withheld", "published")
    ]
    site_fixture.write_table(tables, "quality", rows)
    pages = {page.path: page for page in render_site(site_fixture.site_inputs(tmp_path))}
    assert "unknown of 0 rows read" in pages["index.html"].content.decode()
    assert pages["data/domains.json"].content == b"[\n\n]\n"


def test_long_listings_page_on(tmp_path: Path):
    """201 domains that tie: a hundred to a page, each page linked to the others, one rank."""
    tables = tmp_path / "tables"
    site_fixture.write_tables(tables)
    rows = [
        (rank, f"d{rank}.example", None, None, 1, 1 / 201, 201, 1, 1, 0, None)
        for rank in range(1, 202)
    ]
    site_fixture.write_table(tables, "domains", rows)
    pages = {page.path: page for page in render_site(site_fixture.site_inputs(tmp_path))}
    assert "domains-4.html" not in pages
    first = Document(pages["domains.html"].content.decode()).main_text()
    assert "The 10 largest hold 4.98% of them, the 100 largest 49.8%." in first
    last = Document(pages["domains-3.html"].content.decode())
    assert "Domains 201 to 201 of 201." in last.main_text()
    row = last.all("table")[0].all("tbody")[0].all("tr")[0]
    assert row.all("td")[0].text == "1"
    links = {link.get("href") for link in last.all("a")}
    assert {"domains.html", "domains-2.html", "search.html?q=domain%3Ad201.example"} <= links


def elements(page: Page) -> tuple[int, int]:
    """How many elements a page has, and how many of them a keyboard stops at."""
    every = list(Document(page.content.decode()).everything())
    stops = [e for e in every if e.tag in ("a", "button", "input", "summary", "select")]
    return len(every), len(stops) + sum(e.get("tabindex") == "0" for e in every)


@pytest.mark.parametrize("found", [0, 150, 2_900])
def test_no_page_of_a_long_list_is_too_long_and_every_name_is_on_one(tmp_path: Path, found: int):
    """3,000 elements and 250 stops of the keyboard at most, whether names have pages or not."""
    tables = tmp_path / "tables"
    site_fixture.write_tables(tables)
    site_fixture.write_table(
        tables, "characters", site_names.many_characters(3_000, found, site_fixture.PUBLISHED)
    )
    inputs = site_fixture.site_inputs(tmp_path, max_files=4_000)
    pages = [p for p in render_site(inputs) if re.match(r"characters[^/]*\.html", p.path)]
    text = " ".join(Document(page.content.decode()).main_text() for page in pages)
    assert len(set(re.findall(r"\wname \d{5}", text))) == 3_000
    for page in pages:
        count, stops = elements(page)
        assert count <= 3_000, page.path
        assert stops <= 250, page.path


def test_names_too_many_for_the_ranking_stand_from_a_to_z_with_their_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Where a host allows few files, the rarest of those found are no less to be found."""
    monkeypatch.setattr(budget, "_SINGLE", 416)
    tables = tmp_path / "tables"
    site_fixture.write_tables(tables)
    site_fixture.write_table(
        tables, "characters", site_names.many_characters(990, 950, site_fixture.PUBLISHED)
    )
    pages = {p.path: p for p in render_site(site_fixture.site_inputs(tmp_path, max_files=600))}
    text = " ".join(Document(pages["characters.html"].content.decode()).main_text().split())
    rarer = re.search(r"of 950 found; (\d+) rarer ones and 40 in no caption, A to Z", text)
    assert rarer
    rest = Document(pages["characters-a-z.html"].content.decode()).main_text()
    assert len(re.findall(r"name \d{5}", rest)) == int(rarer[1]) + 40
    assert "zname 00949 (1)" not in rest
    assert re.search(r"name 00949 \(1\)", rest)


def test_headers_say_what_the_pages_say():
    """The headers file carries the policy, narrower for the page on unsafe scores."""
    text = headers_file(pictures=True).content.decode()
    assert f"/*\n  Content-Security-Policy: {PICTURE_CSP}; frame-ancestors 'none'\n" in text
    assert f"/nsfw.html\n  Content-Security-Policy: {STRICT_CSP}" in text
    assert "Referrer-Policy: no-referrer" in text


def test_the_token_table_is_a_script_that_calls_the_index(site: Site):
    """Key, JSON in single quotes, and the length of the JSON in bytes."""
    script = site["static/tokens.js"].decode()
    match = re.fullmatch(r"LaionIndex\(\"tokens\",JSON\.parse\('(.*)'\),(\d+)\);\n", script)
    assert match
    text = match[1].replace("\\'", "'").replace("\\\\", "\\")
    assert text == browser_table()
    assert int(match[2]) == len(text.encode())


def test_a_site_is_the_same_by_one_process_and_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page, in the same order."""
    site_fixture.write_tables(tmp_path)
    inputs = site_fixture.site_inputs(tmp_path)
    alone = list(render_site(inputs))
    monkeypatch.setattr(rendering, "_FEW", 0)
    assert list(render_site(inputs, 2)) == alone
