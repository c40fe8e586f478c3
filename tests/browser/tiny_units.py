"""Units, slices, packed text and lists of the search index, as its page describes them.

Plain and slow, for tests alone: what `tiny_index` puts together. Written from
`laion_assets/core/index/FORMAT.md`, not from the code that builds real indexes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

FIRST_UNIT = 0x2100
BITS = 15
CHECK_UNITS = 2
HEAD_PLACE = 0x3FFFFFFF
ESCAPE, ESCAPED_BITS, SMALL_K = 24, 30, 3


def fnv(values: Iterable[int], start: int = 0x811C9DC5) -> int:
    """Return the 32-bit FNV-1a hash of numbers, each mixed in whole."""
    value = start
    for each in values:
        value = ((value ^ each) * 16_777_619) & 0xFFFFFFFF
    return value


def slice_of(key: str, place: int, payload: Sequence[int], seal: int) -> list[int]:
    """Return a slice: its checksum, then its payload."""
    check = fnv(payload, fnv(key.encode("ascii")) ^ place ^ seal) & 0x3FFFFFFF
    return [check >> BITS, check & 0x7FFF, *payload]


def units_of_bits(bits: str) -> list[int]:
    """Return a text of 0 and 1 as units; the last is filled with zeros."""
    return [int(bits[i : i + BITS].ljust(BITS, "0"), 2) for i in range(0, len(bits), BITS)]


def units_of_bytes(data: bytes) -> list[int]:
    """Return bytes as units."""
    return units_of_bits("".join(f"{byte:08b}" for byte in data))


def pack(content: Any) -> bytes:
    """Return a value as packed text."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = deflate.compress(text) + deflate.flush()
    return len(packed).to_bytes(3, "big") + packed


def front_code(words: Sequence[str]) -> list[Any]:
    """Return the units that each word shares with the one before, and the rests in lines."""
    sames, rests = [], []
    before = ""
    for word in words:
        shared = 0
        while shared < len(word) and word[: shared + 1] == before[: shared + 1]:
            shared += 1
        sames.append(len(word[:shared].encode("utf-16-le")) // 2)
        rests.append(word[shared:])
        before = word
    return [sames, "\n".join(rests)]


def rice(gap: int, k: int) -> str:
    """Return the bits of a gap."""
    if gap >> k >= ESCAPE:
        return "1" * ESCAPE + f"{gap:0{ESCAPED_BITS}b}"
    return "1" * (gap >> k) + "0" + (f"{gap & (1 << k) - 1:0{k}b}" if k else "")


def counted(numbers: Sequence[int], ones: int) -> str:
    """Return `ones` in ones and a zero, then ascending numbers as gaps."""
    gaps = [b - a - 1 for a, b in zip([-1, *numbers], numbers, strict=False)]
    return "1" * ones + "0" + "".join(rice(gap, SMALL_K) for gap in gaps)


def encode_list(numbers: Sequence[int], k: int, extras: Sequence[str] = ()) -> list[int]:
    """Return ascending numbers as units, each followed by its extra bits, if there are any."""
    bits = []
    before = -1
    for i, number in enumerate(numbers):
        bits.append(rice(number - before - 1, k) + (extras[i] if extras else ""))
        before = number
    return units_of_bits("".join(bits))


def best_k(numbers: Sequence[int]) -> int:
    """Return a fitting Rice parameter."""
    mean = (numbers[-1] + 1) / len(numbers)
    return max(0, int(mean * 0.69).bit_length() - 1)


class Lists:
    """Chunks of `chunk` units, and files of `span` units, a whole number of chunks."""

    def __init__(self, chunk: int, span: int, seal: int) -> None:
        self.seal = seal
        self.chunk = chunk
        self.span = span
        self.files: list[list[int]] = []  # series `h`

    def chunks(self, stream: Sequence[int]) -> list[Sequence[int]]:
        """Cut a stream into the payloads of chunks."""
        step = self.chunk - CHECK_UNITS
        return [stream[i : i + step] for i in range(0, len(stream), step)]

    def append(self, payloads: Sequence[Sequence[int]]) -> int:
        """Put chunks into series `h`; return the place of the first, 0 when there is none."""
        first = None
        for payload in payloads:
            if not self.files or len(self.files[-1]) == self.span:
                self.files.append([])
            number, place = len(self.files) - 1, len(self.files[-1])
            chunk = slice_of(f"h{number:07}", place, payload, self.seal)
            self.files[-1] += chunk + [0] * (self.chunk - len(chunk))
            if first is None:
                first = number * self.span + place
        return first or 0


def write_units(folder: Path, kind: str, number: int, units: Sequence[int]) -> None:
    """Write a file of units below the index's folder."""
    text = "".join(chr(FIRST_UNIT + unit) for unit in units)
    script = f"\ufeffLaionIndex('{kind}{number:07}','{text}');\n"
    path = folder / kind / f"{number}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(script.encode("utf-16-le"))


def write_script(path: Path, key: str, content: Any) -> None:
    """Write a plain script that hands its JSON to `LaionIndex`."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    literal = text.replace("\\", "\\\\").replace("'", "\\'")
    literal = literal.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    path.parent.mkdir(parents=True, exist_ok=True)
    line = f"LaionIndex(\"{key}\",JSON.parse('{literal}'),{len(text.encode())});\n"
    path.write_text(line, encoding="utf-8", newline="\n")
