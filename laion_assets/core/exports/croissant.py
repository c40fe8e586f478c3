"""The dataset as Croissant 1.1 describes it: files, tables, columns (JSON-LD).

Lives here: the form of docs.mlcommons.org/croissant. Not here: what is said (`described`, the
registry of tables).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from laion_assets.core.exports.columns import ROW_TABLES
from laion_assets.core.exports.described import Described, ExportedTable

_CONFORMS = "http://mlcommons.org/croissant/1.1"
#: The context that every description of that version has.
_CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
#: What Croissant calls parquet, whose registered name its readers do not know.
_PARQUET = "application/x-parquet"
_TYPES = {
    pa.string(): "sc:Text",
    pa.bool_(): "sc:Boolean",
    pa.float64(): "sc:Float",
    pa.int32(): "sc:Integer",
    pa.int64(): "sc:Integer",
}


def describe_as_croissant(described: Described) -> bytes:
    """Return croissant.json; paths in it are relative to it."""
    said = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": _CONFORMS,
        "name": described.title,
        "description": described.about,
        "url": described.homepage,
        "license": described.licence,
        "distribution": [entry for each in described.tables for entry in _distribution(each)],
        "recordSet": [_record_set(each) for each in described.tables],
    }
    kept = {name: value for name, value in said.items() if value}
    return (
        json.dumps(kept, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n"
    )


def _distribution(exported: ExportedTable) -> Iterator[dict[str, Any]]:
    for file in exported.files:
        yield {
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path,
            "contentUrl": file.path,
            "contentSize": f"{file.size} B",
            "encodingFormat": _PARQUET,
            "sha256": file.sha256,
        }
    if exported.table in ROW_TABLES:
        yield {
            "@type": "cr:FileSet",
            "@id": _files(exported),
            "name": _files(exported),
            "encodingFormat": _PARQUET,
            "includes": f"{exported.table.name}/*.parquet",
        }


def _files(exported: ExportedTable) -> str:
    return f"{exported.table.name}-parts"


def _record_set(exported: ExportedTable) -> dict[str, Any]:
    table = exported.table
    if table in ROW_TABLES:
        source = {"fileSet": {"@id": _files(exported)}}
    else:
        source = {"fileObject": {"@id": exported.files[0].path}}
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.meaning,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{table.name}/{column.name}",
                "name": column.name,
                "description": column.explained,
                "dataType": _TYPES[column.type],
                "source": {**source, "extract": {"column": column.name}},
            }
            for column in table.columns
        ],
    }
