"""Reading a published index back in plain Python, straight from `FORMAT.md`, for the tests.

The codes of rows are in `index_rows`.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.index_rows import RowCodes, code_of

_SCRIPT = re.compile(r"LaionIndex\((\"[^\"]*\"),JSON\.parse\('(.*)'\),(\d+)\);\n", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
HEAD_PLACE = 0x3FFFFFFF


def read_script(content: bytes) -> tuple[str, Any]:
    """Return the key and the data of a JSON file; an error where a browser would have one."""
    matched = _SCRIPT.fullmatch(content.decode())
    assert matched is not None, content[:80]
    key, literal, length = matched.groups()
    assert not re.search("[\n\r\u2028\u2029]", literal), "a line end inside a string literal"
    assert "'" not in _ESCAPE.sub("", literal), "the string literal ends too early"
    text = _ESCAPE.sub(_unescape, literal)
    assert len(text.encode()) == int(length)
    return json.loads(key), json.loads(text)


def _unescape(escape: re.Match[str]) -> str:
    code = escape[1]
    if code.startswith("u") and len(code) > 1:
        return chr(int(code[1:], 16))
    assert code in "\\'", f"JavaScript gives \\{code} another meaning"
    return code


def fnv(values: list[int], seed: int = 0x811C9DC5) -> int:
    """Return FNV-1a, 32 bits."""
    for value in values:
        seed = ((seed ^ value) * 16_777_619) & 0xFFFFFFFF
    return seed


def decode_fronts(sames: list[int], rests: str) -> list[str]:
    """Undo front coding; `shared` counts UTF-16 units, as JavaScript's slice does."""
    words: list[str] = []
    before = b""
    for shared, rest in zip(sames, rests.split("\n") if sames else [], strict=True):
        before = before[: 2 * shared] + rest.encode("utf-16-le")
        words.append(before.decode("utf-16-le"))
    return words


def to_bytes(units: list[int]) -> bytes:
    """Return units of 15 bits as whole bytes."""
    bits = "".join(f"{unit:015b}" for unit in units)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits) - 7, 8))


class Bits:
    """A stream of bits."""

    def __init__(self, units: list[int]) -> None:
        self._bits = "".join(f"{unit:015b}" for unit in units)
        self._at = 0

    def take(self, width: int) -> int:
        """Return the next bits as a number."""
        part = self._bits[self._at : self._at + width]
        assert len(part) == width
        self._at += width
        return int(part, 2) if part else 0

    def left(self) -> int:
        """Return how many bits were not taken."""
        return len(self._bits) - self._at

    def ones(self, most: int) -> int:
        """Return how many ones follow, up to `most`; the zero after fewer is taken too."""
        count = 0
        while count < most and self._bits[self._at] == "1":
            count += 1
            self._at += 1
        if count < most:
            self._at += 1
        return count

    def code(self, k: int) -> int:
        """Return a Rice code."""
        quotient = self.ones(24)
        return self.take(30) if quotient == 24 else (quotient << k) | self.take(k)

    def items(self, least: int) -> list[int]:
        """Return how many, less `least`, and ascending numbers."""
        found, before = [], -1
        for _ in range(self.ones(10**9) + least):
            before += self.code(3) + 1
            found.append(before)
        return found


def unpack(data: bytes) -> tuple[Any, bytes]:
    """Return the JSON of packed text, and what follows it."""
    end = 3 + int.from_bytes(data[:3], "big")
    return json.loads(zlib.decompress(data[3:end], -15)), data[end:]


class Slices:
    """The slices of one file."""

    def __init__(self, folder: Path, kind: str, number: int, seal: int) -> None:
        text = (folder / kind / f"{number}.js").read_bytes().decode("utf-16-le")
        key = f"{kind}{number:07}"
        head, tail = f"\ufeffLaionIndex('{key}','", "');\n"
        assert text.startswith(head), text[:40]
        assert text.endswith(tail)
        self.units = [ord(character) - 0x2100 for character in text[24 : -len(tail)]]
        assert all(0 <= unit < 1 << 15 for unit in self.units)
        self.seed = fnv(list(key.encode())) ^ seal

    def take(self, start: int, size: int, place: int | None = None) -> list[int]:
        """Return the payload of a slice."""
        units = self.units[start : start + size]
        assert len(units) == size
        check = fnv(units[2:], self.seed ^ (start if place is None else place)) & 0x3FFFFFFF
        assert (units[0] << 15 | units[1]) == check
        return units[2:]


@dataclass
class Term:
    """A term: its documents by rank, what comes with each, the rows that stand with it."""

    count: int
    ranks: list[int] = field(default_factory=list)
    items: list[list[int]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)  # each with its id last
    alias: str | None = None
    common: int = -1
    pairs: list[int] = field(default_factory=list)


class IndexReader:
    """Everything an index folder holds."""

    def __init__(self, folder: Path, directory: str) -> None:
        self.folder = (folder / directory).parent
        key, self.directory = read_script((folder / directory).read_bytes())
        assert key == "directory"
        key, self.firsts = read_script((self.folder / "a" / "0.js").read_bytes())
        assert key == "a0000000"
        self.read = {Path(directory).name, "a/0.js"}
        self._files: dict[tuple[str, int], Slices] = {}
        self.rank_of: dict[int, int] = {}
        self.documents: list[list[Any]] = []  # each with its id last
        codes = [code_of(decode_fronts(*fronts), bits) for *fronts, bits in self.directory["rows"]]
        self.codes = RowCodes(self.directory["columns"], codes)
        self._read_documents()

    def slices(self, kind: str, number: int) -> Slices:
        """Return a file."""
        if (kind, number) not in self._files:
            self._files[kind, number] = Slices(self.folder, kind, number, self.directory["seal"])
            self.read.add(f"{kind}/{number}.js")
        return self._files[kind, number]

    def _read_documents(self) -> None:
        plan, places = self.directory["slots"], self.directory["places"]
        file, begin = 0, 0
        for slot in range(plan["count"]):
            while slot >= (after := begin + plan["first"] + plan["more"] * (file // plan["run"])):
                file, begin = file + 1, after
            data = to_bytes(
                self.slices("d", file).take((slot - begin) * plan["units"], plan["units"])
            )
            assert int.from_bytes(data[:4], "big") == len(self.documents)
            rows, rest = self.codes.rows(data[4:])
            if not rows:
                rows, rest = [self._long_row(*struct.unpack(">3I", rest[:12]))], rest[12:]
            assert not rest.strip(b"\0")
            assert 0 < len(rows) <= places
            for place, row in enumerate(rows):
                self.rank_of[slot * places + place] = len(self.documents)
                self.documents.append(row)

    def _long_row(self, number: int, start: int, size: int) -> list[Any]:
        """Return the row that was too long for its slot."""
        data = to_bytes(self.slices("o", number).take(start, size))
        end = 3 + int.from_bytes(data[:3], "big")
        [row], rest = self.codes.rows(data[3:end])
        assert not rest
        assert data[end:] in (b"", b"\0")  # what fills the last unit
        return row

    def terms(self, kind: str) -> dict[str, Term]:
        """Return every term of a series, in order."""
        series = self.directory["series"][kind]
        firsts = decode_fronts(*self.firsts[kind]) if kind in self.firsts else None
        found: dict[str, Term] = {}
        longest, last = 0, ""
        for number in range(series["files"]):
            slices = self.slices(kind, number)
            size = slices.units[2] << 15 | slices.units[3] if slices.units else 0
            longest = max(longest, size)
            head, rest = unpack(to_bytes(slices.take(0, size, HEAD_PLACE)[2:]))
            assert rest in (b"", b"\0")  # what fills the last unit
            starts = decode_fronts(*head[0])
            assert len(starts) == len(head[1])
            assert sum(head[1]) == head[2]
            if firsts is not None:
                assert last.encode() < firsts[number].encode() <= starts[0].encode()
            place = 0
            for first, units in zip(starts, head[1], strict=True):
                body = self._body(slices, size, place, units)
                if kind in "ui":
                    names = self._hashes(first, body, found)
                else:
                    names = self._block(kind, slices, size, head[2], body, found)
                assert names[0] == first
                place += units
                last = names[-1]
        assert longest == series["head"]
        assert list(found) == sorted(found, key=str.encode)
        return found

    @staticmethod
    def _body(slices: Slices, head: int, place: int, size: int) -> list[int]:
        units = slices.units[head + place : head + place + size]
        check = fnv(units[2:], slices.seed ^ place) & 0x3FFFFFFF
        assert (units[0] << 15 | units[1]) == check
        return units[2:]

    def _hashes(self, first: str, units: list[int], found: dict[str, Term]) -> list[str]:
        """Read a block of hashes."""
        slots, places = self.directory["slots"]["count"], self.directory["places"]
        bits = Bits(units[3:])
        value, names = int(first, 16), list[str]()
        for _ in range(units[0] << 15 | units[1]):
            value += bits.code(units[2])
            number = bits.take((slots * places).bit_length())
            name = f"{value:08x}"
            if not names or names[-1] != name:
                assert name not in found
                names.append(name)
                found[name] = Term(0)
            found[name].ranks.append(self.rank_of[number])
        for name in names:
            found[name].count = len(found[name].ranks)
            assert found[name].ranks == sorted(found[name].ranks)
        return names

    def _block(
        self, kind: str, slices: Slices, head: int, blocks: int, units: list[int],
        found: dict[str, Term],
    ) -> list[str]:  # fmt: skip
        (sames, rests, counts, entries), rest = unpack(to_bytes(units))
        with_rows = kind in "wfx"
        named = self.directory["page" if with_rows else "inline"]
        rows, rest = self.codes.rows(rest) if with_rows else ([], rest)
        assert rest in (b"", b"\0")  # what fills the last unit
        names = decode_fronts(sames, rests)
        for name, count, entry in zip(names, counts, entries, strict=True):
            assert name not in found
            term = found[name] = Term(count)
            if count == 0:
                term.alias = entry
                continue
            if with_rows:
                term.rows, rows = rows[: min(count, named)], rows[min(count, named) :]
            if count <= named or kind == "x":
                self._inline(term, entry, placed=kind in "bc")
            else:
                place, size, k, tail, term.common, pairs, pairs_k, *gaps = entry
                payload = self._list(slices, head, blocks + place, size, tail)
                self._decode(kind, term, Bits(payload), k)
                first = Term(min(count, named))
                self._inline(first, gaps, placed=False)
                assert not with_rows or first.ranks == term.ranks[:named]
                if term.common >= 0:
                    term.pairs = self._pairs(pairs, term.common + 1, pairs_k)
        assert not rows
        return names

    def _inline(self, term: Term, entry: list[int], *, placed: bool) -> None:
        number, rest = 0, list(entry)
        while rest:
            number += rest.pop(0)
            term.ranks.append(self.rank_of[number])
            if placed:
                size = rest.pop(0)
                term.items.append([rest.pop(0) for _ in range(size)])

    def _list(self, slices: Slices, head: int, place: int, size: int, tail: int) -> list[int]:
        chunk, local = self.directory["chunk"], self.directory["local"]
        payload: list[int] = []
        own = min(size, local * chunk)
        for at in range(0, own, chunk):
            payload += self._body(slices, head, place + at, min(chunk, own - at))
        return payload + (self._tail(tail, size - own) if size > own else [])

    def _tail(self, place: int, size: int) -> list[int]:
        chunk, span = self.directory["chunk"], self.directory["spans"]
        payload: list[int] = []
        for at in range(0, size, chunk):
            number, unit = divmod(place + at, span)
            payload += self.slices("h", number).take(unit, min(chunk, size - at))
        return payload

    def _decode(self, kind: str, term: Term, bits: Bits, k: int) -> None:
        number = -1
        with_hot = kind in "wf" and self.directory["hot"] and term.common < 0
        for _ in range(term.count):
            number += bits.code(k) + 1
            term.ranks.append(self.rank_of[number])
            if kind in "bc" or with_hot:
                term.items.append(bits.items(kind in "bc"))

    def _pairs(self, place: int, count: int, k: int) -> list[int]:
        # How long it is nobody says: read on as long as numbers are wanted.
        chunk, span = self.directory["chunk"], self.directory["spans"]
        number, unit = divmod(place, span)
        units: list[int] = []
        while True:
            rest = self.slices("h", number).units[unit : unit + chunk]
            units += rest[2:]
            try:
                bits, before, found = Bits(units), -1, []
                for _ in range(count):
                    step = bits.code(k)
                    before += step + 1
                    found.append(step)
            except (AssertionError, IndexError):
                unit += chunk
                if unit + chunk > span:
                    number, unit = number + 1, 0
                continue
            return found

    def suggestions(self) -> list[tuple[str, str, int]]:
        """Return all suggestions, sorted."""
        found = []
        for number in range(1, self.directory["series"]["s"]["files"]):
            key, (texts, kinds, counts) = read_script(
                (self.folder / "s" / f"{number}.js").read_bytes()
            )
            self.read.add(f"s/{number}.js")
            assert key == f"s{number:07}"
            found += list(zip(decode_fronts(*texts), kinds, counts, strict=True))
        return found
