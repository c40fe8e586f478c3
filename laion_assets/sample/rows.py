"""Rows in batches: addresses, captions and scores put together, with duplicates, dirt and hash.

Lives here: one batch as an Arrow table. Not here: files (`writer`).
"""

from functools import lru_cache

import mmh3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.sample.addresses import Addresses
from laion_assets.sample.captions import Captions
from laion_assets.sample.dirt import Plant, Text, planted
from laion_assets.sample.dirt_addresses import ADDRESS_KINDS
from laion_assets.sample.dirt_captions import CAPTION_KINDS
from laion_assets.sample.dirt_numbers import NUMBER_KINDS
from laion_assets.sample.grammar import Integers, draw, scale
from laion_assets.sample.scores import Column, draw_scores

#: The columns of improved_aesthetics_6plus, in its order.
SCHEMA = pa.schema(
    [
        ("URL", pa.string()),
        ("TEXT", pa.string()),
        ("WIDTH", pa.float64()),
        ("HEIGHT", pa.float64()),
        ("similarity", pa.float64()),
        ("punsafe", pa.float64()),
        ("pwatermark", pa.float64()),
        ("AESTHETIC_SCORE", pa.float64()),
        ("hash", pa.int64()),
        ("__index_level_0__", pa.int64()),
    ]
)
KINDS = (*ADDRESS_KINDS, *CAPTION_KINDS, *NUMBER_KINDS)

#: Shares of rows that repeat an address and caption, an address, or a caption of the shared pool.
_REPEATS = (0.006, 0.005, 0.014)
_POOL_SHARE = 0.006  # entries of the pool, by row of the sample
_POOL_RANGE = (64, 16_384)
_POOL_POWER = 1.5  # above 1, some entries of the pool are far commoner than others
_INDEX_STEP = 191  # gaps in __index_level_0__, which numbered the rows before filtering


class RowSource:
    """Makes the rows of one sample. Everything is drawn from the seeds given, nothing is kept."""

    def __init__(self, rows: int, seed: int) -> None:
        self._seed = seed
        self._addresses = Addresses()
        self._captions = Captions(self._addresses.flavour_shares)
        size = min(max(int(rows * _POOL_SHARE), _POOL_RANGE[0]), _POOL_RANGE[1])
        random = np.random.Generator(np.random.PCG64([seed, size]))
        pool = self._addresses.draw(random, size)
        self._pool_urls = pool.urls
        self._pool_captions = self._captions.draw(random, pool.flavours)

    def batch(self, random: np.random.Generator, first_row: int, rows: int) -> pa.Table:
        """Return rows first_row … first_row + rows - 1 of the whole sample, drawn from `random`."""
        drawn = self._addresses.draw(random, rows)
        captions = self._captions.draw(random, drawn.flavours)
        numbers = draw_scores(random, rows)
        url_choice, caption_choice = self._repeat(random, rows)
        plants = list(planted(KINDS, self._seed, first_row, rows))
        urls = _replace(drawn.urls, self._pool_urls, url_choice, _made(plants, drawn.urls, "url"))
        texts = _replace(
            captions, self._pool_captions, caption_choice, _made(plants, captions, "caption")
        )
        hashes = _hashes(urls, texts)
        _spoil(plants, numbers, hashes)
        index = (first_row + np.arange(rows)) * _INDEX_STEP + scale(draw(random, rows), _INDEX_STEP)
        columns = [
            _as_string(urls),
            _as_string(texts),
            *(pa.array(column.values, mask=column.null) for column in numbers.values()),
            pa.array(hashes),
            pa.array(index),
        ]
        return pa.Table.from_arrays(columns, schema=SCHEMA)

    def _repeat(self, random: np.random.Generator, rows: int) -> tuple[Integers, Integers]:
        """Choose, for addresses and captions, the row's own text or one of the pool behind it."""
        own = np.arange(rows)
        even = draw(random, rows) / (1 << 32)
        position = (draw(random, rows) / (1 << 32)) ** _POOL_POWER
        pooled = rows + (len(self._pool_urls) * position).astype(np.int64)
        pair, url, caption = np.cumsum(_REPEATS)
        url_choice = np.where(even < url, pooled, own)
        repeats_caption = (even < pair) | ((even >= url) & (even < caption))
        return url_choice, np.where(repeats_caption, pooled, own)


@lru_cache(maxsize=1)
def row_source(rows: int, seed: int) -> RowSource:
    """Return the source of a sample's rows; the last one is kept, for file after file of it."""
    return RowSource(rows, seed)


def _made(plants: list[Plant], before: pa.Array, which: str) -> list[tuple[int, bytes | None]]:
    """Return (row, new text) for every planted row whose kind makes such texts."""
    made = []
    for plant in plants:
        maker = plant.kind.url if which == "url" else plant.kind.caption
        if maker is not None:
            text = maker(plant.number, before[plant.offset].as_py().decode())
            made.append((plant.offset, _encoded(text)))
    return made


def _encoded(text: Text) -> bytes | None:
    return text.encode() if isinstance(text, str) else text


def _replace(
    own: pa.Array, pool: pa.Array, choice: Integers, made: list[tuple[int, bytes | None]]
) -> pa.Array:
    """Return each row's text: its own, the pool's where `choice` says so, or the planted one."""
    choice[[row for row, _ in made]] = len(own) + len(pool) + np.arange(len(made))
    texts = pa.array([text for _, text in made], pa.binary())
    return pa.concat_arrays([own, pool, texts]).take(pa.array(choice))


def _hashes(urls: pa.Array, texts: pa.Array) -> Integers:
    """Return the family's own row id: murmur3 of address + caption, nothing where there is none."""
    nothing = pa.scalar(b"", pa.binary())
    joined = pc.binary_join_element_wise(
        urls, texts, nothing, null_handling="replace", null_replacement=b""
    )
    hash64 = mmh3.hash64
    return np.array([hash64(both)[0] for both in joined.to_pylist()], np.int64)


def _spoil(plants: list[Plant], numbers: dict[str, Column], hashes: Integers) -> None:
    """Write the planted numbers into the columns."""
    for plant in plants:
        if plant.kind.wrong_hash:
            hashes[plant.offset] ^= 1
        if plant.kind.numbers is not None:
            for name, value in plant.kind.numbers(plant.number).items():
                numbers[name].null[plant.offset] = value is None
                numbers[name].values[plant.offset] = 0.0 if value is None else value


def _as_string(texts: pa.Array) -> pa.Array:
    """Call bytes a string without looking: a few captions are deliberately no UTF-8."""
    return pa.Array.from_buffers(pa.string(), len(texts), texts.buffers(), offset=texts.offset)
