"""Blocks of terms as JSON, an array at a time.

Lives here: what a block says of its terms, and where blocks and files are cut. Not here: files
(`term_files`), lists (`lists`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import (
    Integer,
    called_by_compiled,
    compiled,
    inlined,
    put,
    wider,
)
from laion_assets.core.index.lists import Numbers, Offsets, Postings
from laion_assets.core.index.packing import Bytes

#: Documents of a term whose rows stand with it in series that have them: a page of results.
PAGE = 20
#: Documents of a term that its block names, in series without rows.
INLINE = 6
#: Chunks of a list that lie in the file of its term.
LOCAL = 16
#: Bytes of a row besides its codes: its id.
ROW_BYTES = 8


class Terms(NamedTuple):
    """Sorted terms in UTF-8: term i is `data[starts[i]:starts[i + 1]]`, none holds a line feed.

    Term i is in `counts[i]` documents; or it stands for the term `data[alias[i]:alias_ends[i]]`
    where `alias[i]` is not -1. `common` and the two after it are of common terms: their number,
    where in series `h` their pair counts are, and the Rice parameter of these; -1, 0, 0 for others.
    """

    data: Bytes
    starts: Offsets
    counts: Offsets
    alias: Offsets
    alias_ends: Offsets
    common: Offsets
    pairs: Offsets
    pairs_k: Offsets


def plain_terms(data: Bytes, starts: Offsets, counts: Offsets) -> Terms:
    """Return terms of which none is an alias or common."""
    none, zero = np.full(len(counts), -1, np.int64), np.zeros(len(counts), np.int64)
    return Terms(data, starts, counts, none, none, none, zero, zero)


class Lists(NamedTuple):
    """Of each term whose list stands apart: its Rice parameter, its units in all, its tail.

    `local` are the units of those of its chunks that lie in its own file.
    """

    k: Offsets
    units: Offsets
    local: Offsets
    tail: Offsets


class Form(NamedTuple):
    """What a series tells of its terms: numbers of how many documents, their rows, any list."""

    named: int
    rows: bool
    lists: bool


@called_by_compiled
def _number(out: Bytes, at: int, value: Integer) -> int:
    """Write a number in decimal digits; return the place after."""
    if value < 0:
        out[at] = 45
        at += 1
        value = -value
    digits, rest = 1, value // 10
    while rest:
        digits += 1
        rest //= 10
    for i in range(digits - 1, -1, -1):
        out[at + i] = 48 + value % 10
        value //= 10
    return at + digits


@called_by_compiled
def _text(out: Bytes, at: int, data: Bytes, start: int, end: int) -> int:
    """Write bytes of UTF-8 as they stand within a JSON string; return the place after."""
    for j in range(start, end):
        byte = data[j]
        if byte < 32:  # noqa: PLR2004 - control characters
            for escape in (92, 117, 48, 48):  # \u00
                out[at] = escape
                at += 1
            high, low = byte // 16, byte % 16
            out[at] = 48 + high
            out[at + 1] = 48 + low if low < 10 else 87 + low  # noqa: PLR2004 - hexadecimal
            at += 2
            continue
        if byte in (34, 92):
            out[at] = 92
            at += 1
        out[at] = byte
        at += 1
    return at


@called_by_compiled
def _shared(data: Bytes, a0: int, a1: int, b0: int, b1: int) -> tuple[int, int]:
    """Return the bytes, and the UTF-16 units, that two terms begin with alike, whole characters."""
    most = min(a1 - a0, b1 - b0)
    same = 0
    while same < most and data[a0 + same] == data[b0 + same]:
        same += 1
    while same and same < b1 - b0 and data[b0 + same] & 0xC0 == 0x80:  # noqa: PLR2004 - inside a character
        same -= 1
    units = 0
    for i in range(same):
        byte = data[b0 + i]
        if byte & 0xC0 != 0x80:  # noqa: PLR2004 - a character's first byte
            units += 2 if byte >= 0xF0 else 1  # noqa: PLR2004 - four bytes: a surrogate pair
    return same, units


@inlined
def _count(postings: Postings, i: int) -> int:
    return int(postings.starts[i + 1] - postings.starts[i])


@compiled
def weigh(terms: Terms, postings: Postings, row_starts: Offsets, form: Form) -> Offsets:
    """Return about how many bytes each term takes in its block.

    `row_starts` is where, by rank, the rows in codes begin.
    """
    weights = np.empty(len(terms.starts) - 1, np.int64)
    placed = len(postings.item_starts) > 0
    for i in range(len(weights)):
        count = _count(postings, i)
        text = terms.starts[i + 1] - terms.starts[i] + 8
        first = postings.starts[i]
        if terms.alias[i] >= 0:
            text += 30
        elif count > form.named and form.lists:
            text += 24 if form.named == 6 else 24 + 5 * form.named  # noqa: PLR2004 - INLINE
        else:
            shown = min(count, form.named)
            text += 6 * shown
            if placed:
                text += 3 * (postings.item_starts[first + shown] - postings.item_starts[first])
        weights[i] = text * 2 // 5  # of which deflate leaves about that
        if form.rows:
            for j in range(first, first + min(count, form.named)):
                rank = postings.ranks[j]
                weights[i] += row_starts[rank + 1] - row_starts[rank] + ROW_BYTES
    return weights


@compiled
def front_coded(terms: Bytes, starts: Offsets, chosen: Offsets) -> Bytes:
    r"""Return `[shared,…],"rest\nrest…"` of some terms, in their order."""
    room = 64
    for i in chosen:
        room += 8 + 6 * (starts[i + 1] - starts[i])
    out = np.empty(room, np.uint8)
    same = np.zeros(len(chosen), np.int64)
    out[0] = 91
    at = 1
    for n in range(len(chosen)):
        units = 0
        if n:
            i, j = chosen[n - 1], chosen[n]
            same[n], units = _shared(terms, starts[i], starts[i + 1], starts[j], starts[j + 1])
            out[at] = 44
            at += 1
        at = _number(out, at, units)
    out[at] = 93
    out[at + 1] = 44
    out[at + 2] = 34
    at += 3
    for n in range(len(chosen)):
        i = chosen[n]
        if n:
            out[at] = 92
            out[at + 1] = 110
            at += 2
        at = _text(out, at, terms, starts[i] + same[n], starts[i + 1])
    out[at] = 34
    return out[: at + 1]


@called_by_compiled
def _room(terms: Terms, postings: Postings, named: int, low: int, high: int) -> int:
    """Return how many bytes the entries of terms take at most."""
    placed = len(postings.item_starts) > 0
    room = 64
    for i in range(low, high):
        shown = min(_count(postings, i), named)
        room += 160 + 12 * shown
        if placed:
            first = postings.starts[i]
            room += 14 * (postings.item_starts[first + shown] - postings.item_starts[first] + shown)
        if terms.alias[i] >= 0:
            room += 6 * (terms.alias_ends[i] - terms.alias[i])
    return room


@called_by_compiled
def _write_list(out: Bytes, at: int, terms: Terms, lists: Lists, i: int, place: int) -> int:
    """Write where the list of term i is, and a comma; return the place after."""
    at = _comma(out, _number(out, at, place))
    at = _comma(out, _number(out, at, lists.units[i]))
    at = _comma(out, _number(out, at, lists.k[i]))
    at = _comma(out, _number(out, at, lists.tail[i]))
    at = _comma(out, _number(out, at, terms.common[i]))
    at = _comma(out, _number(out, at, terms.pairs[i]))
    return _comma(out, _number(out, at, terms.pairs_k[i]))


@inlined
def _comma(out: Bytes, at: int) -> int:
    out[at] = 44
    return at + 1


@called_by_compiled
def _write_documents(
    out: Bytes, at: int, postings: Postings, numbers: Numbers, first: int, shown: int
) -> int:
    """Write postings from `first` on, with their places, each with a comma after it."""
    placed = len(postings.item_starts) > 0
    before = np.int64(0)
    for j in range(first, first + shown):
        number = np.int64(numbers[postings.ranks[j]])
        at = _comma(out, _number(out, at, number - before))
        before = number
        if placed:
            start, end = postings.item_starts[j], postings.item_starts[j + 1]
            at = _comma(out, _number(out, at, end - start))
            for item in range(start, end):
                at = _comma(out, _number(out, at, np.int64(postings.items[item])))
    return at


@compiled
def entries_of(
    terms: Terms,
    postings: Postings,
    numbers: Numbers,
    lists: Lists,
    form: Form,
    low: int,
    high: int,
    place: int,
) -> tuple[Bytes, int]:
    """Return `[count,…],[entry,…]` of terms, and how many rows go with them.

    They are those from `low` to before `high`; `place` is where the lists of the first begin.
    """
    out = np.empty(_room(terms, postings, form.named, low, high), np.uint8)
    rows = 0
    out[0] = 91
    at = 1
    for i in range(low, high):
        at = _comma(out, _number(out, at, 0 if terms.alias[i] >= 0 else terms.counts[i]))
    out[at - 1] = 93  # in place of the last comma
    out[at] = 44
    out[at + 1] = 91
    at += 2
    for i in range(low, high):
        if terms.alias[i] >= 0:
            out[at] = 34
            at = _text(out, at + 1, terms.data, terms.alias[i], terms.alias_ends[i])
            out[at] = 34
            at = _comma(out, at + 1)
            continue
        out[at] = 91
        at += 1
        count, first = _count(postings, i), postings.starts[i]
        shown = min(count, form.named)
        rows += shown if form.rows else 0
        if form.lists and count > form.named:
            at = _write_list(out, at, terms, lists, i, place)
            place += lists.local[i]
            shown = shown if form.rows else 0
        at = _write_documents(out, at, postings, numbers, first, shown)
        out[at - 1] = 93
        at = _comma(out, at)
    out[at - 1] = 93
    return out[:at], rows


@compiled
def ranks_shown(postings: Postings, form: Form, low: int, high: int) -> npt.NDArray[np.uint32]:
    """Return the ranks of the rows that go with terms, in their order; none in other series."""
    size = 0
    for i in range(low, high if form.rows else low):
        size += min(_count(postings, i), form.named)
    ranks = np.empty(size, np.uint32)
    at = 0
    for i in range(low, high if form.rows else low):
        first = postings.starts[i]
        for j in range(first, first + min(_count(postings, i), form.named)):
            ranks[at] = postings.ranks[j]
            at += 1
    return ranks


@compiled
def texts_of(
    terms: Terms,
    postings: Postings,
    numbers: Numbers,
    lists: Lists,
    form: Form,
    cuts: Offsets,
) -> tuple[Bytes, Offsets, Offsets]:
    """Return the JSON of the blocks between `cuts`, where each ends, and where its rows end.

    Rows count as those of `ranks_shown`. All of a file at once: calls from outside are what would
    take the time.
    """
    out = np.empty(1 << 16, np.uint8)
    ends = np.zeros(len(cuts) - 1, np.int64)
    row_ends = np.zeros(len(cuts) - 1, np.int64)
    at = held = 0
    place = np.int64(0)
    for n in range(len(cuts) - 1):
        low, high = cuts[n], cuts[n + 1]
        fronts = front_coded(terms.data, terms.starts, np.arange(low, high))
        entries, shown = entries_of(terms, postings, numbers, lists, form, low, high, int(place))
        size = len(fronts) + len(entries) + 4
        while at + size > len(out):
            out = wider(out, 2 * len(out))
        out[at] = 91
        at += 1
        for part in (fronts, entries):
            put(out, at, part)
            at = _comma(out, at + len(part))
        out[at - 1] = 93
        held += shown
        ends[n], row_ends[n] = at, held
        for i in range(low, high):
            place += lists.local[i]
    return out[:at], ends, row_ends


@compiled
def cut(weights: Offsets, most: int) -> Offsets:
    """Return where pieces of consecutive weights begin, each of about `most`, and the end."""
    starts = np.empty(len(weights) + 1, np.int64)
    pieces = 0
    held = np.int64(0)
    for i in range(len(weights)):
        if i == 0 or held + weights[i] // 2 >= most:
            starts[pieces] = i
            pieces += 1
            held = np.int64(0)
        held += weights[i]
    starts[pieces] = len(weights)
    return starts[: pieces + 1].copy()
