"""Benchmark of the name matcher against a bare scan, Aho-Corasick and SQLite FTS5.

The captions are the embedded sample's, repeated with another last word each time.  The names are
rows of the shipped lists, with their aliases, and beyond those invented ones: pairs and triples of
the captions' own words.  Every measurement is a process of its own, so that peak memory is its own;
the process that starts them stays small, because on Linux a child's ``ru_maxrss`` begins at its
parent's peak.  Aho-Corasick and FTS5 are slow, so they see a part of the captions and their
seconds are scaled; over that part all contenders must count the same, name by name.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import itertools
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.graph import ENTITY_LISTS
from laion_assets.core.lists import load_entities
from laion_assets.core.sample import write_sample_file
from laion_assets.core.scanning import RowGroup, map_row_groups
from laion_assets.core.tables import ROW_GROUP, TableWriter, literal_path, write_table
from laion_assets.core.text.matching import CompiledNames, compile_names, match_names
from laion_assets.core.text.tokens import Captions, intern_tokens, tokenise
from laion_assets.core.values import as_bytes, decode_texts

THREADS = 2
"""Threads of the scan and of our matcher; Aho-Corasick and FTS5 have one."""

REPEATS = 3
"""Runs of the scan and of our matcher, of which the median counts."""

LISTED = 4_400
"""Names taken from the shipped lists; what is asked for beyond is invented."""

DISTINCT = 300_000
"""Captions of the sample before they repeat."""

SEED = 20_220

CAPTIONS = pa.schema([("caption", pa.string())])
WARM_UP = pa.array(["a caption to warm up with: Numba compiles, or reads what it compiled, before"])
PHRASES = pa.schema([("number", pa.int64()), ("phrase", pa.string())])
TOKENIZER = "unicode61 remove_diacritics 2"

_LONGEST_WORD = 32  # characters of a word in an invented name: no name is made of a file's dirt
_ROUND = 65_536  # names invented at once; fixed, so that fewer names are the first of more
_SHOWN = 3  # names shown on which two contenders differ

Counts = npt.NDArray[np.int64]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Job:
    """What a process measures: files in ``folder``, rows, the first ``part`` of them, names."""

    folder: Path
    rows: int
    part: int
    names: int

    @property
    def captions(self) -> Path:
        """The captions; kept and used again as long as the folder is."""
        return self.folder / f"captions-{self.rows}.parquet"

    @property
    def phrases(self) -> Path:
        """The names: one row for each phrase, with the number of its name."""
        return self.folder / f"names-{self.names}.parquet"

    @property
    def index(self) -> Path:
        """The FTS5 index of the first ``part`` captions."""
        return self.folder / f"fts5-{self.part}.db"

    def counts(self, contender: str) -> Path:
        """Return where a contender leaves its counts over the first ``part`` captions."""
        return self.folder / f"counts-{contender}-{self.names}.npy"


@dataclass(frozen=True)
class Timing:
    """One line of the table; no ``rows`` or ``names`` where the work does not depend on them."""

    what: str
    rows: int | None
    names: int | None
    seconds: float
    peak: int


def timing(what: str, rows: int | None, names: int | None, seconds: float) -> Timing:
    """Return a line of the table, with this process's peak memory until now in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return Timing(what, rows, names, seconds, peak)


def stopwatch(work: Callable[[], Result]) -> tuple[float, Result]:
    """Do some work; return its seconds and its result."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


# --- what is matched ------------------------------------------------------------------------------


def make_captions(job: Job) -> list[Timing]:
    """Write the captions, unless the folder has them."""
    if not job.captions.exists():
        captions = sample_captions(min(DISTINCT, job.rows), job.folder / "sample.parquet")
        with TableWriter(job.captions, CAPTIONS) as writer:
            for start in range(0, job.rows, ROW_GROUP):
                row = np.arange(start, min(start + ROW_GROUP, job.rows))
                texts = captions.take(pa.array(row % len(captions)))
                copies = pa.array([f"copy{copy}" for copy in (row // len(captions)).tolist()])
                column = pc.binary_join_element_wise(texts, copies, " ")
                writer.append(pa.table({"caption": column}))
    return []


def sample_captions(rows: int, scratch: Path) -> pa.Array:
    """Return that many distinct captions of the embedded sample, or somewhat fewer."""
    # A sixth of its captions are deliberate duplicates; some are null or not UTF-8.
    write_sample_file(scratch, number=0, rows=rows + rows // 3 + 1, files=1)
    column = as_bytes(pq.read_table(scratch, columns=["TEXT"])["TEXT"]).combine_chunks()
    scratch.unlink()
    texts, _ = decode_texts(column)
    return pc.unique(texts.cast(pa.string()).drop_null()).slice(0, rows)


def make_names(job: Job) -> list[Timing]:
    """Write the names: listed ones up to ``LISTED``, then invented ones."""
    listed = list_names(min(LISTED, job.names))
    invented = invent_names(next(read_captions(job, job.rows)), job.names - len(listed))
    phrases = [(number, phrase) for number, name in enumerate(listed) for phrase in name]
    phrases += enumerate(invented, start=len(listed))
    numbers, texts = zip(*phrases, strict=True)
    write_table(job.phrases, pa.table({"number": numbers, "phrase": texts}, schema=PHRASES))
    return []


def list_names(count: int) -> list[tuple[str, ...]]:
    """Return names with their aliases: every k-th row of the shipped lists, one after another."""
    rows = [entity.phrases for name in ENTITY_LISTS for entity in load_entities(name)]
    count = min(count, len(rows))
    return [rows[number * len(rows) // count] for number in range(count)]


def invent_names(captions: pa.Array, count: int) -> list[str]:
    """Return that many distinct pairs and triples of the captions' words, always the same.

    Half of the words are drawn as often as they occur and half evenly from the distinct ones, as
    real names have common words (van, of, Maria) and rare ones.
    """
    found = intern_tokens(captions)
    words = [word.decode(errors="replace") for word in found.vocabulary.to_pylist()]
    short = np.array([len(word) <= _LONGEST_WORD for word in words])
    distinct = np.flatnonzero(short)
    occurring = found.terms[short[found.terms]]
    random = np.random.Generator(np.random.PCG64(SEED))
    names: dict[str, None] = {}
    for _ in range(4 + 4 * count // _ROUND):
        if len(names) >= count:
            break
        evenly = distinct[random.integers(0, len(distinct), (_ROUND, 3))]
        as_used = occurring[random.integers(0, len(occurring), (_ROUND, 3))]
        drawn = np.where(random.integers(0, 2, (_ROUND, 3)) == 1, evenly, as_used)
        sizes = random.integers(2, 4, _ROUND)
        for terms, size in zip(drawn.tolist(), sizes.tolist(), strict=True):
            names[" ".join([words[term] for term in terms[:size]])] = None
    if len(names) < count:
        raise click.UsageError(f"the captions have too few words for {count:,} invented names")
    return list(names)[:count]


def read_captions(job: Job, rows: int) -> Iterator[pa.Array]:
    """Yield the first captions in batches."""
    with pq.ParquetFile(job.captions) as file:
        for batch in file.iter_batches(batch_size=ROW_GROUP, columns=["caption"]):
            yield batch.column("caption").slice(0, rows)
            rows -= batch.num_rows
            if rows <= 0:
                return


def read_phrases(job: Job) -> list[tuple[int, str]]:
    """Return the phrases with the numbers of their names."""
    table = pq.read_table(job.phrases)
    return list(zip(table["number"].to_pylist(), table["phrase"].to_pylist(), strict=True))


# --- the contenders -------------------------------------------------------------------------------


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
    if rows == job.part:
        np.save(job.counts("ours"), runs[0][1])
    median = statistics.median(seconds for seconds, _ in runs)
    return [*lines, timing("ours: read and match", rows, job.names, median)]


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
    """Yield the captions' tokens, each with a space before and behind: `` tok tok ``."""
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


#: What a process can be asked to do.
STEPS: dict[str, Callable[[Job], list[Timing]]] = {
    step.__name__: step
    for step in (
        make_captions,
        make_names,
        idle,
        scan,
        ours,
        ours_in_part,
        aho_corasick,
        fts5_index,
        fts5_queries,
    )
}


# --- one run --------------------------------------------------------------------------------------


def run(step: Callable[[Job], list[Timing]], job: Job) -> list[Timing]:
    """Do one step in a process of its own."""
    command = [sys.executable, __file__, "--measure", step.__name__, "--folder", str(job.folder)]
    command += ["--rows", str(job.rows), "--part", str(job.part), "--names", str(job.names)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{step.__name__} failed with exit code {done.returncode}")
    return [Timing(**line) for line in json.loads(done.stdout.splitlines()[-1])]


class Table:
    """The printed table; its first line with rows is what the ratios are of."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._baseline = 0.0
        self._scaled = False
        click.echo(
            f"{'what':24}{'rows':>12}{'names':>9}{'seconds':>10}{'ratio':>11} {'peak MiB':>9}"
        )

    def add(self, lines: Sequence[Timing]) -> None:
        """Print lines of the table."""
        for line in lines:
            seconds, mark = line.seconds, " "
            if line.rows is not None and line.rows < self._job.rows:
                seconds, mark = seconds * self._job.rows / line.rows, "*"
                self._scaled = True
            self._baseline = self._baseline or seconds
            click.echo(
                f"{line.what:24}{_number(line.rows):>12}{_number(line.names):>9}"
                f"{line.seconds:10.2f}{seconds / self._baseline:11,.2f}{mark}"
                f"{line.peak / 2**20:9,.0f}"
            )

    def notes(self, idle_peak: int) -> None:
        """Print what the numbers mean."""
        click.echo(
            "ratio: to the bare scan, SELECT bit_xor(hash(caption)), which reads every byte."
        )
        if self._scaled:
            factor = self._job.rows / self._job.part
            click.echo(
                f"* scaled: measured on the first {self._job.part:,} rows, and the ratio takes "
                f"the seconds times {factor:,.2f}."
            )
        click.echo(
            f"Scan and ours: {THREADS} threads, median of {REPEATS}; the others: 1 thread, once. "
            f"{idle_peak / 2**20:,.0f} MiB of each peak are Python and its libraries."
        )


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def measure_names(table: Table, job: Job, *, with_aho_corasick: bool) -> list[str]:
    """Measure every contender with one number of names; return what they disagree about."""
    run(make_names, job)
    table.add(run(ours, job))
    if job.part < job.rows:
        table.add(run(ours_in_part, job))
    contenders = ["ours", "FTS5"]
    if with_aho_corasick:
        table.add(run(aho_corasick, job))
        contenders.append("Aho-Corasick")
    table.add(run(fts5_queries, job))
    counts = {contender: np.load(job.counts(contender)) for contender in contenders}
    return [f"{job.names:,} names: {line}" for line in disagreements(counts)]


def disagreements(counts: dict[str, Counts]) -> list[str]:
    """Compare each contender's counts with the first one's; return a line for each that differs."""
    (first, expected), *others = counts.items()
    lines = []
    for contender, found in others:
        differing = np.flatnonzero(found != expected)
        if differing.size:
            shown = ", ".join(
                f"number {n}: {found[n]} instead of {expected[n]}" for n in differing[:_SHOWN]
            )
            lines.append(f"{contender} and {first} differ on {differing.size:,}, such as {shown}")
    return lines


def compare(folder: Path, rows: int, part: int, names: Sequence[int]) -> None:
    """Measure everything and print the table; exit 1 where counts differ."""
    with_aho_corasick = importlib.util.find_spec("ahocorasick") is not None
    job = Job(folder.resolve(), rows, part, 0)
    run(make_captions, job)
    (nothing,) = run(idle, job)
    table = Table(job)
    table.add(run(scan, job))
    table.add(run(fts5_index, job))
    wrong = [
        line
        for number in names
        for line in measure_names(
            table, Job(job.folder, rows, part, number), with_aho_corasick=with_aho_corasick
        )
    ]
    table.notes(nothing.peak)
    if not with_aho_corasick:
        click.echo("Aho-Corasick is left out: pyahocorasick is not installed.")
    for line in wrong:
        click.echo(line, err=True)
    if wrong:
        sys.exit(1)
    click.echo(f"All contenders count the same over the first {part:,} rows, name by name.")


def parse_names(_context: click.Context, _option: click.Parameter, value: str) -> list[int]:
    """Read the numbers of names."""
    try:
        return [int(number) for number in value.split(",")]
    except ValueError:
        raise click.BadParameter(f"{value!r} is not numbers with commas, as 4400,44000") from None


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--rows",
    type=click.IntRange(min=1_000),
    default=12_000_000,
    show_default=True,
    help="Captions to match.",
)
@click.option(
    "--names",
    default="4400,44000,440000",
    show_default=True,
    metavar="N,N,...",
    callback=parse_names,
    help=f"Numbers of names: up to {LISTED:,} from the shipped lists, the rest invented.",
)
@click.option(
    "--part",
    type=click.IntRange(min=1_000),
    default=200_000,
    show_default=True,
    help="Captions that Aho-Corasick and FTS5 see; the ratio scales their seconds up to all.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Work here and keep the captions for the next run. Left out, a temporary folder is used.",
)
@click.option("--measure", type=click.Choice(list(STEPS)), hidden=True)
def main(rows: int, names: list[int], part: int, folder: Path | None, measure: str | None) -> None:
    """Compare the name matcher with a bare scan, Aho-Corasick and SQLite FTS5.

    Prints seconds, their ratio to DuckDB's bare scan of the captions, and peak memory. Exits 1
    when the contenders do not count the same. Nothing else should run on the machine.

    \b
    bench/matching.py                                 12 million captions, up to 440,000 names
    bench/matching.py --rows 200000 --names 4400      a first look, half a minute
    bench/matching.py --folder /tmp/captions          makes the captions only once
    """  # noqa: D301 - click reads \b
    part = min(part, rows)
    if measure and folder:
        lines = STEPS[measure](Job(folder, rows, part, names[0]))
        click.echo(json.dumps([asdict(line) for line in lines]))
        return
    if min(names) < 1:
        raise click.UsageError("at least one name is needed")
    with tempfile.TemporaryDirectory(prefix="laion-bench-") as temporary:
        work = folder or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        compare(work, rows, part, names)


if __name__ == "__main__":
    main()
