"""What all rankings share: places that ties share, paths of their pages, links among these.

Not here: what is ranked (`entities`, `domains`), the pages of names from A to Z (`alphabet`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def shared_places(figures: Iterable[object]) -> Iterator[int]:
    """The place of each figure of a descending order, the same one for all that tie.

    >>> list(shared_places([9, 5, 5, 1]))
    [1, 2, 2, 4]
    """
    place, before = 0, None
    for number, figure in enumerate(figures, 1):
        if number == 1 or figure != before:
            place, before = number, figure
        yield place


def page_path(stem: str, number: int) -> str:
    """`stem.html` for the first page of a listing, `stem-2.html` for the second."""
    return f"{stem}.html" if number == 1 else f"{stem}-{number}.html"


def pager(stem: str, number: int, count: int) -> list[dict[str, Any]]:
    """Links among the pages of a listing: ends, neighbours and the page itself; none for one.

    With `number` 0 the page that has the links is none of these.
    """
    if count <= 1 and number:
        return []
    near = {1, 2, number - 1, number, number + 1, count - 1, count}
    shown = sorted(near & {*range(1, count + 1)})
    return [
        {
            "number": page,
            "path": page_path(stem, page),
            "current": page == number,
            "gap": position > 0 and page > shown[position - 1] + 1,
        }
        for position, page in enumerate(shown)
    ]
