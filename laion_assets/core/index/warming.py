"""Compiling what the index needs while other steps run: a newcomer waits half as long.

Numba compiles a function when it is first called, and keeps the machine code. Some eighty functions
of the index take as long as the sample's whole build otherwise, on one core; another process calls
them for a tiny index of its own meanwhile, and who comes to them later finds them compiled. Lives
here: that process, and whether it is needed. Not here: any function of the index.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from laion_assets.core.base.compiled import cache_folder
from laion_assets.core.base.files import write_json
from laion_assets.core.base.memory import collect_rarely
from laion_assets.core.base.parquet import write_table
from laion_assets.core.base.processes import end_with_parent
from laion_assets.core.cleaning.schemas import IMAGES, ROW_KEYS
from laion_assets.core.index.merge import SegmentFiles, merge_index
from laion_assets.core.index.segment import write_segment
from laion_assets.core.names.mentions import MENTIONS

_ROWS = 3_000  # so many that lists go on in files of their own
_NICE = 5  # what the user waits for goes first
_MARKER = "index.json"  # in the folder of machine code, once all is there


@contextmanager
def compiling_meanwhile() -> Iterator[None]:
    """Compile what the index needs in another process, if it is not; it ends with the block.

    A block that ends well has made an index, so that nothing is compiled after it.
    """
    folder = cache_folder()
    if folder is None or (folder / _MARKER).exists() or (os.cpu_count() or 1) < 2:  # noqa: PLR2004 - cores
        yield
        return
    process = get_context("spawn").Process(target=_compile, args=(folder / _MARKER,), daemon=True)
    process.start()
    try:
        yield
        _mark(folder / _MARKER)  # an index was made: whatever it needs is compiled
    finally:
        process.kill()
        process.join()
        process.close()


def _compile(marker: Path) -> None:
    end_with_parent()
    collect_rarely()
    with suppress(OSError):
        os.nice(_NICE)
    with suppress(Exception):  # the build says what is wrong, should it meet the same
        make_tiny_index()
        _mark(marker)


def _mark(marker: Path) -> None:
    with suppress(OSError):
        write_json(marker, {"compiled": True})


def make_tiny_index() -> None:
    """Make an index of invented rows by the same functions, and throw it away."""
    with TemporaryDirectory(prefix="laion-assets-") as temporary, duckdb.connect() as connection:
        folder = Path(temporary)
        segments = []
        for number in range(2):
            images, keys, mentions, documents, words, told = (
                folder / f"{number}.{part}"
                for part in ("images", "keys", "mentions", "documents", "words", "json")
            )
            write_table(images, _rows(number * _ROWS), IMAGES)
            write_table(keys, _keys(number * _ROWS), ROW_KEYS)
            write_table(mentions, _mentions(), MENTIONS)
            counts = write_segment(
                connection, images, keys, documents=documents, words=words, description=told
            )
            segments.append(SegmentFiles(documents, words, mentions, counts))
        merge_index(segments, (), {}, folder / "search", folder / "spill", 1_000)


def _rows(first: int) -> pa.Table:
    rows = range(first, first + _ROWS)
    captions = [
        f"the picture of a {n % 7} w{n % 50} café 灯台{chr(0x4E00 + n % 900)} x{n % 997} w{n}"
        for n in rows
    ]
    given: dict[str, list[object]] = {
        "row": list(range(_ROWS)),
        "image_id": [n * 7_919 for n in rows],
        "url": [f"https://h{n % 40}.example.com/{n}.jpg" for n in rows],
        "caption": list(captions),
        "width": [n % 900 for n in rows],
        "height": [n % 700 for n in rows],
        "punsafe": [n % 100 / 200 for n in rows],
        "aesthetic": [n % 1_000 / 100 for n in rows],
        "host": [f"h{n % 40}.example.com" for n in rows],
        "domain": ["example.com" for _ in rows],
        "url_year": [2000 + n % 20 for n in rows],
        "visibility": ["shown" for _ in rows],
    }
    return _table(given, IMAGES)


def _keys(first: int) -> pa.Table:
    rows = range(first, first + _ROWS)
    return _table(
        {
            "row": list(range(_ROWS)),
            "image_id": [n * 7_919 for n in rows],
            "url_key": [f"{n * 2_654_435_761 % 2**64:016x}" for n in rows],
            "removed": [False for _ in rows],
        },
        ROW_KEYS,
    )


def _mentions() -> pa.Table:
    rows = list(range(0, _ROWS, 9))
    return _table(
        {
            "row": list(rows),
            "list": ["artists" for _ in rows],
            "name": [f"N{n % 5}" for n in rows],
        },
        MENTIONS,
    )


def _table(given: dict[str, list[object]], schema: pa.Schema) -> pa.Table:
    count = len(given["row"])
    return pa.table(
        {
            field.name: pa.array(given[field.name], field.type)
            if field.name in given
            else pa.nulls(count, field.type)
            for field in schema
        }
    )
