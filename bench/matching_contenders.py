"""The contenders of the matching benchmark: a bare scan, ours, Aho-Corasick and SQLite FTS5.

Each is a function of a job and returns its lines of the table; it runs in a process of its own.
Not here: what they match (`matching_inputs`), and the order they are asked in (`matching`).
"""

from __future__ import annotations

import functools
import importlib
import itertools
import resource
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bench.matching_inputs import Job, read_captions, read_phrases
from laion_assets.core.base.row_groups import RowGroup, map_row_groups
from laion_assets.core.base.sql import literal_path
from laion_assets.core.text.matching import CompiledNames, compile_names, match_names
from laion_assets.core.text.tokens import Captions, intern_tokens, tokenise

#: Threads of the scan and of our matcher; Aho-Corasick and FTS5 have one.
THREADS = 2

#: Runs of the scan and of our matcher, of which the median counts.
REPEATS = 3

WARM_UP = pa.array(["a caption to warm up with: Numba compiles, or reads what it compiled, before"])
TOKENIZER = "unicode61 remove_diacritics 2"

Counts = npt.NDArray[np.int64]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Timing:
    """One line of the table; no `rows`, `names` or `found` where the work has none.

    `found` is how many pairs of caption and name there are; `peak` is in bytes.
    """

    what: str
    rows: int | None
    names: int | None
    seconds: float
    peak: int
    found: int | None


def timing(
    what: str, rows: int | None, names: int | None, seconds: float, found: int | None = None
) -> Timing:
    """Return a line of the table, with this process's peak memory until now."""
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return Timing(what, rows, names, seconds, peak, found)


def stopwatch(work: Callable[[], Result]) -> tuple[float, Result]:
    """Do some work; return its seconds and its result."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def idle(_: Job) -> list[Timing]:
    """Do nothing: what Python and the libraries take."""
    return [timing("nothing", None, None, 0)]


def scan(job: Job) -> list[Timing]:
    """Hash every caption with DuckDB."""
    connection = duckdb.connect(config={"threads": THREADS})
    # Not sum(strlen(caption)): for that DuckDB does not even look whether the bytes are UTF-8.
    query = "SELECT bit_xor(hash(caption)) FROM read_parquet($path)"
    path = {"path": literal_path(job.captions)}
    seconds = [
        stopwatch(lambda: connection.execute(query, path).fetchall())[0] for _ in range(REPEATS)
    ]
    return [timing("DuckDB: bare scan", job.rows, None, statistics.median(seconds))]


def ours(job: Job) -> list[Timing]:
    """Compile the names and match them over all captions."""
    return _ours(job, job.rows)


def ours_in_part(job: Job) -> list[Timing]:
    """Match the names over the captions that the slow contenders see."""
    return _ours(job, job.part)[1:]


def _ours(job: Job, rows: int) -> list[Timing]:
    count_names(compile_names([(0, "warm up")]), WARM_UP, 1)
    whole = rows == job.rows
    phrases = read_phrases(job)
    seconds, compiled = stopwatch(lambda: compile_names(phrases))
    lines = [timing("ours: compile names", None, job.names, seconds)]

    def match() -> Counts:
        def count(captions: Captions) -> Counts:
            return count_names(compiled, captions, job.names)

        def count_group(group: RowGroup) -> Counts:
            return count(group.read("caption")["caption"])

        # As the pipeline reads them, a row group to a thread; a part ends within one.
        found = (
            map_row_groups(job.captions, count_group, THREADS)
            if whole
            else map(count, read_captions(job, rows))
        )
        return functools.reduce(np.add, found)

    runs = [stopwatch(match) for _ in range(REPEATS)]
    counts = runs[0][1]
    if rows == job.part:
        np.save(job.counts("ours"), counts)
    median = statistics.median(seconds for seconds, _ in runs)
    return [*lines, timing("ours: read and match", rows, job.names, median, int(counts.sum()))]


def count_names(compiled: CompiledNames, captions: Captions, names: int) -> Counts:
    """Return how many captions mention each name."""
    return np.bincount(match_names(compiled, captions).name, minlength=names)


def aho_corasick(job: Job) -> list[Timing]:
    """Find the names with pyahocorasick in a part of the captions, folded beforehand."""
    list(fold(WARM_UP))
    phrases = read_phrases(job)
    built, automaton = stopwatch(lambda: build_automaton(phrases))
    lines = [timing("Aho-Corasick: build", None, job.names, built)]
    captions = list(read_captions(job, job.part))
    folded, texts = stopwatch(lambda: [text for batch in captions for text in fold(batch)])
    lines.append(timing("Aho-Corasick: fold", job.part, None, folded))
    matched, counts = stopwatch(lambda: count_with_automaton(automaton, texts, job.names))
    lines.append(timing("Aho-Corasick: match", job.part, job.names, matched))
    np.save(job.counts("Aho-Corasick"), counts)
    return lines


def build_automaton(phrases: Sequence[tuple[int, str]]) -> Any:
    """Return pyahocorasick's automaton of folded phrases, each with the numbers of its names."""
    owners: dict[str, set[int]] = {}
    for number, phrase in phrases:
        owners.setdefault(f" {' '.join(tokenise(phrase))} ", set()).add(number)
    automaton = importlib.import_module("ahocorasick").Automaton()
    for phrase, numbers in owners.items():
        automaton.add_word(phrase, tuple(numbers))
    automaton.make_automaton()
    return automaton


def fold(captions: pa.Array) -> Iterator[str]:
    """Yield the captions' tokens, each with a space before and behind: ` tok tok `."""
    found = intern_tokens(captions)
    words = [word.decode(errors="surrogateescape") for word in found.vocabulary.to_pylist()]
    offsets, terms = found.offsets.tolist(), found.terms.tolist()
    for begin, end in itertools.pairwise(offsets):
        yield f" {' '.join([words[term] for term in terms[begin:end]])} "


def count_with_automaton(automaton: Any, texts: Sequence[str], names: int) -> Counts:
    """Return how many folded texts hold each name."""
    counts = [0] * names
    for text in texts:
        for number in {number for _, owners in automaton.iter(text) for number in owners}:
            counts[number] += 1
    return np.array(counts, np.int64)


def fts5_index(job: Job) -> list[Timing]:
    """Index a part of the captions with FTS5, without keeping their text."""
    job.index.unlink(missing_ok=True)
    database = sqlite3.connect(job.index, isolation_level=None)
    database.execute("PRAGMA journal_mode = off")
    database.execute("PRAGMA synchronous = off")
    database.execute(
        f"CREATE VIRTUAL TABLE captions USING fts5(caption, content='', tokenize='{TOKENIZER}')"
    )

    def index() -> None:
        database.execute("BEGIN")
        for captions in read_captions(job, job.part):
            texts = ((text,) for text in captions.to_pylist())
            database.executemany("INSERT INTO captions (caption) VALUES (?)", texts)
        database.execute("COMMIT")
        database.execute("INSERT INTO captions (captions) VALUES ('optimize')")

    seconds, _ = stopwatch(index)
    database.close()
    return [timing("FTS5: index", job.part, None, seconds)]


def fts5_queries(job: Job) -> list[Timing]:
    """Ask the FTS5 index for every name: its phrases, any of them."""
    database = sqlite3.connect(job.index)
    queries = [""] * job.names
    for number, phrase in read_phrases(job):
        quoted = '"' + phrase.replace('"', '""') + '"'
        queries[number] += f" OR {quoted}" if queries[number] else quoted
    count = "SELECT count(*) FROM captions WHERE captions MATCH ?"

    def ask() -> Counts:
        counts = [database.execute(count, [query]).fetchone()[0] for query in queries]
        return np.array(counts, np.int64)

    seconds, counts = stopwatch(ask)
    database.close()
    np.save(job.counts("FTS5"), counts)
    return [timing("FTS5: a query per name", job.part, job.names, seconds)]
