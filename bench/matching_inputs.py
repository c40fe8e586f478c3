"""What the matching benchmark matches: captions and names, made once and always the same.

The captions are the embedded sample's, repeated with another last word each time. The first names
are rows of the shipped lists, with their aliases; beyond those they are invented, in one of two
ways: like people's names, or of the captions' own words, which is the worst case. Not here: what
is done with them (`matching_contenders`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.parquet import ROW_GROUP, TableWriter, write_table
from laion_assets.core.names.lists import load_entities
from laion_assets.core.names.registry import ENTITY_LISTS
from laion_assets.core.reading.arrow_types import as_bytes, decode_texts
from laion_assets.core.text.tokens import intern_tokens
from laion_assets.sample import write_sample_file

#: Names taken from the shipped lists; what is asked for beyond is invented.
LISTED = 4_400

#: Captions of the sample before they repeat.
DISTINCT = 300_000

SEED = 20_220

CAPTIONS = pa.schema([("caption", pa.string())])
PHRASES = pa.schema([("number", pa.int64()), ("phrase", pa.string())])

_LONGEST_WORD = 32  # characters of a word in an invented name: no name is made of a file's dirt
_ROUND = 65_536  # names invented at once; fixed, so that fewer names are the first of more


@dataclass(frozen=True)
class Job:
    """What a process measures: files in `folder`, rows, the first `part` of them, names.

    `kind` is a key of `INVENTIONS`: what the names beyond the listed ones are like.
    """

    folder: Path
    rows: int
    part: int
    names: int
    kind: str

    @property
    def captions(self) -> Path:
        """The captions; kept and used again as long as the folder is."""
        return self.folder / f"captions-{self.rows}.parquet"

    @property
    def phrases(self) -> Path:
        """The names: one row for each phrase, with the number of its name."""
        return self.folder / f"names-{self.kind}-{self.names}.parquet"

    @property
    def index(self) -> Path:
        """The FTS5 index of the first `part` captions."""
        return self.folder / f"fts5-{self.part}.db"

    def counts(self, contender: str) -> Path:
        """Return where a contender leaves its counts over the first `part` captions."""
        return self.folder / f"counts-{contender}-{self.kind}-{self.names}.npy"


def make_captions(job: Job) -> None:
    """Write the captions, unless the folder has them."""
    if job.captions.exists():
        return
    captions = sample_captions(min(DISTINCT, job.rows), job.folder / "sample.parquet")
    with TableWriter(job.captions, CAPTIONS) as writer:
        for start in range(0, job.rows, ROW_GROUP):
            row = np.arange(start, min(start + ROW_GROUP, job.rows))
            texts = captions.take(pa.array(row % len(captions)))
            copies = pa.array([f"copy{copy}" for copy in (row // len(captions)).tolist()])
            column = pc.binary_join_element_wise(texts, copies, " ")
            writer.append(pa.table({"caption": column}))


def sample_captions(rows: int, scratch: Path) -> pa.Array:
    """Return that many distinct captions of the embedded sample, or somewhat fewer."""
    # A sixth of its captions are deliberate duplicates; some are null or not UTF-8.
    write_sample_file(scratch, number=0, rows=rows + rows // 3 + 1, files=1)
    column = as_bytes(pq.read_table(scratch, columns=["TEXT"])["TEXT"]).combine_chunks()
    scratch.unlink()
    texts, _ = decode_texts(column)
    return pc.unique(texts.cast(pa.string()).drop_null()).slice(0, rows)


def make_names(job: Job) -> None:
    """Write the names: listed ones up to `LISTED`, then invented ones."""
    listed = list_names(min(LISTED, job.names))
    wanted = job.names - len(listed)
    invented = INVENTIONS[job.kind](next(read_captions(job, job.rows)), wanted)
    if len(invented) < wanted:
        raise click.UsageError(f"{wanted:,} names are more than can be invented of {job.kind}")
    phrases = [(number, phrase) for number, name in enumerate(listed) for phrase in name]
    phrases += enumerate(invented, start=len(listed))
    numbers, texts = zip(*phrases, strict=True)
    write_table(job.phrases, pa.table({"number": numbers, "phrase": texts}, schema=PHRASES))


def list_names(count: int) -> list[tuple[str, ...]]:
    """Return names with their aliases: every k-th row of the shipped lists, one after another."""
    rows = [entity.phrases for name in ENTITY_LISTS for entity in load_entities(name)]
    count = min(count, len(rows))
    return [rows[number * len(rows) // count] for number in range(count)]


def invent_people(_captions: pa.Array, count: int) -> list[str]:
    """Return that many distinct names: one listed name's first word, another's last.

    Both are drawn as often as names have them, so there are many Davids and many Smiths, as there
    are among people; some of these people exist.
    """
    names = [entity.name.split() for name in ENTITY_LISTS for entity in load_entities(name)]
    given = [words[0] for words in names if len(words) > 1]
    family = [words[-1] for words in names if len(words) > 1]
    draw = random.Random(SEED)  # noqa: S311 - benchmark data, the same every time
    invented: dict[str, None] = {}
    for _ in range(4 * count):
        if len(invented) >= count:
            break
        invented[f"{draw.choice(given)} {draw.choice(family)}"] = None
    return list(invented)


def invent_phrases(captions: pa.Array, count: int) -> list[str]:
    """Return that many distinct pairs and triples of the captions' words, always the same.

    Half of the words are drawn as often as they occur and half evenly from the distinct ones: a
    list far harsher than any of names, as most words of most captions then begin something.
    """
    found = intern_tokens(captions)
    words = [word.decode(errors="replace") for word in found.vocabulary.to_pylist()]
    short = np.array([len(word) <= _LONGEST_WORD for word in words])
    distinct = np.flatnonzero(short)
    occurring = found.terms[short[found.terms]]
    draw = np.random.Generator(np.random.PCG64(SEED))
    names: dict[str, None] = {}
    for _ in range(4 + 4 * count // _ROUND):
        if len(names) >= count:
            break
        evenly = distinct[draw.integers(0, len(distinct), (_ROUND, 3))]
        as_used = occurring[draw.integers(0, len(occurring), (_ROUND, 3))]
        drawn = np.where(draw.integers(0, 2, (_ROUND, 3)) == 1, evenly, as_used)
        sizes = draw.integers(2, 4, _ROUND)
        for terms, size in zip(drawn.tolist(), sizes.tolist(), strict=True):
            names[" ".join([words[term] for term in terms[:size]])] = None
    return list(names)[:count]


#: What names beyond the listed ones may be like.
INVENTIONS: dict[str, Callable[[pa.Array, int], list[str]]] = {
    "people": invent_people,
    "phrases": invent_phrases,
}


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
