"""What the site is rendered from and what it is rendered to: plain, frozen records.

Nothing here reads a file, decides a rule or knows a template. The asset layer fills a
`SiteInputs`; `rendering.render_site` turns it into `Page` values.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from laion_assets.core.claims.claim_files import Claim
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.site.publisher import NOBODY, Publisher
from laion_assets.core.sources.datasets import Population

#: Largest published file in bytes: the strictest limit among common static hosts.
DEFAULT_MAX_BYTES = 25 * 2**20


@dataclass(frozen=True, slots=True)
class Page:
    """One published file: `path` relative to the site's root with `/`, and its exact bytes."""

    path: str
    content: bytes
    listed: bool = False  # a page that search engines may list


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """What is known of a dataset before a row is read.

    `scorer` names the scale of the aesthetic scores (`"v1"`, `"v2"`, or `""` for none).
    `pictures` is `"ask"` (the hosts' pictures may be requested once the reader asks) or
    `"none"` (never); `links` says whether pages may link to the hosts at all. `populations`
    are larger sets that the rows are a part of, smallest first. `invented` rows are a program's
    own, and every page says so. `dated` is when the data is of, in words; empty when nobody said.
    """

    name: str
    title: str
    description: str
    licence: str
    caveats: list[str]
    scorer: str
    homepage: str
    pictures: Literal["ask", "none"]
    links: bool
    populations: tuple[Population, ...] = ()
    invented: bool = False
    dated: str = ""
    date: str = ""  # the day the rows are of, as 2024-08-30; empty where nobody said


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """One source file and what became of its rows (`kept + rejected == rows`).

    Of the rejected, `damaged` are lines that could not be split, `first_damaged` the numbers of the
    first of these. `sha256` is of the file as it was read, so that another copy can be compared.
    """

    source_file: str
    rows: int
    kept: int
    rejected: int
    damaged: int = 0
    first_damaged: tuple[int, ...] = ()
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class SiteInputs:
    """Everything `render_site` reads.

    `tables` holds the merged parquet files, `templates` the Jinja pages with `partials/` and
    `static/`. `search_directory` is the site-relative path of the index's directory script
    (`search/<digest>/directory.js`), or None when there is no index. `max_files` bounds the
    site, `max_bytes` every data file. `build_id` names this build wherever it is cited;
    `claims` are what was said of such data, to be checked; `publisher` answers for the copy.
    `base_url` is where the site will be, empty where nobody said.
    """

    tables: Path
    templates: Path
    dataset: DatasetInfo
    thresholds: Thresholds
    sources: list[SourceInfo]
    search_directory: str | None
    max_files: int
    build_id: str
    max_bytes: int = DEFAULT_MAX_BYTES
    claims: tuple[Claim, ...] = ()
    publisher: Publisher = NOBODY
    base_url: str = ""
