"""What people type, or a spreadsheet saves, is read as it is meant, or refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.typed_text import heading, is_table, lines_of, read_typed, rows_of

KNOWN = ("name", "aliases", "type")
HEADINGS = ("url", "domain", "id")


def rows(text: str) -> list[list[str]]:
    """Return the cells of every row."""
    return [cells for _, cells in rows_of(text, KNOWN)]


# -- encodings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-mark", "utf-16-be-mark", "utf-32"]
)
def test_unicode_is_read_by_its_mark_or_as_utf8(tmp_path: Path, encoding: str) -> None:
    """Nothing is remarked: it says itself what it is."""
    path, text = tmp_path / "x.csv", "name\r\nZdzisław Beksiński 日本\r\n"
    if encoding.endswith("-mark"):
        path.write_bytes(("\ufeff" + text).encode(encoding.removesuffix("-mark")))
    else:
        path.write_bytes(text.encode(encoding))
    found = read_typed(path)
    assert (found.text, found.remark) == (text, "")


def test_what_is_not_utf8_is_read_as_windows_1252_and_remarked(tmp_path: Path) -> None:
    """That is what Excel writes in most of Europe and the Americas."""
    path = tmp_path / "x.csv"
    path.write_bytes("name\r\nRené – “Müller” €\r\n".encode("cp1252"))
    found = read_typed(path)
    assert found.text == "name\r\nRené – “Müller” €\r\n"
    assert found.remark.startswith("read as Windows-1252; save it as CSV UTF-8 if")


def test_line_ends_of_a_macintosh_tell_its_encoding(tmp_path: Path) -> None:
    """Excel for Mac saves CSV so; as Windows-1252 every accent would be another letter."""
    path = tmp_path / "x.csv"
    path.write_bytes("name\rRené – “Müller”\r".encode("mac_roman"))
    found = read_typed(path)
    assert found.text == "name\rRené – “Müller”\r"
    assert found.remark.startswith("read as Mac Roman; save it as CSV UTF-8 if")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"name\nCaf\x81\n", "line 2: not UTF-8; save it as CSV UTF-8"),
        ("name\rRené\r".encode() + b"Caf\xe9\r", "line 3: not UTF-8"),
        (b"\xef\xbb\xbfname\nCaf\xe9\n", "line 2: not UTF-8"),
        (b"\xff\xfen\x00a", "x.csv: not UTF-16"),
        ("name".encode("utf-16-le"), "no text, or UTF-16 without a mark"),
        (b"PK\x03\x04\x14\x00", "a spreadsheet, no text; save it as CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1", "a spreadsheet, no text"),
    ],
)
def test_what_cannot_be_read_right_says_what_to_do(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    """A byte of no encoding, one among much that is UTF-8, half a character, another kind."""
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(BadUsage, match=complaint) as raised:
        read_typed(path)
    assert str(path) in str(raised.value)


# -- tables ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_told_by_the_header(separator: str, end: str) -> None:
    """Whichever a program of some country writes, with columns and lines that hold nothing."""
    lines = ["Name;ALIASES ;type;;", "", "Bo;a|b;;;", '"A;l";"x""y";"one@two";;', ";;;;", "  ", ""]
    text = end.join(lines).replace(";", separator).replace("@", end)
    assert rows(text) == [
        ["Name", "ALIASES", "type", "", ""],
        ["Bo", "a|b", "", "", ""],
        [f"A{separator}l", 'x"y', f"one{end}two", "", ""],
    ]


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;"])
def test_a_sep_line_says_the_separator(first: str) -> None:
    """It is no row; the lines are counted with it."""
    found = list(rows_of(f"{first}\r\nname;type\r\nBo, Al;x\r\n", KNOWN))
    assert found == [(2, ["name", "type"]), (3, ["Bo, Al", "x"])]
    assert rows("sep=\t\nname\ttype\n") == [["name", "type"]]
    assert rows("sep=|\nname|type\n") == [["name", "type"]]


@pytest.mark.parametrize("typed", [" Name", "NAME\xa0", "\ufeff\ufeffname", "\u200b name \u3000"])
def test_a_heading_is_what_is_seen_of_it(typed: str) -> None:
    """Marks that joined files leave, spaces of any kind and capitals say nothing."""
    assert heading(typed) == "name"
    assert is_table(f"{typed};type\nBo;x\n", KNOWN)


def test_a_table_is_told_from_lines() -> None:
    """By a header of several columns, one of them known, or a `sep=` line."""
    assert is_table("born\tName\n1900\tBo\n", KNOWN)
    assert is_table("sep=;\nBo\n", KNOWN)
    assert not is_table("Bo; Al\nCy\n", KNOWN)
    assert not is_table("name\nBo\n", KNOWN)
    assert not is_table("", KNOWN)


# -- lists -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\n # no\n b \n", [(1, "a"), (4, "b")]),
        ("URL\r\nhttps://x.org/a,b;c\r\n", [(2, "https://x.org/a,b;c")]),
        ('"https://x.org/a,b"\r"say ""hi"""\r', [(1, "https://x.org/a,b"), (2, 'say "hi"')]),
        ("a;;;\nb;;;\n", [(1, "a"), (2, "b")]),
        ("a;\nb\n", [(1, "a;"), (2, "b")]),
        ("sep=;\na\n", [(2, "a")]),
        ("sep=;\nwhy;Url;Domain\nspam;a;\n\n#x;b;\n;;c.org\n", [(3, "a"), (6, "c.org")]),
        ("Url;why;\na,b;spam;\n", [(2, "a,b")]),
        ("id,why\n12,x\n", [(2, "12")]),
        ("", []),
    ],
)
def test_a_list_says_one_thing_a_line(text: str, expected: list[tuple[int, str]]) -> None:
    """A heading, comments, quotation marks and empty columns say nothing; a table has columns."""
    assert list(lines_of(text, HEADINGS)) == expected
