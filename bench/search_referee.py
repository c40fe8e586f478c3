"""SQLite FTS5 over the rows of a corpus: what every query finds, and a baseline for building.

Rows are numbered from 1 in the index's order (score descending, unknown last, id, file, row), so
that the first rows FTS5 names are the best. Fields are columns beside it, in the same order.

Lives here: building and asking. Not here: what is asked (`search_queries`).
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import sqlite3
import time
from collections.abc import Iterator
from functools import cached_property, lru_cache, reduce
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.search_corpus import Corpus, published
from bench.search_language import And, Field, Inside, Node, Not, Or, Text
from laion_assets.core.names.lists import fold_name, load_platforms
from laion_assets.core.names.registry import LISTS

TOKENIZER = "unicode61 remove_diacritics 2"
SAMPLE = 20_000  # rows that queries are drawn from
_SLICE = 50_000
_COLUMNS = ["url", "caption", "image_id", "aesthetic", "host", "domain", "url_year", "row"]
#: Letters of scripts without spaces, as far as the corpus has them.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f"

_Mask: TypeAlias = "npt.NDArray[np.bool_]"


def _ordered(corpus: Corpus) -> pa.Table:
    """Return all published rows in the index's order."""
    tables = []
    for number, table in enumerate(published(corpus, _COLUMNS)):
        tables.append(table.append_column("file", pa.repeat(number, table.num_rows)))
    rows = pa.concat_tables(tables)
    score = np.asarray(pc.fill_null(rows["aesthetic"].combine_chunks(), float("nan")))
    keys = [np.asarray(rows[name].combine_chunks()) for name in ("row", "file", "image_id")]
    order = np.lexsort((*keys, -score))  # NaN, which sorts last, is unknown
    return rows.take(pa.array(order))


def _named(corpus: Corpus, rows: pa.Table) -> dict[str, list[int]]:
    """Return the numbers of the rows that have each name, by field term."""
    place = {
        (file, row): number
        for number, (file, row) in enumerate(
            zip(rows["file"].to_pylist(), rows["row"].to_pylist(), strict=True), 1
        )
    }
    found: dict[str, list[int]] = {}
    for file, path in enumerate(corpus.files("mentions")):
        for row, list_name, name in zip(*pq.read_table(path).to_pydict().values(), strict=True):
            if (file, row) in place:
                term = f"{LISTS[list_name].singular}:{fold_name(name)}"
                found.setdefault(term, []).append(place[file, row])
    return {term: sorted(set(numbers)) for term, numbers in found.items()}


def insert_captions(path: Path, captions: pa.ChunkedArray) -> sqlite3.Connection:
    """Make an FTS5 table of captions, numbered from 1, without keeping their text."""
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = off")
    database.execute("PRAGMA synchronous = off")
    database.execute(
        f"CREATE VIRTUAL TABLE captions USING fts5(caption, content='', tokenize='{TOKENIZER}')"
    )
    database.execute("BEGIN")
    for start in range(0, len(captions), _SLICE):
        texts = ((text,) for text in captions.slice(start, _SLICE).to_pylist())
        database.executemany("INSERT INTO captions (caption) VALUES (?)", texts)
    database.execute("COMMIT")
    return database


def build(corpus: Corpus, folder: Path) -> dict[str, float]:
    """Build the referee in `folder`, unless it is there; return what FTS5's own part cost."""
    known = folder / "referee.json"
    if known.exists():
        found: dict[str, float] = json.loads(known.read_bytes())
        return found
    folder.mkdir(parents=True, exist_ok=True)
    rows = _ordered(corpus)
    (folder / "names.json").write_text(json.dumps(_named(corpus, rows)), encoding="utf-8")
    for name in ("host", "domain"):
        coded = rows[name].combine_chunks().dictionary_encode()
        np.save(folder / f"{name}.npy", np.asarray(coded.indices).astype(np.int32))
        pq.write_table(pa.table({name: coded.dictionary}), folder / f"{name}.parquet")
    years = rows["url_year"].combine_chunks().fill_null(0)
    np.save(folder / "year.npy", np.asarray(years).astype(np.int16))
    np.save(folder / "image_id.npy", np.asarray(rows["image_id"].combine_chunks()))
    pq.write_table(rows.select(["url"]), folder / "urls.parquet", compression="zstd")
    numbers = np.arange(1, rows.num_rows + 1)
    rows = rows.append_column("number", pa.array(numbers))
    unspaced = pc.match_substring_regex(rows["caption"], f"[{_UNSPACED}]")
    pq.write_table(rows.select(["number", "caption"]).filter(unspaced), folder / "unspaced.parquet")
    chosen = np.sort(np.random.default_rng(1).permutation(rows.num_rows)[:SAMPLE])
    pq.write_table(rows.take(pa.array(chosen)), folder / "sample.parquet")
    captions = rows["caption"]
    del rows
    path = folder / "captions.sqlite"
    started = time.perf_counter()
    database = insert_captions(path, captions)
    seconds = time.perf_counter() - started
    _write_vocabulary(database, folder / "vocabulary.parquet")
    database.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    made = {"rows": len(captions), "seconds": seconds, "bytes": path.stat().st_size, "peak": peak}
    known.write_text(json.dumps(made), encoding="utf-8")
    return made


def _write_vocabulary(database: sqlite3.Connection, path: Path) -> None:
    """Write every term with its documents and occurrences, the commonest first."""
    database.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, captions, row)")
    rows = database.execute(
        "SELECT term, doc, cnt FROM temp.terms ORDER BY doc DESC, term"
    ).fetchall()
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    table = dict(zip(("term", "documents", "occurrences"), map(list, columns), strict=True))
    pq.write_table(pa.table(table), path, compression="zstd")


def _quoted(text: str) -> str:
    return '"' + text.replace("\0", " ").replace('"', '""') + '"'


def expression(node: Node) -> str | None:
    """Return what FTS5 is asked for a query; None where FTS5 alone cannot tell."""
    match node:
        case Text(text, prefix):
            return _quoted(text) + (" *" if prefix else "")
        case Or(parts):
            found = [expression(part) for part in parts]
            return None if None in found else "(" + " OR ".join(map(str, found)) + ")"
        case And(parts):
            wanted = [expression(part) for part in parts if not isinstance(part, Not)]
            refused = [expression(part.part) for part in parts if isinstance(part, Not)]
            if not wanted or None in wanted or None in refused:
                return None
            made = "(" + " AND ".join(map(str, wanted)) + ")"
            return "(" + " NOT ".join([made, *map(str, refused)]) + ")" if refused else made
    return None


class Referee:
    """What queries find, by number of row in the index's order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = int(json.loads((folder / "referee.json").read_bytes())["rows"])
        self.database = sqlite3.connect(f"file:{folder / 'captions.sqlite'}?mode=ro", uri=True)
        self._text_mask = lru_cache(8)(self._read_text_mask)

    def answer(self, node: Node, first: int) -> tuple[int, list[int]]:
        """Return how many rows a query finds, and the ids of the first of them."""
        asked = expression(node)
        if asked is None:
            numbers = np.flatnonzero(self.mask(node)) + 1
            return len(numbers), self.ids(numbers[:first])
        count = "SELECT count(*) FROM captions WHERE captions MATCH ?"
        (total,) = self.database.execute(count, (asked,)).fetchone()
        best = "SELECT rowid FROM captions WHERE captions MATCH ? ORDER BY rowid LIMIT ?"
        found = [number for (number,) in self.database.execute(best, (asked, first))]
        return int(total), self.ids(np.array(found, np.int64))

    def ids(self, numbers: npt.NDArray[np.int64]) -> list[int]:
        """Return the image ids of rows."""
        found: list[int] = self._image_ids[numbers - 1].tolist()
        return found

    def mask(self, node: Node) -> _Mask:
        """Return which rows a query finds."""
        match node:
            case Text():
                return self._text_mask(node)
            case Not(part):
                return ~self.mask(part)
            case And(parts):
                return reduce(np.logical_and, map(self.mask, parts))
            case Or(parts):
                return reduce(np.logical_or, map(self.mask, parts))
            case Inside(run):
                return self._numbers(self._inside(run))
            case Field(name, value):
                return self._field(name, value)
        raise TypeError(node)

    def _read_text_mask(self, node: Text) -> _Mask:
        asked = "SELECT rowid FROM captions WHERE captions MATCH ?"
        found = self.database.execute(asked, (expression(node),))
        return self._numbers(number for (number,) in found)

    def _numbers(self, numbers: Iterator[int]) -> _Mask:
        mask = np.zeros(self.rows, np.bool_)
        mask[np.fromiter(numbers, np.int64) - 1] = True
        return mask

    def _inside(self, run: str) -> Iterator[int]:
        """Yield the rows whose captions have a run of characters, by looking at them."""
        wanted = re.compile(re.escape(run))
        for number, caption in zip(*self._unspaced, strict=True):
            if wanted.search(caption):
                yield number

    def _field(self, name: str, value: str) -> _Mask:
        if name == "id":
            return np.equal(self._image_ids, int(value))
        if name == "url":
            wanted = value.partition("://")[2]
            return self._numbers(iter(self._urls.get(wanted, [])))
        if name == "year":
            return self._equals("year", int(value))
        if name in {"host", "domain"}:
            return self._equals(name, self._codes(name).get(value, -1))
        if name == "platform":
            codes = self._codes("domain")
            found = [
                codes.get(p.domain, -1) for p in load_platforms() if fold_name(p.platform) == value
            ]
            return reduce(np.logical_or, [self._equals("domain", code) for code in found])
        return self._numbers(iter(self.names.get(f"{name}:{fold_name(value)}", [])))

    def _equals(self, column: str, code: int) -> _Mask:
        """Return which rows have a code; none has -1."""
        mask: _Mask = self._column(column) == code
        return mask

    @lru_cache(8)  # noqa: B019 - there is one referee in a process
    def _column(self, name: str) -> npt.NDArray[Any]:
        found: npt.NDArray[Any] = np.load(self.folder / f"{name}.npy")
        return found

    @lru_cache(8)  # noqa: B019 - as above
    def _codes(self, name: str) -> dict[str, int]:
        values = pq.read_table(self.folder / f"{name}.parquet")[name].to_pylist()
        return {value: number for number, value in enumerate(values)}

    @cached_property
    def _image_ids(self) -> npt.NDArray[np.int64]:
        found: npt.NDArray[np.int64] = np.load(self.folder / "image_id.npy", mmap_mode="r")
        return found

    @cached_property
    def _urls(self) -> dict[str, list[int]]:
        """Rows by URL without scheme, of the sampled rows' URLs alone."""
        sampled = pq.read_table(self.folder / "sample.parquet", columns=["url"])["url"]
        wanted = pc.unique(pc.replace_substring_regex(sampled, "^[a-z]+://", ""))
        urls = pq.read_table(self.folder / "urls.parquet")["url"]
        bare = pc.replace_substring_regex(urls, "^[a-z]+://", "")
        places = np.flatnonzero(np.asarray(pc.is_in(bare, wanted).combine_chunks()))
        found: dict[str, list[int]] = {}
        for place, url in zip(
            places.tolist(), bare.take(pa.array(places)).to_pylist(), strict=True
        ):
            found.setdefault(url, []).append(place + 1)
        return found

    @cached_property
    def _unspaced(self) -> tuple[list[int], list[str]]:
        table = pq.read_table(self.folder / "unspaced.parquet")
        return table["number"].to_pylist(), table["caption"].to_pylist()

    @cached_property
    def names(self) -> dict[str, list[int]]:
        """Rows of each name, by field and folded name."""
        found: dict[str, list[int]] = json.loads((self.folder / "names.json").read_bytes())
        return found


def main() -> None:
    """Build the referee of a corpus and say what it cost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("referee", type=Path)
    options = parser.parse_args()
    made = build(Corpus(options.corpus), options.referee)
    print(
        f"FTS5 of {made['rows']:,.0f} captions: {made['seconds']:.1f} s, "
        f"{made['rows'] / made['seconds']:,.0f} a second, {made['bytes'] / 1e6:,.0f} MB"
    )


if __name__ == "__main__":
    main()
