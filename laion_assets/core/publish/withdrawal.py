"""Withdrawing a site: one page that says why takes its place, whatever else is lost or broken.

Lives here: publishing that page, from nothing but the site's own folder. Not here: what the page
looks like (`core.site.tombstone`), remembering it (`core.build.settings`).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

from laion_assets.core.base.package import TEMPLATES
from laion_assets.core.base.records import read_json
from laion_assets.core.publish.exchange import Published, publish_site
from laion_assets.core.publish.theirs import Stamped
from laion_assets.core.site.publisher import NOBODY, Publisher
from laion_assets.core.site.tombstone import render_tombstone

_FILES = 4  # two pages, a style sheet, the manifest
_UNTITLED = "This site"
_HEADING = re.compile(r"<h1>([^<]*)</h1>")
_DATED = re.compile(r'<dd class="dated">([^<]*)</dd>')


@dataclass(frozen=True)
class _Dataset:
    title: str
    dated: str = ""  # sites of older versions do not say


@dataclass(frozen=True)
class _Summary:
    dataset: _Dataset


def withdraw_site(
    site: Path,
    title: str,
    why: str,
    stamped: Stamped,
    publisher: Publisher = NOBODY,
    dated: str = "",
) -> Published:
    """Replace a site by the page that says why, in one step; needs nothing but its folder.

    It says whom to ask and when the data was of, where that is known. What is not ours there stays.
    """
    pages = render_tombstone(TEMPLATES, title, why, publisher, dated)
    return publish_site(site, pages, site / "search", {}, _FILES, stamped=stamped)


def published_identity(site: Path) -> tuple[str, str]:
    """Return the dataset's title as a site gives it, or a general one, and when the data is of.

    The date is empty when the site does not tell.
    """
    summary = read_json(site / "data" / "summary.json", _Summary)
    if summary is not None:
        return summary.dataset.title, summary.dataset.dated
    try:  # withdrawn before: the page says it
        page = (site / "index.html").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        page = ""
    heading, dated = _HEADING.search(page), _DATED.search(page)
    return (
        html.unescape(heading[1]) if heading else _UNTITLED,
        html.unescape(dated[1]) if dated else "",
    )
