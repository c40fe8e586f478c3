"""Hashes of columns are those of the libraries, text by text."""

from __future__ import annotations

import hashlib
from collections import Counter

import mmh3
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from laion_assets.core.cleaning import digests
from laion_assets.core.cleaning.digests import DIGEST, Bytes, Offsets, hexadecimal

#: Lengths around the ends of blocks: of 16 bytes in one hash, of 64 with 9 taken in the other.
EDGES = [bytes(range(n)) for n in (0, 1, 15, 16, 17, 31, 32, 54, 55, 56, 63, 64, 65, 119, 120, 128)]
columns = st.lists(st.binary(max_size=300), max_size=12)


def loop_that_says_so(*_: object) -> Bytes:
    """Stand for a compiled loop."""
    raise LookupError("the loop was called")


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
    columns = (*as_column([a for a, _ in pairs]), *as_column([b for _, b in pairs]))
    for hashed in (digests.murmur3_loop, digests.murmur3_of):
        assert hashed(*columns).tolist() == [mmh3.hash64(a + b)[0] for a, b in pairs]


@given(texts=columns, digits=st.sampled_from([2, 16, 2 * DIGEST]))
@example(texts=EDGES, digits=16)
def test_sha256_is_the_standards(texts: list[bytes], digits: int) -> None:
    """The bytes kept of each text's hash, and their digits, are those of `hashlib.sha256`."""
    for hashed in (digests.sha256_loop, digests.sha256_of):
        found = hashed(*as_column(texts))
        assert found.tobytes() == b"".join(hashlib.sha256(text).digest()[:DIGEST] for text in texts)
    assert hexadecimal(found, digits).tobytes().decode() == "".join(
        hashlib.sha256(text).hexdigest()[:digits] for text in texts
    )


def test_few_texts_have_nothing_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library hashes them, to the same bytes, until there are many."""
    data, ends = as_column(EDGES)
    expected = digests.sha256_loop(data, ends).tobytes()
    many = len(EDGES)
    monkeypatch.setattr(digests, "_by_library", Counter())
    monkeypatch.setattr(digests, "is_at_hand", lambda _: False)
    monkeypatch.setattr(digests, "_FEW", 2 * many)
    monkeypatch.setattr(digests, "sha256_loop", loop_that_says_so)
    assert [digests.sha256_of(data, ends).tobytes() for _ in range(2)] == [expected] * 2
    with pytest.raises(LookupError, match="the loop was called"):
        digests.sha256_of(data, ends)
