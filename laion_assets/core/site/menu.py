"""The menu of every page: a few entries, and under each the pages it gathers.

Lives here: which entry and which page are marked as the current ones. Not here: which pages there
are (`rendering`), the markup (`partials/_header.html`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

#: What `aria-current` says: the page itself, or the part of the site it is in.
Current = Literal["", "page", "true"]

#: A page after the first of a listing: `domains-2.html`, `artists-a-z.html`.
_LATER = re.compile(r"(?:-a-z)?(?:-\d+)?(?=\.html$)")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the menu: where it leads, and the pages gathered under it, itself among them."""

    path: str
    label: str
    pages: tuple[tuple[str, str], ...]  # page, label


@dataclass(frozen=True, slots=True)
class Item:
    """An entry or a page as one page shows it."""

    path: str
    label: str
    current: Current


def menu_of(entries: Sequence[Entry], path: str) -> list[Item]:
    """The menu on the page at `path`."""
    return [
        Item(e.path, e.label, _current(e.path, path, any(_is_in(path, p) for p, _ in e.pages)))
        for e in entries
    ]


def submenu_of(entries: Sequence[Entry], path: str) -> list[Item]:
    """The pages beside the one at `path`, itself among them; none where it stands alone."""
    for entry in entries:
        if len(entry.pages) > 1 and any(_is_in(path, page) for page, _ in entry.pages):
            return [
                Item(page, label, _current(page, path, _is_in(path, page)))
                for page, label in entry.pages
            ]
    return []


def _current(page: str, path: str, within: bool) -> Current:  # noqa: FBT001 - computed beside
    return "page" if page == path else "true" if within else ""


def _is_in(path: str, page: str) -> bool:
    """Tell whether `path` is the page, a later page of its listing, or in its folder."""
    folder = f"{page.removesuffix('.html')}/"
    return _LATER.sub("", path) == page or path.startswith(folder)
