"""Files that mean harm, for `hostile_files` and for tests: mutated, crafted, or full of bad rows.

Lives here: making them, the same ones for the same seed. Not here: running anything over them.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

URL = "http://a.example/{}.jpg"
LONGEST = 99_999  # characters of a caption that may still pass
#: What captions and addresses are strung together from.
SCRAPS = (
    "<script>x</script>", "&amp;", "&#x202e;", "&#99999999999;", '"""', "\x00", "\x07", "\t", "\n",
    "\r\n", "\u200b", "\u202e", "\ufeff", "\u00a0", "\u0301" * 40, "葛飾北斋", "שלום", "🖼️",
    "a b c d", "van gogh", "NSFW", "0.3289", "=1+1", "{{7*7}}", "../../x", "%00", "'", "\\", ",",
    "|", " " * 50, "x" * 9_000, "é" * 300, "http://b.example/", "user:pw@", ":99999", "[::1]",
    "xn--", "1e999",
)  # fmt: skip
STARTS = (
    "http://a.example/", "https://", "HTTP://A.EXAMPLE:80/", "javascript:", "//", "data:", "", " ",
    "UNLIKELY", "12.5", "http://[", "http://\u202eb.example/", "https://münchen.example/",
)  # fmt: skip


def invent_rows(chance: random.Random, count: int) -> Iterator[dict[str, Any]]:
    """Yield rows of which most are bad in some way, texts as bytes."""
    for number in range(count):
        row: dict[str, Any] = {}
        for name in ("url", "caption"):
            text = "".join(chance.choices(SCRAPS, k=chance.randrange(4)))
            if name == "url":
                text = chance.choice(STARTS) + str(number) + text
            encoded = text.encode("utf-8", "surrogatepass")
            if chance.random() < 0.03:
                encoded += bytes(chance.randrange(128, 256) for _ in range(3))
            row[name] = None if chance.random() < 0.02 else encoded
        for name in ("width", "punsafe", "aesthetic"):
            row[name] = chance.choice([None, 0.5, -1.0, 1e300, float("nan"), float("inf"), 512.0])
        yield row


def rows_files(folder: Path, chance: random.Random, count: int) -> Iterator[Path]:
    """Write `count` hostile rows as parquet, TSV, CSV and JSON Lines, plain and gzipped."""
    kinds: Sequence[tuple[str, Callable[[list[dict[str, Any]]], bytes]]] = (
        ("rows.parquet", _as_parquet), ("rows.tsv", _as_tsv), ("rows.csv", _as_csv),
        ("rows.jsonl", _as_json), ("rows2.jsonl.gz", lambda rows: gzip.compress(_as_json(rows))),
    )  # fmt: skip
    for name, encode in kinds:
        path = folder / name
        path.write_bytes(encode(list(invent_rows(chance, count // len(kinds)))))
        yield path


def _as_parquet(rows: list[dict[str, Any]]) -> bytes:
    schema = pa.schema(
        [("url", pa.binary()), ("caption", pa.binary())]
        + [(name, pa.float64()) for name in ("width", "punsafe", "aesthetic")]
    )
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema), sink)
    return sink.getvalue()


def _as_tsv(rows: list[dict[str, Any]]) -> bytes:
    lines = [b"\t".join((row["url"] or b"", row["caption"] or b"")) for row in rows]
    return b"url\tcaption\n" + b"\n".join(lines)


def _as_csv(rows: list[dict[str, Any]]) -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink)
    writer.writerow(["url", "caption"])
    for row in rows:
        writer.writerow([(row[name] or b"").decode("latin-1") for name in ("url", "caption")])
    return sink.getvalue().encode("latin-1")


def _as_json(rows: list[dict[str, Any]]) -> bytes:
    def shown(value: Any) -> Any:
        return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value

    lines = [json.dumps({name: shown(value) for name, value in row.items()}) for row in rows]
    return "\n".join(lines).encode()


# -- mutated ---------------------------------------------------------------------------------------


def good_files(chance: random.Random) -> list[bytes]:
    """Return valid parquet files of several writers' habits."""
    found = []
    for compression, dictionary, version in (
        ("none", True, "1.0"), ("none", False, "2.0"), ("snappy", True, "1.0"),
        ("zstd", True, "2.0"), ("gzip", False, "1.0"),
    ):  # fmt: skip
        table = pa.table(
            {
                "url": [URL.format(n) for n in range(300)],
                "caption": [f"{chance.choice(SCRAPS[:30])} {n % 40}" for n in range(300)],
                "width": [512] * 300,
                "nsfw": ["UNLIKELY"] * 300,
            }
        )
        sink = io.BytesIO()
        pq.write_table(
            table, sink, compression=compression, use_dictionary=dictionary,
            data_page_version=version, row_group_size=100, data_page_size=1_000,
        )  # fmt: skip
        found.append(sink.getvalue())
    return found


def mutate(chance: random.Random, goods: Sequence[bytes]) -> bytes:
    """Return a valid file with something done to it."""
    content = bytearray(chance.choice(goods))
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    kind = chance.randrange(6)
    if kind == 0:  # bytes anywhere
        for _ in range(chance.choice((1, 3, 30))):
            content[chance.randrange(len(content))] = chance.randrange(256)
    elif kind == 1:  # bytes of the footer
        for _ in range(chance.choice((1, 2, 8))):
            content[chance.randrange(footer, len(content) - 8)] = chance.choice((0, 0x7F, 0xFF, 9))
    elif kind == 2:  # cut short, or a piece taken out
        start = chance.randrange(len(content))
        del content[start : len(content) if chance.random() < 0.5 else start + 50]
    elif kind == 3:  # another file's footer
        other = chance.choice(goods)
        length = 8 + int.from_bytes(other[-8:-4], "little")
        content = content[:footer] + other[-length:]
    elif kind == 4:  # a footer of another length, bytes put in
        start = chance.randrange(4, len(content))
        content[start:start] = chance.randbytes(chance.choice((1, 100)))
    else:  # metadata of its own, longer than the file
        table = pq.read_table(io.BytesIO(bytes(content)))
        key = "ARROW:schema" if chance.random() < 0.5 else "pandas"
        sink = io.BytesIO()
        with pq.ParquetWriter(sink, table.schema) as writer:
            writer.write_table(table)
            writer.add_key_value_metadata({key: "A" * chance.choice((1, 5_000, 200_000))})
        content = bytearray(sink.getvalue())
    return bytes(content)


# -- crafted ---------------------------------------------------------------------------------------


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class _Long(int):
    """An i64, where plain integers are i32."""


def _thrift(fields: Mapping[int, Any]) -> bytes:
    """Return a struct in Thrift's compact protocol, of ints, bytes, lists and structs."""
    out, last = bytearray(), 0
    for number, value in sorted(fields.items()):
        kind = {int: 5, _Long: 6, bytes: 8, list: 9, dict: 12}[type(value)]
        out += bytes([(number - last) << 4 | kind]) + _element(value)
        last = number
    return bytes(out) + b"\0"


def _element(value: Any) -> bytes:
    if isinstance(value, int):
        return _varint((value << 1) ^ (value >> 63))
    if isinstance(value, bytes):
        return _varint(len(value)) + value
    if isinstance(value, dict):
        return _thrift(value)
    kind = {int: 5, bytes: 8, dict: 12}[type(value[0])]
    head = bytes([len(value) << 4 | kind]) if len(value) < 15 else bytes([0xF0 | kind])
    return (
        head + (_varint(len(value)) if len(value) >= 15 else b"") + b"".join(map(_element, value))
    )


def craft(
    dictionary: bytes,
    values: int,
    rows: int,
    *,
    groups: int = 1,
    claimed: int | None = None,
    shared: bool = True,
) -> bytes:
    """Return a file whose columns name the first value of one zstd dictionary in every row.

    `values` are those the dictionary's header claims, `claimed` the values of a data page. All row
    groups share their pages when `shared`, else each has its own.
    """
    packed = pa.compress(dictionary, "zstd", asbytes=True)
    index = b"\x00" + _varint(rows << 1)  # a width of no bits, and one run
    run = pa.compress(index, "zstd", asbytes=True)
    count = rows if claimed is None else claimed
    pages = _thrift({1: 2, 2: len(dictionary), 3: len(packed), 7: {1: values, 2: 0}}) + packed
    dictionary_end = len(pages)
    pages += _thrift({1: 0, 2: len(index), 3: len(run), 5: {1: count, 2: 8, 3: 3, 4: 3}}) + run
    content, listed = bytearray(b"PAR1"), []
    for number in range(groups):
        columns: list[dict[int, Any]] = []
        for name in (b"url", b"caption"):
            start = 4
            if not (shared and (number or columns)):
                start = len(content)
                content += pages
            data = start + dictionary_end
            longs = {5: rows, 6: len(dictionary) + 100, 7: len(pages), 9: data, 11: start}
            about = {1: 6, 2: [8], 3: [name], 4: 6, **{k: _Long(v) for k, v in longs.items()}}
            columns.append({2: _Long(start), 3: about})
        listed.append({1: columns, 2: _Long(len(pages) * 2), 3: _Long(rows)})
    leaves = [{1: 6, 3: 0, 4: name, 6: 0} for name in (b"url", b"caption")]
    footer = _thrift(
        {1: 2, 2: [{4: b"schema", 5: 2}, *leaves], 3: _Long(rows * groups), 4: listed, 6: b"x"}
    )
    return bytes(content) + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def plain_values(count: int, value: bytes = b"") -> bytes:
    """Return a dictionary page of `count` values."""
    return (len(value).to_bytes(4, "little") + value) * count


def _named(captions: Sequence[str], rows: int, url: str = URL) -> bytes:
    """Return a file whose rows name a few captions in turn."""
    index = pa.array([n % len(captions) for n in range(rows)], pa.int32())
    table = pa.table(
        {
            "url": [url.format(n) for n in range(rows)],
            "caption": pa.DictionaryArray.from_arrays(index, list(captions)),
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _tables(columns: Mapping[str, Any], **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), sink, compression="zstd", **options)
    return sink.getvalue()


def _letters(chance: random.Random, length: int) -> str:
    return "".join(chance.choices(string.ascii_lowercase, k=length))


def crafted(chance: random.Random, size: float = 1.0) -> Iterator[tuple[str, bytes]]:
    """Yield (file name, content) of files made to cost much; at `size` 1 as much as they may."""
    many = int(4_000 * size)
    long = [_letters(chance, 20) + " " + "word " * (LONGEST // 5 - 5) for _ in range(20)]
    apart = " ".join(chr(0x4E00 + n) for n in range(20_000)) + " "
    words = " ".join(_letters(chance, 4) for _ in range(LONGEST // 5))
    names = "Vincent van Gogh Rembrandt Pablo Picasso Claude Monet Banksy Andy Warhol "
    urls = [URL.format(n) for n in range(many)]
    zeros = plain_values(int(8_000_000 * size))
    yield "named.parquet", _named(long, many)
    yield "mid.parquet", _named([text[:5_000] for text in long], many * 20)
    yield "one.parquet", _named(["x" * LONGEST], many)
    yield "letters.parquet", _named(["a b c d e f " * (LONGEST // 12)], many)
    yield "apart.parquet", _named([apart * 2], many // 2)
    yield "wide.parquet", _named(["𝔞" * LONGEST], many // 4)
    yield "words.parquet", _named([words], many)
    yield "names.parquet", _named([(names * 2_000)[:LONGEST]], many)
    yield "entities.parquet", _named(["&amp;" * (LONGEST // 5)], many // 2)
    yield "controls.parquet", _named(["a\u00a0\u200b" * (LONGEST // 3)], many // 2)
    yield "too_much.parquet", _named(long, many * 4)
    yield "urls.parquet", _named(["a caption"], many * 5, "http://a.example/" + "u" * 8_000 + "{}")
    yield (
        "unmapped.parquet",
        _tables({"url": urls, "caption": urls, "other": ["x" * 50_000] * many}),
    )
    yield "numbers.parquet", _tables({"url": urls, "caption": urls, "width": ["9" * 99_999] * many})
    yield (
        "prefixes.parquet",
        _tables(
            {"url": urls, "caption": ["x" * LONGEST] * many},
            use_dictionary=False,
            column_encoding={"url": "PLAIN", "caption": "DELTA_BYTE_ARRAY"},
        ),
    )
    yield (
        "plain.parquet",
        _tables({"url": urls, "caption": ["x" * LONGEST] * many}, use_dictionary=False),
    )
    yield "groups.parquet", _tables({"url": urls, "caption": urls}, row_group_size=1)
    yield (
        "short.parquet",
        _tables({"url": ["http://a.b/"] * many * 240, "caption": ["a"] * many * 240}),
    )
    yield "dictionary.parquet", craft(zeros, len(zeros) // 4, 1)
    yield "shared.parquet", craft(zeros, len(zeros) // 4, 1, groups=int(2_000 * size) + 2)
    yield "unshared.parquet", craft(zeros, len(zeros) // 4, 1, groups=20, shared=False)
    yield "claims.parquet", craft(plain_values(1), (1 << 31) - 1, 1)
    yield "runs.parquet", craft(plain_values(1, b"http://a.b/"), 1, (1 << 31) - 1)
    yield "page.parquet", craft(plain_values(1, b"http://a.b/"), 1, 10, claimed=(1 << 31) - 1)
    yield (
        "rle.parquet",
        craft(plain_values(1, b"http://a.b/"), 1, int(900_000 * size), shared=False),
    )
    yield "newlines.tsv.gz", gzip.compress(b"url\tcaption\n" + b"\n" * int(900_000_000 * size))
    yield "rejects.tsv.gz", gzip.compress(b"url\tcaption\n" + b"\n" * int(990_000 * size))
    yield "lines.tsv", b"url\tcaption\n" + b"http://a.b/1\t" + b"x" * int(50_000_000 * size)
    yield "tabs.tsv.gz", gzip.compress(b"url\tcaption\n" + b"\t" * int(50_000_000 * size))
    yield (
        "object.jsonl.gz",
        gzip.compress(
            (b'{"url":"u","caption":"c","x":[' + b"1," * 400_000 + b"1]}\n") * int(100 * size)
        ),
    )
    yield "quotes.csv", b"url,caption\n" + b'"a\nb\n' * int(200_000 * size)
    yield "reopened.csv", b"url,caption,c,d,e,f,g,h\n" + b'"a,b"c,"d\n' * int(100_000 * size)
    head = ",".join(["url", "caption", *(f"c{n}" for n in range(4_000))]).encode()
    yield "columns.csv", head + b"\n" + b'"a,b"c,"d\n' * int(90_000 * size)
