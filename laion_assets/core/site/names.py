"""The page of one name: how often, beside which words, where, when, how scored, how else spelt.

Names without a single image get a page too: what zero means stands there. Which names have a page
is settled in `model`, the listings are in `entities`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from laion_assets.core.names.registry import NameList
from laion_assets.core.site.drawing import bar_length
from laion_assets.core.site.entities import name_facts, ranked
from laion_assets.core.site.formats import listed, number, percent
from laion_assets.core.site.in_context import in_context
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site, zero_bound
from laion_assets.core.site.safety import is_kept_back
from laion_assets.core.site.tables import Row, RowsByKey, read_table, rows_of

#: A name with fewer images has no distribution worth comparing with the dataset's.
FEWEST_IMAGES = 5

#: A step that holds less of the dataset, and nothing of the name, is not worth a line.
LEAST_SHARE = 0.001

#: The distributions on a name's page, in order, with the headings of table and steps; domains have
#: a table of their own.
MEASURES = {
    "year": ("By the year in the URL", "Year"),
    "punsafe": ("By punsafe", "Score"),
    "aesthetic": ("By aesthetic score", "Score"),
}


def name_pages(site: Site, about: NameList) -> Iterator[Page]:
    """The page of every name of one list that has one, in the order of the ranking."""
    pages = _NamePages(site, about)
    for place, row in enumerate(pages.rows):
        if (about.name, row["name"]) in site.name_slugs:
            yield pages.render(place, row)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The rows about each name, from the tables beside the list's own."""

    best: RowsByKey
    profiles: RowsByKey
    words: RowsByKey
    variants: RowsByKey


class _NamePages:
    """Everything the pages of one list share."""

    root = "../"

    def __init__(self, site: Site, about: NameList) -> None:
        tables = site.inputs.tables
        self.site = site
        self.about = about
        self.rows = ranked(rows_of(read_table(tables, about.name)))
        parts = ("rows", "profiles", "words", "variants")
        self.parts = _Parts(
            *(RowsByKey(read_table(tables, f"{about.name}_{part}"), "name") for part in parts)
        )

    def render(self, place: int, row: Row) -> Page:
        """One name's page."""
        site, about, name = self.site, self.about, row["name"]
        best = self.parts.best.of(name)
        tiles = [site.tile(image, self.root) for image in best]
        captions = [image["caption"] for image in best if not is_kept_back(image)]
        profile = [_of_name(row, line) for line in self.parts.profiles.of(name)]
        cited = _cited(row)
        return site.render(
            "entity.html",
            f"{about.name}/{site.name_slugs[about.name, name]}.html",
            title=name,
            description=f"{cited} {site.inputs.dataset.title}.",
            cited=cited,
            pictures=any(tile["picture"] for tile in tiles),
            noindex=about.people and row["life"] != "died",
            about=about,
            row=row,
            facts=name_facts(about, row),
            aliases=listed(row["aliases"]),
            context=listed(row["context"]),
            search=site.search_link(about.singular, name, self.root),
            compare=site.compare_link(about.singular, name, self.root),
            tiles=tiles,
            lines=in_context(captions, [name, *listed(row["aliases"])]),
            words=[self._word(row, word) for word in self.parts.words.of(name)],
            domains=[
                {**line, "links": {"label": site.domain_link(line["label"], self.root)}}
                for line in profile
                if line["measure"] == "domain"
            ],
            distributions=_distributions(profile) if row["images"] >= FEWEST_IMAGES else [],
            fewest=FEWEST_IMAGES,
            **self._spellings(name),
            zero=None if row["images"] else zero_bound(site),
            above=self._neighbour(place - 1),
            below=self._neighbour(place + 1),
            total=len(self.rows),
        )

    def _word(self, row: Row, word: Row) -> dict[str, Any]:
        """A word beside the name, with the search for the rows that have both."""
        field, words = self.about.singular, f" {word['word']}"
        link = self.site.search_link(field, row["name"], self.root, words)
        return {**_of_name(row, word), "links": {"word": link}}

    def _spellings(self, name: str) -> dict[str, Any]:
        variants = self.parts.variants.of(name)
        return {
            "spellings": [line for line in variants if line["images"]],
            "tried": [line for line in variants if not line["images"]],
        }

    def _neighbour(self, place: int) -> dict[str, Any] | None:
        if not 0 <= place < len(self.rows):
            return None
        row = self.rows[place]
        return {"row": row, "link": self.site.name_link(self.about.name, row["name"], self.root)}


def _cited(row: Row) -> str:
    """The count as a sentence that says what it is of, and what it is no proof of."""
    likely = ""
    if row["ambiguous"]:
        likely = (
            f"; {number(row['images_in_context'] or 0)} of these also have a word that makes it "
            "probable that this one is meant"
        )
    return (
        f"{number(row['images'])} of {number(row['denominator'])} published images "
        f"({percent(row['share'])}) have the name “{row['name']}” in their caption{likely}."
    )


def _of_name(row: Row, line: Row) -> Row:
    """A row whose share is of the images with the name."""
    return {**line, "denominator": row["images"]}


def _distributions(profile: Sequence[Row]) -> list[dict[str, Any]]:
    """The name's shares beside the dataset's; steps that hold next to nothing of either go."""
    tables = []
    for measure, (title, heading) in MEASURES.items():
        lines = [row for row in profile if row["measure"] == measure]
        largest = max((max(r["share"], r["dataset_share"]) for r in lines), default=0)
        tables.append(
            {
                "title": title,
                "heading": heading,
                "lines": [
                    {
                        **row,
                        # One scale, so that both bars of a line can be compared.
                        "bar": bar_length(row["share"], largest),
                        "dataset_bar": bar_length(row["dataset_share"], largest),
                    }
                    for row in lines
                    if row["images"] or row["dataset_share"] >= LEAST_SHARE
                ],
            }
        )
    return [table for table in tables if table["lines"]]
