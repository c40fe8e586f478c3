"""Rows in codes say what the rows say, whatever is in them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laion_assets.core.base.parquet import write_table
from laion_assets.core.index import row_tables
from laion_assets.core.index.row_codes import BYTES, END, MOST_BITS, canonical, encode_rows
from laion_assets.core.index.row_tables import COLUMNS, RowTables, choose_tables

_TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)
_ROWS = st.lists(st.tuples(*[_TEXTS] * len(COLUMNS)), max_size=6)


def tables_of(rows: list[tuple[str, ...]], folder: Path) -> RowTables:
    """Return the codes that are chosen for rows."""
    path = folder / "documents.parquet"
    texts = ["".join(f"{value}\t" for value in row) for row in rows]
    write_table(path, pa.table({"document": pa.array(texts, pa.large_string())}))
    return choose_tables([path])


def decode(data: bytes, tables: RowTables) -> list[bytes]:
    """Return the columns of a row, read bit by bit as `FORMAT.md` says."""
    bits = "".join(f"{byte:08b}" for byte in data)
    columns, at = [], 0
    for strings, lengths in zip(tables.strings, tables.lengths, strict=True):
        symbols = {
            f"{code:0{width}b}": bytes([n]) if n < BYTES else strings[n - BYTES]
            for n, (code, width) in enumerate(
                zip(canonical(lengths).tolist(), lengths.tolist(), strict=True)
            )
            if width
        }
        value = b""
        while not value.endswith(b"\t"):
            end = next(e for e in range(at + 1, at + MOST_BITS + 1) if bits[at:e] in symbols)
            value += symbols[bits[at:end]]
            at = end
        columns.append(value[:-1])
    assert len(bits) - at < 8
    assert "1" not in bits[at:]
    return columns


def coded(rows: list[tuple[str, ...]], tables: RowTables) -> list[bytes]:
    """Return each row in codes."""
    texts = ["".join(f"{value}\t" for value in row).encode() for row in rows]
    data = np.frombuffer(b"".join(texts), np.uint8)
    starts = np.cumsum([0, *map(len, texts)])
    out, begins = encode_rows(data, starts, tables.coder())
    return [out[a:b].tobytes() for a, b in pairwise(begins)]


@settings(max_examples=25)  # each chooses codes anew
@given(rows=_ROWS, others=_ROWS)
def test_any_row_comes_back(
    rows: list[tuple[str, ...]],
    others: list[tuple[str, ...]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Whatever rows the codes were chosen from, every row reads as it was written."""
    tables = tables_of(rows, tmp_path_factory.mktemp("rows"))
    for row, data in zip([*rows, *others], coded([*rows, *others], tables), strict=True):
        assert [column.decode() for column in decode(data, tables)] == list(row)


def test_what_is_frequent_is_short(tmp_path: Path) -> None:
    """A text that all rows have costs a few bits; codes fill what there is of them."""
    rows = [(f'"https://example.com/{n}.jpg"', '"a photo of"', *"123456") for n in range(500)]
    tables = tables_of(rows, tmp_path)
    assert sum(map(len, coded(rows, tables))) < 5 * len(rows)
    for lengths in tables.lengths:
        assert lengths.max() <= MOST_BITS
        assert sum(2.0**-width for width in lengths.tolist() if width) == 1


def test_strings_end_columns_only_at_their_end(tmp_path: Path) -> None:
    """No string goes on after the end of a column, none is longer than the nodes allow."""
    rows = [(f'"{n % 7}"', '"日本語 の 文"', *"123456") for n in range(400)]
    for strings in tables_of(rows, tmp_path).strings:
        assert strings == sorted(strings)
        for string in strings:
            assert bytes([END]) not in string[:-1]
            assert 1 < len(string) <= row_tables._LONGEST
            string.decode()  # whole characters


def test_rows_longer_than_any_sample_are_coded_too(tmp_path: Path) -> None:
    """Codes that were chosen from nothing still code everything."""
    rows = [('"' + "長い" * 5_000 + '"', *"1234567")]
    tables = tables_of(rows, tmp_path)
    assert all(not strings for strings in tables.strings)
    assert decode(coded(rows, tables)[0], tables)[0].decode() == rows[0][0]


_ABC = st.text("abc", min_size=2, max_size=24)


@given(strings=st.sets(_ABC, max_size=40), rows=st.lists(st.text("abcd", max_size=60), max_size=4))
def test_the_longest_string_is_taken_wherever_one_begins(
    strings: set[str], rows: list[str]
) -> None:
    """Also where a longer one only seems to follow, up to the end of the column or of the rows."""
    own = sorted({*strings, "c\t"} if strings else strings)
    lengths = np.full(BYTES + len(own), MOST_BITS, np.int64)
    tables = RowTables([[s.encode() for s in own], []], [lengths, lengths[:BYTES]])
    numbers = {chr(n): n for n in range(BYTES)}
    given_ = [(row, row) for row in rows]
    for (first, second), data in zip(given_, coded(given_, tables), strict=True):
        symbols, left = [], f"{first}\t"
        while left:
            best = max((s for s in own if left.startswith(s)), key=len, default=left[0])
            symbols.append(numbers[best] if len(best) == 1 else BYTES + own.index(best))
            left = left.removeprefix(best)
        symbols += [numbers[character] for character in f"{second}\t"]
        # Symbols of equally many bits are numbered in their order.
        bits = "".join(f"{symbol:0{MOST_BITS}b}" for symbol in symbols)
        assert f"{int.from_bytes(data):0{8 * len(data)}b}".rstrip("0") == bits.rstrip("0")
        assert len(data) == -(-len(bits) // 8)
