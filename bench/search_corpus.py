"""Made-up rows for the benchmarks of the search, in the tables that cleaning would have written.

`python -m bench.search_corpus FOLDER --rows 12000000`. The same numbers give the same rows; a row
does not depend on how many there are. Nothing is cleaned or matched.

Lives here: columns, files, the command. Not here: captions (`search_kernels`), addresses
(`search_addresses`), what they are made of (`search_words`).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from bench.search_addresses import fill_addresses
from bench.search_kernels import MOST_ROW, fill_captions
from bench.search_words import TAIL_EXPONENT, Model, learned
from laion_assets.core.base.parquet import ROW_GROUP
from laion_assets.core.cleaning.schemas import IMAGES, ROW_KEYS
from laion_assets.core.names.mentions import MENTIONS

FILE_ROWS = 1_000_000
SEED = 2022
_CAPTION, _URL, _HOST = 110, 140, 40  # bytes for each row in the buffers; real ones have fewer
_KEPT = 5  # words of a caption that its address repeats
_REPEATED = ("host", "domain", "visibility", "list", "name")  # what a dictionary pays for
_VISIBILITIES = ("shown", "blurred", "no_image", "withheld")
_SHARES = (0.95, 0.965, 0.985, 1.0)  # cumulative
_SIDES = (1024, 600, 800, 500, 640, 1000, 450, 1200, 768, 480, 1500, 2048)

#: As the index has it: first hexadecimal digits of the SHA-256 of the URL without its scheme.
_URL_KEYS = """
SELECT substr(sha256(substr(url, position('://' IN url) + 3)), 1, 16) AS url_key FROM urls
"""

_Numbers = npt.NDArray[np.int64]
_Bytes = npt.NDArray[np.uint8]


class Corpus:
    """A folder of images, row keys and mentions, by numbered files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self, kind: str = "images") -> list[Path]:
        """Return the tables of a kind, in order."""
        return sorted((self.folder / kind).glob("*.parquet"))

    @property
    def description(self) -> dict[str, Any]:
        """What was asked for: rows, seed."""
        found: dict[str, Any] = json.loads((self.folder / "corpus.json").read_bytes())
        return found


def texts(data: _Bytes, ends: _Numbers) -> pa.Array:
    """Return texts that lie one after another in a buffer."""
    offsets = np.zeros(len(ends) + 1, np.int32)
    offsets[1:] = ends
    used = data[: int(offsets[-1])].copy()
    return pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(used))


def _texts_of(
    model: Model, seed: int, first: int, count: int
) -> tuple[dict[str, pa.Array], _Numbers]:
    """Return the columns of texts and years of rows from `first` on, and the rows' names."""
    kept = np.empty((count, _KEPT), np.int64)
    named, years = np.empty(count, np.int64), np.empty(count, np.int64)
    ends = np.empty((4, count), np.int64)
    strings, large = model.strings, model.domain_strings
    captions = np.empty(count * _CAPTION + 2 * MOST_ROW, np.uint8)
    written = fill_captions(
        seed, first, captions, ends[0], kept, named, len(model.names), model.lengths,
        strings.data, strings.offsets, model.cumulative, model.guide, 1 / (TAIL_EXPONENT - 1),
        model.followers,
    )  # fmt: skip
    urls, hosts, domains = (
        np.empty(count * size + 2 * MOST_ROW, np.uint8) for size in (_URL, _HOST, _HOST)
    )
    fitted = fill_addresses(
        seed, first, urls, ends[1], hosts, ends[2], domains, ends[3], years, kept,
        strings.data, strings.offsets, len(model.words), large.data, large.offsets,
    )  # fmt: skip
    if written < 0 or not fitted:
        raise ValueError("captions or addresses are longer than this corpus has room for")
    columns = {
        "caption": texts(captions, ends[0]),
        "url": texts(urls, ends[1]),
        "host": texts(hosts, ends[2]),
        "domain": texts(domains, ends[3]),
        "url_year": pa.array(years.astype(np.int32), mask=years == 0),
    }
    return columns, named


def _numbers_of(seed: int, file: int, count: int) -> dict[str, pa.Array]:
    """Return the columns of numbers of one file's rows."""

    def draw(column: int) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64([seed, file, column]))

    def unknown(column: int, share: float) -> npt.NDArray[np.bool_]:
        return draw(column).random(count) < share

    # Scores come as 32-bit numbers, of which there are some two million from 6 to 7: ties happen.
    scores = (6 + draw(0).exponential(0.25, count)).astype(np.float32).astype(np.float64)
    unsafe = draw(1).beta(0.3, 6, count).astype(np.float32).astype(np.float64)
    sides = np.array(_SIDES, np.int32)[draw(2).integers(0, len(_SIDES), (2, count))]
    odd = draw(3).integers(200, 3000, (2, count)).astype(np.int32)
    width, height = np.where(unknown(4, 0.4), odd, sides)
    visibility = np.searchsorted(_SHARES, draw(5).random(count), side="right")
    names = pa.array(_VISIBILITIES)
    return {
        "row": pa.array(np.arange(count)),
        "image_id": pa.array(draw(6).integers(-(2**63), 2**63 - 1, count, endpoint=True)),
        "width": pa.array(width, mask=unknown(7, 0.005)),
        "height": pa.array(height, mask=unknown(7, 0.005)),
        "punsafe": pa.array(unsafe, mask=unknown(8, 0.01)),
        "aesthetic": pa.array(scores, mask=unknown(9, 0.01)),
        "visibility": names.take(pa.array(visibility)),
    }


def make_file(model: Model, seed: int, file: int, count: int) -> tuple[pa.Table, pa.Table]:
    """Return one file's images and mentions."""
    columns, named = _texts_of(model, seed, file * FILE_ROWS, count)
    columns |= _numbers_of(seed, file, count)
    images = _table(columns, IMAGES, count)
    rows = np.flatnonzero(named >= 0)
    lists, names = (pa.array([pair[i] for pair in model.names]) for i in range(2))
    numbers = pa.array(named[rows])
    mentions = {"row": pa.array(rows), "list": lists.take(numbers), "name": names.take(numbers)}
    return images, _table(mentions, MENTIONS, len(rows))


def _table(columns: dict[str, pa.Array], schema: pa.Schema, count: int) -> pa.Table:
    arrays = [
        columns[field.name].cast(field.type)
        if field.name in columns
        else pa.nulls(count, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def row_keys(images: pa.Table) -> pa.Table:
    """Return the row keys of an images table: every row was kept as it came."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("urls", images.select(["url"]))
        keys = connection.sql(_URL_KEYS).to_arrow_table()["url_key"].combine_chunks()
    columns = {name: images[name].combine_chunks() for name in ("row", "image_id", "domain")}
    removed = pa.repeat(pa.scalar(False), images.num_rows)
    return _table({**columns, "url_key": keys, "removed": removed}, ROW_KEYS, images.num_rows)


def write_corpus(
    folder: Path, rows: int, model: Model, seed: int = SEED, workers: int = 2
) -> Corpus:
    """Write so many rows into `folder`, a million to a file; files that are there are kept."""
    corpus = Corpus(folder)
    wanted = {"rows": rows, "seed": seed, "words": len(model.words)}
    known = folder / "corpus.json"
    if known.exists() and corpus.description == wanted:
        return corpus
    for kind in ("images", "row_keys", "mentions"):
        (folder / kind).mkdir(parents=True, exist_ok=True)

    def write(file: int) -> None:
        count = min(FILE_ROWS, rows - file * FILE_ROWS)
        images, mentions = make_file(model, seed, file, count)
        tables = {"images": images, "row_keys": row_keys(images), "mentions": mentions}
        for kind, table in tables.items():
            path = folder / kind / f"{file:05}.parquet"
            repeated = [name for name in _REPEATED if name in table.column_names]
            pq.write_table(
                table, path, compression="zstd", compression_level=1, row_group_size=ROW_GROUP,
                use_dictionary=repeated,
            )  # fmt: skip

    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(write, range(-(-rows // FILE_ROWS))):
            pass
    known.write_text(json.dumps(wanted), encoding="utf-8")
    return corpus


def published(corpus: Corpus, columns: list[str]) -> Iterator[pa.Table]:
    """Yield the published rows of every file, in order."""
    for path in corpus.files():
        table = pq.read_table(path, columns=[*columns, "visibility"])
        yield table.filter(np.asarray(table["visibility"].combine_chunks()) != "withheld")


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what the rows take after."""
    parser.add_argument("--like", type=Path, help="parquet with TEXT: captions take after these")
    parser.add_argument("--domains", type=Path, help="CSV whose first column is domains by size")


def main() -> None:
    """Write a corpus and say how fast."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=SEED)
    add_model_options(parser)
    options = parser.parse_args()
    model = learned(options.like, options.domains)
    started = time.perf_counter()
    write_corpus(options.folder, options.rows, model, options.seed)
    seconds = time.perf_counter() - started
    print(f"{options.rows:,} rows in {seconds:.1f} s, {options.rows / seconds:,.0f} a second")


if __name__ == "__main__":
    main()
