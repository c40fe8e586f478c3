"""Text files: csv, tsv and JSON Lines, plain or gzipped, with every kind of damage."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading import json_rows, opening, row_batches
from laion_assets.core.reading.layout import MAX_TEXT, FileLayout, end_whole
from laion_assets.core.reading.source_file import describe_source, read_batches
from laion_assets.core.sources.datasets import load_dataset
from laion_assets.core.sources.formats import FileFormat
from tests.core.reading.text_rows import FILES, complaint, read, texts, written

CC12M = load_dataset("cc12m")


# -- tsv without a header: cc12m -------------------------------------------------------------------


def test_tsv_without_header_is_url_and_caption(tmp_path: Path) -> None:
    """Quotation marks are text, and the first line is a row."""
    path = written(tmp_path, "cc12m.tsv", 'http://a.com/1\ta "b"\nhttp://a.com/2\t"c\nu\t"d\n')
    assert texts(read(path, CC12M)) == [
        (b"http://a.com/1", b'a "b"'),
        (b"http://a.com/2", b'"c'),
        (b"u", b'"d'),
    ]


def test_every_line_is_a_row_whatever_it_holds(tmp_path: Path) -> None:
    """Too few fields lack the last, too many are damage: the line stands in for the caption."""
    content = b"u1\tc1\nu2\n\nu4\tc4\tx\n\t\n\tc6\nu7\t\n\xff\t\xfe"
    table = read(written(tmp_path, "cc12m.tsv", content), CC12M)
    assert texts(table) == [
        (b"u1", b"c1"),
        (b"u2", None),
        (b"", None),
        (None, b"u4\tc4\tx"),
        (b"", b""),
        (b"", b"c6"),
        (b"u7", b""),
        (b"\xff", b"\xfe"),
    ]
    assert table["damaged"].to_pylist() == [n == 3 for n in range(8)]


HEAD = b"url,caption\nhttp://a.com/1,c\n"


@pytest.mark.parametrize(
    ("name", "content", "damaged"),
    [
        ("cc12m.tsv", b"u\tc\nu\tc\tx\n\nu\tc\tx", [2, 4]),
        ("x.csv", HEAD + b"a,b,c\n\nu,c\na,b,c\n", [3, 6]),
        ("x.csv", HEAD + b'u,"two\nlines"\na,b,c\n', [5]),
        ("x.csv", HEAD + b'a,b,c\nu,"open\nu,c\na,b,c\n', [3, 4, 6]),
        ("x.csv", HEAD + b'u,"x",y\nu,"a\nb",z\n"q\n', [3, 4, 6]),
        ("x.jsonl", b'{"url": "u", "caption": "c"}\n[]\n\n{"url": "u"}\n{', [2, 3, 5]),
    ],
)
def test_damaged_lines_have_their_number_in_the_file(
    tmp_path: Path, name: str, content: bytes, damaged: list[int]
) -> None:
    """Counted from 1, header and lines within quotes included, whatever the size of batches."""
    path = written(tmp_path, name, content)
    dataset = CC12M if name == "cc12m.tsv" else FILES
    for batch_rows in (65_536, 2, 1):
        table = read(path, dataset, batch_rows)
        found = table["line"].to_pylist()
        assert [number for number in found if number is not None] == damaged
        assert table["damaged"].to_pylist() == [number is not None for number in found]
        lines = content.split(b"\n")
        captions = table["caption"].to_pylist()
        kept = [(c, n) for c, n in zip(captions, found, strict=True) if n is not None]
        assert all(caption == lines[number - 1] for caption, number in kept)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_line_ends_of_either_kind_are_no_text(tmp_path: Path, end: bytes) -> None:
    """The last line needs none; a lone carriage return is part of the text."""
    path = written(tmp_path, "x.tsv", b"u1\tc1\r\nu2\tc\r2\nu3\tc3" + end)
    assert texts(read(path, CC12M)) == [(b"u1", b"c1"), (b"u2", b"c\r2"), (b"u3", b"c3")]


def test_mark_at_the_beginning_is_no_text(tmp_path: Path) -> None:
    """A byte order mark belongs to no field."""
    path = written(tmp_path, "x.tsv", b"\xef\xbb\xbfu\tc\n\xef\xbb\xbfu\tc")
    assert texts(read(path, CC12M))[0] == (b"u", b"c")
    assert texts(read(path, CC12M))[1] == (b"\xef\xbb\xbfu", b"c")


@pytest.mark.parametrize("name", ["x.tsv", "x.tsv.gz"])
def test_description_s_format_holds_for_any_text_file(tmp_path: Path, name: str) -> None:
    """Gzip is recognised by content; a .parquet file stays one whatever the description says."""
    content = b"u\tc\n"
    path = written(tmp_path, name, gzip.compress(content) if name.endswith("gz") else content)
    assert texts(read(path, CC12M)) == [(b"u", b"c")]
    assert texts(read(path.rename(tmp_path / "without-ending"), CC12M)) == [(b"u", b"c")]
    assert "is not a parquet file" in complaint(written(tmp_path, "x.parquet", content), CC12M)


# -- csv -------------------------------------------------------------------------------------------

QUOTED = '''url,caption,width
http://a.com/1,"one, two",1
"http://a.com/2","say ""hi""",2
http://a.com/3,"over
two lines",3
http://a.com/4,"",4
http://a.com/5,5" nails,5
http://a.com/6,"a"b,6
http://a.com/7,"a" ,7
'''


def test_quoted_fields_hold_anything(tmp_path: Path) -> None:
    """Delimiters, doubled quotes and line ends; a quote within a field is only text.

    Text behind a closing quote is none of either: the line is damage, not put together.
    """
    table = read(written(tmp_path, "x.csv", QUOTED))
    assert [caption for _, caption in texts(table)] == [
        b"one, two", b'say "hi"', b"over\ntwo lines", b"", b'5" nails', b'http://a.com/6,"a"b,6',
        b"a",
    ]  # fmt: skip
    assert table["width"].to_pylist() == ["1", "2", "3", "4", "5", None, "7"]
    assert table["damaged"].to_pylist() == [row == 5 for row in range(7)]


def test_stray_quote_swallows_no_rows(tmp_path: Path) -> None:
    """A quoted field that never ends costs its line; the rows after it are read as they are."""
    content = 'url,caption\nu1,"never ends\nu2,c2\nu3,c3\n'
    table = read(written(tmp_path, "x.csv", content))
    assert texts(table) == [(None, b'u1,"never ends'), (b"u2", b"c2"), (b"u3", b"c3")]
    assert table["damaged"].to_pylist() == [True, False, False]


def test_quoted_field_that_ends_in_another_row_swallows_none(tmp_path: Path) -> None:
    """What comes out of two rows run together has too many fields, and is taken apart again."""
    content = 'url,caption\nu1,"open\nu2,c2\nu3,"x",y\nu4,c4\n'
    assert texts(read(written(tmp_path, "x.csv", content))) == [
        (None, b'u1,"open'),
        (b"u2", b"c2"),
        (None, b'u3,"x",y'),
        (b"u4", b"c4"),
    ]


def test_quoted_field_may_not_run_on_for_ever(tmp_path: Path) -> None:
    """A field over more lines than any caption has is damage, line by line."""
    lines = ["url,caption", 'u0,"' + "\n" * 200 + '"', "u1,c1"]
    table = read(written(tmp_path, "x.csv", "\n".join(lines)))
    assert texts(table)[-1] == (b"u1", b"c1")
    assert table.num_rows == 202


def test_numbers_are_the_text_they_are_written_in(tmp_path: Path) -> None:
    """A blank field says nothing; what is not UTF-8 is no number."""
    content = b"url,caption,punsafe\nu,c,0.5\nu,c,\nu,c, \nu,c,NaN\nu,c,\xff\nu,c\n"
    table = read(written(tmp_path, "x.csv", content))
    assert table["punsafe"].to_pylist() == ["0.5", None, None, "NaN", "", None]
    assert table.schema.field("punsafe").type == pa.large_string()


def test_header_is_looked_for_and_named_in_the_complaint(tmp_path: Path) -> None:
    """Without known names in the first line the file is refused, with what can be said instead."""
    line = complaint(written(tmp_path, "x.csv", "http://a.com/1,one\nhttp://a.com/2,two\n"))
    assert line.startswith("no url column: looked for url; found http://a.com/1, one")
    assert line.endswith(
        "if its first line is a row, say kind = 'csv', header = false and columns under [format]"
    )
    line = complaint(written(tmp_path, "y.csv", "image_url,text\nu,c\n"))
    assert "(closest: image_url); if that is it, say [columns] url = 'image_url'" in line


def test_column_named_twice_is_refused(tmp_path: Path) -> None:
    """Which of the two is meant nobody can say."""
    line = complaint(written(tmp_path, "x.csv", "url,caption,url\n1,2,3\n"))
    assert line == "has more than one column named url; rename all but one of them"


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ('kind = "csv"\ndelimiter = ";"', 'url;caption\nu1;"a;b"\n'),
        ('kind = "csv"\ndelimiter = ";"\nquote = "\'"', "url;caption\nu1;'a;b'\n"),
        ('kind = "csv"\nheader = true\ndelimiter = "|"', 'caption|url\n"a;b"|u1\n'),
        ('kind = "tsv"\nheader = false\ncolumns = ["caption", "x", "url"]', "a;b\t\tu1"),
        ('kind = "jsonl"', '{"url": "u1", "caption": "a;b"}'),
        ('kind = "json"', '[\n {\n  "url": "u1",\n  "caption": "a;b"\n }\n]'),
    ],
)
def test_format_is_what_the_description_says(tmp_path: Path, text: str, content: str) -> None:
    """Delimiter, quote, header and order of the columns are the user's to say."""
    dataset = load_dataset(str(written(tmp_path, "mine.toml", f"[format]\n{text}")))
    assert texts(read(written(tmp_path, "rows.txt", content), dataset)) == [(b"u1", b"a;b")]


# -- JSON Lines ------------------------------------------------------------------------------------


def json_lines(*rows: Any) -> str:
    """Return rows as lines; a text stays as it is."""
    return "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)


def test_objects_are_rows(tmp_path: Path) -> None:
    """Keys in any order, some left out, some nobody knows; numbers as numbers or as text."""
    content = json_lines(
        {"URL": "u1", "TEXT": "é", "punsafe": 0.25, "other": {"a": [1]}},
        {"punsafe": "0.5", "TEXT": "c2", "URL": "u2"},
        {"URL": "u3", "TEXT": None},
        {"TEXT": 4, "URL": "u4", "punsafe": None},
        {"TEXT": "c5", "URL": "u5", "punsafe": [1], "similarity": True},
    )
    table = read(written(tmp_path, "x.jsonl", content))
    assert texts(table) == [
        (b"u1", "é".encode()), (b"u2", b"c2"), (b"u3", None), (b"u4", b"4"), (b"u5", b"c5"),
    ]  # fmt: skip
    assert table["punsafe"].to_pylist() == ["0.25", "0.5", None, None, "[1]"]
    assert table["similarity"].to_pylist() == [None] * 4 + ["true"]
    assert not any(table["damaged"].to_pylist())


@pytest.mark.parametrize(
    "line",
    [
        "", "{", "null", "[]", '"x"', "1", '{"url": "u"', '{"url": "u", "caption": }', "\x00",
        '{"url": ["u"], "caption": "c"}', '{"url": "u", "caption": {"en": "c"}}',
        "[" * 100_000, '{"a":' * 50_000, '{"x": ' + "9" * 10_000 + "}",
    ],
    ids=lambda line: line[:20] or "blank",
)  # fmt: skip
def test_line_that_is_no_row_is_damage_and_kept(tmp_path: Path, line: str) -> None:
    """Whatever it is, it is one rejected row with the line as found, and the next one is read."""
    good = {"url": "u", "caption": "c"}
    table = read(written(tmp_path, "x.jsonl", json_lines(good, line, good)))
    assert texts(table) == [(b"u", b"c"), (None, line.encode()), (b"u", b"c")]
    assert table["damaged"].to_pylist() == [False, True, False]


def test_what_is_not_unicode_rejects_its_row_alone(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 arrive as they are, a lone surrogate as bytes that are not."""
    content = b'{"url": "u", "caption": "caf\xe9"}\n{"url": "u", "caption": "\\ud800"}'
    assert texts(read(written(tmp_path, "x.jsonl", content))) == [
        (b"u", b"caf\xe9"),
        (b"u", b"\xed\xa0\x80"),
    ]


def test_names_are_taken_from_the_first_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that turns up only later is not carried; all of the first lines count."""
    content = json_lines({"url": "u"}, {"caption": "c"}, {"punsafe": 1})
    path = written(tmp_path, "x.jsonl", content)
    assert describe_source(path, FILES).columns == ("url", "caption", "punsafe")
    monkeypatch.setattr(json_rows, "_KEY_ROWS", 2)
    assert describe_source(path, FILES).columns == ("url", "caption")


def test_lines_without_end_of_keys_are_refused(tmp_path: Path) -> None:
    """A file with a name of its own in every line is no table."""
    content = json_lines(*({f"k{n}": n} for n in range(5_000)))
    assert complaint(written(tmp_path, "x.jsonl", content)) == "has more than 4,096 columns"


# -- bounds ----------------------------------------------------------------------------------------


def test_line_beyond_the_ceiling_is_cut(tmp_path: Path) -> None:
    """What is whole stays; the field the cut went through only if too long to pass anyway."""
    long = "é" * MAX_TEXT
    content = f"u1\t{long}\n{long}\tc2\nu3\tc3\n"
    rows = texts(read(written(tmp_path, "x.tsv", content), CC12M))
    assert rows[0][0] == b"u1"
    assert rows[0][1] is not None
    assert MAX_TEXT - 8 < len(rows[0][1]) <= MAX_TEXT
    assert set(rows[0][1].decode()) == {"é"}
    assert rows[1][1] is None
    assert rows[2] == (b"u3", b"c3")


def test_cut_field_never_passes_for_a_whole_one(tmp_path: Path) -> None:
    """A URL that the cut shortens to something short is gone, not another URL."""
    dataset = load_dataset(str(written(tmp_path, "mine.toml", (
        '[format]\nkind = "tsv"\nheader = false\ncolumns = ["caption", "x", "url"]'))))  # fmt: skip
    content = "c\t" + "x" * (MAX_TEXT - 20) + "\thttp://a.com/" + "y" * 100
    assert texts(read(written(tmp_path, "x.tsv", content), dataset)) == [(None, b"c")]


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl"])
def test_line_too_long_to_parse_is_damage(tmp_path: Path, name: str) -> None:
    """It is kept as far as the ceiling, and the row after it is read."""
    long = "x" * 2 * MAX_TEXT
    lines = {
        "x.csv": f'url,caption\nu1,"{long}"\nu2,c2',
        "x.jsonl": json_lines({"url": "u1", "caption": long}, {"url": "u2", "caption": "c2"}),
    }
    if name == "x.jsonl":
        lines[name] = json_lines({"url": "u0", "caption": "c0"}) + "\n" + lines[name]
    rows = texts(read(written(tmp_path, name, lines[name])))
    assert rows[-1] == (b"u2", b"c2")
    assert rows[-2][0] is None
    assert rows[-2][1] is not None
    assert len(rows[-2][1]) == MAX_TEXT + 1


def test_batches_are_bounded_in_rows_and_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And however they fall, the rows are the same."""
    content = "".join(f"u{n}\t{'x' * (n % 50)}\n" for n in range(500))
    path = written(tmp_path, "x.tsv", content)
    expected = texts(read(path, CC12M))
    assert texts(read(path, CC12M, batch_rows=7)) == expected
    mapping = describe_source(path, CC12M).layout
    assert max(batch.num_rows for batch in read_batches(path, mapping, 7)) == 7
    monkeypatch.setattr(row_batches, "BATCH_BYTES", 100)
    assert max(batch.num_rows for batch in read_batches(path, mapping)) < 40
    assert texts(read(path, CC12M)) == expected


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_blocks_make_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """Lines, line ends and marks may lie across what is read at once."""
    path = written(tmp_path, "x.csv", b"\xef\xbb\xbf" + QUOTED.encode().replace(b"\n", b"\r\n"))
    expected = texts(read(path))
    monkeypatch.setattr(opening, "_BLOCK", block)
    assert texts(read(path)) == expected


def test_text_is_cut_between_characters() -> None:
    """Only a character that the cut went through is lost, and bytes that are none are left."""
    whole = "aé漢😀"
    data = whole.encode()
    for length in range(len(data) + 1):
        assert whole.startswith(end_whole(data[:length]).decode())
    assert end_whole(data) == data
    assert end_whole(b"a\xff") == b"a\xff"
    assert end_whole(b"\x80\x80\x80\x80") == b"\x80\x80\x80\x80"


# -- bad files -------------------------------------------------------------------------------------

ROWS = b"url,caption\n" + b"http://a.com/x.jpg,a caption\n" * 1_000


@pytest.mark.parametrize("keep", [5, 20, 0.5, 0.99])
def test_gzip_cut_short_is_said_to_be(tmp_path: Path, keep: float) -> None:
    """A download that broke off is set aside, not half read."""
    packed = gzip.compress(ROWS)
    cut = packed[: keep if isinstance(keep, int) else int(len(packed) * keep)]
    line = complaint(written(tmp_path, "x.csv.gz", cut))
    assert line.startswith("is cut short or damaged (gzip: ")


def test_damaged_gzip_is_said_to_be(tmp_path: Path) -> None:
    """Neither the wrong kind of content nor a wrong checksum is half read."""
    packed = bytearray(gzip.compress(ROWS))
    packed[-6] ^= 0xFF
    assert "is cut short or damaged" in complaint(written(tmp_path, "x.csv.gz", bytes(packed)))
    assert "is cut short or damaged" in complaint(written(tmp_path, "y.csv", b"\x1f\x8bno"))


def test_gzip_that_expands_absurdly_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few bytes may not stand for a disk full of lines."""
    path = written(tmp_path, "x.csv.gz", gzip.compress(b"url,caption\n" + b"\n" * 200_000))
    assert describe_source(path, FILES).rows == 200_000
    monkeypatch.setattr(opening, "_EXPANSION_FLOOR", 1 << 16)
    assert complaint(path) == "expands more than 500-fold and is not read"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty (0 bytes); download it again"),
        (b"<!DOCTYPE html>\n<html>404</html>", "is a web page (HTML)"),
        (b"\x00\x01\x02\x03", "no url column: looked for url; found"),
        (gzip.compress(b"", mtime=0), "is blank: there is no line of text in it"),
        (b"\xef\xbb\xbf\r\n", "is blank: there is no line of text in it"),
        (b" \n\t\n  ", "is blank: there is no line of text in it"),
        ("\n".encode("utf-16"), "is blank: there is no line of text in it"),
        (b'"url,caption\nu,c', 'no url column: looked for url; found "url, caption'),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    """Empty, of another encoding, a page, something else altogether."""
    assert complaint(written(tmp_path, "x.csv", content)).startswith(expected)


def test_json_without_a_url_is_refused(tmp_path: Path) -> None:
    """JSON that is one large list, or lines about something else."""
    line = complaint(written(tmp_path, "x.jsonl", '[\n{"url": "u"}\n]'))
    assert line.startswith("no caption column: looked for text, caption")
    assert "found no columns" in complaint(written(tmp_path, "y.jsonl", "[1, 2]"))


def test_vanished_file_is_said_to_be_gone(tmp_path: Path) -> None:
    """A file deleted since it was found is a bad file, not a traceback."""
    assert complaint(tmp_path / "gone.csv") == "cannot be read: No such file or directory"
    mapping = FileLayout({"url": "url", "caption": "caption"}, FileFormat("jsonl"))
    with pytest.raises(BadSourceFile, match="cannot be read"):
        list(read_batches(tmp_path / "gone.jsonl", mapping))


def test_header_alone_is_a_file_without_rows(tmp_path: Path) -> None:
    """No rows are as good as many."""
    assert read(written(tmp_path, "x.csv", "url,caption\n")).num_rows == 0
