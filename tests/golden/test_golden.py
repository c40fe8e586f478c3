"""Golden sites: what the command makes of a few rows, compared byte for byte.

Each case (`cases.py`) has its input in `tests/golden/<case>/in/` and its site in `out/`: every
page, the text files, the data as CSV and JSON; not the Parquet files (their bytes are pyarrow's),
the zips (zlib's), the index, `static/` nor the manifest, which is a list of the bytes of all these.
The build's name, which every change of the program changes, reads `0000…` in all of them. When
something differs, the new site is left beside it in `out.new/`; look at the change with

    diff -ru tests/golden/<case>/out tests/golden/<case>/out.new

and, if it is what you meant, take it over with

    LAION_ASSETS_GOLDEN=refresh .venv/bin/pytest tests/golden

which also writes the input's Parquet files anew where their rows have changed.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.building import Builder
from tests.golden.cases import CASES
from tests.site_html import Document

REFRESH = os.environ.get("LAION_ASSETS_GOLDEN") == "refresh"
LEFT_OUT = ("static", "search", "manifest.json")


@pytest.mark.parametrize("name", CASES)
def test_the_committed_rows_are_those_to_read(name: str) -> None:
    """The Parquet files of a case hold the rows that `cases.py` says, and there are no others."""
    case = CASES[name]
    expected = case.tables()
    if REFRESH and _stored(case.folder / "in" / "rows") != expected:
        case.write_rows()
    assert _stored(case.folder / "in" / "rows") == expected


@pytest.mark.parametrize("name", CASES)
def test_the_built_site_is_the_golden_one(name: str, tmp_path: Path) -> None:
    """Every page and text file has the bytes last looked at and accepted."""
    case = CASES[name]
    builder = Builder(tmp_path / "build", case.copy_rows(tmp_path / "rows"))
    result = builder.run(*case.command(builder.source))
    assert result.exit_code == 0, result.output + repr(result.exception)
    built = _files(builder.root / "site")
    out, new = case.folder / "out", case.folder / "out.new"
    if REFRESH:
        _write_tree(out, built)
    golden = _files(out)
    shutil.rmtree(new, ignore_errors=True)
    different = sorted(
        path for path in golden.keys() | built if golden.get(path) != built.get(path)
    )
    if different:
        _write_tree(new, built)
    assert different == [], (
        f"diff -ru {out} {new}; if you meant it: LAION_ASSETS_GOLDEN=refresh pytest tests/golden"
    )


@pytest.mark.parametrize("name", CASES)
def test_no_text_of_a_golden_page_is_markup(name: str) -> None:
    """Pages close what they open, and every script is a file of the site, or a block of data."""
    paths = sorted((CASES[name].folder / "out").rglob("*.html"))
    assert {"index.html", "artists.html", "search.html"} <= {path.name for path in paths}
    for path in paths:
        page = Document(path.read_text(encoding="utf-8"))
        assert page.unclosed == [], path
        inline = [script for script in page.all("script") if not script.get("src")]
        assert {script.get("type") for script in inline} <= {"application/ld+json"}, path
        assert not {"img", "b", "i", "iframe"} & {e.tag for e in page.everything()}, path


def _stored(folder: Path) -> dict[str, pa.Table]:
    return {path.name: pq.read_table(path) for path in folder.glob("*")}


def _files(folder: Path) -> dict[str, bytes]:
    """Return the files of a site that are compared, by path, as if the build had no name."""
    build = json.loads((folder / "data" / "summary.json").read_bytes())["build"].encode()
    found = ((path.relative_to(folder), path) for path in folder.rglob("*") if path.is_file())
    return {
        relative.as_posix(): path.read_bytes().replace(build, b"0" * len(build))
        for relative, path in found
        if relative.parts[0] not in LEFT_OUT and path.suffix not in (".parquet", ".zip")
    }


def _write_tree(folder: Path, files: dict[str, bytes]) -> None:
    """Make the folder hold these files and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
