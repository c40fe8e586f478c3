"""What every page shares: the inputs, the environment, the headline numbers and who has a page.

The budgets on pages are decided here, once, so a listing links to a page exactly when it exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq
from jinja2 import Environment

from laion_assets.core.base.budget import FileBudget, ranking_pages, share_files
from laion_assets.core.names.registry import ALL_LISTS, ENTITY_LISTS, LISTS
from laion_assets.core.names.zero_bound import CONFIDENCE, per_million, zero_bounds, zero_share
from laion_assets.core.site.headline import Headline, build_headline
from laion_assets.core.site.inputs import Page, SiteInputs
from laion_assets.core.site.menu import Entry, menu_of, submenu_of
from laion_assets.core.site.render import build_environment
from laion_assets.core.site.safety import (
    PICTURE_CSP,
    STRICT_CSP,
    field_query,
    one_line,
    safe_link,
    search_link,
)
from laion_assets.core.site.statics import published_scripts
from laion_assets.core.site.tables import Row, read_table, rows_of, table_path
from laion_assets.core.site.tiles import Tile, draw_tile

#: Tables of the questions page and the list their names are on.
_ASKED = {
    "study_artists": "artists",
    "study_artist_types": "artists",
    "study_celebrities": "celebrities",
    "study_internet": "celebrities",
}

_PICTURE_VISIBILITIES = frozenset({"shown", "blurred"})


#: Characters of a description.
_DESCRIPTION = 160


@dataclass(frozen=True, slots=True)
class Site:
    """Everything the page modules need; built once by `build_site`."""

    inputs: SiteInputs
    environment: Environment
    scripts: dict[str, list[str]]
    headline: Headline
    menu: Sequence[Entry]
    budget: FileBudget
    domain_slugs: dict[str, str]
    name_slugs: dict[tuple[str, str], str]
    #: How many pages each list's ranking may have at most.
    rankings: dict[str, int]

    def render(
        self,
        template: str,
        path: str,
        *,
        title: str,
        description: str = "",
        pictures: bool = False,
        sortable: bool = True,
        noindex: bool = False,
        scripts: Sequence[str] = (),
        **context: Any,
    ) -> Page:
        """One HTML page from `template`.

        `description` is what search engines and previews show of it; left out, the dataset's.
        `pictures` says that the page holds tiles whose pictures a reader may ask for; the policy
        is widened only then, and only when the dataset allows pictures. `sortable` says that it may
        have tables to sort. `scripts` are those of the page's own.
        """
        dataset = self.inputs.dataset
        asks = pictures and dataset.pictures == "ask"
        html = self.environment.get_template(template).render(
            dataset=dataset,
            thresholds=self.inputs.thresholds,
            headline=self.headline,
            build_id=self.inputs.build_id,
            publisher=self.inputs.publisher,
            navigation=menu_of(self.menu, path),
            submenu=submenu_of(self.menu, path),
            lists=tuple(LISTS.values()),
            has_search=self.inputs.search_directory is not None,
            root="../" * path.count("/"),
            path=path,
            title=title,
            description=_described(description or f"{title}: {dataset.description}"),
            canonical=self.address(path),
            csp=PICTURE_CSP if asks else STRICT_CSP,
            pictures="ask" if asks else "none",
            noindex=noindex,
            scripts=[
                *self.scripts["pages with tables" if sortable else "every page"],
                *(self.scripts["pages with pictures"] if pictures else ()),
                *scripts,
            ],
            **context,
        )
        listed = not noindex and path != "404.html"
        return Page(path, html.encode("utf-8", "replace"), listed=listed)

    def address(self, path: str) -> str | None:
        """The page's address where the site will be; None where nobody said, or it has none."""
        base = self.inputs.base_url
        if not base or path == "404.html":
            return None
        return f"{base.rstrip('/')}/{'' if path == 'index.html' else path}"

    def search_link(self, field: str, value: str, root: str, words: str = "") -> str | None:
        """The search for a field's value, and for words beside it; None without an index."""
        if self.inputs.search_directory is None:
            return None
        return search_link(root, field, value, words)

    def compare_link(self, field: str, value: str, root: str) -> str | None:
        """The page that compares it with something else; None without an index."""
        if self.inputs.search_directory is None:
            return None
        return f"{root}compare.html?a={field_query(field, value)}"

    def domain_link(self, domain: str, root: str) -> str | None:
        """The domain's own page where it has one, else its search."""
        slug = self.domain_slugs.get(domain)
        return f"{root}domains/{slug}.html" if slug else self.search_link("domain", domain, root)

    def name_link(self, table: str, name: str, root: str, *, found: bool = True) -> str | None:
        """The name's own page where it has one, else its search where that finds something."""
        slug = self.name_slugs.get((table, name))
        if slug:
            return f"{root}{table}/{slug}.html"
        if not found:
            return None
        return self.search_link(LISTS[table].singular, name, root)

    def tile(self, row: Row, root: str) -> dict[str, Any]:
        """A row as its tile: the drawing, the row, and only those URLs a page may use."""
        dataset = self.inputs.dataset
        link = safe_link(row["url"])
        may_show = dataset.pictures == "ask" and row["visibility"] in _PICTURE_VISIBILITIES
        drawing: Tile = draw_tile(row["caption"], row["image_id"], row["width"], row["height"])
        return {
            "row": row,
            "drawing": drawing,
            "link": link if dataset.links else None,
            "picture": link if may_show else None,
            "domain_link": self.domain_link(row["domain"], root),
        }


def _described(text: str) -> str:
    """The text as one line that search engines show whole."""
    line = one_line(text)
    return line if len(line) <= _DESCRIPTION else f"{line[: _DESCRIPTION - 1].rstrip()}…"


def build_site(inputs: SiteInputs, menu: Sequence[Entry]) -> Site:
    """Read what the pages share and settle which domains and names get a page.

    `menu` is what every page leads to, in order.
    """
    budget = share_files(inputs.max_files)
    domains = read_table(inputs.tables, "domains").select(["domain", "slug"])
    slugs = domains.filter(domains.column("slug").is_valid()).slice(0, budget.domain_pages)
    return Site(
        inputs=inputs,
        environment=build_environment(inputs.templates),
        scripts=published_scripts(inputs.templates),
        headline=build_headline(inputs.tables),
        menu=menu,
        budget=budget,
        domain_slugs={row["domain"]: row["slug"] for row in rows_of(slugs)},
        name_slugs=_name_slugs(inputs, budget.name_pages),
        rankings=dict(zip(ALL_LISTS, _ranking_pages(inputs), strict=True)),
    )


def _ranking_pages(inputs: SiteInputs) -> list[int]:
    paths = [table_path(inputs.tables, name) for name in ALL_LISTS]
    return ranking_pages(inputs.max_files, [pq.read_metadata(path).num_rows for path in paths])


def _name_slugs(inputs: SiteInputs, most: int) -> dict[tuple[str, str], str]:
    """The names that get a page: all of them, or the most frequent when there are too many.

    First of all those the questions page names, internet personalities without an image among them:
    why there is none stands on their pages.
    """
    asked = {
        (table, row["name"])
        for question, table in _ASKED.items()
        for row in rows_of(read_table(inputs.tables, question).select(["name"]))
    }
    names = [
        ((table, row["name"]) not in asked, -row["images"], row["name"], table, row["slug"])
        for table in ENTITY_LISTS
        for row in rows_of(read_table(inputs.tables, table).select(["name", "slug", "images"]))
        if row["slug"]
    ]
    return {(table, name): slug for _, _, name, table, slug in sorted(names)[:most]}


def zero_bound(site: Site) -> dict[str, Any]:
    """What a count of zero can say: upper bounds for larger sets, were these rows a fair sample."""
    published = site.headline.published
    share = zero_share(published)
    return {
        "confidence": f"{CONFIDENCE:.0%}",
        "per_million": None if share is None else per_million(share),
        "bounds": zero_bounds(published, site.inputs.dataset.populations),
    }
