"""The listed names that no ranking has, from A to Z: in no caption, or too rare for its pages.

Lives here: how they are put on pages of a bounded size, letter by letter. That none was found is an
answer too, and each page says what it means. Not here: the ranking (`entities`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from laion_assets.core.base.budget import LINKS_PER_PAGE, NAMES_PER_PAGE
from laion_assets.core.names.lists import fold_name
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site
from laion_assets.core.site.ranking import page_path, pager
from laion_assets.core.site.tables import Row

#: What names that begin with no Latin letter are sorted under, after Z; and their heading.
_OTHER, OTHERS = "~", "0 to 9 and other scripts"

Entry = dict[str, Any]


def alphabet_stem(table: str) -> str:
    """What the paths of a list's pages from A to Z begin with."""
    return f"{table}-a-z"


@dataclass(frozen=True, slots=True)
class Rest:
    """The names of a list that its ranking has not: which list, what a zero says of them.

    `title` and `name` are those of the list, `key` is its column of names, `zeros` what stands
    after the number of those never found; `bound` is what such a count can say (`zero_bound`).
    Of the names `listed` so many are `found`, of these so many `ranked`.
    """

    name: str
    title: str
    key: str
    zeros: str
    listed: int
    found: int
    ranked: int
    bound: dict[str, Any] | None = None


def alphabet_pages(site: Site, about: Rest, rows: Sequence[Row]) -> Iterator[Page]:
    """The pages of `rows`; none where the ranking has every name."""
    chunks = _chunks(site, about, rows)
    stem = alphabet_stem(about.name)
    letters: dict[str, dict[str, Any]] = {}
    for number, chunk in enumerate(chunks, 1):
        for letter, entries in chunk:
            path = f"{page_path(stem, number)}#{_anchor(letter)}"
            known = letters.setdefault(
                letter, {"letter": _heading(letter), "path": path, "names": 0}
            )
            known["names"] += len(entries)
    first = 1
    for number, chunk in enumerate(chunks, 1):
        size = sum(len(entries) for _, entries in chunk)
        yield site.render(
            "alphabet.html",
            page_path(stem, number),
            title=f"{about.title} from A to Z" + (f", page {number}" if number > 1 else ""),
            about=about,
            groups=[
                {"letter": _heading(letter), "anchor": _anchor(letter), "entries": entries}
                for letter, entries in chunk
            ],
            letters=list(letters.values()),
            number=number,
            pager=pager(stem, number, len(chunks)),
            first=first,
            last=first + size - 1,
            total=len(rows),
        )
        first += size


def _chunks(site: Site, about: Rest, rows: Sequence[Row]) -> list[list[tuple[str, list[Entry]]]]:
    """The names by letter, page by page: a page is full by its names or by its links."""
    ordered = sorted(
        (_letter(row[about.key]), fold_name(row[about.key]), row[about.key], row) for row in rows
    )
    pages: list[list[tuple[str, Entry]]] = []
    links = 0
    for letter, _, _, row in ordered:
        entry = _entry(site, about, row)
        links += entry["link"] is not None
        if not pages or len(pages[-1]) == NAMES_PER_PAGE or links > LINKS_PER_PAGE:
            pages.append([])
            links = int(entry["link"] is not None)
        pages[-1].append((letter, entry))
    return [
        [(letter, [e for _, e in group]) for letter, group in groupby(page, lambda pair: pair[0])]
        for page in pages
    ]


def _entry(site: Site, about: Rest, row: Row) -> Entry:
    slug = site.name_slugs.get((about.name, row[about.key]))
    link = f"{about.name}/{slug}.html" if slug else None
    return {"name": row[about.key], "link": link, "images": row["images"]}


def _letter(name: str) -> str:
    first = unicodedata.normalize("NFKD", fold_name(name) or name)[:1].upper()
    return first if "A" <= first <= "Z" else _OTHER


def _anchor(letter: str) -> str:
    return "letter-other" if letter == _OTHER else f"letter-{letter.lower()}"


def _heading(letter: str) -> str:
    return OTHERS if letter == _OTHER else letter
