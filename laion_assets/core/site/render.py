"""The Jinja environment: autoescape everywhere, undefined names are errors.

Lives here: what every template can call. What a page says is in the templates; which data it gets
is decided by the page modules. Not here: how a value is written (`formats`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from laion_assets.core.site import formats
from laion_assets.core.site.cells import cells
from laion_assets.core.site.columns import Column, declared
from laion_assets.core.site.safety import is_kept_back


@cache
def build_environment(templates: Path) -> Environment:
    """The environment for the pages under `templates`, whose autoescape is on for every file.

    One for all sites of a process: what was compiled of a template is kept until it changes.
    """
    environment = Environment(
        loader=FileSystemLoader(templates, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\n",
        auto_reload=True,
    )
    environment.filters.update(
        number=formats.number,
        percent=formats.percent,
        score=formats.score,
        known=formats.known,
        dimensions=formats.dimensions,
        clip=formats.clip,
        filesize=formats.filesize,
        listed=formats.listed,
        year=formats.year,
        declared=declared,
        cells=cells,
    )
    environment.tests["kept_back"] = is_kept_back
    environment.globals["column"] = Column
    # What only a whole site knows; a page that is rendered alone has none of it.
    environment.globals |= {"build_id": "", "submenu": (), "description": "", "canonical": ""}
    return environment
