"""The numbers of a row: sizes, similarity, safety, watermark, aesthetics.

Lives here: distributions that look like the real subset's. Not here: values outside their ranges
(`dirt`). Every column is an array of float64 and a mask of nulls.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from laion_assets.sample.grammar import draw, quantiles, scale

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Frequent picture sizes (width, height) with weights; three in five rows have other sizes.
_USUAL_SIZES = (
    (1024, 768, 6), (800, 600, 5), (640, 480, 4), (1200, 800, 5), (1024, 683, 5), (600, 600, 4),
    (1000, 1000, 3), (736, 1104, 3), (564, 846, 3), (500, 750, 3), (1920, 1080, 4), (450, 338, 3),
    (1600, 1067, 2), (2048, 1365, 2), (683, 1024, 2), (236, 354, 2), (450, 470, 2), (1300, 866, 2),
)  # fmt: skip
_USUAL_SHARE = 0.4
_SHORTEST, _LONGEST = 320, 2200  # pixels of the longer side of the others

#: -ln P(score > 6 + x) = 5.3 x + 1.2 x², fitted to the sizes LAION gave for its subsets of scores
#: above 6, 6.25 and 6.5: 12 million, 3 million, 625 thousand.
_AESTHETIC_SLOPE, _AESTHETIC_BEND = 5.3, 1.2
_AESTHETIC_FLOOR, _AESTHETIC_TOP = 6.0, 8.5
_ROUND_SCORES = 0.03  # share of scores rounded to two decimals, which makes ties

_SIMILARITY_FLOOR = 0.28  # LAION kept English pairs above this
_SIMILARITY_SCALE = 0.033
_SIMILARITY_TOP = 0.6
_WATERMARK_TOP = 0.8  # the subset's own filter

#: punsafe: share of rows, lower end, width, and power that pushes towards the lower end.
_UNSAFE_BANDS = ((0.972, 0.0, 0.1, 4.0), (0.026, 0.1, 0.89, 1.5), (0.002, 0.99, 0.01, 0.7))
_UNKNOWN_SHARE = 0.003  # punsafe and pwatermark that are null


@dataclass
class Column:
    """Values of one column of numbers, and where it is null."""

    values: Floats
    null: Mask


def draw_scores(random: np.random.Generator, rows: int) -> dict[str, Column]:
    """Return the six float columns of `rows` rows, by their LAION names."""
    widths, heights = _sizes(random, rows)
    columns = {
        "WIDTH": widths,
        "HEIGHT": heights,
        "similarity": _similarity(random, rows),
        "punsafe": _punsafe(random, rows),
        "pwatermark": _as_float32(_WATERMARK_TOP * _even(random, rows) ** 2.5),
        "AESTHETIC_SCORE": _aesthetic(random, rows),
    }
    unknown = {name: _even(random, rows) < _UNKNOWN_SHARE for name in ("punsafe", "pwatermark")}
    known = np.zeros(rows, np.bool_)
    return {
        name: Column(values, unknown.get(name, known).copy()) for name, values in columns.items()
    }


def _even(random: np.random.Generator, rows: int) -> Floats:
    """Draw from (0, 1), both ends excluded."""
    return (draw(random, rows) + 0.5) / (1 << 32)


def _as_float32(values: Floats) -> Floats:
    """Keep 24 bits, as in the real columns, which models computed in single precision."""
    return values.astype(np.float32).astype(np.float64)


def _sizes(random: np.random.Generator, rows: int) -> tuple[Floats, Floats]:
    usual = np.array([(width, height) for width, height, _ in _USUAL_SIZES])
    table = quantiles([weight for _, _, weight in _USUAL_SIZES], 1 << 12)
    chosen = usual[table[scale(draw(random, rows), len(table))]]
    longer = _SHORTEST + (_LONGEST - _SHORTEST) * _even(random, rows) ** 2.0
    shorter = longer * (0.5 + 0.5 * _even(random, rows))
    upright = _even(random, rows) < 0.35
    is_usual = _even(random, rows) < _USUAL_SHARE
    width = np.where(upright, shorter, longer)
    height = np.where(upright, longer, shorter)
    return (
        np.floor(np.where(is_usual, chosen[:, 0], width)),
        np.floor(np.where(is_usual, chosen[:, 1], height)),
    )


def _similarity(random: np.random.Generator, rows: int) -> Floats:
    above = -np.log(_even(random, rows)) * _SIMILARITY_SCALE
    return _as_float32(np.minimum(_SIMILARITY_FLOOR + above, _SIMILARITY_TOP))


def _punsafe(random: np.random.Generator, rows: int) -> Floats:
    shares, lows, widths, powers = np.array(_UNSAFE_BANDS).T
    band = quantiles(shares, 1 << 12)[scale(draw(random, rows), 1 << 12)]
    values = lows[band] + widths[band] * _even(random, rows) ** powers[band]
    return _as_float32(np.minimum(values, np.nextafter(np.float32(1), np.float32(0))))


def _aesthetic(random: np.random.Generator, rows: int) -> Floats:
    energy = -np.log(_even(random, rows))
    root = np.sqrt(_AESTHETIC_SLOPE**2 + 4 * _AESTHETIC_BEND * energy)
    above = (root - _AESTHETIC_SLOPE) / (2 * _AESTHETIC_BEND)
    scores = np.minimum(_AESTHETIC_FLOOR + above, _AESTHETIC_TOP)
    rounded = np.where(_even(random, rows) < _ROUND_SCORES, np.round(scores, 2), scores)
    return _as_float32(rounded)
