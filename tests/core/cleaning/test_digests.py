"""Hashes of columns are those of the libraries, text by text."""

from __future__ import annotations

import hashlib

import mmh3
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from laion_assets.core.cleaning.digests import (
    DIGEST,
    Bytes,
    Offsets,
    hexadecimal,
    murmur3_of,
    sha256_of,
)

#: Lengths around the ends of blocks: of 16 bytes in one hash, of 64 with 9 taken in the other.
EDGES = [bytes(range(n)) for n in (0, 1, 15, 16, 17, 31, 32, 54, 55, 56, 63, 64, 65, 119, 120, 128)]
columns = st.lists(st.binary(max_size=300), max_size=12)


def as_column(texts: list[bytes]) -> tuple[Bytes, Offsets]:
    """Return texts side by side, and where each ends."""
    ends = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=ends[1:])
    return np.frombuffer(b"".join(texts), np.uint8), ends


@given(first=columns, second=columns)
@example(first=EDGES, second=EDGES[::-1])
def test_murmur3_is_the_familys(first: list[bytes], second: list[bytes]) -> None:
    """The hash of each two texts is `mmh3.hash64` of them joined, as the datasets publish it."""
    pairs = list(zip(first, second, strict=False))
    hashes = murmur3_of(*as_column([a for a, _ in pairs]), *as_column([b for _, b in pairs]))
    assert hashes.tolist() == [mmh3.hash64(a + b)[0] for a, b in pairs]


@given(texts=columns, digits=st.sampled_from([2, 16, 2 * DIGEST]))
@example(texts=EDGES, digits=16)
def test_sha256_is_the_standards(texts: list[bytes], digits: int) -> None:
    """The bytes kept of each text's hash, and their digits, are those of `hashlib.sha256`."""
    found = sha256_of(*as_column(texts))
    assert found.tobytes() == b"".join(hashlib.sha256(text).digest()[:DIGEST] for text in texts)
    assert hexadecimal(found, digits).tobytes().decode() == "".join(
        hashlib.sha256(text).hexdigest()[:digits] for text in texts
    )
