"""Tiles: a small abstract picture drawn from a row's own numbers, so a page needs no network.

The palette comes from a hash of the caption (equal captions look alike), the composition from a
hash of caption and id, the outline from width and height. Only paths and colours are made here;
the partial ``_tiles.html`` writes them as SVG presentation attributes. Coordinates are whole
numbers in a box whose longer side is 240. ``static/tile-drawing.js`` draws the same tiles in the
browser: a test compares the two path by path, so change both or neither.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

LONG_SIDE = 240
MAX_RATIO = 2.4
"""Longest to shortest side of a drawn tile; banners beyond it are drawn at this ratio."""

NEARLY_SQUARE = 1.15
"""Ratio up to which a tile is composed as a square."""

# Ground, second tone, form, accent. Chosen by eye to sit together on white and on near-black.
PALETTES = (
    ("#e8dcc4", "#cdb88f", "#7a4b2a", "#d9622b"),
    ("#d7e3e4", "#9fbcc0", "#2f5d62", "#e2a13b"),
    ("#f0d9cf", "#dba58f", "#8c3b2e", "#27374d"),
    ("#dfe2ee", "#a9b1d1", "#3d4373", "#e8c15a"),
    ("#e3ead9", "#b3c597", "#4c6a3a", "#cf5c45"),
    ("#f1e6ea", "#d3a9b8", "#7c3a55", "#3f7d78"),
    ("#233044", "#3a5069", "#d8b26a", "#e9e3d3"),
    ("#e9e4dc", "#bdb3a4", "#4a443c", "#a8452f"),
    ("#f4e3b5", "#e5b95c", "#b4532a", "#2f4b5c"),
    ("#d5e6ef", "#8fb9d3", "#215273", "#f3ead2"),
    ("#332a3a", "#5d4664", "#e08d6d", "#f2dcc4"),
    ("#e4efe9", "#9cc9b4", "#1f6a57", "#e7b04b"),
    ("#f3ded6", "#eeb4a2", "#b5495b", "#3b3a5a"),
    ("#ded9c9", "#a9a283", "#5d6b3f", "#c98a3a"),
    ("#1b3a43", "#2c5d66", "#e6c88b", "#d96c4a"),
    ("#ece9f2", "#bcb0d6", "#5a4b8a", "#e59a5c"),
)


HASHED_CHARACTERS = 512

_FNV_BASIS = 0x811C9DC5
_Palette = tuple[str, str, str, str]
_Paths = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Tile:
    """A drawn tile: its box, and paths as (fill colour, path data) from back to front."""

    width: int
    height: int
    paths: tuple[tuple[str, str], ...]


class _Dice:
    """A tiny deterministic generator (mulberry32): the same seed, the same tile, for ever."""

    def __init__(self, seed: int) -> None:
        self._state = seed & 0xFFFFFFFF

    def between(self, low: float, high: float) -> float:
        """A number in ``[low, high)``."""
        self._state = (self._state + 0x6D2B79F5) & 0xFFFFFFFF
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 15)) * (mixed | 1)) & 0xFFFFFFFF
        step = ((mixed ^ (mixed >> 7)) * (mixed | 61)) & 0xFFFFFFFF
        mixed ^= (mixed + step) & 0xFFFFFFFF
        return low + (high - low) * ((mixed ^ (mixed >> 14)) / 2**32)

    def chance(self) -> bool:
        """Heads or tails."""
        return self.pick(2) == 0

    def pick(self, count: int) -> int:
        """A whole number in ``[0, count)``."""
        return int(self.between(0, count))


def draw_tile(caption: str, image_id: int, width: int | None, height: int | None) -> Tile:
    """The tile of one row. A row of unknown size gets a square with a frame left empty."""
    box_width, box_height = box_of(width, height)
    palette, seed = _palette_and_seed(caption, image_id)
    dice = _Dice(seed)
    ground = (palette[0], _box(0, 0, box_width, box_height))
    if width is None or height is None:
        forms = _window(box_width, box_height, palette, dice)
    else:
        ratio = box_width / box_height
        compositions = (
            _WIDE if ratio > NEARLY_SQUARE else _TALL if ratio < 1 / NEARLY_SQUARE else _SQUARE
        )
        forms = compositions[dice.pick(len(compositions))](box_width, box_height, palette, dice)
    return Tile(box_width, box_height, (ground, *forms))


def box_of(width: int | None, height: int | None) -> tuple[int, int]:
    """Width and height of the drawn box for an image's size in pixels; square when unknown."""
    if not width or not height or width < 0 or height < 0:
        return 180, 180
    ratio = min(max(width / height, 1 / MAX_RATIO), MAX_RATIO)
    if ratio >= 1:
        return LONG_SIDE, _n(LONG_SIDE / ratio)
    return _n(LONG_SIDE * ratio), LONG_SIDE


def _palette_and_seed(caption: str, image_id: int) -> tuple[_Palette, int]:
    """The palette from a hash of the caption, the seed of the forms from caption and id.

    32-bit FNV-1a over UTF-8, stable everywhere unlike Python's own ``hash``, of the first
    HASHED_CHARACTERS of the caption and, for the seed, of NUL and the id after it.
    """
    text = caption[:HASHED_CHARACTERS]
    by_caption = _fnv1a(text, _FNV_BASIS)
    tail = f"\x00{image_id}"[: HASHED_CHARACTERS - len(text)]
    by_row = _fnv1a(tail, by_caption)
    return PALETTES[_mixed(by_caption) % len(PALETTES)], _mixed(by_row)


def _fnv1a(text: str, value: int) -> int:
    for byte in text.encode("utf-8", "replace"):
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def _mixed(value: int) -> int:
    return value ^ (value >> 15)


def _n(value: float) -> int:
    """The nearest whole number, halves up: the rule that JavaScript and Python can share."""
    return math.floor(value + 0.5)


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{_n(x)} {_n(y)}h{_n(width)}v{_n(height)}h{-_n(width)}z"


def _circle(x: float, y: float, radius: float) -> str:
    r = _n(radius)
    return f"M{_n(x) - r} {_n(y)}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z"


def _quarter(x: float, y: float, radius: float, corner: int) -> str:
    """A quarter disc whose right angle sits at (x, y); corner 0..3 turns it clockwise."""
    r = _n(radius)
    across, down = ((r, r), (-r, r), (-r, -r), (r, -r))[corner]
    sweep = 1 if corner in (0, 2) else 0
    return f"M{_n(x)} {_n(y)}h{across}a{r} {r} 0 0 {sweep} {-across} {down}z"


def _horizon(w: int, h: int, p: _Palette, dice: _Dice) -> _Paths:
    """A low sun, a far plain and a near hill."""
    line = h * dice.between(0.5, 0.68)
    sun = min(w, h) * dice.between(0.12, 0.2)
    sun_x = w * dice.between(0.2, 0.8)
    rise = h * dice.between(0.16, 0.34)
    crest = w * dice.between(0.2, 0.8)
    start = h * dice.between(0.74, 0.9)
    hill = f"M0 {h}V{_n(start)}Q{_n(crest)} {_n(start - rise)} {w} {_n(h * 0.86)}V{h}z"
    return [
        (p[3], _circle(sun_x, line - sun * dice.between(0.1, 1.1), sun)),
        (p[1], _box(0, line, w, h - line)),
        (p[2], hill),
    ]


def _peaks(w: int, h: int, p: _Palette, dice: _Dice) -> _Paths:
    """Two peaks, one behind the other, and a disc."""
    far, near = w * dice.between(0.5, 0.78), w * dice.between(0.2, 0.45)
    base = _n(h * 0.88)
    top = h * dice.between(0.28, 0.42)
    disc = min(w, h) * dice.between(0.08, 0.13)
    return [
        (p[3], _circle(w * dice.between(0.15, 0.85), h * 0.24, disc)),
        (p[1], f"M{_n(far - w * 0.42)} {base}L{_n(far)} {_n(top)}L{_n(far + w * 0.42)} {base}z"),
        (
            p[2],
            (
                f"M{_n(near - w * 0.4)} {base}L{_n(near)} {_n(top + h * 0.18)}"
                f"L{_n(near + w * 0.4)} {base}z"
            ),
        ),
        (p[2], _box(0, base, w, h - base)),
    ]


def _arcs(w: int, h: int, p: _Palette, dice: _Dice) -> _Paths:
    """Quarter discs inside one another, from a corner."""
    corner = dice.pick(4)
    x, y = ((0, 0), (w, 0), (w, h), (0, h))[corner]
    reach = max(w, h) * dice.between(0.8, 0.98)
    tones = (p[1], p[2], p[0], p[3])
    return [
        (tone, _quarter(x, y, reach * scale, corner))
        for tone, scale in zip(tones, (1, 0.74, 0.5, 0.3), strict=True)
    ]


def _mosaic(w: int, h: int, p: _Palette, dice: _Dice) -> _Paths:
    """A grid of squares holding discs, quarter discs or nothing."""
    side = min(w, h) / 2
    columns, rows = max(2, _n(w / side)), max(2, _n(h / side))
    cell_w, cell_h = w / columns, h / rows
    radius = min(cell_w, cell_h)
    paths: _Paths = []
    for row in range(rows):
        for column in range(columns):
            x, y = column * cell_w, row * cell_h
            if (row + column) % 2:
                paths.append((p[1], _box(x, y, cell_w, cell_h)))
            form = dice.pick(4)
            if form == 0:
                tone = p[3] if dice.chance() else p[2]
                paths.append((tone, _circle(x + cell_w / 2, y + cell_h / 2, radius * 0.32)))
            elif form in (1, 2):
                corner = dice.pick(4)
                dx, dy = ((0, 0), (cell_w, 0), (cell_w, cell_h), (0, cell_h))[corner]
                paths.append((p[2], _quarter(x + dx, y + dy, radius, corner)))
    return paths


def _bands(w: int, h: int, p: _Palette, dice: _Dice) -> _Paths:
    """Slanted bands over a second tone."""
    slant = h * dice.between(0.4, 1.0)
    start = w * dice.between(0.05, 0.3)
    thick = w * dice.between(0.1, 0.17)

    def band(x: float, width: float) -> str:
        return f"M{_n(x)} {h}l{_n(slant)} {-h}h{_n(width)}l{_n(-slant)} {h}z"

    return [
        (p[1], f"M0 {h}V{_n(h * 0.4)}L{w} {_n(h * dice.between(0.5, 0.8))}V{h}z"),
        (p[2], band(start - slant * 0.3, thick)),
        (p[3], band(start + thick * 1.7 - slant * 0.3, thick * 0.45)),
        (p[2], band(start + thick * 2.7 - slant * 0.3, thick * 1.5)),
    ]


def _bust(w: int, h: int, p: _Palette, dice: _Dice) -> _Paths:
    """Head and shoulders, as far as a disc and a dome can be."""
    middle = w * dice.between(0.42, 0.58)
    shoulders = w * dice.between(0.34, 0.42)
    head = shoulders * dice.between(0.46, 0.54)
    top = h - shoulders * dice.between(1.05, 1.35)
    dome = (
        f"M{_n(middle - shoulders)} {h}V{_n(top + shoulders * 0.75)}"
        f"C{_n(middle - shoulders)} {_n(top + shoulders * 0.2)} "
        f"{_n(middle - shoulders * 0.5)} {_n(top)} {_n(middle)} {_n(top)}"
        f"S{_n(middle + shoulders)} {_n(top + shoulders * 0.2)} "
        f"{_n(middle + shoulders)} {_n(top + shoulders * 0.75)}V{h}z"
    )
    side = 0 if dice.chance() else w / 2
    return [
        (p[1], _box(side, 0, w / 2, h)),
        (p[2], dome),
        (p[3], _circle(middle, top - head * 0.8, head)),
    ]


def _still_life(w: int, h: int, p: _Palette, dice: _Dice) -> _Paths:
    """A table, a vessel and a fruit."""
    table = h * dice.between(0.66, 0.76)
    unit = min(w, h)
    vase_w, vase_h = unit * dice.between(0.2, 0.28), unit * dice.between(0.42, 0.54)
    vase_x = w * dice.between(0.28, 0.42)
    foot = table + unit * 0.08
    fruit = unit * dice.between(0.1, 0.14)
    vase = (
        f"M{_n(vase_x - vase_w * 0.3)} {_n(foot - vase_h)}h{_n(vase_w * 0.6)}"
        f"Q{_n(vase_x + vase_w * 0.2)} {_n(foot - vase_h * 0.7)} "
        f"{_n(vase_x + vase_w * 0.75)} {_n(foot - vase_h * 0.38)}"
        f"T{_n(vase_x + vase_w * 0.4)} {_n(foot)}h{_n(-vase_w * 0.8)}"
        f"Q{_n(vase_x - vase_w * 1.1)} {_n(foot - vase_h * 0.3)} "
        f"{_n(vase_x - vase_w * 0.5)} {_n(foot - vase_h * 0.55)}z"
    )
    return [
        (p[1], _box(0, table, w, h - table)),
        (p[2], vase),
        (p[3], _circle(vase_x + vase_w + fruit * 1.3, foot - fruit * 0.7, fruit)),
    ]


def _window(w: int, h: int, p: _Palette, dice: _Dice) -> _Paths:
    """Frames within frames, around an empty or a lit pane."""
    edge = min(w, h) * dice.between(0.1, 0.14)
    inner = edge * 2.1
    pane = w - 2 * inner
    return [
        (p[1], _box(edge, edge, w - 2 * edge, h - 2 * edge)),
        (p[2], _box(inner, inner, pane, h - 2 * inner)),
        (p[3], _box(inner, inner, pane * dice.between(0.25, 0.7), (h - 2 * inner) * 0.4)),
    ]


def _waves(w: int, h: int, p: _Palette, dice: _Dice) -> _Paths:
    """Three swells, the nearest darkest, under a small disc."""
    paths: _Paths = [
        (p[3], _circle(w * dice.between(0.2, 0.8), h * 0.26, min(w, h) * dice.between(0.1, 0.14)))
    ]
    for tone, level in ((p[1], 0.48), (p[2], 0.68)):
        swell = h * dice.between(0.07, 0.14)
        half = w * dice.between(0.4, 0.6)
        y = h * level
        paths.append(
            (
                tone,
                (f"M0 {h}V{_n(y)}q{_n(half / 2)} {_n(-swell * 2)} {_n(half)} 0T{w} {_n(y)}V{h}z"),
            )
        )
    paths.append((p[0], _box(0, h * 0.9, w, h * 0.025)))
    return paths


def _discs(w: int, h: int, p: _Palette, dice: _Dice) -> _Paths:
    """Two discs across a divided ground."""
    radius = min(w, h) * dice.between(0.27, 0.33)
    x, y = w * dice.between(0.36, 0.46), h * dice.between(0.42, 0.52)
    split = _box(w * 0.5, 0, w * 0.5, h) if w >= h else _box(0, h * 0.5, w, h * 0.5)
    small = radius * dice.between(0.45, 0.65)
    return [
        (p[1], split),
        (p[2], _circle(x, y, radius)),
        (p[3], _circle(x + radius, y + radius * dice.between(-0.5, 0.6), small)),
    ]


_Composition = Callable[[int, int, _Palette, _Dice], _Paths]
_WIDE: tuple[_Composition, ...] = (_horizon, _peaks, _waves, _bands, _arcs, _mosaic, _discs)
_TALL: tuple[_Composition, ...] = (_bust, _still_life, _arcs, _mosaic, _peaks, _discs, _window)
_SQUARE: tuple[_Composition, ...] = (
    _horizon,
    _still_life,
    _arcs,
    _mosaic,
    _bands,
    _discs,
    _window,
    _waves,
)
