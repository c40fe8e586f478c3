"""What Datasette is told of the database: titles, facets, labels, the meaning of every column.

Lives here: the content of `metadata.yml`, with the canned queries. Not here: the tables
(`database`), the words about a column (`core.tables`).
"""

from __future__ import annotations

from typing import Any

import yaml

from laion_assets.core.exports.database import (
    COLUMNS,
    DOMAINS,
    IMAGE_NAMES,
    IMAGES,
    LISTED,
    label,
)
from laion_assets.core.exports.described import Described
from laion_assets.core.names.registry import LISTS

_FACETS = {
    IMAGES: ["domain_id", "url_year", "visibility"],
    IMAGE_NAMES: ["list", "name"],
    DOMAINS: ["platform", "category"],
}
_MEANINGS = {
    IMAGES: "Every published image, the highest aesthetic score first.",
    IMAGE_NAMES: "Which image names whom in its caption.",
}
_IMAGES_OF_A_NAME = """\
SELECT images.rank, images.image_id, images.url, images.caption, images.aesthetic, images.punsafe
FROM image_names
JOIN images ON images.rank = image_names.image
WHERE image_names.list = :list AND image_names.name = :name
ORDER BY images.rank
"""
_DOMAINS_OF_A_NAME = """\
SELECT domain.domain, count(*) AS images
FROM image_names
JOIN images ON images.rank = image_names.image
JOIN domain ON domain.id = images.domain_id
WHERE image_names.list = :list AND image_names.name = :name
GROUP BY domain.id
ORDER BY images DESC, domain.domain
"""
_QUERIES = {
    "images_of_a_name": ("Images whose caption has a listed name", _IMAGES_OF_A_NAME),
    "domains_of_a_name": ("Where the images of a listed name are", _DOMAINS_OF_A_NAME),
}


def describe_database(described: Described) -> bytes:
    """Return `metadata.yml` for the database of a dataset."""
    metadata: dict[str, Any] = {
        "title": described.title,
        "description": described.about,
        "license": described.licence,
        "source": described.title,
        "source_url": described.homepage,
        "databases": {
            "images": {
                "tables": {name: _table(name) for name in COLUMNS},
                "queries": {
                    name: {"title": title, "sql": sql} for name, (title, sql) in _QUERIES.items()
                },
            }
        },
    }
    kept = {name: value for name, value in metadata.items() if value}
    text: str = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=100)
    return text.encode("utf-8", "backslashreplace")


def _table(name: str) -> dict[str, Any]:
    listed = LISTED.get(name)
    said: dict[str, Any] = {
        "description": listed.meaning if listed else _MEANINGS[name],
        "facets": _facets(name),
        "columns": {column.name: column.explained for column in COLUMNS[name]},
    }
    if name == IMAGES:
        said["label_column"] = "caption"
    elif name in LISTED:
        said["label_column"] = label(name)
    return said


def _facets(name: str) -> list[str]:
    if name in LISTS:
        columns = {column.name for column in COLUMNS[name]}
        return [facet for facet in LISTS[name].facets if facet in columns]
    return _FACETS[name]
