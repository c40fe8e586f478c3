"""The card of the dataset on the Hugging Face hub: README.md with its heading in YAML.

Lives here: the card's keys and sentences. The folder of exports has the hub's layout: a folder of
parquet parts for each table of rows, within the limits on files (`parquet_files`), so that its
viewer and `datasets.load_dataset` take each table by its name. Not here: columns (`columns`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from laion_assets.core.exports.columns import IMAGES, ROW_TABLES
from laion_assets.core.exports.described import Described, ExportedTable
from laion_assets.core.exports.folder import BROWSER, DATABASE, DUCKDB, TABLE_FOLDER

#: Number of rows, as the hub groups datasets: from this many on, this category.
_SIZES = (
    (10**9, "1B<n<10B"), (10**8, "100M<n<1B"), (10**7, "10M<n<100M"), (10**6, "1M<n<10M"),
    (10**5, "100K<n<1M"), (10**4, "10K<n<100K"), (10**3, "1K<n<10K"), (0, "n<1K"),
)  # fmt: skip
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#])")


def describe_for_hub(described: Described) -> bytes:
    """Return README.md: heading, what the rows are, caveats, every table with its columns."""
    heading = yaml.safe_dump(_heading(described), sort_keys=False, allow_unicode=True, width=100)
    body = "\n".join(_body(described))
    return f"---\n{heading}---\n\n{body}\n".encode("utf-8", "backslashreplace")


def _heading(described: Described) -> dict[str, Any]:
    known = described.licence_id.lower()  # the hub spells them so
    said: dict[str, Any] = {"pretty_name": described.title, "license": known or "other"}
    if not known:
        said["license_name"] = "as-described-below"
    rows = described.named[IMAGES.name].rows
    said |= {
        "size_categories": [next(name for least, name in _SIZES if rows >= least)],
        "tags": ["image-text-pairs", "laion-assets"],
        "configs": [_config(each) for each in described.tables],
    }
    return said


def _config(exported: ExportedTable) -> dict[str, Any]:
    config: dict[str, Any] = {"config_name": exported.table.name, "data_files": _files(exported)}
    return {**config, "default": True} if exported.table is IMAGES else config


def _files(exported: ExportedTable) -> str:
    name = exported.table.name
    return f"{name}/*.parquet" if exported.table in ROW_TABLES else f"{TABLE_FOLDER}/{name}.parquet"


def _body(described: Described) -> Iterator[str]:
    yield f"# {_plain(described.title)}\n\n{_plain(described.about)}\n"
    if described.licence:
        yield f"Licence: {_plain(described.licence)}.\n"
    if described.homepage:
        yield f"From: {described.homepage}\n"
    if described.dataset.caveats:
        yield "## Before you use it\n"
        yield from (f"- {_plain(caveat)}" for caveat in described.dataset.caveats)
        yield ""
    yield "## How to open it\n"
    yield (
        "```sh\n"
        f"duckdb {DUCKDB}                               # within this folder\n"
        f"datasette {DATABASE} --metadata {BROWSER}     # if it was exported too\n"
        "```\n"
    )
    yield "## Tables\n"
    for each in described.tables:
        yield f"### {each.table.name}\n\n{each.table.meaning} {each.rows:,} rows.\n"
        yield "| column | type | meaning |\n|---|---|---|"
        for column in each.table.columns:
            yield f"| `{column.name}` | {column.type} | {_plain(column.explained)} |"
        yield ""


def _plain(text: str) -> str:
    """Return a text on one line, of which Markdown makes nothing else."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
