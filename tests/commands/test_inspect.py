"""`laion-assets inspect`: what a build would make of a file, said without building anything."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from laion_assets.cli import main
from laion_assets.core.cleaning import inspection
from laion_assets.core.cleaning.schemas import DIGESTS
from tests.building import write_small_lists, write_source

ROWS = (
    "URL,TEXT,id,punsafe\n"
    "https://a.example/1.jpg,&quot;A caption&quot;,7,0.1\n"
    "ftp://a.example/2.jpg,Another,8,0.1\n"
    "https://a.example/3.jpg,A field,too,many,here\n"
    "https://a.example/4.jpg,,9,0.1\n"
    "https://a.example/5.jpg,Withheld,9,1.0\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of sources; the working directory is another empty one."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "source").mkdir()
    return tmp_path / "source"


def inspect(*arguments: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["inspect", *map(str, arguments)])


def as_json(*arguments: str | Path) -> dict[str, Any]:
    """Run the command, which prints JSON."""
    found: dict[str, Any] = json.loads(inspect(*arguments, "--json").stdout)
    return found


def written(folder: Path, name: str, content: str | bytes = ROWS) -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_file_s_format_columns_and_first_rows_are_told(folder: Path) -> None:
    """Every row with what would become of it; words that are met are explained."""
    result = inspect(written(folder, "rows.csv"))
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "rows.csv (224 B)",
        '  taken for    CSV, quoted by ", in utf-8, with a header',
        "  rows         5",
        "  url          is column 'URL'",
        "  caption      is column 'TEXT'",
        "  punsafe      is column 'punsafe'",
        "  not read     'id'",
        "  of the first 5 rows, 2 kept:",
        '    row 0 kept, shown: https://a.example/1.jpg  "A caption"',
        "    row 1 rejected, bad_scheme: ftp://a.example/2.jpg  Another",
        "    row 2 rejected, damaged_line (line 4): https://a.example/3.jpg,A field,too,many,here",
        "    row 3 rejected, empty_caption: https://a.example/4.jpg  ",
        "    row 4 kept, withheld: https://a.example/5.jpg  Withheld",
        "  shown means: may be shown once the reader asks for pictures",
        "  withheld means: kept out of every page, listing, index and download",
        "  damaged_line means: a line of a text file that cannot be split into fields or parsed",
        "  bad_scheme means: the URL is neither http nor https",
        "  empty_caption means: nothing left of the caption after repair",
        (
            '  2 of 5 rows kept: 1 line could not be split as CSV, quoted by "; '
            f"see `laion-assets inspect {folder}/rows.csv --rows 100`"
        ),
    ]


def test_what_it_says_is_what_a_build_does(folder: Path) -> None:
    """Kept and rejected rows are those of the tables that a build of the same file writes."""
    path = written(folder, "rows.csv")
    (found,) = as_json(path)["files"]
    build = folder.parent / "build"
    write_small_lists(folder.parent / "lists")
    arguments = ["build", "--source", str(path), "--build-dir", str(build)]
    arguments += ["--lists", str(folder.parent / "lists")]
    assert CliRunner().invoke(main, arguments).exit_code == 1
    (images,) = (build / "tables" / "images").glob("*.parquet")
    (rejects,) = (build / "tables" / "rejects").glob("*.parquet")
    kept = {row["row"]: row for row in found["first_rows"] if row["kept"]}
    for row in pq.read_table(images).drop_columns(list(DIGESTS)).to_pylist():
        seen = kept.pop(row["row"])
        assert {name: seen[name] for name in row} == row
    assert not kept
    rejected = {row["row"]: row["reason"] for row in found["first_rows"] if not row["kept"]}
    assert rejected == {row["row"]: row["reason"] for row in pq.read_table(rejects).to_pylist()}
    assert found["rejected"] == {"damaged_line": 1, "bad_scheme": 1, "empty_caption": 1}


@pytest.mark.parametrize("options", [(), ("--json",), ("--rows", "0")])
def test_nothing_is_written_anywhere(folder: Path, options: tuple[str, ...]) -> None:
    """No build directory, no settings, nothing beside the file."""
    written(folder, "rows.csv")
    written(folder, "more.jsonl.gz", gzip.compress(b'{"url": "https://a.example/", "text": "c"}'))
    write_source(folder / "rows.parquet", 0)
    everything = sorted(folder.parent.rglob("*"))
    result = inspect(folder, *options)
    assert result.exit_code == 0, result.output
    assert sorted(folder.parent.rglob("*")) == everything


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_shown(folder: Path) -> None:
    """Its one line says what to do; exit code 1."""
    written(folder, "a.csv")
    written(folder, "b.parquet", b"")
    pq.write_table(pa.table({"link": ["https://a.example/"], "text": ["c"]}), folder / "c.parquet")
    result = inspect(folder)
    assert result.exit_code == 1
    assert result.stderr == "laion-assets: 2 of 3 files cannot be read\n"
    lines = result.stdout.splitlines()
    assert "  is empty (0 bytes); download it again" in lines
    assert any("say [columns] url = 'link' in a dataset file" in line for line in lines)
    assert "a.csv (224 B)" in lines
    found = {file["file"]: file["error"] for file in as_json(folder)["files"]}
    assert found["a.csv"] is None
    assert found["b.parquet"] == "is empty (0 bytes); download it again"


def test_what_is_damaged_further_on_is_told_too(folder: Path) -> None:
    """A file whose rows cannot be read says so, however well it begins."""
    path = write_source(folder / "rows.parquet", 0)
    content = bytearray(path.read_bytes())
    content[4:400] = b"\xff" * 396
    path.write_bytes(content)
    result = inspect(path)
    assert result.exit_code == 1
    assert "damaged" in result.stdout
    assert result.stderr == "laion-assets: 1 file cannot be read\n"


def test_what_a_folder_has_besides_is_named(folder: Path) -> None:
    """Links are left out unless they are to be followed."""
    written(folder, "a.csv")
    (folder.parent / "elsewhere.csv").write_text(ROWS + "\n")
    (folder / "link.csv").symlink_to(folder.parent / "elsewhere.csv")
    result = inspect(folder)
    assert result.exit_code == 0
    (line,) = (line for line in result.stdout.splitlines() if line.startswith("left out: "))
    assert "link.csv is a link" in line
    assert len(as_json(folder)["left_out"]) == 1
    followed = as_json(folder, "--follow-links")
    assert [file["file"] for file in followed["files"]] == ["a.csv", "link.csv"]


def test_nothing_in_a_file_reaches_the_terminal_as_a_control(folder: Path) -> None:
    """Names of columns, addresses, captions, lines that cannot be split."""
    odd = "\x1b[31mred\x07\u202eturned\x9b\u2028"
    content = f'url,caption,"{odd}"\nhttps://a.example/{odd},{odd} caption,x\na,b,{odd},d\n'
    written(folder, "rows.csv", content)
    table = {"url": ["https://a.example/"], "caption": [odd], odd: ["x"]}
    pq.write_table(pa.table(table), folder / "rows.parquet")
    for options in ((), ("--json",)):
        printed = inspect(folder, *options).stdout
        assert all(letter.isprintable() for line in printed.split("\n") for letter in line)
    assert r"\x1b[31mred\x07\u202eturned" in inspect(folder).stdout


def test_text_that_is_not_utf8_is_shown_as_its_bytes(folder: Path) -> None:
    """As text and as JSON."""
    texts = pa.array([b"caf\xe9\xff"], pa.binary())
    pq.write_table(
        pa.table({"url": ["https://a.example/"], "caption": texts}), folder / "rows.parquet"
    )
    assert r"rejected, bad_encoding: https://a.example/  caf\xe9\xff" in inspect(folder).stdout
    ((row,),) = (file["first_rows"] for file in as_json(folder)["files"])
    assert row["caption"] == r"caf\xe9\xff"


def test_rows_of_a_large_text_file_are_not_counted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That takes reading all of it; parquet says how many it has."""
    monkeypatch.setattr(inspection, "_COUNTED", 10)
    written(folder, "a.csv")
    written(folder, "b.jsonl", '{"url": "https://a.example/", "caption": "c"}\n' * 3)
    write_source(folder / "c.parquet", 0)
    lines = inspect(folder).stdout.splitlines()
    assert lines.count("  rows         not counted: that takes reading all of it") == 2
    assert "  rows         60, in 1 row group" in lines
    assert [file["rows"] for file in as_json(folder)["files"]] == [None, None, 60]


def test_as_many_rows_as_asked_for_are_judged(folder: Path) -> None:
    """Not one more is read into the list; none is fine."""
    path = write_source(folder / "rows.parquet", 0)
    for rows in (0, 1, 7, 60, 100):
        (found,) = as_json(path, "--rows", str(rows))["files"]
        assert [row["row"] for row in found["first_rows"]] == list(range(min(rows, 60)))


def test_a_dataset_of_ones_own_says_how_files_are_read(folder: Path) -> None:
    """The advice of the first look, followed, makes the second."""
    path = written(folder, "rows.csv", "url,caption,link\n1,c,https://a.example/\n")
    first = inspect(path)
    assert "say [columns] url = 'link' in a dataset file" in first.stdout
    mine = folder.parent / "mine.toml"
    mine.write_text("title = 'Mine'\n[columns]\nurl = 'link'\n", encoding="utf-8")
    second = inspect(path, "--dataset", mine)
    assert "    row 0 kept, blurred: https://a.example/  c" in second.stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["https://a.example/rows.csv"], "is a URL; download it, and inspect the file", 2),
        (["nowhere.csv"], "no such file or folder", 1),
        (["."], "no parquet files in this folder", 1),
        ([], "Missing argument", 2),
        (["x.csv", "--rows", "-1"], "'--rows': -1 is not in the range", 2),
        (["x.csv", "--dataset", "flies"], "unknown dataset 'flies'; did you mean files?", 2),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_be_inspected_is_one_line(arguments: list[str], said: str, code: int) -> None:
    """Nothing on standard output."""
    result = inspect(*arguments)
    assert result.exit_code == code, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("laion-assets: ")
    assert said in line
    assert result.stdout == ""
