"""What a comparison shows of a name beside its counts: years, largest domains, words beside it.

Lives here: the scripts `answers/beside-<n>.js`, read when names are compared. Not here: the counts
(`answers`), the pages of names, which show the same at length (`names`), the page (`asking`).

A script's content is an object: `field:name` -> `[years, domains, words]`. Years and domains are
lists of `[label, images]`, the years in order and the domains by images; words are lists of
`[word, images, times]`: `times` is how many times as often it stands beside the name as anywhere.
The number of a key's script is told as in `answers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from laion_assets.core.names.registry import LISTS
from laion_assets.core.site.answers import SHARDS, answer_script, shard_of
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site
from laion_assets.core.site.tables import Row, read_table, rows_of

#: Domains and words of a name at most: a comparison has room for so many.
MOST_DOMAINS, MOST_WORDS = 8, 12

_ROWS = 50_000  # of a table as dictionaries at a time
_YEARS, _DOMAINS, _WORDS = range(3)
_MEASURES = {"year": _YEARS, "domain": _DOMAINS}


def beside_pages(site: Site) -> Iterator[Page]:
    """The scripts, in order."""
    shards: list[dict[str, list[Any]]] = [{} for _ in range(SHARDS)]
    for about in LISTS.values():
        found: dict[str, list[Any]] = {}
        for row in _rows(site, f"{about.name}_profiles"):
            place = _MEASURES.get(row["measure"])
            if place is not None and row["images"]:
                _of(found, row)[place].append([row["label"], row["images"]])
        for row in _rows(site, f"{about.name}_words"):
            times = float(f"{row['times_expected']:.3g}")
            _of(found, row)[_WORDS].append([row["word"], row["images"], times])
        for name, (years, domains, words) in found.items():
            key = f"{about.singular}:{name}"
            domains.sort(key=lambda each: (-each[1], each[0]))
            kept = [sorted(years), domains[:MOST_DOMAINS], words[:MOST_WORDS]]
            shards[shard_of(key)][key] = kept
    for number, shard in enumerate(shards):
        yield answer_script(f"beside-{number}", dict(sorted(shard.items())))


def _of(found: dict[str, list[Any]], row: Row) -> list[Any]:
    return found.setdefault(row["name"], [[], [], []])


def _rows(site: Site, table: str) -> Iterator[Row]:
    whole = read_table(site.inputs.tables, table)
    for start in range(0, whole.num_rows, _ROWS):
        yield from rows_of(whole.slice(start, _ROWS))
