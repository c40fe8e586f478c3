"""The removal list: its form, what counts as the same address, and which rows it hits."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.cleaning.removal import (
    Removal,
    add_removals,
    domain_entry,
    entries_of_file,
    id_entry,
    read_removals,
    url_digest,
    url_entry,
)
from laion_assets.core.cleaning.rules import CleaningCounts, judge_batch
from laion_assets.core.cleaning.thresholds import Thresholds


@pytest.mark.parametrize(
    "same",
    [
        "https://example.com/a.jpg",
        "http://EXAMPLE.com:80/a.jpg",
        "https://example.com:443/a.jpg#top",
        "https://example.com./a.jpg",
    ],
)
def test_spellings_of_one_address_are_one_entry(same: str) -> None:
    """Scheme, case of the host, default port, trailing dot and fragment do not matter."""
    assert url_entry(same) == url_entry("https://example.com/a.jpg")


@pytest.mark.parametrize("other", ["https://example.com/A.jpg", "https://example.com/a.jpg?x=1"])
def test_another_path_or_query_is_another_address(other: str) -> None:
    """Paths are case-sensitive, and a query asks for something else."""
    assert url_entry(other) != url_entry("https://example.com/a.jpg")


def test_a_host_below_a_domain_is_refused() -> None:
    """The message names the domain and the way to remove single addresses."""
    with pytest.raises(BadUsage, match=r"name blogspot\.com to remove all of it"):
        domain_entry("me.blogspot.com")
    assert domain_entry("Blogspot.COM.") == domain_entry("blogspot.com")
    assert domain_entry("münchen.de") == domain_entry("xn--mnchen-3ya.de")


@pytest.mark.parametrize("wrong", ["12.5", "abc", "", "1e5"])
def test_an_id_is_a_whole_number(wrong: str) -> None:
    """Anything else is bad usage; leading zeros are not another id."""
    with pytest.raises(BadUsage):
        id_entry(wrong)
    assert id_entry("-007") == id_entry("-7")


def test_a_list_file_says_which_line_is_wrong(tmp_path: Path) -> None:
    """Addresses, ids and domains may be mixed."""
    listing = tmp_path / "list.txt"
    listing.write_text("https://a.example/x.jpg\n# comment\n\n-5\nexample.com\n")
    assert [kind for kind, _ in entries_of_file(listing)] == ["url", "id", "domain"]
    listing.write_text("example.com\nnot a domain\n")
    with pytest.raises(BadUsage, match="line 2"):
        entries_of_file(listing)


def test_adding_twice_changes_nothing(tmp_path: Path) -> None:
    """The list is sorted, each entry once, whatever the order of adding."""
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    entries = [url_entry("https://a.example/x"), id_entry("7"), domain_entry("example.com")]
    assert add_removals(first, entries) == 3
    assert add_removals(first, entries) == 0
    for entry in reversed(entries):
        add_removals(second, [entry])
    assert first.read_bytes() == second.read_bytes()
    assert read_removals(first) == set(entries)


def test_a_damaged_list_is_an_error_with_its_line(tmp_path: Path) -> None:
    """Guessing at a removal list would publish what must not be."""
    path = tmp_path / "removals.csv"
    path.write_text("kind,sha256\nurl,nonsense\n")
    with pytest.raises(UserError, match="line 2"):
        read_removals(path)


ROWS = [
    (b"https://Shop.Example.com/a.jpg", b"one"),
    (b"http://shop.example.com:80/a.jpg", b"two"),
    (b"https://shop.example.com/?a=1&amp;b=2", b"three"),
    ("https://bücher.de/x".encode(), b"four"),
    (b"ftp://shop.example.com/a.jpg", b"five"),
    (None, b"six"),
    (b"https://other.org/a.jpg", b"caf\xe9"),
]


def _judge(connection: duckdb.DuckDBPyConnection, removal: Removal) -> list[int]:
    batch = pa.table(
        {
            "row": pa.array(range(len(ROWS)), pa.int64()),
            "url": pa.array([url for url, _ in ROWS], pa.large_binary()),
            "caption": pa.array([caption for _, caption in ROWS], pa.large_binary()),
        }
    )
    judged = judge_batch(connection, batch, Thresholds(), CleaningCounts(), removal)
    return [row["row"] for row in judged.rejected.to_pylist() if row["reason"] == "removed"]


@pytest.mark.parametrize(
    ("entry", "rows"),
    [
        (url_entry("https://shop.example.com/a.jpg"), [0, 1]),
        (url_entry("https://shop.example.com/?a=1&b=2"), [2]),
        (url_entry("https://bücher.de/x"), [3]),
        (url_entry("ftp://shop.example.com/a.jpg"), [4]),
        (domain_entry("example.com"), [0, 1, 2]),
        (domain_entry("bücher.de"), [3]),
        (domain_entry("nowhere.example"), []),
    ],
)
def test_a_listed_row_is_removed_before_any_other_reason(
    connection: duckdb.DuckDBPyConnection, entry: tuple[str, str], rows: list[int]
) -> None:
    """Every spelling of the address is hit, rows that would be rejected anyway included."""
    assert _judge(connection, Removal(frozenset([entry]))) == rows


def test_an_id_removes_its_row_even_when_the_text_is_broken(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """The id is that of the row as found."""
    from laion_assets.core.cleaning.rules import image_id

    entry = id_entry(str(image_id(*ROWS[6])))
    assert _judge(connection, Removal(frozenset([entry]))) == [6]


def test_the_sql_and_the_function_agree_on_canonical_addresses(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """parse_rows.sql makes plain addresses canonical itself; it must be the same form."""
    addresses = [
        "https://a.com", "https://a.com/", "http://A.com:80", "http://a.com:443.", "http://a.com.:80",
        "http://a.com:8080/x", "https://a.com/x#y", "https://a.com#y", "https://a.com?x#y/z",
        "https://a.com\\x", "http://a.com:80:80/x", "HTTPS://a.com/A%20b c", "http://[::1]:80/x",
        "http://u@a.com/x", "https://a.com/é", "http://a.com..:443/",
    ]  # fmt: skip
    batch = pa.table(
        {
            "row": pa.array(range(len(addresses)), pa.int64()),
            "url": pa.array([a.encode() for a in addresses], pa.large_binary()),
            "caption": pa.array([b"x"] * len(addresses), pa.large_binary()),
        }
    )
    keys = judge_batch(connection, batch, Thresholds(), CleaningCounts()).keys
    found = dict(zip(addresses, keys["url_sha256"].to_pylist(), strict=True))
    assert found == {address: url_digest(address) for address in addresses}
