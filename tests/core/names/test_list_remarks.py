"""Remarks: which names of a list captions hold by accident, and how a row answers."""

from __future__ import annotations

import pytest

from laion_assets.core.names.list_remarks import is_ordinary, list_remarks
from laion_assets.core.names.lists import Entity


def entity(
    name: str,
    *aliases: str,
    ambiguous: str = "",
    context: tuple[str, ...] = (),
    where: str = "characters.csv, line 2",
) -> Entity:
    """Return a row with what its cell `ambiguous` says."""
    return Entity(
        name, aliases, ambiguous == "yes", context, {}, decided=bool(ambiguous), where=where
    )


@pytest.mark.parametrize(
    "phrase", ["Iron Man", "IRON-MAN", "Beast", "Black Widow", "Queen of hearts"]
)
def test_words_of_the_dictionary_are_ordinary(phrase: str) -> None:
    """However they are typed, and however many."""
    assert is_ordinary(phrase)


@pytest.mark.parametrize(
    "phrase",
    [
        "Thomas Kinkade",
        "Beeple",
        "Bill",
        "Jack Flower",
        "Mario",
        "Zendaya",
        "Iron Gandalf",
        "…",
        "",
    ],
)
def test_names_are_not_ordinary(phrase: str) -> None:
    """A word that is also a proper name makes no name ordinary; nor do words nobody knows."""
    assert not is_ordinary(phrase)


def test_one_word_and_ordinary_words_are_told_with_their_place() -> None:
    """Name and aliases each, in the order of the list, with the file and line."""
    rows = [
        entity("Beeple", "Mike Winkelmann", where="artists.csv, line 7"),
        entity("Tony Stark", "Iron Man", "Ironman"),
    ]
    assert list_remarks(rows) == [
        "artists.csv, line 7: 'Beeple' is one word",
        "characters.csv, line 2: 'Iron Man' is made of ordinary words",
        "characters.csv, line 2: 'Ironman' is one word",
    ]


def test_plain_names_of_people_are_left_alone() -> None:
    """Two words that are nobody's vocabulary need no decision."""
    assert list_remarks([entity("Thomas Kinkade", "Tom Kinkade"), entity("Greg Rutkowski")]) == []


def test_one_word_is_a_matter_of_tokens() -> None:
    """A hyphen makes two words of it, an apostrophe too; a full stop at the end does not."""
    assert list_remarks([entity("Jay-Z"), entity("D'Angelo")]) == []
    assert len(list_remarks([entity("Fergie.")])) == 1


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_row_that_answers_is_not_asked_again(answer: str) -> None:
    """Somebody looked: neither its name nor its aliases are told."""
    assert list_remarks([entity("Link", "Hero", ambiguous=answer, context=("zelda",))]) == []


def test_ambiguous_without_context_is_told() -> None:
    """Without context words no mention is ever a likely one."""
    assert list_remarks([entity("Link", ambiguous="yes", where="mine.csv, line 3")]) == [
        "mine.csv, line 3: 'Link' is ambiguous but has no context words"
    ]


def test_no_rows_no_remarks() -> None:
    """An empty list is all right."""
    assert list_remarks([]) == []
