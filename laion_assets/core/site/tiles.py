"""Tiles: a small ornament drawn from a row's own numbers, so a page needs no network.

The palette comes from a hash of the caption (equal captions look alike), the composition from that
hash and the id, the outline from width and height. Only paths and colours are made here; the
partial `_tiles.html` writes them as SVG presentation attributes. Coordinates are whole numbers in
a box whose longer side is 240. `static/tile-drawing.js` draws the same tiles in the browser: a
test compares the two path by path, so change both or neither.
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

# Ground, second tone, form, accent. Chosen by eye to sit together on white and on near-black.
PALETTES = (
    ("#e8dcc4", "#cdb88f", "#7a4b2a", "#d9622b"),
    ("#d7e3e4", "#9fbcc0", "#2f5d62", "#e2a13b"),
    ("#f0d9cf", "#dba58f", "#8c3b2e", "#27374d"),
    ("#dfe2ee", "#a9b1d1", "#3d4373", "#e8c15a"),
    ("#e3ead9", "#b3c597", "#4c6a3a", "#cf5c45"),
    ("#f1e6ea", "#d3a9b8", "#7c3a55", "#3f7d78"),
    ("#233044", "#3a5069", "#d8b26a", "#e9e3d3"),
    ("#ece9f2", "#bcb0d6", "#5a4b8a", "#e59a5c"),
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
        composition = (_landscape, _arcs, _discs)[seed % 3]
        a, b, c = ((seed >> shift & 0xFF) / 256 for shift in (24, 16, 8))
        forms = composition(w, h, a, b, c)
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


def _circle(x: float, y: float, radius: float) -> str:
    r = _n(radius)
    return f"M{_n(x) - r} {_n(y)}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z"


def _landscape(w: int, h: int, a: float, b: float, c: float) -> _Forms:
    """A sun on the line of a far plain, and a near hill."""
    line, sun = h * (0.5 + 0.18 * a), min(w, h) * (0.12 + 0.08 * b)
    crest, foot = w * (0.2 + 0.6 * c), _n(h * 0.86)
    hill = f"M0 {h}V{foot}Q{_n(crest)} {_n(h * (0.5 + 0.2 * b))} {w} {foot}V{h}z"
    sun_x = w * (0.8 - 0.6 * c)
    return [(3, _circle(sun_x, line - sun * a, sun)), (1, _box(0, line, w, h - line)), (2, hill)]


def _arcs(w: int, h: int, a: float, b: float, _c: float) -> _Forms:
    """Discs inside one another, around a corner."""
    x, y = ((0, 0), (w, 0), (w, h), (0, h))[int(a * 4)]
    reach = max(w, h) * (0.8 + 0.18 * b)
    scales = ((1, 1), (2, 0.74), (0, 0.5), (3, 0.3))
    return [(tone, _circle(x, y, reach * scale)) for tone, scale in scales]


def _discs(w: int, h: int, a: float, b: float, c: float) -> _Forms:
    """Two discs across a divided ground."""
    x, y, radius = w * (0.36 + 0.1 * a), h * (0.42 + 0.1 * b), min(w, h) * (0.27 + 0.06 * c)
    small = _circle(x + radius, y + radius * (b - 0.5), radius * (0.45 + 0.2 * a))
    half = _box(w / 2, 0, w / 2, h) if w >= h else _box(0, h / 2, w, h / 2)
    return [(1, half), (2, _circle(x, y, radius)), (3, small)]


def _frame(side: int) -> _Forms:
    """A frame with its mat, around nothing."""
    insets = ((2, 0.1), (1, 0.15), (0, 0.26))
    return [
        (t, _box(side * i, side * i, side * (1 - 2 * i), side * (1 - 2 * i))) for t, i in insets
    ]
