"""Broken, odd and hostile rows, planted at fixed rates.

Lives here: where they go. What they are is in `dirt_addresses`, `dirt_captions` and
`dirt_numbers`. Not here: dirt so common that it is drawn with everything else (`&amp;` and second
addresses in paths.txt, leaked quotation marks in `captions`).

Rows of the whole sample are numbered through. Each kind owns one residue modulo LANES, so no two
kinds ever want the same row, and has one row in every stretch of `every` rows: any file can tell
its own from the seed alone, and 60,000 rows hold all of them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

LANES = 150

Text = str | bytes | None
_MASK = (1 << 64) - 1


@dataclass(frozen=True)
class Kind:
    """One kind of dirt. The makers get the number of the occurrence and what was there before."""

    name: str
    every: int  # rows; a multiple of LANES
    url: Callable[[int, str], Text] | None = None
    caption: Callable[[int, str], Text] | None = None
    numbers: Callable[[int], Mapping[str, float | None]] | None = None
    wrong_hash: bool = False


@dataclass(frozen=True)
class Plant:
    """An occurrence of a kind in a range of rows."""

    kind: Kind
    number: int  # of the occurrence, from 0 on through the whole sample
    offset: int  # of the row in the range asked for


def planted(kinds: tuple[Kind, ...], seed: int, first_row: int, rows: int) -> Iterator[Plant]:
    """Yield what is planted in rows first_row … first_row + rows - 1 of the whole sample.

    Raises ValueError when there are more kinds than lanes, or a period does not fit the lanes.
    """
    if len(kinds) > LANES:
        raise ValueError(f"{len(kinds)} kinds of dirt do not fit into {LANES} lanes")
    for lane, kind in enumerate(kinds):
        if kind.every % LANES:
            raise ValueError(f"{kind.name}: {kind.every} rows are not a multiple of {LANES}")
        for number in range(first_row // kind.every, (first_row + rows - 1) // kind.every + 1):
            step = _mix(seed, lane, number) % (kind.every // LANES)
            offset = number * kind.every + step * LANES + lane - first_row
            if 0 <= offset < rows:
                yield Plant(kind, number, offset)


def _mix(*values: int) -> int:
    """Hash some integers to 64 bits (splitmix64's finaliser over each in turn)."""
    state = 0
    for value in values:
        state = (state + value + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state
