"""A name is found in a caption where counting finds it, and stands between what is around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laion_assets.core.site.in_context import AROUND, MOST_LINES, in_context
from laion_assets.core.text.tokens import fold_in_place, tokenise

LETTERS = st.text("aAbé\u0301 -’0ß漢\u200d\u0345", max_size=20)


@pytest.mark.parametrize(
    ("caption", "phrase", "name"),
    [
        ("The singer Pink in concert", "Pink", "Pink"),
        ("PINK!", "pink", "PINK"),
        ("a print by Georgia O’Keeffe, 1926", "Georgia O'Keeffe", "Georgia O’Keeffe"),
        ("Dali\u0301 and others", "Dalí", "Dali\u0301"),
        ("van   -  Gogh", "van gogh", "van   -  Gogh"),
    ],
)
def test_name_is_shown_as_it_is_written(caption: str, phrase: str, name: str):
    """Whatever its case, accents and what stands between its words."""
    (line,) = in_context([caption], [phrase])
    assert line.name == name
    assert line.before + line.name + line.after == caption


@pytest.mark.parametrize("caption", ["pinkish", "a spink", "pi nk", ""])
def test_part_of_a_word_is_no_name(caption: str):
    """As in counting."""
    assert in_context([caption], ["Pink"]) == []


@given(caption=LETTERS, phrase=LETTERS)
def test_found_exactly_where_the_tokens_stand_side_by_side(caption: str, phrase: str):
    """The same rows as those that are counted."""
    whole, part = tokenise(caption), tokenise(phrase)
    size = len(part)
    stands = any(whole[at : at + size] == part for at in range(len(whole) - size + 1))
    found = in_context([caption], [phrase])
    assert bool(found) == (stands and size > 0)
    assert all(tokenise(line.name) == part for line in found)


@given(text=st.text(max_size=30))
def test_folding_in_place_keeps_every_place(text: str):
    """One character for each, and the same tokens."""
    folded = fold_in_place(text)
    assert len(folded) == len(text)
    assert [token for token in folded.replace("\0", "").split(" ") if token] == tokenise(text)


def test_long_captions_are_cut_and_repeated_ones_shown_once():
    """At most so many lines, each short."""
    captions = ["x" * 500 + " pink " + "y" * 500, "pink", "pink", *(f"pink {n}" for n in range(50))]
    lines = in_context(captions, ["pink"])
    assert len(lines) == MOST_LINES
    assert len(lines[0].before) == len(lines[0].after) == AROUND + 1
    assert [line.after for line in lines[1:3]] == ["", " 0"]
