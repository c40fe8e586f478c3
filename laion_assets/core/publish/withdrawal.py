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


@dataclass(frozen=True)
class _Dataset:
    title: str


@dataclass(frozen=True)
class _Summary:
    dataset: _Dataset


def withdraw_site(
    site: Path, title: str, why: str, stamped: Stamped, publisher: Publisher = NOBODY
) -> Published:
    """Replace a site by the page that says why, in one step; needs nothing but its folder.

    It says whom to ask, where that is known. What is not ours there stays.
    """
    pages = render_tombstone(TEMPLATES, title, why, publisher)
    return publish_site(site, pages, site / "search", {}, _FILES, stamped=stamped)


def published_title(site: Path) -> str:
    """Return the title a site gives itself, or a general one when it does not tell."""
    summary = read_json(site / "data" / "summary.json", _Summary)
    if summary is not None:
        return summary.dataset.title
    try:  # withdrawn before: the page says it
        found = _HEADING.search((site / "index.html").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        found = None
    return html.unescape(found[1]) if found else _UNTITLED
