"""Plain rows are exactly what the rules for odd rows would make of them.

Rows are drawn to be plain but for one piece, so that both sides of every line are met.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from laion_assets.core.cleaning import rules
from laion_assets.core.cleaning.counts import CleaningCounts
from laion_assets.core.cleaning.plain_rows import scan_batch
from laion_assets.core.cleaning.removal import Removal
from laion_assets.core.cleaning.rules import image_id, judge_batch
from laion_assets.core.cleaning.thresholds import Thresholds
from tests.properties.test_rows import NUMBERS, PIECES
from tests.row_tables import Row, batch_table

HOSTS = (
    "a.com", "WWW.Example.CO.UK", "a-b_c.de", "a.com:80", "a.com:443", "a.com:8080", "a.com:080",
    "a.com:12345", "a.com:", "1.2.3.4", "a.1", "a..b", "a.com.", "_a._b", "-", "9a.com", "a.9a",
    f"{'a' * 60}." * 4 + "com", f"{'a' * 60}." * 4 + "comcomcom",
)  # fmt: skip
PARTS = (
    "/", "/x", "//", "/.", "/..", "/a.b", "/2021/03/", "/1999/12/", "/2030/01/", "/2021/13/",
    "/2019/01/2020/02/", "?", "?q=1", "?a&b", "?a;b", "?a&b;", "?'", "/'", "#", "#x", "#é", "#\n",
    "/%20", "/%2d", "/%2D", "/%C3%A9", "/%c3", "/%4", "/%", "/%5F", "/%7E", "/%00", "/é", "/ ",
    "/\\", "/^", "/`", "/{", "/|", '/"', "/<", "/[x]", "/@:;=", "/!$()*+,", "/~_-",
)  # fmt: skip
near_urls = st.builds(
    lambda scheme, host, parts: (scheme + host + "".join(parts)).encode(),
    st.sampled_from(["http://", "https://", "HTTPS://", "hTTp://"]),
    st.sampled_from(HOSTS),
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=4),
)
near_captions = st.builds(
    lambda start, pieces, end: (start + "".join(pieces) + end).encode(),
    st.sampled_from(["", "A", "é", '"', " "]),
    st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=["Cs"]), max_size=3),
    st.sampled_from(["", "b", '"', " "]),
) | st.binary(max_size=6)
near_rows = st.lists(
    st.fixed_dictionaries(
        {
            "url": near_urls,
            "caption": near_captions,
            "width": st.sampled_from(NUMBERS) | st.floats(0, 9),
            "punsafe": st.sampled_from(NUMBERS),
            "aesthetic": st.sampled_from(NUMBERS),
            "nsfw": st.sampled_from(
                [None, "UNLIKELY", "UNSURE", "NSFW", "nsfw", " NSFW", "x", "ſ"]
            ),
        }
    ),
    min_size=1,
    max_size=12,
)


def near_table(rows: list[Row]) -> pa.Table:
    """Return rows as reading gives them, verdicts among them."""
    table = batch_table([{k: v for k, v in row.items() if k != "nsfw"} for row in rows])
    verdicts = pa.array([row["nsfw"] for row in rows], pa.large_string())
    return table.append_column("nsfw", verdicts)


@settings(max_examples=80)
@given(rows=near_rows)
def test_plain_rows_are_judged_as_by_the_rules(
    engine: duckdb.DuckDBPyConnection, rows: list[Row]
) -> None:
    """Images and keys of a batch are those that SQL makes of all its rows."""
    batch = near_table(rows)
    judged = judge_batch(engine, batch, Thresholds(), CleaningCounts())
    scanned = scan_batch(batch)
    assert scanned.ids.tolist() == [image_id(row["url"], row["caption"]) for row in rows]
    found = rules.Found(batch, scanned.ids, scanned.url_digests)
    by_rules = rules.judge_odd(engine, found, Thresholds(), Removal())
    assert judged.kept.equals(by_rules.kept)
    assert judged.keys.equals(by_rules.keys)
    assert judged.rejected.equals(by_rules.rejected)


@settings(max_examples=80)
@given(rows=near_rows)
def test_digests_tell_urls_and_captions_apart(
    engine: duckdb.DuckDBPyConnection, rows: list[Row]
) -> None:
    """Kept rows have the same digest exactly where they have the same text."""
    kept = judge_batch(engine, near_table(rows * 2), Thresholds(), CleaningCounts()).kept
    for text, digest in (("url", "url_digest"), ("caption", "caption_digest")):
        texts, digests = kept[text].to_pylist(), kept[digest].to_pylist()
        pairs = set(zip(texts, digests, strict=True))
        assert len(pairs) == len(set(texts)) == len(set(digests))


def test_most_rows_are_plain() -> None:
    """An ordinary address and caption are plain, whatever their numbers: most rows cost little."""
    rows: list[Row] = [
        {"url": f"https://a.com/{n}.jpg?x=1".encode(), "caption": f"Café {n}".encode(),
         "width": number, "punsafe": number, "aesthetic": number, "nsfw": None}
        for n, number in enumerate(NUMBERS)
    ]  # fmt: skip
    assert np.all(scan_batch(near_table(rows)).plain)
