"""How the files a host allows are shared out among pages and index: one function of `max_files`.

Lives here: the shares. Every room that makes files of the site asks here, so they cannot together
come to more than was allowed. Not here: the limit itself (`core.build.settings`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from laion_assets.core.base.errors import BadUsage

#: The smallest `max_files`: below it the pages there is one of each leave nothing worth having.
FEWEST_FILES = 1_000
#: What stands for no limit, as with object stores, and how many files there are at most then: more
#: would make each of them no cheaper to read.
NO_LIMIT, _MOST_FILES = 0, 1_000_000

MOST_DOMAIN_PAGES = 2_000
MOST_NAME_PAGES = 5_000
MOST_DOMAIN_LISTINGS = 400  # pages of 100 domains: beyond the first 40,000 the search has them

_FIXED = 424  # pages there is one of each, scripts, tables in four forms, rankings of names
_SINGLE = 203  # of these, all but the rankings
_SHARES = 97.88  # what is beyond _FIXED is divided by it: at 20,000 files the shares are round

ROWS_PER_PAGE = 100  # of a ranking: some 2,000 elements, which a phone still lays out at once
#: Of a page of names from A to Z: so many names, or so many of them that lead to a page.
NAMES_PER_PAGE, LINKS_PER_PAGE = 1_000, 150


@dataclass(frozen=True)
class FileBudget:
    """At most so many files of each kind, and what is left for all others."""

    domain_pages: int
    name_pages: int
    domain_listings: int
    index_files: int
    others: int


def most_files(max_files: int) -> int:
    """Return how many files a site may have."""
    return _MOST_FILES if max_files == NO_LIMIT else max_files


def share_files(max_files: int) -> FileBudget:
    """Return the shares of a site of at most `max_files` files (at least FEWEST_FILES).

    60 of 97.88 parts go to the index, 25 to names, 10 to domains, 2 to their listing; pages stop at
    what is made of rows anyway, the index alone grows with what a host allows.
    """
    allowed = most_files(max_files)
    part = (allowed - _FIXED) / _SHARES
    domains, names = min(MOST_DOMAIN_PAGES, int(part * 10)), min(MOST_NAME_PAGES, int(part * 25))
    listings, index = min(MOST_DOMAIN_LISTINGS, int(part * 2)), int(part * 60)
    others = allowed - domains - names - listings - index
    return FileBudget(domains, names, listings, index, others)


def ranking_pages(max_files: int, listed: Sequence[int]) -> list[int]:
    """Return how many pages the ranking of each of the lists of so many names may have at most.

    Names that the rankings have no page for stand among those from A to Z, which take less room.
    Raises BadUsage when not even these fit into `max_files`.
    """
    budget = share_files(max_files)
    room = budget.others - _SINGLE
    alphabet = sum(-(-count // NAMES_PER_PAGE) + 1 for count in listed)
    needed = alphabet + -(-budget.name_pages // LINKS_PER_PAGE) + len(listed)
    if needed > room:
        raise BadUsage(
            f"--max-files {max_files:,} leaves room for {room:,} pages of rankings, and your lists "
            f"need {needed:,}; allow more files or shorten the lists"
        )
    spare, names = room - needed, max(1, sum(listed))
    return [1 + spare * count // names for count in listed]


def check_room(max_files: int, listed: Sequence[int]) -> None:
    """Raise BadUsage when the rankings of lists of so many names do not fit into `max_files`."""
    ranking_pages(max_files, listed)
