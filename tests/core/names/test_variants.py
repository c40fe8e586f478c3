"""Other spellings: which are tried for a name, why, and which never are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laion_assets.core.names.lists import fold_name
from laion_assets.core.names.variants import KINDS, Variant, all_variants, spelling_variants
from laion_assets.core.text.tokens import tokenise

many = settings(max_examples=300)

#: What names are made of, and what only looks so.
LETTERS = "abdehilmnrstyz ABDLOMZ..-'’ʼ`´øłđßæœıäöüåéñŃĐþŋ漢字İſ\u0301\u0308|()&\x00😀\u200b5"
names = st.text(st.sampled_from(LETTERS), max_size=24) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=12
)


def spellings(*phrases: str, kind: str | None = None) -> list[str]:
    """Return the spellings tried for a name and its aliases, or those of one kind."""
    return [v.spelling for v in spelling_variants(phrases) if kind in (None, v.kind)]


def contains(whole: str, part: str) -> bool:
    """Tell whether the words of `part` stand side by side in `whole`."""
    return f" {part} " in f" {whole} "


# -- the names the study missed --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "spelling"),
    [
        ("MrBeast", "split", "mr beast"),
        ("Mr Beast", "joined", "mrbeast"),
        ("PewDiePie", "split", "pew die pie"),
        ("PewDiePie", "split", "pewdie pie"),
        ("Charli D'Amelio", "without apostrophe", "charli damelio"),
        ("Charli D’Amelio", "without apostrophe", "charli damelio"),
        ("Charli Damelio", "with apostrophe", "charli d amelio"),
        ("Georgia O'Keeffe", "without apostrophe", "georgia okeeffe"),
        ("J. R. R. Tolkien", "initials", "jrr tolkien"),
        ("JRR Tolkien", "initials", "j r r tolkien"),
        ("John Ronald Tolkien", "initials", "j tolkien"),
        ("Zdzisław Beksiński", "plain letters", "zdzislaw beksinski"),
        ("Samuel L. Jackson", "without middle initial", "samuel jackson"),
        ("Jörg", "plain letters", "joerg"),
        ("Weiß", "plain letters", "weiss"),
        ("Søren", "plain letters", "soren"),
        ("Søren", "plain letters", "soeren"),
        ("Spider-Man", "joined", "spiderman"),
        ("Greg Rutkowski", "joined", "gregrutkowski"),
        ("Greg Rutkowski", "initials", "g rutkowski"),
        ("Greg Rutkowski", "surname first", "rutkowski greg"),
        ("Vincent van Gogh", "surname first", "van gogh vincent"),
        ("Vincent van Gogh", "joined", "vincent vangogh"),
        ("Leonardo d'Angelo", "surname first", "d angelo leonardo"),
    ],
)
def test_spelling_that_captions_use_is_tried(name: str, kind: str, spelling: str) -> None:
    """Each with the reason why it might occur."""
    assert Variant(kind, spelling) in spelling_variants([name])


@pytest.mark.parametrize(
    ("name", "never"),
    [
        ("Ace Young", "a young"),  # an article, not Ace
        ("Ivan Young", "i young"),
        ("Jay-Z", "j z"),  # a last name that says nothing
        ("Zendaya", "ze ndaya"),  # halves of two letters match by accident
        ("Zendaya", "zenda ya"),
        ("Jörg", "jorg"),  # FTS5 folds it already: it is the name itself
        ("Samuel L. Jackson", "samuel"),
        ("Ledell", "l edell"),  # no apostrophe makes so short a word
        ("Bob Ross", "ross"),
        ("Bob Ross", "bob"),
    ],
)
def test_spelling_that_would_mean_others_is_not_tried(name: str, never: str) -> None:
    """Articles, single letters and halves that ordinary captions are full of."""
    assert never not in spellings(name)


def test_single_word_is_cut_where_both_halves_say_something() -> None:
    """Anywhere, as long as each half has three letters; a shorter word stays whole."""
    assert spellings("Beeple") == ["bee ple"]
    assert spellings("Banksy1") == ["ban ksy1", "bank sy1"]
    assert spellings("Link") == []


def test_every_spelling_of_a_name_is_as_counted_by_hand() -> None:
    """All that is tried for one name, in the order of the kinds."""
    assert spelling_variants(["Samuel L. Jackson"]) == [
        Variant("joined", "samuelljackson"),
        Variant("initials", "s l jackson"),
        Variant("initials", "sl jackson"),
        Variant("initials", "s jackson"),
        Variant("without middle initial", "samuel jackson"),
        Variant("surname first", "jackson samuel l"),
    ]


# -- what is left out ------------------------------------------------------------------------------


def test_spelling_in_which_an_alias_occurs_is_left_out() -> None:
    """Captions with it have the name already: it would find nothing new."""
    assert "van gogh vincent" in spellings("Vincent van Gogh")
    assert "van gogh vincent" not in spellings("Vincent van Gogh", "Van Gogh")
    assert "mr beast" not in spellings("MrBeast", "Mr. Beast")


def test_spelling_that_two_phrases_suggest_is_tried_once() -> None:
    """Under the kind by which it came first."""
    found = spellings("Charli D'Amelio", "Charli DAmelio", "charli damelio")
    assert found.count("charlidamelio") == 1


def test_nothing_is_tried_for_what_cannot_be_named() -> None:
    """Without a letter there is no spelling; with no phrase neither."""
    assert spelling_variants(["!?"]) == []
    assert spelling_variants([""]) == []
    assert spelling_variants([]) == []


def test_marks_typed_apart_make_the_same_spellings() -> None:
    """A letter and its mark, or the two as one character."""
    assert spelling_variants(["Jo\u0308rg Mu\u0308ller"]) == spelling_variants(["Jörg Müller"])
    assert "joerg mueller" in spellings("Jo\u0308rg Mu\u0308ller")


def test_case_makes_no_other_spellings_but_where_capitals_join_words() -> None:
    """`MRBEAST` hides where its words meet, and is cut anywhere instead."""
    assert spellings("GREG RUTKOWSKI") == spellings("greg rutkowski")
    assert set(spellings("mrbeast")) == {"mrb east", "mrbe ast"}


# -- properties ------------------------------------------------------------------------------------


@many
@given(st.lists(names, max_size=4))
def test_any_text_has_spellings_that_can_be_looked_for(phrases: list[str]) -> None:
    """Each is what it folds to, of a known kind, once, and holds none of the phrases."""
    own = [folded for phrase in phrases if (folded := fold_name(phrase))]
    found = spelling_variants(phrases)
    assert len({variant.spelling for variant in found}) == len(found)
    for variant in found:
        assert variant.spelling
        assert fold_name(variant.spelling) == variant.spelling
        assert variant.kind in KINDS
        assert not any(contains(variant.spelling, phrase) for phrase in own)


@many
@given(st.lists(names, max_size=4))
def test_spellings_come_in_the_order_of_their_kinds(phrases: list[str]) -> None:
    """The same every time, the surer kinds first."""
    order = list(KINDS)
    places = [order.index(variant.kind) for variant in spelling_variants(phrases)]
    assert places == sorted(places)


@many
@given(names)
def test_only_plain_letters_add_letters(name: str) -> None:
    """Every other kind moves, joins, cuts or drops letters of the name as it is folded."""
    letters = sorted("".join(tokenise(name)))
    for variant in spelling_variants([name]):
        if variant.kind != "plain letters":
            remaining = list(letters)
            for letter in variant.spelling.replace(" ", ""):
                assert letter in remaining
                remaining.remove(letter)


# -- many names ------------------------------------------------------------------------------------


def test_all_variants_say_whose_they_are() -> None:
    """By the number of the name; one without any is passed over."""
    assert all_variants([("Beeple",), ("Link",), ("Mr Beast", "Jimmy Donaldson")]) == [
        (0, Variant("split", "bee ple")),
        *((2, variant) for variant in spelling_variants(["Mr Beast", "Jimmy Donaldson"])),
    ]
