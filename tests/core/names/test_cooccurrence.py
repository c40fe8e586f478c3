"""The words beside a name: counted like a plain loop counts them, and scored against chance."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from laion_assets.core.base.sql import ask
from laion_assets.core.cleaning.plain_rows import text_digests
from laion_assets.core.names import cooccurrence as companions
from laion_assets.core.names.cooccurrence import COOCCURRENCES, LEAST_CAPTIONS, count_cooccurrences
from laion_assets.core.tables.entities import make_entities
from laion_assets.core.text.tokens import LONGEST_WORD, tokenise
from tests.row_tables import Row, entity, parts_of, picked, rows_of, write_tables, write_words

many = settings(max_examples=60)

#: A row that names somebody: the name and the caption.
Naming = tuple[str, str]
#: Name, word, rows, different captions.
Companion = tuple[str, str, int, int]


def counted(
    rows: Sequence[Naming], own: Mapping[str, Sequence[str]] | None = None, piece: int = 200_000
) -> list[Companion]:
    """Return the companions that rows come to, sorted, when so many captions are read at once."""
    names, captions = (pa.array([row[place] for row in rows], pa.string()) for place in (0, 1))
    columns = {
        "place": pa.array(range(len(rows)), pa.int64()),
        "name": names,
        "caption": captions,
        "caption_digest": text_digests(pa.chunked_array([captions])),
    }
    with duckdb.connect() as connection, patch.object(companions, "_PIECE", piece):
        connection.register("mentioned_rows", pa.table(columns))
        table = count_cooccurrences(connection, own or {})
    assert table.schema == COOCCURRENCES
    return sorted(picked(table.to_pylist(), *COOCCURRENCES.names))


def naive(rows: Sequence[Naming], own: Mapping[str, Sequence[str]]) -> list[Companion]:
    """Return the same with a plain loop."""
    images: Counter[tuple[str, str]] = Counter()
    captions: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for name, caption in rows:
        for word in set(tokenise(caption)) - set(own.get(name, ())):
            images[name, word] += 1
            captions[name, word].add(caption)
    return sorted(
        (*pair, images[pair], len(different))
        for pair, different in captions.items()
        if len(different) >= LEAST_CAPTIONS and len(pair[1].encode()) <= LONGEST_WORD
    )


def random_rows(count: int) -> list[Naming]:
    """Return rows of a few names with repeated words and captions, the same every time."""
    draw = random.Random(11)  # noqa: S311 - test data
    words = ["red", "Red", "blue", "café", "漢字", "o'neil", "2021", "Ames", "beck", "-"]
    return [
        (
            draw.choice(["Ames", "Beck", "Beck", "Beck", "Zoë"]),
            " ".join(draw.choices(words, k=draw.randrange(5))),
        )
        for _ in range(count)
    ]


# -- counting --------------------------------------------------------------------------------------


def test_repeated_captions_are_rows_but_one_caption() -> None:
    """Every row counts; how many different captions they are is told beside it."""
    rows = [("Ames", "red one"), ("Ames", "red two"), ("Ames", "red three"), ("Ames", "red two")]
    assert counted(rows) == [("Ames", "red", 4, 3)]


def test_a_word_of_fewer_than_three_captions_is_left_out() -> None:
    """A caption repeated a hundred times proves no more than once."""
    rows = [("Ames", "red one"), *[("Ames", "red two")] * 100]
    assert counted(rows) == []
    assert counted([*rows, ("Ames", "red three")]) == [("Ames", "red", 102, 3)]


def test_a_word_counts_once_per_caption() -> None:
    """Said twice or typed otherwise, it is one word of that caption."""
    rows = [("Ames", "red RED"), ("Ames", "Réd, red!"), ("Ames", "a red red")]
    assert counted(rows) == [("Ames", "red", 3, 3)]


def test_captions_are_told_apart_as_they_are_written() -> None:
    """Captions that differ in case alone are different."""
    rows = [("Ames", "red"), ("Ames", "Red"), ("Ames", "RED")]
    assert counted(rows) == [("Ames", "red", 3, 3)]


def test_own_words_do_not_stand_beside_a_name() -> None:
    """Those of one name are companions of another all the same."""
    rows = [(name, f"red ames {n}") for name in ("Ames", "Beck") for n in "abc"]
    own = {"Ames": ["ames"], "Beck": ["beck"]}
    assert counted(rows, own) == [
        ("Ames", "red", 3, 3),
        ("Beck", "ames", 3, 3),
        ("Beck", "red", 3, 3),
    ]


def test_what_is_too_long_is_no_word() -> None:
    """Up to 64 bytes; a token that is cut inside a character does no harm."""
    texts = ["x" * 64, "y" * 65, "漢" * 22, "a漢" * 20_000]
    rows = [("Ames", f"{text} {n}") for text in texts for n in "abc"]
    assert [row for row in counted(rows) if len(row[1]) > 1] == [("Ames", "x" * 64, 3, 3)]


def test_names_without_words_have_no_companions() -> None:
    """No rows, empty captions and captions of signs alone are nothing to count."""
    assert counted([]) == []
    assert counted([("Ames", ""), ("Ames", "..."), ("Ames", "!"), ("Beck", "?")]) == []


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 16, 59, 60, 61, 400])
def test_pieces_change_no_count(piece: int) -> None:
    """However few captions are read at once, a name's are counted together."""
    rows = random_rows(400)
    different = Counter(name for name, _ in set(rows))
    assert min(different.values()) > 16
    assert counted(rows, piece=piece) == naive(rows, {})


def test_a_piece_holds_all_captions_of_its_names() -> None:
    """Batches that end inside a name or at its end, and one name over several batches."""
    batches = ["a a", "a", "b b", "b c", "d d", "e f", "f", "f", "g"]
    schema = pa.schema([("name", pa.string())])
    columns = [pa.array(batch.split(), pa.string()) for batch in [*batches, ""]]
    reader = pa.RecordBatchReader.from_batches(
        schema, [pa.record_batch([column], schema=schema) for column in columns]
    )
    pieces = ["".join(piece["name"].to_pylist()) for piece in companions._whole_names(reader)]
    assert pieces == ["aaa", "bbb", "c", "dde", "fff", "g"]


captions = st.lists(
    st.sampled_from(["red", "RED", "blue", "o'red", "é", "漢", "ames", "-", "x" * 65, "\u0301"]),
    max_size=4,
).map(" ".join)
namings = st.lists(
    st.tuples(st.sampled_from(["Ames", "Beck", "ames", "Ünal", ""]), captions), max_size=40
)
owned = st.dictionaries(
    st.sampled_from(["Ames", "Beck", "Nobody"]), st.lists(st.sampled_from(["red", "ames", "e"]))
)


@many
@given(rows=namings, own=owned, piece=st.integers(1, 50))
@example(rows=[("Ames", "red a"), ("Ames", "red b"), ("Ames", "red c")], own={}, piece=1)
@example(rows=random_rows(200), own={"Beck": ["beck", "red"]}, piece=7)
def test_companions_equal_a_naive_count(
    rows: list[Naming], own: dict[str, list[str]], piece: int
) -> None:
    """Any rows, any own words, pieces of any size."""
    assert counted(rows, own, piece) == naive(rows, own)


# -- scoring ---------------------------------------------------------------------------------------


def scored(
    connection: duckdb.DuckDBPyConnection,
    beside: Mapping[str, int],
    everywhere: Mapping[str, int],
    denominator: int = 1_000,
) -> list[dict[str, object]]:
    """Return what is scored for a name of 100 rows: words beside it, and in all rows."""
    rows = [("Ames", word, images, 3) for word, images in beside.items()]
    tables = {
        "companions": (rows, COOCCURRENCES.names),
        "words": (list(everywhere.items()), ["word", "images"]),
        "totals": ([("Ames", 100)], ["name", "images"]),
    }
    for relation, (values, names) in tables.items():
        records = [dict(zip(names, row, strict=True)) for row in values]
        connection.register(relation, pa.Table.from_pylist(records))
    table = ask(connection, "tables/score_words", denominator=denominator, words=15)
    return list(table.to_pylist())


def test_a_word_needs_twice_what_chance_gives(connection: duckdb.DuckDBPyConnection) -> None:
    """A tenth of all rows name her, so a tenth of every word's rows are expected beside her."""
    beside = {"twice": 20, "less": 19, "chance": 10, "sure": 50}
    everywhere = {"twice": 100, "less": 100, "chance": 100, "sure": 100, "elsewhere": 100}
    rows = scored(connection, beside, everywhere)
    assert picked(rows, "name", "position", "word", "images") == [
        ("Ames", 1, "sure", 50),
        ("Ames", 2, "twice", 20),
    ]
    columns = ("share", "unique_captions", "dataset_images", "dataset_share", "times_expected")
    assert picked(rows, *columns) == [(0.5, 3, 100, 0.1, 5.0), (0.2, 3, 100, 0.1, 2.0)]


def test_evidence_counts_as_well_as_the_ratio(connection: duckdb.DuckDBPyConnection) -> None:
    """A word seen thrice, and nowhere else, does not lead one of ninety rows out of three hundred.

    3 ln 10 - 2.7 is 4.2; 90 ln 3 - 60 is 38.9. Equal scores are in alphabetical order.
    """
    beside = {"never": 3, "rare": 3, "plenty": 90, "alike": 3}
    everywhere = {"never": 3, "rare": 3, "plenty": 300, "alike": 3}
    rows = scored(connection, beside, everywhere)
    assert picked(rows, "word", "times_expected") == [
        ("plenty", pytest.approx(3.0)),
        ("alike", pytest.approx(10.0)),
        ("never", pytest.approx(10.0)),
        ("rare", pytest.approx(10.0)),
    ]


def test_a_name_keeps_the_first_words(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """At most fifteen of each name, numbered from one, in the order of their scores."""
    words = [f"w{n:02}" for n in range(20)]
    shared = " ".join(words[:17])
    named: list[Row] = [{"caption": f"{shared} {n}"} for n in "abc"]
    others: list[Row] = [{"caption": "nothing"} for _ in range(9)]
    mentions = {"a": [(row, "artists", name) for row in range(3) for name in ("Ames", "Beck")]}
    write_words(tmp_path, dict.fromkeys(words[1:17], 3) | {words[0]: 4, "nothing": 9}, 12)
    made = make_entities(
        connection,
        parts_of(tmp_path, {"a": [*named, *others]}, mentions),
        "artists",
        [entity("artists", name) for name in ("Ames", "Beck", "Cole")],
        tmp_path,
        threads=1,
    )
    write_tables(made, tmp_path)
    rows = rows_of(tmp_path / "artists_words.parquet")
    assert picked(rows, "name", "position", "word") == [
        (name, position, words[position]) for name in ("Ames", "Beck") for position in range(1, 16)
    ]


def test_words_beside_a_name_are_those_of_its_published_rows(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Own words and those of aliases are left out, withheld rows too; repeats are told apart."""
    files: dict[str, Sequence[Row]] = {
        "a": [
            {"caption": "Vincent van Gogh, starry night"},
            {"caption": "the starry night by Vincent van Gogh"},
            {"caption": "the starry night by Vincent van Gogh"},
            {"caption": "Starry sky, van Gogh (Vincent)"},
            {"caption": "starry hidden van Gogh", "visibility": "withheld"},
            {"caption": "sky"},
            {"caption": "a night out"},
        ],
        "b": [{"caption": "a chair"}, {"caption": "the table"}],
    }
    mentions = {"a": [(row, "artists", "van Gogh") for row in range(5)]}
    # In how many of the eight published rows each stands.
    images = {"starry": 4, "night": 4, "van": 4, "gogh": 4, "vincent": 4, "the": 3, "sky": 2}
    write_words(tmp_path, images, 8)
    van_gogh = entity("artists", "van Gogh", aliases=("Vincent van Gogh",))
    parts = parts_of(tmp_path, files, mentions)
    write_tables(
        make_entities(connection, parts, "artists", [van_gogh], tmp_path, threads=1), tmp_path
    )
    assert rows_of(tmp_path / "artists_words.parquet") == [
        {
            "name": "van Gogh", "position": 1, "word": "starry", "images": 4, "share": 1.0,
            "unique_captions": 3, "dataset_images": 4, "dataset_share": 0.5, "times_expected": 2.0,
        }
    ]  # fmt: skip
