"""The compiled inner loops of tokens: reading them from bytes, interning them.

Those of names are `trie_kernels`. Nothing here knows Arrow: `tokens` passes buffers as arrays. The
arrays of `Texts` and the effects are read-only, which is another type to Numba than writable ones:
keep to one kind, so that each function is compiled once.

The loops release the GIL.  Their hash tables depend on a seed and on the order of insertion,
their results do not.
"""
# ruff: noqa: C901, PLR0912, PLR0915 - calls cost in these loops, so some are long
# ruff: noqa: PLR2004 - the numbers are UTF-8's masks and bounds

from __future__ import annotations

import numpy as np

from laion_assets.core.base.compiled import Integer, called_by_compiled, compiled, inlined, put
from laion_assets.core.text.layouts import (
    Int32s,
    Int64s,
    Reading,
    Terms,
    Texts,
    Uint8s,
    Uint64s,
)

#: FTS5 cuts a token here, if need be inside a character (`FTS5_MAX_TOKEN_SIZE`).
MAX_TOKEN_BYTES = 32_768

#: Bytes that `read_token` may touch from where it writes: a cut token and a character.
TOKEN_ROOM = MAX_TOKEN_BYTES + 8

# The 64-bit FNV-1a prime, and the multiplier of MurmurHash3's finaliser (fmix64): FNV alone
# leaves the upper bits of short words nearly constant.
FNV_PRIME = np.uint64(0x100000001B3)
MIX = np.uint64(0xFF51AFD7ED558CCD)
MIX_SHIFT = np.uint64(33)

#: Slots of a table of terms from which it is doubled instead of quadrupled, to spare memory.
MANY_SLOTS = 1 << 20

HALF = np.uint64(32)
LOW_HALF = np.uint64(0xFFFFFFFF)
ONE = np.uint64(1)
THREE = np.uint64(3)
SEVEN = np.uint64(7)
EMPTY = np.uint64(0)
SIXTY_FOUR = np.uint64(64)
BYTES = np.uint64(0x0101010101010101)
HIGHS = np.uint64(0x8080808080808080)
SPACES = np.uint64(0x2020202020202020)
# What lifts "a", the character after "z", "0" and the one after "9" to 0x80, in every byte.
FROM_A = np.uint64(0x1F1F1F1F1F1F1F1F)
BEYOND_Z = np.uint64(0x0505050505050505)
FROM_0 = np.uint64(0x5050505050505050)
BEYOND_9 = np.uint64(0x4646464646464646)


@called_by_compiled
def mix(value: np.uint64) -> np.uint64:
    """Spread a 64-bit value over all its bits."""
    value ^= value >> MIX_SHIFT
    value *= MIX
    return value ^ (value >> MIX_SHIFT)


@called_by_compiled
def read_wide(data: Uint8s, position: int, end: int, effects: Int32s) -> tuple[np.int64, int]:
    """Read the character at `data[position]`, not ASCII: (its effect, position after it).

    Bytes are decoded like SQLite's `READ_UTF8`, so that even invalid UTF-8 gives FTS5's tokens:
    what is overlong separates, and what lies beyond Unicode is unassigned, so a token character,
    of which FTS5 keeps 21 bits in four bytes (bit 21 is set here to tell `encode` so).
    """
    code = np.int64(data[position])
    position += 1
    if code >= 0xC0:
        if code < 0xE0:
            code &= 0x1F
        elif code < 0xF0:
            code &= 0x0F
        elif code < 0xF8:
            code &= 0x07
        elif code < 0xFC:
            code &= 0x03
        elif code < 0xFE:
            code &= 0x01
        else:
            code = np.int64(0)
        while position < end and (data[position] & 0xC0) == 0x80:
            code = ((code << 6) + (data[position] & 0x3F)) & 0xFFFFFFFF
            position += 1
        if code < 0x80:
            return np.int64(-1), position
        if code >= 0x110000:
            return 0x200000 | (code & 0x1FFFFF), position
    return np.int64(effects[code]), position


@called_by_compiled
def encode(code: np.int64, room: Uint8s, out: int) -> int:
    """Write a code point as UTF-8 to `room[out:]` and return the position after it."""
    if code < 0x80:
        room[out] = code
        return out + 1
    if code < 0x800:
        room[out] = 0xC0 | (code >> 6)
        room[out + 1] = 0x80 | (code & 0x3F)
        return out + 2
    if code < 0x10000:
        room[out] = 0xE0 | (code >> 12)
        room[out + 1] = 0x80 | ((code >> 6) & 0x3F)
        room[out + 2] = 0x80 | (code & 0x3F)
        return out + 3
    room[out] = 0xF0 | ((code >> 18) & 0x07)
    room[out + 1] = 0x80 | ((code >> 12) & 0x3F)
    room[out + 2] = 0x80 | ((code >> 6) & 0x3F)
    room[out + 3] = 0x80 | (code & 0x3F)
    return out + 4


@inlined
def eight_bytes(words: Uint64s, position: Integer) -> np.uint64:
    """Return the eight bytes from a position on, the first lowest."""
    word = np.uint64(position) >> THREE
    shift = (np.uint64(position) & SEVEN) << THREE
    # Shifting by 64 is undefined, so by 1 and then by what is left.
    after: np.uint64 = words[word + ONE]
    return np.uint64(words[word] >> shift) | ((after << ONE) << (np.uint64(63) - shift))


@inlined
def ascii_stop(eight: np.uint64) -> np.uint64:
    """Return the high bit of each of eight bytes that is no ASCII letter or digit.

    All eight are compared at once: no byte's sum reaches the next.
    """
    low = eight & ~HIGHS
    letter = low | SPACES  # lower case
    is_letter = (letter + FROM_A) & ~(letter + BEYOND_Z)
    is_digit = (low + FROM_0) & ~(low + BEYOND_9)
    return (~(is_letter | is_digit) | eight) & HIGHS


@inlined
def absorb(token_hash: np.uint64, eight: np.uint64) -> np.uint64:
    """Return the hash of a token with eight more bytes."""
    token_hash = (token_hash ^ eight) * FNV_PRIME
    return token_hash ^ (token_hash >> MIX_SHIFT)


@inlined
def read_token(
    data: Uint8s,
    words: Uint64s,
    position: int,
    end: int,
    effects: Int32s,
    seed: np.uint64,
    room: Uint8s,
    start: int,
) -> tuple[Integer, Integer, np.uint64]:
    """Read the next token of `data[position:end]` into `room[start:]`, folded and cut.

    Returns (position after it, length in bytes, hash); a length of 0 means no more tokens.
    `room` needs `TOKEN_ROOM` bytes from `start`.  The hash takes eight bytes at a time, the
    first lowest, the last ones filled up with zeros.  Unsigned indexes spare Numba the test for
    negative ones.
    """
    while position < end:
        byte = data[np.uint64(position)]
        if byte < 0x80:
            if effects[np.uint64(byte)] > 0:
                break
            position += 1
        else:
            wide, after = read_wide(data, position, end, effects)
            if wide > 0:
                break
            position = after
    out = start
    limit = start + MAX_TOKEN_BYTES
    token_hash = seed
    # Most tokens are ASCII: eight bytes at a time, nearly without a branch to mispredict.
    while position < end and (position >> 3) + 1 < words.size and out + 8 <= limit:
        eight = eight_bytes(words, position)
        stop = ascii_stop(eight)
        if position + 8 > end:  # what lies behind the text ends the token too
            stop |= HIGHS << (np.uint64(end - position) << THREE)
        folded = eight | SPACES
        if stop == EMPTY:
            for index in range(8):
                room[np.uint64(out + index)] = np.uint8(folded >> np.uint64(8 * index))
            token_hash = absorb(token_hash, folded)
            out += 8
            position += 8
            continue
        below = (stop & (~stop + ONE)) - ONE  # all bits below the lowest one set
        if eight & (below + ONE) != EMPTY:
            break  # ended by a byte that is not ASCII, which may go on with the token
        # The bits below hold 8 for each byte of the token, and 7 of the one that ends it.
        folded &= below >> SEVEN
        length = np.int64((((below & BYTES) * BYTES) >> np.uint64(56)) - ONE)
        for index in range(8):
            room[np.uint64(out + index)] = np.uint8(folded >> np.uint64(8 * index))
        return position + length + 1, out - start + length, mix((token_hash ^ folded) * FNV_PRIME)
    eight = EMPTY
    shift = EMPTY
    while position < end:
        byte = data[np.uint64(position)]
        if byte < 0x80:
            position += 1
            effect = effects[np.uint64(byte)]
            if effect < 0:
                break
            if out < limit:
                room[np.uint64(out)] = effect
                eight |= np.uint64(effect) << shift
                shift += np.uint64(8)
                out += 1
                if shift == SIXTY_FOUR:
                    token_hash = absorb(token_hash, eight)
                    eight = EMPTY
                    shift = EMPTY
        else:
            wide, position = read_wide(data, position, end, effects)
            if wide < 0:
                break
            if wide > 0:
                wider = min(encode(wide, room, out), limit)
                while out < wider:
                    eight |= np.uint64(room[np.uint64(out)]) << shift
                    shift += np.uint64(8)
                    out += 1
                    if shift == SIXTY_FOUR:
                        token_hash = absorb(token_hash, eight)
                        eight = EMPTY
                        shift = EMPTY
    return position, out - start, mix((token_hash ^ eight) * FNV_PRIME)


@compiled
def find_term(
    terms: Terms, token_hash: np.uint64, room: Uint8s, start: int, length: Integer
) -> Integer:
    """Look `room[start:start + length]` up: the term's number, or `-1 - slot` of a free slot.

    Where halves of hashes are equal, the bytes decide.
    """
    mask = np.uint64(terms.slots.size - 1)
    index = token_hash & mask
    while True:
        slot = terms.slots[index]
        if slot == EMPTY:
            return -1 - np.int64(index)
        if slot >> HALF == token_hash >> HALF:
            term = np.int64(slot & LOW_HALF) - 1
            first = terms.starts[term]
            if terms.starts[term + 1] - first == length:
                offset = 0
                while offset < length and terms.text[first + offset] == room[start + offset]:
                    offset += 1
                if offset == length:
                    return term
        index = (index + ONE) & mask


@called_by_compiled
def widen_text(terms: Terms) -> Terms:
    """Return the terms with twice the room for their text, and a token more."""
    used = terms.starts[terms.size]
    text = np.empty(2 * terms.text.size + TOKEN_ROOM, np.uint8)
    put(text, 0, terms.text[:used])
    return Terms(terms.slots, terms.hashes, text, terms.starts, terms.size)


@called_by_compiled
def add_term(terms: Terms, slot: Integer, token_hash: np.uint64, length: Integer) -> Terms:
    """Add the token that lies behind the last term's text; the free slot is `find_term`'s."""
    size = terms.size
    terms.slots[slot] = (token_hash >> HALF << HALF) | np.uint64(size + 1)
    terms.hashes[size] = token_hash
    terms.starts[size + 1] = terms.starts[size] + length
    size += 1
    if 2 * size < terms.slots.size:
        return Terms(terms.slots, terms.hashes, terms.text, terms.starts, size)
    grown = 4 if terms.slots.size < MANY_SLOTS else 2
    slots = np.zeros(grown * terms.slots.size, np.uint64)
    hashes = np.empty(slots.size // 2, np.uint64)
    starts = np.empty(slots.size // 2 + 1, np.int64)
    put(hashes, 0, terms.hashes[:size])
    put(starts, 0, terms.starts[: size + 1])
    mask = np.uint64(slots.size - 1)
    for term in range(size):
        index = hashes[term] & mask
        while slots[index] != EMPTY:
            index = (index + ONE) & mask
        slots[index] = (hashes[term] >> HALF << HALF) | np.uint64(term + 1)
    return Terms(slots, hashes, terms.text, starts, size)


@compiled
def intern(
    texts: Texts, reading: Reading, terms: Terms, numbers: Int32s, ends: Int64s
) -> tuple[Terms, int]:
    """Replace the tokens of texts by numbers: return the terms, grown, and how many tokens.

    `numbers` receives the term of every token and needs room for all of them; `ends`
    receives, for each text, how many were written after it.
    """
    written = 0
    data, words = texts.data, texts.words
    effects, seed = reading.effects, reading.seed
    for row in range(texts.offsets.size - 1):
        position = texts.offsets[row]
        end = texts.offsets[row + 1]
        while True:
            used = terms.starts[terms.size]
            if used + TOKEN_ROOM > terms.text.size:
                terms = widen_text(terms)
            # The token is written where a new term is kept: a new one costs no copy.
            position, length, token_hash = read_token(
                data, words, position, end, effects, seed, terms.text, used
            )
            if length == 0:
                break
            term = find_term(terms, token_hash, terms.text, used, length)
            if term < 0:
                slot = -1 - term
                term = terms.size
                terms = add_term(terms, slot, token_hash, length)
            numbers[written] = term
            written += 1
        ends[row] = written
    return terms, written
