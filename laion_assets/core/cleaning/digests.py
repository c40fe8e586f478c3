"""Hashes of many texts at once, as compiled loops: MurmurHash3 and SHA-256.

Lives here: the two published algorithms over columns of bytes, without the interpreter's lock.
SHA-256 of a URL takes 0.5 µs here, 1.3 by `hashlib` text by text, 2.5 in DuckDB; but the loops take
two seconds to compile, so that a process begins with the libraries where that was never done. Tests
hold the loops to them. Not here: what is hashed (`plain_rows`, `removal_list`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import mmh3
import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import called_by_compiled, compiled, is_at_hand

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

# MurmurHash3_x64_128 (Appleby, public domain): multipliers, additions, those of the finaliser.
_C1, _C2 = np.uint64(0x87C37B91114253D5), np.uint64(0x4CF5AD432745937F)
_FIVE, _N1, _N2 = np.uint64(5), np.uint64(0x52DCE729), np.uint64(0x38495AB5)
_F1, _F2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_BLOCK = 16
#: Bytes that are kept of a SHA-256: nobody finds two texts with the same.
DIGEST = 16

# SHA-256 (FIPS 180-4): the first 32 bits behind the point of cube and square roots of primes.
_PRIMES = [n for n in range(2, 312) if all(n % d for d in range(2, n))]


def _fraction_of_root(n: int, degree: int) -> int:
    """Return the first 32 bits of the fractional part of a root, by integers alone."""
    scaled = n << (32 * degree)
    low, high = 0, 1 << 40
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**degree <= scaled else (low, middle)
    return low & 0xFFFFFFFF


_ROUNDS = np.array([_fraction_of_root(n, 3) for n in _PRIMES], np.uint32)
_START = np.array([_fraction_of_root(n, 2) for n in _PRIMES[:8]], np.uint32)
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)

#: Texts that a process gives to a library before a loop is compiled for them.
_FEW = 400_000
_by_library: Counter[str] = Counter()


def _are_few(texts: int, loop: Callable[..., Any]) -> bool:
    """Tell whether a library hashes these and all before sooner than its loop is compiled."""
    if is_at_hand(loop):
        return False
    _by_library[loop.__name__] += texts
    return _by_library[loop.__name__] <= _FEW


def murmur3_of(
    first: Bytes, first_ends: Offsets, second: Bytes, second_ends: Offsets
) -> npt.NDArray[np.int64]:
    """Return the first 64 bits of MurmurHash3_x64_128 (seed 0) of each two texts joined, signed.

    Text i lies from `ends[i]` to before `ends[i + 1]`.
    """
    if not _are_few(len(first_ends) - 1, murmur3_loop):
        return murmur3_loop(first, first_ends, second, second_ends)
    pairs = zip(_texts(first, first_ends), _texts(second, second_ends), strict=True)
    return np.array([mmh3.hash64(b"".join(pair))[0] for pair in pairs], np.int64)


def _texts(data: Bytes, ends: Offsets) -> list[memoryview]:
    view, places = data.data, ends.tolist()
    return [view[begin:end] for begin, end in pairwise(places)]


@compiled
def murmur3_loop(
    first: Bytes, first_ends: Offsets, second: Bytes, second_ends: Offsets
) -> npt.NDArray[np.int64]:
    """Do what `murmur3_of` does."""
    count = len(first_ends) - 1
    hashes = np.empty(count, np.int64)
    longest = 0
    for i in range(count):
        size = first_ends[i + 1] - first_ends[i] + second_ends[i + 1] - second_ends[i]
        longest = max(longest, size)
    text = np.zeros(longest + 2 * _BLOCK, np.uint8)
    words = text[: len(text) // 8 * 8].view(np.uint64)
    for i in range(count):
        whole = 0
        for at in range(first_ends[i], first_ends[i + 1]):
            text[whole] = first[at]
            whole += 1
        for at in range(second_ends[i], second_ends[i + 1]):
            text[whole] = second[at]
            whole += 1
        for at in range(whole, whole + _BLOCK):  # so that the tail is a block too
            text[at] = 0
        h1 = h2 = np.uint64(0)
        blocks = whole // _BLOCK
        for block in range(blocks + 1):
            k1 = _rotated(words[2 * block] * _C1, 31) * _C2
            k2 = _rotated(words[2 * block + 1] * _C2, 33) * _C1
            h1 ^= k1
            if block == blocks:
                h2 ^= k2
                break
            h1 = (_rotated(h1, 27) + h2) * _FIVE + _N1
            h2 ^= k2
            h2 = (_rotated(h2, 31) + h1) * _FIVE + _N2
        h1 ^= np.uint64(whole)
        h2 ^= np.uint64(whole)
        h1 += h2
        h2 += h1
        hashes[i] = np.int64(_mixed(h1) + _mixed(h2))
    return hashes


@called_by_compiled
def _rotated(value: np.uint64, bits: int) -> np.uint64:
    return np.uint64(value << np.uint64(bits)) | np.uint64(value >> np.uint64(64 - bits))


@called_by_compiled
def _mixed(value: np.uint64) -> np.uint64:
    value = (value ^ (value >> np.uint64(33))) * _F1
    value = (value ^ (value >> np.uint64(33))) * _F2
    return value ^ (value >> np.uint64(33))


def sha256_of(data: Bytes, ends: Offsets) -> Bytes:
    """Return the first `DIGEST` bytes of the SHA-256 of each text, side by side.

    Text i lies from `ends[i]` to before `ends[i + 1]`.
    """
    if not _are_few(len(ends) - 1, sha256_loop):
        return sha256_loop(data, ends)
    digests = (hashlib.sha256(text).digest()[:DIGEST] for text in _texts(data, ends))
    return np.frombuffer(bytearray(b"".join(digests)), np.uint8)


@compiled
def sha256_loop(data: Bytes, ends: Offsets) -> Bytes:
    """Do what `sha256_of` does."""
    count = len(ends) - 1
    out = np.empty(count * DIGEST, np.uint8)
    schedule = np.empty(64, np.uint32)
    block = np.empty(64, np.uint8)
    for i in range(count):
        state = _START.copy()
        size = ends[i + 1] - ends[i]
        blocks = (size + 8) // 64 + 1  # a bit, zeros, and the length as 64 bits
        for n in range(blocks):
            for byte in range(64):
                at = 64 * n + byte
                block[byte] = data[ends[i] + at] if at < size else 0x80 if at == size else 0
            if n == blocks - 1:
                for byte in range(8):
                    block[63 - byte] = ((size * 8) >> (8 * byte)) & 0xFF
            _compress(state, block, schedule)
        for byte in range(DIGEST):
            out[i * DIGEST + byte] = (state[byte // 4] >> (24 - byte % 4 * 8)) & 0xFF
    return out


def hexadecimal(digests: Bytes, digits: int) -> Bytes:
    """Return the first digits of each digest as text, side by side."""
    head = digests.reshape(-1, DIGEST)[:, : digits // 2]
    return _HEX[np.stack([head >> 4, head & 15], axis=-1)].reshape(-1)


@called_by_compiled
def _compress(
    state: npt.NDArray[np.uint32], block: Bytes, schedule: npt.NDArray[np.uint32]
) -> None:
    """Take a block of 64 bytes into the state (FIPS 180-4, section 6.2.2)."""
    for t in range(16):
        schedule[t] = (
            (np.uint32(block[4 * t]) << np.uint32(24))
            | (np.uint32(block[4 * t + 1]) << np.uint32(16))
            | (np.uint32(block[4 * t + 2]) << np.uint32(8))
            | np.uint32(block[4 * t + 3])
        )
    for t in range(16, 64):
        x, y = schedule[t - 15], schedule[t - 2]
        small0 = _turned(x, 7) ^ _turned(x, 18) ^ (x >> np.uint32(3))
        small1 = _turned(y, 17) ^ _turned(y, 19) ^ (y >> np.uint32(10))
        schedule[t] = np.uint32(schedule[t - 16] + small0 + schedule[t - 7] + small1)
    a, b, c, d, e, f, g, h = (
        state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7],
    )  # fmt: skip
    for t in range(64):
        large1 = _turned(e, 6) ^ _turned(e, 11) ^ _turned(e, 25)
        chosen = (e & f) ^ (~e & g)
        one = np.uint32(h + large1 + chosen + _ROUNDS[t] + schedule[t])
        large0 = _turned(a, 2) ^ _turned(a, 13) ^ _turned(a, 22)
        two = np.uint32(large0 + ((a & b) ^ (a & c) ^ (b & c)))
        h, g, f, e = g, f, e, np.uint32(d + one)
        d, c, b, a = c, b, a, np.uint32(one + two)
    state[0] += a
    state[1] += b
    state[2] += c
    state[3] += d
    state[4] += e
    state[5] += f
    state[6] += g
    state[7] += h


@called_by_compiled
def _turned(value: np.uint32, bits: int) -> np.uint32:
    return np.uint32(value >> np.uint32(bits)) | np.uint32(value << np.uint32(32 - bits))
