"""The files of the lists: which ones count, how a folder of one's own replaces or adds to ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.names.list_files import ListFiles, file_remarks, list_path, read_lines
from laion_assets.core.names.lists import Platform, load_entities, load_platforms
from laion_assets.core.names.registry import ALL_LISTS, ENTITY_LISTS
from tests.building import use_small_lists

COLUMNS = "name,aliases,ambiguous,context,type\n"


def folder_of(tmp_path: Path, **texts: str) -> ListFiles:
    """Write a folder of lists, `more_artists` as more-artists.csv, and return its files."""
    folder = tmp_path / "own lists"
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name.replace('_', '-')}.csv").write_text(text, encoding="utf-8")
    return ListFiles(folder)


def names(files: ListFiles, list_name: str = "artists") -> list[str]:
    """Return the names of a list."""
    return [entity.name for entity in load_entities(list_name, files)]


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of a few names in the place of the shipped ones."""
    use_small_lists(tmp_path / "ours", monkeypatch)


# -- which files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("list_name", ALL_LISTS)
def test_without_a_folder_the_lists_are_ours(list_name: str) -> None:
    """One file each, and nothing of the user's to digest."""
    assert ListFiles().paths(list_name) == (list_path(list_name),)
    assert ListFiles().digest(list_name) == ""
    ListFiles().check()


def test_a_folder_says_something_of_the_lists_it_holds_only(tmp_path: Path) -> None:
    """A list of the same name replaces ours, one named more- is read after it; others are ours."""
    files = folder_of(tmp_path, artists="name\n", more_artists="name\n", more_characters="name\n")
    folder = tmp_path / "own lists"
    assert files.paths("artists") == (folder / "artists.csv", folder / "more-artists.csv")
    assert files.paths("characters") == (list_path("characters"), folder / "more-characters.csv")
    assert files.paths("celebrities") == (list_path("celebrities"),)
    files.check()


def test_a_missing_folder_is_bad_usage(tmp_path: Path) -> None:
    """So is a file in its place."""
    with pytest.raises(BadUsage, match="nowhere: no such folder of lists"):
        ListFiles(tmp_path / "nowhere").check()
    (tmp_path / "file.csv").write_text("name\n")
    with pytest.raises(BadUsage, match=r"file\.csv: no such folder of lists"):
        ListFiles(tmp_path / "file.csv").check()


@pytest.mark.parametrize("name", ["artist", "more_artist", "morecharacters", "Artists"])
def test_a_csv_that_is_no_list_is_refused_by_name(tmp_path: Path, name: str) -> None:
    """A list under a wrong name would be passed over in silence; the right names are told."""
    with pytest.raises(
        BadUsage, match=r"no list has that name; there are artists\.csv, more-artists\.csv"
    ):
        folder_of(tmp_path, **{name: "name\n"}).check()


def test_other_files_in_the_folder_do_no_harm(tmp_path: Path) -> None:
    """Notes and spreadsheets may lie beside the lists."""
    files = folder_of(tmp_path, artists="name\nBo\n")
    (tmp_path / "own lists" / "README.md").write_text("mine")
    (tmp_path / "own lists" / "artists.ods").write_bytes(b"PK")
    files.check()
    assert names(files) == ["Bo"]


# -- replacing and adding --------------------------------------------------------------------------


@pytest.mark.usefixtures("ours")
def test_a_list_of_the_same_name_replaces_ours(tmp_path: Path) -> None:
    """None of our names is left in it; the other lists stay."""
    files = folder_of(tmp_path, artists="name\nSomebody New\n")
    assert names(files) == ["Somebody New"]
    assert names(files, "characters") == names(ListFiles(), "characters") == ["Batman"]


@pytest.mark.usefixtures("ours")
def test_more_names_are_added_to_ours(tmp_path: Path) -> None:
    """In the order of the alphabet, wherever they come from."""
    files = folder_of(tmp_path, more_artists="name\nBeeple\nZdzisław Beksiński\n")
    assert names(files) == [
        "Absent Artist", "Beeple", "Thomas Kinkade", "Vincent van Gogh", "Zdzisław Beksiński",
    ]  # fmt: skip


@pytest.mark.usefixtures("ours")
def test_a_row_with_the_name_of_ours_takes_its_place(tmp_path: Path) -> None:
    """Whole, however the name is typed: what the new row leaves empty is not taken from ours."""
    files = folder_of(tmp_path, more_artists="name,type\nVINCENT VAN-GOGH,sculptor\n")
    (gogh,) = [e for e in load_entities("artists", files) if e.phrases[0].startswith("VINCENT")]
    assert (gogh.aliases, gogh.attributes["type"], gogh.attributes["born"]) == ((), "sculptor", "")
    assert gogh.where == "more-artists.csv, line 2"
    assert names(files) == ["Absent Artist", "Thomas Kinkade", "VINCENT VAN-GOGH"]


@pytest.mark.usefixtures("ours")
def test_a_replaced_rows_aliases_are_free(tmp_path: Path) -> None:
    """Another row may take what ours had claimed."""
    text = "name,aliases\nVincent van Gogh,\nTheo van Gogh,Van Gogh\n"
    assert "Theo van Gogh" in names(folder_of(tmp_path, more_artists=text))


def test_a_replacement_can_be_added_to_as_well(tmp_path: Path) -> None:
    """Both files of the user's together are the list."""
    files = folder_of(tmp_path, artists="name,born\nBo,1900\nAl,\n", more_artists="name\nbo\nCy\n")
    assert [(e.name, e.attributes["born"]) for e in load_entities("artists", files)] == [
        ("Al", ""),
        ("Cy", ""),
        ("bo", ""),
    ]


@pytest.mark.usefixtures("ours")
def test_an_added_alias_that_is_another_rows_phrase_is_told_with_both_places(
    tmp_path: Path,
) -> None:
    """The mistake names the user's line, and the file and line of the row that has it."""
    files = folder_of(tmp_path, more_artists="name,aliases\nTheo,\nBo,van gogh\n")
    with pytest.raises(BadUsage) as raised:
        load_entities("artists", files)
    assert str(raised.value) == (
        f"{tmp_path / 'own lists' / 'more-artists.csv'}, line 3: 'van gogh' already stands "
        "on line 3 of artists.csv (Vincent van Gogh)"
    )


@pytest.mark.usefixtures("ours")
def test_a_name_twice_in_the_added_file_is_a_mistake(tmp_path: Path) -> None:
    """Only another file's row can be replaced."""
    files = folder_of(tmp_path, more_artists="name\nThomas Kinkade\nthomas kinkade\n")
    with pytest.raises(BadUsage, match=r"line 3: 'thomas kinkade' already stands on line 2 \("):
        load_entities("artists", files)


@pytest.mark.parametrize("list_name", ENTITY_LISTS)
def test_an_empty_replacement_is_an_empty_list(tmp_path: Path, list_name: str) -> None:
    """A header alone says that there are no names."""
    assert names(folder_of(tmp_path, **{list_name: "name\n"}), list_name) == []


@pytest.mark.usefixtures("ours")
def test_platforms_are_added_and_replaced_by_domain(tmp_path: Path) -> None:
    """A domain of ours gets the owner the user says; the category column may be missing."""
    more = "domain,platform\nArt.example,My Gallery\npinimg.com,My Pins\n"
    files = folder_of(tmp_path, more_platforms=more)
    assert load_platforms(files) == [
        Platform("art.example", "My Gallery", ""),
        Platform("pinimg.com", "My Pins", ""),
    ]


@pytest.mark.usefixtures("ours")
def test_a_domain_added_to_a_platform_of_ours_has_its_category(tmp_path: Path) -> None:
    """Nobody needs to repeat what our list says of the platform."""
    files = folder_of(tmp_path, more_platforms="domain,platform\npinterest.example,Pinterest\n")
    assert load_platforms(files)[1] == Platform("pinterest.example", "Pinterest", "social")


def test_platforms_need_a_domain_and_an_owner_column(tmp_path: Path) -> None:
    """Nothing else is needed, and what is missing is said."""
    files = folder_of(tmp_path, platforms="domain,category\na.com,news\n")
    with pytest.raises(BadUsage, match=r"platforms\.csv, line 1: no column platform"):
        load_platforms(files)


# -- digests ---------------------------------------------------------------------------------------


def test_a_digest_follows_the_content_of_a_lists_own_files(tmp_path: Path) -> None:
    """It changes with the text and with whether it replaces or adds; other lists' stay empty."""
    added = folder_of(tmp_path, more_artists="name\nBo\n").digest("artists")
    (tmp_path / "own lists" / "more-artists.csv").rename(tmp_path / "own lists" / "artists.csv")
    replaced = folder_of(tmp_path).digest("artists")
    changed = folder_of(tmp_path, artists="name\nAl\n").digest("artists")
    both = folder_of(tmp_path, more_artists="name\nBo\n").digest("artists")
    assert len({added, replaced, changed, both, ""}) == 5
    assert folder_of(tmp_path).digest("characters") == ""


def test_a_digest_is_what_was_there_before_the_list_was_read(tmp_path: Path) -> None:
    """A list saved while a build runs is noticed by the next: stamps carry the older digest."""
    files = folder_of(tmp_path, artists="name\nJane Doe\n")
    before = files.digest("artists")
    changed = folder_of(tmp_path, artists="name\nJohn Doe\n")
    assert files.digest("artists") == before
    assert changed.digest("artists") != before


def test_a_folder_that_went_away_is_never_replaced_by_our_lists(tmp_path: Path) -> None:
    """An unmounted disk is an error, not another site."""
    files = folder_of(tmp_path, artists="name\nJane Doe\n")
    (tmp_path / "own lists").rename(tmp_path / "elsewhere")
    for ask in (files.paths, files.digest):
        with pytest.raises(BadUsage, match="no such folder of lists; bring it back"):
            ask("artists")


@pytest.mark.parametrize("name", ["artists.CSV", "artists.csv.txt", "Artists.csv"])
def test_a_list_under_a_slightly_wrong_name_is_refused(tmp_path: Path, name: str) -> None:
    """Not passed over in silence."""
    (tmp_path / name).write_text("name\nJane Doe\n", encoding="utf-8")
    with pytest.raises(BadUsage, match="no list has that name"):
        ListFiles(tmp_path).check()


def test_a_folder_without_a_list_is_refused(tmp_path: Path) -> None:
    """It was named for nothing; a link that leads nowhere is told when it is read."""
    with pytest.raises(BadUsage, match=r"no list in it; there are artists\.csv"):
        ListFiles(tmp_path).check()
    (tmp_path / "artists.csv").symlink_to(tmp_path / "nowhere.csv")
    ListFiles(tmp_path).check()
    with pytest.raises(BadUsage, match=r"artists\.csv: No such file"):
        load_entities("artists", ListFiles(tmp_path))


def test_a_digest_does_not_depend_on_where_the_folder_is(tmp_path: Path) -> None:
    """A build on another machine is the same build."""
    digests = set()
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        digests.add(folder_of(tmp_path / place, artists="name\nBo\n").digest("artists"))
    assert len(digests) == 1


# -- rows ------------------------------------------------------------------------------------------


def test_lines_are_numbered_as_an_editor_does(tmp_path: Path) -> None:
    """A quoted cell over several lines makes its row end further down; cells are trimmed."""
    path = tmp_path / "x.csv"
    path.write_text('name,note\n Bo , a\n"Al","one\ntwo"\nCy,\n', encoding="utf-8")
    lines = read_lines(path, ("name",))
    assert [(line.number, line.cell("name")) for line in lines] == [(2, "Bo"), (4, "Al"), (5, "Cy")]
    assert lines[0].cells == {"name": "Bo", "note": "a"}
    assert lines[0].cell("born") == ""
    assert str(lines[0].wrong("is odd")) == f"{path}, line 2: is odd"


def test_a_header_without_rows_is_no_rows(tmp_path: Path) -> None:
    """An empty list is one; a file without a header is not."""
    path = tmp_path / "x.csv"
    path.write_text("name\n")
    assert read_lines(path, ("name",)) == []
    path.write_bytes(b"")
    with pytest.raises(BadUsage, match=r"x\.csv, line 1: no column name, born"):
        read_lines(path, ("name", "born"))


def test_a_file_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    """The system's reason, no traceback."""
    with pytest.raises(BadUsage, match=r"x\.csv: No such file or directory"):
        read_lines(tmp_path / "x.csv", ("name",))


# -- spreadsheets ----------------------------------------------------------------------------------


def excel(text: str, encoding: str, separator: str) -> bytes:
    """Return a list as a spreadsheet saves it: empty columns and rows at the end, CRLF."""
    return text.replace(",", separator).replace("\n", f"{separator * 2}\r\n").encode(encoding)


@pytest.mark.parametrize(
    ("encoding", "separator", "start"),
    [
        ("utf-8-sig", ";", ""),
        ("utf-8-sig", ";", "sep=;\r\n"),
        ("utf-16", "\t", ""),
        ("cp1252", ";", ""),
        ("cp1252", ",", "sep=,\r\n"),
    ],
)
def test_a_list_saved_by_a_spreadsheet_is_the_same_list(
    tmp_path: Path, encoding: str, separator: str, start: str
) -> None:
    """Separators, marks, capitals and blanks in headings and empty cells make no difference."""
    text = "Name, ALIASES ,type\nRené Müller,R. M.|Müller,painter\nBo,,\n,,\n"
    content = start.encode(encoding) + excel(text, encoding.removesuffix("-sig"), separator)
    files = folder_of(tmp_path, artists="")
    path = tmp_path / "own lists" / "artists.csv"
    path.write_bytes(content if encoding != "utf-16" else excel(start + text, encoding, separator))
    entities = load_entities("artists", files)
    assert [(e.name, e.aliases, e.attributes["type"]) for e in entities] == [
        ("Bo", (), ""),
        ("René Müller", ("R. M.", "Müller"), "painter"),
    ]
    remarks = file_remarks(files)
    assert remarks == (
        [f"{path}: read as Windows-1252; save it as CSV UTF-8 if letters are wrong"]
        if encoding == "cp1252"
        else []
    )


def test_a_cell_without_a_heading_is_told(tmp_path: Path) -> None:
    """Empty ones under no heading are what spreadsheets write; one with something in it is lost."""
    path = tmp_path / "x.csv"
    path.write_text("name;type;;\nBo;painter;;\nAl;painter;;note\n")
    with pytest.raises(BadUsage, match="line 3: cell 4 is not empty and has no heading"):
        read_lines(path, ("name",), ("name", "type"))
