"""Properties of text files: whatever bytes they hold, no row is lost and nothing is raised."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.cleaning.counts import FIRST_LINES, CleaningCounts
from laion_assets.core.cleaning.rules import judge_batch
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.reading.source_file import describe_source, read_batches
from laion_assets.core.reading.text_lines import split_records
from laion_assets.core.sources.datasets import load_dataset
from laion_assets.core.sources.formats import FileFormat

PIECES = (
    *(
        b"http://a.com/",
        b"caption",
        b"0.5",
        b"1024",
        b"NSFW",
        b"x" * 300,
        b"\xff",
        b"\xe9",
        b"\x00",
    ),
    *(b",", b"\t", b'"', b'""', b'"\n', b"\n", b"\r\n", b"\r", b"'", b";", b"\\", b"\xef\xbb\xbf"),
    *(b"{", b"}", b'{"url":"u","caption":"c"}', b'"url":', b"null", b"[", b"1e999", b"\\ud800"),
)
contents = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)
HEADERS = {
    ".csv": b"url,caption,punsafe,nsfw\n",
    ".tsv": b"url\tcaption\twidth\thash\n",
    ".jsonl": b'{"url": "http://a.com/", "caption": "c", "width": 1, "hash": 2}\n',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that every example writes over."""
    return tmp_path_factory.mktemp("texts")


@pytest.mark.parametrize("suffix", HEADERS)
@settings(max_examples=70)
@given(content=contents, packed=st.booleans())
def test_whatever_the_bytes_no_row_is_lost(
    engine: duckdb.DuckDBPyConnection,
    folder: Path,
    suffix: str,
    content: bytes,
    packed: bool,  # noqa: FBT001
) -> None:
    """Rows described = rows read = kept + rejected, in any batches; damaged ones are rejected."""
    path = folder / f"x{suffix}"
    whole = HEADERS[suffix] + content
    path.write_bytes(gzip.compress(whole) if packed else whole)
    try:
        found = describe_source(path, load_dataset("files"))
    except BadSourceFile as refusal:
        assert str(refusal).startswith("is not UTF-8 (")  # noqa: PT017 - the one thing it may be
        return
    batches = list(read_batches(path, found.layout))
    assert sum(batch.num_rows for batch in batches) == found.rows
    small = list(read_batches(path, found.layout, 3))
    if batches:
        assert pa.concat_tables(small).equals(pa.concat_tables(batches).combine_chunks())
    counts = CleaningCounts()
    for batch in batches:
        judge_batch(engine, batch, Thresholds(), counts)
    assert counts.kept + counts.rejected.total() == counts.read == found.rows
    damaged = sum(batch["damaged"].to_pylist().count(True) for batch in batches)
    assert counts.rejected["damaged_line"] == damaged
    assert len(counts.first_damaged) == min(damaged, FIRST_LINES)
    if suffix == ".tsv":
        lines = whole.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        assert found.rows == len(lines) - 1 - (lines[-1] == b"")


@settings(max_examples=200)
@given(content=contents, suffix=st.sampled_from([".csv", ".tsv", ".jsonl", ".csv.gz", ".parquet"]))
def test_whatever_the_bytes_a_file_is_read_or_refused(
    folder: Path, content: bytes, suffix: str
) -> None:
    """Without any header: rows, or one line."""
    path = folder / f"y{suffix}"
    path.write_bytes(content)
    try:
        mapping = describe_source(path, load_dataset("files")).layout
        complaint = "" if list(read_batches(path, mapping)) else "no rows"
    except BadSourceFile as error:
        complaint = str(error)
    assert "\n" not in complaint
    assert complaint.isprintable()
    assert len(complaint) < 600


fields = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=12)


tables = st.lists(st.lists(fields, min_size=3, max_size=3), max_size=8)


@settings(max_examples=200)
@given(
    rows=tables,
    delimiter=st.sampled_from(",;\t|"),
    quote=st.sampled_from("\"'"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    escape=st.sampled_from(["", "\\", "/"]),
)
def test_what_python_writes_as_csv_is_read_back(
    rows: list[list[str]], delimiter: str, quote: str, quoting: int, escape: str
) -> None:
    """Every field comes back as it was, with delimiters, quotes, escapes and line ends in it."""
    assume(not escape or quoting == csv.QUOTE_ALL)  # without quotes it escapes more than quotes
    stream = io.StringIO(newline="")
    csv.writer(
        stream,
        delimiter=delimiter,
        quotechar=quote,
        quoting=quoting,
        escapechar=escape or None,
        doublequote=not escape,
        lineterminator="\n",
    ).writerows(rows)
    layout = FileFormat("csv", delimiter=delimiter, quote=quote, escape=escape)
    lines = stream.getvalue().encode().split(b"\n")[:-1]
    found = [record.fields for record in split_records(iter(lines), layout, 3)]
    assert found == [[field.encode() for field in row] for row in rows]


@settings(max_examples=200)
@given(
    rows=st.lists(st.tuples(fields.filter(str.strip), fields), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    quote=st.sampled_from("\"'"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"]),
    comment=st.sampled_from(["", "# a, b; c | d\n", "\n"]),
)
def test_a_file_that_quotes_its_header_is_read_back_untold(
    folder: Path,
    rows: list[tuple[str, str]],
    delimiter: str,
    quote: str,
    encoding: str,
    comment: str,
) -> None:
    """Delimiter, quotes, encoding and what stands before are found out."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, quotechar=quote, quoting=csv.QUOTE_ALL)
    named = [(f"https://a.org/{url}", caption) for url, caption in rows if "\\" not in caption]
    writer.writerows([("url", "caption"), *named])
    path = folder / "z.txt"
    path.write_bytes((comment + stream.getvalue()).encode(encoding))
    layout = describe_source(path, load_dataset("files")).layout
    found = [row for batch in read_batches(path, layout) for row in batch.to_pylist()]
    assert [(row["url"], row["caption"]) for row in found] == [
        (url.encode(), caption.encode()) for url, caption in named
    ]


@settings(max_examples=200)
@given(content=contents)
def test_quoting_swallows_no_line(content: bytes) -> None:
    """Records, put together again, are the lines: each belongs to one, in order."""
    layout = FileFormat("csv", delimiter=",", quote='"')
    lines = content.split(b"\n")
    records = list(split_records(iter(lines), layout, 3))
    assert len(records) <= len(lines)
    starts = iter(lines)
    assert all(record.line in starts for record in records)
    damaged = [record for record in records if record.fields is None]
    assert all(record.line for record in damaged)
