"""The pages that read the index in the browser: the search, the dossier, two things compared.

Lives here: the pages, with the scripts that each loads. Not here: what the scripts do (`static/`),
what they are told of names and domains (`answers`).
"""

from __future__ import annotations

from typing import Any

from laion_assets.core.names.registry import LISTS
from laion_assets.core.site.answers import SHARDS
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site
from laion_assets.core.site.safety import field_query
from laion_assets.core.site.statics import DIRECTORY
from laion_assets.core.site.tables import read_table, rows_of


def search_page(site: Site) -> Page:
    """`search.html`: the form, the frame the search scripts fill, and the query language."""
    return _page_with_search(site, "search", "Search", scripts="search page", pictures=True)


def dossier_page(site: Site) -> Page:
    """`dossier.html`: names, domains and URLs of one's own, looked up all at once."""
    return _page_with_search(site, "dossier", "Is my work in it?", scripts="dossier")


def compare_page(site: Site) -> Page:
    """`compare.html`: two names or two domains side by side."""
    return _page_with_search(site, "compare", "Compare", scripts="compare", examples=_pairs(site))


def _page_with_search(
    site: Site, name: str, title: str, *, scripts: str, pictures: bool = False, **context: Any
) -> Page:
    """A page that reads the index, with the kind of scripts that do so there."""
    directory = site.inputs.search_directory
    loaded = [
        directory if script == DIRECTORY else script
        for script in (*site.scripts["search"], *site.scripts[scripts])
    ]
    return site.render(
        f"{name}.html",
        f"{name}.html",
        title=title,
        pictures=pictures and directory is not None,
        sortable=False,
        search_directory=directory,
        answers=SHARDS,
        scripts=[script for script in loaded if script is not None] if directory else (),
        **context,
    )


def _pairs(site: Site) -> list[tuple[str, str, str]]:
    """The first two of each list and of the domains, where they are found: address and names."""
    asked = [("domains", "domain", "domain"), *((n, "name", a.singular) for n, a in LISTS.items())]
    pairs = []
    for table, column, field in asked:
        rows = rows_of(read_table(site.inputs.tables, table).slice(0, 2))
        names = [row[column] for row in rows if row["images"]]
        if len(names) == 2:  # noqa: PLR2004 - a pair
            a, b = (field_query(field, name) for name in names)
            pairs.append((f"compare.html?a={a}&b={b}", names[0], names[1]))
    return pairs
