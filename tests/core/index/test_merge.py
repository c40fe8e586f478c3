"""The index end to end: three files' segments merged, read back, and compared with brute force.

Brute force goes over the rows in plain Python; the words of a caption are those SQLite FTS5 finds.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from laion_assets.core.base.parquet import write_table
from laion_assets.core.cleaning.schemas import ROW_KEYS
from laion_assets.core.index import (
    beginnings,
    blocks,
    common,
    documents,
    inverted,
    merge,
    runs,
    segment,
    term_files,
)
from laion_assets.core.index import (
    rows as coded_rows,
)
from laion_assets.core.index.blocks import PAGE
from laion_assets.core.index.fields import FIELDS, domain_term, host_term
from laion_assets.core.index.merge import MergedIndex, SegmentFiles, merge_index
from laion_assets.core.index.reading_back import ids_of, slot_units
from laion_assets.core.index.segment import SegmentCounts, write_segment
from laion_assets.core.names.lists import Platform
from laion_assets.core.text.tokens import tokenise
from tests.index_reader import IndexReader, Term
from tests.referee import Fts5Referee
from tests.row_tables import (
    Row,
    in_the_index,
    rows_of,
    url_value,
    write_images,
    write_mentions,
)

PLATFORMS = [
    Platform("flickr.com", "Flickr", "user-generated"),
    Platform("staticflickr.com", "Flickr", "user-generated"),
    Platform("ftcdn.net", "Adobe Stock", "stock"),
    Platform("nobody.com", "Nobody", "stock"),
]
OTHER_NAMES = {("artists", "Vincent van Gogh"): ["Vincent Willem van Gogh", "Vincent van Gogh"]}
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
    folder: Path


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
                "aesthetic": chance.choice([6.5, 6.128740310668945, 7.25, -0.0, 0.0, 5e-7, None]),
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
    """Write each file's segment; return documents, words and counts."""
    made = []
    for path in images:
        documents, words, description = (
            folder / "segments" / f"{path.stem}.{part}"
            for part in ("documents.parquet", "words.parquet", "segment.json")
        )
        counts = write_segment(
            connection,
            path,
            write_row_keys(folder / "row_keys" / path.name, path),
            documents=documents,
            words=words,
            description=description,
        )
        assert SegmentCounts(**json.loads(description.read_bytes())) == counts
        made.append((documents, words, counts))
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
        segments, PLATFORMS, OTHER_NAMES, folder / "search", folder / "spill", most_files
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
    reader = IndexReader(folder / "search", merged.directory)
    return Built(published, by_term, merged, reader, folder / "search")


def rank(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return the sort key of results: score descending, unknown last, then id, file, row."""
    score = row["aesthetic"]
    return (score is None, -(score or 0.0), row["image_id"], row["source_file"], row["row"])


def expected_fields(built: Built) -> dict[str, list[int]]:
    """Return every field's terms with their documents by rank, by looking at every row."""
    platform_of = {p.domain: p.platform.lower() for p in PLATFORMS}
    found: dict[str, list[int]] = {}
    for rank_, row in enumerate(built.rows):
        terms = {domain_term(row["domain"]), host_term(row["host"])}
        if row["url_year"] is not None:
            terms.add(f":year:{row['url_year']}")
        if row["domain"] in platform_of:
            terms.add(f":platform:{platform_of[row['domain']]}")
        place = (row["source_file"], row["row"])
        terms |= {term for term, places in built.mentions.items() if place in places}
        for term in terms:
            found.setdefault(term, []).append(rank_)
    return found


def check_words(built: Built) -> dict[str, Term]:
    """Compare words and their rows with FTS5; return them."""
    documents = built.reader.documents
    with Fts5Referee(row["caption"] for row in built.rows) as referee:
        tokens = referee.caption_tokens()
    expected: dict[str, list[int]] = {}
    for rank_ in range(len(documents)):
        for token in set(tokens.get(rank_, ())):
            expected.setdefault(token, []).append(rank_)
    terms = built.reader.terms("w")
    assert {word: term.ranks for word, term in terms.items()} == expected
    for word, term in terms.items():
        assert term.count == len(term.ranks)
        assert term.rows == [documents[n] for n in term.ranks[:PAGE]], word
    return terms


def check_fields(built: Built) -> dict[str, Term]:
    """Compare fields with brute force; hosts that are their domain and other names are aliases."""
    documents = built.reader.documents
    expected = expected_fields(built)
    terms = built.reader.terms("f")
    for name, ranks in expected.items():
        term = terms[name]
        if term.alias is not None:
            term = terms[term.alias]
            assert name.endswith(".")
        assert term.ranks == ranks, name
        assert term.rows == [documents[n] for n in ranks[:PAGE]], name
    for name in terms.keys() - expected.keys():
        assert name == ":artist:vincent willem van gogh"
        assert terms[name].alias == ":artist:vincent van gogh"
    return terms


def check_runs(built: Built, words: dict[str, Term]) -> None:
    """Compare runs of two and three words, and their places, with brute force."""
    often, rare = built.reader.directory["often"], built.reader.directory["rare"]
    captions = [tokenise(row["caption"]) for row in built.rows]
    pairs: dict[str, dict[int, list[int]]] = {}
    triples: dict[str, dict[int, list[int]]] = {}
    for rank_, tokens in enumerate(captions):
        for size, found in ((2, pairs), (3, triples)):
            for at in range(len(tokens) - size + 1):
                run = tokens[at : at + size]
                if all(words[token].count > rare for token in run):
                    found.setdefault(" ".join(run), {}).setdefault(rank_, []).append(at)
    terms = built.reader.terms("b")
    found = {name: dict(zip(term.ranks, term.items, strict=True)) for name, term in terms.items()}
    assert {name: places for name, places in found.items() if name.count(" ") == 1} == pairs
    for name, places in triples.items():
        first, second = name.rsplit(" ", 1)[0], name.split(" ", 1)[1]
        if len(pairs[first]) > often or len(pairs[second]) > often:
            assert found.pop(name) == places
        else:  # it may be there, and then it is right
            assert found.pop(name, places) == places
    assert not [name for name in found if name.count(" ") == 2]


def check_characters(built: Built) -> None:
    """Compare single characters and neighbours of scripts without spaces with brute force."""
    expected: dict[str, dict[int, list[int]]] = {}
    for rank_, row in enumerate(built.rows):
        text = " ".join(tokenise(row["caption"]))
        for at, character in enumerate(text):
            if "\u4e00" <= character <= "\u9fff":
                expected.setdefault(character, {}).setdefault(rank_, []).append(at)
                if "\u4e00" <= text[at + 1 : at + 2] <= "\u9fff":
                    both = text[at : at + 2]
                    expected.setdefault(both, {}).setdefault(rank_, []).append(at)
    terms = built.reader.terms("c")
    assert {n: dict(zip(t.ranks, t.items, strict=True)) for n, t in terms.items()} == expected


def check_hashes(built: Built) -> None:
    """Every row is under the hash of its URL and of its id."""
    for kind in ("u", "i"):
        expected: dict[str, list[int]] = {}
        for rank_, row in enumerate(built.rows):
            value = url_value(row["url"])[:8] if kind == "u" else f"{row['image_id'] % 2**32:08x}"
            expected.setdefault(value, []).append(rank_)
        terms = built.reader.terms(kind)
        assert {name: term.ranks for name, term in terms.items()} == expected


def check_reading_back(built: Built) -> None:
    """Ids are found again in the files that hold rows, and in these alone."""
    every = {row["image_id"] for row in built.rows}
    slot = slot_units(built.reader.folder) if built.rows else 0
    found = {path: set(ids_of(built.folder / path, slot).tolist())
             for path in built.merged.files if path.count("/") == 2}  # fmt: skip
    kinds = {path.split("/")[1] for path, ids in found.items() if ids}
    assert set().union(*(ids for path, ids in found.items() if path.split("/")[1] in "do")) == every
    assert set().union(*found.values()) == every
    assert kinds <= set("dowfx")
    assert not every or kinds >= set("df")


def check_beginnings(built: Built, words: dict[str, Term]) -> int:
    """What stands for a beginning is the union of its words; return how many do."""
    terms = built.reader.terms("x")
    for name, found in terms.items():
        term = terms[found.alias] if found.alias else found
        assert found.alias is None or name.startswith(found.alias)
        ranks = sorted({n for word, w in words.items() if word.startswith(name) for n in w.ranks})
        assert (term.count, term.ranks) == (len(ranks), ranks[:PAGE])
        assert term.rows == [built.reader.documents[n] for n in ranks[:PAGE]]
    return len(terms)


def check_common(built: Built, words: dict[str, Term], fields: dict[str, Term]) -> int:
    """Counts of pairs and hot terms of documents are right; return how many are common."""
    every = [("f", n, t) for n, t in fields.items()] + [("w", n, t) for n, t in words.items()]
    common = sorted((t.common, kind, name, t) for kind, name, t in every if t.common >= 0)
    assert [number for number, *_ in common] == list(range(len(common)))
    counts = [t.count for *_, t in common]
    assert counts == sorted(counts, reverse=True)
    for number, *_, term in common:
        shared = [len(set(term.ranks) & set(t.ranks)) for *_, t in common[: number + 1]]
        assert term.pairs == shared
    hot = built.reader.directory["hot"]
    assert [name for _, _, name, _ in common[: len(hot)]] == hot
    having = [set(t.ranks) for *_, t in common[: len(hot)]]
    for _, name, term in every:
        for rank_, items in zip(term.ranks, term.items, strict=False):
            assert items == [n for n, ranks in enumerate(having) if rank_ in ranks], name
    return len(common)


def check(built: Built) -> dict[str, int]:
    """Compare everything in an index with brute force; return how much of some things there is."""
    documents = [expected_document(row) for row in built.rows]
    assert built.reader.documents == documents
    assert built.reader.directory["documents"] == built.merged.documents == len(documents)
    words, fields = check_words(built), check_fields(built)
    check_runs(built, words)
    check_characters(built)
    check_hashes(built)
    check_reading_back(built)
    beginnings = check_beginnings(built, words)
    common = check_common(built, words, fields)
    found = built.reader.suggestions()
    assert found == sorted(found)
    assert all(words[text].count == count for text, kind, count in found if kind == "")
    folder = Path(built.merged.directory).parent
    named = {str(Path(path).relative_to(folder)) for path in built.merged.files}
    assert built.reader.read | {"s/0.js"} == named | {"s/0.js"}
    return {"beginnings": beginnings, "common": common, "hot": len(built.reader.directory["hot"])}


def expected_document(row: dict[str, Any]) -> list[Any]:
    """Return a row as the client gets it, its id last."""
    visibility = ["shown", "blurred", "no_image"].index(row["visibility"])
    names = ("url", "caption", "width", "height", "aesthetic", "punsafe", "domain")
    values = [in_the_index(row)[name] for name in names]
    return [*values, visibility, row["image_id"]]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits so small that few rows have all there can be: tails, runs of three, common terms."""
    monkeypatch.setattr(merge, "_FILE_BYTES", 2_500)
    monkeypatch.setattr(term_files, "BLOCK_BYTES", 500)
    monkeypatch.setattr(inverted, "POSTINGS", 100)
    monkeypatch.setattr(runs, "_ITEMS", 100)
    monkeypatch.setattr(runs, "RARE", 3)
    monkeypatch.setattr(runs, "OFTEN", 5)
    monkeypatch.setattr(blocks, "LOCAL", 0)
    monkeypatch.setattr(common, "LEAST_COMMON", 30)
    monkeypatch.setattr(common, "LEAST_HOT", 50)
    monkeypatch.setattr(common, "MOST_HOT", 5)
    monkeypatch.setattr(documents, "PIECE", 50)
    monkeypatch.setattr(coded_rows, "_GROUP", 30)
    monkeypatch.setattr(segment, "ROW_GROUP", 16)
    monkeypatch.setattr(segment, "RUN_DOCUMENTS", 16)
    monkeypatch.setattr(beginnings, "_BLOCKS", 0)


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
    """Words, fields, names, runs, characters, URLs, ids: the same documents in the same rank."""
    check(build(tmp_path, connection, three_files()))


@pytest.mark.usefixtures("small")
def test_what_only_large_indexes_have_equals_brute_force(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """The same where everything that can be split is split and all that can be there is there."""
    built = build(tmp_path, connection, three_files())
    found = check(built)
    assert found["beginnings"] > 5
    assert found["common"] > 10
    assert found["hot"] == 5
    kinds = Counter(path.split("/")[1] for path in built.merged.files)
    assert min(kinds[kind] for kind in "dwfbh") > 1, kinds
    rows = rows_of(tmp_path / "segments" / "c-0003.words.parquet")
    assert len({row["run"] for row in rows}) > 1


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
    assert [document[0] for document in built.reader.documents] == [
        f"http://a.com/{n}" for n in range(6)
    ]
    assert built.reader.terms("w")["tie"].ranks == list(range(6))


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
    assert list(built.reader.terms("w")) == ["open"]
    assert list(built.reader.terms("f")) == ["@com.example", "@com.example.img."]
    check(built)


def test_hostile_texts_reach_the_client_unchanged(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Quotes, backslashes, tags, line separators and astral characters come back as they were."""
    captions = ['it\'s "quoted" \\ back', "</script>\u2028\u2029", "漢字 😀 \ufffd", "\\' \\u0041"]
    rows: list[Row] = [{"caption": text, "url": "http://a.com/'\"\\"} for text in captions]
    built = build(tmp_path, connection, {"a": rows})
    assert sorted(document[1] for document in built.reader.documents) == sorted(captions)


def test_scores_of_any_size_reach_the_client(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Seven digits of what 32 bits hold; a larger score, which nobody means, does no harm."""
    scores = [1e300, -1e300, 3.5e38, -3.5e38, 3.402823e38, 5.123456789, 0.0, 1e-60, None]
    built = build(tmp_path, connection, {"a": [{"aesthetic": score} for score in scores]})
    place = built.reader.directory["columns"].index("aesthetic")
    assert [document[place] for document in built.reader.documents] == [
        1e300, 3.5e38, 3.402823e38, 5.123457, 0.0, 0.0, -3.5e38, -1e300, None,
    ]  # fmt: skip
    check(built)


def test_index_without_documents_is_whole(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Files of which nothing is published leave a directory that says so."""
    built = build(tmp_path, connection, {"a": [], "b": [{"visibility": "withheld"}]})
    for kind in "wfbxcui":
        assert built.reader.terms(kind) == {}
    assert built.reader.directory["documents"] == 0
    assert built.reader.directory["fields"] == list(FIELDS)


def test_row_too_long_for_a_slot_is_read_all_the_same(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """A caption of 100,000 characters that nothing compresses has a slice of its own."""
    chance = random.Random(7)  # noqa: S311 - the same rows every time
    long = "".join(chr(chance.randrange(0x4E00, 0x9F00)) for _ in range(100_000))
    short: list[Row] = [{"caption": f"short {n}"} for n in range(40)]
    built = build(tmp_path, connection, {"a": [*short, {"caption": long}]})
    assert any(path.split("/")[1] == "o" for path in built.merged.files)
    assert max(len(document[1]) for document in built.reader.documents) == 100_000


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


@pytest.mark.parametrize("most_files", [40, 400])
@pytest.mark.usefixtures("small")
def test_an_index_never_has_more_files_than_allowed(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, most_files: int
) -> None:
    """--max-files decides how large files are; the answers stay the same."""
    built = build(tmp_path, connection, three_files(30), most_files)
    check(built)
    assert len(built.merged.files) <= most_files


def test_merge_leaves_no_temporary_file(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """What the merge keeps on the disk for itself is gone when it ends, well or badly."""
    build(tmp_path, connection, three_files(6))
    assert not (tmp_path / "spill").exists()
