"""URLs: one form for every spelling, the same in Python, SQL and (tests/client) JavaScript."""

from __future__ import annotations

import random

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laion_assets.core.cleaning.counts import CleaningCounts
from laion_assets.core.cleaning.removal_list import digits_of
from laion_assets.core.cleaning.rules import judge_batch
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.cleaning.urls import (
    PLAIN,
    canonical_url,
    first_canonical_url,
    typed_host,
    unwrap,
)
from tests.url_vectors import HOST_SPELLINGS, URL_SPELLINGS

many = settings(max_examples=300)

PIECES = [
    "a.com", "A.Com", "BÜCHER.de", "i❤.ws", "xn--i-7iq.ws", "example.com", "localhost", "1.2.3.4",
    "0x7f.1", "a.1", "-a_b.c-", ":80", ":443", ":8080", ":0080", ":", ":99999", "..", ".", "/", "?",
    "#", "\\", "@", "&", "amp;", "&amp;", "&#38;", "&#x26;", "&#233;", "&#32;", "&reg=1", ";", "x",
    "X", "%2F", "%2f", "%7e", "%41", "%C3%A9", "%e9", "%25", "%", "%4", "%2e", " ", "é", "😀",
    "\u00ad", "\u200b", "[::1]", "'", '"', "<", ">", "|", "^", "`", "{", "}", "(", ")", "[", "]",
    "“", ",", "~", "_", "-", "*", "+", "$", "=", "!", "./", "../", "/./", "/../", "/.x", "\t", "\n",
    "\x7f",
]  # fmt: skip
pieces = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


@pytest.mark.parametrize(("spelling", "canonical"), URL_SPELLINGS)
def test_every_spelling_of_a_url_has_one_form(spelling: str, canonical: str) -> None:
    """As people have, type or paste it; what means something else has another form."""
    assert canonical_url(spelling) == canonical


@pytest.mark.parametrize(("typed", "host"), HOST_SPELLINGS)
def test_every_spelling_of_a_host_is_one(typed: str, host: str | None) -> None:
    """Also as a URL, in quotes, or with a star for what is below it."""
    assert typed_host(typed)[0] == host


@many
@given(host=st.sampled_from(["a.com", "B.de:8080", "i❤.ws", "[::1]"]), rest=pieces)
def test_canonical_twice_is_canonical(host: str, rest: str) -> None:
    """Behind any scheme or none, unless an entity is left: entities are decoded once."""
    once = canonical_url(f"http://{host}/{rest}")
    if "&" not in once:
        for scheme in ("http://", "HTTPS://", "//", ""):
            assert canonical_url(scheme + once) == once


@many
@given(text=st.text(max_size=30))
def test_any_text_has_a_form(text: str) -> None:
    """Whatever is pasted: it has no fragment and is ASCII behind its host."""
    canonical = canonical_url("http://a.com/" + text)
    assert canonical.isascii()
    assert canonical.startswith("a.com/")
    assert "#" not in canonical
    canonical_url(text)
    typed_host(text)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("%2F", "/"), ("%3F", "?"), ("%23", ""), ("%25", "%"), ("%26", "&"), ("%2B", "+"),
        ("+", "%20"), ("%2520", "%20"), ("a", "A"), ("?a", "?A"), ("%E9", "%C3%A9"), ("%27", "'"),
        ("%3D", "="), ("%40", "@"), ("%3B", ";"), ("%5B", "["), ("%5C", "/"), ("//", "/"),
        ("?", ""), ("?b&a", "?a&b"),
    ],
)  # fmt: skip
def test_what_means_something_else_stays_something_else(left: str, right: str) -> None:
    """An escape of a reserved character is not the character, and a path is case-sensitive."""
    assert canonical_url(f"http://a.com/x{left}") != canonical_url(f"http://a.com/x{right}")


def _row_keys(connection: duckdb.DuckDBPyConnection, urls: list[str]) -> pa.Table:
    batch = pa.table(
        {
            "row": pa.array(range(len(urls)), pa.int64()),
            "url": pa.array([url.encode() for url in urls], pa.large_binary()),
            "caption": pa.array([b"x"] * len(urls), pa.large_binary()),
        }
    )
    return judge_batch(connection, batch, Thresholds(), CleaningCounts()).keys


def test_sql_and_python_make_one_form(connection: duckdb.DuckDBPyConnection) -> None:
    """parse_rows.sql takes URLs that are nearly canonical; it must give exactly the same digits."""
    draw = random.Random(7)  # noqa: S311 - test data
    urls = [spelling for spelling, _ in URL_SPELLINGS]
    for _ in range(20_000):
        made = "".join(draw.choices(PIECES, k=draw.randint(0, 7)))
        urls.append(
            draw.choice(["http://", "HTTPS://a.com", "http://B.com/", "https://a.com?"]) + made
        )
    keys = _row_keys(connection, urls)
    assert keys["url_key"].to_pylist() == [digits_of(canonical_url(url)) for url in urls]
    first = [digits_of(first_canonical_url(url)) for url in urls]
    found = keys["first_url_key"].to_pylist()
    for url, key, here, there in zip(urls, keys["url_key"].to_pylist(), found, first, strict=True):
        assert (here or key) == there, url
        assert here != key


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://a.com/a.jpg", True),
        ("HTTPS://WWW.A-b_c.com:8080/a/b.c/~d?x=1&y=2#z é", True),
        ("http://a.com/%20%2F%C3%A9.jpg?%27=(a)", True),
        ("http://a.com/http://b.com/x@y:z,!$&'()*+;=[]", True),
        ("http://a.com/?a/../b'", False),
        ("http://a.com", False),
        ("http://a.com/%7e", False),
        ("http://a.com/%2f", False),
        ("http://a.com/.x", False),
        ("http://1.2.3.4/", False),
        ("http://a.0x1/", False),
        ("http://a.com./", False),
        ("http://a.com:080/", False),
        ("http://u@a.com/", False),
        ("http://a.com/é", False),
        ("http://a.com/ ", False),
    ],
)
def test_what_is_nearly_canonical_is_left_to_sql(
    connection: duckdb.DuckDBPyConnection, url: str, *, plain: bool
) -> None:
    """Nearly all URLs are; anything that needs a thought is not."""
    found = connection.execute("SELECT regexp_full_match(?, ?)", [url, PLAIN]).fetchone()
    assert found == (plain,)


@pytest.mark.parametrize(
    "text", [" " * 200_000 + "x", "(" * 200_000, "%" * 200_000, "/." * 100_000]
)
def test_long_texts_take_no_time(text: str) -> None:
    """What is in a row is as long as its writer liked: no step is quadratic."""
    unwrap("x" + text + "x")
    canonical_url("http://a.com/" + text)
    canonical_url(text)


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("HTTPS://Example.COM:443/A.jpg#top", "example.com/A.jpg"),
        ("http://example.com.:80", "example.com/"),
        ("http://example.com?q", "example.com?q"),
        ("http://example.com/a b%7e/../é", "example.com/a b%7e/../é"),
        ("http://BÜCHER.de/?a&amp;b&#38;c&#233;d", "bücher.de/?a&b&c&"),
    ],
)
def test_the_first_form_is_what_it_was(url: str, first: str) -> None:
    """Removal lists of older versions hold its hashes; it can never change again."""
    assert first_canonical_url(url) == first
