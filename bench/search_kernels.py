"""Rows of the search benchmark's corpus, written byte by byte into buffers.

Lives here: compiled functions for captions; all of a row is drawn from its own number. Not here:
what is drawn from (`search_words`), addresses (`search_addresses`), files (`search_corpus`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
State = npt.NDArray[np.uint64]

UNSPACED = 0.015  # share of captions in scripts without spaces
NAMED = 0.04  # share of captions with a listed name
#: Shares of words that go on a phrase, that begin one, that follow the word before.
_PHRASE, _FOLLOW = 0.1, 0.72
_PHRASES = 3_000_000
_FOLLOWS = 6_000
MOST_ROW = 20_000  # bytes of one caption or address, at most
_LARGEST = float(1 << 45)

_SYLLABLES = np.frombuffer(
    "".join(c + v for c in "bcdfghklmnprstvz" for v in "aeiou").encode(), np.uint8
).copy()
_ENDINGS = np.frombuffer(b"nrstldm", np.uint8).copy()
_ACCENTS = np.frombuffer("áéíöü".encode(), np.uint8).copy()  # in the order of aeiou


def joined(texts: list[str]) -> tuple[Bytes, Numbers]:
    """Return texts one after another, and where each begins."""
    encoded = [text.encode() for text in texts]
    return (
        np.frombuffer(b"".join(encoded), np.uint8).copy(),
        np.cumsum([0, *map(len, encoded)]).astype(np.int64),
    )


_SEPARATORS, _SEPARATOR_AT = joined(
    [", ", "-", " - ", ": ", ". ", " (", "'", ".", "/", " & ", " | ", ") ", " – "]
)
_SEPARATOR_CHANCE = np.cumsum(
    [0.036, 0.03, 0.02, 0.009, 0.009, 0.009, 0.008, 0.007, 0.006, 0.004, 0.003, 0.003, 0.002]
)


@compiled
def mix(x: np.uint64) -> np.uint64:
    """Return a number's hash (the finaliser of splitmix64)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@compiled
def draw(state: State) -> np.uint64:
    """Return the next 64 random bits."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    return mix(state[0])


@compiled
def uniform(bits: np.uint64) -> float:
    """Return a number from 0 to 1 of random bits."""
    return float(bits >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def below(state: State, n: int) -> int:
    """Draw a whole number below `n`."""
    return int(np.int64(draw(state) % np.uint64(n)))


@compiled
def skewed(unit: float, n: int, shift: float) -> int:
    """Return a number below `n`, in inverse proportion to it and a shift."""
    found = int((shift + 1.0) * ((n + shift) / (shift + 1.0)) ** unit - shift - 1.0)
    return max(0, found) if found < n else n - 1


@compiled
def rank_of(unit: float, cumulative: Floats, guide: Numbers, tail: float) -> int:
    """Return the rank of a word from a number of 0 to 1."""
    head = cumulative[-1]
    if unit < head:
        place = guide[int(unit * (len(guide) - 1))]
        while cumulative[place] <= unit:
            place += 1
        return int(place)
    beyond = max((1.0 - unit) / (1.0 - head), 1e-15)
    return int(min(len(cumulative) * beyond**-tail, _LARGEST))


@compiled
def copy(out: Bytes, at: int, data: Bytes, start: int, end: int) -> int:
    """Write a part of `data`; like all that write, return where it ends."""
    for i in range(start, end):
        out[at] = data[i]
        at += 1
    return at


@compiled
def digits(out: Bytes, at: int, number: int) -> int:
    """Write a number in decimal digits."""
    count = 1
    rest = number // 10
    while rest:
        count += 1
        rest //= 10
    for i in range(count - 1, -1, -1):
        out[at + i] = 48 + number % 10
        number //= 10
    return at + count


@compiled
def _invent(out: Bytes, at: int, number: int, plain: bool) -> int:  # noqa: FBT001
    """Write the word of a number: each has its own; some are digits, some have an accent."""
    bits = mix(np.uint64(number))
    kind = np.int64(bits & np.uint64(1023))
    if not plain and kind < 100:
        if kind < 40:
            out[at] = 97 + kind % 26
            at += 1
        return digits(out, at, number)
    count, size, rest = 1, 80, number
    while rest >= size:
        rest -= size
        size *= 80
        count += 1
    rest = rest * 7919 % size
    for i in range(count):
        syllable = rest % 80
        rest //= 80
        out[at] = _SYLLABLES[2 * syllable]
        if not plain and i == 0 and kind >= 1000:
            vowel = syllable % 5
            out[at + 1] = _ACCENTS[2 * vowel]
            out[at + 2] = _ACCENTS[2 * vowel + 1]
            at += 3
        else:
            out[at + 1] = _SYLLABLES[2 * syllable + 1]
            at += 2
    ending = np.int64(bits >> np.uint64(20)) % 12
    if ending < len(_ENDINGS):
        out[at] = _ENDINGS[ending]
        at += 1
    return at


@compiled
def word(
    out: Bytes, at: int, number: int, style: int, data: Bytes, offsets: Numbers, common: int
) -> int:
    """Write a word; style 0 as it is, 1 with a capital, 2 in capitals, 3 as part of an address."""
    start = at
    if number < common:
        at = copy(out, at, data, offsets[number], offsets[number + 1])
    else:
        at = _invent(out, at, number, style == 3)
    if 1 <= style <= 2:
        for i in range(start, at if style == 2 else start + 1):
            if 97 <= out[i] <= 122:
                out[i] -= 32
    elif style == 3:
        kept = start
        for i in range(start, at):
            if out[i] < 128:
                out[kept] = out[i]
                kept += 1
        at = kept
    return at


@compiled
def _next_word(
    state: State,
    before: int,
    phrase: Numbers,
    cumulative: Floats,
    guide: Numbers,
    tail: float,
    followers: Numbers,
) -> int:
    """Draw a word: the next of a phrase (its number and how much is left), a follower, or any."""
    if phrase[1] == 0 and uniform(draw(state)) < _PHRASE:
        phrase[0] = skewed(uniform(draw(state)), _PHRASES, 40.0)
        phrase[1] = 2 + np.int64(mix(np.uint64(phrase[0] * 16)) % np.uint64(4))
    if phrase[1]:
        bits = mix(np.uint64(phrase[0] * 16 + phrase[1]) ^ np.uint64(0x5DEECE66D))
        phrase[1] -= 1
        return rank_of(uniform(bits), cumulative, guide, tail)
    bits = draw(state)
    if before >= 0 and uniform(bits) < _FOLLOW:
        nth = skewed(uniform(draw(state)), _FOLLOWS, -0.4)
        if before < len(followers) and nth < followers.shape[1] and followers[before, nth] >= 0:
            return int(followers[before, nth])
        bits = mix(mix(np.uint64(before)) + np.uint64(nth))
        return rank_of(uniform(bits), cumulative, guide, tail)
    return rank_of(uniform(draw(state)), cumulative, guide, tail)


@compiled
def _separator(state: State, out: Bytes, at: int) -> int:
    unit = uniform(draw(state))
    if unit < _SEPARATOR_CHANCE[-1]:
        kind = 0
        while _SEPARATOR_CHANCE[kind] <= unit:
            kind += 1
        return copy(out, at, _SEPARATORS, _SEPARATOR_AT[kind], _SEPARATOR_AT[kind + 1])
    out[at] = 32
    return at + 1


@compiled
def _character(out: Bytes, at: int, code: int) -> int:
    out[at] = 0xE0 | (code >> 12)
    out[at + 1] = 0x80 | ((code >> 6) & 63)
    out[at + 2] = 0x80 | (code & 63)
    return at + 3


@compiled
def _unspaced(state: State, out: Bytes, at: int) -> int:
    """Write a caption in Chinese, Japanese or Thai: runs of words with nothing between them."""
    script = below(state, 20)
    for run in range(1 + below(state, 4)):
        if run:
            out[at] = 32
            at += 1
        for _ in range(1 + below(state, 6)):
            number = skewed(uniform(draw(state)), 30_000, 8.0) * 4 + min(script // 10, 2)
            bits = mix(np.uint64(number))
            kana = script >= 10 and bits & np.uint64(1) == np.uint64(1)
            for i in range(1 + np.int64(bits >> np.uint64(60)) % 3):
                skew = skewed(uniform(mix(bits + np.uint64(i))), 3000, 20.0)
                if script >= 17:
                    at = _character(out, at, 0x0E01 + skew % 46)
                elif kana:
                    at = _character(out, at, (0x3042 if i % 2 else 0x30A2) + skew % 80)
                else:
                    at = _character(out, at, 0x4E00 + skew * 5)
    return at


@compiled
def _caption(
    state: State,
    out: Bytes,
    at: int,
    kept: Numbers,
    names: int,
    lengths: Numbers,
    data: Bytes,
    offsets: Numbers,
    cumulative: Floats,
    guide: Numbers,
    tail: float,
    followers: Numbers,
) -> tuple[int, int]:
    """Write a caption; `kept` gets its first words; return where it ends and its name or -1."""
    kept[:] = -1
    if uniform(draw(state)) < UNSPACED:
        return _unspaced(state, out, at), -1
    count = lengths[below(state, len(lengths))]
    manner = below(state, 20)  # half in titles' capitals, most others with a first capital
    named = uniform(draw(state)) < NAMED and names > 0
    name = skewed(uniform(draw(state)), names, 3.0) if named else -1
    place = below(state, min(count, 3)) if named else -1
    common = len(offsets) - 1 - names
    phrase = np.zeros(2, np.int64)
    before = -1
    for i in range(count):
        if i:
            at = _separator(state, out, at)
        if i == place:
            at = copy(out, at, data, offsets[common + name], offsets[common + name + 1])
            before = -1
            continue
        before = _next_word(state, before, phrase, cumulative, guide, tail, followers)
        if i < len(kept):
            kept[i] = before
        style = 1 if manner < 11 or (manner < 18 and i == 0) else 0
        if below(state, 32) == 0:
            style = 2 if manner < 15 else 1
        at = word(out, at, before, style, data, offsets, common)
    return at, name


@compiled
def fill_captions(
    seed: int,
    first: int,
    out: Bytes,
    ends: Numbers,
    kept: Numbers,
    named: Numbers,
    names: int,
    lengths: Numbers,
    data: Bytes,
    offsets: Numbers,
    cumulative: Floats,
    guide: Numbers,
    tail: float,
    followers: Numbers,
) -> int:
    """Write the captions of the rows from `first` on, one for each of `ends`; return bytes written.

    `kept` gets the first words of each, `named` its name or -1. `out` may be filled before the
    last row: the return value is -1 then.
    """
    state = np.empty(1, np.uint64)
    at = 0
    for i in range(len(ends)):
        if at + MOST_ROW > len(out):
            return -1
        state[0] = mix(mix(np.uint64(seed)) + np.uint64(first + i))
        at, named[i] = _caption(
            state, out, at, kept[i], names, lengths, data, offsets, cumulative, guide, tail,
            followers,
        )  # fmt: skip
        ends[i] = at
    return at
