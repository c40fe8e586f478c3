"""Repair: each rule of the contract on the dirt it is for, and on what it must leave alone."""

from __future__ import annotations

import re

import duckdb
import pytest

from laion_assets.core.cleaning.repair import RULES, SUSPECT, repair_caption


def repaired(text: str) -> str:
    """Return the repaired caption alone."""
    return repair_caption(text)[0]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ('"Sunset"', "Sunset"),
        ('"""Sunset"""', '"Sunset"'),
        ('"say ""cheese"" now"', 'say "cheese" now'),
        ('""', ""),
        ('""""', '"'),
    ],
)
def test_leaked_csv_quotes_are_undone(found: str, expected: str) -> None:
    """Quoting that leaked from CSV goes; the quotation marks it stood for stay."""
    assert repair_caption(found) == (expected, ["quotes"])


@pytest.mark.parametrize(
    "text", ['"One" and "Two"', '6" by 4" print', '"', '"unclosed', 'closed"', '"a"b"']
)
def test_quotation_marks_of_the_caption_itself_stay(text: str) -> None:
    """Marks that do not enclose the whole caption, or not as CSV does, are its own."""
    assert repair_caption(text) == (text, [])


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("&lt;b&gt;bold&lt;/b&gt;", "<b>bold</b>"),
        ("caf&eacute; &#233;&#xE9;", "café éé"),
        ("&amp;amp;", "&amp;"),
        ("&#0; &#xD800; &#x110000;", "\ufffd \ufffd \ufffd"),
    ],
)
def test_entities_are_decoded_once(found: str, expected: str) -> None:
    """Named and numeric entities become their characters; what that yields is not decoded again."""
    assert repair_caption(found) == (expected, ["entities"])


@pytest.mark.parametrize("text", ["<b>bold</b>", "AT&T", "fish & chips", "a &nosuch; b"])
def test_tags_and_plain_ampersands_stay(text: str) -> None:
    """Tags are text, and an ampersand that starts no entity is one."""
    assert repair_caption(text) == (text, [])


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("&#" + "0" * 5_000 + "65;", "A"),
        ("&#" + "1" * 5_000 + ";", "\ufffd"),
        ("&#" + "0" * 5_000 + ";", "\ufffd"),
        ("&#x" + "f" * 5_000 + ";", "\ufffd"),
        ("&#00000065;", "A"),
        ("&#00000000065 x", "A x"),
    ],
)
def test_references_of_any_length_are_decoded(reference: str, expected: str) -> None:
    """Thousands of digits in an entity, too many for int(), are no error."""
    assert repaired(reference) == expected


@pytest.mark.parametrize("space", [*"\t\n\x0b\x0c\r\x85\xa0\u1680\u2003\u2028\u2029\u202f\u3000"])
def test_whitespace_of_any_kind_becomes_one_space(space: str) -> None:
    """NBSP, line ends and the rest of Unicode's white space fold to one plain space."""
    assert repair_caption(f"a{space} {space}b") == ("a b", ["whitespace"])


@pytest.mark.parametrize("character", [*"\u180e\u200b\u200c\u200d\u2060\u2064\ufeff"])
def test_zero_width_characters_become_a_space(character: str) -> None:
    """They separate words that look like one; two spaces never remain."""
    assert repair_caption(f"a{character}b {character} c") == ("a b c", ["zero_width"])


@pytest.mark.parametrize("character", [*"\u061c\u200e\u200f\u202a\u202e\u2066\u2069\u206a"])
def test_bidi_controls_are_dropped(character: str) -> None:
    """Nothing turns the direction of a page around."""
    assert repair_caption(f"a{character}b") == ("ab", ["bidi"])


@pytest.mark.parametrize("character", [*"\x00\x01\x08\x0e\x1b\x1f\x7f\x80\x9f"])
def test_control_characters_are_dropped(character: str) -> None:
    """C0, DEL and C1 go, those that count as white space excepted."""
    assert repair_caption(f"a{character}b") == ("ab", ["control"])


def test_ends_are_trimmed() -> None:
    """No caption starts or ends with a space."""
    assert repair_caption("  a b ") == ("a b", ["whitespace", "trimmed"])


def test_rules_apply_in_their_order() -> None:
    """Quotes first, then entities (which may yield white space), then the rest."""
    text = '"&nbsp;one&#8203;two&#8206;&amp;nbsp;\x00 "'
    assert repair_caption(text) == (
        "one two&nbsp;",
        ["quotes", "entities", "whitespace", "zero_width", "bidi", "control", "trimmed"],
    )
    assert repair_caption(text)[1] == list(RULES)


@pytest.mark.parametrize("text", ["&nbsp;", "\u200b\u200e", '" "', "\x00", "&#8203;&nbsp;"])
def test_a_caption_of_nothing_becomes_empty(text: str) -> None:
    """What only looked like text is empty after repair, so that its row can be rejected."""
    assert repaired(text) == ""


@pytest.mark.parametrize("text", ["", "A caption", "Dalí’s clocks", "漢字 😀", "a-b_c.jpg", "שלום"])
def test_a_clean_caption_is_left_alone(text: str) -> None:
    """No rule touches what needs no repair, in any script."""
    assert repair_caption(text) == (text, [])


def test_suspect_finds_every_character_a_rule_touches(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """DuckDB's pattern lets no code point pass that repair would change, alone or inside."""
    scalars = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    texts = []
    for start in range(0, len(scalars), 256):
        some = scalars[start : start + 256]
        if repaired("x".join(some)) != "x".join(some):
            texts += [text for text in (f"a{c}b" for c in some) if repaired(text) != text]
    assert len(texts) > 100
    matched = connection.sql(
        "SELECT count(*) FROM (SELECT unnest($texts) AS t) WHERE regexp_matches(t, $suspect)",
        params={"texts": texts, "suspect": SUSPECT},
    ).fetchall()
    assert matched == [(len(texts),)]


def test_suspect_is_not_everything(connection: duckdb.DuckDBPyConnection) -> None:
    """The pattern spares what repair leaves alone, or it would save nothing."""
    texts = ["A caption", "Dalí’s clocks", "漢字", "100% cotton; 6 × 4", "<b>"]
    matched = connection.sql(
        "SELECT count(*) FROM (SELECT unnest($texts) AS t) WHERE regexp_matches(t, $suspect)",
        params={"texts": texts, "suspect": SUSPECT},
    ).fetchall()
    assert matched == [(0,)]


def test_whitespace_is_what_unicode_calls_white_space() -> None:
    """Our white space is Python's, less the four separators that are control characters."""
    spaces = set(re.findall(r"\s", "".join(map(chr, range(0x110000))))) - set("\x1c\x1d\x1e\x1f")
    assert {space for space in spaces if repaired(f"a{space}b") == "a b"} == spaces
