"""Series `d`: rows in slots of one size, so that a document's number says where it is.

Lives here: how many rows go into a slot, documents' numbers, the files of slots and of rows too
long for one (series `o`). Not here: the order of rows (`documents`), their codes (`rows`).
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled, inlined, put
from laion_assets.core.index.lists import Offsets
from laion_assets.core.index.packing import PACKED_HEAD, RowStore
from laion_assets.core.index.units import (
    BITS,
    CHECK,
    IndexFolder,
    Units,
    sealed,
    to_units,
)

#: Numbers to a slot: rows that it holds at most.
PLACES = 16
#: Shares of runs of `PLACES` rows that fit into a slot: that which wastes least is chosen.
_FITTING = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_FIRST_FILE_UNITS = 8_192  # of the file of the best rows, when files grow
_EXTRA_FILE_UNITS = 131_072
_FEW_FILES = 8  # too few to grow
_IN_FLIGHT = 4


@dataclass(frozen=True)
class SlotPlan:
    """How slots lie in files: file f has `first` of them, and `more` for every `run` files."""

    units: int  # of a slot
    first: int
    more: int
    run: int

    def size(self, file: int) -> int:
        """Return the slots of a file."""
        return self.first + self.more * (file // self.run)


def plan_slots(rows: RowStore, total: int, most_files: int, target: int) -> SlotPlan:
    """Plan the slots of `total` rows from some of them, in at most `most_files` files.

    `target` is how many bytes a file has on average, unless that makes too many.
    """
    units, filled = _best_units(rows)
    slots = int(total / len(rows.ids) * filled * 1.02) + 2
    files = max(1, min(most_files * 19 // 20, slots * units * 2 // target))
    average = -(-slots // files)
    first = max(1, _FIRST_FILE_UNITS // units)
    if files < _FEW_FILES or first >= average:
        return SlotPlan(units, average, 0, 1)
    # On average a file has half of what the growth over all files comes to beyond the first.
    growth = 2 * (average - first)
    return SlotPlan(units, first, max(1, -(-growth // files)), max(1, files // growth))


def _best_units(rows: RowStore) -> tuple[int, int]:
    """Return the units of a slot with which rows take least room, and how many slots they fill."""
    size = len(rows.ids)
    window = min(PLACES, size)
    lengths = np.sort(rows.starts[window:] - rows.starts[:-window]) + _slot_bytes(window)
    best = (0, 0, 0)
    for share in _FITTING:
        units = CHECK + -(-8 * int(lengths[int((len(lengths) - 1) * share)]) // BITS)
        slots = len(_fill(rows.starts, 0, size, units)) - 1
        if not best[0] or slots * units < best[0]:
            best = (slots * units, units, slots)
    return best[1:]


@inlined
def _slot_bytes(rows: int) -> int:
    """Return what a slot holds besides the codes of its rows."""
    return 4 + 2 + 8 * rows  # rank, how many, ids


@compiled
def _fill(starts: Offsets, low: int, high: int, units: int) -> Offsets:
    """Return where the slots of some rows begin, and the end."""
    room = (units - CHECK) * BITS // 8
    begins = np.empty(high - low + 1, np.int64)
    slots = 0
    at = low
    while at < high:
        begins[slots] = at
        slots += 1
        first = at
        at += 1
        while at < min(high, first + PLACES):
            if starts[at + 1] - starts[first] + _slot_bytes(at + 1 - first) > room:
                break
            at += 1
    begins[slots] = high
    return begins[: slots + 1].copy()


@dataclass
class _Group:
    """Slots of some rows in order: their payloads, rows in each, the ones too long for a slot."""

    rows: RowStore
    payloads: npt.NDArray[np.uint16]
    counts: npt.NDArray[np.int64]
    long: npt.NDArray[np.int64]  # slots


def _make_group(rows: RowStore, first_rank: int, units: int) -> _Group:
    """Fill slots with rows, the first of which has that rank."""
    begins = _fill(rows.starts, 0, len(rows.ids), units)
    room = (units - CHECK) * BITS // 8
    counts = np.diff(begins)
    firsts = begins[:-1]
    sizes = rows.starts[firsts + 1] - rows.starts[firsts] + _slot_bytes(1)
    long = np.flatnonzero((counts == 1) & (sizes > room))
    payloads = _payloads(rows, begins, first_rank, units - CHECK, room)
    return _Group(rows, payloads, counts, long)


@compiled
def _payloads(
    rows: RowStore, begins: Offsets, first_rank: int, units: int, room: int
) -> npt.NDArray[np.uint16]:
    """Return the payload of each slot, filled with zeros; of those too long the rank alone."""
    payloads = np.zeros((len(begins) - 1, units), np.uint16)
    data = np.zeros(room, np.uint8)
    for slot in range(len(payloads)):
        low, high = begins[slot], begins[slot + 1]
        for i in range(4):
            data[i] = ((first_rank + low) >> (24 - 8 * i)) & 0xFF
        at = 4
        size = rows.starts[high] - rows.starts[low]
        if size + _slot_bytes(high - low) <= room:
            data[4], data[5] = (high - low) >> 8, (high - low) & 0xFF
            at = 6
            for row in range(low, high):
                number = np.uint64(rows.ids[row])
                for i in range(8):
                    data[at] = (number >> np.uint64(8 * i)) & np.uint64(0xFF)
                    at += 1
            put(data, at, rows.data[rows.starts[low] : rows.starts[high]])
            at += size
        put(payloads[slot], 0, to_units(data[:at]))
    return payloads


@compiled
def _seal_all(payloads: npt.NDArray[np.uint16], seed: int) -> Units:
    count, size = payloads.shape
    units = np.empty(count * (size + 2), np.uint16)
    for i in range(count):
        start = i * (size + 2)
        put(units, start, sealed(payloads[i], seed, start))
    return units


@dataclass
class Slots:
    """Fills slots with rows in rank order and writes their files."""

    folder: IndexFolder
    plan: SlotPlan
    pool: Executor
    numbers: npt.NDArray[np.uint32]  # by rank, filled here
    count: int = 0
    files: int = 0
    long_files: int = 0
    _rank: int = 0
    _waiting: list[npt.NDArray[np.uint16]] = field(default_factory=list)
    _held: int = 0  # slots in `_waiting`
    _groups: deque[Future[_Group]] = field(default_factory=deque)
    _writing: deque[Future[None]] = field(default_factory=deque)
    _long: list[Units] = field(default_factory=list)
    _long_size: int = 0

    def add(self, rows: RowStore, first_rank: int) -> None:
        """Put rows into slots, the first of which has that rank."""
        if len(self._groups) >= _IN_FLIGHT:
            self._take()
        self._groups.append(self.pool.submit(_make_group, rows, first_rank, self.plan.units))

    def finish(self) -> None:
        """Write what is left."""
        while self._groups:
            self._take()
        if self._held:
            self._write(self._held)
        while self._writing:
            self._writing.popleft().result()
        if self._long:
            self.folder.write_units("o", self.long_files, self._long)
            self.long_files += 1

    def _take(self) -> None:
        group = self._groups.popleft().result()
        for slot in group.long.tolist():
            row = int(group.counts[:slot].sum())
            packed = group.rows.packed(row, row + 1)
            head = len(packed).to_bytes(PACKED_HEAD, "big")
            self._put_long(group.payloads[slot], head + packed)
        counts = group.counts
        slots = np.repeat(self.count + np.arange(len(counts)), counts)
        places = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        self.numbers[self._rank : self._rank + len(slots)] = slots * PLACES + places
        self._rank += len(slots)
        self.count += len(counts)
        self._waiting.append(group.payloads)
        self._held += len(counts)
        while self._held >= (size := self.plan.size(self.files)):
            self._write(size)

    def _put_long(self, payload: npt.NDArray[np.uint16], packed: bytes) -> None:
        """Put a row into series `o`, and where it is into its slot."""
        seed = self.folder.seed("o", self.long_files)
        units = sealed(to_units(np.frombuffer(bytearray(packed), np.uint8)), seed, self._long_size)
        # What follows the rank: no rows, then file, place and units.
        where = (self.long_files, self._long_size, len(units))
        rank = int(payload[0]) << 17 | int(payload[1]) << 2 | int(payload[2]) >> 13
        data = b"".join((rank.to_bytes(4, "big"), bytes(2), *(n.to_bytes(4, "big") for n in where)))
        bits = to_units(np.frombuffer(bytearray(data), np.uint8))
        payload[: len(bits)] = bits
        self._long.append(units)
        self._long_size += len(units)
        if self._long_size >= _EXTRA_FILE_UNITS:
            self.folder.write_units("o", self.long_files, self._long)
            self.long_files += 1
            self._long, self._long_size = [], 0

    def _write(self, size: int) -> None:
        whole = np.concatenate(self._waiting)
        number, payloads = self.files, whole[:size]
        self._waiting = [whole[size:]]
        self._held = len(whole) - size
        self.files += 1
        if len(self._writing) >= _IN_FLIGHT:
            self._writing.popleft().result()
        self._writing.append(self.pool.submit(self._write_file, number, payloads))

    def _write_file(self, number: int, payloads: npt.NDArray[np.uint16]) -> None:
        units = _seal_all(payloads, self.folder.seed("d", number))
        self.folder.write_units("d", number, [units])
