"""Cleaning: one rule, one test: reasons to reject in order, ranges, visibility, years and ids."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import duckdb
import pytest

from laion_assets.core.cleaning.counts import REASONS, CleaningCounts
from laion_assets.core.cleaning.repair import RULES
from laion_assets.core.cleaning.rules import image_id, judge_batch
from laion_assets.core.cleaning.thresholds import Thresholds
from tests.row_tables import CAPTION, URL, Row, batch_table


@dataclass(frozen=True)
class Result:
    """What cleaning made of some rows."""

    kept: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    counts: CleaningCounts

    @property
    def reasons(self) -> list[str]:
        """Why each rejected row was."""
        return [row["reason"] for row in self.rejected]


def clean(
    connection: duckdb.DuckDBPyConnection, *rows: Row, thresholds: Thresholds | None = None
) -> Result:
    """Clean rows given as dictionaries; url and caption are good ones unless given."""
    counts = CleaningCounts()
    judged = judge_batch(connection, batch_table(rows), thresholds or Thresholds(), counts)
    return Result(judged.kept.to_pylist(), judged.rejected.to_pylist(), counts)


# -- rejecting -------------------------------------------------------------------------------------

#: For every reason that a row by itself can give, rows that give it.
REJECTED: dict[str, list[Row]] = {
    "damaged_line": [
        {"damaged": True, "line": 3, "url": None, "caption": b"http://a.com/,a caption,more"},
        {"damaged": True, "line": 4, "url": None, "caption": b"caf\xe9"},
        {"damaged": True, "line": 5, "url": None, "caption": b"0.5"},
    ],
    "bad_encoding": [
        {"caption": b"caf\xe9"},
        {"url": b"http://a.com/\xff.jpg"},
        {"caption": b"\xed\xa0\x80 a lone surrogate"},
        {"caption": b"\xc0\x80 an overlong NUL"},
    ],
    "missing_url": [{"url": None}, {"url": ""}, {"url": " \t\n"}],
    "missing_caption": [{"caption": None}],
    "shifted_columns": [
        {"url": "UNLIKELY", "caption": "0.32893288135528564"},
        {"url": "NSFW", "caption": "anything"},
        {"url": "UNSURE"},
        {"url": "0.3289"},
        {"url": "1024"},
        {"url": "sunset.jpg", "caption": "0.31"},
    ],
    "bad_scheme": [
        {"url": "ftp://a.com/x.jpg"},
        {"url": "data:image/png;base64,AAAA"},
        {"url": "javascript:alert(1)"},
        {"url": "//a.com/x.jpg"},
        {"url": "a.com/x.jpg"},
        {"url": "http:/a.com/x.jpg"},
        {"url": " http://a.com/x.jpg"},
        {"url": "\ufeffhttp://a.com/x.jpg"},
    ],
    "bad_url": [
        {"url": "http://"},
        {"url": "http:///x.jpg"},
        {"url": "http://?x"},
        {"url": "http://user@a.com/x.jpg"},
        {"url": "http://user:secret@a.com/x.jpg"},
        {"url": "http://a.com:99999/x.jpg"},
        {"url": "http://a.com:" + "1" * 5_000 + "/x.jpg"},
        {"url": "http://a.com:eighty/x.jpg"},
        {"url": "http://a b.com/x.jpg"},
        {"url": "http://a.com /x.jpg"},
        {"url": "http://a%20b.com/x.jpg"},
        {"url": "http://192.0.2.256/x.jpg"},
        {"url": 'http://"a.com/x.jpg'},
        {"url": "http://a.com/x.jpg\n"},
        {"url": "http://a.com/\tx.jpg"},
        {"url": "http://a.com/\x00x.jpg"},
        {"url": "http://a.com/\x7f.jpg"},
        {"url": "http://a.com/\x85.jpg"},
        {"url": "http://a.com/a\u00a0b.jpg"},
        {"url": "http://a.com/a\u2028b.jpg"},
        {"url": "http://a.com/a\u3000b.jpg"},
    ],
    "oversize_url": [{"url": "http://a.com/".ljust(8_193, "x")}],
    "oversize_caption": [{"caption": "x" * 100_001}],
    "empty_caption": [{"caption": ""}, {"caption": "&nbsp;\u200b "}, {"caption": '" "'}],
}


@pytest.mark.parametrize("reason", REJECTED)
def test_row_is_rejected_for_its_reason(connection: duckdb.DuckDBPyConnection, reason: str) -> None:
    """Each kind of bad row gets its one reason, and nothing is lost."""
    result = clean(connection, *REJECTED[reason])
    assert result.reasons == [reason] * len(REJECTED[reason])
    assert result.kept == []
    assert result.counts.rejected == {reason: len(REJECTED[reason])}


#: For every reason, a row that has its fault and that of the next reason as well.
BOTH_FAULTS: dict[str, Row] = {
    "damaged_line": {"damaged": True, "line": 2, "url": None, "caption": b"\xff"},
    "bad_encoding": {"url": None, "caption": b"\xff"},
    "missing_url": {"url": "", "caption": None},
    "missing_caption": {"url": "UNLIKELY", "caption": None},
    "shifted_columns": {"url": "0.5", "caption": "0.5"},
    "bad_scheme": {"url": "ftp://user@a.com:x/"},
    "bad_url": {"url": "http://user@a.com/" + "x" * 9_000},
    "oversize_url": {"url": "http://a.com/" + "x" * 9_000, "caption": "x" * 100_001},
    "oversize_caption": {"caption": " " * 100_001},
}


@pytest.mark.parametrize(("first", "second"), list(pairwise(REASONS[1:])))
def test_first_reason_in_order_is_the_one(
    connection: duckdb.DuckDBPyConnection, first: str, second: str
) -> None:
    """A row with two faults is rejected for the one that comes first in the contract's order."""
    assert second in REJECTED
    assert clean(connection, BOTH_FAULTS[first]).reasons == [first]


ODD_URLS = [
    "HTTP://A.COM/x.jpg",
    "hTTps://a.com:443/x.jpg",
    "http://a.com",
    "http://a.com/a b c.jpg",
    "http://my_shop.a.com/x.jpg",
    "http://93.184.216.34/x.jpg",
    "http://[2001:db8::1]:8080/x.jpg",
    "http://localhost/x.jpg",
    "http://bücher.de/ü.jpg",
    "http://i❤.ws/x.jpg",
    "http://%61.com/x.jpg",
    "http://www.-test.example/x.jpg",
    "http://a.com/?x=1&amp;y=2#z",
    "http://a.com/http://user@b.com/x.jpg",
    "http://a.com/@b",
    "http://a.com\\@b.com/x.jpg",
    "http://a.com/".ljust(8_192, "x"),
    "http://a.com/".ljust(8_192, "ü"),
]


def test_odd_but_real_urls_are_kept_as_found(connection: duckdb.DuckDBPyConnection) -> None:
    """What servers answer to is kept, spelled as it was found."""
    kept = clean(connection, *({"url": url} for url in ODD_URLS)).kept
    assert [row["url"] for row in kept] == ODD_URLS


ODD_CAPTIONS = [
    "2021", "0.5", "http://a.com/x.jpg", "IMG_1234.jpg", "<b>", "\ufffd", "NSFW", "x" * 100_000,
]  # fmt: skip


def test_odd_captions_are_kept(connection: duckdb.DuckDBPyConnection) -> None:
    """Numbers, addresses, file names and tags are captions too when the URL is good."""
    kept = clean(connection, *({"caption": caption} for caption in ODD_CAPTIONS)).kept
    assert [row["caption"] for row in kept] == ODD_CAPTIONS


def test_rejected_rows_stay_as_found(connection: duckdb.DuckDBPyConnection) -> None:
    """Rejects hold the bytes that were read, not the repaired or decoded ones."""
    rejected = clean(
        connection,
        {"url": b"http://a.com/\xff", "caption": b'"&amp;"'},
        {"url": None, "caption": b" \xe2\x80\x8b"},
    ).rejected
    assert [(row["row"], row["url"], row["caption"]) for row in rejected] == [
        (0, b"http://a.com/\xff", b'"&amp;"'),
        (1, None, b" \xe2\x80\x8b"),
    ]


def test_kept_and_rejected_are_what_was_read(connection: duckdb.DuckDBPyConnection) -> None:
    """Every row ends up on one side, with its own number."""
    rows = [row for rows in REJECTED.values() for row in rows] + [{}] * 7
    result = clean(connection, *rows)
    assert result.counts.read == len(rows)
    assert (len(result.kept), len(result.rejected)) == (7, len(rows) - 7)
    numbers = [row["row"] for row in result.kept + result.rejected]
    assert sorted(numbers) == list(range(len(rows)))


# -- values ----------------------------------------------------------------------------------------

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("column", "inside", "outside"),
    [
        ("similarity", [-1.0, 0.0, 0.31, 1.0], [-1.001, 1.001, 6016.0, NAN, INFINITY]),
        ("punsafe", [0.0, 0.5, 1.0], [-0.001, 1.001, NAN, INFINITY]),
        ("pwatermark", [0.0, 0.5, 1.0], [-0.001, 1.001, NAN, -INFINITY]),
        ("aesthetic", [-3.0, 0.0, 6.5, 1e9], [NAN, INFINITY, -INFINITY]),
        ("width", [1.0, 512.0, 100_000.0], [0.0, 0.4, -1.0, 100_001.0, NAN, INFINITY]),
        ("height", [1.0, 512.0, 100_000.0], [0.0, 0.4, -1.0, 100_001.0, NAN, INFINITY]),
    ],
)
def test_values_outside_their_range_are_unknown_and_counted(
    connection: duckdb.DuckDBPyConnection, column: str, inside: list[float], outside: list[float]
) -> None:
    """Limits belong to the range; beyond them, or NaN, the value is null and counted, once each."""
    result = clean(connection, *({column: value} for value in [*inside, *outside, None]))
    assert [row[column] for row in result.kept] == [*inside, *[None] * (len(outside) + 1)]
    assert result.counts.out_of_range == {
        name: len(outside) if name == column else 0 for name in result.counts.out_of_range
    }


def test_missing_score_is_unknown_and_never_zero(connection: duckdb.DuckDBPyConnection) -> None:
    """A null stays null and is nothing out of range; so does a column that is not there."""
    result = clean(connection, {"similarity": None, "width": None})
    (row,) = result.kept
    for column in ("similarity", "width", "height", "punsafe", "pwatermark", "aesthetic"):
        assert row[column] is None
    assert not any(result.counts.out_of_range.values())


VISIBILITY_OF: list[tuple[float | None, str]] = [
    (0.0, "shown"),
    (0.4999, "shown"),
    (0.5, "blurred"),
    (0.8999, "blurred"),
    (0.9, "no_image"),
    (0.9899, "no_image"),
    (0.99, "withheld"),
    (1.0, "withheld"),
    (None, "blurred"),
    (NAN, "blurred"),
    (1.5, "blurred"),
    (-0.5, "blurred"),
]


def test_visibility_follows_punsafe(connection: duckdb.DuckDBPyConnection) -> None:
    """From each threshold on a row shows less; unknown is blurred."""
    result = clean(connection, *({"punsafe": punsafe} for punsafe, _ in VISIBILITY_OF))
    expected = [visibility for _, visibility in VISIBILITY_OF]
    assert [row["visibility"] for row in result.kept] == expected
    assert result.counts.visibility == Counter(expected)


def test_thresholds_are_configuration(connection: duckdb.DuckDBPyConnection) -> None:
    """Other thresholds, other visibilities; equal ones skip a level."""
    strict = Thresholds(blurred=0.1, no_image=0.1, withheld=0.2)
    rows = [{"punsafe": value} for value in (0.09, 0.1, 0.19, 0.2)]
    shown = [row["visibility"] for row in clean(connection, *rows, thresholds=strict).kept]
    assert shown == ["shown", "no_image", "no_image", "withheld"]


def test_visibility_is_of_kept_rows_only(connection: duckdb.DuckDBPyConnection) -> None:
    """A rejected row counts in no visibility and in no repair."""
    result = clean(connection, {"url": None, "caption": '"x"', "punsafe": 1.0, "width": -1.0})
    assert not result.counts.visibility
    assert not result.counts.repaired
    assert not any(result.counts.out_of_range.values())


#: LAION-400M's verdict and, where there is one as well, a score -> what may be shown.
VISIBILITY_OF_WORDS: list[tuple[str | None, float | None, str]] = [
    ("NSFW", None, "withheld"),
    ("nsfw", None, "withheld"),
    (" NSFW ", None, "withheld"),
    ("UNSURE", None, "no_image"),
    ("UNLIKELY", None, "blurred"),
    (None, None, "blurred"),
    ("", None, "blurred"),
    ("SAFE", None, "blurred"),
    ("1.0", None, "blurred"),
    ("0.0", None, "blurred"),
    ("NSFW", 0.0, "withheld"),
    ("UNSURE", 0.0, "no_image"),
    ("UNSURE", 1.0, "withheld"),
    ("UNLIKELY", 0.95, "no_image"),
    ("UNLIKELY", 0.6, "blurred"),
    ("UNLIKELY", 0.0, "shown"),
    (None, 0.0, "shown"),
]


def test_words_about_safety_only_ever_hide(connection: duckdb.DuckDBPyConnection) -> None:
    """NSFW is withheld, UNSURE has no image; no word clears a row, the stricter of two counts."""
    rows = [{"nsfw": word, "punsafe": score} for word, score, _ in VISIBILITY_OF_WORDS]
    kept = clean(connection, *rows).kept
    assert [row["visibility"] for row in kept] == [shown for *_, shown in VISIBILITY_OF_WORDS]


def test_words_about_safety_are_no_scores(connection: duckdb.DuckDBPyConnection) -> None:
    """No number is made of a word: punsafe stays unknown, and nothing counts as out of range."""
    words = [{"nsfw": word} for word, score, _ in VISIBILITY_OF_WORDS if score is None]
    result = clean(connection, *words)
    assert {row["punsafe"] for row in result.kept} == {None}
    assert not any(result.counts.out_of_range.values())


@pytest.mark.parametrize("values", [[0, 1], [None, None]])
def test_numbers_under_the_name_nsfw_are_no_words(
    connection: duckdb.DuckDBPyConnection, values: list[Any]
) -> None:
    """What a number there means nobody says, so it shows nothing and hides nothing."""
    kept = clean(connection, *({"nsfw": value, "punsafe": 0.0} for value in values)).kept
    assert [row["visibility"] for row in kept] == ["shown", "shown"]


YEAR_OF: dict[str, int | None] = {
    "/wp-content/uploads/2021/03/x.jpg": 2021,
    "/2021/12/x.jpg": 2021,
    "/1994/01/2021/03/x.jpg": 1994,
    "/a/1994/01/2021/03/x.jpg": 1994,
    "/a b/2029/10/x.jpg": 2029,
    "/2021/13/x.jpg": None,
    "/2021/00/x.jpg": None,
    "/2021/3/x.jpg": None,
    "/2021-03-04/x.jpg": None,
    "/1989/03/x.jpg": None,
    "/2031/03/x.jpg": None,
    "/12021/03/x.jpg": None,
    "/x.jpg?p=/2021/03/": None,
    "/x.jpg#/2021/03/": None,
    "": None,
}


def test_year_is_the_path_s_evidence(connection: duckdb.DuckDBPyConnection) -> None:
    """Only /YYYY/MM/ in the outer URL's path says a year, and the first one does."""
    kept = clean(connection, *({"url": f"http://a.com{path}"} for path in YEAR_OF)).kept
    found = [row["url_year"] for row in kept]
    assert dict(zip(YEAR_OF, found, strict=True)) == YEAR_OF


def test_outer_host_counts(connection: duckdb.DuckDBPyConnection) -> None:
    """A URL inside the path is only a path."""
    url = "https://I0.WP.com/http://blog.example.org/2020/05/x.jpg?w=1"
    (row,) = clean(connection, {"url": url}).kept
    assert (row["host"], row["domain"], row["url_year"]) == ("i0.wp.com", "wp.com", 2020)


def test_caption_is_repaired_and_the_repair_counted(connection: duckdb.DuckDBPyConnection) -> None:
    """Images hold the repaired caption; each rule counts the rows it changed."""
    captions = ['"""Sun"""', "Tom &amp; Jerry", "a\u00a0b &lt;i&gt;", CAPTION, " x"]
    result = clean(connection, *({"caption": caption} for caption in captions))
    assert [row["caption"] for row in result.kept] == [
        '"Sun"', "Tom & Jerry", "a b <i>", CAPTION, "x",
    ]  # fmt: skip
    expected = {"quotes": 1, "entities": 2, "whitespace": 1, "trimmed": 1}
    assert result.counts.repaired == expected
    assert result.counts.as_dict()["repaired"] == {rule: expected.get(rule, 0) for rule in RULES}


# -- ids -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "caption", "expected"),
    [
        (b"http://a.com/x.jpg", b"A caption", -5694240761066847114),
        (b"http://a.com/x.jpg", None, 8847782793112006721),
        (None, None, 0),
        (b"", b"", 0),
        (None, b"\xff", 5177511712917721324),
        ("http://é/ü".encode(), b"", -715951284563149479),
    ],
)
def test_image_id_is_the_family_s_formula(
    url: bytes | None, caption: bytes | None, expected: int
) -> None:
    """murmur3 of the bytes as found, signed, a missing text read as nothing."""
    assert image_id(url, caption) == expected


def test_ids_are_of_the_row_as_found(connection: duckdb.DuckDBPyConnection) -> None:
    """The repaired caption has no part in the id; rejected rows have theirs too."""
    rows: list[dict[str, Any]] = [
        {"url": "http://a.com/x.jpg", "caption": '"Sun &amp; sea"'},
        {"url": None, "caption": b"\xff"},
        {"url": None, "caption": None},
    ]
    result = clean(connection, *rows)
    assert result.kept[0]["image_id"] == image_id(b"http://a.com/x.jpg", b'"Sun &amp; sea"')
    assert [row["image_id"] for row in result.rejected] == [5177511712917721324, 0]


def test_the_same_pair_twice_has_the_same_id(connection: duckdb.DuckDBPyConnection) -> None:
    """An id is no key: rows are told apart by their number."""
    result = clean(connection, {}, {})
    assert len({row["image_id"] for row in result.kept}) == 1
    assert [row["row"] for row in result.kept] == [0, 1]


def test_hash_column_is_only_compared(connection: duckdb.DuckDBPyConnection) -> None:
    """Differences are counted, unknown ones are none, and our id stands."""
    ours = image_id(URL.encode(), CAPTION.encode())
    result = clean(connection, {"hash": ours}, {"hash": 7}, {"hash": None})
    assert result.counts.hash_differs == 1
    assert {row["image_id"] for row in result.kept} == {ours}


def test_hash_written_as_text_is_compared_too(connection: duckdb.DuckDBPyConnection) -> None:
    """JavaScript cannot hold the number, so it may be a text; unsigned is the same bits."""
    ours = image_id(URL.encode(), CAPTION.encode())
    texts = [str(ours), str(ours % 2**64), "7", None, "d41d8cd98f00b204e9800998ecf8427e", "9" * 20]
    result = clean(connection, *({"hash": text} for text in texts))
    assert ours < 0
    assert result.counts.hash_differs == 2


@pytest.mark.parametrize("hashes", [["d41d8cd9", "x"], [1.5, 2.5]])
def test_hash_of_another_kind_is_not_compared(
    connection: duckdb.DuckDBPyConnection, hashes: list[Any]
) -> None:
    """PD12M's hash is an md5, which differs from nothing of ours."""
    assert clean(connection, *({"hash": value} for value in hashes)).counts.hash_differs == 0


def test_counts_name_every_reason_and_rule() -> None:
    """The counts of an empty file still list everything that is counted, as zero."""
    empty = CleaningCounts().as_dict()
    assert tuple(empty["rejected"]) == REASONS
    assert set(empty["visibility"]) == {"shown", "blurred", "no_image", "withheld"}
    assert not any([*empty["rejected"].values(), *empty["repaired"].values(), empty["read"]])
