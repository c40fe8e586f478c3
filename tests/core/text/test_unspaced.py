"""Which characters are letters of scripts without spaces, and that browsers hear of it."""

from __future__ import annotations

import itertools
import json

import pytest

from laion_assets.core.site.statics import tokens_script
from laion_assets.core.text.tables import (
    TOKEN,
    browser_table,
    character_tables,
    table_text,
    unspaced_ranges,
)


def is_unspaced(character: str) -> bool:
    """Tell whether a character is in the ranges."""
    ranges = unspaced_ranges()
    pairs = zip(ranges[::2], ranges[1::2], strict=True)
    return any(low <= ord(character) <= high for low, high in pairs)


@pytest.mark.parametrize("character", "漢々〇かカｶーกກកက𠀀㐀豈")
def test_letters_of_scripts_without_spaces(character: str) -> None:
    """Han, both kanas, Thai, Lao, Khmer and Burmese letters are in the ranges."""
    assert is_unspaced(character)


@pytest.mark.parametrize("character", "aя한1๑០、。 ิ\ue000")
def test_other_characters_are_not_among_them(character: str) -> None:
    """Other scripts, digits, marks and punctuation are not."""
    assert not is_unspaced(character)


def test_ranges_are_sorted_tokens_that_folding_leaves_alone() -> None:
    """Every character in them is one of a token, by itself; ranges do not touch."""
    ranges = unspaced_ranges()
    pairs = list(zip(ranges[::2], ranges[1::2], strict=True))
    assert all(low <= high for low, high in pairs)
    assert all(a < b - 1 for (_, a), (b, _) in itertools.pairwise(pairs))
    tables = character_tables()
    for low, high in pairs:
        assert (tables.classes[low : high + 1] == TOKEN).all()
        assert (tables.folds[low : high + 1] == range(low, high + 1)).all()


def test_browsers_get_the_ranges_with_the_token_table() -> None:
    """The published table is the token table and the key `unspaced`."""
    table = json.loads(browser_table())
    assert table.pop("unspaced") == unspaced_ranges()
    assert table == json.loads(table_text())
    assert '"unspaced":[' in tokens_script().content.decode()
