"""Text files as people and programs write them: read as they are meant, or refused."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from laion_assets.core.reading.layout import SourceDescription
from laion_assets.core.reading.source_file import describe_source
from laion_assets.core.sources.datasets import Dataset, load_dataset
from laion_assets.core.sources.formats import FileFormat, in_words, is_plain
from tests.core.reading.text_rows import FILES, complaint, read, texts, written

ROWS = [("u1", "A boat; red, at dusk"), ("u2", "Two\tboats | a lake"), ("u3", 'He said "hi"')]
#: Captions as DuckDB's sniffer and others lose them: commas, and nothing quoted.
LOOSE = "url,caption\nu1,a, b\nu2,x; y\nu3,z\n"


def with_python(rows: list[tuple[str, str]] = ROWS, **dialect: object) -> str:
    """Return rows below a header as Python's own writer writes them."""
    stream = io.StringIO(newline="")
    csv.writer(stream, **dialect).writerows([("url", "caption"), *rows])  # type: ignore[arg-type]
    return stream.getvalue()


def found(path: Path, dataset: Dataset = FILES) -> FileFormat:
    """Return the format that a file is read by."""
    return describe_source(path, dataset).layout.format


def told(tmp_path: Path, text: str) -> Dataset:
    """Return a dataset whose file has this text."""
    return load_dataset(str(written(tmp_path, "mine.toml", text)))


# -- delimiters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.txt", "x"])
@pytest.mark.parametrize("delimiter", list(",;\t|"))
@pytest.mark.parametrize("before", ["", "\n \n", "# exported; 2022, by | me\n\n"])
def test_delimiter_is_told_by_the_names_of_the_columns(
    tmp_path: Path, name: str, delimiter: str, before: str
) -> None:
    """Whatever the file is called, and whatever its captions hold; what is before is no row."""
    path = written(tmp_path, name, before + with_python(delimiter=delimiter))
    assert texts(read(path)) == [(u.encode(), c.encode()) for u, c in ROWS]
    assert found(path).delimiter == delimiter
    assert found(path).kind == ("tsv" if delimiter == "\t" else "csv")


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;"])
def test_line_for_excel_says_the_delimiter_and_is_no_row(tmp_path: Path, line: str) -> None:
    """Excel's own way to say it; a tab may be written as one or as its name."""
    for tab in ("\t", "\\t"):
        path = written(tmp_path, "y.csv", f"sep={tab}\n{with_python(delimiter=chr(9))}")
        assert found(path).skip == 1
        assert [url for url, _ in texts(read(path))] == [b"u1", b"u2", b"u3"]
    path = written(tmp_path, "x.csv", f"{line}\r\n{with_python(delimiter=';')}")
    assert [url for url, _ in texts(read(path))] == [b"u1", b"u2", b"u3"]


def test_commas_in_captions_are_no_other_dialect(tmp_path: Path) -> None:
    """A row of too many fields is damage, for nobody can say where its caption begins."""
    table = read(written(tmp_path, "x.csv", LOOSE))
    assert texts(table) == [(None, b"u1,a, b"), (b"u2", b"x; y"), (b"u3", b"z")]
    assert table["line"].to_pylist() == [2, None, None]


def test_lines_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    """Lines before the header count."""
    assert read(written(tmp_path, "x.csv", "#\n\n" + LOOSE))["line"].to_pylist()[0] == 4


def test_complaint_is_about_the_most_likely_delimiter(tmp_path: Path) -> None:
    """The columns are named one by one, so that one can be told; and telling it helps."""
    content = "# a, b, c, d\nimage_link;name\nu1;c1\n"
    line = complaint(written(tmp_path, "x.csv", content))
    assert line.startswith("no url column: looked for url; found image_link, name (closest: ")
    dataset = told(tmp_path, "[columns]\nurl = 'image_link'\ncaption = 'name'")
    assert texts(read(tmp_path / "x.csv", dataset)) == [(b"u1", b"c1")]


def test_first_line_that_is_a_row_is_told_as_the_complaint_says(tmp_path: Path) -> None:
    """The kind is the one that fits."""
    path = written(tmp_path, "x.txt", "https://a.org/1.jpg\tc1\n")
    advice = "say kind = 'tsv', header = false and columns under [format]"
    assert complaint(path).endswith(advice)
    text = "[format]\nkind = 'tsv'\nheader = false\ncolumns = ['url', 'caption']"
    assert texts(read(path, told(tmp_path, text))) == [(b"https://a.org/1.jpg", b"c1")]


@pytest.mark.parametrize("sign", ["~", "^", "\x01", "!", "/"])
def test_delimiter_nobody_looks_for_is_told_as_the_complaint_says(
    tmp_path: Path, sign: str
) -> None:
    """Which it is, is seen by the names of the columns; and telling it helps."""
    path = written(tmp_path, "x.csv", f"Url{sign}caption\nu1{sign}c1, c2\n")
    found = re.search(r"say (kind = .+) and (delimiter = .+) under \[format\]", complaint(path))
    assert found is not None
    dataset = told(tmp_path, f"[format]\n{found[1]}\n{found[2]}")
    assert texts(read(path, dataset)) == [(b"u1", b"c1, c2")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_lines_that_are_quoted_as_a_whole_are_called_that(tmp_path: Path, delimiter: str) -> None:
    """There is no column in them that could be told."""
    path = written(tmp_path, "x.csv", f'"url{delimiter}caption"\n"u1{delimiter}c1"\n')
    assert complaint(path).startswith("has lines that are quoted as a whole (url")


def test_comment_may_be_the_header(tmp_path: Path) -> None:
    """Unless another line is."""
    path = written(tmp_path, "x.csv", "# exported\n# url,caption\nu1,c1\n")
    assert texts(read(path)) == [(b"u1", b"c1")]
    path = written(tmp_path, "y.csv", '"# exported"\n# as it is: url,caption\nurl,caption\nu1,c1\n')
    assert texts(read(path)) == [(b"u1", b"c1")]
    assert found(path).skip == 2


# -- quoting ---------------------------------------------------------------------------------------


def test_backslash_before_a_quote_is_no_text(tmp_path: Path) -> None:
    """As Spark writes; a backslash before anything else is one."""
    content = (
        'url,caption\nu1,"A \\"red, big\\" door"\nu2,"Ends in \\\\"\nu3,"C:\\temp, or \\""\n'
        'u4,a\\b\nu5,"two\n\\"lines\\""\n'
    )
    path = written(tmp_path, "x.csv", content)
    assert [caption for _, caption in texts(read(path))] == [
        b'A "red, big" door', b"Ends in \\", b'C:\\temp, or "', b"a\\b", b'two\n"lines"',
    ]  # fmt: skip
    assert (found(path).quote, found(path).escape) == ('"', "\\")


def test_backslash_at_the_end_of_a_quoted_text_is_text(tmp_path: Path) -> None:
    """Where quotes are doubled it escapes nothing."""
    path = written(tmp_path, "x.csv", 'url,caption\nu1,"C:\\a, b\\"\nu2,"say ""hi"""\n')
    assert [caption for _, caption in texts(read(path))] == [b"C:\\a, b\\", b'say "hi"']


def test_no_text_is_put_together_from_pieces(tmp_path: Path) -> None:
    """Text behind a closing quote, in a file that quotes otherwise: the line is kept as it is."""
    lines = ['u1,"The \\"Blue\\" boat"', 'u2,"Hello" she said', "u3,c3"]
    good = [f'g{n},"a, b"' for n in range(30)]
    table = read(written(tmp_path, "x.csv", "\n".join(["url,caption", *good, *lines])))
    assert texts(table)[-3:] == [
        (None, lines[0].encode()),
        (None, lines[1].encode()),
        (b"u3", b"c3"),
    ]


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("delimiter", [",", "\t", ", "])
def test_quoted_header_says_what_quotes(tmp_path: Path, quote: str, delimiter: str) -> None:
    """Single quotes too, and spaces after delimiters."""
    rows = [("url", "caption"), ("u1", f"A boat{delimiter}a lake"), ("u2", "b\nc")]
    lines = [delimiter.join(f"{quote}{field}{quote}" for field in row) for row in rows]
    path = written(tmp_path, "x.csv", "\n".join(lines))
    assert texts(read(path)) == [(u.encode(), c.encode()) for u, c in rows[1:]]
    assert found(path).quote == quote


def test_apostrophes_quote_nothing(tmp_path: Path) -> None:
    """Nor does a comma beside them."""
    content = "url,caption\nu1,'tis a boat, it is\nu2,don't\nu3,'whole'\n"
    assert texts(read(written(tmp_path, "x.csv", content))) == [
        (None, b"u1,'tis a boat, it is"),
        (b"u2", b"don't"),
        (b"u3", b"'whole'"),
    ]


def test_tsv_that_quotes_is_told_from_tsv_that_does_not(tmp_path: Path) -> None:
    """Pandas quotes what holds a quote or a line end; LAION's quotation marks are text."""
    quoting = 'url\tcaption\nu1\t"Two lines\nof it"\nu2\t"He said ""hi"" there"\nu3\tPlain\n'
    path = written(tmp_path, "x.tsv", quoting)
    assert [c for _, c in texts(read(path))] == [
        b"Two lines\nof it",
        b'He said "hi" there',
        b"Plain",
    ]
    raw = 'url\tcaption\nu1\t"whole"\nu2\t"open\nu3\t"a" and "b"\nu4\t5" ""x""\nu5\t"a \\"b"\n'
    path = written(tmp_path, "y.tsv", raw)
    assert [c for _, c in texts(read(path))] == [
        line.split("\t")[1].encode() for line in raw.splitlines()[1:]
    ]
    assert is_plain(found(path))


@pytest.mark.parametrize("delimiter", ["\t", ","])
def test_backslash_before_a_doubled_quote_is_text(tmp_path: Path, delimiter: str) -> None:
    """In one caption of many, or of one: where quotes are doubled it escapes nothing."""
    odd = [("u8", 'a \\"small\\" boat'), ("u9", '\\"'), ("u7", 'C:\\"a"\\'), ("u6", '\\"\n')]
    for known in ([], ROWS):
        path = written(tmp_path, "x.csv", with_python([*known, *odd], delimiter=delimiter))
        expected = [(url.encode(), caption.encode()) for url, caption in [*known, *odd]]
        assert texts(read(path)) == expected


def test_one_doubled_quote_makes_no_quoting_of_a_raw_file(tmp_path: Path) -> None:
    """What somebody copied out of another file is text among a hundred that are of none."""
    lines = [f'u{n}\t"a" and {n}"' for n in range(100)] + ['u\t"say ""hi"""']
    path = written(tmp_path, "x.tsv", "\n".join(["url\tcaption", *lines]))
    assert texts(read(path))[-1] == (b"u", b'"say ""hi"""')


def test_csv_that_never_quotes_is_told(tmp_path: Path) -> None:
    """Where quotation marks begin captions and never end them, they are text."""
    lines = [f'u{n},"Hello" she said' for n in range(5)]
    path = written(tmp_path, "x.csv", "\n".join(["url,caption", *lines]))
    assert texts(read(path))[0] == (b"u0", b'"Hello" she said')
    assert in_words(found(path)) == "CSV, quotation marks are text"


# -- what is no row, and what is no value ----------------------------------------------------------


@pytest.mark.parametrize("header", ["url,caption", "url,caption,", "url,caption,,"])
def test_delimiters_at_the_ends_of_lines_are_no_fields(tmp_path: Path, header: str) -> None:
    """On the rows alone, or the header too; but what stands behind them is not left out."""
    rows = "".join(f"u{n},c{n},\n" for n in range(20))
    table = read(written(tmp_path, "x.csv", f"{header}\n{rows}u,a, b\nu,d\n"))
    assert texts(table)[0] == (b"u0", b"c0")
    assert texts(table)[-2:] == [(None, b"u,a, b"), (b"u", b"d")]


def test_one_delimiter_at_the_end_of_a_line_may_be_text(tmp_path: Path) -> None:
    """A caption that ends in a comma is not made another one."""
    table = read(written(tmp_path, "x.csv", "url,caption\nu1,a\nu2,b,\nu3,c\n"))
    assert texts(table)[1] == (None, b"u2,b,")


def test_spaces_after_delimiters_are_no_text(tmp_path: Path) -> None:
    """Before a URL they would make it none."""
    path = written(tmp_path, "x.csv", 'caption, url\nA boat, u1\n "A boat, red", u2\n" b", u3\n')
    assert texts(read(path)) == [(b"u1", b"A boat"), (b"u2", b"A boat, red"), (b"u3", b" b")]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("name", ["x.csv", "x.tsv"])
def test_header_again_is_no_row_and_counted(tmp_path: Path, name: str, mark: str) -> None:
    """Of files that were put one behind the other."""
    one = with_python([("u1", "c1")], delimiter="\t" if name.endswith("tsv") else ",")
    path = written(tmp_path, name, one + mark + one + mark + one)
    description: SourceDescription = describe_source(path, FILES)
    assert (description.rows, description.repeated_headers) == (3, 2)
    assert texts(read(path)) == [(b"u1", b"c1")] * 3


@pytest.mark.parametrize("within", ["", "\n"])
@pytest.mark.parametrize("more", ["", ",width"])
def test_carriage_returns_alone_end_lines(tmp_path: Path, within: str, more: str) -> None:
    """As in a file of an old Mac, whose cells may hold line feeds."""
    content = f'url,caption{more}\ru1,"two{within}lines"\ru2,b'
    path = written(tmp_path, "x.csv", content)
    assert texts(read(path)) == [(b"u1", f"two{within}lines".encode()), (b"u2", b"b")]


def test_nulls_of_databases_are_no_values(tmp_path: Path) -> None:
    """A caption may be the word; an address or a number may not."""
    rows = ("u1,\\N,\\N", "u2,NULL,NULL", "u3,nan,nan", "\\N,c,0.1", "NULL,c,1")
    content = "\n".join(("url,caption,punsafe", *rows)).replace(",", "\t")
    table = read(written(tmp_path, "x.tsv", content))
    assert texts(table) == [
        (b"u1", None), (b"u2", b"NULL"), (b"u3", b"nan"), (None, b"c"), (None, b"c"),
    ]  # fmt: skip
    assert table["punsafe"].to_pylist() == [None, None, "nan", "0.1", "1"]


# -- what is told ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("escape = '\\'", 'url,caption\nu1,"a \\"b\\" c"\n'),
        ("escape = '/'", 'url,caption\nu1,"a /"b/" c"\n'),
        ('escape = ""', 'url,caption\nu1,"a ""b"" c"\n'),
        ("escape = '\"'\nquote = '\"'", 'url,caption\nu1,"a ""b"" c"\n'),
        ('quote = ""', 'url,caption\nu1,a "b" c\n'),
        ("quote = '$'", 'url,caption\nu1,$a "b" c$\n'),
        ("delimiter = '^'", 'url^caption\nu1^"a ""b"" c"\n'),
        ("delimiter = ';'", 'url;caption\nu1;"a ""b"" c"\n'),
        ("header = false\ncolumns = ['caption', 'url']", '"a ""b"" c",u1\n'),
        ("header = false\ncolumns = ['caption', 'url']", 'sep=|\n"a ""b"" c"|u1\n'),
    ],
)
def test_what_the_description_says_is_not_looked_for(
    tmp_path: Path, text: str, content: str
) -> None:
    """And what it does not say still is."""
    dataset = told(tmp_path, f'[format]\nkind = "csv"\n{text}')
    assert texts(read(written(tmp_path, "x.txt", content), dataset)) == [(b"u1", b'a "b" c')]


def test_told_quoting_wins_over_what_the_rows_show(tmp_path: Path) -> None:
    """Somebody knows better."""
    dataset = told(tmp_path, '[format]\nkind = "tsv"\nquote = ""')
    path = written(tmp_path, "x.tsv", 'url\tcaption\nu1\t"say ""hi"""\n')
    assert texts(read(path, dataset)) == [(b"u1", b'"say ""hi"""')]


def test_a_format_in_words(tmp_path: Path) -> None:
    """Whatever is not as the kind suggests is said."""
    content = "#\rurl|caption|\r'u1'| 'a'|\r"
    assert in_words(found(written(tmp_path, "x.txt", content))) == (
        "CSV, split at vertical bars, quoted by ', lines end in carriage returns, 1 line before "
        "the header left out, delimiters at the end of lines left out"
    )
    assert is_plain(found(written(tmp_path, "x.csv", with_python())))
    assert not is_plain(found(written(tmp_path, "x.csv", with_python(delimiter=";"))))


def test_decimal_commas_are_points_where_semicolons_split(tmp_path: Path) -> None:
    """As spreadsheets write scores where a comma is the decimal sign; nothing else is touched."""
    rows = "u1;a, b;1,024;0,995\nu2;0,5;512; -1,5 \nu3;c;1;1,2,3\nu4;d;;0.25\nu5;e;2;,5\n"
    table = read(written(tmp_path, "x.csv", "url;caption;width;punsafe\n" + rows))
    assert table["punsafe"].to_pylist() == ["0.995", " -1.5 ", "1,2,3", "0.25", ".5"]
    assert table["width"].to_pylist() == ["1,024", "512", "1", None, "2"]
    assert texts(table)[1] == (b"u2", b"0,5")
    content = 'url,caption,punsafe\nu1,a,"0,995"\n'
    assert read(written(tmp_path, "x.csv", content))["punsafe"].to_pylist() == ["0,995"]
