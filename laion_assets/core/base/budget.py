"""How the files a host allows are shared out among pages and index: one function of `max_files`.

Lives here: the shares. Every room that makes files of the site asks here, so they cannot together
come to more than was allowed. Not here: the limit itself (`core.build.settings`).
"""

from dataclasses import dataclass

FEWEST_FILES = 1_000
"""The smallest `max_files`: below it the pages there is one of each leave nothing worth having."""

MOST_DOMAIN_PAGES = 2_000
MOST_NAME_PAGES = 5_000
MOST_DOMAIN_LISTINGS = 400  # pages of 1,000 domains: all of the 377,000 at 12 million rows

_FIXED = 200  # pages there is one of each, their scripts, the tables and their parts, listings
_SHARES = 99  # what is beyond _FIXED is divided by 99: at 20,000 files the shares are round numbers


@dataclass(frozen=True)
class FileBudget:
    """At most so many files of each kind."""

    domain_pages: int
    name_pages: int
    domain_listings: int
    index_files: int


def share_files(max_files: int) -> FileBudget:
    """Return the shares of a site of at most `max_files` files (at least FEWEST_FILES).

    60 of 99 parts go to the index, 25 to names, 10 to domains, 2 to their listing; pages stop at
    what is made of rows anyway, the index alone grows with what a host allows.
    """
    part = (max_files - _FIXED) / _SHARES
    return FileBudget(
        domain_pages=min(MOST_DOMAIN_PAGES, int(part * 10)),
        name_pages=min(MOST_NAME_PAGES, int(part * 25)),
        domain_listings=min(MOST_DOMAIN_LISTINGS, int(part * 2)),
        index_files=int(part * 60),
    )
