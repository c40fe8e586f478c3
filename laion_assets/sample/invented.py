"""Word lists that are computed: invented names, numbers, years.

Lives here: sections a template may use that no file under `lexicon/` spells out. Every list is the
same on every call and on every machine. Not here: real words and real names.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

#: Words of a section with their weights.
Weighted = tuple[tuple[str, float], ...]

_NAMES = {"place": 900, "surname": 800, "brand": 500, "model": 420}  # how many of each
_FIRST_URL_YEAR, _LAST_URL_YEAR = 2006, 2021
_OLD_YEARS = (1480, 1905)
_YEARS = (1905, 2022)


def computed_sections(syllables: Mapping[str, Weighted]) -> dict[str, Weighted]:
    """Return section name → its words and their weights, for every computed section.

    `syllables` holds `<kind>_starts` and `<kind>_ends` for every kind of name.
    """
    sections = {
        kind: _named(syllables[f"{kind}_starts"], syllables[f"{kind}_ends"], count)
        for kind, count in _NAMES.items()
    }
    sections |= {
        "n": tuple((str(i), 1 / i**0.7) for i in range(2, 100)),
        "n80s": _even(str(i) for i in range(80, 90)),
        "year": tuple((str(y), 1.0 + max(0, y - 1990) / 8) for y in range(*_YEARS)),
        "oldyear": _even(str(y) for y in range(*_OLD_YEARS)),
        "recent": tuple((str(y), float(y - 2007)) for y in range(2010, 2022)),
        "uy": tuple(_url_years()),
        "century": _even(("15th", "16th", "17th", "18th", "19th", "20th")),
        "mm": _even(f"{i:02d}" for i in range(1, 13)),
        "dd": _even(f"{i:02d}" for i in range(1, 29)),
        "hex1": _even(f"{i:x}" for i in range(16)),
        "hex2": _even(f"{i:02x}" for i in range(256)),
        "hex3": _even(f"{i:03x}" for i in range(4096)),
    }
    for digits in (1, 2, 3):
        sections[f"d{digits}"] = _even(f"{i:0{digits}d}" for i in range(10**digits))
    return sections


def _even(words: Iterator[str] | tuple[str, ...]) -> Weighted:
    return tuple((word, 1.0) for word in words)


def _named(starts: Weighted, ends: Weighted, count: int) -> Weighted:
    """Return `count` different combinations, the first the commonest (Zipf-like)."""
    names = dict.fromkeys(islice(_combinations(starts, ends), count * 2))
    return tuple((name, 1 / (rank + 8) ** 0.6) for rank, name in enumerate(list(names)[:count]))


def _combinations(starts: Weighted, ends: Weighted) -> Iterator[str]:
    """Walk the cross product so that neighbours share neither beginning nor end."""
    for turn in range(len(ends)):
        for i, (start, _) in enumerate(starts):
            yield start + ends[(i * 7 + turn * 3) % len(ends)][0]


def _url_years() -> Iterator[tuple[str, float]]:
    """Yield upload years: more every year, few from the year the dataset was put together."""
    for year in range(_FIRST_URL_YEAR, _LAST_URL_YEAR + 1):
        growth = float(year - _FIRST_URL_YEAR + 1) ** 1.3
        yield str(year), growth * (0.25 if year == _LAST_URL_YEAR else 1.0)
