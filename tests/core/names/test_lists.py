"""Lists: what a row says, what is wrong by line, and that the lists we ship are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.cleaning.hosts import registrable_domain
from laion_assets.core.names.list_files import ListFiles
from laion_assets.core.names.list_remarks import list_remarks
from laion_assets.core.names.lists import (
    Entity,
    Platform,
    fold_name,
    load_all,
    load_entities,
    load_platforms,
)
from laion_assets.core.names.registry import ENTITY_LISTS, LISTS

HEADER = "name,aliases,ambiguous,context,franchise,medium\n"
NOTHING_KNOWN = {"franchise": "", "medium": ""}


def characters(tmp_path: Path, text: str | bytes) -> list[Entity]:
    """Load a list of characters."""
    path = tmp_path / "characters.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_entities("characters", ListFiles(tmp_path))


def platforms(tmp_path: Path, text: str) -> list[Platform]:
    """Load a list of platforms."""
    path = tmp_path / "platforms.csv"
    path.write_text(text, encoding="utf-8")
    return load_platforms(ListFiles(tmp_path))


# -- reading ---------------------------------------------------------------------------------------


def test_row_becomes_an_entity(tmp_path: Path) -> None:
    """Several values in a cell are separated by |, cells are trimmed, extra columns do no harm."""
    text = (
        "name,aliases,ambiguous,context,franchise,medium,note\n"
        " Link , Hero of Time| Toon Link |,yes,zelda|nintendo,The Legend of Zelda,game,x\n"
        "Aang,,,,Avatar,animation,\n"
    )
    aang, link = characters(tmp_path, text)
    assert link == Entity(
        name="Link",
        aliases=("Hero of Time", "Toon Link"),
        ambiguous=True,
        context=("zelda", "nintendo"),
        attributes={"franchise": "The Legend of Zelda", "medium": "game"},
        decided=True,
    )
    assert link.phrases == ("Link", "Hero of Time", "Toon Link")
    assert (aang.aliases, aang.ambiguous, aang.context) == ((), False, ())


def test_a_name_alone_is_a_list(tmp_path: Path) -> None:
    """Every column but the name may be missing; what it would say is empty."""
    (aang,) = characters(tmp_path, "name\nAang\n")
    assert aang == Entity("Aang", (), ambiguous=False, context=(), attributes=NOTHING_KNOWN)


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    """They are told by their header, not by their place."""
    (aang,) = characters(tmp_path, "medium,ambiguous,name\ntv,no,Aang\n")
    assert (aang.name, aang.attributes["medium"], aang.ambiguous) == ("Aang", "tv", False)


def test_a_row_knows_its_file_and_line(tmp_path: Path) -> None:
    """Remarks point to it: the header is line 1, and empty lines count."""
    zuko, aang = characters(tmp_path, "name\nZuko\n\nAang\n")[::-1]
    assert zuko.where == "characters.csv, line 2"
    assert aang.where == "characters.csv, line 4"


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [("yes", (True, True)), ("YES", (True, True)), ("no", (False, True)), ("", (False, False))],
)
def test_a_row_may_leave_open_whether_it_is_ambiguous(
    tmp_path: Path, cell: str, meaning: tuple[bool, bool]
) -> None:
    """Yes and no are answers; an empty cell counts as no, but nobody looked."""
    (link,) = characters(tmp_path, f"name,ambiguous,context\nLink,{cell},zelda\n")
    assert (link.ambiguous, link.decided) == meaning


def test_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    """A list saved by a spreadsheet reads as any other."""
    text = (
        "\ufeff" + HEADER.replace("\n", "\r\n") + '"Data, Mr",,,,Star Trek,tv\r\n\r\nAang,,,,,\r\n'
    )
    assert [entity.name for entity in characters(tmp_path, text)] == ["Aang", "Data, Mr"]


def test_names_are_folded_as_captions_are() -> None:
    """Two spellings that match the same captions are one folded name."""
    assert fold_name("Georgia O’Keeffe") == fold_name("GEORGIA O'KÉEFFE") == "georgia o keeffe"


def test_alias_may_repeat_within_its_own_row(tmp_path: Path) -> None:
    """An alias that folds to the name itself is harmless."""
    (entity,) = characters(tmp_path, HEADER + "Spider-Man,Spider Man|spider man,,,Marvel,comic\n")
    assert entity.aliases == ("Spider Man", "spider man")


# -- complaints ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("aliases,medium\nAang,\n", "line 1: no column name"),
        ("", "line 1: no column name"),
        (HEADER + "Aang,,,,Avatar\n", "line 2: wrong number of cells, 5 where the header has 6"),
        (HEADER + "Aang,,,,Avatar,tv,x,\n", "line 2: wrong number of cells, 8 where .* has 6"),
        (HEADER + "Aang,,,,,\n,x,,,,\n", "line 3: '' holds no letter or digit"),
        ("name:aliases\nAang:\n", "line 1: no column name, only 'name:aliases'"),
        ("\nTitle,Aliases\nAang,\n", "line 2: no column name, only 'title', 'aliases'"),
        ("name,alias\nAang,\n", "line 1: column 'alias': did you mean aliases?"),
        ("name,name\nAang,Bo\n", "line 1: column name is there twice"),
        (HEADER + "x" * 201 + ",,,,,\n", "line 2: a name of 201 characters; 200 at most"),
        (HEADER + "Aang,,,,,\n???,,,,,\n", r"line 3: '\?\?\?' holds no letter or digit"),
        (HEADER + "Aang,x|…,,,,\n", "line 2: '…' holds no letter or digit"),
        (HEADER + "Link,,yes,zelda|!,,\n", "line 2: '!' holds no letter or digit"),
        (HEADER + "Aang,,,,,\n\nAANG,,,,,\n", r"line 4: 'AANG' already stands on line 2 \(Aang\)"),
        (HEADER + "Aang,,,,,\nBo,aang,,,,\n", r"line 3: 'aang' already stands on line 2 \(Aang\)"),
        (HEADER + "Aang,,maybe,,,\n", "line 2: ambiguous is yes, no or empty, not 'maybe'"),
        (
            HEADER + 'Aang,,,,,\n"Bo,,,,,\nC,,,,,\n',
            "line 3: a quotation mark that opens here is never closed",
        ),
        (HEADER + 'Aang,,,,,\n"Bo"x,,,,,\n', "line 3: "),
        (HEADER.encode() + b"Aang,,,,,\nCaf\x81,,,,,\n", "line 3: not UTF-8"),
        (HEADER + "Aang,,,,," + "x" * 200_000 + "\n", "line 2: field larger than field limit"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, text: str | bytes, complaint: str
) -> None:
    """The first thing wrong is one line: the file, the line, the reason."""
    with pytest.raises(BadUsage, match=complaint) as raised:
        characters(tmp_path, text)
    assert str(raised.value).startswith(f"{tmp_path / 'characters.csv'}, line ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("year", ["c. 1840", "18400", "1840?", "nineteen"])
def test_year_that_is_none_is_refused(tmp_path: Path, year: str) -> None:
    """A years column holds a year or nothing; years before our era are negative."""
    path = tmp_path / "artists.csv"
    path.write_text(f"name,born,died\nApelles,-370,-306\nBo,{year},\n")
    with pytest.raises(BadUsage, match=r"line 3: born is .*, not a year"):
        load_entities("artists", ListFiles(tmp_path))
    path.write_text(f"name,born,died\nApelles,-370,-306\nBo,,{year}\n")
    with pytest.raises(BadUsage, match=r"line 3: died is .*, not a year"):
        load_entities("artists", ListFiles(tmp_path))


def test_unknown_list_and_unreadable_file_are_bad_usage(tmp_path: Path) -> None:
    """Neither is a traceback."""
    with pytest.raises(BadUsage, match="unknown list 'poets'"):
        load_entities("poets")
    (tmp_path / "platforms.csv").mkdir()
    with pytest.raises(BadUsage, match=r"platforms\.csv: Is a directory"):
        load_platforms(ListFiles(tmp_path))


def test_loading_all_tells_what_is_wrong_in_any_list(tmp_path: Path) -> None:
    """Of the folder, of the platforms and of the names; a good folder gives every entity list."""
    artists, platform_list = tmp_path / "artists.csv", tmp_path / "platforms.csv"
    artists.write_text("name\nBo\n")
    platform_list.write_text("domain,platform\na.com,A\n")
    loaded = load_all(ListFiles(tmp_path))
    assert list(loaded) == list(ENTITY_LISTS)
    assert [entity.name for entity in loaded["artists"]] == ["Bo"]
    assert len(loaded["characters"]) > 1  # ours
    platform_list.write_text("domain,platform\na.com,\n")
    with pytest.raises(BadUsage, match=r"platforms\.csv, line 2: a domain and a platform"):
        load_all(ListFiles(tmp_path))
    platform_list.unlink()
    artists.write_text("name\nBo\nbo\n")
    with pytest.raises(BadUsage, match=r"artists\.csv, line 3: 'bo' already stands on line 2"):
        load_all(ListFiles(tmp_path))
    artists.rename(tmp_path / "poets.csv")
    with pytest.raises(BadUsage, match=r"poets\.csv: no list has that name"):
        load_all(ListFiles(tmp_path))


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("a.com,A\n", "line 2: wrong number of cells"),
        (",A,news\n", "line 2: a domain and a platform are needed"),
        ("a.com,,news\n", "line 2: a domain and a platform are needed"),
        ("a.com,A,news\nA.COM,B,news\n", "line 3: a.com occurs twice"),
        ("https://a.com/,A,news\n", "line 2: 'https://a.com/' is no domain"),
        ("a.com,A,news\nb.com,A,stock\n", "line 3: A is 'stock' here and 'news' on line 2"),
    ],
)
def test_platform_list_is_checked_by_line(tmp_path: Path, rows: str, complaint: str) -> None:
    """A domain belongs to one platform, a platform to one category."""
    with pytest.raises(BadUsage, match=complaint):
        platforms(tmp_path, "domain,platform,category\n" + rows)


def test_platforms_are_sorted_and_in_lower_case(tmp_path: Path) -> None:
    """Domains compare with those of the rows, which are in lower case."""
    assert platforms(tmp_path, "domain,platform,category\nB.com,B,x\na.com,A,y\n") == [
        Platform("a.com", "A", "y"),
        Platform("b.com", "B", "x"),
    ]


def test_category_may_be_said_once_in_any_row(tmp_path: Path) -> None:
    """Rows of a platform may leave its category to another of its rows, before or after."""
    listed = platforms(tmp_path, "domain,platform,category\na.com,A,\nb.com,A,news\nc.com,A,\n")
    assert {platform.category for platform in listed} == {"news"}


def test_a_platform_is_ambiguous_as_its_rows_say(tmp_path: Path) -> None:
    """Said once for a platform, and nobody's decision where no row says it."""
    rows = "a.com,A,yes\nb.com,A,\nc.com,C,no\nd.com,D,\n"
    listed = platforms(tmp_path, "domain,platform,ambiguous\n" + rows)
    assert [platform.ambiguous for platform in listed] == [True, True, False, None]


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("a.com,A,perhaps\n", "line 2: ambiguous is yes, no or empty, not 'perhaps'"),
        ("a.com,A,no\nb.com,A,yes\n", "line 3: A is ambiguous 'yes' here and 'no' on line 2"),
    ],
)
def test_a_platform_is_ambiguous_or_not(tmp_path: Path, rows: str, complaint: str) -> None:
    """Yes, no or nothing, and never both."""
    with pytest.raises(BadUsage, match=complaint):
        platforms(tmp_path, "domain,platform,ambiguous\n" + rows)


def test_own_file_may_give_a_platform_of_ours_another_category(tmp_path: Path) -> None:
    """What is added wins, for every domain of the platform."""
    (tmp_path / "platforms.csv").write_text("domain,platform,category\na.com,A,news\nb.com,B,x\n")
    (tmp_path / "more-platforms.csv").write_text("domain,platform,category\nc.com,A,stock\n")
    assert load_platforms(ListFiles(tmp_path)) == [
        Platform("a.com", "A", "stock"),
        Platform("b.com", "B", "x"),
        Platform("c.com", "A", "stock"),
    ]


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (("", "maybe"), "living is yes, no or empty, not 'maybe'"),
        (("1900", "yes"), "living is yes, but died is 1900"),
    ],
)
def test_living_goes_with_the_year_of_death(
    tmp_path: Path, columns: tuple[str, str], complaint: str
) -> None:
    """Nobody lives who has died."""
    (tmp_path / "artists.csv").write_text(f"name,died,living\nJane Doe,{','.join(columns)}\n")
    with pytest.raises(BadUsage, match=f"line 2: {complaint}"):
        load_entities("artists", ListFiles(tmp_path))


def test_nobody_dies_before_being_born(tmp_path: Path) -> None:
    """Two years that cannot both be right are refused."""
    (tmp_path / "artists.csv").write_text("name,born,died\nJane Doe,1990,1980\n")
    with pytest.raises(BadUsage, match="line 2: born 1990 is after died 1980"):
        load_entities("artists", ListFiles(tmp_path))


def test_blank_rows_are_passed_over(tmp_path: Path) -> None:
    """Spreadsheets leave rows of commas at the end."""
    (tmp_path / "artists.csv").write_text("name,type\n,\nJane Doe,painter\n,\n , \n")
    assert [e.name for e in load_entities("artists", ListFiles(tmp_path))] == ["Jane Doe"]


def test_values_of_a_cell_are_trimmed_and_told_once(tmp_path: Path) -> None:
    """`painter | illustrator` is two types, not two with spaces."""
    (tmp_path / "artists.csv").write_text("name,type\nJane Doe, painter | illustrator |painter\n")
    (jane,) = load_entities("artists", ListFiles(tmp_path))
    assert jane.attributes["type"] == "painter|illustrator"


# -- what we ship ----------------------------------------------------------------------------------


@pytest.mark.parametrize("list_name", ENTITY_LISTS)
def test_shipped_list_loads(list_name: str) -> None:
    """Every entity list is without mistakes, sorted, and known to the query language."""
    entities = load_entities(list_name)
    assert entities
    assert [entity.name for entity in entities] == sorted(entity.name for entity in entities)
    assert list_name in LISTS


@pytest.mark.parametrize("list_name", ENTITY_LISTS)
def test_shipped_ambiguous_names_have_context(list_name: str) -> None:
    """A name marked ambiguous says what makes a mention likely, or the count would be zero."""
    lacking = [e.name for e in load_entities(list_name) if e.ambiguous and not e.context]
    assert lacking == []


def test_shipped_platforms_say_whether_their_names_are_ambiguous() -> None:
    """No dictionary is needed for our own list: each row was decided."""
    ambiguous = {platform.platform: platform.ambiguous for platform in load_platforms()}
    assert None not in ambiguous.values()
    told = ("Amazon", "MIT", "Time", "ArtStation", "Flickr", "Pinterest")
    assert [ambiguous[name] for name in told] == [True, True, True, False, False, False]


@pytest.mark.parametrize("list_name", ENTITY_LISTS)
def test_shipped_names_have_a_kind_nearly_always(list_name: str) -> None:
    """The kind ranks a name among its like; few are famous for nothing that has a word."""
    kinds = [entity.attributes[LISTS[list_name].kind] for entity in load_entities(list_name)]
    assert kinds.count("") < len(kinds) / 100


@pytest.mark.parametrize("list_name", ENTITY_LISTS)
def test_shipped_names_that_captions_hold_by_accident_were_looked_at(list_name: str) -> None:
    """Every phrase of one word or of ordinary words says whether it is ambiguous."""
    assert list_remarks(load_entities(list_name)) == []


def test_shipped_platforms_load_and_can_match() -> None:
    """Every listed domain is a registrable domain: any other spelling would never match a row."""
    listed = load_platforms()
    assert listed
    assert [p.domain for p in listed if registrable_domain(p.domain) != p.domain] == []


def test_shipped_platforms_are_told_apart_by_the_index() -> None:
    """No two platforms share the folded name that `platform:` searches for."""
    names = {platform.platform for platform in load_platforms()}
    assert len({fold_name(name) for name in names} - {""}) == len(names)
