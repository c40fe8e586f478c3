"""JSON as people save it: in every shape the same rows, in bounded memory, damage never silent."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from laion_assets.core.reading import json_rows, json_text, opening
from laion_assets.core.reading.layout import MAX_TEXT
from laion_assets.core.reading.source_file import describe_source, read_batches
from laion_assets.core.sources.datasets import Dataset, load_dataset
from tests.core.reading.text_rows import read
from tests.refusals import refusal

FILES = load_dataset("files")
_NUMBERS = count()
Rows = list[dict[str, Any]]
ROWS: Rows = [
    {"url": "http://a.example/0.jpg", "caption": "a {brace} and [bracket]", "punsafe": 0.25},
    {"url": "http://a.example/1.jpg", "caption": 'say "hi", {"url": "x"}', "punsafe": None},
    {"url": "http://a.example/2.jpg", "caption": "é漢😀\n  {\n", "punsafe": 1e300},
    {"url": None, "caption": "\\ and \u2028", "punsafe": float("nan")},
]


def written(folder: Path, content: bytes | str, name: str = "") -> Path:
    """Write a file."""
    path = folder / (name or f"{next(_NUMBERS)}.json")
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def texts(table: pa.Table) -> list[tuple[str | None, str | None]]:
    """Return (url, caption) of every row; damaged ones are (None, what was found)."""
    columns = (table[name].to_pylist() for name in ("url", "caption"))
    return [tuple(text and text.decode() for text in row) for row in zip(*columns, strict=True)]


def complaint(path: Path, dataset: Dataset = FILES) -> str:
    """Return the line that reading a bad file ends with."""
    return refusal(lambda: read(path, dataset))


def saying(folder: Path, columns: str) -> Dataset:
    """Return what a dataset file of one's own says about columns."""
    return load_dataset(str(written(folder, f"[columns]\n{columns}\n", f"{next(_NUMBERS)}.toml")))


def by_column(rows: Rows) -> dict[str, list[Any]]:
    """Return rows as an object of lists."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def by_index(rows: Rows) -> dict[str, dict[str, Any]]:
    """Return rows as pandas writes them unless told otherwise."""
    return {name: {str(n): v for n, v in enumerate(vs)} for name, vs in by_column(rows).items()}


SHAPES: dict[str, Callable[[Rows], str]] = {
    "lines": lambda rows: "\n".join(map(json.dumps, rows)),
    "lines, commas between": lambda rows: ",\n".join(map(json.dumps, rows)),
    "array on one line": json.dumps,
    "array, not ASCII": lambda rows: json.dumps(rows, ensure_ascii=False),
    "array, compact": lambda rows: json.dumps(rows, separators=(",", ":")),
    "array, pretty": lambda rows: json.dumps(rows, indent=2),
    "array, tabs and CRLF": lambda rows: json.dumps(rows, indent="\t").replace("\n", "\r\n"),
    "array, an object a line": lambda rows: "[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n",
    "array, first beside it": lambda rows: "[" + ",\n ".join(map(json.dumps, rows)) + "]",
    "array, commas first": lambda rows: "[\n" + "\n, ".join(map(json.dumps, rows)) + "\n]",
    "array, comma after the last": lambda rows: "[" + "".join(f"{json.dumps(r)}, " for r in rows)
    + "]",
    "pages of arrays": lambda rows: json.dumps(rows[:2], indent=1) + "\n" + json.dumps(rows[2:]),
    "objects, pretty": lambda rows: "\n".join(json.dumps(row, indent=4) for row in rows),
    "objects on one line": lambda rows: "".join(map(json.dumps, rows)),
    "objects on one line, spaced": lambda rows: " ".join(map(json.dumps, rows)) + "\n",
    "columns": lambda rows: json.dumps(by_column(rows)),
    "columns, pretty": lambda rows: json.dumps(by_column(rows), indent=2),
    "columns, pandas": lambda rows: json.dumps(by_index(rows)),
    "within an object": lambda rows: json.dumps(
        {"version": 1, "tags": ["a"], "data": rows, "info": {"x": {"y": [1, {}]}}}
    ),
    "within an object, pretty": lambda rows: json.dumps({"images": rows}, indent=2),
    "within pandas' table": lambda rows: json.dumps(
        {"schema": {"fields": [{"name": "url", "type": "string"}]}, "data": rows}
    ),
    "members of an object": lambda rows: json.dumps({f"id {n}": row for n, row in enumerate(rows)}),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("packed", ["", "mark", "gzip"])
def test_rows_are_the_same_in_every_shape(tmp_path: Path, shape: str, packed: str) -> None:
    """Whatever is around the objects, and whatever is in the captions."""
    content = SHAPES[shape](ROWS).encode()
    if packed:
        content = gzip.compress(content) if packed == "gzip" else b"\xef\xbb\xbf" + content
    table = read(written(tmp_path, content))
    assert texts(table) == [(row["url"], row["caption"]) for row in ROWS]
    assert table["punsafe"].to_pylist() == ["0.25", None, "1e+300", "NaN"]
    assert not any(table["damaged"].to_pylist())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("block", [1, 7])
def test_blocks_make_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str, block: int
) -> None:
    """Characters, values and names may lie across what is read at once."""
    monkeypatch.setattr(opening, "_BLOCK", block)
    monkeypatch.setattr(json_text, "MAX_VALUE", 200)
    table = read(written(tmp_path, SHAPES[shape](ROWS)), batch_rows=3)
    assert texts(table) == [(row["url"], row["caption"]) for row in ROWS]


@pytest.mark.parametrize("shape", SHAPES)
def test_one_row_is_a_row_in_every_shape(tmp_path: Path, shape: str) -> None:
    """A file may have a single one."""
    rows = texts(read(written(tmp_path, SHAPES[shape](ROWS[:1]).replace("[]", ""))))
    assert rows == [(ROWS[0]["url"], ROWS[0]["caption"])]


def test_arrays_without_rows(tmp_path: Path) -> None:
    """Columns may be empty; an array without objects has no columns."""
    assert read(written(tmp_path, '{"url": [], "caption": []}')).num_rows == 0
    assert complaint(written(tmp_path, "[]")).endswith("found no columns")


# -- damage ----------------------------------------------------------------------------------------

ARRAYS = [
    "array on one line", "array, compact", "array, pretty", "array, tabs and CRLF",
    "array, an object a line", "array, commas first", "objects, pretty", "objects on one line",
    "within an object", "within an object, pretty",
]  # fmt: skip


@pytest.mark.parametrize("shape", ARRAYS)
@pytest.mark.parametrize("broken", range(1, 4))
@pytest.mark.parametrize("how", ["no value", "no quote", "no brace", "a letter"])
def test_damaged_object_costs_its_row_and_is_kept(
    tmp_path: Path, shape: str, broken: int, how: str
) -> None:
    """Wherever the objects begin alike, the next one is found again."""
    rows = [{"url": f"http://a.example/{n}", "caption": f"caption {n}"} for n in range(5)]
    content = SHAPES[shape](rows)
    good = f'"caption {broken}"'
    bad = {"no value": "", "no quote": good[:-1], "no brace": good + ', "x": {', "a letter": "x"}
    assert content.count(good) == 1
    table = read(written(tmp_path, content.replace(good, bad[how])))
    assert table["damaged"].to_pylist() == [n == broken for n in range(5)]
    found = texts(table)
    assert found[broken][0] is None
    assert f"http://a.example/{broken}" in (found[broken][1] or "")
    assert [row for n, row in enumerate(found) if n != broken] == [
        (row["url"], row["caption"]) for n, row in enumerate(rows) if n != broken
    ]


@pytest.mark.parametrize("shape", ARRAYS)
@pytest.mark.parametrize(
    ("cut", "damaged"),
    [('"c2', [False, False, True]), ('"c1"', [False, True]), ("u2", [False, False, True])],
)
def test_file_that_was_cut_keeps_its_rows_and_counts_what_is_missing(
    tmp_path: Path, shape: str, cut: str, damaged: list[bool]
) -> None:
    """Whole rows are kept, and what is left of another is a damaged row."""
    rows = [{"url": f"u{n}", "caption": f"c{n}"} for n in range(3)]
    whole = SHAPES[shape](rows)
    table = read(written(tmp_path, whole[: whole.index(cut) + len(cut)]))
    assert table["damaged"].to_pylist() == damaged


@pytest.mark.parametrize("shape", [shape for shape in ARRAYS if "objects" not in shape])
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_array_that_does_not_end_is_a_damaged_row_more(
    tmp_path: Path, shape: str, rows: int
) -> None:
    """Although every object is whole: nobody can tell how many are missing."""
    whole = SHAPES[shape]([{"url": f"u{n}", "caption": f"c{n}"} for n in range(3)])
    cut = whole.index("}", whole.index(f'"c{rows - 1}"')) + 1
    for end in ("", ",", "\n"):
        table = read(written(tmp_path, whole[:cut] + end))
        assert table["damaged"].to_pylist() == [False] * rows + [True]


@pytest.mark.parametrize("item", ["1", "null", '"x"', "{}", '{"url": ["u"], "caption": "c"}',
                                  '{"url": "u", "caption": {"en": "c"}}',
                                  '{"url": "u", "caption": [["c"]]}'])  # fmt: skip
def test_value_that_is_no_row_is_damage_or_lacks_its_texts(tmp_path: Path, item: str) -> None:
    """It is one rejected row, and those around it are read."""
    content = f'[{{"url": "u", "caption": "c"}}, {item}, {{"url": "u", "caption": "c"}}]'
    table = read(written(tmp_path, content))
    assert texts(table)[::2] == [("u", "c")] * 2
    assert texts(table)[1] == ((None, None) if item == "{}" else (None, item))


@pytest.mark.parametrize(
    "value", ["9" * 5_000, "[" * 100_000, '{"a":' * 50_000, "tru", "'x'", "01", '"\t"']
)
def test_value_that_is_not_read_costs_its_row(tmp_path: Path, value: str) -> None:
    """Numbers and brackets without end, what is no JSON."""
    content = (
        f'[{{"url": "a", "caption": "c"}},\n{{"url": {value}}},\n{{"url": "b", "caption": 1}}]'
    )
    rows = texts(read(written(tmp_path, content)))
    assert [rows[0], rows[-1]] == [("a", "c"), ("b", "1")]
    assert len(rows) == 3


def test_what_is_not_unicode_rejects_its_row_alone(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 arrive as they are, a lone surrogate as bytes that are not."""
    content = b'[{"url": "u", "caption": "caf\xe9"}, {"url": "u", "caption": "\\ud800"}]'
    table = read(written(tmp_path, content))
    assert table["caption"].to_pylist() == [b"caf\xe9", b"\xed\xa0\x80"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"url": ["a", "b"], "caption": ["x"]}',
         "has columns of different lengths: url 2, caption 1"),
        ('{"url": {"0": "a"}, "caption": {"1": "x"}}', "no url column"),
        ('{"url": {"0": "a", "1": "b"}, "caption": {"0": "x", "2": "y"}}',
         "is damaged: its columns do not have the same rows"),
        ('{"url": ["a", "b"], "caption": ["x", "y"', "is damaged or cut short: its object of"),
        ('{"url": ["a"], "URL": ["b"], "caption": ["x"]}',
         "has columns 'url' and 'URL', and either may be url; say which in a dataset file"),
        ('{"url": ["a"], "url": ["b"], "caption": ["x"]}', "has more than one column named url"),
        ('[["url", "caption"], ["a", "x"]]', "no url column: looked for url; found no columns"),
        ('{"columns": ["url", "caption"], "data": [["a", "x"]]}', "no url column"),
        ('["http://a.example/"]', "no url column: looked for url; found no columns"),
        ('{"a": 1}', "no url column: looked for url; found a; name it"),
        ('"x"', "no url column: looked for url; found"),
        ('{"id": {"url": "a", "caption": "x"}, "id2": {"url": ', "is damaged: what it holds at"),
    ],
)  # fmt: skip
def test_what_holds_no_rows_is_refused_in_one_line(
    tmp_path: Path, content: str, expected: str
) -> None:
    """Columns that do not go together, arrays of arrays, texts."""
    assert complaint(written(tmp_path, content)).startswith(expected)


# -- names and values ------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if "pandas" not in shape])
def test_member_of_an_object_is_a_column_by_its_dotted_name(tmp_path: Path, shape: str) -> None:
    """The complaint lists it and says what to say; said so, it is read."""
    rows = [{"image": {"url": f"u{n}", "n": n}, "caption": f"c{n}"} for n in range(3)]
    path = written(tmp_path, SHAPES[shape](rows))
    line = complaint(path)
    assert "(closest: image.url); if that is it, say [columns] url = 'image.url' in a" in line
    table = read(path, saying(tmp_path, "url = 'image.url'\nwidth = 'Image.N'"))
    assert texts(table) == [(f"u{n}", f"c{n}") for n in range(3)]
    assert table["width"].to_pylist() == ["0", "1", "2"]


def test_rows_of_the_hub_s_viewer_are_read_once_their_names_are_said(tmp_path: Path) -> None:
    """It wraps each row, beside a list of what the columns are."""
    rows = [{"row_idx": n, "row": {"url": f"u{n}", "text": f"c{n}"}} for n in range(3)]
    features = [{"feature_idx": 0, "name": "url", "type": {"dtype": "string"}}]
    path = written(tmp_path, json.dumps({"features": features, "rows": rows, "partial": False}))
    assert "say [columns] url = 'row.url' in a dataset file" in complaint(path)
    line = complaint(path, saying(tmp_path, "url = 'row.url'"))
    assert "say [columns] caption = 'row.text' in a dataset file" in line
    dataset = saying(tmp_path, "url = 'row.url'\ncaption = 'row.text'")
    assert texts(read(path, dataset)) == [(f"u{n}", f"c{n}") for n in range(3)]
    assert describe_source(path, dataset).unknown == ["row_idx"]


def test_name_with_a_dot_in_it_goes_before_a_path(tmp_path: Path) -> None:
    """Where there is none, parts of a path may have dots as well."""
    rows = [
        {"image.url": "u0", "image": {"url": "no"}, "caption": "c"},
        {"image": {"url": "u1"}, "caption": "c"},
        {"image": None, "caption": "c"},
    ]
    dataset = saying(tmp_path, "url = 'image.url'")
    table = read(written(tmp_path, json.dumps(rows)), dataset)
    assert [url for url, _ in texts(table)] == ["u0", "u1", None]
    dotted = written(tmp_path, '[{"a.b": {"c": {"d.e": "u"}}, "caption": "c"}]')
    assert texts(read(dotted, saying(tmp_path, "url = 'a.b.c.d.e'"))) == [("u", "c")]


@pytest.mark.parametrize("shape", ["lines", "array, pretty", "columns"])
def test_caption_that_is_a_list_is_its_first_text(tmp_path: Path, shape: str) -> None:
    """A list without texts has none."""
    captions: list[Any] = [["a", "b"], [], None, [None, "c"], "d"]
    rows = [{"url": "u", "caption": caption} for caption in captions]
    table = read(written(tmp_path, SHAPES[shape](rows)))
    assert [caption for _, caption in texts(table)] == ["a", None, None, "c", "d"]
    assert not any(table["damaged"].to_pylist())


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"url": ["u"], "caption": "c"}, "column url holds lists, not text; write a row for each"),
        ({"url": ["u"], "link": "u", "caption": "c"},
         "column url holds lists, not text; if link is meant, say [columns] url = 'link' in a"),
        ({"url": "u", "caption": [["c"]]}, "column caption holds lists, not text"),
        ({"url": "u", "caption": [{"en": "c"}]}, "column caption holds lists, not text"),
        ({"url": "u", "caption": [1, 2]}, "column caption holds lists, not text"),
        ({"url": "u", "caption": {"en": "c"}}, "no caption column: looked for text, caption"),
        ({"url": {"href": "u"}, "caption": "c"}, "no url column: looked for url; found url.href"),
        ({"URL": "u", "url": "v", "caption": "c"},
         ("has columns 'URL' and 'url', and either may be url; say which in a dataset file, such as"
          " [columns] url = 'URL'")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("shape", ["lines", "array on one line", "objects, pretty"])
def test_columns_that_are_no_texts_refuse_the_file(
    tmp_path: Path, shape: str, row: dict[str, Any], expected: str
) -> None:
    """When every row is so; in one row alone, it is damage."""
    assert complaint(written(tmp_path, SHAPES[shape]([row] * 3))).startswith(expected)


def test_names_are_taken_from_the_first_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that turns up only later is not carried."""
    path = written(tmp_path, '[{"url": "u"}, {"caption": "c"}, {"punsafe": 1}]')
    assert describe_source(path, FILES).columns == ("url", "caption", "punsafe")
    monkeypatch.setattr(json_rows, "_KEY_ROWS", 2)
    assert describe_source(path, FILES).columns == ("url", "caption")


# -- bounds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["array on one line", "array, pretty", "objects, pretty",
                                   "within an object"])  # fmt: skip
def test_object_too_long_to_parse_is_damage(tmp_path: Path, shape: str) -> None:
    """It is kept as far as the ceiling, and the row after it is read."""
    rows = [{"url": f"u{n}", "caption": "é" * MAX_TEXT * 3 if n == 1 else "c"} for n in range(3)]
    found = texts(read(written(tmp_path, SHAPES[shape](rows))))
    assert [found[0], found[2]] == [("u0", "c"), ("u2", "c")]
    assert found[1][0] is None
    assert len(found[1][1] or "") >= MAX_TEXT // 2


def pieces(shape: str, rows: int) -> Iterator[bytes]:
    """Yield a file of many rows in a shape, a piece at a time."""
    text = "x" * 1_000
    if shape == "columns":
        for opening_, value in ((b'{"url": [', b'"u"'), (b'], "caption": [', f'"{text}"'.encode())):
            yield opening_
            yield b",".join([value] * rows)
        yield b"]}"
        return
    row = json.dumps({"url": "u", "caption": text}).encode()
    yield {"array": b"[", "within": b'{"data": ['}[shape]
    yield b",".join([row] * rows)
    yield {"array": b"]", "within": b"]}"}[shape]


@pytest.mark.parametrize("shape", ["array", "within", "columns"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, shape: str) -> None:
    """Some windows of a few MiB and one batch, however long the only line is."""
    path = written(tmp_path, b"".join(pieces(shape, 20_000)))
    tracemalloc.start()
    try:
        found = describe_source(path, FILES)
        rows = sum(batch.num_rows for batch in read_batches(path, found.layout, 1_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert rows == found.rows == 20_000
    assert path.stat().st_size > 19 << 20
    assert peak < 13 << 20


@pytest.mark.parametrize(
    "content",
    [
        b"[" + b"1," * 300_000, b"[" * 3_000_000,
        b'[{"url":"u","caption":"c"},' + b"{" * 2_000_000,
        b'{"url":"u","caption":"c"}' + b'{"url":' * 300_000, b'{"a":' * 500_000,
        b'[{"url":"u","caption":"c"},' + b',{"url":"' * 30_000,
        b"{" + b",".join(b'"k%d":{"url":1}' % n for n in range(20_000)) + b"}",
        b'{"a": {' + b",".join(b'"k%d":[1]' % n for n in range(60_000)) + b"}}",
        b'{"a": [' + b'"x",' * 200_000, b'[{"url":"u' + b"\\" * 4_000_000,
    ],
    ids=range(10),
)  # fmt: skip
def test_hostile_files_come_to_an_end(tmp_path: Path, content: bytes) -> None:
    """Rows, damaged rows, or one line; in the time that their size takes."""
    path = written(tmp_path, content)
    try:
        read(path)
    except Exception as error:  # noqa: BLE001 - that it is of the one kind is what is looked at
        assert type(error).__name__ in ("BadSourceFile", "NoColumn", "LikelyColumn")  # noqa: PT017
        assert len(str(error)) < 300  # noqa: PT017


def test_more_rows_than_a_file_can_have_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few compressed bytes may not stand for any number of rows."""
    path = written(tmp_path, gzip.compress(b'[{"url":"u","caption":"c"}' + b",1" * 10_000 + b"]"))
    assert read(path).num_rows == 10_001
    monkeypatch.setattr(json_text, "most_rows", lambda _size: 10_000)
    assert complaint(path).startswith("has more than 10,000 rows in ")
