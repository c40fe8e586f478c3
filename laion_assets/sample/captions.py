"""Captions: which template a row gets, how often names occur, what trails behind.

Lives here: the mix of topics by flavour of host, and the rates of names. Not here: the words
(`lexicon/`), deliberate dirt (`dirt`), except for leaked quotation marks, which are too common to
plant one by one.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from laion_assets.sample.grammar import (
    Grammar,
    Integers,
    compile_grammar,
    draw,
    quantiles,
    scale,
)
from laion_assets.sample.lexicon import templates, word_sections

#: What the captions of a host are like, in the order of the flavour numbers used everywhere.
FLAVOURS = ("mixed", "prints", "stock", "shop", "photo", "blog")

#: Names are this much commoner than in the real subset, so that 60,000 rows show some of each.
NAME_SCALE = 6
_STUDY_IMAGES = 12_096_835  # rows of improved_aesthetics_6plus as the 2022 study counted them

_RESOLUTION = 1 << 16
_TOPICS = (
    "art", "nature", "travel", "wedding", "interior", "shop", "food", "quote", "wallpaper",
    "vehicle", "stock", "event", "blog", "file", "foreign", "keywords", "story", "fixed",
    "ambiguous",
)  # fmt: skip
#: Relative weight of each topic, in the order above, by flavour.
_MIX = {
    "mixed": (10, 12, 8, 6, 18, 12, 10, 5, 4, 4, 3, 4, 6, 1.2, 6, 2.5, 2.5, 2.5, 1.6),
    "prints": (62, 14, 5, 0, 0.5, 4, 0.5, 3, 1, 1, 2, 1, 0.3, 0.5, 2.5, 0.5, 1.5, 1.5, 1.2),
    "stock": (5, 8, 5, 1, 4, 0.5, 6, 1, 1, 2, 50, 0.5, 0, 0.2, 4, 7, 0, 8, 0.8),
    "shop": (5, 1, 0.5, 0.5, 6, 72, 1, 3, 0.5, 3, 0.5, 0.3, 0.5, 0.7, 3, 2, 2, 1, 1.2),
    "photo": (3, 34, 26, 14, 3, 0.5, 2, 0.3, 1, 3, 2, 5, 1, 4, 4, 0.8, 1.5, 2, 1),
    "blog": (4, 8, 13, 8, 12, 6, 12, 3, 1, 3, 1, 8, 13, 2.5, 10, 1, 4, 2.5, 1.4),
}
#: How much likelier than elsewhere a name of a list is on hosts of a flavour.
_NAME_AFFINITY = {
    "artist": (1, 4, 0.1, 0.7, 0.1, 0.7),
    "celebrity": (1.2, 0.6, 0.3, 0.3, 0.5, 1.5),
    "legend": (1.2, 1.5, 0.2, 0.8, 0.3, 1),
    "character": (1, 1, 0.1, 2, 0.2, 1),
}
#: Shares of the endings by flavour; the rest has none.
_ENDINGS: dict[str, dict[str, float]] = {
    "mixed": {"ending_blog": 0.12, "ending_shop": 0.06, "ending_prints": 0.04},
    "prints": {"ending_prints": 0.4},
    "stock": {"ending_stock": 0.5},
    "shop": {"ending_shop": 0.35},
    "photo": {"ending_photo": 0.35},
    "blog": {"ending_blog": 0.25, "ending_photo": 0.05},
}
#: Topics whose captions stand as they are: no addition, no ending.
_BARE = ("fixed", "file", "foreign", "quote", "keywords", "story")
_EXTRA_SHARE = 0.48  # share of captions that go on a little
#: Opening and closing quotation marks that leaked from CSV, by share of captions: 1.9 % of 5,000
#: real ones begin and end with one, a fifth of those with three.
_QUOTES = (('"', '"', 0.015), ('"""', '"""', 0.002), ('"""', '"" "', 0.0015), ('"', "", 0.001))


def name_rates() -> dict[str, float]:
    """Return list → share of captions that mention one of its names, from the lists' weights."""
    words = word_sections()
    return {
        name: sum(weight for _, weight in words[name]) * NAME_SCALE / _STUDY_IMAGES
        for name in _NAME_AFFINITY
    }


class Captions:
    """Draws captions in batches.

    `flavour_shares` are shares of all rows, in the order of FLAVOURS; they fix the name rates.
    """

    def __init__(self, flavour_shares: tuple[float, ...]) -> None:
        sections = templates("captions") | templates("mentions") | templates("endings")
        sections["open"] = (("", 1.0), *((mark, 1.0) for mark, _, _ in _QUOTES))
        sections["close"] = (("", 1.0), *((mark, 1.0) for _, mark, _ in _QUOTES))
        self._grammar = compile_grammar(sections, word_sections(), spread=tuple(_NAME_AFFINITY))
        self._cores = np.stack(
            [_template_table(self._grammar, mix) for mix in _core_mixes(flavour_shares)]
        )
        self._endings = np.stack(
            [_template_table(self._grammar, _ending_mix(flavour)) for flavour in FLAVOURS]
        )
        extra = {"extra_none": 1 - _EXTRA_SHARE, "extra": _EXTRA_SHARE}
        self._extras = _template_table(self._grammar, extra)
        self._bare = np.zeros(len(self._grammar.template_length), np.bool_)
        for topic in _BARE:
            self._bare[self._grammar.sections[topic][0]] = True
        leaked = [share for _, _, share in _QUOTES]
        self._quotes = quantiles([1 - sum(leaked), *leaked], _RESOLUTION)

    def draw(self, random: np.random.Generator, flavours: Integers) -> pa.Array:
        """Return one caption (binary, UTF-8) per row, given the flavour number of each row."""
        rows = len(flavours)
        quotes = self._quotes[scale(draw(random, rows), _RESOLUTION)]
        sections = self._grammar.sections
        cores = self._cores[flavours, scale(draw(random, rows), _RESOLUTION)]
        extras = self._extras[scale(draw(random, rows), _RESOLUTION)]
        endings = self._endings[flavours, scale(draw(random, rows), _RESOLUTION)]
        nothing, bare = sections["ending_none"][0][0], self._bare[cores]
        parts = (
            sections["open"][0][quotes],
            cores,
            np.where(bare, nothing, extras),
            np.where(bare, nothing, endings),
            sections["close"][0][quotes],
        )
        return self._grammar.expand(random, np.stack(parts, axis=1))


def _core_mixes(flavour_shares: tuple[float, ...]) -> list[Mapping[str, float]]:
    """Return by flavour: section → share. Over all rows, names occur at exactly `name_rates`."""
    mixes: list[dict[str, float]] = [{} for _ in FLAVOURS]
    for name, rate in name_rates().items():
        affinity = _NAME_AFFINITY[name]
        base = rate / sum(share * a for share, a in zip(flavour_shares, affinity, strict=True))
        for mix, likelier in zip(mixes, affinity, strict=True):
            mix[name] = base * likelier
    for flavour, mix in zip(FLAVOURS, mixes, strict=True):
        rest = (1 - sum(mix.values())) / sum(_MIX[flavour])
        mix.update(
            (topic, rest * weight) for topic, weight in zip(_TOPICS, _MIX[flavour], strict=True)
        )
    return list(mixes)


def _ending_mix(flavour: str) -> Mapping[str, float]:
    chosen = _ENDINGS[flavour]
    return {"ending_none": 1 - sum(chosen.values()), **chosen}


def _template_table(grammar: Grammar, mix: Mapping[str, float]) -> Integers:
    """Return template numbers in which each occurs as its section's share and its weight say."""
    numbers: list[Integers] = []
    weights: list[float] = []
    for section, share in mix.items():
        members, member_weights = grammar.sections[section]
        numbers.append(members)
        weights.extend(share * weight / sum(member_weights) for weight in member_weights)
    return np.concatenate(numbers)[quantiles(weights, _RESOLUTION)]
