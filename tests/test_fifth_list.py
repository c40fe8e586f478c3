"""A list more is a CSV and an entry in the registry: everything else follows from the two."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from laion_assets.core.base.package import PACKAGE, TEMPLATES
from tests.building import write_small_lists, write_source
from tests.index_reader import IndexReader

BRANDS = """name,aliases,ambiguous,context,industry,country
Apple,,yes,phone|laptop,electronics,American
Poster & Frame,,no,,retail,
Nobody Makes This,,,,,
"""

ENTRY = """
        NameList(
            name="brands",
            singular="brand",
            title="Brands",
            description="How often each brand is named, zero included.",
            columns=(
                ListColumn("industry", "Industry", "what it makes", facet="By industry"),
                ListColumn("country", "Country"),
            ),
            kind="industry",
            shown=("industry", "country"),
            facets=("industry",),
            people=False,
            captions_may_name="the maker, a shop, a fruit or a keyword",
        ),
    )
}
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build directory of a copy of the program that has a fifth list, and nothing else new."""
    folder = tmp_path_factory.mktemp("fifth")
    shutil.copytree(PACKAGE, folder / "laion_assets", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(TEMPLATES, folder / "site_templates")
    shutil.rmtree(folder / "laion_assets" / "lists")
    write_small_lists(folder / "laion_assets" / "lists")
    (folder / "laion_assets" / "lists" / "brands.csv").write_text(BRANDS, encoding="utf-8")
    registry = folder / "laion_assets" / "core" / "names" / "registry.py"
    text = registry.read_text(encoding="utf-8")
    assert text.count("\n    )\n}\n") == 1
    registry.write_text(text.replace("\n    )\n}\n", ENTRY), encoding="utf-8")
    source = write_source(folder / "source" / "a.parquet", 0)
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-B", "-m", "laion_assets.cli", "build", "--source", str(source)],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build"


def test_its_names_are_counted(built: Path) -> None:
    """The table has its own columns, counts and zeros; an ambiguous name counts in context too."""
    rows = pq.read_table(built / "tables" / "brands.parquet").to_pylist()
    assert {row["name"]: row["images"] for row in rows} == {
        "Apple": 0, "Poster & Frame": 0, "Nobody Makes This": 0,
    } | {"Poster & Frame": 10}  # fmt: skip
    assert rows[0]["industry"] == "retail"


def test_it_has_pages_and_a_place_in_the_navigation(built: Path) -> None:
    """A ranking, a page for each name, a link from those of names, counts on the overview."""
    site = built / "site"
    assert (site / "brands" / "poster-frame.html").is_file()
    assert "a fruit or a keyword" in (site / "brands" / "apple.html").read_text(encoding="utf-8")
    listing = (site / "brands.html").read_text(encoding="utf-8")
    assert "<h1>Brands</h1>" in listing
    assert "By industry" in listing
    for page in ("names.html", "artists.html"):
        assert 'href="brands.html"' in (site / page).read_text(encoding="utf-8")
    assert "Brands named" in (site / "index.html").read_text(encoding="utf-8")


def test_its_tables_can_be_downloaded(built: Path) -> None:
    """Every table of names, its facets among them, with its columns explained."""
    data = built / "site" / "data"
    facets = json.loads((data / "brands_facets.json").read_text(encoding="utf-8"))
    assert ("industry", "retail", 1, 1) in {
        (row["facet"], row["value"], row["listed"], row["found"]) for row in facets
    }
    assert (data / "brands_variants.csv").is_file()
    downloads = (built / "site" / "downloads.html").read_text(encoding="utf-8")
    assert "what it makes" in downloads


def test_it_is_a_field_of_the_search(built: Path) -> None:
    """The index names the field for the client, and holds the names that are found."""
    (directory,) = (built / "site" / "search").glob("*/directory.js")
    assert '"character","brand","year"' in directory.read_text(encoding="utf-8")
    reader = IndexReader(directory.parent, directory.name)
    assert reader.terms("f")[":brand:poster frame"].count == 10
    assert "<code>brand:</code>" in (built / "site" / "search.html").read_text(encoding="utf-8")
