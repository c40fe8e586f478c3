"""Tiles: a hatched sheet drawn from a row's own numbers, so a page needs no network.

It must not look like a picture of anything, for it is none: parallel stripes in two tones, as
plans mark what is not there. The palette comes from a hash of the caption (equal captions look
alike), the stripes from that hash and the id, the outline from width and height. Only paths and
colours are made here; the partial `_tiles.html` writes them as SVG presentation attributes.
Coordinates are whole numbers in a box whose longer side is 240. `static/tile-drawing.js` draws the
same tiles in the browser: a test compares the two path by path, so change both or neither.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LONG_SIDE = 240
#: Side of the square that stands for an unknown size.
UNKNOWN_SIDE = 180

#: Longest to shortest side of a drawn tile; banners beyond it are drawn at this ratio.
MAX_RATIO = 2.4

HASHED_CHARACTERS = 512

# Ground, stripes, frame. Chosen by eye to sit together on white and on near-black.
PALETTES = (
    ("#e8dcc4", "#d9c7a2", "#b39a6c"),
    ("#d7e3e4", "#b9d0d3", "#85a7ab"),
    ("#f0d9cf", "#e3bfae", "#c08f7b"),
    ("#dfe2ee", "#c3c8de", "#9098bb"),
    ("#e3ead9", "#c8d5b3", "#97ab7a"),
    ("#f1e6ea", "#dfc4ce", "#b592a0"),
    ("#dcdedb", "#c2c6c0", "#949b91"),
    ("#ece9f2", "#d0c8e2", "#a096bf"),
)

#: Paths as (tone of the palette, path data), from back to front.
_Forms = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Tile:
    """A drawn tile: its box, and paths as (fill colour, path data) from back to front."""

    width: int
    height: int
    paths: tuple[tuple[str, str], ...]


def draw_tile(caption: str, image_id: int, width: int | None, height: int | None) -> Tile:
    """The tile of one row. A row of unknown size gets a square with a frame left empty."""
    by_caption = _hash(caption[:HASHED_CHARACTERS])
    palette = PALETTES[by_caption % len(PALETTES)]
    # Knuth's multiplier spreads ids that differ little.
    seed = ((by_caption ^ image_id) * 0x9E3779B1) & 0xFFFFFFFF
    if not width or not height or width < 0 or height < 0:
        w = h = UNKNOWN_SIDE
        forms = _frame(UNKNOWN_SIDE)
    else:
        ratio = min(max(width / height, 1 / MAX_RATIO), MAX_RATIO)
        w = min(LONG_SIDE, _n(LONG_SIDE * ratio))
        h = min(LONG_SIDE, _n(LONG_SIDE / ratio))
        forms = _stripes(w, h, seed)
    paths = [(0, _box(0, 0, w, h)), *forms]
    return Tile(w, h, tuple((palette[tone], path) for tone, path in paths))


def _hash(text: str) -> int:
    """32-bit FNV-1a over UTF-8, mixed once: stable everywhere, unlike Python's own `hash`."""
    value = 0x811C9DC5
    for byte in text.encode("utf-8", "replace"):
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value ^ (value >> 15)


def _n(value: float) -> int:
    """The nearest whole number, halves up: the rule that JavaScript and Python can share."""
    return math.floor(value + 0.5)


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{_n(x)} {_n(y)}h{_n(width)}v{_n(height)}h{-_n(width)}z"


def _stripes(w: int, h: int, seed: int) -> _Forms:
    """Parallel stripes at half a right angle, rising or falling, as far apart as the row says.

    They reach beyond the box, which cuts them off.
    """
    apart = 26 + (seed >> 24) % 24
    wide = apart * (3 + (seed >> 16) % 4) // 10
    slope = h if seed & 1 else -h
    first = -h if slope > 0 else 0
    starts = range(first + (seed >> 8) % apart, first + w + h, apart)
    return [(1, "".join(f"M{x} 0h{wide}l{slope} {h}h{-wide}z" for x in starts))]


def _frame(side: int) -> _Forms:
    """A frame with its mat, around nothing."""
    insets = ((2, 0.1), (1, 0.15), (0, 0.26))
    return [
        (t, _box(side * i, side * i, side * (1 - 2 * i), side * (1 - 2 * i))) for t, i in insets
    ]
