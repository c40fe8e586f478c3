"""The real Datasette gives back the browser of 2022: search, facets, labels, pages of rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import yaml

from laion_assets.core.exports.browser import describe_database
from laion_assets.core.exports.database import COLUMNS
from laion_assets.core.exports.described import Described
from laion_assets.core.sources.datasets import load_dataset
from tests.exports_fixture import QUOTED, Datasette, serving, write_export


@pytest.fixture(scope="module")
def datasette(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    """Serve the exported hostile rows."""
    folder = tmp_path_factory.mktemp("datasette")
    write_export(folder, folder / "images.db")
    metadata = folder / "metadata.yml"
    metadata.write_bytes(describe_database(Described(load_dataset("sample"), withheld=1)))
    with serving(folder / "images.db", metadata) as server:
        yield server


def test_the_tables_of_2022_are_there(datasette: Datasette) -> None:
    """Under their names; those that the full-text search needs for itself are hidden."""
    tables = datasette.get("/images.json")["tables"]
    shown = {table["name"] for table in tables if not table["hidden"]}
    assert shown == {"images", "domain", "artists", "celebrities", "characters", "image_names"}
    (images,) = [table for table in tables if table["name"] == "images"]
    assert images["fts_table"] == "images_fts"
    assert images["primary_keys"] == ["rank"]


def test_a_search_filters(datasette: Datasette) -> None:
    """`_search` finds captions, in rank order, and nothing else."""
    found = datasette.get("/images/images.json?_search=starry+night&_shape=objects")
    assert found["filtered_table_rows_count"] == 3
    assert {"starry" in row["caption"].lower() for row in found["rows"]} == {True}
    assert [row["rank"] for row in found["rows"]] == sorted(row["rank"] for row in found["rows"])
    assert datasette.get("/images/images.json?_search=withheld")["rows"] == []


def test_facets_count_and_are_labelled(datasette: Datasette) -> None:
    """Domains are counted by number and shown by name; a facet leads to its rows."""
    found = datasette.get("/images/images.json?_facet=domain_id&_labels=on&_shape=objects")
    facets = found["facet_results"]["domain_id"]["results"]
    counts = {facet["label"]: facet["count"] for facet in facets}
    assert sum(counts.values()) == found["filtered_table_rows_count"]
    assert set(counts) == {"example.com", "xn--bcher-kva.example", "index"}
    (first,) = [facet for facet in facets if facet["label"] == "example.com"]
    rows = datasette.get(
        f"/images/images.json?domain_id={first['value']}&_labels=on&_shape=objects"
    )
    assert len(rows["rows"]) == first["count"]
    assert {row["domain_id"]["label"] for row in rows["rows"]} == {"example.com"}
    assert {"domain_id", "url_year", "visibility"} <= set(found["facet_results"])


def test_names_lead_to_images(datasette: Datasette) -> None:
    """Who is named where is a table of its own, labelled by the caption."""
    query = urlencode({"name": QUOTED, "_labels": "on", "_shape": "objects"})
    found = datasette.get(f"/images/image_names.json?{query}")
    assert len(found["rows"]) == 3
    assert {"Starry night again"} <= {row["image"]["label"] for row in found["rows"]}
    query = urlencode({"list": "artists", "name": QUOTED, "_shape": "array"})
    assert len(datasette.get(f"/images/images_of_a_name.json?{query}")) == 3
    hosts = datasette.get(f"/images/domains_of_a_name.json?{query}")
    assert sum(row["images"] for row in hosts) == 3


def test_every_row_has_a_page(datasette: Datasette) -> None:
    """By its key, as data and for readers; ids are text."""
    first, *_ = datasette.get("/images/images.json?_search=again&_shape=objects")["rows"]
    page = f"/images/images/{first['rank']}"
    assert datasette.get(f"{page}.json?_shape=objects")["rows"] == [first]
    assert first["image_id"] == "5"
    assert "Starry night again" in datasette.page(page)
    name = datasette.get("/images/image_names.json?_shape=objects")["rows"][0]
    key = ",".join(_tilde(str(name[column])) for column in ("image", "list", "name"))
    assert datasette.get(f"/images/image_names/{key}.json")["rows"]


def _tilde(text: str) -> str:
    """Return a text as Datasette has it in a path: `~` where a URL has `%`, and of more."""
    return quote(text, safe="").replace("~", "~7E").replace("%20", "+").replace("%", "~").replace(
        ".", "~2E")  # fmt: skip


def test_pages_go_on_in_rank_order(datasette: Datasette) -> None:
    """One page after another gives every row once."""
    ranks, following = [], "/images/images.json?_size=5&_shape=objects"
    while following:
        page = datasette.get(following)
        ranks += [row["rank"] for row in page["rows"]]
        following = page["next_url"] and "/images" + page["next_url"].partition("/images")[2]
    assert ranks == list(range(1, len(ranks) + 1))
    assert len(ranks) == datasette.get("/images/images.json")["filtered_table_rows_count"]


def test_hostile_texts_run_nowhere(datasette: Datasette) -> None:
    """Its pages show them as text."""
    page = datasette.page("/images/images?_size=100")
    assert "<script>window.XSS" not in page
    assert "&lt;script&gt;window.XSS" in page


def test_columns_are_explained(datasette: Datasette) -> None:
    """Every column has its meaning from the registry, and the tables their titles."""
    tables = datasette.get("/-/metadata.json")["databases"]["images"]["tables"]
    assert set(tables) == set(COLUMNS)
    for name, columns in COLUMNS.items():
        assert list(tables[name]["columns"]) == [column.name for column in columns]
        assert all(tables[name]["columns"].values())
        assert tables[name]["description"]
    assert "place among all images" in datasette.page("/images/images")


def test_the_metadata_says_what_the_dataset_says(tmp_path: Path) -> None:
    """Whatever characters a description has, it comes back as it was."""
    described = tmp_path / "mine.toml"
    described.write_text(
        'title = "A: \\"b\\" # c - \\u202e é"\ndescription = "x: y"\n', encoding="utf-8"
    )
    dataset = load_dataset(str(described))
    said = yaml.safe_load(describe_database(Described(dataset, withheld=0)))
    assert said["title"] == dataset.title
    assert "x: y" in said["description"]
    assert "withheld" not in said["description"]
