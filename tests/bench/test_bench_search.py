"""The search benchmark: its rows, queries and comparisons say what they claim."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.search_build import describe, series_of
from bench.search_corpus import SEED, Corpus, make_file, row_keys, write_corpus
from bench.search_cost import Cost, Truth, depth_of, differences, disagreements, table
from bench.search_language import And, Field, Inside, Node, Not, Or, Text, typed
from bench.search_queries import KINDS, draw
from bench.search_referee import Referee, build, expression
from bench.search_words import built_in, learned
from laion_assets.core.cleaning.schemas import IMAGES, ROW_KEYS
from laion_assets.core.names.lists import fold_name
from laion_assets.core.text.tokens import tokenise
from tests.row_tables import url_value

ROWS = 3_000


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Return a small corpus."""
    return write_corpus(tmp_path_factory.mktemp("corpus"), ROWS, built_in())


@pytest.fixture(scope="module")
def referee(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Referee:
    """Return the referee of the small corpus."""
    folder = tmp_path_factory.mktemp("referee")
    build(corpus, folder)
    return Referee(folder)


def rows_of(corpus: Corpus) -> list[dict[str, Any]]:
    """Return the published rows in rank order, by looking at them."""
    rows = [row for path in corpus.files() for row in pq.read_table(path).to_pylist()]
    rows = [row for row in rows if row["visibility"] != "withheld"]
    score = {id(row): row["aesthetic"] for row in rows}
    return sorted(
        rows, key=lambda row: (score[id(row)] is None, -(score[id(row)] or 0), row["image_id"])
    )


def test_the_same_rows_come_again_however_many_there_are() -> None:
    """A row depends on its number and the seed alone."""
    few, _ = make_file(built_in(), SEED, 0, 50)
    many, _ = make_file(built_in(), SEED, 0, 90)
    other, _ = make_file(built_in(), SEED + 1, 0, 50)
    for name in ("url", "caption", "image_id"):
        assert few[name] == many[name].slice(0, 50)
        assert few[name] != other[name]


def test_tables_are_those_that_cleaning_writes(corpus: Corpus) -> None:
    """Columns, keys of canonical URLs, hosts and domains of the URLs."""
    (images,), (keys,) = corpus.files(), corpus.files("row_keys")
    table, kept = pq.read_table(images), pq.read_table(keys)
    assert table.schema.equals(IMAGES)
    assert kept.schema.equals(ROW_KEYS)
    for row, key in zip(table.to_pylist()[:300], kept.to_pylist()[:300], strict=True):
        assert key["url_key"] == url_value(row["url"])
        assert row["url"].partition("://")[2].startswith(f"{row['host']}/")
        assert row["host"].endswith(row["domain"])
    assert row_keys(table).equals(kept)


def test_captions_are_like_captions(corpus: Corpus) -> None:
    """Length, repeated pairs, scripts without spaces, withheld and unknown values."""
    table = pq.read_table(corpus.files()[0])
    captions = [tokenise(caption) for caption in table["caption"].to_pylist()]
    assert 9 < np.mean([len(caption) for caption in captions]) < 12
    pairs = sum("of the" in " ".join(caption) for caption in captions)
    assert 0.01 < pairs / ROWS < 0.035
    unspaced = sum(any("\u3040" <= c <= "\u9fff" for c in t) for t in table["caption"].to_pylist())
    assert 0.005 < unspaced / ROWS < 0.02
    assert table["aesthetic"].null_count
    assert table["punsafe"].null_count
    assert "withheld" in table["visibility"].to_pylist()


def test_mentions_are_of_names_that_stand_in_the_caption(corpus: Corpus) -> None:
    """Row, list and name, as matching would have found them."""
    captions = pq.read_table(corpus.files()[0])["caption"].to_pylist()
    mentions = pq.read_table(corpus.files("mentions")[0]).to_pylist()
    assert len({mention["name"] for mention in mentions}) > 20
    for mention in mentions:
        assert mention["name"] in captions[mention["row"]]


def test_a_model_takes_after_the_rows_it_is_given(tmp_path: Path) -> None:
    """Common words and pairs come from the captions, domains from the list."""
    captions = ["Zebra crossing at noon"] * 5 + ["zebra crossing"] * 3
    pq.write_table(pa.table({"TEXT": captions}), tmp_path / "rows.parquet")
    (tmp_path / "domains.csv").write_text("domain,rows\nlarge.com,9\n", encoding="utf-8")
    model = learned(tmp_path / "rows.parquet", tmp_path / "domains.csv")
    assert model.words == ["zebra", "crossing", "at", "noon"]
    assert model.pairs[0] == ("zebra", "crossing")
    assert model.domains == ["large.com"]


QUERIES: list[tuple[Node, str, str | None]] = [
    (Text("blue"), "blue", '"blue"'),
    (Text("new yo", prefix=True), '"new yo"*', '"new yo" *'),
    (And((Text("a"), Not(Text("b c")))), 'a -"b c"', '(("a") NOT "b c")'),
    (Or((Text("a"), Text("b"))), "a OR b", '("a" OR "b")'),
    (And((Or((Text("a"), Text("b"))), Text("c"))), "(a OR b) c", '(("a" OR "b") AND "c")'),
    (Field("artist", "frida kahlo"), 'artist:"frida kahlo"', None),
    (And((Text("a"), Field("year", "2015"))), "a year:2015", None),
    (Inside("灯台"), "灯台", None),
]


@pytest.mark.parametrize(("node", "text", "asked"), QUERIES)
def test_a_query_is_typed_and_asked_of_fts5(node: Node, text: str, asked: str | None) -> None:
    """As somebody types it, and as FTS5 has it where FTS5 can tell."""
    assert typed(node) == text
    assert expression(node) == asked


def test_the_referee_finds_what_looking_at_every_row_finds(
    corpus: Corpus, referee: Referee
) -> None:
    """Words, fields, NOT and OR: totals, and the best rows in rank order."""
    rows = rows_of(corpus)
    year = str(next(row["url_year"] for row in rows if row["url_year"]))
    domain = str(rows[7]["domain"])

    def has(word: str, row: dict[str, Any]) -> bool:
        return word in tokenise(row["caption"])

    expected = {
        Text("blue"): [r for r in rows if has("blue", r)],
        And((Text("the"), Not(Text("of")))): [
            r for r in rows if has("the", r) and not has("of", r)
        ],
        Or((Text("cat"), Text("dog"))): [r for r in rows if has("cat", r) or has("dog", r)],
        And((Text("the"), Field("year", year))): [
            r for r in rows if has("the", r) and str(r["url_year"]) == year
        ],
        Field("domain", domain): [r for r in rows if r["domain"] == domain],
        Field("id", str(rows[3]["image_id"])): [rows[3]],
    }
    for node, found in expected.items():
        ids = [row["image_id"] for row in found]
        assert referee.answer(node, 20) == (len(ids), ids[:20]), typed(node)


def test_a_name_is_found_by_its_folded_form(corpus: Corpus, referee: Referee) -> None:
    """As many rows as mention it and are published."""
    shown = pq.read_table(corpus.files()[0])["visibility"].to_pylist()
    mentions = pq.read_table(corpus.files("mentions")[0]).to_pylist()
    artists = [m for m in mentions if m["list"] == "artists" and shown[m["row"]] != "withheld"]
    name = artists[0]["name"]
    count = sum(mention["name"] == name for mention in artists)
    assert referee.answer(Field("artist", fold_name(name)), 0)[0] == count


def test_every_kind_of_query_can_be_drawn_and_answered(referee: Referee) -> None:
    """The same queries every time; single clauses drawn from rows find something."""
    queries = draw(referee, list(KINDS), each=2)
    assert [query.text for query in draw(referee, list(KINDS), each=2)] == [q.text for q in queries]
    for query in queries:
        total, ids = referee.answer(query.node, 5)
        assert len(ids) == min(total, 5)
        if isinstance(query.node, Text | Field | Inside):
            assert total, query.text


def entry(start: float, end: float) -> dict[str, object]:
    """Return what a page's log says of a request."""
    return {"url": "x", "start": start, "end": end, "status": 200}


@pytest.mark.parametrize(
    ("spans", "depth"),
    [
        ([], 0),
        ([(0, 5), (1, 6), (2, 7)], 1),
        ([(0, 5), (1, 6), (5, 9), (7, 8)], 2),
        ([(0, 1), (1, 2), (2, 3), (0, 9)], 3),
    ],
)
def test_depth_is_the_longest_chain(spans: list[tuple[float, float]], depth: int) -> None:
    """A request follows another when it began after that had ended."""
    assert depth_of([entry(*span) for span in spans]) == depth


def test_wrong_answers_are_noticed() -> None:
    """A wrong total, a bound that does not hold, another order, a failure."""
    truth = Truth(3, ["1", "2", "3"], inside=5)
    right = {"total": 3, "totalIsExact": True, "atLeast": 3, "ids": ["1", "2", "3"],
             "inside": {"total": 5}}  # fmt: skip
    assert differences(right, truth) == []
    bounds = {"totalIsExact": False, "atLeast": 1, "total": 9}
    assert differences({**right, **bounds}, truth) == []
    assert differences({**right, **bounds, "atLeast": 4}, truth) == ["says 4 to 9, is 3"]
    assert differences({**right, "total": 4}, truth) == ["says 4, is 3"]
    assert differences({**right, "ids": ["1", "3", "2"]}, truth) == ["hit 2 differs (3 of 3)"]
    assert differences({**right, "ids": ["1"]}, truth) == ["hit 2 differs (1 of 3)"]
    assert differences({**right, "inside": None}, truth) == ["says None inside words, are 5"]
    assert differences({**right, "failed": "no"}, truth) == ["failed: no"]


def test_the_table_has_a_line_for_each_kind() -> None:
    """Medians, ninth deciles and the largest; how many answers are wrong."""
    costs = [Cost("word", str(n), 1.0, 1000 * n, 1, 1, True, 20) for n in range(1, 12)]
    costs.append(Cost("phrase", "x", 2.0, 500, 3, 2, False, 0, wrong=["says 1, is 2"]))
    lines = table(costs).splitlines()[2:]
    assert lines[0].startswith("| word | 6.0 / 10.0 / 11.0 | 1 / 1 / 1 |")
    assert lines[0].endswith("| 11 of 11 | 11 of 11 | 0 |")
    assert lines[1].endswith("| 0 of 1 | 0 of 1 | 1 |")


def test_ways_that_differ_are_noticed() -> None:
    """The same query, another bound."""
    costs = [Cost("word", "x", 1.0, 1, 1, 1, False, 0, said=said) for said in ("1 to 2", "1 to 3")]
    assert disagreements({"a": costs[:1], "b": costs[:1]}) == []
    assert len(disagreements({"a": costs[:1], "b": costs[1:]})) == 1


def test_an_index_is_told_by_series(tmp_path: Path) -> None:
    """The folder of one letter says the series, in whatever folder the index lies."""
    for name, size in (("abc123/directory.js", 7), ("abc123/w/0.js", 40), ("abc123/w/1.js", 60)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    assert series_of(tmp_path) == {"directory": [7], "w": [40, 60]}
    assert "| w | 2 | 0.0 | 10.0 | 0 |" in describe(tmp_path, 10)


def test_a_referee_is_built_once(corpus: Corpus, referee: Referee) -> None:
    """What it cost is remembered."""
    made = build(corpus, referee.folder)
    assert made == json.loads((referee.folder / "referee.json").read_bytes())
    assert made["rows"] == len(rows_of(corpus))
