"""The rows of a long list as a script, for the filter of its pages (static/list-view.js).

Lives here: the format. Columns with what a page says of them, their values in the order of the
ranking: as they are, or, where few are different, as numbers into a list of these. The script calls
`LaionList`, so it loads from a disk too. Not here: which columns and rows (`entities`, `domains`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from laion_assets.core.site.columns import Column
from laion_assets.core.site.downloads import saved_name
from laion_assets.core.site.formats import NOT_APPLICABLE, UNKNOWN, is_missing, percent
from laion_assets.core.site.inputs import Page, SiteInputs
from laion_assets.core.site.safety import script_string
from laion_assets.core.site.tables import Row


@dataclass(frozen=True, slots=True)
class LongList:
    """A list to be filtered: its folder, how its rows are called, the search field of their names.

    `figure` is the column it is ranked by, `facets` are columns (with label) to choose values of,
    `inside` says that what is typed may stand inside a word, as in `shutterstock.com`. There are
    `total` rows, of which the script may have only the first. `found` is the column whose zeros are
    `zeros`, if there may be any.
    """

    name: str
    called: str
    field: str
    figure: str
    columns: Sequence[Column]
    facets: Sequence[tuple[str, str]]
    total: int
    inside: bool = False
    found: str = ""
    zeros: str = "in no caption"


def script_path(name: str) -> str:
    """Where the script of a list is."""
    return f"{name}/list.js"


def list_script(about: LongList, rows: Sequence[Row], inputs: SiteInputs) -> Page:
    """The script of a list's rows. A row has its `slug` where it has a page, else None."""
    columns = {column.key: column for column in about.columns if not column.is_drawn}
    document = {
        "list": about.name,
        "called": about.called,
        "field": about.field,
        "figure": about.figure,
        "file": saved_name(inputs.dataset, about.name),
        "total": about.total,
        "inside": about.inside,
        "found": about.found,
        "zeros": about.zeros,
        "search": inputs.search_directory is not None,
        "facets": [{"key": key, "label": label} for key, label in about.facets],
        "columns": [_column(column, rows) for column in columns.values()],
        "slugs": [row["slug"] or "" for row in rows],
    }
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    script = f"LaionList(JSON.parse({script_string(text)}));\n"
    return Page(script_path(about.name), script.encode("utf-8", "replace"))


def _column(column: Column, rows: Sequence[Row]) -> dict[str, Any]:
    values = [_value(row[column.key]) for row in rows]
    said: dict[str, Any] = {
        "key": column.key,
        "label": column.label,
        "kind": column.kind,
        "missing": column.missing
        or (UNKNOWN if column.kind in ("year", "percent") else NOT_APPLICABLE),
    }
    distinct = list(dict.fromkeys(values))
    if all(isinstance(value, str) for value in distinct) and 2 * len(distinct) < len(values):
        places = {value: place for place, value in enumerate(distinct)}
        return {**said, "texts": distinct, "codes": [places[value] for value in values]}
    return {**said, "values": values}


def _value(value: Any) -> Any:
    if is_missing(value):
        return ""
    if not isinstance(value, float):
        return value
    rounded = float(f"{value:.6g}")
    # Fewer digits are a smaller file, as long as pages print the same.
    return rounded if percent(rounded) == percent(value) else value
