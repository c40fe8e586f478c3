"""Coverage: reading somebody's names from whatever file they are in, and comparing with ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.names.coverage import Coverage, compare_names, read_names
from laion_assets.core.names.lists import Entity


def entities(*rows: tuple[str, ...]) -> list[Entity]:
    """Return rows of a list, each given as its name and aliases."""
    return [
        Entity(name, tuple(aliases), ambiguous=False, context=(), attributes={})
        for name, *aliases in rows
    ]


OURS = {
    "artists": entities(("A. J. Casson", "AJ Casson"), ("Pieter de Hooch",), ("Erté",)),
    "celebrities": entities(("MrBeast", "Mr Beast"), ("Zoë Kravitz",)),
    "characters": entities(("Erte", "Erté the Cat")),
}


def lacking(*names: str) -> list[str]:
    """Return which of some names are on no list of ours."""
    (coverage,) = compare_names({"theirs": names}, OURS)
    return list(coverage.lacking)


# -- comparing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "A. J. Casson",
        "A.J.Casson",
        "ajcasson",
        "Casson, A. J.",
        "Hooch, Pieter de",
        "PIETER DE HOOCH",
        "Pieter-de Hooch",
        "Erté (Romain de Tirtoff)",
        "Romain de Tirtoff (Erté)",
        "Zoe Kravitz",
        "mr. beast",
        "Mrbeast",
    ],
)
def test_spellings_of_a_name_agree(name: str) -> None:
    """In any order, written as one, without marks, with another name in brackets, by an alias."""
    assert lacking(name) == []


@pytest.mark.parametrize(
    "name", ["Casson", "Pieter Hooch", "Pieter de Hooch II", "Beast", "Romain de Tirtoff"]
)
def test_part_of_a_name_is_another_name(name: str) -> None:
    """Neither fewer words nor more are the same name."""
    assert lacking(name) == [name]


def test_groups_are_compared_apart() -> None:
    """How many names, which we lack in their order, and on which of our lists the others are."""
    groups = {
        "painters": ["Nobody Known", "Pieter de Hooch", "Another Person"],
        "people": ["Zoe Kravitz", "Mr Beast", "A.J. Casson"],
        "none": [],
    }
    assert compare_names(groups, OURS) == [
        Coverage("painters", 3, ("Nobody Known", "Another Person"), {"artists": 1}),
        Coverage("people", 3, (), {"artists": 1, "celebrities": 2}),
        Coverage("none", 0, (), {}),
    ]


def test_a_name_on_two_lists_is_counted_on_the_first() -> None:
    """So that what is held and what is lacking add up to the names."""
    assert compare_names({"x": ["Erté"]}, OURS) == [Coverage("x", 1, (), {"artists": 1})]


def test_a_name_given_twice_is_one_name() -> None:
    """As it is first spelled; names without a letter are none."""
    names = ["Nobody Known", "NOBODY KNOWN", "nobody-known", "?!", "", "Zoë Kravitz", "Zoe Kravitz"]
    assert compare_names({"x": names}, OURS) == [
        Coverage("x", 2, ("Nobody Known",), {"celebrities": 1})
    ]


def test_words_in_another_order_agree_after_a_comma_only() -> None:
    """A catalogue's order is known by its comma; other names may be other people."""
    assert lacking("Kravitz, Zoë") == []
    assert lacking("Kravitz Zoë") == ["Kravitz Zoë"]


def test_what_is_lacking_keeps_its_order() -> None:
    """The first time a name is given counts."""
    (found,) = compare_names({"x": ["Zz Top", "Aa Top", "ZZ TOP"]}, {})
    assert found.lacking == ("Zz Top", "Aa Top")


def test_against_no_lists_everything_is_lacking() -> None:
    """Comparing needs no names of ours."""
    assert compare_names({"x": ["A", "B"]}, {}) == [Coverage("x", 2, ("A", "B"), {})]


# -- reading ---------------------------------------------------------------------------------------


def read(tmp_path: Path, name: str, text: str | bytes) -> dict[str, list[str]]:
    """Read names from a file of that content."""
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_names(path)


@pytest.mark.parametrize("name", ["theirs.txt", "theirs", "theirs.md"])
def test_plain_text_has_a_name_a_line(tmp_path: Path, name: str) -> None:
    """Trimmed; lines without a letter are no names; the group is the file's stem."""
    text = "\ufeffGreg Rutkowski\r\n  Beeple \n\n---\nZdzisław Beksiński"
    assert read(tmp_path, name, text) == {
        "theirs": ["Greg Rutkowski", "Beeple", "Zdzisław Beksiński"]
    }


@pytest.mark.parametrize(
    "column", ["name", "Name", "ARTIST", "celebrity", "character", "display_name", "title"]
)
def test_csv_has_a_column_of_names(tmp_path: Path, column: str) -> None:
    """Under one of the usual names, in any case, wherever it stands."""
    text = f'rank,{column},born\n1,"Hooch, Pieter de",1629\n2,Beeple,\n3,,\n'
    assert read(tmp_path, "theirs.csv", text) == {"theirs": ["Hooch, Pieter de", "Beeple"]}


def test_csv_may_say_the_group(tmp_path: Path) -> None:
    """A column `list` tells several lists in one file apart; without a group it is the stem."""
    text = "name,list\nBeeple,artists\nZendaya,people\nBanksy,artists\nSomebody,\n"
    assert read(tmp_path, "all.csv", text) == {
        "artists": ["Beeple", "Banksy"],
        "people": ["Zendaya"],
        "all": ["Somebody"],
    }


def test_the_first_of_several_columns_of_names_counts(tmp_path: Path) -> None:
    """A title beside a name is a picture's, not a person's."""
    text = "title,name\nEverydays,Beeple\n"
    assert read(tmp_path, "theirs.csv", text) == {"theirs": ["Beeple"]}


def test_tsv_is_split_at_tabs(tmp_path: Path) -> None:
    """Commas belong to the names."""
    text = "artist\tborn\nHooch, Pieter de\t1629\n"
    assert read(tmp_path, "theirs.TSV", text) == {"theirs": ["Hooch, Pieter de"]}


def test_quotation_marks_of_tsv_are_text(tmp_path: Path) -> None:
    """A mark that is never closed swallows nothing; in CSV it is told with its line."""
    text = 'artist\n"Weird Al\nBanksy\n'
    assert read(tmp_path, "x.tsv", text) == {"x": ['"Weird Al', "Banksy"]}
    with pytest.raises(BadUsage, match="line 2: unexpected end of data"):
        read(tmp_path, "x.csv", text)


def test_half_a_character_is_replaced(tmp_path: Path) -> None:
    """JSON can spell a lone surrogate, which nothing can print or write."""
    assert read(tmp_path, "x.json", r'["\ud800abc"]') == {"x": ["?abc"]}


@pytest.mark.parametrize(
    "value",
    [
        ["Beeple", "Banksy"],
        [{"name": "Beeple", "born": 1981}, {"name": "Banksy", "works": ["Girl with Balloon"]}],
        {"count": 2, "artists": {"known": ["Beeple"], "unknown": [{"name": "Banksy"}]}},
        [["Beeple"], [[["Banksy"]]], 5, None, True],
    ],
)
def test_json_has_names_at_any_place(tmp_path: Path, value: object) -> None:
    """Lists of texts or of objects with a name; other values are no names."""
    assert read(tmp_path, "theirs.json", json.dumps(value)) == {"theirs": ["Beeple", "Banksy"]}


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("x.csv", "painter,born\nBeeple,1981\n", "no column of names; one of name, artist, "),
        ("x.csv", "", "no column of names"),
        ("x.csv", "name\n", "no column of names"),
        ("x.csv", "name\n??\n", "no names found in it"),
        ("x.csv", "name\n" + "x" * 200_000, "field larger than field limit"),
        ("x.json", "[", "not JSON"),
        ("x.json", "[" * 200_000, "not JSON"),
        ("x.json", '{"artist": "Beeple"}', "no names found in it"),
        ("x.txt", "", "no names found in it"),
        ("x.txt", b"Jos\x81\n", "line 1: not UTF-8; save it as CSV UTF-8"),
    ],
)
def test_a_file_without_names_is_bad_usage(
    tmp_path: Path, name: str, content: str | bytes, complaint: str
) -> None:
    """One line with the file and the reason."""
    with pytest.raises(BadUsage, match=complaint) as raised:
        read(tmp_path, name, content)
    assert str(raised.value).startswith(f"{tmp_path / name}")
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_bad_usage(tmp_path: Path) -> None:
    """Like any other that cannot be read."""
    with pytest.raises(BadUsage, match="No such file"):
        read_names(tmp_path / "nowhere.txt")
