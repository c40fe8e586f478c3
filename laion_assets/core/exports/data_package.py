"""The dataset as a Frictionless data package: `datapackage.json`.

Lives here: the form of datapackage.org (version 2). Not here: what is said (`described`, the
registry of tables).
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from laion_assets.core.exports.columns import IMAGES
from laion_assets.core.exports.described import Described, ExportedTable

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_RESOURCE = "https://datapackage.org/profiles/2.0/dataresource.json"
_TYPES = {
    pa.string(): "string",
    pa.bool_(): "boolean",
    pa.float64(): "number",
    pa.int32(): "integer",
    pa.int64(): "integer",
}
_NO_NAME = re.compile(r"[^a-z0-9]+")


def describe_as_package(described: Described) -> bytes:
    """Return datapackage.json; paths in it are relative to it."""
    said: dict[str, Any] = {
        "$schema": _PROFILE,
        "name": _NO_NAME.sub("-", described.dataset.name.lower()).strip("-") or "dataset",
        "title": described.title,
        "description": described.about,
        "homepage": described.homepage if urlsplit(described.homepage).netloc else "",
        "licenses": [
            {
                "name": described.licence_id or "notspecified",
                "title": described.licence or "not stated",
            }
        ],
        "resources": [_resource(each) for each in described.tables],
    }
    kept = {name: value for name, value in said.items() if value}
    return (
        json.dumps(kept, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n"
    )


def _resource(exported: ExportedTable) -> dict[str, Any]:
    table, files = exported.table, exported.files
    resource: dict[str, Any] = {
        "$schema": _RESOURCE,
        "name": table.name,
        "type": "table",
        "description": table.meaning,
        "path": files[0].path if len(files) == 1 else [file.path for file in files],
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
    }  # no size and no digest: the framework's own reader of parquet takes these for mismatches
    schema: dict[str, Any] = {
        "fields": [
            {
                "name": column.name,
                "type": _TYPES[column.type],
                "description": column.explained,
            }
            for column in table.columns
        ]
    }
    if table is IMAGES:
        schema["primaryKey"] = list(table.sort)
    return {**resource, "schema": schema}
