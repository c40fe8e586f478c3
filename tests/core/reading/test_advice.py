"""Every advice about columns and formats, followed to the letter: then the file is read."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.base.package import PACKAGE
from laion_assets.core.reading.source_file import describe_source, read_batches
from laion_assets.core.sources.datasets import load_dataset

URLS = ["http://a.example/0.jpg", "http://a.example/1.jpg"]
CAPTIONS = ["zero", "one"]
#: What the program says that a dataset file should say.
_COLUMNS = re.compile(r"\[columns\] (\w+) = (.+?)(?: in a dataset file.*)?$")
_HEADERLESS = re.compile(r"say kind = '(\w+)', header = false and columns under \[format\]$")


def follow(path: Path, name: str, headerless: list[str] | None = None) -> list[str]:
    """Follow what reading a file advises until it is read; return the lines that were followed."""
    followed: list[str] = []
    toml = path.with_name(f"{name}.toml")
    columns: dict[str, str] = {}
    form = ""
    while True:
        table = "".join(f"{ours} = {said}\n" for ours, said in columns.items())
        toml.write_text(f"[columns]\n{table}{form}", encoding="utf-8")
        tomllib.loads(toml.read_text(encoding="utf-8"))
        try:
            found = describe_source(path, load_dataset(str(toml)))
            table = pa.concat_tables(read_batches(path, found.layout))
        except BadSourceFile as error:
            line = str(error)
            assert line.isprintable()
            assert line not in followed, "followed, and said again"
            followed.append(line)
            advice = _COLUMNS.search(line)
            without = _HEADERLESS.search(line)
            if headerless and without:
                kind = without[1]
                form = f"[format]\nkind = '{kind}'\nheader = false\ncolumns = {headerless}\n"
                continue
            assert advice, line
            columns[advice[1]] = advice[2]
            continue
        assert table["url"].to_pylist() == [url.encode() for url in URLS]
        assert table["caption"].to_pylist() == [caption.encode() for caption in CAPTIONS]
        return followed


def as_parquet(path: Path, columns: dict[str, Any]) -> Path:
    """Write columns as parquet."""
    pq.write_table(pa.table(columns), path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


def as_csv(path: Path, columns: dict[str, Any]) -> Path:
    """Write columns as csv."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerows([list(columns), *zip(*columns.values(), strict=True)])
    path.with_suffix(".csv").write_bytes(sink.getvalue().encode())
    return path.with_suffix(".csv")


def as_lines(path: Path, columns: dict[str, Any]) -> Path:
    """Write columns as an object a line."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    path.with_suffix(".jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path.with_suffix(".jsonl")


def as_array(path: Path, columns: dict[str, Any]) -> Path:
    """Write columns as an array of objects, within an object, as the hub's viewer does."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    wrapped = {"features": [{"name": "url"}], "rows": [{"row": row} for row in rows]}
    path.with_suffix(".json").write_text(json.dumps(wrapped, indent=1), encoding="utf-8")
    return path.with_suffix(".json")


def as_columns(path: Path, columns: dict[str, Any]) -> Path:
    """Write columns as an object of lists."""
    path.with_suffix(".json").write_text(json.dumps(columns), encoding="utf-8")
    return path.with_suffix(".json")


Writer = Callable[[Path, dict[str, Any]], Path]
NESTING: list[Writer] = [as_parquet, as_lines, as_array, as_columns]
WRITERS: list[Writer] = [*NESTING, as_csv]

NAMES = [
    "my_url", "it's_url", '"q"_url', "'\"_url", "back\\slash_url", "new\nline_url", "tab\t_url",
    "dot.ted_url", "a.b.c_url", ".url", "url.", "..", "emoji 😀_url", "漢字_url", "é_url",
    "e\u0301_url",
    "\u202eright to left_url", "\x1b[31mred_url", "zero\u200bwidth_url", "\x7f_url",
    "x" * 45 + "_url", "image url with a long tail of words_url", "[columns]_url", "# no_url",
    "a = 'b'_url", "{x}_url", "%s_url", "\U000e0001_url", "''' _url", '""" _url', " spaced_url ",
    "UP_URL", "ß_url", "İ_url",
]  # fmt: skip


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
@pytest.mark.parametrize("name", [name for name in NAMES if name != ".."], ids=ascii)
def test_column_that_is_advised_is_read_under_any_name(
    tmp_path: Path, write: Writer, name: str
) -> None:
    """Quotes, backslashes, line ends, dots, emoji, spaces, control characters: valid TOML."""
    followed = follow(write(tmp_path / "x", {name: URLS, "text": CAPTIONS}), "mine")
    assert "if that is it, say [columns] url = " in followed[0]


@pytest.mark.parametrize("write", NESTING, ids=lambda write: write.__name__)
@pytest.mark.parametrize("names", [("url", "caption"), ("it's.url", 'a "b".caption'),
                                   ("😀\n.image_url", "x.\\alt")], ids=ascii)  # fmt: skip
def test_fields_that_are_advised_are_read(
    tmp_path: Path, write: Writer, names: tuple[str, str]
) -> None:
    """Of structs and of objects, one column after the other."""
    fields = [dict(zip(names, row, strict=True)) for row in zip(URLS, CAPTIONS, strict=True)]
    followed = follow(write(tmp_path / "x", {"n": [1, 2], "a.b": fields}), "mine")
    # rows within an object are found without being told
    assert len(followed) == (0 if write is as_columns and "url" in names else 2)


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
@pytest.mark.parametrize("twins", [("URL", "url"), ("url", "Url"), ("uRL", "URL")])
def test_of_names_that_are_alike_the_one_that_is_said_is_read(
    tmp_path: Path, write: Writer, twins: tuple[str, str]
) -> None:
    """Which is meant nobody can know; the one that is advised is read as it is spelled."""
    others = ["x", "y"]
    columns = {twins[0]: URLS, twins[1]: others, "Text": CAPTIONS, "TEXT": others}
    followed = follow(write(tmp_path / "x", columns), "mine")
    if write is not as_array:
        assert followed[0] == (
            f"has columns '{twins[0]}' and '{twins[1]}', and either may be url; say which in a "
            f"dataset file, such as [columns] url = '{twins[0]}'"
        )
    dataset = tmp_path / "other.toml"
    inner = "row." if write is as_array else ""
    dataset.write_text(f"[columns]\nurl = '{inner}{twins[1]}'\ncaption = '{inner}TEXT'\n")
    path = next(each for each in tmp_path.iterdir() if each.suffix != ".toml")
    found = describe_source(path, load_dataset(str(dataset)))
    table = pa.concat_tables(read_batches(path, found.layout))
    assert table["url"].to_pylist() == table["caption"].to_pylist() == [b"x", b"y"]


@pytest.mark.parametrize("write", [as_parquet, as_lines], ids=lambda write: write.__name__)
def test_names_that_differ_in_spaces_are_alike(tmp_path: Path, write: Writer) -> None:
    """Spaces around a name are none, but they can be said."""
    table = {"url": URLS, " url": ["x", "y"], "caption": CAPTIONS}
    line = follow(write(tmp_path / "x", table), "mine")[0]
    assert line.startswith("has columns 'url' and ' url', and either may be url; ")
    assert follow(write(tmp_path / "y", {"\tURL\t": URLS, "\ncaption ": CAPTIONS}), "mine") == []


@pytest.mark.parametrize(
    "columns",
    [
        {"url": URLS, "caption": CAPTIONS, "width": [[1], [2]]},
        {"url": URLS, "caption": CAPTIONS, "hash": [[1], [2]]},
        {"url": [[url] for url in URLS], "image_link": URLS, "caption": CAPTIONS},
        {"url": URLS, "caption": [[[text]] for text in CAPTIONS], "title": CAPTIONS},
        {"url": [{"href": url} for url in URLS], "caption": CAPTIONS},
        {"urls": [[url] for url in URLS], "src": URLS, "caption": CAPTIONS},
        {"URL": [[url] for url in URLS], "url": URLS, "caption": CAPTIONS},
    ],
    ids=range(7),
)
def test_column_of_another_type_is_left_out_or_replaced(
    tmp_path: Path, columns: dict[str, Any]
) -> None:
    """What is advised can be what it should be."""
    assert len(follow(as_parquet(tmp_path / "x", columns), "mine")) == 1


def test_header_that_is_none_can_be_said(tmp_path: Path) -> None:
    """A first line without known names may be a row."""
    rows = "\n".join(f"{url},{caption}" for url, caption in zip(URLS, CAPTIONS, strict=True))
    path = tmp_path / "x.csv"
    path.write_text(rows, encoding="utf-8")
    assert len(follow(path, "mine", ["url", "caption"])) == 1


@pytest.mark.parametrize("name", ["x" * 200 + "_url", "\ud800_url"], ids=["long", "no text"])
def test_name_that_cannot_be_said_is_to_be_renamed(tmp_path: Path, name: str) -> None:
    """A dataset file could not name it, or nobody could copy it."""
    path = as_lines(tmp_path / "x", {name: URLS, "url 2": URLS, "caption": CAPTIONS})
    with pytest.raises(BadSourceFile) as raised:
        describe_source(path, load_dataset("files"))
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 300


def test_no_advice_is_left_untried() -> None:
    """What speaks of a dataset file while reading is what is followed here."""
    said = {
        (path.name, line.strip())
        for room in ("core/reading", "core/sources")
        for path in (PACKAGE / room).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"""f?"[^"]*(?:say \[|such as \[columns|under \[format)""", line)
    }
    assert sorted(name for name, _ in said) == [
        "columns.py", "columns.py", "columns.py", "dialects.py",
            "dialects.py",  # followed in test_dialects
        "encodings.py",  # followed in test_encodings
    ]  # fmt: skip
