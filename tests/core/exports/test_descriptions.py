"""What describes the dataset to other programs is taken by them, whatever it is called."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from huggingface_hub import DatasetCard

from laion_assets.core.base.files import sha256_file
from laion_assets.core.exports.columns import MERGED_TABLES, ROW_TABLES
from laion_assets.core.exports.croissant import describe_as_croissant
from laion_assets.core.exports.data_package import describe_as_package
from laion_assets.core.exports.described import Described, ExportedFile, ExportedTable
from laion_assets.core.exports.duckdb_file import copy_tables
from laion_assets.core.exports.hub_card import describe_for_hub
from laion_assets.core.exports.parquet_files import SourceTables, write_rows
from laion_assets.core.sources.datasets import load_dataset, preset_names
from laion_assets.core.tables.declarations import Table
from tests.exports_fixture import export_parts, export_rows

HOSTILE = """
title = "---\\nA: \\"b\\" <script>alert(1)</script> | `c` [d](javascript:e)"
description = "# f\\n---\\n{{ g }} \\u202e"
licence = "CC-BY-4.0 (as said by somebody)"
homepage = "https://example.org/?a=1&b=2"
caveats = ["<b>h</b>", "i | j"]
"""


def _described(folder: Path, dataset: str = "sample") -> Described:
    """Export the hostile rows as parquet, and describe them as a dataset of some name."""
    parts = export_parts(folder / "built")
    sources = [
        SourceTables(images.stem, images, mentions)
        for images, mentions in zip(parts.images, parts.mentions, strict=True)
    ]
    out = folder / "out"
    write_rows(sources, out, lambda _: None)
    copy_tables(MERGED_TABLES, folder / "built" / "merged", out)

    def exported(table: Table) -> ExportedTable:
        rows = sorted((out / table.name).glob("*.parquet"))
        paths = rows or [out / "tables" / f"{table.name}.parquet"]
        return ExportedTable(
            table,
            [
                ExportedFile(
                    path.relative_to(out).as_posix(),
                    sha256_file(path),
                    path.stat().st_size,
                    pq.read_metadata(path).num_rows,
                )
                for path in paths
            ],
        )

    tables = [exported(table) for table in (*ROW_TABLES, *MERGED_TABLES)]
    return Described(load_dataset(dataset), 1, tables)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Described, Path]:
    """Describe them as the sample."""
    folder = tmp_path_factory.mktemp("plain")
    return _described(folder), folder / "out"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Described, Path]:
    """Describe them by a description full of markup."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "mine.toml").write_text(HOSTILE, encoding="utf-8")
    return _described(folder, str(folder / "mine.toml")), folder / "out"


#: Run by a Python of its own, whose warnings are those of other people's libraries.
_LOAD = """
import itertools, json, sys
import mlcroissant
from absl import logging
logging.set_verbosity(logging.ERROR)
dataset = mlcroissant.Dataset(sys.argv[1])
print(json.dumps({
    "version": str(dataset.metadata.ctx.conforms_to.value),
    "rows": {record_set.name: sum(1 for _ in dataset.records(record_set.id))
             for record_set in dataset.metadata.record_sets},
    "first": [str(next(iter(dataset.records("images"))))],
}))
"""


@pytest.mark.parametrize("which", ["plain", "hostile"])
def test_the_reader_of_croissant_reads_every_table(
    which: str, request: pytest.FixtureRequest
) -> None:
    """`mlcroissant` takes the description as version 1.1 and finds all rows of all tables by it."""
    described, folder = request.getfixturevalue(which)
    path = folder / "croissant.json"
    path.write_bytes(describe_as_croissant(described))
    run = subprocess.run(
        [sys.executable, "-c", _LOAD, str(path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["version"] == "http://mlcommons.org/croissant/1.1"
    assert told["rows"] == {each.table.name: each.rows for each in described.tables}
    assert json.loads(path.read_bytes())["name"] == described.title


def test_croissant_has_the_digest_of_every_file(plain: tuple[Described, Path]) -> None:
    """Whoever downloads one can tell that it is whole; paths are relative."""
    described, folder = plain
    said = json.loads(describe_as_croissant(described))
    files = [each for each in said["distribution"] if each["@type"] == "cr:FileObject"]
    assert {each["contentUrl"] for each in files} == {
        path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")
    }
    for each in files:
        assert each["sha256"] == sha256_file(folder / each["contentUrl"])


def _package(described: Described) -> Any:
    return json.loads(describe_as_package(described))


def test_the_data_package_describes_every_table(plain: tuple[Described, Path]) -> None:
    """Each resource has its files and its columns, with types and meanings, in their order."""
    described, folder = plain
    package = _package(described)
    resources = {each["name"]: each for each in package["resources"]}
    assert set(resources) == {table.name for table in (*ROW_TABLES, *MERGED_TABLES)}
    for each in described.tables:
        resource = resources[each.table.name]
        assert (folder / resource["path"]).is_file()
        fields = resource["schema"]["fields"]
        found = pq.read_schema(folder / resource["path"]).names
        assert [field["name"] for field in fields] == found
        assert all(field["description"] for field in fields)
    assert resources["images"]["schema"]["primaryKey"] == ["source_file", "row"]


@pytest.mark.parametrize("which", ["plain", "hostile"])
def test_the_data_package_keeps_to_the_standard(which: str, request: pytest.FixtureRequest) -> None:
    """Names are slugs, a licence has a name, no path leaves the folder, absent is left out."""
    described, _ = request.getfixturevalue(which)
    package = _package(described)
    assert package["name"].strip("abcdefghijklmnopqrstuvwxyz0123456789-") == ""
    assert all(licence["name"] for licence in package["licenses"])
    assert all(package.values())
    for resource in package["resources"]:
        assert not resource["path"].startswith(("/", "."))
    licences = {licence["name"] for licence in package["licenses"]}
    assert licences == {"CC0-1.0" if which == "plain" else "CC-BY-4.0"}


@pytest.mark.parametrize("which", ["plain", "hostile"])
def test_the_hub_reads_the_card(which: str, request: pytest.FixtureRequest) -> None:
    """Its heading says where each table's files are; all exist, one table is the default."""
    described, folder = request.getfixturevalue(which)
    content = describe_for_hub(described).decode()
    card = DatasetCard(content)
    assert card.data.pretty_name == described.title
    assert card.data.license in ("cc0-1.0", "cc-by-4.0")
    heading = card.data.to_dict()
    assert heading["size_categories"] == ["n<1K"]
    configs = heading["configs"]
    assert [config["config_name"] for config in configs if config.get("default")] == ["images"]
    for config in configs:
        assert list(folder.glob(config["data_files"])), config
    assert content.count("\n---\n") == 1
    assert content.startswith("---\n")


def test_markup_of_a_description_is_text_on_the_card(hostile: tuple[Described, Path]) -> None:
    """No tag, link, heading or table cell is made of it."""
    body = describe_for_hub(hostile[0]).decode().partition("\n---\n")[2]
    assert "<script>" not in body.replace("\\<", "")
    assert "](javascript" not in body.replace("\\](", "")
    assert "\n# f" not in body
    assert "- i \\| j" in body


def test_what_is_left_out_is_said(plain: tuple[Described, Path]) -> None:
    """The number withheld, and that what was removed is not there, in every description."""
    described, _ = plain
    for describe in (describe_as_croissant, describe_as_package, describe_for_hub):
        said = describe(described).decode()
        assert "Rows withheld from these files, because a model took them for unsafe: 1." in said
        assert "removed" in said


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_can_be_described(name: str, plain: tuple[Described, Path]) -> None:
    """Nothing that a preset says, or leaves out, is too much for any form."""
    described = Described(load_dataset(name), 0, plain[0].tables)
    assert json.loads(describe_as_croissant(described))["name"] == described.title
    assert all(_package(described)["licenses"])
    heading = yaml.safe_load(describe_for_hub(described).decode().split("---\n")[1])
    assert heading["pretty_name"] == described.title


def test_rows_are_counted_without_what_is_withheld(plain: tuple[Described, Path]) -> None:
    """The number of rows that a description gives is that of its files."""
    rows = sum(len(rows) for rows in export_rows().values())
    assert plain[0].named["images"].rows == rows - 1
