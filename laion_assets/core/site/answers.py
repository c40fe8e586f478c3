"""What the box at the top of the search answers from: every listed name and the largest domains.

Lives here: the scripts under `answers/`, which the search page and the dossier read one of when
something was asked, and the list of names in which near spellings are looked for. Not here: what is
made of them (`static/search-answers.js`), searching captions (`core.index`), what stands beside a
name there for whoever compares it (`beside`).

A script calls `LaionAnswers(name, content)`. A shard's content is an object: what is asked (a name,
an alias or a platform as its tokens joined by spaces, or a domain) -> records, each
`[field, value, images, likely, rank, URLs, captions, page]`: `field` is that of the query language,
`likely` null where the name is not ambiguous, `rank` null where nothing is found, `page` null
where it has none. A key stands in the shard that the 32-bit FNV-1a hash of its UTF-8 tells, modulo
`SHARDS`. The content of `names` is a list: every key that is a name or an alias, sorted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from laion_assets.core.names.lists import fold_name
from laion_assets.core.names.registry import LISTS, PLATFORM, NameList
from laion_assets.core.site.domains import ranked_domains
from laion_assets.core.site.entities import ranked
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site
from laion_assets.core.site.platforms import ranked_platforms
from laion_assets.core.site.safety import script_string
from laion_assets.core.site.tables import Row, read_table, rows_of

#: Scripts that the keys are divided among: at 20,000 names each is some 150 kB.
SHARDS = 16
#: Domains that are told with their rank; of any other the index tells how many images it has.
MOST_DOMAINS = 10_000
FOLDER = "answers"

Record = list[Any]
_NUMBERS = ("unique_urls", "unique_captions")
_FNV_PRIME, _FNV_START = 0x01000193, 0x811C9DC5


def shard_of(key: str) -> int:
    """Return the number of the shard that holds a key."""
    value = _FNV_START
    for byte in key.encode("utf-8", "replace"):
        value = ((value ^ byte) * _FNV_PRIME) & 0xFFFFFFFF
    return value % SHARDS


def answer_pages(site: Site) -> Iterator[Page]:
    """The scripts, in order."""
    shards: list[dict[str, list[Record]]] = [{} for _ in range(SHARDS)]
    names: set[str] = set()
    for key, record in _records(site):
        shards[shard_of(key)].setdefault(key, []).append(record)
        if record[0] != "domain":
            names.add(key)
    for number, shard in enumerate(shards):
        yield answer_script(str(number), dict(sorted(shard.items())))
    yield answer_script("names", sorted(names))


def answer_script(name: str, content: Any) -> Page:
    """The script that hands over a content by its name."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    script = f'LaionAnswers("{name}",JSON.parse({script_string(text)}));\n'
    return Page(f"{FOLDER}/{name}.js", script.encode("utf-8", "replace"))


def _records(site: Site) -> Iterator[tuple[str, Record]]:
    for about in LISTS.values():
        yield from _of_names(site, about)
    yield from _of_platforms(site)
    for row in rows_of(ranked_domains(site).slice(0, MOST_DOMAINS)):
        slug = site.domain_slugs.get(row["domain"])
        page = f"domains/{slug}.html" if slug else None
        yield row["domain"], _record("domain", row["domain"], row, page)


def _of_names(site: Site, about: NameList) -> Iterator[tuple[str, Record]]:
    for row in ranked(rows_of(read_table(site.inputs.tables, about.name))):
        slug = site.name_slugs.get((about.name, row["name"]))
        page = f"{about.name}/{slug}.html" if slug else None
        record = _record(about.singular, row["name"], row, page)
        for key in _keys([row["name"], *row["aliases"].split("|")]):
            yield key, record


def _of_platforms(site: Site) -> Iterator[tuple[str, Record]]:
    for row in ranked_platforms(site):
        record = _record(PLATFORM, row["platform"], row, "platforms.html")
        for key in _keys([row["platform"]]):
            yield key, record


def _keys(phrases: Iterable[str]) -> list[str]:
    """Return the different spellings of a name that can be asked."""
    return [key for key in dict.fromkeys(map(fold_name, phrases)) if key]


def _record(field: str, value: str, row: Row, page: str | None) -> Record:
    likely = row["images_likely"] if row.get("ambiguous") else None
    rank = row["rank"] if row["images"] else None
    counts = [row[name] for name in _NUMBERS]
    return [field, value, row["images"], likely, rank, *counts, page]
