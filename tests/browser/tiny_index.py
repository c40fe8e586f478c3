"""A tiny writer of the search index's format, for tests of the client alone.

It is written from the format's description, independently of the real writer, in plain Python, and
takes its tokens from SQLite FTS5 itself. It keeps everything in memory and makes files as small as
the test wants them. Building a real index is `laion_assets.core.index`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VISIBILITIES = ("shown", "blurred", "no_image")
FIELDS = ("domain", "host", "url", "platform", "artist", "celebrity", "character", "year")
COLUMNS = (
    "id", "url", "caption", "width", "height", "aesthetic", "punsafe", "domain", "visibility",
)  # fmt: skip
#: Name of the directory's file; real ones carry a hash.
DIRECTORY = "directory-tiny.js"

TOKENIZER = "unicode61 remove_diacritics 2"


@dataclass(frozen=True)
class Document:
    """A row of the index. `fields` are further field values, as (field, folded value)."""

    id: int
    caption: str
    url: str = "https://example.org/a.jpg"
    width: int | None = 640
    height: int | None = 480
    aesthetic: float | None = 6.5
    punsafe: float | None = 0.01
    domain: str = "example.org"
    visibility: str = "shown"
    fields: tuple[tuple[str, str], ...] = ()

    def as_row(self) -> list[Any]:
        """Return the document in the order of `COLUMNS`."""
        visibility = VISIBILITIES.index(self.visibility)
        return [
            str(self.id), self.url, self.caption, self.width, self.height, self.aesthetic,
            self.punsafe, self.domain, visibility,
        ]  # fmt: skip


@dataclass(frozen=True)
class Sizes:
    """How large files are: rows a block, ids a segment and inline, terms a shard, rows in top."""

    block: int = 8
    segment: int = 16
    inline: int = 16
    shard: int = 10
    top: int = 24
    top_bytes: int = 400


@dataclass
class TinyIndex:
    """Documents in rank order with their postings, and the files made of them."""

    documents: list[Document]
    sizes: Sizes = field(default_factory=Sizes)
    postings: dict[str, list[int]] = field(init=False)
    shards: list[list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.documents = in_rank_order(self.documents)
        self.postings = postings_of(self.documents)
        terms = sorted(self.postings)
        step = self.sizes.shard
        self.shards = [terms[i : i + step] for i in range(0, len(terms), step)]

    def write(self, folder: Path) -> None:
        """Write every file of the index below `folder` (the site's `search/`)."""
        hashes = [
            self._script(folder, "t", number, self._shard(folder, terms))
            for number, terms in enumerate(self.shards)
        ]
        rows = [document.as_row() for document in self.documents]
        step = self.sizes.block
        blocks = [
            self._script(folder, "d", number, rows[start : start + step])
            for number, start in enumerate(range(0, len(rows), step))
        ]
        directory = {
            "version": 1,
            "documents": len(rows),
            "terms": len(self.postings),
            "block": step,
            "blocks": blocks,
            "segment": self.sizes.segment,
            "shards": {"first": front_code(terms[0] for terms in self.shards), "hash": hashes},
            "visibilities": VISIBILITIES,
            "fields": FIELDS,
            "columns": COLUMNS,
        }
        write_script(folder / DIRECTORY, "directory", directory)

    def shard_path(self, folder: Path, term: str) -> Path:
        """Return the written shard file that holds a term."""
        number = next(i for i, terms in enumerate(self.shards) if term in terms)
        return next((folder / "t").glob(f"{number}-*.js"))

    def _shard(self, folder: Path, terms: list[str]) -> dict[str, Any]:
        inline, segments, tops = [], {}, []
        for position, term in enumerate(terms):
            ids = self.postings[term]
            common = len(ids) > self.sizes.inline
            inline.append("" if common else pack_ids(ids))
            if common:
                segments[str(position)] = self._segments(folder, ids)
            best = [] if term.startswith(":url:") else ids[: self.sizes.top]
            tops.append([self._top_row(number) for number in best])
        frequencies = [len(self.postings[term]) for term in terms]
        return {
            "terms": front_code(terms),
            "df": frequencies,
            "ids": inline,
            "segments": segments,
            "top": tops,
        }

    def _top_row(self, number: int) -> list[Any] | None:
        row = self.documents[number].as_row()
        return row if len(json.dumps(row)) <= self.sizes.top_bytes else None

    def _segments(self, folder: Path, ids: list[int]) -> list[str]:
        hashes = []
        for start in range(0, len(ids), self.sizes.segment):
            content = {"ids": pack_ids(ids[start : start + self.sizes.segment])}
            name = digest(content)
            write_script(folder / "i" / f"{name}.js", f"i{name}", content)
            hashes.append(name)
        return hashes

    def _script(self, folder: Path, kind: str, number: int, content: Any) -> str:
        name = digest(content)
        write_script(folder / kind / f"{number}-{name}.js", f"{kind}{number}", content)
        return name


def in_rank_order(documents: Iterable[Document]) -> list[Document]:
    """Return the documents by descending aesthetic, unknown last, ties by id, then as given."""
    return sorted(documents, key=lambda d: (d.aesthetic is None, -(d.aesthetic or 0), d.id))


def full_text_table(captions: Sequence[str]) -> sqlite3.Connection:
    """Return a database with an FTS5 table `texts(body)`: the referee. Row ids are from 0."""
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE VIRTUAL TABLE texts USING fts5(body, tokenize='{TOKENIZER}')")
    database.executemany("INSERT INTO texts (rowid, body) VALUES (?, ?)", enumerate(captions))
    return database


def postings_of(documents: Sequence[Document]) -> dict[str, list[int]]:
    """Return the ascending numbers of every token and pseudo-term."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    database = full_text_table([document.caption for document in documents])
    database.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab(texts, instance)")
    for term, number in database.execute("SELECT term, doc FROM vocabulary"):
        found[term].add(number)
    database.close()
    for number, document in enumerate(documents):
        for name, value in (("domain", document.domain), *document.fields):
            found[f":{name}:{value}"].add(number)
    return {term: sorted(numbers) for term, numbers in found.items()}


def front_code(words: Iterable[str]) -> list[list[Any]]:
    """Return [shared, suffix] pairs; shared UTF-16 code units, never half a character."""
    coded = []
    before = ""
    for word in words:
        shared = 0
        while word[: shared + 1] == before[: shared + 1] and shared < len(word):
            shared += 1
        coded.append([len(word[:shared].encode("utf-16-le")) // 2, word[shared:]])
        before = word
    return coded


def pack_ids(ids: Sequence[int]) -> str:
    """Return ascending ids as base64 of LEB128 varints of their gaps, the first from 0."""
    packed = bytearray()
    before = 0
    for number in ids:
        gap = number - before
        before = number
        while gap > 0x7F:
            packed.append(gap & 0x7F | 0x80)
            gap >>= 7
        packed.append(gap)
    return base64.b64encode(packed).decode("ascii")


def digest(content: Any) -> str:
    """Return a short hash of a file's content for its name."""
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:10]


def write_script(path: Path, key: str, content: Any) -> None:
    """Write one index file: a script that hands its JSON to `LaionIndex`."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    literal = text.replace("\\", "\\\\").replace("'", "\\'")
    literal = literal.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    path.parent.mkdir(parents=True, exist_ok=True)
    line = f"LaionIndex(\"{key}\",JSON.parse('{literal}'),{len(text.encode())});\n"
    path.write_text(line, encoding="utf-8", newline="\n")
