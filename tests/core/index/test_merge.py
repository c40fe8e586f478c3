"""The index end to end: three files' segments merged, read back, and compared with brute force.

Brute force goes over the rows in plain Python; the words of a caption are those SQLite FTS5 finds.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from laion_assets.core.base.parquet import write_table
from laion_assets.core.cleaning.schemas import ROW_KEYS
from laion_assets.core.index import merge, segment
from laion_assets.core.index.fields import FIELDS
from laion_assets.core.index.merge import MergedIndex, SegmentFiles, merge_index
from laion_assets.core.index.segment import SegmentCounts, write_segment
from laion_assets.core.names.lists import Platform
from tests.index_reader import IndexReader
from tests.referee import Fts5Referee
from tests.row_tables import Row, rows_of, url_value, write_images, write_mentions

PLATFORMS = [
    Platform("flickr.com", "Flickr", "user-generated"),
    Platform("staticflickr.com", "Flickr", "user-generated"),
    Platform("ftcdn.net", "Adobe Stock", "stock"),
    Platform("nobody.com", "Nobody", "stock"),
]
NAMES = [("artists", "Vincent van Gogh"), ("characters", "Link"), ("celebrities", "P!nk")]
FIELD_VALUES = {
    ("artists", "Vincent van Gogh"): ":artist:vincent van gogh",
    ("characters", "Link"): ":character:link",
    ("celebrities", "P!nk"): ":celebrity:p nk",
}
WORDS = [
    "the", "a", "Sunset", "sunset", "van", "Gogh", "Dalí's", "café", "漢字", "2021", "x1", "😀",
    "O'Keeffe", "...", "naïve", "link",
]  # fmt: skip
HOSTS = {
    "live.staticflickr.com": "staticflickr.com",
    "flickr.com": "flickr.com",
    "t3.ftcdn.net": "ftcdn.net",
    "t4.ftcdn.net": "ftcdn.net",
    "example.com": "example.com",
}


@dataclass(frozen=True)
class Built:
    """A merged index with the rows it is of."""

    rows: list[dict[str, Any]]  # published, best first, each with its source file
    mentions: dict[str, set[tuple[str, int]]]  # pseudo-term -> (source file, row)
    merged: MergedIndex
    reader: IndexReader


def random_rows(chance: random.Random, count: int) -> list[dict[str, Any]]:
    """Return rows with repeated words, URLs, ids and scores, some of them withheld."""
    rows: list[dict[str, Any]] = []
    for _ in range(count):
        host = chance.choice(list(HOSTS))
        scheme = chance.choice(["http", "https", "HTTP"])
        rows.append(
            {
                "url": f"{scheme}://{host}/{chance.randrange(20)}.jpg",
                "caption": " ".join(chance.choices(WORDS, k=chance.randrange(1, 9))),
                "image_id": chance.choice([-(2**63), -5, 0, 7, 2**63 - 1, chance.getrandbits(40)]),
                "aesthetic": chance.choice([6.5, 6.5, 7.25, -0.0, 0.0, 5e-7, None]),
                "punsafe": chance.choice([0.01, None]),
                "width": chance.choice([512, None]),
                "url_year": chance.choice([2015, 2021, None]),
                "host": host,
                "domain": HOSTS[host],
                "visibility": chance.choice(["shown", "shown", "blurred", "no_image", "withheld"]),
            }
        )
    return rows


def write_row_keys(path: Path, images: Path) -> Path:
    """Write the row keys that cleaning writes beside an images table."""
    keys = [{**row, "url_key": url_value(str(row["url"]))} for row in rows_of(images)]
    write_table(path, pa.Table.from_pylist(keys, schema=ROW_KEYS))
    return path


def write_segments(
    folder: Path, connection: duckdb.DuckDBPyConnection, images: Sequence[Path]
) -> list[tuple[Path, Path, SegmentCounts]]:
    """Write each file's segment; return documents, postings and counts."""
    made = []
    for path in images:
        documents, postings, description = (
            folder / "segments" / f"{path.stem}.{part}"
            for part in ("documents.parquet", "postings.parquet", "segment.json")
        )
        counts = write_segment(
            connection,
            path,
            write_row_keys(folder / "row_keys" / path.name, path),
            documents=documents,
            postings=postings,
            description=description,
        )
        assert SegmentCounts(**json.loads(description.read_bytes())) == counts
        made.append((documents, postings, counts))
    return made


def build(
    folder: Path,
    connection: duckdb.DuckDBPyConnection,
    files: dict[str, Sequence[Row]],
    most_files: int = 12_000,
) -> Built:
    """Write images, mentions (every third row of each name), segments and the merged index."""
    images = write_images(folder, files)
    mentioned = {
        key: [(n, *NAMES[n // 3 % 3]) for n in range(0, len(rows), 3)]
        for key, rows in files.items()
    }
    mentions = write_mentions(folder, mentioned)
    segments = [
        SegmentFiles(documents, postings, mention, counts)
        for (documents, postings, counts), mention in zip(
            write_segments(folder, connection, images), mentions, strict=True
        )
    ]
    merged = merge_index(
        segments, PLATFORMS, folder / "search", folder / "documents.json", most_files
    )
    rows = [{**row, "source_file": path.stem} for path in images for row in rows_of(path)]
    published = [row for row in rows if row["visibility"] != "withheld"]
    published.sort(key=rank)
    shown = {(row["source_file"], row["row"]) for row in published}
    by_term: dict[str, set[tuple[str, int]]] = {}
    for key, entries in mentioned.items():
        for row, list_name, name in entries:
            if (key, row) in shown:
                by_term.setdefault(FIELD_VALUES[list_name, name], set()).add((key, row))
    return Built(published, by_term, merged, IndexReader(folder / "search", merged.directory))


def rank(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return the sort key of results: score descending, unknown last, then id, file, row."""
    score = row["aesthetic"]
    return (score is None, -(score or 0.0), row["image_id"], row["source_file"], row["row"])


def expected_postings(built: Built) -> dict[str, list[int]]:
    """Return every term with its document numbers, by looking at every row."""
    platform_of = {p.domain: p.platform.lower() for p in PLATFORMS}
    postings: dict[str, list[int]] = {}
    with Fts5Referee(row["caption"] for row in built.rows) as referee:
        tokens = referee.caption_tokens()
    for number, row in enumerate(built.rows):
        terms = set(tokens.get(number, ()))
        terms |= {f":domain:{row['domain']}", f":host:{row['host']}"}
        canonical = row["url"].partition("://")[2]
        terms.add(f":url:{hashlib.sha256(canonical.encode()).hexdigest()[:16]}")
        if row["url_year"] is not None:
            terms.add(f":year:{row['url_year']}")
        if row["domain"] in platform_of:
            terms.add(f":platform:{platform_of[row['domain']]}")
        place = (row["source_file"], row["row"])
        terms |= {term for term, places in built.mentions.items() if place in places}
        for term in terms:
            postings.setdefault(term, []).append(number)
    return postings


def expected_document(row: dict[str, Any]) -> list[Any]:
    """Return a row as the client gets it."""
    visibility = ["shown", "blurred", "no_image"].index(row["visibility"])
    columns = ("url", "caption", "width", "height", "aesthetic", "punsafe", "domain")
    return [str(row["image_id"]), *(row[name] for name in columns), visibility]


def check(built: Built) -> None:
    """Compare everything in an index with brute force."""
    documents = [expected_document(row) for row in built.rows]
    assert built.reader.documents == documents
    assert built.reader.directory["documents"] == built.merged.documents == len(documents)
    expected = expected_postings(built)
    terms = built.reader.terms()
    assert list(terms) == sorted(expected)
    for word, term in terms.items():
        assert term.ids == expected[word], word
        assert term.df == len(term.ids)
        top = [] if word.startswith(":url:") else [documents[n] for n in term.ids[:24]]
        assert term.top == top, word
    assert built.merged.terms == built.reader.directory["terms"] == len(terms)
    assert built.merged.postings == sum(term.df for term in terms.values())
    assert built.reader.read == set(built.merged.files)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits so small that few rows make many shards, blocks, id segments and sorted runs."""
    monkeypatch.setattr(merge, "MIN_BLOCK", 7)
    monkeypatch.setattr(merge, "MIN_SHARD", 900)
    monkeypatch.setattr(shards, "INLINE_IDS", 40)
    monkeypatch.setattr(shards, "SEGMENT_IDS", 30)
    monkeypatch.setattr(segment, "ROW_GROUP", 16)
    monkeypatch.setattr(segment, "RUN_DOCUMENTS", 16)
    monkeypatch.setattr(segment, "_TERMS_PER_GROUP", 5)


def three_files(count: int = 60) -> dict[str, Sequence[Row]]:
    """Return three files of random rows, of different sizes."""
    chance = random.Random(2022)  # noqa: S311 - the same rows every time
    return {
        "b-0002": random_rows(chance, count),
        "a-0001": random_rows(chance, count // 2),
        "c-0003": random_rows(chance, count * 2),
    }


def test_every_term_equals_brute_force(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Words, fields and names: the same documents, in the same rank, with the same counts."""
    check(build(tmp_path, connection, three_files()))


@pytest.mark.usefixtures("small")
def test_many_runs_shards_and_segments_equal_brute_force(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """The same where everything that can be split is split."""
    built = build(tmp_path, connection, three_files())
    check(built)
    assert len(built.reader.shards) > 5
    assert len(built.reader.directory["blocks"]) > 5
    assert any(path.startswith("i/") for path in built.merged.files)
    runs = rows_of(tmp_path / "segments" / "c-0003.postings.parquet")
    assert len({row["run"] for row in runs}) > 1


def test_ties_are_broken_by_id_then_file_then_row(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Equal scores: the smaller signed id first, then the earlier file, then the earlier row."""
    tie: Row = {"aesthetic": 6.0, "image_id": 5, "caption": "tie"}
    files: dict[str, Sequence[Row]] = {
        "b": [{**tie, "url": "http://a.com/3"}, {**tie, "url": "http://a.com/0", "image_id": -1}],
        "a": [{**tie, "url": "http://a.com/1"}, {**tie, "url": "http://a.com/2"}],
        "c": [
            {**tie, "url": "http://a.com/5", "aesthetic": None, "image_id": -9},
            {**tie, "url": "http://a.com/4", "aesthetic": 5.9, "image_id": -9},
        ],
    }
    built = build(tmp_path, connection, files)
    assert [document[1] for document in built.reader.documents] == [
        f"http://a.com/{n}" for n in range(6)
    ]
    assert built.reader.terms()["tie"].ids == list(range(6))


def test_withheld_rows_are_nowhere(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Neither document nor posting nor name: only the published rows are searched."""
    files: dict[str, Sequence[Row]] = {
        "a": [
            {"caption": "secretword", "visibility": "withheld", "domain": "secret.com"},
            {"caption": "open"},
        ],
        "b": [{"caption": "secretword", "visibility": "withheld"}],
    }
    built = build(tmp_path, connection, files)
    assert "open" in built.reader.terms()
    for path in built.merged.files:
        assert b"secret" not in (tmp_path / "search" / path).read_bytes()
    assert not any(term.startswith(":artist:") for term in built.reader.terms())
    check(built)


def test_hostile_texts_reach_the_client_unchanged(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Quotes, backslashes, tags, line separators and astral characters come back as they were."""
    captions = ['it\'s "quoted" \\ back', "</script>\u2028\u2029", "漢字 😀 \ufffd", "\\' \\u0041"]
    rows: list[Row] = [{"caption": text, "url": "http://a.com/'\"\\"} for text in captions]
    built = build(tmp_path, connection, {"a": rows})
    assert sorted(document[2] for document in built.reader.documents) == sorted(captions)


def test_index_without_documents_is_whole(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Files of which nothing is published leave a directory that says so."""
    built = build(tmp_path, connection, {"a": [], "b": [{"visibility": "withheld"}]})
    assert built.reader.terms() == {}
    assert built.reader.directory["documents"] == 0
    assert list(built.merged.files) == [built.merged.directory]
    assert built.reader.directory["fields"] == list(FIELDS)


def test_document_too_long_for_a_shard_is_in_its_block(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """A caption of 100,000 characters is one block's matter."""
    built = build(tmp_path, connection, {"a": [{"caption": "long " * 20_000}, {"caption": "long"}]})
    term = built.reader.terms()["long"]
    assert sorted(document is None for document in term.top) == [False, True]
    assert max(len(document[2]) for document in built.reader.documents) == 100_000


def test_same_rows_make_the_same_files(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """One thread or four, today or tomorrow: names and bytes are equal."""
    made = []
    for threads in (1, 4):
        connection.execute(f"SET threads = {threads}")
        folder = tmp_path / str(threads)
        files = build(folder, connection, three_files()).merged.files
        made.append((files, {p.name: p.read_bytes() for p in (folder / "segments").iterdir()}))
    assert made[0] == made[1]


def test_fewer_files_are_made_where_fewer_are_allowed(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--max-files decides how large shards and blocks are; the answers stay the same."""
    monkeypatch.setattr(merge, "MIN_BLOCK", 1)
    monkeypatch.setattr(merge, "MIN_SHARD", 1)
    for most_files in (10, 40, 400):
        built = build(tmp_path / str(most_files), connection, three_files(30), most_files)
        check(built)
        assert len(built.reader.directory["blocks"]) <= most_files / 2
        assert len(built.reader.shards) <= most_files / 2


@pytest.mark.parametrize("most_files", [4, 5, 10, 40, 400])
@pytest.mark.parametrize(("inline", "size"), [(4, 3), (3, 9), (40, 30)])
def test_an_index_never_has_more_files_than_allowed(
    tmp_path: Path,
    connection: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    most_files: int,
    inline: int,
    size: int,
) -> None:
    """Blocks, shards, segments of common terms and the directory together; all is still found."""
    monkeypatch.setattr(merge, "MIN_BLOCK", 1)
    monkeypatch.setattr(merge, "MIN_SHARD", 1)
    monkeypatch.setattr(shards, "INLINE_IDS", inline)
    monkeypatch.setattr(shards, "SEGMENT_IDS", size)
    built = build(tmp_path, connection, three_files(30), most_files)
    check(built)
    assert len(built.merged.files) <= most_files


def test_merge_leaves_no_temporary_file(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """The store of documents is gone when the merge ends, well or badly."""
    build(tmp_path, connection, three_files(6))
    assert not (tmp_path / "documents.json").exists()
