"""Properties of cleaning: whatever the rows, none is lost, nothing is raised, captions are clean.

Hypothesis draws the same examples every time (`derandomize`). Rows come two ways: small tables it
builds and can shrink, and large ones made of hostile pieces from a seed it draws.
"""

from __future__ import annotations

import random
import re
import unicodedata
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from laion_assets.core.cleaning.counts import REASONS, CleaningCounts
from laion_assets.core.cleaning.repair import (
    BIDI,
    RULES,
    SUSPECT,
    WHITESPACE,
    ZERO_WIDTH,
    repair_caption,
)
from laion_assets.core.cleaning.rules import clean_file, image_id, judge_batch
from laion_assets.core.cleaning.thresholds import VISIBILITIES, Thresholds
from laion_assets.core.reading.layout import FileLayout
from tests.conftest import WriteParquet
from tests.row_tables import Row, batch_table

PIECES = (
    *("http://", "https://", "HTTP://", "ftp://", "//", "data:", "UNLIKELY", "0.31", "nan", "-1"),
    *("a.com", "WWW.Example.CO.UK", "bücher.de", "例え。jp", "[::1]", "1.2.3.4", "my_shop.a.com"),
    *(":80", ":99999", ":", "@", "..", ".", "/", "\\", "?", "#", "%20", "/2021/03/", "/1999/12/"),
    *("&amp;", "&lt;b&gt;", "&nbsp;", "&#0;", "&#xD800;", "&#", "9" * 5_000, "&region=", "&#8203;"),
    *('"', '""', '"""', "'", "<b>", "</script>", "=1+1", " ", "  ", "\t", "\n", "\r\n", "\x00"),
    *("\x1f", "\x7f", "\x85", "\xa0", "\u061c", "\u180e", "\u200b", "\u200d", "\u200e", "\u2028"),
    *("\u202e", "\u2060", "\u2066", "\u206f", "\u3000", "\ufeff", "\ufffd", "\uffff", "e\u0301"),
    *("x", "Sunset", "漢字", "😀", "שלום", "ﷺ", "İ", "ß", "\U0010ffff", "\ud7ff"),
)
BROKEN = (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\x80")
NUMBERS = (
    None, 0.0, -0.0, 1.0, -1.0, 0.5, 0.99, 1.0000001, 512.0, 100_000.0, 100_001.0, 6016.0, 1e308,
    -1e308, 5e-324, float("nan"), float("inf"), float("-inf"),
)  # fmt: skip
COLUMNS = ("width", "height", "similarity", "punsafe", "pwatermark", "aesthetic")
LIMITS = {
    "width": (1, 100_000), "height": (1, 100_000), "similarity": (-1, 1), "punsafe": (0, 1),
    "pwatermark": (0, 1), "aesthetic": (-1.8e308, 1.8e308),
}  # fmt: skip

texts = st.lists(
    st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    max_size=8,
).map("".join)
found_texts = st.one_of(
    st.none(),
    texts.map(str.encode),
    texts.map(lambda text: f"http://{text}".encode()),
    st.lists(st.sampled_from([*BROKEN, b"a", b"http://a.com/"]), max_size=4).map(b"".join),
)
hostile_rows = st.lists(
    st.fixed_dictionaries(
        {
            "url": found_texts,
            "caption": found_texts,
            **{column: st.sampled_from(NUMBERS) | st.floats() for column in COLUMNS},
        }
    ),
    min_size=1,
    max_size=20,
)

#: Seeds and rows of the large tables; with the small ones some 10,000 rows.
LARGE_TABLES, LARGE_ROWS = 18, 500


def seeded_rows(seed: int, count: int = LARGE_ROWS) -> list[Row]:
    """Return hostile rows, about a third of them good enough to be kept."""
    chance = random.Random(seed)  # noqa: S311 - the same rows every time

    def text(start: str) -> bytes | None:
        if chance.random() < 0.03:
            return None
        pieces = [start, *chance.choices(PIECES, k=chance.randrange(6))]
        broken = chance.choice(BROKEN) if chance.random() < 0.03 else b""
        return "".join(pieces).encode() + broken

    def url() -> bytes | None:
        return text(chance.choice(["", "http://", "http://a.com/", f"https://h{seed % 9}.org/x"]))

    return [
        {
            "url": url(),
            "caption": text(chance.choice(["", "A caption", '"', "&quot;"])),
            **{column: chance.choice(NUMBERS) for column in COLUMNS},
        }
        for _ in range(count)
    ]


def check_rows(engine: duckdb.DuckDBPyConnection, rows: list[Row]) -> None:
    """Clean rows and check everything that must hold whatever they are."""
    counts = CleaningCounts()
    judged = judge_batch(engine, batch_table(rows), Thresholds(), counts)
    kept, rejected = judged.kept.to_pylist(), judged.rejected.to_pylist()
    assert counts.read == len(rows) == len(kept) + len(rejected)
    assert sorted(row["row"] for row in kept + rejected) == list(range(len(rows)))
    for row in rejected:
        found = rows[row["row"]]
        assert row["reason"] in REASONS
        assert (row["url"], row["caption"]) == (found["url"], found["caption"])
        assert row["image_id"] == image_id(row["url"], row["caption"])
    for row in kept:
        check_kept(row, rows[row["row"]])
    assert counts.kept == len(kept)
    assert counts.rejected.total() == len(rejected)
    assert counts.visibility.total() == len(kept)
    assert set(counts.repaired) <= set(RULES)
    for column in COLUMNS:
        lost = sum(row[column] is None and rows[row["row"]][column] is not None for row in kept)
        assert counts.out_of_range[column] == lost


def check_kept(row: dict[str, Any], found: Row) -> None:
    """Check one kept row against the row as it was found."""
    assert row["url"].encode() == found["url"]
    assert re.match(r"(?i)https?://[^/?#\\@]+", row["url"])
    assert not re.search("[\x00-\x1f\x7f-\xa0\u2028\u2029\u3000]", row["url"])
    assert len(row["url"]) <= 8_192
    # Nothing that the URL standard forbids in a domain, or an IPv6 address.
    forbidden = r"\x00-\x20#%*/:<>?@\\^|A-Z\[\]\x7f-\U0010ffff"
    assert re.fullmatch(rf"[^{forbidden}]+|\[[0-9a-f:]+\]", row["host"])
    assert row["host"].endswith(row["domain"])
    assert row["caption"] == repair_caption(found["caption"].decode())[0]
    check_caption(row["caption"])
    assert 0 < len(row["caption"]) <= 100_000
    assert row["image_id"] == image_id(found["url"], found["caption"])
    assert row["visibility"] in VISIBILITIES
    assert row["url_year"] is None or 1990 <= row["url_year"] < 2030
    for column, (low, high) in LIMITS.items():
        assert row[column] is None or low <= row[column] <= high


def check_caption(caption: str) -> None:
    """Check that nothing is left in a caption that repair removes."""
    assert not BIDI.search(caption)
    assert not ZERO_WIDTH.search(caption)
    assert set(WHITESPACE.findall(caption)) <= {" "}
    assert "  " not in caption
    assert caption == caption.strip(" ")
    assert "Cc" not in {unicodedata.category(character) for character in caption}


@settings(max_examples=80)
@given(rows=hostile_rows)
def test_small_tables_lose_no_row(engine: duckdb.DuckDBPyConnection, rows: list[Row]) -> None:
    """Kept and rejected are what was read, each row right in itself, nothing raised."""
    check_rows(engine, rows)


@settings(max_examples=LARGE_TABLES)
@given(seed=st.integers(0, 2**32))
def test_large_tables_lose_no_row(engine: duckdb.DuckDBPyConnection, seed: int) -> None:
    """The same for tables of hundreds of rows, in which kept and rejected ones mix."""
    check_rows(engine, seeded_rows(seed))


@settings(max_examples=1_000)
@given(text=texts)
def test_repaired_captions_are_clean(text: str) -> None:
    """No control, bidi or zero-width character, no space at an end, never two in a row."""
    repaired, rules = repair_caption(text)
    check_caption(repaired)
    assert bool(rules) >= (repaired != text)
    assert set(rules) <= set(RULES)
    assert sorted(rules, key=RULES.index) == rules


@settings(max_examples=30)
@given(captions=st.lists(texts, min_size=1, max_size=40))
def test_captions_that_are_not_suspect_are_left_alone(
    engine: duckdb.DuckDBPyConnection, captions: list[str]
) -> None:
    """DuckDB's pattern misses no caption that repair would change."""
    unsuspected = engine.sql(
        "SELECT t FROM (SELECT unnest($texts) AS t) WHERE NOT regexp_matches(t, $suspect)",
        params={"texts": captions, "suspect": SUSPECT},
    ).fetchall()
    for (caption,) in unsuspected:
        assert repair_caption(caption) == (caption, [])


def test_threads_make_no_difference(
    engine: duckdb.DuckDBPyConnection, write_parquet: WriteParquet, tmp_path: Path
) -> None:
    """One thread or four: the same counts, and tables equal to the byte."""
    rows = [row for seed in range(6) for row in seeded_rows(seed)]
    columns = {name: [row[name] for row in rows] for name in ("url", "caption", *COLUMNS)}
    source = write_parquet(columns, row_group_size=400)
    made = []
    for threads in (1, 4):
        engine.execute(f"SET threads = {threads}")
        images, rejects = (tmp_path / f"{name}{threads}.parquet" for name in ("images", "rejects"))
        layout = FileLayout({name: name for name in columns})
        counts = clean_file(
            engine,
            source,
            layout,
            Thresholds(),
            images=images,
            rejects=rejects,
            keys=images.with_name("keys"),
        )
        made.append((counts.as_dict(), images.read_bytes(), rejects.read_bytes()))
    assert made[0] == made[1]
    assert made[0][0]["kept"] > 500
    assert sum(count > 0 for count in made[0][0]["rejected"].values()) >= 6
