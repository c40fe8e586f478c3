"""Registrable domains of many plain hosts at once, as a compiled loop over public suffixes.

Lives here: the rules of the list that `hosts` reads, as a hash table, and walking a host from its
last label on, as `tldextract` does. A file of a million rows has some 200,000 different hosts, and
one takes 3 µs there, 0.05 here; a test holds the two to each other. Not here: hosts that are not
plain (other alphabets among them), which `hosts` judges one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import called_by_compiled, compiled
from laion_assets.core.cleaning.digests import Bytes, Offsets
from laion_assets.core.cleaning.hosts import suffix_rules

_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # FNV-1a, 64 bits
_DOT = 0x2E
# What is known of some last labels of hosts: that a rule has them, is them, goes on with any label,
# or makes an exception of them; a sum of these.
_PART, _WHOLE, _ANY, _EXCEPTION = 1, 2, 4, 8


class SuffixTable(NamedTuple):
    """Last labels that rules speak of: entry i is `text[starts[i]:starts[i + 1]]`."""

    slots: npt.NDArray[np.int32]  # entry + 1, or 0; a power of two of them
    text: Bytes
    starts: Offsets
    kinds: npt.NDArray[np.uint8]


@cache
def suffix_table() -> SuffixTable:
    """Return the table of the list's rules."""
    return make_table(suffix_rules())


def make_table(rules: Iterable[str]) -> SuffixTable:
    """Return the table of rules such as `co.uk`, `*.ck` and `!www.ck`."""
    kinds: dict[str, int] = defaultdict(int)
    for rule in rules:
        labels = rule.split(".")
        for first in range(len(labels) - 1, -1, -1):
            known = ".".join(labels[first:])
            if labels[first] == "*":
                kinds[".".join(labels[first + 1 :])] |= _ANY
            elif labels[first].startswith("!"):
                kinds[known[1:]] |= _EXCEPTION
            else:
                kinds[known] |= _PART | (_WHOLE if first == 0 else 0)
    entries = sorted(entry for entry in kinds if entry.isascii())
    starts = np.zeros(len(entries) + 1, np.int64)
    np.cumsum([len(entry) for entry in entries], out=starts[1:])
    slots = np.zeros(4 << len(entries).bit_length(), np.int32)
    text = np.frombuffer("".join(entries).encode(), np.uint8)
    _fill(slots, text, starts)
    return SuffixTable(slots, text, starts, np.array([kinds[entry] for entry in entries], np.uint8))


@compiled
def _fill(slots: npt.NDArray[np.int32], text: Bytes, starts: Offsets) -> None:
    for entry in range(len(starts) - 1):
        value = _BASIS
        for at in range(starts[entry + 1] - 1, starts[entry] - 1, -1):
            value = (value ^ np.uint64(text[at])) * _PRIME
        slot = np.int64(value & np.uint64(len(slots) - 1))
        while slots[slot]:
            slot = (slot + 1) & (len(slots) - 1)
        slots[slot] = entry + 1


@called_by_compiled
def _kind(table: SuffixTable, value: np.uint64, data: Bytes, begin: int, end: int) -> int:
    """Return what is known of some labels; `value` is the hash of their bytes from the right."""
    slot = np.int64(value & np.uint64(len(table.slots) - 1))
    while table.slots[slot]:
        entry = table.slots[slot] - 1
        first = table.starts[entry]
        if table.starts[entry + 1] - first == end - begin:
            n = 0
            while n < end - begin and table.text[first + n] == data[begin + n]:
                n += 1
            if n == end - begin:
                return int(table.kinds[entry])
        slot = (slot + 1) & (len(table.slots) - 1)
    return 0


@compiled
def registrable_starts(data: Bytes, ends: Offsets, table: SuffixTable) -> Offsets:
    """Return where the registrable domain of each host begins: in lower case, no address.

    Host i lies from `ends[i]` to before `ends[i + 1]`, and so does its domain from there.
    """
    found = np.empty(len(ends) - 1, np.int64)
    for i in range(len(ends) - 1):
        begin, end = ends[i], ends[i + 1]
        suffix = np.int64(-1)
        before = 0
        value = _BASIS
        known = label = end  # where the last labels that are known, and the one at hand, begin
        while label > begin:
            label -= 1
            while True:
                value = (value ^ np.uint64(data[label])) * _PRIME
                if label == begin or data[label - 1] == _DOT:
                    break
                label -= 1
            kind = _kind(table, value, data, label, end)
            if not kind & _PART:
                if before & _ANY:
                    suffix = known if kind & _EXCEPTION else label
                break
            known, before = label, kind
            if kind & _WHOLE:
                suffix = label
            if label > begin:
                label -= 1
                value = (value ^ np.uint64(_DOT)) * _PRIME
        found[i] = _before(data, begin, end, int(suffix))
    return found


@called_by_compiled
def _before(data: Bytes, begin: int, end: int, suffix: int) -> int:
    """Return where the label before a suffix begins; without one, where the last two labels do."""
    labels = 1 if suffix >= 0 else 2
    at = suffix if suffix >= 0 else end
    if suffix >= 0:
        at = max(begin, at - 1)  # its dot
    while at > begin:
        if data[at - 1] == _DOT:
            labels -= 1
            if labels == 0:
                break
        at -= 1
    return at
