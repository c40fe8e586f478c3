"""Bad input: one clear line each, and the rest of the build intact."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.build.workspace import Workspace
from tests.building import Builder, write_source


def _truncated(path: Path) -> None:
    write_source(path, 0)
    path.write_bytes(path.read_bytes()[:-200])


def _damaged_page(path: Path) -> None:
    write_source(path, 0)
    content = bytearray(path.read_bytes())
    content[4:400] = b"\xff" * 396
    path.write_bytes(bytes(content))


def _no_url_column(path: Path) -> None:
    pq.write_table(pa.table({"link": ["https://a.example/"], "TEXT": ["x"]}), path)


BAD = {
    "not parquet": (lambda path: path.write_text("hello, world"), "is not a parquet file"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "truncated": (_truncated, "cut short"),
    "no URL column": (_no_url_column, "no url column"),
    "damaged page": (_damaged_page, "damaged"),
}


def test_bad_files_are_set_aside_and_the_others_go_through(builder: Builder) -> None:
    """One line names each file and its reason; the site is built from the rest; exit code 1."""
    names = {kind: f"bad-{number}.parquet" for number, kind in enumerate(BAD)}
    for kind, (spoil, _) in BAD.items():
        spoil(builder.source / names[kind])
    result = builder.run("build", "--source", str(builder.source))
    assert result.exit_code == 1, result.output
    for kind, (_, expected) in BAD.items():
        lines = [line for line in result.output.splitlines() if names[kind] in line]
        assert len(lines) == 1, result.output + repr(result.exception)
        assert expected in lines[0]
    assert "Traceback" not in result.output
    assert "Rows: 120 read" in result.output
    assert (builder.root / "site" / "index.html").exists()


def test_file_with_more_text_than_allowed_is_set_aside_until_it_is_allowed(
    builder: Builder,
) -> None:
    """The line says which setting; with that raised, the same file is read."""
    long = {
        "URL": [f"https://a.example/{n}.jpg" for n in range(300)],
        "TEXT": [f"caption {n} " + "long " * 1_000 for n in range(300)],
    }
    pq.write_table(pa.table(long), builder.source / "long.parquet")
    few = builder.run("build", "--source", str(builder.source), "--max-text", "1MB")
    assert few.exit_code == 1, few.output
    (line,) = (line for line in few.output.splitlines() if "long.parquet" in line)
    assert "holds more than 1,000,000 bytes of text" in line
    assert "--max-text" in line
    assert "Rows: 120 read" in few.output
    enough = builder.run("build", "--max-text", "5MB")
    assert enough.exit_code == 0, enough.output
    assert "Rows: 420 read" in enough.output


@pytest.mark.parametrize("kind", BAD)
def test_a_lone_bad_file_is_one_clear_line(builder: Builder, tmp_path: Path, kind: str) -> None:
    """Without any good file there is no site and no traceback."""
    spoil, expected = BAD[kind]
    bad = tmp_path / "bad.parquet"
    spoil(bad)
    result = builder.run("build", "--source", str(bad))
    assert result.exit_code == 1
    assert expected in result.output
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)
    assert not (builder.root / "site").exists()


def test_a_good_file_that_went_bad_harms_nothing_already_built(built: Builder) -> None:
    """The site keeps the rows it had, and the line says which file is bad."""
    before = built.site_files()
    (built.source / "a.parquet").write_text("no longer parquet")
    result = built.run("build")
    assert result.exit_code == 1
    assert "a.parquet: is not a parquet file" in result.output
    assert built.site_files() == before


def test_a_mended_file_is_read_again(builder: Builder) -> None:
    """Once the file is good, the next build takes it in."""
    bad = builder.source / "bad.parquet"
    bad.write_text("hello")
    assert builder.run("build", "--source", str(builder.source)).exit_code == 1
    write_source(bad, 300)
    result = builder.build()
    assert "Rows: 180 read" in result.output


def test_a_file_that_is_again_what_it_was_is_fine_at_once(built: Builder) -> None:
    """Damaged in its pages, which only cleaning meets, then restored: no line, exit code 0."""
    path = built.source / "a.parquet"
    good = path.read_bytes()
    path.write_bytes(good[:4] + bytes(200) + good[204:])
    assert built.run("build").exit_code == 1
    path.write_bytes(good)
    result = built.run("build")
    assert result.exit_code == 0, result.output
    assert "a.parquet" not in result.output


def test_an_empty_folder_is_told_apart(builder: Builder, tmp_path: Path) -> None:
    """A folder without parquet is an error that names it; nothing is saved."""
    empty = tmp_path / "empty"
    empty.mkdir()
    result = builder.run("build", "--source", str(empty))
    assert result.exit_code == 1
    assert "no parquet files in this folder" in result.output
    assert not (builder.root / "build.toml").exists()


def test_an_unknown_dataset_is_bad_usage_with_a_hint(builder: Builder) -> None:
    """The closest preset is suggested; exit code 2."""
    result = builder.run("build", "--dataset", "sampel")
    assert result.exit_code == 2
    assert "did you mean sample?" in result.output


def test_an_unwritable_build_directory_is_one_clear_line(builder: Builder) -> None:
    """A place that cannot be written (here: below /proc, so that it holds for root too)."""
    result = Builder(Path("/proc/laion-build"), builder.source).run(
        "build", "--source", str(builder.source)
    )
    assert result.exit_code == 1
    assert "cannot write there" in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_two_builds_of_one_directory_exclude_each_other(builder: Builder) -> None:
    """The second says so in one line instead of waiting or mixing."""
    import subprocess
    import sys

    from laion_assets.core.build.settings import Settings

    with Workspace(builder.root, Settings()).lock.held():
        command = [
            sys.executable, "-m", "laion_assets.cli", "build",
            "--source", str(builder.source), "--build-dir", str(builder.root),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "another build is running there" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_file_is_tried_again_when_its_columns_are_named(builder: Builder, tmp_path: Path) -> None:
    """The error says to name them in a dataset file; doing so helps."""
    source = tmp_path / "odd.parquet"
    pq.write_table(pa.table({"weird": ["https://a.example/1.jpg"], "cap": ["A cat"]}), source)
    mine = tmp_path / "mine.toml"
    mine.write_text("", encoding="utf-8")
    arguments = ("build", "--dataset", str(mine), "--source", str(source))
    assert "no url column" in builder.run(*arguments).output
    mine.write_text('[columns]\nurl = "weird"\ncaption = "cap"\n', encoding="utf-8")
    assert "Rows: 1 read, 1 kept" in builder.build(*arguments[1:]).output
