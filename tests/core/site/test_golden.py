"""Golden pages: the whole rendered site of the fixture, compared byte for byte.

`tests/golden/site/` holds every page, the text files and the data as text; not the Parquet files
(their bytes are pyarrow's) nor `static/`. When something differs, the new tree is left beside it in
`tests/golden/site.new/`; look at the change with

    diff -ru tests/golden/site tests/golden/site.new

and, if it is what you meant, take it over with

    LAION_ASSETS_GOLDEN=refresh .venv/bin/pytest tests/core/site/test_golden.py
"""

import os
import shutil
from pathlib import Path

from tests import site_fixture
from tests.repository import GOLDEN

SITE = GOLDEN / "site"
NEW = SITE.with_suffix(".new")


def test_the_rendered_site_is_the_golden_one(tmp_path: Path):
    """Every page and text file has the bytes last looked at and accepted."""
    rendered = {
        path: content
        for path, content in site_fixture.render_all(tmp_path).items()
        if not path.endswith(".parquet") and not path.startswith("static/")
    }
    if os.environ.get("LAION_ASSETS_GOLDEN") == "refresh":
        write_tree(SITE, rendered)
    golden = {
        path.relative_to(SITE).as_posix(): path.read_bytes()
        for path in SITE.rglob("*")
        if path.is_file()
    }
    shutil.rmtree(NEW, ignore_errors=True)
    different = sorted(
        path for path in golden.keys() | rendered if golden.get(path) != rendered.get(path)
    )
    if different:
        write_tree(NEW, rendered)
    assert different == [], f"diff -ru {SITE} {NEW}"


def write_tree(folder: Path, files: dict[str, bytes]) -> None:
    """The files under a folder that holds nothing else afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
