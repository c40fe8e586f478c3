"""How the files a host allows are shared out among pages and index: one function of `max_files`.

Lives here: the shares. Every room that makes files of the site asks here, so they cannot together
come to more than was allowed. Not here: the limit itself (`core.build.settings`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from laion_assets.core.base.errors import BadUsage

#: The smallest `max_files`: below it the pages there is one of each leave nothing worth having.
FEWEST_FILES = 1_000
#: What stands for no limit, as with object stores, and how many files there are at most then: more
#: would make each of them no cheaper to read.
NO_LIMIT, _MOST_FILES = 0, 1_000_000

MOST_DOMAIN_PAGES = 2_000
MOST_NAME_PAGES = 5_000
MOST_DOMAIN_LISTINGS = 400  # pages of 1,000 domains: all of the 377,000 at 12 million rows

_FIXED = 200  # pages there is one of each, scripts, tables in three formats, rankings of names
_SINGLE = 170  # of these, all but the rankings
ROWS_PER_PAGE = 1_000  # of a ranking
_SHARES = 99  # what is beyond _FIXED is divided by 99: at 20,000 files the shares are round numbers


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

    60 of 99 parts go to the index, 25 to names, 10 to domains, 2 to their listing; pages stop at
    what is made of rows anyway, the index alone grows with what a host allows.
    """
    allowed = most_files(max_files)
    part = (allowed - _FIXED) / _SHARES
    domains, names = min(MOST_DOMAIN_PAGES, int(part * 10)), min(MOST_NAME_PAGES, int(part * 25))
    listings, index = min(MOST_DOMAIN_LISTINGS, int(part * 2)), int(part * 60)
    others = allowed - domains - names - listings - index
    return FileBudget(domains, names, listings, index, others)


def check_room(max_files: int, listed: Iterable[int]) -> None:
    """Raise BadUsage when the rankings of lists of so many names do not fit into `max_files`."""
    rankings = sum(-(-count // ROWS_PER_PAGE) for count in listed)
    room = share_files(max_files).others - _SINGLE
    if rankings > room:
        raise BadUsage(
            f"--max-files {max_files:,} leaves room for {room:,} pages of rankings, and your lists "
            f"need {rankings:,}; allow more files or shorten the lists"
        )
