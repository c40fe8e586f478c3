"""Series `d`: rows in slots of one size, so that a document's number says where it is.

Lives here: how many rows go into a slot, documents' numbers, the files of slots and of rows too
long for one (series `o`). Not here: the order of rows (`documents`), what a cell is (`packing`).
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled
from laion_assets.core.index.packing import RowStore, cell
from laion_assets.core.index.units import (
    BITS,
    CHECK,
    IndexFolder,
    Units,
    joined,
    sealed,
    to_units,
)

#: Numbers to a slot: rows that it holds at most.
PLACES = 16
#: Rows whose slots are made at once.
GROUP = 8_192
_SAMPLE = 512  # cells that tell how long a slot is
#: Share of cells of `PLACES` rows that fit into a slot. More waste room, fewer rows a slot.
_FITTING = 0.65
_HEAD_BYTES = 4  # the rank of a slot's first row
_FIRST_FILE_UNITS = 8_192  # of the file of the best rows, when files grow
_EXTRA_FILE_UNITS = 131_072
_SURELY = 1.03  # of a slot: what is expected to take more will not fit
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
    size = len(rows.ids)
    step = max(PLACES, size // _SAMPLE)
    starts = range(0, max(size - PLACES, 1), step)
    lengths = sorted(
        len(cell(rows, np.arange(i, min(i + PLACES, size), dtype=np.uint32))) for i in starts
    )
    bits = 8 * (_HEAD_BYTES + lengths[int(len(lengths) * _FITTING)])
    units = CHECK + -(-bits // BITS)
    # A third of the slots hold fewer rows: by a sixth fewer on the whole, in every sample so far.
    slots = int(total / PLACES * 1.2) + 2
    files = max(1, min(most_files * 4 // 5, slots * units * 2 // target))
    average = -(-slots // files)
    first = max(1, _FIRST_FILE_UNITS // units)
    if files < _FEW_FILES or first >= average:
        return SlotPlan(units, average, 0, 1)
    # On average a file has half of what the growth over all files comes to beyond the first.
    return SlotPlan(units, first, 1, max(1, files // (2 * (average - first))))


@dataclass
class _Group:
    """Slots of some rows in order: their payloads, rows in each, packed rows too long for one."""

    payloads: npt.NDArray[np.uint16]
    counts: list[int]
    long: dict[int, bytes]


def _make_group(rows: RowStore, low: int, high: int, first_rank: int, units: int) -> _Group:
    room = (units - CHECK) * BITS // 8 - _HEAD_BYTES
    cells: list[bytes] = []
    counts: list[int] = []
    long: dict[int, bytes] = {}
    at = low
    share = 0.0  # of its JSON that a cell takes, so far: what cannot fit is not tried
    while at < high:
        count = min(PLACES, high - at)
        while count > 1 and share * (rows.starts[at + count] - rows.starts[at]) > room * _SURELY:
            count -= 1
        packed = cell(rows, np.arange(at, at + count, dtype=np.uint32))
        taken = len(packed) / (rows.starts[at + count] - rows.starts[at])
        share = taken if not share else 0.9 * share + 0.1 * taken
        while len(packed) > room and count > 1:
            count = min(count - 1, max(1, count * room // len(packed)))
            packed = cell(rows, np.arange(at, at + count, dtype=np.uint32))
        if len(packed) > room:
            long[len(counts)] = packed
            packed = b""
        cells.append((first_rank + at - low).to_bytes(_HEAD_BYTES, "big") + packed)
        counts.append(count)
        at += count
    return _Group(_payloads(*joined(cells), units - CHECK), counts, long)


@compiled
def _payloads(
    data: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], size: int
) -> npt.NDArray[np.uint16]:
    """Return the payload of each slot, filled with zeros."""
    payloads = np.zeros((len(starts) - 1, size), np.uint16)
    for i in range(len(payloads)):
        units = to_units(data[starts[i] : starts[i + 1]])
        payloads[i, : len(units)] = units
    return payloads


@compiled
def _seal_all(payloads: npt.NDArray[np.uint16], seed: int) -> Units:
    count, size = payloads.shape
    units = np.empty(count * (size + 2), np.uint16)
    for i in range(count):
        start = i * (size + 2)
        units[start : start + size + 2] = sealed(payloads[i], seed, start)
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
        size = len(rows.ids)
        for low in range(0, size, GROUP):
            high = min(low + GROUP, size)
            if len(self._groups) >= _IN_FLIGHT:
                self._take()
            self._groups.append(
                self.pool.submit(_make_group, rows, low, high, first_rank + low, self.plan.units)
            )

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
        for slot, packed in group.long.items():
            self._put_long(group.payloads[slot], packed)
        counts = np.array(group.counts, np.int64)
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
        units = sealed(to_units(np.frombuffer(packed, np.uint8)), seed, self._long_size)
        # What follows the rank: packed text of nothing, then file, place and units.
        where = (self.long_files, self._long_size, len(units))
        rank = int(payload[0]) << 17 | int(payload[1]) << 2 | int(payload[2]) >> 13
        data = b"".join((rank.to_bytes(4, "big"), bytes(5), *(n.to_bytes(4, "big") for n in where)))
        bits = to_units(np.frombuffer(data, np.uint8))
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
